//! A token that never dies is a password that nobody can change.

use jiff::Timestamp;

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::auth::control;
use crate::checks::auth::stance::Stance;
use crate::checks::auth::trial::{Outcome, Trial};
use crate::model::exchange::Exchange;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Mutation, SecretName, Who};
use crate::model::target::{Auth, Environment, Target};

/// The check.
pub struct ExpiredCredentialRefused;

static SPEC: Spec = Spec {
    id: "auth/expired-credential-refused",
    layer: Layer::Auth,
    title: "An expired credential is refused",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A token is not accepted on or after its expiry (RFC 7519 §4.1.4). Where that is not checked, every token \
                  that ever leaked is good for ever, and logging out or leaving the company changes nothing.",
    hint: "Check `exp` with a leeway of seconds, not of hours, and require that it is there.",
};

/// How long after its expiry a token may still be accepted for the sake of clocks that differ, in seconds.
const LEEWAY: i64 = 300;

impl Check for ExpiredCredentialRefused {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        if view.target.environment == Environment::Production {
            return Vec::new();
        }
        trials(view.target)
            .iter()
            .flat_map(|trial| {
                let second = trial.ask_second_with_care(view);
                trial.ask_first(view).into_iter().chain(second)
            })
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(auth) = &view.target.auth else {
            return Judgement::NotApplicable(
                "the profile has no [auth]: no call is known to need a credential".into(),
            );
        };
        if credential(auth).is_none() {
            return Judgement::skipped(
                "it needs a credential that has expired, and none was given",
                Some(&auth.supply_expired),
            );
        }
        if view.target.environment == Environment::Production {
            return Judgement::skipped(
                "production sees no other bad credentials than made-up and halved ones",
                Some("--environment staging"),
            );
        }
        let mut tally = Tally::new(view);
        for trial in trials(view.target) {
            judge(view, &trial, &mut tally);
        }
        tally.done()
    }
}

/// The credential that has expired: the one that was given, else one that the signing secret makes.
fn credential(auth: &Auth) -> Option<(SecretName, Mutation)> {
    let given = auth
        .expired()
        .map(|expired| (expired.name.clone(), Mutation::AsIs));
    given.or_else(|| {
        auth.signing.as_ref()?;
        Some((auth.good()?.name.clone(), Mutation::Expired))
    })
}

fn trials(target: &Target) -> Vec<Trial> {
    let Some((secret, mutation)) = target.auth.as_ref().and_then(credential) else {
        return Vec::new();
    };
    let trial = |call| Trial {
        call,
        who: Some(Who {
            secret: secret.clone(),
            mutation,
        }),
    };
    asks::protected(target).into_iter().map(trial).collect()
}

fn judge(view: &View<'_>, trial: &Trial, tally: &mut Tally<'_>) {
    let call = &trial.call;
    match trial.outcome(view) {
        Outcome::Said(exchange, ..) if !has_expired(exchange) => {
            let reason = "the credential that is said to have expired has not, or only just now";
            tally.unknown(reason, None);
        }
        Outcome::Said(exchange, reply, Stance::Accepted) => {
            tally.judged(exchange);
            let found = SPEC
                .finds(
                    call.to_string(),
                    format!("{call} accepts a credential that has expired{}", ago(exchange)),
                )
                .expected("HTTP 401")
                .actual(format!("HTTP {}", reply.status));
            tally.find(found.shown_by([exchange]));
        }
        Outcome::Said(_, _, Stance::Unclear(reason)) => tally.unknown(format!("{call}: {reason}"), None),
        Outcome::Said(_, _, Stance::WebPage) => tally.unknown(format!("{call}: a web page answers"), None),
        Outcome::Said(..) if control::control(view, call).is_refused() => {
            let reason =
                format!("{call} refuses a good credential too, so refusing an expired one shows nothing");
            tally.missing(reason, None);
        }
        Outcome::Said(exchange, ..) => tally.judged(exchange),
        Outcome::Open(reason, flag) => tally.unknown(reason, flag.as_deref()),
        Outcome::NotAsked if trial.is_open_to_all(view) => {
            tally.missing(
                format!("{call} lets everybody in, so no credential was tried"),
                None,
            );
        }
        Outcome::NotAsked => {}
    }
}

