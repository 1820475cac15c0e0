//! What comes back must be what went in. A field that is renamed, cut or lost on its way to the database is noticed when
//! somebody opens an old record, and then there is no other copy.

use serde_json::Value;

use crate::check::Check;
use crate::check::created::is_success;
use crate::check::judgement::{Judgement, Tally};
use crate::check::keeping::{keeps, kept};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::checks::journey::keeping::{asks, both, judged, settled};
use crate::model::capture::End;
use crate::model::finding::{Layer, Severity};
use crate::model::keep::Keep;
use crate::model::probe::Ask;

/// The check.
pub struct KeptIsUnaltered;

static SPEC: Spec = Spec {
    id: "journey/kept-is-unaltered",
    layer: Layer::Journey,
    title: "What is read back is what was sent and answered",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A misspelt name between model and database serves null for a field that was sent; a column that is too short \
                  cuts a text; a concept list is stored and never read. Each read is a 200 of the right shape, so only comparing \
                  shows it. The pairs of [[keep]] say which fields of the request and of the answer are read back where.",
    hint: "Compare the names of the field in request, model, database and answer, one by one.",
};

impl Check for KeptIsUnaltered {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        asks(view)
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let keeps = keeps(view);
        let compares = |keep: &&Keep| !keep.sent.is_empty() || !keep.answered.is_empty();
        if !keeps.is_empty() && !keeps.iter().any(compares) {
            return Judgement::NotApplicable("nobody said which fields are read back where".into());
        }
        judged(view, judge)
    }
}

fn judge(view: &View<'_>, keep: &Keep, tally: &mut Tally<'_>) {
    let Some((saving, reply, id)) = kept(view, keep) else {
        tally.unknown(
            format!("{} kept nothing that could be read back", keep.call),
            None,
        );
        return;
    };
    let (first, _) = both(view, keep, &id);
    if tally.answer(&first).is_none() {
        return;
    }
    let Some((reading, read)) = settled(view, &first).filter(|(_, read)| is_success(read)) else {
        tally.unknown(format!("{} was not read back", keep.read), None);
        return;
    };
    let whole = read.body.end == End::Complete && reply.body.end == End::Complete;
    let (Some(read), Some(answer), true) = (read.body.json(), reply.body.json(), whole) else {
        tally.unknown(format!("{} is no whole JSON", keep.read), None);
        return;
    };
    let sent = keep.sent.iter().map(|pair| (&keep.body, "sent", pair));
    let answered = keep.answered.iter().map(|pair| (&answer, "answered", pair));
    for (from, how, (at, there)) in sent.chain(answered) {
        let Some(before) = from.pointer(at) else { continue };
        let after = read.pointer(there).unwrap_or(&Value::Null);
        if is_same(before, after) {
            continue;
        }
        let title = format!("{} gives back {there} otherwise than it was {how}", keep.read);
        let found = SPEC
            .finds(format!("{} {there}", keep.read), title)
            .expected(clean(&before.to_string(), 120))
            .actual(match read.pointer(there) {
                Some(after) => clean(&after.to_string(), 120),
                None => "it is not there".to_owned(),
            });
        tally.find(found.shown_by([reading, saving]));
    }
}

/// Whether two values mean the same in JSON (RFC 8259 §6: 1 and 1.0 are one number); objects may have gained members.
fn is_same(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Number(before), Value::Number(after)) => before.as_f64() == after.as_f64(),
        (Value::Array(before), Value::Array(after)) => {
            before.len() == after.len() && before.iter().zip(after).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(before), Value::Object(after)) => before
            .iter()
            .all(|(name, value)| after.get(name).is_some_and(|other| is_same(value, other))),
        _ => before == after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::journey::keeping_tests::{Answers, run};

    fn subjects(read: &'static str) -> Vec<String> {
        let answers = Answers {
            read,
            ..Answers::healthy()
        };
        match run(&KeptIsUnaltered, answers) {
            Judgement::Judged { findings, .. } => findings.into_iter().map(|found| found.subject).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_field_that_is_cut_renamed_or_emptied_is_told() {
        for read in [
            r#"{"text":"The kit","found":[{"is":1}]}"#,
            r#"{"txt":"The kitchen","found":[{"is":1}]}"#,
            r#"{"text":null,"found":[{"is":1}]}"#,
        ] {
            assert_eq!(subjects(read), ["GET /runs/{id} /text"], "{read}");
        }
        for read in [
            r#"{"text":"The kitchen","found":[]}"#,
            r#"{"text":"The kitchen"}"#,
            r#"{"text":"The kitchen","found":[{"is":2}]}"#,
        ] {
            assert_eq!(subjects(read), ["GET /runs/{id} /found"], "{read}");
        }
    }

    #[test]
    fn spares_what_is_the_same_and_says_more() {
        let more = r#"{"text":"The kitchen","found":[{"is":1.0,"since":"today"}],"id":"7","at":1}"#;
        assert_eq!(subjects(more), Vec::<String>::new());
    }
}
