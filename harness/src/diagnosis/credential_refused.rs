//! A credential that should be good is refused. Is it the credential, or is it the service? What the token says of
//! itself, and what the refusal says, tell most of the time.

use crate::check::text::clean;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::crashes::{Sender, sender};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Claims, Exchange, Reply};
use crate::model::finding::{Finding, Layer};

/// The cause.
pub struct CredentialRefused;

/// Clocks that differ by more than this explain a refusal, in seconds.
const SKEW: i64 = 60;

/// Why it was refused, as far as can be told.
struct Reason {
    statement: String,
    blame: Blame,
    confidence: Confidence,
    first_step: String,
}

impl Cause for CredentialRefused {
    fn id(&self) -> &'static str {
        "credential-refused"
    }

    fn about(&self) -> &'static str {
        "A credential that should be good is refused."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::ShutDoor,
            blames: &[Blame::Credential, Blame::Deploy],
            needs: "401 or 403 to the run's good credential, its claims and clock, and the words of the refusal.",
            likely: &[
                "The token of CI has expired, or is for another environment",
                "The signing key or the key set was rotated, and this deploy keeps the old one",
                "Audience or issuer differ by a slash, a scheme or an environment",
                "The clocks of issuer and service differ by more than the leeway",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("auth/good-credential-accepted");
        let refused = refused(case, &found);
        let (first, reply) = refused
            .iter()
            .find_map(|exchange| exchange.answer().map(|reply| (*exchange, reply)))?;
        if is_refused_for_its_page(case, first) {
            return None;
        }
        let claims = first
            .sent
            .as_ref()
            .and_then(|sent| sent.claims.clone())
            .unwrap_or_default();
        let reason = reason(case, first, reply, &claims);
        let mut evidence = words::seen(&refused);
        evidence.extend(of_itself(&claims));
        evidence.extend(skew(first, reply).map(|seconds| {
            format!(
                "the service's clock and the checker's differ by {}",
                length(seconds.abs())
            )
        }));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: reason.statement,
            blame: reason.blame,
            confidence: reason.confidence,
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                reason.first_step,
                format!(
                    "Read the service's log at {}{}: it knows why it refused",
                    words::clock(first),
                    words::request_id(first)
                ),
            ],
            explains: explained(found.into_iter().chain(follows(case, &refused))),
        })
    }
}

/// The refusals that the findings show.
fn refused<'c>(case: &Case<'c>, found: &[&Finding]) -> Vec<&'c Exchange> {
    let shown = |exchange: &&Exchange| {
        matches!(exchange.status(), Some(401 | 403))
            && found
                .iter()
                .any(|finding| finding.exchanges.contains(&exchange.id))
    };
    case.view.exchanges.iter().filter(shown).collect()
}

/// Whether the page is refused, not the credential: it gets 403 for what needs none.
fn is_refused_for_its_page(case: &Case<'_>, first: &Exchange) -> bool {
    let target = case.view.target;
    let protected = crate::check::asks::protected(target);
    first.status() == Some(403)
        && case.view.answers().any(|(exchange, reply)| {
            let operation = exchange.probe.operation();
            reply.status == 403
                && exchange.probe.page == first.probe.page
                && (exchange.probe.is_preflight()
                    || !protected.iter().any(|call| call.to_string() == operation))
        })
}