/// Whether it expired so long ago that no leeway excuses it. A credential that does not say is taken at its owner's word.
fn has_expired(exchange: &Exchange) -> bool {
    since_expiry(exchange).is_none_or(|seconds| seconds > LEEWAY)
}

fn since_expiry(exchange: &Exchange) -> Option<i64> {
    let expires = exchange.sent.as_ref()?.claims.as_ref()?.expires?;
    Some(exchange.at.as_second().saturating_sub(expires))
}

fn ago(exchange: &Exchange) -> String {
    let when = since_expiry(exchange).map(|_| exchange.sent.as_ref()?.claims.as_ref()?.expires);
    let when = when
        .flatten()
        .and_then(|expires| Timestamp::from_second(expires).ok());
    when.map(|when| format!(", on {}", when.strftime("%Y-%m-%d")))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, call, target};
    use crate::model::exchange::Claims;
    use crate::model::target::CredentialFacts;

    const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
    const BROKEN: &str = r#"{"detail":"The body is not JSON"}"#;

    fn with_expired() -> Target {
        let mut target = target();
        target.auth.as_mut().unwrap().credentials.push(CredentialFacts {
            name: SecretName("expired".into()),
            expired: true,
            jwt: true,
            from: "the test".into(),
        });
        target
    }

    fn seen(status: u16, expires: i64) -> Vec<Exchange> {
        let target = with_expired();
        let mut expired = answered(1, &trials(&target)[0].first(&target), status, JSON, BROKEN);
        expired.at = Timestamp::from_second(1_000_000).unwrap();
        expired.sent.as_mut().unwrap().claims = Some(Claims {
            expires: Some(expires),
            ..Claims::default()
        });
        let good = asks::inert(&target, &call(), Some(Mutation::AsIs));
        let nobody = asks::inert(&target, &call(), None);
        vec![
            expired,
            answered(2, &good, 400, JSON, BROKEN),
            answered(3, &nobody, 401, JSON, "{}"),
        ]
    }

    fn judged(seen: &[Exchange]) -> Judgement {
        let target = with_expired();
        ExpiredCredentialRefused.judge(&View::new(&target, None, seen, &[]))
    }

    #[test]
    fn an_expired_token_that_gets_as_far_as_a_good_one_is_found() {
        for status in [400, 200] {
            let judgement = judged(&seen(status, 10));
            assert!(
                matches!(&judgement, Judgement::Judged { findings, .. } if findings.len() == 1 && findings[0].title.ends_with("expired, on 1970-01-01")),
                "{judgement:?}"
            );
        }
    }

    #[test]
    fn a_refused_one_is_healthy() {
        assert!(matches!(judged(&seen(401, 10)), Judgement::Judged { findings, .. } if findings.is_empty()));
    }

    #[test]
    fn a_token_within_the_leeway_or_still_good_proves_nothing() {
        for expires in [999_990, 2_000_000] {
            assert!(matches!(judged(&seen(200, expires)), Judgement::Unable(unseen) if !unseen.on_purpose));
        }
    }

    #[test]
    fn without_an_expired_credential_it_names_what_supplies_one() {
        let target = target();
        let judgement = ExpiredCredentialRefused.judge(&View::new(&target, None, &[], &[]));
        assert!(
            matches!(judgement, Judgement::Unable(unseen) if unseen.flag.as_deref() == Some("GREENLIGHT_EXPIRED_TOKEN"))
        );
    }

    #[test]
    fn production_is_not_asked() {
        let mut target = with_expired();
        target.environment = Environment::Production;
        let view = View::new(&target, None, &[], &[]);
        assert_eq!(ExpiredCredentialRefused.ask(&view), []);
        assert!(
            matches!(ExpiredCredentialRefused.judge(&view), Judgement::Unable(unseen) if unseen.on_purpose)
        );
    }
}
