//! Waiting for a service that may be waking. Platforms put idle instances to sleep, and whoever comes first is held on an open
//! connection, or told by the edge that nobody is there for now (503). Such a service is not down: it is asked again, ever
//! more rarely, until it answers or only the time is left to look at one that does not.

use jiff::{SignedDuration, Timestamp};

use crate::check::asks;
use crate::check::driver::{Asked, Next};
use crate::check::wire::is_silent;
use crate::drive::diagnose::ASKER;
use crate::model::exchange::{Asker, Exchange};
use crate::model::probe::{Ask, Probe};

/// Seconds of rest after an edge has said that nobody is there; the last is repeated. Who is held waits anyway.
const RESTS: &[i64] = &[1, 2, 3, 4];

/// Asks the first probe again for as long as what came of it may be a service that wakes.
#[derive(Debug)]
pub struct Waking {
    within: SignedDuration,
    begun: Option<Timestamp>,
    again: u16,
    resting: Option<Probe>,
    /// What was asked first, while another route is asked in between.
    silent: Option<Probe>,
    over: bool,
}

impl Waking {
    /// For so many milliseconds after the first request.
    pub fn within(ms: u64) -> Waking {
        Waking {
            within: SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX)),
            begun: None,
            again: 0,
            resting: None,
            silent: None,
            over: false,
        }
    }

    /// What is wanted after what was seen last; `None` when nobody is waited for, or not any more.
    pub fn next(&mut self, fresh: &[Exchange], now: Timestamp) -> Option<Next> {
        let begun = *self.begun.get_or_insert(now);
        if let Some(probe) = self.resting.take() {
            return Some(self.ask(&probe));
        }
        let last = fresh.last().filter(|_| !self.over)?;
        let rest = if finds_nobody(last) {
            let rest = RESTS.get(usize::from(self.again)).or(RESTS.last());
            SignedDuration::from_secs(rest.copied().unwrap_or_default())
        } else {
            SignedDuration::ZERO
        };
        let soon = now.duration_since(begun) + rest < self.within;
        if !(soon && (is_silent(last) || finds_nobody(last))) {
            self.over = true;
            return None;
        }
        // What hangs may be one route, and not the service: it is held against a route that is none in between.
        let probe = match self.silent.take() {
            None if is_silent(last) => {
                self.silent = Some(Probe::clone(&last.probe));
                asks::read(asks::NO_SUCH_ROUTE)
            }
            None => Probe::clone(&last.probe),
            Some(first) => first,
        };
        if rest.is_zero() {
            return Some(self.ask(&probe));
        }
        self.resting = Some(probe);
        Some(Next::Until(now + rest))
    }

    fn ask(&mut self, probe: &Probe) -> Next {
        self.again += 1;
        Next::Ask(vec![Asked {
            asker: Asker(ASKER.to_owned()),
            ask: Ask::One(probe.repeat(self.again)),
        }])
    }
}

/// Whether an edge says that nobody is there for now: 503 with a page or with nothing. A service that says 503 of itself
/// says it in JSON, and is awake.
fn finds_nobody(exchange: &Exchange) -> bool {
    exchange
        .answer()
        .is_some_and(|reply| reply.status == 503 && reply.body.json().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks::read;
    use crate::check::testing::{answered, failed};
    use crate::model::exchange::{Phase, WireFault};

    /// When each request goes out, in seconds, to somebody who takes so many seconds for what `world` makes of it.
    fn asked(world: impl Fn(i64, &Probe) -> (i64, Exchange)) -> Vec<i64> {
        let (mut waking, mut now, mut times) = (Waking::within(22_500), 0, vec![0]);
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        assert_eq!(waking.next(&[], at(0)), None);
        let (took, exchange) = world(now, &read("/health"));
        now += took;
        let mut fresh = vec![exchange];
        for _ in 0..100 {
            match waking.next(&fresh, at(now)) {
                Some(Next::Ask(asked)) => {
                    times.push(now);
                    let probe = asked[0].ask.probes()[0].clone();
                    let (took, exchange) = world(now, &probe);
                    now += took;
                    fresh = vec![exchange];
                }
                Some(Next::Until(time)) => {
                    now = time.as_second();
                    fresh.clear();
                }
                Some(Next::Done) => panic!("it is not the end of a search"),
                None => return times,
            }
        }
        panic!("it does not end: {times:?}");
    }

    #[test]
    fn who_is_silent_is_asked_until_it_answers_or_its_time_is_over() {
        let silent = |probe: &Probe| (10, failed(1, probe, Phase::Wait, WireFault::TimedOut));
        let wakes = asked(|now, probe| match now {
            ..20 => silent(probe),
            _ => (0, answered(1, probe, 200, &[], "ok")),
        });
        assert_eq!(wakes, [0, 10, 20]);
        assert_eq!(asked(|_, probe| silent(probe)), [0, 10, 20]);
    }

    #[test]
    fn one_route_that_hangs_is_no_service_that_sleeps() {
        let hangs = asked(|_, probe| match probe.path_text() {
            "/health" => (10, failed(1, probe, Phase::Wait, WireFault::TimedOut)),
            _ => (0, answered(1, probe, 404, &[], "{}")),
        });
        assert_eq!(hangs, [0, 10]);
    }

    #[test]
    fn an_edge_that_finds_nobody_is_asked_ever_more_rarely() {
        let nobody = |probe: &Probe| (0, answered(1, probe, 503, &[], "<html>unavailable"));
        assert_eq!(
            asked(|_, probe| nobody(probe)),
            [0, 1, 3, 6, 10, 14, 18, 22],
            "and so within the requests of a search"
        );
        let wakes = asked(|now, probe| match now {
            ..5 => nobody(probe),
            _ => (0, answered(1, probe, 200, &[], "ok")),
        });
        assert_eq!(wakes, [0, 1, 3, 6]);
    }

    #[test]
    fn who_refuses_breaks_off_or_speaks_for_itself_is_not_waited_for() {
        for fault in [WireFault::Refused, WireFault::Reset, WireFault::Stopped] {
            assert_eq!(
                asked(|_, probe| (0, failed(1, probe, Phase::Wait, fault))),
                [0],
                "{fault:?}"
            );
        }
        let dropped = |probe: &Probe| failed(1, probe, Phase::Connect, WireFault::TimedOut);
        assert_eq!(asked(|_, probe| (10, dropped(probe))), [0]);
        for (status, body) in [(200, "ok"), (502, "<html>"), (503, r#"{"status":"unhealthy"}"#)] {
            assert_eq!(
                asked(|_, probe| (0, answered(1, probe, status, &[], body))),
                [0],
                "{status}"
            );
        }
    }

    #[test]
    fn once_somebody_is_awake_silence_is_silence() {
        let (mut waking, now) = (Waking::within(22_500), Timestamp::UNIX_EPOCH);
        let awake = answered(1, &read("/health"), 200, &[], "ok");
        let silent = failed(1, &read("/openapi.json"), Phase::Wait, WireFault::TimedOut);
        for fresh in [&[][..], &[awake], &[silent]] {
            assert_eq!(waking.next(fresh, now), None);
        }
    }
}
