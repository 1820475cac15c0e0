//! JSON between systems is UTF-8. In any other encoding it breaks with the first accent.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::capture::End;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct JsonIsUtf8;

static SPEC: Spec = Spec {
    id: "http/json-is-utf8",
    layer: Layer::Http,
    title: "JSON is encoded as UTF-8",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "JSON that leaves a system must be UTF-8 (RFC 8259 §8.1), and no charset parameter changes that: browsers \
                  read it as UTF-8 whatever it says. In ISO 8859-1 all tests in plain English pass, and the first name with \
                  an accent is a parse error or a black diamond.",
    hint: "Write JSON with the library's own encoder, and look for a default charset of the platform on the way out.",
};

impl Rule for JsonIsUtf8 {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer().filter(|reply| reply.is_json())?;
        let body = &reply.body;
        if body.end != End::Complete || body.undecodable.is_some() || body.bytes.is_empty() {
            return None;
        }
        let Some(actual) = defect(&body.bytes) else {
            return Some(vec![]);
        };
        let operation = exchange.probe.operation();
        let found = SPEC
            .finds(
                &operation,
                format!("The JSON of {operation} is not encoded as UTF-8"),
            )
            .expected("UTF-8")
            .actual(actual);
        Some(vec![found.shown_by([exchange])])
    }
}

/// Where the bytes stop being UTF-8, with what stands before.
fn defect(bytes: &[u8]) -> Option<String> {
    if let Err(error) = std::str::from_utf8(bytes) {
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        let from = at.saturating_sub(20);
        let before = String::from_utf8_lossy(bytes.get(from..at).unwrap_or_default()).into_owned();
        return Some(format!("byte {byte:#04x} after \"{}\"", clean(&before, 24)));
    }
    // UTF-16 of plain English is valid UTF-8, with a NUL beside every letter, which JSON text never holds.
    bytes.contains(&0).then(|| "a NUL byte, as in UTF-16".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::model::capture::Captured;
    use crate::model::exchange::Outcome;

    fn judged(media_type: &str, bytes: &[u8]) -> Option<usize> {
        let target = target();
        let mut exchange = answered(1, &asks::read("/x"), 200, &[("content-type", media_type)], "");
        if let Outcome::Answered(reply) = &mut exchange.reply {
            reply.body = Captured::complete(bytes.to_vec());
        }
        let found = JsonIsUtf8.judge(&exchange, &View::new(&target, None, &[], &[]));
        found.map(|found| found.len())
    }

    #[test]
    fn other_encodings_are_found() {
        assert_eq!(
            judged("application/json; charset=iso-8859-1", b"{\"a\":\"caf\xe9\"}"),
            Some(1)
        );
        assert_eq!(judged("application/problem+json", b"{\0}\0"), Some(1));
    }

    #[test]
    fn spares_utf_8_a_wrong_label_on_it_and_what_is_no_json() {
        assert_eq!(
            judged(
                "application/json; charset=iso-8859-1",
                "{\"a\":\"café\"}".as_bytes()
            ),
            Some(0)
        );
        assert_eq!(judged("text/plain; charset=iso-8859-1", b"caf\xe9"), None);
    }
}
