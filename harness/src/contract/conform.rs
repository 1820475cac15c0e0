//! Holds one answer against the contract. Pure: the same contract and the same bytes give the same judgement.

use serde_json::Value;

use crate::contract::drift::{Drift, MAX_DRIFTS};
use crate::contract::find::NotFound;
use crate::contract::load::Contract;
use crate::contract::media::{self, MediaType};
use crate::contract::operation::{MediaSpec, Operation, ResponseSpec};
use crate::contract::sample;
use crate::contract::schema::Direction;
use crate::contract::text;
use crate::model::capture::Octets;

/// An answer, and what it answers.
#[derive(Debug, Clone, Copy)]
pub struct ResponseView<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's path; a query is ignored.
    pub path: &'a str,
    /// The path of the target's base URL, or `""`; see [`Contract::find`].
    pub base_path: &'a str,
    /// The status.
    pub status: u16,
    /// The header fields as they came.
    pub headers: &'a [(Octets, Octets)],
    /// The body.
    pub body: BodyView<'a>,
    /// JSON Pointers of body values that a placeholder of the same kind and length took the place of.
    pub redacted: &'a [String],
}

/// A body, content coding undone.
#[derive(Debug, Clone, Copy)]
pub struct BodyView<'a> {
    /// The bytes that were kept.
    pub bytes: &'a [u8],
    /// Whether these are all of it.
    pub complete: bool,
}

/// What became of holding an answer against the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conformance {
    /// The answer is what the contract promises.
    Conforms,
    /// It is not, in these ways: at most [`MAX_DRIFTS`], never none, in order of their places.
    Drifts(Vec<Drift>),
    /// As far as it was seen it conforms, and the rest was not seen. Neither a pass nor a failure.
    Inconclusive(String),
    /// The contract says nothing about this answer, or nothing that can be used.
    NotJudged(String),
}

/// Holds an answer against the contract: operation, status, headers, media type, body.
///
/// Whether a 5xx is acceptable is not decided here: a document may list 500, and law 1 knows better.
pub fn judge_response(contract: &Contract, view: &ResponseView<'_>) -> Conformance {
    let operation = match contract.find(view.method, view.path, view.base_path) {
        Ok(found) => found.operation,
        Err(not_found) => return judge_undocumented(view, &not_found),
    };
    let Some(spec) = operation.response(view.status) else {
        return Conformance::Drifts(vec![undocumented_status(operation, view.status)]);
    };
    let mut drifts = missing_headers(spec, view);
    let open = judge_body(contract, spec, view, &mut drifts);
    drifts.truncate(MAX_DRIFTS);
    match (drifts.is_empty(), open) {
        (false, _) => Conformance::Drifts(drifts),
        (true, Some(Open::Unseen(reason))) => Conformance::Inconclusive(reason),
        (true, Some(Open::Unusable(reason))) => Conformance::NotJudged(reason),
        (true, None) => Conformance::Conforms,
    }
}

/// What was left open about a body.
enum Open {
    /// It was not seen whole.
    Unseen(String),
    /// The contract cannot be used on it.
    Unusable(String),
}

/// Only an undocumented operation that works is drift. A 404, 405 or 401 to a request that the contract does not know
/// is what one would expect, and a crash is another rule's to report.
fn judge_undocumented(view: &ResponseView<'_>, not_found: &NotFound) -> Conformance {
    let path = text::safe(view.path.split('?').next().unwrap_or_default(), 80);
    if view.method == "OPTIONS" {
        return Conformance::NotJudged(
            "a preflight is answered for the route, not by a documented operation".to_owned(),
        );
    }
    if !(200..300).contains(&view.status) {
        return Conformance::NotJudged(format!("{} {path} is not documented", view.method));
    }
    if sample::serves_documentation(view.path) {
        return Conformance::NotJudged(
            "a service's own documentation is not part of its contract".to_owned(),
        );
    }
    let (pointer, expected) = match not_found {
        NotFound::UnknownPath => ("/paths".to_owned(), "only documented paths to work".to_owned()),
        NotFound::OtherMethods { template, methods } => (
            crate::contract::place::push("/paths", template),
            format!("{} on {}", methods.join(" or "), text::safe(template, 80)),
        ),
    };
    let actual = format!("{} to {} {path}", view.status, text::safe(view.method, 20));
    Conformance::Drifts(vec![Drift::whole(
        "operation-undocumented",
        &pointer,
        &expected,
        &actual,
    )])
}

fn undocumented_status(operation: &Operation, status: u16) -> Drift {
    let rule = match status {
        500.. => "status-undocumented-5xx",
        400..500 => "status-undocumented-4xx",
        _ => "status-undocumented",
    };
    let documented = operation
        .responses
        .iter()
        .map(|response| response.status.to_string());
    let documented = documented.collect::<Vec<_>>().join(", ");
    let documented = if documented.is_empty() {
        "no status".to_owned()
    } else {
        documented
    };
    let expected = format!("{documented} as documented for {}", operation.name());
    Drift::whole(
        rule,
        &format!("{}/responses", operation.pointer),
        &expected,
        &format!("status {status}"),
    )
}

