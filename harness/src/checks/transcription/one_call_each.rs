//! What one call costs can be seen only at the provider, so it is counted where a stand-in answers in its place.

use serde_json::Value;

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Nature, Probe};
use crate::model::target::Target;

/// The check.
pub struct OneCallEach;

static SPEC: Spec = Spec {
    id: "transcription/one-call-each",
    layer: Layer::Journey,
    title: "One call asks the provider once for each thing",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A client that tries again, inside a caller that tries again, makes six calls of one and brings down a provider \
                  that was only slow; a call that is sent twice is paid twice. Neither shows in any answer. Where the profile \
                  names a route that counts what a stand-in for the provider was asked (stand_in), one call is made alone \
                  between two looks at it.",
    hint: "Retry in one place only, with a budget and an idempotency key, and never what was already answered.",
};

/// The first call that costs money, again, and the route that counts.
fn probes(target: &Target) -> Option<[Probe; 3]> {
    let route = target.routes.stand_in.as_deref()?;
    let known = target.auth.as_ref().is_none_or(|auth| auth.good().is_some());
    let proof = target
        .proofs
        .iter()
        .find(|proof| proof.nature == Nature::Paid && (known || !proof.protected))?;
    let count = asks::read(route);
    Some([
        count.repeat(1),
        asks::proof(target, proof).repeat(1),
        count.repeat(2),
    ])
}

/// How often each thing was asked for.
fn counts(reply: &Reply) -> Vec<(String, u64)> {
    let body = reply.body.json();
    let members = body.as_ref().and_then(Value::as_object).into_iter().flatten();
    members
        .filter_map(|(name, value)| Some((name.clone(), value.as_u64()?)))
        .collect()
}

impl Check for OneCallEach {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let Some(probes) = probes(view.target) else {
            return vec![];
        };
        // A call that got no answer before would only be waited for again.
        let [_, call, _] = &probes;
        if view.answer(&call.repeat(0)).is_none() {
            return vec![];
        }
        // One after the other and with nothing beside them: a burst of one runs alone.
        let alone = |each: Probe| Ask::Burst {
            each,
            n: 1,
            at_once: 1,
            beside: None,
        };
        probes.map(alone).into()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if view.target.routes.stand_in.is_none() {
            return Judgement::skipped(
                "nobody counts what the provider is asked",
                Some("stand_in under [service] in the profile"),
            );
        }
        let Some([before, call, after]) = probes(view.target) else {
            return Judgement::NotApplicable(
                "no call is known, or no credential was given, that costs money".into(),
            );
        };
        let mut tally = Tally::new(view);
        let (Some((first, old)), Some((_, reply)), Some((last, new))) =
            (view.answer(&before), view.answer(&call), view.answer(&after))
        else {
            // Why the call was not made before is why it was not made again.
            if view.answer(&call.repeat(0)).is_none() {
                tally.answer(&call.repeat(0));
                return tally.done();
            }
            for probe in [&before, &call, &after] {
                tally.answer(probe);
            }
            return tally.done();
        };
        if counts(old).is_empty() || counts(new).is_empty() {
            tally.unknown(format!("{} counts nothing", before.operation()), None);
            return tally.done();
        }
        tally.judged(first);
        tally.judged(last);
        let operation = call.operation();
        for (what, count) in counts(new) {
            let was = counts(old)
                .iter()
                .find(|(name, _)| *name == what)
                .map_or(0, |(_, was)| *was);
            let times = count.saturating_sub(was);
            if times > 1 {
                let title = match reply.status {
                    200..300 => format!(
                        "One call of {operation} asks the provider {times} times, and is paid {times} times"
                    ),
                    _ => format!("One failing call of {operation} asks the provider {times} times"),
                };
                let found = SPEC.finds(format!("the cost of {operation}"), title);
                let found = found
                    .expected(format!("at most one more of {what}"))
                    .actual(format!("{what} from {was} to {count}"));
                tally.find(found.shown_by([first, last]));
            }
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;

    fn counting() -> Target {
        let mut target = target();
        target.routes.stand_in = Some("/stand-in".into());
        target
    }

    fn titles(status: u16, after: &str) -> Vec<String> {
        let target = counting();
        let [before, call, last] = probes(&target).unwrap();
        let seen = [
            answered(1, &call.repeat(0), status, &[], "{}"),
            answered(2, &before, 200, &[], r#"{"completions":3,"transcriptions":1}"#),
            answered(3, &call, status, &[], "{}"),
            answered(4, &last, 200, &[], after),
        ];
        let found = findings(&OneCallEach, &target, &seen);
        found.into_iter().map(|finding| finding.title).collect()
    }

    #[test]
    fn calls_that_are_made_more_than_once_are_found() {
        let titles_of = |status| titles(status, r#"{"completions":9,"transcriptions":1}"#);
        assert_eq!(
            titles_of(503),
            ["One failing call of POST /summaries asks the provider 6 times"]
        );
        assert!(titles_of(200)[0].ends_with("is paid 6 times"));
    }

    #[test]
    fn one_call_for_each_thing_is_spared() {
        assert_eq!(
            titles(200, r#"{"completions":4,"transcriptions":2}"#),
            Vec::<String>::new()
        );
    }
}
