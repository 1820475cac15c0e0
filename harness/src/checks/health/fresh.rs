//! Is health measured when it is asked for? A cached health answer describes the past, and stays green through an outage.

use jiff::{SignedDuration, Timestamp};

use crate::check::Check;
use crate::check::asks;
use crate::check::cached;
use crate::check::health;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::{Seen, View};
use crate::checks::health::time::{self, Stamp};
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity, Verdict};
use crate::model::probe::Ask;

/// The check.
pub struct Fresh;

static SPEC: Spec = Spec {
    id: "health/fresh",
    layer: Layer::Health,
    title: "Health is measured when it is asked for",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A CDN, a proxy or a decorator that keeps the health answer makes it describe the past: a dead service looks \
                  alive until the copy expires, and a deploy is verified against the build before it. A clock that is off \
                  breaks tokens and caches as well.",
    hint: "Send Cache-Control: no-store with health, take it out of every cache, and make its timestamp when answering.",
};

/// How far two clocks may be apart.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// How far apart two samples must be for equal timestamps to mean anything.
const APART: SignedDuration = SignedDuration::from_secs(1);

impl Check for Fresh {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    /// The second sample is asked for when everything else that was wanted is known, so that nobody has to wait.
    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let first = health::probes(view).into_iter().map(Ask::One);
        let second = health::probe(view).filter(|probe| view.answer(probe).is_some() && is_late(view));
        first
            .chain(second.map(|probe| Ask::One(probe.repeat(1))))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(probe) = health::probe(view) else {
            return Judgement::NotApplicable("no health route is known".to_owned());
        };
        let mut tally = Tally::new(view);
        let samples: Vec<(&Exchange, &Reply)> = [probe.clone(), probe.repeat(1)]
            .iter()
            .filter_map(|probe| tally.answer(probe))
            .collect();
        let is_told = |(_, reply): &&(&Exchange, &Reply)| {
            matches!(reply.status, 200..300 | 503) && !health::is_page(reply)
        };
        if !samples.is_empty() && !samples.iter().any(|sample| is_told(&sample)) {
            return Judgement::NotApplicable("the route does not answer with health".to_owned());
        }
        let mut found: Vec<Finding> = samples
            .iter()
            .filter(is_told)
            .filter_map(|(exchange, reply)| stale(view, exchange, reply))
            .take(1)
            .collect();
        if found.is_empty() {
            found.extend(repeated(&samples));
        }
        found.extend(
            samples
                .first()
                .and_then(|(exchange, reply)| naive(exchange, reply)),
        );
        found.into_iter().for_each(|finding| tally.find(finding));
        tally.done()
    }
}

/// Whether every proof that can be called was called or refused.
fn is_late(view: &View<'_>) -> bool {
    let target = view.target;
    let held = target.auth.as_ref().is_some_and(|auth| auth.good().is_some());
    let able = target.proofs.iter().filter(|proof| !proof.protected || held);
    able.map(|proof| asks::proof(target, proof))
        .all(|probe| !matches!(view.seen(&probe), Seen::NotAsked))
}

