//! Whoever is told that their work is kept believes it, and throws the original away.

use serde_json::Value;

use crate::check::Check;
use crate::check::created::is_success;
use crate::check::judgement::{Judgement, Tally};
use crate::check::keeping::{id_of, list, save, says_kept};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::journey::keeping::{asks, both, is_missing, judged, settled};
use crate::model::capture::End;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::keep::Keep;
use crate::model::probe::Ask;

/// The check.
pub struct KeptIsFound;

static SPEC: Spec = Spec {
    id: "journey/kept-is-found",
    layer: Layer::Journey,
    title: "What is kept can be read back and listed",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "An answer that says that something was saved is believed by a page, which then forgets its own copy. The call \
                  of [[keep]] is made where this run may write; what it kept is read back by its id, and looked for in the list. \
                  A service that takes a moment until everybody sees it is looked at again, a second later.",
    hint: "Answer that it was kept once the transaction is committed, and read from where it was written.",
};

impl Check for KeptIsFound {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        asks(view)
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        judged(view, judge)
    }
}

fn judge(view: &View<'_>, keep: &Keep, tally: &mut Tally<'_>) {
    let call = &keep.call;
    let Some((saving, reply)) = tally.answer(&save(view.target, keep)) else {
        return;
    };
    let fault = if !is_success(reply) {
        Some((
            format!("{call} must keep something, and answers HTTP {}", reply.status),
            "a 2xx answer",
        ))
    } else if !says_kept(keep, reply) {
        let title = format!("{call} was told to keep something, and answers that it kept nothing");
        Some((title, "the answer says true where it tells whether it was kept"))
    } else if id_of(keep, reply).is_none() && reply.body.end == End::Complete {
        let title = format!(
            "{call} keeps something and does not say under which id: nothing at {}",
            keep.id
        );
        Some((title, "an id"))
    } else {
        None
    };
    if let Some((title, expected)) = fault {
        let found = SPEC.finds(call.to_string(), title).expected(expected);
        tally.find(found.actual(format!("HTTP {}", reply.status)).shown_by([saving]));
        return;
    }
    let Some(id) = id_of(keep, reply) else { return };
    let (first, _) = both(view, keep, &id);
    if tally.answer(&first).is_some()
        && let Some((reading, read)) = settled(view, &first)
        && is_missing(read)
    {
        let title = format!(
            "{call} says that it kept something, and {} finds nothing",
            keep.read
        );
        let found = SPEC
            .finds(call.to_string(), title)
            .expected("what was kept a moment ago")
            .actual(format!("HTTP {} three times", read.status));
        tally.find(found.shown_by([saving, reading]));
        return;
    }
    let Some(probe) = list(view.target, keep) else {
        return;
    };
    if let Some((listing, listed)) = tally.answer(&probe)
        && omits(listed, &id)
    {
        let title = format!(
            "{} leaves out what {call} has kept a moment ago",
            probe.operation()
        );
        let found = SPEC
            .finds(probe.operation(), title)
            .expected("the id of what was kept, on the first page")
            .actual("other things, or none");
        tally.find(found.shown_by([listing, saving]));
    }
}

/// Whether a whole list does not name this id anywhere.
fn omits(reply: &Reply, id: &str) -> bool {
    let body = reply.body.json().filter(|_| is_success(reply));
    body.is_some_and(|body| !names(&body, id))
}

/// Whether a document names this id anywhere: services nest their lists in many ways.
fn names(value: &Value, id: &str) -> bool {
    match value {
        Value::String(text) => text == id || text.rsplit('/').next() == Some(id),
        Value::Number(number) => number.to_string() == id,
        Value::Array(items) => items.iter().any(|item| names(item, id)),
        Value::Object(members) => members.values().any(|member| names(member, id)),
        Value::Null | Value::Bool(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::journey::keeping_tests::{Answers, run};

    fn titles(answers: Answers) -> Vec<String> {
        match run(&KeptIsFound, answers) {
            Judgement::Judged { findings, .. } => findings.into_iter().map(|found| found.title).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_kept_and_not_found_is_told() {
        let lost = titles(Answers {
            reads: [404, 404, 404],
            ..Answers::healthy()
        });
        assert_eq!(
            lost,
            ["POST /runs says that it kept something, and GET /runs/{id} finds nothing"]
        );
        let unlisted = titles(Answers {
            list: r#"{"items":[{"id":"8"}]}"#,
            ..Answers::healthy()
        });
        assert_eq!(
            unlisted,
            ["GET /runs leaves out what POST /runs has kept a moment ago"]
        );
    }

    #[test]
    fn an_answer_that_denies_it_or_gives_no_id_is_told() {
        for saved in [r#"{"saved":false,"id":"7"}"#, r#"{"saved":true}"#] {
            let found = titles(Answers {
                saved,
                ..Answers::healthy()
            });
            assert_eq!(found.len(), 1, "{saved}");
        }
    }

    #[test]
    fn spares_what_is_there_and_what_takes_a_moment() {
        assert_eq!(titles(Answers::healthy()), Vec::<String>::new());
        let late = Answers {
            reads: [404, 404, 200],
            ..Answers::healthy()
        };
        assert_eq!(titles(late), Vec::<String>::new());
        let forbidden = Answers {
            reads: [403, 403, 403],
            ..Answers::healthy()
        };
        assert_eq!(titles(forbidden), Vec::<String>::new());
    }

    #[test]
    fn a_list_may_name_things_by_their_address_or_by_number() {
        for list in [r#"["/runs/7"]"#, r#"{"data":{"edges":[{"node":{"id":7}}]}}"#] {
            let found = titles(Answers {
                list,
                ..Answers::healthy()
            });
            assert_eq!(found, Vec::<String>::new(), "{list}");
        }
    }
}
