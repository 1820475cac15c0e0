//! What one process keeps in its own memory, the next does not know, and a restart forgets.

use crate::check::Check;
use crate::check::asks;
use crate::check::created::{is_success, place, read_back, writes};
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::Proof;

/// The check.
pub struct KeptEverywhere;

static SPEC: Spec = Spec {
    id: "rollout/kept-everywhere",
    layer: Layer::Version,
    title: "What was created can be read back over every connection",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A session, an upload or a record that lives in the memory of one process is there for its author on one \
                  connection and gone on the next, as soon as there are two replicas, and gone for good at the next deploy. \
                  What a good call created is read back on connections of their own, where the contract documents such a read.",
    hint: "Keep it where every process looks: the database, a shared cache, or a token that the client carries.",
};

/// Fresh connections: with two replicas in turn, or by chance, one of five meets the other in 97 of 100 runs.
const READERS: u16 = 5;

/// The reads of what this good call created; `None` when it created nothing that can be read back.
fn readers(view: &View<'_>, proof: &Proof) -> Option<Vec<Probe>> {
    let (_, reply) = view.answer(&asks::proof(view.target, proof))?;
    let path = is_success(reply).then(|| place(view, proof, reply))??;
    let read = read_back(view, proof, &path);
    Some((0..READERS).map(|nth| read.repeat(nth)).collect())
}

impl Check for KeptEverywhere {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let readers = writes(view).into_iter().filter_map(|proof| readers(view, proof));
        readers.flatten().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let created = writes(view).into_iter();
        let created: Vec<_> = created
            .filter_map(|proof| Some((proof, readers(view, proof)?)))
            .collect();
        if created.is_empty() {
            return Judgement::NotApplicable("nothing was created that a documented read gives back".into());
        }
        let mut tally = Tally::new(view);
        for (proof, readers) in created {
            let answers: Vec<_> = readers.iter().filter_map(|probe| tally.answer(probe)).collect();
            let lost = answers
                .iter()
                .filter(|(_, reply)| matches!(reply.status, 404 | 410));
            let lost: Vec<_> = lost.map(|(exchange, _)| *exchange).collect();
            let (Some(first), call) = (lost.first(), &proof.call) else {
                continue;
            };
            let (many, all) = (lost.len(), answers.len());
            let read = first.probe.operation();
            let title = if many == all {
                format!("What {call} creates cannot be read back: {read} finds nothing")
            } else {
                format!(
                    "What {call} creates is known to some processes only: {many} of {all} reads find nothing"
                )
            };
            let found = SPEC
                .finds(call.to_string(), title)
                .expected(format!("{read} finds it every time"))
                .actual(format!("{many} of {all} get HTTP 404"));
            tally.find(found.shown_by(lost));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, creating};
    use crate::contract::load::Contract;

    const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {'/summaries/{id}': {get: {parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {'200': {description: ''}}}}}";

    fn titles(statuses: [u16; 5], headers: &[(&str, &str)]) -> Vec<String> {
        let (target, contract) = (creating(), Contract::parse(DOCUMENT, "pinned.yaml").unwrap());
        let proof = asks::proof(&target, &target.proofs[0]);
        let mut seen = vec![answered(1, &proof, 201, headers, r#"{"id":"s1"}"#)];
        let read = read_back(
            &View::new(&target, Some(&contract), &[], &[]),
            &target.proofs[0],
            "/summaries/s1",
        );
        for (nth, status) in (0..).zip(statuses) {
            seen.push(answered(u32::from(nth) + 2, &read.repeat(nth), status, &[], "{}"));
        }
        match KeptEverywhere.judge(&View::new(&target, Some(&contract), &seen, &[])) {
            Judgement::Judged { findings, .. } => findings.into_iter().map(|finding| finding.title).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_some_processes_do_not_know_is_found() {
        let found = titles(
            [200, 404, 200, 404, 200],
            &[("location", "http://notes.example/summaries/s1")],
        );
        assert_eq!(
            found,
            ["What POST /summaries creates is known to some processes only: 2 of 5 reads find nothing"]
        );
        assert_eq!(
            titles([404; 5], &[]),
            ["What POST /summaries creates cannot be read back: GET /summaries/{id} finds nothing"]
        );
    }

    #[test]
    fn spares_what_is_there_and_what_may_not_be_read() {
        assert_eq!(titles([200; 5], &[]).len(), 0);
        assert_eq!(titles([403; 5], &[]).len(), 0);
    }

    #[test]
    fn without_a_documented_read_nothing_is_asked() {
        let target = creating();
        let proof = asks::proof(&target, &target.proofs[0]);
        let seen = [answered(
            1,
            &proof,
            201,
            &[("location", "/summaries/s1")],
            r#"{"id":"s1"}"#,
        )];
        let view = View::new(&target, None, &seen, &[]);
        assert!(KeptEverywhere.ask(&view).is_empty());
        assert!(matches!(KeptEverywhere.judge(&view), Judgement::NotApplicable(_)));
    }
}