fn missing_headers(spec: &ResponseSpec, view: &ResponseView<'_>) -> Vec<Drift> {
    let is_there = |name: &str| {
        view.headers
            .iter()
            .any(|(seen, _)| seen.0.eq_ignore_ascii_case(name.as_bytes()))
    };
    let missing = spec
        .headers
        .iter()
        .filter(|header| header.required && !is_there(&header.name));
    missing
        .map(|header| {
            let expected = format!("the header `{}`", text::safe(&header.name, 80));
            Drift::whole("header-missing", &header.pointer, &expected, "no such header")
        })
        .collect()
}

fn judge_body(
    contract: &Contract,
    spec: &ResponseSpec,
    view: &ResponseView<'_>,
    drifts: &mut Vec<Drift>,
) -> Option<Open> {
    // No body follows these (RFC 9110 §9.3.2, §15.3.5, §15.4.5); without `content` none is described.
    if view.method == "HEAD" || matches!(view.status, 204 | 304) || spec.media.is_empty() {
        return None;
    }
    if view.body.bytes.is_empty() {
        if !view.body.complete {
            return Some(Open::Unseen("no byte of the body was kept".to_owned()));
        }
        let expected = format!("a body of {}", names(spec));
        drifts.push(Drift::whole(
            "body-missing",
            &spec.pointer,
            &expected,
            "an empty body",
        ));
        return None;
    }
    let media = judge_label(spec, view, drifts)?;
    if !MediaType::parse(&media.media_type)
        .is_some_and(|media| media.is_json() || media.to_string().contains('*'))
    {
        return None;
    }
    judge_json(contract, media, view, drifts)
}

/// The documented media type to hold the body against. A wrong label does not end the matter when JSON is the only
/// thing documented and the body is JSON: what stands in it is worth knowing too.
fn judge_label<'a>(
    spec: &'a ResponseSpec,
    view: &ResponseView<'_>,
    drifts: &mut Vec<Drift>,
) -> Option<&'a MediaSpec> {
    let label = view
        .headers
        .iter()
        .find(|(name, _)| name.0.eq_ignore_ascii_case(b"content-type"));
    let label = label.map(|(_, value)| value.text());
    let seen = label.as_deref().and_then(MediaType::parse);
    if let Some(media) = seen.as_ref().and_then(|seen| media::choose(&spec.media, seen)) {
        let is_range = media.media_type.contains('*');
        return (!is_range || seen.is_some_and(|seen| seen.is_json())).then_some(media);
    }
    let is_json = view.body.complete && serde_json::from_slice::<Value>(view.body.bytes).is_ok();
    let looks = if is_json {
        "the body is JSON"
    } else {
        "the body begins"
    };
    let begins = if is_json {
        String::new()
    } else {
        format!(" \"{}\"", text::excerpt(view.body.bytes))
    };
    let (rule, actual) = match &label {
        Some(label) => (
            "content-type-wrong",
            format!("Content-Type {}; {looks}{begins}", text::safe(label, 60)),
        ),
        None => (
            "content-type-missing",
            format!("no Content-Type; {looks}{begins}"),
        ),
    };
    drifts.push(Drift::whole(rule, &spec.pointer, &names(spec), &actual));
    let json = |media: &&MediaSpec| MediaType::parse(&media.media_type).is_some_and(|media| media.is_json());
    let mut documented = spec.media.iter().filter(json);
    match (documented.next(), documented.next()) {
        (Some(only), None) if is_json => Some(only),
        _ => None,
    }
}

fn names(spec: &ResponseSpec) -> String {
    let names = spec.media.iter().map(|media| text::safe(&media.media_type, 60));
    names.collect::<Vec<_>>().join(" or ")
}

fn judge_json(
    contract: &Contract,
    media: &MediaSpec,
    view: &ResponseView<'_>,
    drifts: &mut Vec<Drift>,
) -> Option<Open> {
    if !view.body.complete {
        return Some(Open::Unseen(
            "the body was not kept whole, so its shape cannot be judged".to_owned(),
        ));
    }
    // Browsers drop a byte order mark before they parse (Fetch §5.2, `json()` decodes as UTF-8).
    let bytes = view
        .body
        .bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(view.body.bytes);
    let value = match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => value,
        Err(error) => return not_json(media, view, &error, drifts),
    };
    let schema = media.schema.as_deref()?;
    match contract.violations(schema, Direction::Response, &value, view.redacted) {
        Ok(violations) => drifts.extend(violations.into_iter().map(Drift::from)),
        Err(unusable) => return Some(Open::Unusable(unusable.to_string())),
    }
    None
}

fn not_json(
    media: &MediaSpec,
    view: &ResponseView<'_>,
    error: &serde_json::Error,
    drifts: &mut Vec<Drift>,
) -> Option<Open> {
    let why = error.to_string();
    // JSON sets no bound on nesting or on numbers (RFC 8259 §9); these two are ours.
    if why.starts_with("recursion limit exceeded") || why.starts_with("number out of range") {
        return Some(Open::Unseen(format!(
            "the body goes beyond what is read here: {why}"
        )));
    }
    let actual = format!("\"{}\", {why}", text::excerpt(view.body.bytes));
    drifts.push(Drift::whole("body-not-json", &media.pointer, "JSON", &actual));
    None
}
