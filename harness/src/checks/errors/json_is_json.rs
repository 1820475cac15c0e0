//! What says that it is JSON must be JSON: a client's parser knows no half.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::capture::End;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct JsonIsJson;

static SPEC: Spec = Spec {
    id: "errors/json-is-json",
    layer: Layer::Errors,
    title: "What is called JSON is JSON",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "NaN and Infinity have no place in JSON (RFC 8259 §6), and some encoders write them all the same: a mean over \
                  nothing, a score that could not be computed, and every client fails to read the whole answer behind a 200. \
                  Bodies that were cut are not judged.",
    hint: "Make the encoder strict (allow_nan=False in Python), and write null where a number could not be computed.",
};

impl Rule for JsonIsJson {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer()?;
        // An error that is none either is the error's business: what crashed wrote it.
        let judged = (200..300).contains(&reply.status)
            && reply.is_json()
            && reply.body.end == End::Complete
            && reply.body.undecodable.is_none()
            // As to a HEAD, or with 204.
            && !reply.body.bytes.is_empty();
        if !judged {
            return None;
        }
        let text = reply.body.text();
        if reply.body.json().is_some() || is_json_but_for_surrogates(&text) {
            return Some(vec![]);
        }
        let operation = exchange.probe.operation();
        let token = not_a_number(&text);
        let title = match token {
            Some(token) => format!("{operation} writes {token} into its answer, which JSON cannot carry"),
            None => format!("{operation} answers with a body that is called JSON and is none"),
        };
        let found = SPEC
            .finds(&operation, title)
            .expected("a body that a JSON parser reads")
            .actual(clean(&text, 120));
        Some(vec![found.shown_by([exchange])])
    }
}

/// Whether all that a parser minds is half of a surrogate pair in an escape: the grammar allows it (RFC 8259 §8.2), and
/// whoever sent it gets it back.
fn is_json_but_for_surrogates(text: &str) -> bool {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        let half = rest.get(at + 2..at + 4).is_some_and(|hex| {
            let hex = hex.as_bytes();
            hex[0].eq_ignore_ascii_case(&b'd')
                && matches!(hex[1].to_ascii_lowercase(), b'8' | b'9' | b'a'..=b'f')
        });
        mended.push_str(&rest[..at]);
        mended.push_str(if half { "\\u00" } else { &rest[at..at + 2] });
        rest = &rest[at + if half { 4 } else { 2 }..];
    }
    mended.push_str(rest);
    serde_json::from_str::<serde::de::IgnoredAny>(&mended).is_ok()
}

/// The word that stands where a number should, outside of strings, when the rest is JSON.
fn not_a_number(text: &str) -> Option<&'static str> {
    let mut mended = String::with_capacity(text.len());
    let (mut within, mut escaped, mut found) = (false, false, None);
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let token = ["-Infinity", "Infinity", "NaN"]
            .into_iter()
            .find(|token| !within && rest.starts_with(token));
        if let Some(token) = token {
            found = found.or(Some(token));
            mended.push_str("null");
            rest = &rest[token.len()..];
            continue;
        }
        within ^= next == '"' && !escaped;
        escaped = within && next == '\\' && !escaped;
        mended.push(next);
        rest = &rest[next.len_utf8()..];
    }
    found.filter(|_| serde_json::from_str::<serde_json::Value>(&mended).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::model::exchange::{Outcome, Reply};

    fn titles(body: &str) -> Vec<String> {
        let exchange = answered(
            1,
            &asks::read("/stats"),
            200,
            &[("content-type", "application/json")],
            body,
        );
        let found = JsonIsJson.judge(&exchange, &View::new(&target(), None, &[], &[]));
        found.unwrap().into_iter().map(|finding| finding.title).collect()
    }

    #[test]
    fn only_a_whole_readable_success_that_is_called_json_is_judged() {
        let json = [("content-type", "application/json")];
        let answer = |status, headers: &[(&str, &str)], body: &str| {
            answered(1, &asks::read("/stats"), status, headers, body)
        };
        let judged = |exchange: &Exchange| {
            JsonIsJson
                .judge(exchange, &View::new(&target(), None, &[], &[]))
                .is_some()
        };
        let changed = |change: fn(&mut Reply)| {
            let mut exchange = answer(200, &json, "{");
            let Outcome::Answered(reply) = &mut exchange.reply else {
                panic!("it was answered");
            };
            change(reply);
            exchange
        };
        assert!(judged(&answer(200, &json, "{")));
        assert!(!judged(&answer(199, &json, "{")) && !judged(&answer(300, &json, "{")));
        assert!(!judged(&answer(200, &[("content-type", "text/plain")], "{")));
        assert!(!judged(&answer(200, &json, "")));
        assert!(!judged(&changed(|reply| reply.body.end = End::Cut)));
        assert!(!judged(&changed(
            |reply| reply.body.undecodable = Some("not gzip".into())
        )));
    }

    #[test]
    fn numbers_that_are_none_are_named() {
        assert_eq!(
            titles(r#"{"mean": NaN}"#),
            ["GET /stats writes NaN into its answer, which JSON cannot carry"]
        );
        assert!(titles(r#"{"best": -Infinity}"#)[0].contains("-Infinity"));
        assert!(titles("{").first().unwrap().contains("is none"));
    }

    #[test]
    fn the_words_inside_a_string_are_no_numbers() {
        assert_eq!(
            titles(r#"{"said": "NaN and \"Infinity\""}"#),
            Vec::<String>::new()
        );
        assert_eq!(not_a_number(r#"{"said": "NaN"#), None);
    }

    #[test]
    fn half_a_surrogate_pair_that_is_given_back_is_json() {
        assert!(is_json_but_for_surrogates(
            r#"{"summary":"a\ud83db","x":"\u00e4\uDC00"}"#
        ));
        assert!(!is_json_but_for_surrogates(r#"{"summary":"a\ud83db", x}"#));
        assert!(!is_json_but_for_surrogates("\\u"));
        assert!(is_json_but_for_surrogates(r#"["\u00e9", "\u0cd8 \ud8ff"]"#));
        assert!(
            !is_json_but_for_surrogates(r#"["\ud8"]"#),
            "the escape is cut short"
        );
        assert!(!is_json_but_for_surrogates(r#"["\udxff"]"#) && !is_json_but_for_surrogates(r#"["\ux8ff"]"#));
    }
}
