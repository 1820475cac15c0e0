//! Calls that may be repeated under an Idempotency-Key, and what is sent to see whether that is kept. Nothing here judges.

use serde_json::Value;

use crate::check::asks;
use crate::check::created::{is_success, writes};
use crate::check::keeping::{keeps, save};
use crate::check::once::{HEADER, takes_key};
use crate::check::view::View;
use crate::model::exchange::Reply;
use crate::model::probe::{Ask, Body, Mutation, Probe, Text, Who};
use crate::model::target::Call;

/// Tells the request of another caller, and the one with another body, from the repeat.
const APART: u16 = 2;

/// A call that may be repeated under a key.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// The operation.
    pub call: Call,
    /// The call without a key: the one that is known to work.
    plain: Probe,
    /// The call under a key of this run, for the first time.
    pub first: Probe,
    /// Another request under the same key: one word of its body is another.
    pub other: Option<Probe>,
    /// The same request under the same key, of somebody else.
    pub stranger: Option<Probe>,
    /// Where the answer holds what one result is told from another by.
    at: Vec<String>,
}

impl Keyed {
    /// The call under its key once more.
    pub fn repeat(&self) -> Probe {
        self.first.repeat(1)
    }

    /// What the result is known by.
    pub fn result(&self, reply: &Reply) -> Option<Vec<Option<Value>>> {
        let body = reply.body.json()?;
        Some(self.at.iter().map(|at| body.pointer(at).cloned()).collect())
    }

    /// Whether both answers did the work, and tell of the same result of it.
    pub fn is_same(&self, first: &Reply, second: &Reply) -> bool {
        let (first, again) = (self.result(first), self.result(second));
        let told = first.iter().flatten().any(Option::is_some);
        is_success(second) && told && first == again
    }
}

/// The good calls whose contract names the header, and of which one result can be told from another.
pub fn keyed(view: &View<'_>) -> Vec<Keyed> {
    let proofs = writes(view)
        .into_iter()
        .filter(|proof| !proof.expect.is_empty())
        .map(|proof| {
            let at = proof.expect.iter().map(|place| place.at.clone()).collect();
            (proof.call.clone(), asks::proof(view.target, proof), at)
        });
    let keeps = keeps(view)
        .into_iter()
        .map(|keep| (keep.call.clone(), save(view.target, keep), vec![keep.id.clone()]));
    let names_it = |call: &Call| {
        view.contract
            .is_some_and(|contract| takes_key(contract, call, view.target.base_path()))
    };
    proofs
        .chain(keeps)
        .enumerate()
        .filter(|(_, (call, ..))| names_it(call))
        .map(|(nth, (call, plain, at))| under_key(view, nth, call, plain, at))
        .collect()
}

fn under_key(view: &View<'_>, nth: usize, call: Call, plain: Probe, at: Vec<String>) -> Keyed {
    let mut first = plain.clone();
    let key = Text::Own(format!("idempotency-{nth}"));
    first.headers.push((HEADER.to_owned(), key));
    let other = altered(&first.body).map(|body| Probe {
        body,
        ..first.repeat(APART)
    });
    let auth = view.target.auth.as_ref();
    let somebody = auth.and_then(|auth| auth.other()).filter(|_| first.who.is_some());
    let stranger = somebody.map(|other| Probe {
        who: Some(Who {
            secret: other.name.clone(),
            mutation: Mutation::AsIs,
        }),
        ..first.repeat(APART)
    });
    Keyed {
        call,
        plain,
        first,
        other,
        stranger,
        at,
    }
}

/// What is asked of the calls of which the plain one has worked, each in its order: two creates of one thing at a time are each
/// other's conflict.
pub fn asks_of(view: &View<'_>) -> Vec<Ask> {
    let worked = |keyed: &Keyed| {
        view.answer(&keyed.plain)
            .is_some_and(|(_, reply)| is_success(reply))
    };
    let ready = keyed(view).into_iter().filter(worked);
    ready
        .map(|keyed| {
            let both = [keyed.first.clone(), keyed.repeat()].into_iter();
            Ask::Seq(both.chain(keyed.other).chain(keyed.stranger).collect())
        })
        .collect()
}

/// The body with its longest text longer by two words: another request of the same kind. None when it holds no text.
fn altered(body: &Body) -> Option<Body> {
    let Body::Json { value, inserts } = body else {
        return None;
    };
    let mut value = value.clone();
    let longest = longest(&value)?;
    if let Some(Value::String(text)) = value.pointer_mut(&longest) {
        text.push_str(" And again.");
    }
    Some(Body::Json {
        value,
        inserts: inserts.clone(),
    })
}

/// Where the longest text of a document is, the first of several. Only what was written to be read has a space in it: a name, a
/// language or a date with words behind it would be refused.
fn longest(value: &Value) -> Option<String> {
    let mut texts = Vec::new();
    collect(value, String::new(), &mut texts);
    let spoken = texts.iter().any(|(_, text)| text.contains(' '));
    texts.retain(|(_, text)| !spoken || text.contains(' '));
    let most = texts.iter().map(|(_, text)| text.len()).max()?;
    texts
        .into_iter()
        .find(|(_, text)| text.len() == most)
        .map(|(at, _)| at)
}

fn collect<'v>(value: &'v Value, at: String, texts: &mut Vec<(String, &'v str)>) {
    match value {
        Value::String(text) => texts.push((at, text)),
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(member, format!("{at}/{name}"), texts);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn another_request_differs_in_what_was_written_to_be_read() {
        let of = |value: Value| longest(&value);
        assert_eq!(
            of(json!({"language": "en-US-and-more", "text": "It is.", "output": {"note": "x"}})),
            Some("/text".to_owned())
        );
        assert_eq!(
            of(json!({"a/b": {"name": "book"}})),
            Some("/a~1b/name".to_owned())
        );
        assert_eq!(of(json!({"count": 3})), None);
    }
}
