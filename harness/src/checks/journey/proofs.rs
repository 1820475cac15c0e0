//! Law 2: green must be proven. What the profile says must work is called for real, with a good credential, and its answer
//! looked at. A rejected call is no proof that an accepted one works.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::once;
use crate::check::replicas::to_meet_all;
use crate::check::spec::{Spec, Suite};
use crate::check::transcript::is_nonempty;
use crate::check::view::View;
use crate::model::capture::End;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::{Ask, Nature, Probe};
use crate::model::target::{Expect, Expectation, Proof, Target};

/// The check.
pub struct Proofs;

static SPEC: Spec = Spec {
    id: "journey/proofs",
    layer: Layer::Journey,
    title: "What must work was seen working",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: true,
    explanation: "Health, preflight and a 401 were all green while every authenticated call failed, for 68 days. Only the \
                  call that users make, with a credential that is accepted and an answer of the promised shape, shows that \
                  it works. A run without it is not green, whatever else it saw.",
    hint: "Read the answer and the service's log for this request; every user of this operation is affected.",
};

impl Check for Proofs {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let proofs = proofs(view.target);
        let probes = proofs
            .iter()
            .flat_map(|(proof, probe)| everywhere(view, proof, probe));
        probes.map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if view.target.proofs.is_empty() {
            return Judgement::skipped(
                "nobody said which operation must be seen working",
                Some("--profile FILE with a [[prove]] table"),
            );
        }
        let mut tally = Tally::new(view);
        for (proof, probe) in proofs(view.target) {
            let probes = everywhere(view, proof, &probe);
            let answers: Vec<_> = probes.iter().filter_map(|probe| tally.answer(probe)).collect();
            if let [(_, reply)] = answers[..]
                && let Some(why) = under_key(proof, reply)
            {
                tally.unknown(format!("{} {why}", proof.call), None);
                continue;
            }
            for finding in together(proof, &answers) {
                tally.find(finding);
            }
        }
        if let Some(reason) = no_credential(view.target) {
            let supply = view.target.auth.as_ref().map(|auth| auth.supply.clone());
            tally.missing(reason, supply.as_deref());
        }
        tally.done()
    }
}

impl Proofs {
    /// Whether everything that must work was seen working.
    pub fn seen_working(view: &View<'_>) -> bool {
        match Proofs.judge(view) {
            Judgement::Judged { findings, unseen, .. } => {
                unseen.is_empty() && !findings.iter().any(|found| found.severity > Severity::Advisory)
            }
            Judgement::NotApplicable(_) | Judgement::Unable(_) => false,
        }
    }
}

/// Each proof that can be asked for, and its probe.
fn proofs(target: &Target) -> Vec<(&Proof, Probe)> {
    let able =
        |proof: &&Proof| !proof.protected || target.auth.as_ref().is_some_and(|auth| auth.good().is_some());
    target
        .proofs
        .iter()
        .filter(able)
        .map(|proof| (proof, asks::proof(target, proof)))
        .collect()
}

fn no_credential(target: &Target) -> Option<String> {
    let unable = target.proofs.iter().find(|proof| proof.protected)?;
    let held = target.auth.as_ref().is_some_and(|auth| auth.good().is_some());
    (!held).then(|| format!("{} needs a credential, and none was given", unable.call))
}

/// Why an answer to a call under a key says nothing of this run, when it does not.
fn under_key(proof: &Proof, reply: &Reply) -> Option<String> {
    let status = reply.status;
    proof.key.as_ref()?;
    match status {
        409 => Some("is being made by another run for the same build".to_owned()),
        200..=299 => None,
        _ if once::is_replayed(reply) => Some(format!(
            "was answered from its store, with the HTTP {status} that an earlier run for this build got"
        )),
        _ => None,
    }
}

/// The proof, and where it costs nothing and several processes answer, on so many more connections as meet each of them: one
/// that was started without the secret refuses its share of the users.
fn everywhere(view: &View<'_>, proof: &Proof, probe: &Probe) -> Vec<Probe> {
    let several = to_meet_all(view.target).filter(|_| proof.nature == Nature::Read);
    (0..several.unwrap_or(1))
        .map(|again| probe.repeat(again))
        .collect()
}

/// What is wrong with the answers to a proof: with all of them, or with some.
fn together(proof: &Proof, answers: &[(&Exchange, &Reply)]) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for (exchange, reply) in answers {
        for finding in judge(proof, exchange, reply) {
            match found.iter_mut().find(|known| known.title == finding.title) {
                Some(known) => known.exchanges.extend(finding.exchanges),
                None => found.push(finding),
            }
        }
    }
    for finding in &mut found {
        let (wrong, all) = (finding.exchanges.len(), answers.len());
        if wrong < all {
            finding.title.push_str(&format!(", {wrong} times out of {all}"));
        }
    }
    found
}

