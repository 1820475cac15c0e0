//! It slept, and whoever came first woke it: the first answers are late, the edge's own or never come, and all later ones are
//! well.

use crate::check::wire::is_silent;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::marker::{Marker, edge_wrote};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::Finding;

/// Good answers after the waking that show that it is over.
const AWAKE: usize = 3;

/// The cause.
pub struct ColdStart;

impl Cause for ColdStart {
    fn id(&self) -> &'static str {
        "cold-start"
    }

    fn about(&self) -> &'static str {
        "The service was asleep or still starting: the first answers are late, never come or are the edge's own errors, and all later ones are well."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Steadiness,
            blames: &[Blame::Deploy, Blame::Edge],
            needs: "The first answers, in order of time, come late, not within the deadline, or are the edge's 502, 503 or 504, and every later one is well.",
            likely: &[
                "A free or scale-to-zero plan sleeps after some idle minutes (Render, Cloud Run, Azure), and wakes in half a minute or more",
                "The deploy is seconds old, and traffic came before the process was ready",
                "The start loads a model, runs migrations or fills a cache before it listens",
                "The image is large, and was pulled for the first request",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let late = case.of("rollout/first-answer-in-time");
        let asleep = asleep(case).unwrap_or_default();
        let about = case.about(&asleep);
        let statement = match (asleep.first(), late.first()) {
            (Some(first), _) if about.iter().any(|finding| finding.fails()) => format!(
                "The service was not awake: the first {} got {}{}, and every later request was answered",
                counted(asleep.len()),
                first.status().map_or_else(
                    || "no answer in time".to_owned(),
                    |status| format!("the edge's HTTP {status}")
                ),
                woke_after(case, first)
            ),
            (_, Some(late)) => format!("The service had to wake up: {}", lower(&late.title)),
            (_, None) => return None,
        };
        let mut evidence = words::seen(&asleep);
        evidence.extend(late.iter().map(|finding| finding.actual.clone()));
        let follows: Vec<&Finding> = if asleep.is_empty() {
            Vec::new()
        } else {
            words::consequences(case, &asleep)
        };
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement,
            blame: Blame::Edge,
            confidence: Confidence::Likely,
            evidence,
            ruled_out: vec!["the service as it is when awake: later answers are well".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Run it again at once: awake, nothing of this may be seen any more".to_owned(),
                "Keep one instance awake (a paid plan, a minimum of one instance), or let readiness hold traffic back until the \
                 process listens"
                    .to_owned(),
                "Make the start cheaper: load what can wait after the first answer".to_owned(),
            ],
            explains: explained(about.into_iter().chain(follows).chain(late)),
        })
    }
}

/// The requests that met the edge in place of a service that was still waking, or nobody at all: they began before anything
/// was answered well, and once something was, nothing of the kind came back.
fn asleep<'c>(case: &Case<'c>) -> Option<Vec<&'c Exchange>> {
    let marker = Marker::learn(case.view);
    let (nobody, awake): (Vec<_>, Vec<_>) = case
        .view
        .answers()
        .partition(|(_, reply)| is_for_nobody(reply, &marker));
    let woke = awake.iter().map(|(exchange, _)| ended(exchange)).min()?;
    let mut waking: Vec<&Exchange> = nobody.into_iter().map(|(exchange, _)| exchange).collect();
    waking.extend(held(case, woke));
    waking.sort_by_key(|exchange| exchange.at);
    let last = waking.last()?.at.as_microsecond();
    let after = waking.iter().map(|exchange| ended(exchange)).max()?;
    let well = awake
        .iter()
        .filter(|(exchange, reply)| exchange.at.as_microsecond() >= after && reply.status < 500);
    (last < woke && well.count() >= AWAKE).then_some(waking)
}

