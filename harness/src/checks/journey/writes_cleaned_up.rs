//! Whoever tries a service leaves it as it was. What this run created it deletes again where the contract says how, and what
//! stays behind is told, so that somebody can.

use crate::check::Check;
use crate::check::created::{Creation, creations, is_success};
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Found, Spec, Suite};
use crate::check::view::{Seen, View};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};

/// The check.
pub struct WritesCleanedUp;

static SPEC: Spec = Spec {
    id: "journey/writes-cleaned-up",
    layer: Layer::Journey,
    title: "What this run created was deleted again",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A run that may write creates what its calls create. When everything else is over, stopped by hand or out of \
                  time included, each of those is deleted, by the credential that created it, where the contract documents a \
                  DELETE of its place: what Location says, or the call's own path and the id that was answered. Whatever is \
                  still there is told, with its place as far as it is known.",
    hint: "Delete it by hand. Where the contract documents the DELETE, see why it did not work: users meet the same.",
};

impl Check for WritesCleanedUp {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    /// Nothing while anything else is asked: see [`Check::last`].
    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        Vec::new()
    }

    fn last(&self, view: &View<'_>) -> Vec<Ask> {
        let removals = creations(view).into_iter();
        let removals = removals.filter_map(|created| created.removal);
        // What was deleted to see it gone need not be deleted again.
        let is_done = |removal: &Probe| view.answer(removal).is_some_and(|(_, reply)| is_success(reply));
        removals
            .filter(|removal| !is_done(removal))
            .map(Ask::One)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let creations = creations(view);
        if creations.is_empty() {
            return Judgement::NotApplicable("nothing was created".to_owned());
        }
        let mut tally = Tally::new(view);
        for created in creations {
            tally.judged(created.exchange);
            if let Some(left) = left(view, &created) {
                tally.find(left.shown_by([created.exchange]));
            }
        }
        tally.done()
    }
}