/// What is wrong with the answer to a proof.
fn judge(proof: &Proof, exchange: &Exchange, reply: &Reply) -> Vec<Finding> {
    let call = proof.call.to_string();
    if !(200..300).contains(&reply.status) {
        let found = SPEC
            .finds(
                &call,
                format!(
                    "{call} must work, and answers HTTP {} to a good call",
                    reply.status
                ),
            )
            .expected("a 2xx answer")
            .actual(format!("HTTP {}", reply.status));
        return vec![found.shown_by([exchange])];
    }
    let stored = once::is_replayed(reply).then(|| {
        let title = format!("{call} was answered from its store: a run before this one paid for this build");
        let found = SPEC.finds(&call, title).severity(Severity::Advisory);
        found
            .expected("an answer that was made now")
            .actual("the one that an earlier call under the same Idempotency-Key got")
            .hint("Nothing: it was seen working then. Deploy anew, or verify without --expect-version, to see it now.")
            .shown_by([exchange])
    });
    let body = reply.body.json();
    let wrong = |expectation: &&Expectation| !holds(expectation, body.as_ref());
    let whole = reply.body.end == End::Complete;
    proof
        .expect
        .iter()
        .filter(wrong)
        .map(|expectation| {
            let found = SPEC.finds(
                format!("{call} {}", expectation.at),
                format!(
                    "{call} answers {} without what it is for: nothing useful at {}",
                    reply.status, expectation.at
                ),
            );
            let found = found.expected(describe(&expectation.expect)).actual(actual(
                expectation,
                body.as_ref(),
                whole,
            ));
            found.shown_by([exchange])
        })
        .chain(stored)
        .collect()
}

fn holds(expectation: &Expectation, body: Option<&serde_json::Value>) -> bool {
    let Some(value) = body.and_then(|body| body.pointer(&expectation.at)) else {
        return false;
    };
    match &expectation.expect {
        Expect::Present => true,
        Expect::Equals(wanted) => value == wanted,
        Expect::Nonempty => is_nonempty(value),
    }
}

fn describe(expect: &Expect) -> String {
    match expect {
        Expect::Nonempty => "something in it".to_owned(),
        Expect::Present => "to be there".to_owned(),
        Expect::Equals(wanted) => wanted.to_string(),
    }
}

