//! Which of several processes behind one address answered, and the requests that meet them all.

use crate::check::build;
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::probe::{Conn, Probe};

/// How many new connections are sampled: so many meet one of three replicas with 95 % (1 - (2/3)^8 = 0.96), as long as
/// connections are not kept on one of them.
pub const SAMPLES: u16 = 8;

/// Headers with which a process names itself.
const HEADERS: &str =
    "x-instance-id x-instance x-pod-name x-container-id x-server-id x-backend-server fly-machine-id";

/// The samples: the cheapest read that tells the build, each on a connection of its own.
pub fn samples(view: &View<'_>) -> Vec<Probe> {
    let routes = &view.target.routes;
    let route = routes.version.as_ref().map(|place| place.route.as_str());
    let route = route.or(routes.health.as_deref()).unwrap_or("/health");
    let sample = Probe::get(route).conn(Conn::Fresh).build();
    (1..=SAMPLES).map(|again| sample.repeat(again)).collect()
}

/// The process that wrote an answer, when it says so.
pub fn instance(reply: &Reply) -> Option<String> {
    let told = |name: &str| reply.header(name).filter(|id| !id.is_empty() && id.len() <= 200);
    HEADERS.split(' ').find_map(told)
}

/// The build that wrote an answer, when it says so: at the place that the profile names, else in a conventional header.
pub fn build(view: &View<'_>, exchange: &Exchange, reply: &Reply) -> Option<String> {
    let place = view.target.routes.version.as_ref();
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