/// Why one answer is not about now: it says itself that it comes from a cache, or its times say so.
fn stale(view: &View<'_>, exchange: &Exchange, reply: &Reply) -> Option<Finding> {
    let route = exchange.probe.operation();
    if let Some(sign) = cached::sign(reply) {
        let title = format!("{route} is answered from a cache ({sign}), so it describes the past");
        return Some(found(&route, title, sign, exchange));
    }
    let stamp = time::stamp(reply);
    let date = time::date(reply).map(|date| off(exchange, date));
    let body = stamp
        .as_ref()
        .and_then(Stamp::instant)
        .map(|at| off(exchange, at));
    let beyond = |off: SignedDuration| off.abs() > SKEW;
    match (body, date) {
        (Some(body), Some(date)) if beyond(body) && !beyond(date) => {
            let title = format!(
                "{route} is answered {} than its own time says",
                sooner_or_later(body)
            );
            Some(found(
                &route,
                title,
                format!("timestamp {}, Date right", amount(body)),
                exchange,
            ))
        }
        (Some(body), None) if beyond(body) => {
            let title = format!(
                "{route} is answered {} than its own time says",
                sooner_or_later(body)
            );
            Some(found(
                &route,
                title,
                format!("timestamp {}", amount(body)),
                exchange,
            ))
        }
        (_, Some(date)) if beyond(date) => {
            let title = format!("The clock of {route} and the checker's are {} apart", span(date));
            let outcome = if view.target.ours {
                Verdict::Fail
            } else {
                Verdict::Inconclusive
            };
            let finding = SPEC
                .finds(format!("{route} clock"), title)
                .expected("two clocks within 60 s of each other")
                .actual(format!("Date {}", amount(date)))
                .hint("Set both clocks by NTP; tokens and caches depend on them. It is not known which one is wrong.")
                .outcome(outcome);
            Some(finding.shown_by([exchange]))
        }
        _ => None,
    }
}

/// The same time in two answers that were made apart.
fn repeated(samples: &[(&Exchange, &Reply)]) -> Option<Finding> {
    let [(first, early), (second, late)] = samples else {
        return None;
    };
    let apart = second.at.duration_since(ended(first));
    let (before, after) = (time::stamp(early)?, time::stamp(late)?);
    if apart < APART || before.text != after.text || before.at != after.at {
        return None;
    }
    let route = first.probe.operation();
    let title = format!(
        "{route} gives the same time twice, {} apart, so it was not measured anew",
        span(apart)
    );
    let finding = SPEC
        .finds(&route, title)
        .expected("a time that moves on")
        .actual(format!("{} twice: {}", before.at, clean(&before.text, 40)));
    Some(finding.shown_by([*first, *second]))
}

/// A time that says no zone: clients read it as their own.
fn naive(exchange: &Exchange, reply: &Reply) -> Option<Finding> {
    let stamp = time::stamp(reply).filter(|stamp| stamp.instant().is_none())?;
    let route = exchange.probe.operation();
    let finding = SPEC
        .finds(
            format!("{route} {}", stamp.at),
            format!("{route} gives a time without a zone, which browsers read as local time"),
        )
        .expected("an offset, such as Z (RFC 3339 §5.6)")
        .actual(clean(&stamp.text, 40))
        .hint("Write times with their offset, such as 2026-01-02T03:04:05Z.")
        .severity(Severity::Minor);
    Some(finding.shown_by([exchange]))
}

fn found(route: &str, title: String, actual: String, exchange: &Exchange) -> Finding {
    SPEC.finds(route, title)
        .expected("an answer made for this request, within 60 s of its time")
        .actual(actual)
        .shown_by([exchange])
}

fn ended(exchange: &Exchange) -> Timestamp {
    let took = i64::try_from(exchange.phases.total()).unwrap_or(i64::MAX);
    exchange
        .at
        .saturating_add(SignedDuration::from_micros(took))
        .unwrap_or(exchange.at)
}

/// How far a time lies outside the exchange: negative before it began, positive after it ended.
fn off(exchange: &Exchange, at: Timestamp) -> SignedDuration {
    let (begun, ended) = (exchange.at, ended(exchange));
    if at < begun {
        at.duration_since(begun)
    } else if at > ended {
        at.duration_since(ended)
    } else {
        SignedDuration::ZERO
    }
}

fn sooner_or_later(off: SignedDuration) -> String {
    let word = if off.is_negative() { "later" } else { "earlier" };
    format!("{} {word}", span(off))
}

fn amount(off: SignedDuration) -> String {
    let word = if off.is_negative() { "behind" } else { "ahead" };
    format!("{} {word}", span(off))
}

/// A span in the largest unit that still says something.
fn span(span: SignedDuration) -> String {
    let seconds = span.abs().as_secs();
    match seconds {
        0..=180 => format!("{seconds} s"),
        181..=10_800 => format!("{} min", seconds / 60),
        10_801..=172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
#[path = "fresh_tests.rs"]
mod tests;