/// The requests that nobody answered within their deadline, when all of them were over before anything was answered, and
/// each was answered when it was asked again: silence beside answers, or for good, is no waking.
fn held<'c>(case: &Case<'c>, woke: i64) -> Vec<&'c Exchange> {
    let exchanges = case.view.exchanges.iter();
    let silent: Vec<&Exchange> = exchanges.filter(|exchange| is_silent(exchange)).collect();
    let is_answered = |operation: &str| {
        let mut answers = case.view.answers();
        answers.any(|(exchange, reply)| reply.status < 500 && exchange.probe.operation() == operation)
    };
    let woken = silent
        .iter()
        .all(|exchange| ended(exchange) <= woke && is_answered(&exchange.probe.operation()));
    if woken { silent } else { Vec::new() }
}

/// How long after this request, the first, the first answer of the service came; nothing where that is no time for people.
fn woke_after(case: &Case<'_>, first: &Exchange) -> String {
    let marker = Marker::learn(case.view);
    let answers = case.view.answers();
    let awake = answers.filter(|(_, reply)| !is_for_nobody(reply, &marker));
    let woke = awake.map(|(exchange, _)| ended(exchange)).min();
    let took = woke.map_or(0, |woke| woke.saturating_sub(first.at.as_microsecond()));
    match took / 1_000_000 {
        0 => String::new(),
        seconds => format!(", it woke after {seconds} s"),
    }
}

/// Whether the edge says that nobody is there: its own page, or an error with nothing in it.
fn is_for_nobody(reply: &Reply, marker: &Marker) -> bool {
    let empty = reply.body.bytes.is_empty() && marker.is_on(reply) == Some(false);
    matches!(reply.status, 502..=504) && (empty || edge_wrote(reply, marker).is_some())
}

/// When an exchange was over, in microseconds.
fn ended(exchange: &Exchange) -> i64 {
    let took = i64::try_from(exchange.phases.total()).unwrap_or(i64::MAX);
    exchange.at.as_microsecond().saturating_add(took)
}