fn actual(expectation: &Expectation, body: Option<&serde_json::Value>, whole: bool) -> String {
    match body {
        None if !whole => "the body was cut before its end".to_owned(),
        None => "the body is not JSON".to_owned(),
        Some(body) => body.pointer(&expectation.at).map_or_else(
            || "it is not there".to_owned(),
            |value| value.to_string().chars().take(80).collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, call, target};
    use crate::check::trial::{findings, judgement};
    use crate::model::exchange::Outcome;

    /// A target whose one proof wants this of its answer.
    fn wanting(at: &str, expect: Expect) -> Target {
        let mut target = target();
        target.proofs[0].expect = vec![Expectation {
            at: at.into(),
            expect,
        }];
        target
    }

    /// What is missed in an answer: what was expected, and what was there.
    fn missed(target: &Target, body: &str, end: End) -> Vec<(String, String)> {
        let mut exchange = answered(1, &asks::proof(target, &target.proofs[0]), 200, &[], body);
        if let Outcome::Answered(reply) = &mut exchange.reply {
            reply.body.end = end;
        }
        let found = findings(&Proofs, target, &[exchange]).into_iter();
        found.map(|finding| (finding.expected, finding.actual)).collect()
    }

    #[test]
    fn an_answer_is_held_against_what_it_is_for() {
        let equals = || Expect::Equals("done".into());
        for (expect, body) in [
            (Expect::Present, r#"{"summary":null}"#),
            (Expect::Nonempty, r#"{"summary":"x"}"#),
            (equals(), r#"{"summary":"done"}"#),
        ] {
            assert_eq!(missed(&wanting("/summary", expect), body, End::Complete), []);
        }
        for (expect, body, expected, actual) in [
            (Expect::Present, "{}", "to be there", "it is not there"),
            (Expect::Nonempty, r#"{"summary":""}"#, "something in it", "\"\""),
            (equals(), r#"{"summary":"failed"}"#, "\"done\"", "\"failed\""),
            (Expect::Present, "<html>", "to be there", "the body is not JSON"),
        ] {
            let missed = missed(&wanting("/summary", expect), body, End::Complete);
            assert_eq!(missed, [(expected.to_owned(), actual.to_owned())], "{body}");
        }
        let cut = missed(&wanting("/summary", Expect::Present), r#"{"summ"#, End::Reset);
        assert_eq!(cut[0].1, "the body was cut before its end");
    }

    /// A target of three processes with one proof of this nature.
    fn three(nature: Nature) -> (Target, Vec<Probe>) {
        let mut target = target();
        target.replicas = Some(3);
        target.proofs[0].nature = nature;
        let asked = Proofs.ask(&View::new(&target, None, &[], &[]));
        let probes = asked.iter().flat_map(|ask| ask.probes()).cloned().collect();
        (target, probes)
    }

    #[test]
    fn what_costs_nothing_is_seen_on_each_process_and_what_is_paid_once() {
        assert_eq!(three(Nature::Paid).1.len(), 1);
        assert_eq!(three(Nature::Write).1.len(), 1);
        let (target, probes) = three(Nature::Read);
        assert_eq!(probes.len(), 11);
        let answers = |refuses: fn(usize) -> bool| {
            let seen: Vec<Exchange> = (1..)
                .zip(&probes)
                .map(|(id, probe)| {
                    let status = if refuses(id) { 401 } else { 200 };
                    answered(u32::try_from(id).unwrap(), probe, status, &[], "{}")
                })
                .collect();
            findings(&Proofs, &target, &seen)
                .into_iter()
                .map(|found| (found.title, found.exchanges.len()))
                .collect::<Vec<_>>()
        };
        let wrong = "POST /summaries must work, and answers HTTP 401 to a good call";
        assert_eq!(answers(|_| false), []);
        assert_eq!(
            answers(|id| id % 3 == 0),
            [(format!("{wrong}, 3 times out of 11"), 3)]
        );
        assert_eq!(answers(|_| true), [(wrong.to_owned(), 11)]);
    }

    /// What becomes of the proof under a key.
    fn under_a_key(status: u16, headers: &[(&str, &str)]) -> Judgement {
        let mut target = target();
        target.proofs[0].key = Some("key".to_owned());
        let probe = asks::proof(&target, &target.proofs[0]);
        let seen = [answered(1, &probe, status, headers, r#"{"summary":"x"}"#)];
        let works = Proofs::seen_working(&View::new(&target, None, &seen, &[]));
        assert_eq!(works, status == 200);
        judgement(&Proofs, &target, &seen)
    }

    #[test]
    fn an_answer_from_the_store_is_remarked_upon_and_a_twin_under_way_is_no_failure() {
        let told = |judgement| match judgement {
            Judgement::Judged { findings, unseen, .. } => {
                let findings = findings.iter().map(|found| found.severity).collect::<Vec<_>>();
                (findings, unseen.len())
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(told(under_a_key(200, &[])), (vec![], 0));
        let replayed = under_a_key(200, &[("idempotent-replayed", "true")]);
        assert_eq!(told(replayed), (vec![Severity::Advisory], 0));
        assert_eq!(told(under_a_key(409, &[])), (vec![], 1));
        assert_eq!(told(under_a_key(500, &[])), (vec![Severity::Blocker], 0));
        let stored = under_a_key(500, &[("idempotent-replayed", "true")]);
        assert_eq!(told(stored), (vec![], 1));
    }

    #[test]
    fn what_needs_a_credential_that_nobody_gave_is_not_asked_and_not_proven() {
        let mut target = wanting("/summary", Expect::Present);
        target.auth = None;
        assert_eq!(Proofs.ask(&View::new(&target, None, &[], &[])), []);
        let mut open = target.proofs[0].clone();
        open.protected = false;
        open.call.path = "/titles".into();
        target.proofs.push(open);
        let asked = asks::proof(&target, &target.proofs[1]);
        let view = View::new(&target, None, &[], &[]);
        assert_eq!(Proofs.ask(&view), [Ask::One(asked.clone())]);
        let seen = [answered(1, &asked, 200, &[], r#"{"summary":"x"}"#)];
        let Judgement::Judged { findings, unseen, .. } = judgement(&Proofs, &target, &seen) else {
            panic!("an open call was judged");
        };
        assert_eq!(findings, []);
        assert_eq!(
            unseen[0].reason,
            format!("{} needs a credential, and none was given", call())
        );
        assert!(!Proofs::seen_working(&View::new(&target, None, &seen, &[])));
    }
}