fn reason(case: &Case<'_>, first: &Exchange, reply: &Reply, claims: &Claims) -> Reason {
    let (operation, status) = (first.probe.operation(), reply.status);
    let now = first.at.as_second();
    if let Some(expires) = claims.expires.filter(|expires| *expires <= now) {
        return Reason {
            statement: format!(
                "The token that this run used expired {} ago; {operation} is right to refuse it",
                length(now.saturating_sub(expires))
            ),
            blame: Blame::Credential,
            confidence: Confidence::Certain,
            first_step: "Get a fresh token, best by a command that mints one for each run (--token-command)"
                .into(),
        };
    }
    if let Some(kind) = claims.kind.as_ref().filter(|kind| is_other_kind(kind)) {
        return Reason {
            statement: format!(
                "The token that this run used is a {} token; {operation} wants an access token",
                clean(kind, 20)
            ),
            blame: Blame::Credential,
            confidence: Confidence::Likely,
            first_step: "Use the access token, not the one beside it".into(),
        };
    }
    if let Some(issued) = claims.issued.filter(|issued| *issued > now + SKEW) {
        return Reason {
            statement: format!(
                "The token that this run used is {} younger than now: clocks differ, and {operation} refuses it",
                length(issued.saturating_sub(now))
            ),
            blame: Blame::Unknown,
            confidence: Confidence::Likely,
            first_step: "Compare the clocks of the issuer, the service and this machine".into(),
        };
    }
    if accepted_too(case, &operation) {
        return Reason {
            statement: format!(
                "{operation} accepts a good credential now and refuses it then (HTTP {status})"
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            first_step: "Compare the signing key of every instance: some hold another one".into(),
        };
    }
    as_told(&operation, reply, claims)
}

/// What the refusal says of itself.
fn as_told(operation: &str, reply: &Reply, claims: &Claims) -> Reason {
    let challenge = reply.header("www-authenticate").unwrap_or_default();
    let text = format!("{} {challenge}", reply.body.text()).to_ascii_lowercase();
    let status = reply.status;
    let other = |what: &str, value: &Option<String>| Reason {
        statement: format!("{operation} refuses the credential (HTTP {status}) for its {what}"),
        blame: Blame::Unknown,
        confidence: Confidence::Likely,
        first_step: match value {
            Some(value) => format!(
                "Compare the {what} that this deploy expects with the token's, {}: is the token for another environment?",
                clean(value, 80)
            ),
            None => format!("Give the token the {what} that this deploy expects"),
        },
    };
    if text.contains("audience") {
        return other("audience", &claims.audience);
    }
    if text.contains("issuer") {
        return other("issuer", &claims.issuer);
    }
    let expired = text.contains("expired") && claims.expires.is_none();
    if expired {
        return Reason {
            statement: format!(
                "{operation} says that the credential of this run has expired (HTTP {status})"
            ),
            blame: Blame::Credential,
            confidence: Confidence::Likely,
            first_step: "Get a fresh credential and run again".into(),
        };
    }
    let signature = text.contains("signature");
    Reason {
        statement: format!("{operation} refuses a credential that should be good (HTTP {status})"),
        blame: Blame::Deploy,
        confidence: if signature { Confidence::Likely } else { Confidence::Possible },
        first_step: "Compare the signing key, issuer, audience and clock of this deploy with those that the credential was \
                     made for"
            .into(),
    }
}

/// Whether a token is by its own word no access token. `JWT` and `at+jwt` (RFC 9068 §2.1) are.
fn is_other_kind(kind: &str) -> bool {
    matches!(
        kind.to_ascii_lowercase().as_str(),
        "refresh" | "refresh_token" | "id" | "id_token"
    )
}

/// Whether the same operation accepted the same credential another time.
fn accepted_too(case: &Case<'_>, operation: &str) -> bool {
    case.view.answers().any(|(exchange, reply)| {
        exchange.probe.operation() == operation
            && sender(case.view.target, &exchange.probe) == Sender::Good
            && (200..300).contains(&reply.status)
    })
}

/// What the token says of itself that may matter.
fn of_itself(claims: &Claims) -> Option<String> {
    let part = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!("{name} {}", clean(value, 80)))
    };
    let parts: Vec<String> = [
        part("algorithm", &claims.alg),
        part("issuer", &claims.issuer),
        part("audience", &claims.audience),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| format!("the token says of itself: {}", parts.join(", ")))
}

/// By how much the service's clock is ahead of ours, in seconds, when that is more than clocks may differ.
fn skew(exchange: &Exchange, reply: &Reply) -> Option<i64> {
    let date = jiff::fmt::rfc2822::parse(&reply.header("date")?).ok()?;
    let ahead = date.timestamp().as_second() - exchange.at.as_second();
    (ahead.abs() > SKEW).then_some(ahead)
}

/// A time in the largest unit that says enough.
fn length(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{s}")
}

/// What could not work without it.
fn follows<'c>(case: &Case<'c>, refused: &[&Exchange]) -> Vec<&'c Finding> {
    let about = case.about(refused).into_iter();
    about.filter(|finding| finding.layer == Layer::Journey).collect()
}

#[cfg(test)]
#[path = "credential_refused_tests.rs"]
mod tests;
