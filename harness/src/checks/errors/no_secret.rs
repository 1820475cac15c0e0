//! A health page that shows the beginning of a key, an error that quotes the provider's URL: secrets leave through
//! answers that nobody reads. What the redactor removed at capture is a fact on the exchange, and this rule reads it.

use crate::check::Rule;
use crate::check::served;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::contract::sample::serves_documentation;
use crate::model::exchange::{Exchange, Place, Redacted, Reply, SecretKind};
use crate::model::finding::{Finding, Layer, Severity, Verdict};
use crate::model::probe::Mutation;

/// The rule.
pub struct NoSecret;

static SPEC: Spec = Spec {
    id: "errors/no-secret",
    layer: Layer::Errors,
    title: "No answer gives a secret away",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "Keys, tokens, private keys and URLs with passwords must not stand in answers (CWE-200): logs, caches and \
                  browsers keep them, and the first characters of a key are enough to find the rest. Tokens in the answer \
                  of an operation that issues tokens are what it is for, and no leak.",
    hint: "Take it out of the answer, then change the secret: it has been shown.",
};

impl Rule for NoSecret {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer()?;
        let leaked = exchange
            .redacted
            .iter()
            .filter(|removed| is_leak(removed, exchange, reply, view));
        let mut findings: Vec<Finding> = Vec::new();
        for removed in leaked {
            let finding = finding(removed, exchange, reply);
            if !findings
                .iter()
                .any(|known| known.subject == finding.subject && known.title == finding.title)
            {
                findings.push(finding);
            }
        }
        Some(findings)
    }
}

fn finding(removed: &Redacted, exchange: &Exchange, reply: &Reply) -> Finding {
    let operation = exchange.probe.operation();
    let place = match &removed.place {
        Place::ReplyHeader(name) => format!("header {name}"),
        _ => "body".to_owned(),
    };
    let found = SPEC
        .finds(
            &operation,
            format!(
                "The HTTP {} of {operation} gives away {}",
                reply.status,
                removed.kind.name()
            ),
        )
        .expected("no secret")
        .actual(format!("{} in the {place}", removed.kind.name()));
    let found = if is_shown_to_its_owner(removed, exchange, reply) {
        found.severity(Severity::Minor).outcome(Verdict::Degraded)
    } else {
        found
    };
    found.shown_by([exchange])
}

fn is_leak(removed: &Redacted, exchange: &Exchange, reply: &Reply, view: &View<'_>) -> bool {
    let in_answer = matches!(removed.place, Place::ReplyBody | Place::ReplyHeader(_));
    in_answer
        && match removed.kind {
            SecretKind::CredentialHeader | SecretKind::Content | SecretKind::Email => false,
            SecretKind::Own | SecretKind::Jwt => {
                !issues_tokens(exchange, reply) && !is_example(removed, exchange, view)
            }
            SecretKind::ApiKey | SecretKind::UrlPassword => !is_example(removed, exchange, view),
            SecretKind::PrivateKey => true,
        }
}

/// Whether the operation hands out tokens: its path says so, or its answer is a token response (RFC 6749 §5.1).
fn issues_tokens(exchange: &Exchange, reply: &Reply) -> bool {
    if reply.status >= 400 {
        return false;
    }
    const WORDS: &[&str] = &[
        "token", "login", "refresh", "signin", "sign-in", "oauth", "session", "callback",
    ];
    let path = exchange.probe.path_text().to_ascii_lowercase();
    let path = path.split('?').next().unwrap_or_default();
    let named = path
        .split(['/', '-', '_', '.'])
        .any(|part| WORDS.contains(&part) || WORDS.contains(&part.trim_end_matches('s')));
    let response = reply
        .body
        .json()
        .is_some_and(|body| body.get("access_token").is_some() && body.get("token_type").is_some());
    named || path.contains("sign-in") || response
}

/// Whether it stands in documentation, where examples look like secrets. A value that the run holds is none.
fn is_example(removed: &Redacted, exchange: &Exchange, view: &View<'_>) -> bool {
    removed.kind != SecretKind::Own
        && (serves_documentation(exchange.probe.path_text())
            || served::probes(view.target).contains(&exchange.probe))
}

