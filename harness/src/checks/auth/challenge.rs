//! A 401 without a challenge is a closed door without a sign: clients cannot tell how to log in, nor whether to try again.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Mutation;
use crate::model::target::{Scheme, Target};

/// The rule.
pub struct Challenge;

static SPEC: Spec = Spec {
    id: "auth/challenge",
    layer: Layer::Auth,
    title: "Every 401 says how to authenticate",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A 401 must carry WWW-Authenticate (RFC 9110 §15.5.2, §11.6.1). Libraries read it to decide between \
                  logging in, refreshing a token and giving up; for a bearer token that is not good it says \
                  error=\"invalid_token\" (RFC 6750 §3.1).",
    hint: "Answer 401 with `WWW-Authenticate: Bearer`, and with `error=\"invalid_token\"` when there was a token.",
};

impl Rule for Challenge {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer().filter(|reply| reply.status == 401)?;
        if exchange.probe.is_preflight() {
            return None;
        }
        let operation = exchange.probe.operation();
        let challenges: Vec<String> = reply.values("www-authenticate").collect();
        let found = if challenges.is_empty() {
            let found = SPEC
                .finds(
                    &operation,
                    format!("The 401 of {operation} does not say how to authenticate"),
                )
                .expected("WWW-Authenticate")
                .actual("no such header");
            found.severity(severity(view.target))
        } else if lacks_the_error(exchange, reply, view.target) {
            SPEC.finds(
                format!("{operation} invalid_token"),
                format!("The 401 of {operation} does not tell a bad token from a missing one"),
            )
            .expected("error=\"invalid_token\" in WWW-Authenticate")
            .actual("a challenge without an error")
        } else {
            return Some(vec![]);
        };
        Some(vec![found.shown_by([exchange])])
    }
}

/// No registered scheme stands for an API key, so services that take one have nothing standard to say.
fn severity(target: &Target) -> Severity {
    match target.auth.as_ref().map(|auth| &auth.scheme) {
        Some(Scheme::ApiKey { .. }) => Severity::Advisory,
        Some(Scheme::Bearer | Scheme::Basic) | None => Severity::Minor,
    }
}

/// Whether a bearer token came, and the challenge is that of a request without one.
fn lacks_the_error(exchange: &Exchange, reply: &Reply, target: &Target) -> bool {
    let bearer = target
        .auth
        .as_ref()
        .is_some_and(|auth| auth.scheme == Scheme::Bearer);
    // No bearer token came when there was none, when it was sent elsewhere, or under a scheme that nobody knows.
    let nowhere = [Mutation::Empty, Mutation::OtherScheme];
    let who = exchange.probe.who.as_ref();
    let token =
        who.is_some_and(|who| !nowhere.contains(&who.mutation) && who.mutation.query_member().is_none());
    let mut challenges = reply
        .values("www-authenticate")
        .map(|value| value.to_ascii_lowercase());
    bearer && token && challenges.any(|value| value.starts_with("bearer") && !value.contains("error"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, call, target};

    fn judged(mutation: Option<Mutation>, headers: &[(&str, &str)]) -> Vec<Severity> {
        let target = target();
        let exchange = answered(1, &asks::inert(&target, &call(), mutation), 401, headers, "{}");
        let seen = [exchange.clone()];
        let findings = Challenge.judge(&exchange, &View::new(&target, None, &seen, &[]));
        findings.unwrap().iter().map(|finding| finding.severity).collect()
    }

    #[test]
    fn a_401_without_a_challenge_is_found() {
        assert_eq!(judged(None, &[]), [Severity::Minor]);
    }

    #[test]
    fn a_challenge_in_any_spelling_is_enough() {
        for value in [
            "Bearer",
            "bearer realm=\"notes\"",
            "Basic realm=\"x\", Bearer",
            "ApiKey",
        ] {
            assert_eq!(judged(None, &[("www-authenticate", value)]), []);
        }
    }

    #[test]
    fn a_bad_token_should_be_told_from_a_missing_one() {
        let garbage = Some(Mutation::Garbage);
        assert_eq!(
            judged(garbage, &[("www-authenticate", "Bearer")]),
            [Severity::Minor]
        );
        let told = "Bearer realm=\"notes\", error=\"invalid_token\"";
        assert_eq!(judged(garbage, &[("www-authenticate", told)]), []);
        for nowhere in [
            Mutation::Empty,
            Mutation::OtherScheme,
            Mutation::InQuery,
            Mutation::InQueryToken,
        ] {
            assert_eq!(judged(Some(nowhere), &[("www-authenticate", "Bearer")]), []);
        }
    }

    #[test]
    fn other_answers_are_not_its_business() {
        let target = target();
        let exchange = answered(1, &asks::inert(&target, &call(), None), 403, &[], "");
        let seen = [exchange.clone()];
        assert_eq!(
            Challenge.judge(&exchange, &View::new(&target, None, &seen, &[])),
            None
        );
    }
}
