//! Judging the answers of the operation that turns speech into text: shared by the checks of the transcription role.

use crate::check::spec::Spec;
use crate::check::transcript::is_nonempty;
use crate::check::transcript::{Given, Heard, heard, words};
use crate::model::capture::End;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::Finding;
use crate::model::target::Transcription;

/// What a check says of the answer to something given: nothing, a finding, or why it cannot be told.
pub fn judge(
    spec: &Spec,
    role: &Transcription,
    given: &Given,
    exchange: &Exchange,
    reply: &Reply,
) -> Result<Vec<Finding>, String> {
    let call = &role.call;
    let what = &given.what;
    let found = |title: String, actual: String| {
        let found = spec
            .finds(format!("{call} with {what}"), title)
            .expected(format!("a 2xx answer with the text at {}", role.text_at))
            .actual(actual);
        Ok(vec![found.shown_by([exchange])])
    };
    match reply.status {
        429 => return Err(format!("{call} limits how often it may be called")),
        200..300 if reply.body.end != End::Complete => {
            return Err(format!("the answer of {call} was cut before its end"));
        }
        200..300 => {}
        status => {
            return found(
                format!("{call} answers HTTP {status} to {what}"),
                format!("HTTP {status}"),
            );
        }
    }
    let is_text = given.what == "text";
    let concepts = reply.body.json().and_then(|body| {
        let at = role.concepts_at.as_deref()?;
        Some(body.pointer(at).is_some_and(is_nonempty))
    });
    match heard(role, exchange, reply) {
        // Not every service repeats a text that it was given.
        Heard::Absent if is_text && concepts == Some(true) => {}
        Heard::Absent => {
            return found(
                format!(
                    "{call} answers {} to {what} without any text at {}",
                    reply.status, role.text_at
                ),
                "nothing there".to_owned(),
            );
        }
        Heard::Blank => {
            return found(
                format!("{call} answers {} to {what} with an empty text", reply.status),
                "an empty text".to_owned(),
            );
        }
        Heard::Text { text, hidden: false } if !has_half(&text, &given.words) => {
            return found(
                format!(
                    "{call} answers {} to {what} with other words than were in it",
                    reply.status
                ),
                format!("fewer than half of: {}", given.words.join(", ")),
            );
        }
        Heard::Text { .. } => {}
    }
    match (concepts, &role.concepts_at) {
        (Some(false), Some(at)) => found(
            format!(
                "{call} answers {} to {what} without any concepts at {at}",
                reply.status
            ),
            "none".to_owned(),
        ),
        _ => Ok(vec![]),
    }
}

/// Whether a text has at least half of these words. Recognisers differ in the rest.
fn has_half(text: &str, known: &[String]) -> bool {
    let said = words(text);
    let present = known.iter().filter(|word| said.contains(word)).count();
    present * 2 >= known.len()
}