/// Whether a success shows a credential to nobody but the caller who sent it.
fn is_shown_to_its_owner(removed: &Redacted, exchange: &Exchange, reply: &Reply) -> bool {
    let sent = exchange
        .probe
        .who
        .as_ref()
        .is_some_and(|who| matches!(who.mutation, Mutation::AsIs | Mutation::LowerCaseScheme));
    removed.kind == SecretKind::Own && sent && reply.status < 400
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::model::probe::Probe;

    fn judged(probe: &Probe, status: u16, body: &str, place: Place, kind: SecretKind) -> Vec<Severity> {
        let target = target();
        let mut exchange = answered(1, probe, status, &[], body);
        exchange.redacted.push(Redacted {
            place,
            kind,
            length: 20,
        });
        let findings = NoSecret.judge(&exchange, &View::new(&target, None, &[], &[]));
        findings.unwrap().iter().map(|finding| finding.severity).collect()
    }

    #[test]
    fn a_key_on_a_health_page_is_found() {
        let health = asks::read("/ai/health");
        for kind in [
            SecretKind::ApiKey,
            SecretKind::UrlPassword,
            SecretKind::PrivateKey,
            SecretKind::Jwt,
        ] {
            assert_eq!(
                judged(&health, 200, "{}", Place::ReplyBody, kind),
                [Severity::Blocker]
            );
        }
    }

    #[test]
    fn our_own_credential_in_an_error_is_found() {
        let target = target();
        let probe = asks::proof(&target, &target.proofs[0]);
        assert_eq!(
            judged(&probe, 401, "", Place::ReplyBody, SecretKind::Own),
            [Severity::Blocker]
        );
        assert_eq!(
            judged(&probe, 200, "", Place::ReplyBody, SecretKind::Own),
            [Severity::Minor]
        );
        assert_eq!(
            judged(&asks::read("/x"), 200, "", Place::ReplyBody, SecretKind::Own),
            [Severity::Blocker]
        );
    }

    #[test]
    fn a_cookie_what_we_sent_and_kept_content_are_no_leak() {
        let read = asks::read("/x");
        let cookie = Place::ReplyHeader("set-cookie".into());
        assert_eq!(judged(&read, 200, "", cookie, SecretKind::CredentialHeader), []);
        let sent = Place::SentHeader("authorization".into());
        assert_eq!(judged(&read, 200, "", sent, SecretKind::Own), []);
        assert_eq!(judged(&read, 200, "", Place::ReplyBody, SecretKind::Content), []);
    }

    #[test]
    fn an_operation_that_issues_tokens_may_do_so_and_its_errors_may_not() {
        for path in ["/auth/login", "/oauth/token", "/auth/refresh", "/tokens"] {
            let read = asks::read(path);
            assert_eq!(
                judged(&read, 200, "{}", Place::ReplyBody, SecretKind::Jwt),
                [],
                "{path}"
            );
            assert_eq!(
                judged(&read, 400, "{}", Place::ReplyBody, SecretKind::Jwt),
                [Severity::Blocker]
            );
        }
        let response = r#"{"access_token":"[jwt:90]","token_type":"bearer"}"#;
        assert_eq!(
            judged(
                &asks::read("/me"),
                200,
                response,
                Place::ReplyBody,
                SecretKind::Jwt
            ),
            []
        );
    }

    #[test]
    fn an_example_in_the_documentation_is_no_leak_and_a_private_key_is() {
        let document = asks::read("/openapi.json");
        assert_eq!(
            judged(&document, 200, "{}", Place::ReplyBody, SecretKind::Jwt),
            []
        );
        assert_eq!(
            judged(&document, 200, "{}", Place::ReplyBody, SecretKind::ApiKey),
            []
        );
        assert_eq!(
            judged(&document, 200, "{}", Place::ReplyBody, SecretKind::PrivateKey),
            [Severity::Blocker]
        );
    }

    #[test]
    fn each_kind_of_secret_is_told_once_and_where_it_stood() {
        let target = target();
        let mut exchange = answered(1, &asks::read("/ai/health"), 200, &[], "{}");
        for (place, kind) in [
            (Place::ReplyBody, SecretKind::ApiKey),
            (Place::ReplyBody, SecretKind::ApiKey),
            (Place::ReplyHeader("x-debug".into()), SecretKind::PrivateKey),
        ] {
            exchange.redacted.push(Redacted {
                place,
                kind,
                length: 20,
            });
        }
        let findings = NoSecret
            .judge(&exchange, &View::new(&target, None, &[], &[]))
            .unwrap();
        let actual: Vec<&str> = findings.iter().map(|finding| finding.actual.as_str()).collect();
        assert_eq!(actual.len(), 2, "{actual:?}");
        assert!(actual[0].ends_with("in the body") && actual[1].ends_with("in the header x-debug"));
    }
}