/// What is told of something that is still there, as far as anybody knows.
fn left(view: &View<'_>, created: &Creation<'_>) -> Option<Found> {
    let call = created.exchange.probe.operation();
    let told = |place: &str, why: String, severity: Severity| {
        let may = if created.exchange.answer().is_some() {
            "left"
        } else {
            "may have left"
        };
        let title = format!("{call} {may} {place} behind: {why}");
        let found = SPEC.finds(place, title).severity(severity);
        found.expected("it is deleted again").actual(why)
    };
    let Some(place) = &created.place else {
        let why = match created.exchange.answer() {
            Some(_) => "its answer does not say where it is",
            None => "it was not answered, and may have been done",
        };
        let why = why.to_owned();
        return Some(told("something", why, Severity::Advisory));
    };
    let Some(removal) = &created.removal else {
        let why = "no DELETE of it is documented".to_owned();
        return Some(told(place, why, Severity::Advisory));
    };
    let (why, severity) = match view.seen(removal) {
        Seen::Answered(_, reply) if is_success(reply) => return None,
        Seen::Answered(_, reply) if matches!(reply.status, 404 | 410) => {
            let why = format!(
                "DELETE answers HTTP {}: it is gone already, or somewhere else",
                reply.status
            );
            (why, Severity::Advisory)
        }
        Seen::Answered(_, reply) | Seen::Limited(_, reply) => {
            (format!("DELETE answers HTTP {}", reply.status), Severity::Minor)
        }
        Seen::Failed(_, error) => (
            format!("DELETE was not answered ({})", error.detail),
            Severity::Minor,
        ),
        Seen::Refused(refusal) => (
            format!("it was not deleted, since {}", refusal.reason),
            Severity::Advisory,
        ),
        Seen::NotAsked => ("it was not deleted".to_owned(), Severity::Advisory),
    };
    Some(told(place, why, severity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, creating};
    use crate::contract::load::Contract;
    use crate::model::exchange::Exchange;

    const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {'/summaries/{id}': {delete: {parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {'204': {description: ''}}}}}";

    /// What is told after this answer to a call that creates, and this one to what deletes it again.
    fn told(document: &str, body: &str, deleted: Option<u16>) -> Vec<(String, Severity)> {
        let (target, contract) = (creating(), Contract::parse(document, "pinned.yaml").unwrap());
        let mut seen: Vec<Exchange> = vec![answered(
            1,
            &asks::proof(&target, &target.proofs[0]),
            201,
            &[],
            body,
        )];
        let asked = WritesCleanedUp.last(&View::new(&target, Some(&contract), &seen, &[]));
        if let (Some(Ask::One(removal)), Some(status)) = (asked.first(), deleted) {
            assert_eq!(
                (removal.method.as_str(), removal.path_text()),
                ("DELETE", "/summaries/7")
            );
            assert_eq!(removal.who, seen[0].probe.who);
            seen.push(answered(2, removal, status, &[], ""));
        }
        match WritesCleanedUp.judge(&View::new(&target, Some(&contract), &seen, &[])) {
            Judgement::Judged { findings, .. } => findings
                .into_iter()
                .map(|found| (found.title, found.severity))
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_deleted_is_not_told() {
        for status in [200, 204] {
            assert_eq!(told(DOCUMENT, r#"{"id":"7"}"#, Some(status)), [], "{status}");
        }
    }

    #[test]
    fn what_is_still_there_is_told_with_its_place() {
        let left = "POST /summaries left /summaries/7 behind: ";
        let minor = |why: &str| vec![(format!("{left}{why}"), Severity::Minor)];
        let advisory = |why: &str| vec![(format!("{left}{why}"), Severity::Advisory)];
        assert_eq!(
            told(DOCUMENT, r#"{"id":"7"}"#, Some(403)),
            minor("DELETE answers HTTP 403")
        );
        assert_eq!(
            told(DOCUMENT, r#"{"id":"7"}"#, None),
            advisory("it was not deleted")
        );
        let undocumented = DOCUMENT.replace("delete:", "get:");
        assert_eq!(
            told(&undocumented, r#"{"id":"7"}"#, None),
            advisory("no DELETE of it is documented")
        );
        assert_eq!(
            told(DOCUMENT, r#"{"made":true}"#, None),
            [(
                "POST /summaries left something behind: its answer does not say where it is".to_owned(),
                Severity::Advisory
            )]
        );
    }

    /// Only what the answer calls its id, or the contract calls so, is deleted: anything else may be somebody's.
    #[test]
    fn nothing_is_deleted_that_is_only_mentioned() {
        let contract = Contract::parse(DOCUMENT, "pinned.yaml").unwrap();
        let deleted = |at: &str, body: &str| {
            let mut target = creating();
            target.proofs[0].expect[0].at = at.into();
            let seen = [answered(
                1,
                &asks::proof(&target, &target.proofs[0]),
                201,
                &[],
                body,
            )];
            let view = View::new(&target, Some(&contract), &seen, &[]);
            let asked = WritesCleanedUp.last(&view);
            asked
                .iter()
                .flat_map(|ask| ask.probes())
                .map(|probe| probe.path_text().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(deleted("/author", r#"{"author":"ana","id":7}"#), ["/summaries/7"]);
        assert_eq!(deleted("/status", r#"{"status":"done"}"#), Vec::<String>::new());
        assert_eq!(deleted("/made/id", r#"{"made":{"id":"8"}}"#), ["/summaries/8"]);
    }

    #[test]
    fn a_run_that_may_not_write_deletes_nothing() {
        let mut target = creating();
        let contract = Contract::parse(DOCUMENT, "pinned.yaml").unwrap();
        let seen = [answered(
            1,
            &asks::proof(&target, &target.proofs[0]),
            201,
            &[],
            r#"{"id":"7"}"#,
        )];
        target.allow.clear();
        let view = View::new(&target, Some(&contract), &seen, &[]);
        assert_eq!(WritesCleanedUp.last(&view), []);
    }
}
