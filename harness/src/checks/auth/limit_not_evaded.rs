//! A limit that goes by an address that its caller writes down limits only those who write down their own.

use crate::check::Check;
use crate::check::created::is_success;
use crate::check::edge::is_limit;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::auth::guesses::{GUESSES, answers, guess, tries};
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};

/// The check.
pub struct LimitNotEvaded;

static SPEC: Spec = Spec {
    id: "auth/limit-not-evaded",
    layer: Layer::Auth,
    title: "No header lifts the limit on wrong passwords",
    severity: Severity::Minor,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A limit by address behind a proxy reads the address from X-Forwarded-For or a header like it. Read from its \
                  wrong end, or where no proxy stands, that is whatever the caller writes, a new address for each password \
                  (CWE-348, CWE-307). Once wrong passwords are limited, a few more are sent, from two addresses that nobody has \
                  (RFC 5737) and from none in turn: what is let through with the one and the other address and limited without, \
                  twice, is let through by the header.",
    hint: "Believe these headers only from the addresses of your own proxies, and take the last address that none of them has.",
};

/// Tries with the header, each time: fewer than any limit that is of use.
const EVADING: u16 = 4;
/// Tries without it, each time.
const CONTROLS: u16 = 2;
/// Addresses for documentation: nobody has them (RFC 5737).
const ADDRESSES: [&str; 2] = ["192.0.2.77", "198.51.100.77"];
/// The headers in which proxies write who calls.
const HEADERS: [&str; 4] = ["x-forwarded-for", "x-real-ip", "x-client-ip", "true-client-ip"];

/// A login as a proxy would send it on from this address.
fn from(guess: &Probe, address: &str) -> Probe {
    let mut probe = guess.clone();
    let more = HEADERS.map(|name| (name.to_owned(), address.into()));
    probe.headers.extend(more);
    let forwarded = format!("for={address}");
    probe
        .headers
        .push(("forwarded".to_owned(), forwarded.as_str().into()));
    probe
}

/// Without the header and with it, in the order of sending: what lifts and lowers a limit by itself is not in step with it.
fn rounds(guess: &Probe) -> [(Probe, Probe); 2] {
    let [first, second] = ADDRESSES.map(|address| from(guess, address));
    [(guess.repeat(1), first), (guess.repeat(2), second)]
}

/// The login, when tries of it were seen to be limited.
fn limited(view: &View<'_>) -> Option<Probe> {
    let guess = guess(view.target)?;
    let limits = answers(view, &guess).iter().any(|(_, reply)| is_limit(reply));
    limits.then_some(guess)
}

impl Check for LimitNotEvaded {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let Some(guess) = limited(view) else {
            let first = guess(view.target).map(|each| tries(each, GUESSES));
            return first.into_iter().collect();
        };
        rounds(&guess)
            .into_iter()
            .flat_map(|(without, with)| [tries(without, CONTROLS), tries(with, EVADING)])
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(first) = guess(view.target) else {
            return Judgement::NotApplicable("no login with a password is known here".into());
        };
        let mut tally = Tally::new(view);
        let Some(guess) = limited(view) else {
            if !answers(view, &first).is_empty() {
                return Judgement::NotApplicable("wrong passwords were not answered with 429".into());
            }
            tally.answer(&first);
            return tally.done();
        };
        let rounds = rounds(&guess);
        let mut probes = rounds.iter().flat_map(|(without, with)| [without, with]);
        if let Some(unanswered) = probes.find(|probe| answers(view, probe).is_empty()) {
            tally.answer(unanswered);
            return tally.done();
        }
        let seen = rounds
            .each_ref()
            .map(|(without, with)| (answers(view, without), answers(view, with)));
        let whole = |(without, with): &Tried<'_>| {
            without.len() == usize::from(CONTROLS) && with.len() == usize::from(EVADING)
        };
        if !seen.iter().all(whole) {
            return Judgement::unknown("not all tries around the limit were answered");
        }
        judge(&guess, &seen, &mut tally);
        tally.done()
    }
}

