//! Which of several processes behind one address answered, and the requests that meet them all.

use crate::check::build;
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::probe::{Conn, Probe};
use crate::model::target::Target;

/// How many new connections are sampled when nobody said how many processes there are: so many meet one of three replicas
/// with 95 % (1 - (2/3)^8 = 0.96), as long as connections are not kept on one of them.
pub const SAMPLES: u16 = 8;

/// More are never sampled; so many meet one of twenty.
const MOST: u16 = 59;

/// The chance of missing it that is left.
const MISSED: f64 = 0.05;

/// How many new connections are sampled: so many as meet one of the target's processes with 95 %, and never more than a
/// quarter of the requests that the run may send.
pub fn wanted(target: &Target) -> u16 {
    within(target, target.replicas.map_or(SAMPLES, needed))
}

/// So many samples, and never more than a run may take.
fn within(target: &Target, samples: u16) -> u16 {
    let quarter = u16::try_from(target.bounds.requests / 4).unwrap_or(u16::MAX);
    samples.min(MOST).min(quarter.max(1))
}

/// How many samples meet one certain process of so many with 95 %.
pub fn needed(replicas: u16) -> u16 {
    if replicas < 2 {
        return 2;
    }
    let others = 1.0 - 1.0 / f64::from(replicas);
    (MISSED.ln() / others.ln()).ceil() as u16
}

/// How many samples meet each of the target's processes with 95 %, within the same bounds as [`wanted`]; `None` when nobody
/// said that there are several.
pub fn to_meet_all(target: &Target) -> Option<u16> {
    let replicas = f64::from(target.replicas.filter(|replicas| *replicas > 1)?);
    let others = 1.0 - 1.0 / replicas;
    let all = ((MISSED / replicas).ln() / others.ln()).ceil() as u16;
    Some(within(target, all))
}

/// The share of the processes, in percent, that so many samples would have met with 95 %: a smaller one may have been missed.
pub fn excluded(samples: usize) -> u32 {
    let samples = f64::from(u32::try_from(samples.max(1)).unwrap_or(u32::MAX));
    (100.0 * (1.0 - MISSED.powf(1.0 / samples))).round() as u32
}

/// Headers with which a process names itself.
const HEADERS: &str =
    "x-instance-id x-instance x-pod-name x-container-id x-server-id x-backend-server fly-machine-id";

/// The samples: the cheapest read that tells the build, each on a connection of its own.
pub fn samples(view: &View<'_>) -> Vec<Probe> {
    let sample = sample(view.target);
    (1..=wanted(view.target))
        .map(|again| sample.repeat(again))
        .collect()
}

/// One of them.
pub fn sample(target: &Target) -> Probe {
    let routes = &target.routes;
    let route = routes.version.as_ref().map(|place| place.route.as_str());
    let route = route.or(routes.health.as_deref()).unwrap_or("/health");
    Probe::get(route).conn(Conn::Fresh).build()
}

/// The process that wrote an answer, when it says so.
pub fn instance(reply: &Reply) -> Option<String> {
    let told = |name: &str| reply.header(name).filter(|id| !id.is_empty() && id.len() <= 200);
    HEADERS.split(' ').find_map(told)
}

/// The build that wrote an answer, when it says so: at the place that the profile names, else in a conventional header.
pub fn build(target: &Target, exchange: &Exchange, reply: &Reply) -> Option<String> {
    let place = target.routes.version.as_ref();
    let named =
        place.filter(|place| exchange.probe.path_text() == place.route && exchange.probe.method == "GET");
    match named {
        Some(place) => build::at(reply, &place.pointer),
        None => build::said(reply),
    }
}

/// Things and how often each was seen, most often first, then by name.
pub fn counted(things: impl IntoIterator<Item = String>) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for thing in things {
        match counts.iter_mut().find(|(known, _)| *known == thing) {
            Some((_, count)) => *count += 1,
            None => counts.push((thing, 1)),
        }
    }
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::target;

    #[test]
    fn as_many_samples_are_taken_as_meet_one_of_the_replicas() {
        assert_eq!([2, 3, 5, 10, 20].map(needed), [5, 8, 14, 29, 59]);
        assert_eq!((needed(0), needed(1), needed(u16::MAX) > MOST), (2, 2, true));
        let mut target = target();
        let wants = |target: &Target| samples(&View::new(target, None, &[], &[])).len();
        assert_eq!(wants(&target), 8);
        target.replicas = Some(10);
        assert_eq!(wants(&target), 29);
        target.replicas = Some(1_000);
        assert_eq!(wants(&target), 59);
        target.bounds.requests = 40;
        assert_eq!(wants(&target), 10);
    }

    #[test]
    fn more_samples_meet_all_of_them_than_one_of_them() {
        let mut target = target();
        assert_eq!(to_meet_all(&target), None);
        for (replicas, all) in [
            (1, None),
            (2, Some(6)),
            (3, Some(11)),
            (10, Some(51)),
            (20, Some(59)),
        ] {
            target.replicas = Some(replicas);
            assert_eq!(to_meet_all(&target), all, "{replicas}");
        }
    }

    #[test]
    fn what_samples_exclude_is_said_as_it_is() {
        assert_eq!([8, 29, 59, 1, 0].map(excluded), [31, 10, 5, 95, 95]);
    }
}