fn counted(count: usize) -> String {
    if count == 1 {
        "request".to_owned()
    } else {
        format!("{count} requests")
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, failed, target};
    use crate::diagnosis::tests::diagnose;
    use crate::diagnosis::whole_tests::{causes, judged};
    use crate::model::exchange::{Phase, WireFault};
    use crate::model::run::Run;

    const GATEWAY: &str =
        "<html><head><title>503 Service Unavailable</title></head><body>nobody</body></html>";

    /// A read of the health route, begun after so many milliseconds and done ten later: the edge's or the application's. The
    /// one with no number is what health is judged by.
    fn read(id: u32, at: i64, status: u16) -> Exchange {
        let probe = asks::read("/health").repeat(u16::try_from(id).unwrap());
        let mut exchange = if status == 503 {
            answered(id, &probe, 503, &[("content-type", "text/html")], GATEWAY)
        } else {
            let ours = [("content-type", "application/json"), ("x-app", "notes")];
            answered(id, &probe, status, &ours, r#"{"status":"healthy"}"#)
        };
        exchange.at = jiff::Timestamp::from_millisecond(at).unwrap();
        exchange.phases.wait = Some(10_000);
        exchange
    }

    fn run(statuses: &[u16]) -> Run {
        // The first that fails is the one by which health is judged, so that there is something to explain.
        let judged_by = statuses.iter().position(|status| *status >= 500).unwrap_or(0);
        let seen: Vec<Exchange> = (0i64..)
            .zip(statuses)
            .enumerate()
            .map(|(place, (at, status))| {
                let id = if place == judged_by { 0 } else { place + 1 };
                read(u32::try_from(id).unwrap(), at * 20, *status)
            })
            .collect();
        judged(&target(), &seen)
    }

    #[test]
    fn errors_of_the_edge_before_the_first_answer_are_the_waking() {
        let run = run(&[503, 503, 200, 200, 200]);
        let first = run.diagnoses.first().unwrap();
        assert_eq!(first.cause, "cold-start");
        assert!(
            first.statement.contains("the first 2 requests"),
            "{}",
            first.statement
        );
        assert!(!causes(&run).contains(&"edge-error-page"), "{:?}", causes(&run));
    }

    #[test]
    fn an_empty_error_of_the_application_itself_is_not() {
        let probe = asks::read("/health");
        let at = |mut exchange: Exchange, at: i64| {
            exchange.at = jiff::Timestamp::from_millisecond(at).unwrap();
            exchange.phases.wait = Some(10_000);
            exchange
        };
        let first = |headers: &[(&str, &str)]| {
            let mut seen = vec![at(answered(0, &probe, 503, headers, ""), 0)];
            seen.extend((1..5).map(|id| read(id, i64::from(id) * 20, 200)));
            causes(&judged(&target(), &seen)).contains(&"cold-start")
        };
        assert!(first(&[]));
        assert!(!first(&[
            ("content-type", "application/json"),
            ("x-app", "notes")
        ]));
    }

    /// A read that began at this second and took so many, and was answered unless it is one of the silent.
    fn timed(id: u32, route: &str, at: i64, took: u64, silent: bool) -> Exchange {
        let probe = asks::read(route).repeat(u16::try_from(id).unwrap());
        let mut exchange = match silent {
            true => failed(id, &probe, Phase::Wait, WireFault::TimedOut),
            false => answered(id, &probe, 200, &[], "ok"),
        };
        exchange.at = jiff::Timestamp::from_second(at).unwrap();
        exchange.phases.wait = Some(took * 1_000_000);
        exchange
    }

    #[test]
    fn silence_until_the_first_answer_is_the_waking_and_says_how_long_it_took() {
        let health = |id, at, took, silent| timed(id, "/health", at, took, silent);
        let later = (3..7).map(|id| health(id, 23, 0, false));
        let seen: Vec<Exchange> = [
            health(0, 0, 10, true),
            health(1, 10, 10, true),
            health(2, 20, 3, false),
        ]
        .into_iter()
        .chain(later)
        .collect();
        let run = judged(&target(), &seen);
        let first = run.diagnoses.first().unwrap();
        assert_eq!(first.cause, "cold-start");
        assert!(
            first
                .statement
                .contains("the first 2 requests got no answer in time, it woke after 23 s"),
            "{}",
            first.statement
        );
        let silence = run
            .findings
            .iter()
            .find(|finding| finding.check == "reach/every-request-answered");
        assert_eq!(silence.unwrap().explained_by.as_deref(), Some("cold-start"));
    }

    #[test]
    fn silence_beside_answers_for_good_or_once_again_is_no_waking() {
        let health = |id, at, took, silent| timed(id, "/health", at, took, silent);
        let awake = || (5..9).map(|id| timed(id, "/me", 30, 0, false));
        let beside = [
            timed(0, "/report", 0, 10, true),
            health(1, 1, 0, false),
            timed(2, "/report", 20, 0, false),
        ];
        let for_good = [health(0, 0, 10, true)];
        let again = [
            health(0, 0, 10, true),
            health(1, 10, 0, false),
            health(9, 40, 10, true),
        ];
        for seen in [&beside[..], &for_good, &again] {
            let seen: Vec<Exchange> = seen.iter().cloned().chain(awake()).collect();
            let run = judged(&target(), &seen);
            assert!(!causes(&run).contains(&"cold-start"), "{:?}", causes(&run));
        }
    }

    #[test]
    fn errors_that_come_back_or_stay_are_not() {
        for statuses in [
            &[200, 503, 200, 200, 200][..],
            &[503, 200, 503, 200, 200],
            &[503, 503, 503],
            &[503, 200],
            &[500, 200, 200, 200],
        ] {
            let run = run(statuses);
            assert!(
                !causes(&run).contains(&"cold-start"),
                "{statuses:?} {:?}",
                causes(&run)
            );
        }
    }

    #[test]
    fn a_late_first_answer_is_a_waking_and_steady_slowness_is_not() {
        let named = |first: u64, later: u64| {
            let seen: Vec<Exchange> = (0u32..3)
                .map(|at| {
                    let mut exchange = read(at, i64::from(at) * 20_000, 200);
                    exchange.phases.wait = Some(if at == 0 { first } else { later } * 1_000);
                    exchange
                })
                .collect();
            diagnose(&ColdStart, &target(), &seen).is_some()
        };
        assert_eq!(
            (named(6_000, 20), named(6_000, 3_000), named(900, 20)),
            (true, false, false)
        );
    }
}