type Tried<'v> = (Vec<(&'v Exchange, &'v Reply)>, Vec<(&'v Exchange, &'v Reply)>);

fn judge(guess: &Probe, seen: &[Tried<'_>; 2], tally: &mut Tally<'_>) {
    let operation = guess.operation();
    let controls = || seen.iter().flat_map(|(without, _)| without);
    let evading = || seen.iter().flat_map(|(_, with)| with);
    if evading().any(|(_, reply)| is_success(reply)) {
        let why = format!("{operation} accepts the login that was said to be refused");
        tally.unknown(why, None);
        return;
    }
    if !controls().all(|(_, reply)| is_limit(reply)) {
        tally.unknown("the limit was over before a way around it was tried", None);
        return;
    }
    evading().for_each(|(exchange, _)| tally.judged(exchange));
    if !evading().any(|(_, reply)| is_limit(reply)) {
        let statuses = evading().map(|(_, reply)| reply.status).max().unwrap_or_default();
        let title = format!(
            "{operation} limits wrong passwords, and whoever writes another address into a header is not limited"
        );
        let found = SPEC
            .finds(&operation, title)
            .expected("HTTP 429 with any X-Forwarded-For, as without one")
            .actual(format!("HTTP {statuses} with a made-up one, HTTP 429 without"));
        let shown = evading().chain(controls()).map(|(exchange, _)| *exchange);
        tally.find(found.shown_by(shown));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, logging_in, target};
    use crate::check::trial::judgement;
    use crate::model::probe::Effect;

    /// What was answered: at first, and in each round without the header and with it.
    fn judged(first: u16, rounds: [[u16; 2]; 2]) -> Judgement {
        let target = logging_in();
        let guess = guess(&target).unwrap();
        let mut told = vec![(guess.clone(), GUESSES, first)];
        for ((without, with), [bare, evading]) in super::rounds(&guess).into_iter().zip(rounds) {
            told.extend([(without, CONTROLS, bare), (with, EVADING, evading)]);
        }
        let seen: Vec<Exchange> = (0..)
            .zip(told)
            .flat_map(|(id, (probe, copies, status))| {
                let copies = (0..copies).filter(move |_| status != 0);
                copies.map(move |copy| Exchange {
                    copy,
                    ..answered(id, &probe, status, &[], "{}")
                })
            })
            .collect();
        judgement(&LimitNotEvaded, &target, &seen)
    }

    fn found(judgement: Judgement) -> usize {
        match judgement {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_header_that_lifts_the_limit_each_time_is_found() {
        assert_eq!(found(judged(429, [[429, 401], [429, 401]])), 1);
    }

    #[test]
    fn spares_limits_that_a_header_does_not_lift() {
        assert_eq!(found(judged(429, [[429, 429], [429, 429]])), 0);
        assert_eq!(found(judged(429, [[429, 401], [429, 429]])), 0);
    }

    #[test]
    fn a_limit_that_was_over_shows_nothing_and_neither_does_a_lock() {
        for over in [[[401, 401], [429, 401]], [[429, 401], [401, 401]]] {
            let judged = format!("{:?}", judged(429, over));
            assert!(
                judged.contains("the limit was over") && !judged.contains("Finding {"),
                "{judged}"
            );
        }
        assert!(matches!(judged(423, [[0; 2]; 2]), Judgement::NotApplicable(_)));
        assert!(matches!(
            judged(429, [[429, 401], [429, 0]]),
            Judgement::Unable(_)
        ));
        assert!(matches!(
            judgement(&LimitNotEvaded, &target(), &[]),
            Judgement::NotApplicable(_)
        ));
    }

    #[test]
    fn a_way_around_is_tried_only_once_a_limit_was_seen() {
        let target = logging_in();
        let view = View::new(&target, None, &[], &[]);
        let asks = LimitNotEvaded.ask(&view);
        assert_eq!(asks, [tries(guess(&target).unwrap(), GUESSES)]);
        assert!(
            asks.iter()
                .flat_map(Ask::probes)
                .all(|probe| probe.effect == Effect::Hostile)
        );
    }
}
