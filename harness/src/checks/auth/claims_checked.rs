//! A signature says who made a token, its claims say what for. A service that verifies the one and skips the others takes
//! the token of a neighbour, of yesterday's server, or of the logout that never happened.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Found, Spec, Suite};
use crate::check::view::View;
use crate::checks::auth::place;
use crate::checks::auth::spoilt_credential_refused::{name, subject};
use crate::checks::auth::stance::Stance;
use crate::checks::auth::trial::{Outcome, Trial};
use crate::model::exchange::Claims;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Mutation, Who};
use crate::model::target::{Auth, Call, Environment};

/// The check.
pub struct ClaimsChecked;

static SPEC: Spec = Spec {
    id: "auth/claims-checked",
    layer: Layer::Auth,
    title: "A token is refused that is signed and meant for something else",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Audience, issuer, expiry, not-before and kind are what keeps a token from being used elsewhere, for ever, \
                  too early, or as what it is not (RFC 7519 §4.1, RFC 8725 §3.8 to §3.11). With what signs tokens, \
                  a secret or the keys of --test-issuer, each claim is made wrong on its own; a token that is signed anew \
                  and unchanged shows first that it is the right one. Claims that good tokens do not carry are left alone: they are optional.",
    hint: "Give the verifier the issuer, the audience and the kind that it must find, and require the expiry.",
};

impl Check for ClaimsChecked {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let Ok((auth, call)) = able(view) else {
            return Vec::new();
        };
        let control = auth
            .signing
            .is_some()
            .then(|| trial(auth, &call, Mutation::Reminted));
        let control = control.into_iter().flatten();
        let trials = trials(view, auth, &call).into_iter().map(|(trial, _)| trial);
        control
            .chain(trials)
            .flat_map(|trial| {
                let second = trial.ask_second_with_care(view);
                trial.ask_first(view).into_iter().chain(second)
            })
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let (auth, call) = match able(view) {
            Ok(able) => able,
            Err(judgement) => return judgement,
        };
        let mut tally = Tally::new(view);
        let wrong_secret = auth.signing.is_some() && is_refused_anew(view, auth, &call);
        if wrong_secret {
            let from = auth.signing.as_deref().unwrap_or_default();
            tally.unknown(
                format!("{call} refuses a good token that was signed anew with the secret of {from}: is it the right one?"),
                None,
            );
        }
        for (trial, mutation) in trials(view, auth, &call) {
            if !(wrong_secret && mutation.is_minted()) {
                judge(view, &trial, mutation, &mut tally);
            }
        }
        tally.done()
    }
}

/// What it takes: something to try, and leave to try it.
fn able<'v>(view: &View<'v>) -> Result<(&'v Auth, Call), Judgement> {
    let Some(auth) = &view.target.auth else {
        return Err(Judgement::NotApplicable(
            "the profile has no [auth]: no call is known to need a credential".into(),
        ));
    };
    if auth.signing.is_none() && auth.refresh.is_none() {
        return Err(Judgement::skipped(
            "it needs the secret that signs tokens, or a refresh token, and none was given",
            Some(
                "--spawn CMD --test-issuer, or signing_secret_env or refresh_env under [auth] of the profile",
            ),
        ));
    }
    if view.target.environment == Environment::Production {
        return Err(Judgement::skipped(
            "production sees no other bad credentials than made-up and halved ones",
            Some("--environment staging"),
        ));
    }
    let Some(call) = place::cheapest(view) else {
        return Err(Judgement::skipped(
            "nobody said which operation needs the credential",
            Some("--profile FILE with a [[prove]] table"),
        ));
    };
    Ok((auth, call))
}

fn trial(auth: &Auth, call: &Call, mutation: Mutation) -> Option<Trial> {
    let secret = auth.good()?.name.clone();
    Some(Trial {
        call: call.clone(),
        who: Some(Who { secret, mutation }),
    })
}

/// What is tried: the refresh token at hand, and each claim that good tokens carry, made wrong.
fn trials(view: &View<'_>, auth: &Auth, call: &Call) -> Vec<(Trial, Mutation)> {
    let mut trials = Vec::new();
    if let Some(refresh) = &auth.refresh {
        let who = Who {
            secret: refresh.name.clone(),
            mutation: Mutation::AsIs,
        };
        let call = call.clone();
        trials.push((Trial { call, who: Some(who) }, Mutation::AsIs));
    }
    let claims = auth.signing.as_ref().and_then(|_| claims(view, auth, call));
    for mutation in claims.map(|claims| wrong(&claims)).unwrap_or_default() {
        // One refresh token is enough, and the real one is the better one.
        if mutation != Mutation::Refresh || auth.refresh.is_none() {
            trials.extend(trial(auth, call, mutation).map(|trial| (trial, mutation)));
        }
    }
    trials
}

/// What the good token says of itself, once it was sent.
fn claims(view: &View<'_>, auth: &Auth, call: &Call) -> Option<Claims> {
    let control = trial(auth, call, Mutation::AsIs)?.first(view.target);
    let (exchange, _) = view.answer(&control)?;
    exchange.sent.as_ref()?.claims.clone()
}

/// The claims that can be made wrong: those that are there.
fn wrong(claims: &Claims) -> Vec<Mutation> {
    let kind = claims.kind.as_deref().unwrap_or("JWT").to_ascii_lowercase();
    let has_kind = !matches!(kind.as_str(), "jwt" | "at+jwt");
    [
        (claims.expires.is_some(), Mutation::NoExpiry),
        (true, Mutation::NotYet),
        (claims.audience.is_some(), Mutation::OtherAudience),
        (claims.audience.is_some(), Mutation::NoAudience),
        (claims.issuer.is_some(), Mutation::OtherIssuer),
        (has_kind, Mutation::Refresh),
    ]
    .into_iter()
    .filter_map(|(there, mutation)| there.then_some(mutation))
    .collect()
}

/// Whether the good claims, signed anew, were refused where the good token was not: then the secret is not the service's.
fn is_refused_anew(view: &View<'_>, auth: &Auth, call: &Call) -> bool {
    let refused = |mutation| {
        let trial = trial(auth, call, mutation)?;
        let (_, reply) = view.answer(&trial.first(view.target))?;
        Some(matches!(reply.status, 401 | 403))
    };
    refused(Mutation::Reminted) == Some(true) && refused(Mutation::AsIs) == Some(false)
}

fn judge(view: &View<'_>, trial: &Trial, mutation: Mutation, tally: &mut Tally<'_>) {
    let call = &trial.call;
    match trial.outcome(view) {
        Outcome::Said(exchange, reply, Stance::Accepted) => {
            tally.judged(exchange);
            tally.find(accepted(call, mutation, reply.status).shown_by([exchange]));
        }
        Outcome::Said(_, _, Stance::Unclear(reason)) => tally.unknown(format!("{call}: {reason}"), None),
        Outcome::Said(_, _, Stance::WebPage) => tally.unknown(format!("{call}: a web page answers"), None),
        Outcome::Said(exchange, ..) => tally.judged(exchange),
        Outcome::Open(reason, flag) => tally.unknown(reason, flag.as_deref()),
        Outcome::NotAsked => {}
    }
}

fn accepted(call: &Call, mutation: Mutation, status: u16) -> Found {
    // A refresh token that was handed to us goes out as it is.
    let mutation = if mutation == Mutation::AsIs {
        Mutation::Refresh
    } else {
        mutation
    };
    let severity = match mutation {
        Mutation::NotYet => Severity::Minor,
        Mutation::NoExpiry | Mutation::NoAudience => Severity::Major,
        _ => Severity::Blocker,
    };
    SPEC.finds(
        subject(call, mutation),
        format!("{call} accepts {} (HTTP {status})", name(mutation)),
    )
    .expected("HTTP 401")
    .actual(format!("HTTP {status}"))
    .severity(severity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, call, target};
    use crate::model::exchange::Exchange;
    use crate::model::target::Target;

    const BROKEN: &str = r#"{"detail":"The body is not JSON: EOF while parsing"}"#;
    const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

    fn signing() -> Target {
        let mut target = target();
        target.auth.as_mut().unwrap().signing = Some("environment variable SECRET".into());
        target
    }

    fn full() -> Claims {
        Claims {
            issuer: Some("me".into()),
            audience: Some("notes".into()),
            expires: Some(1),
            kind: Some("access".into()),
            ..Claims::default()
        }
    }

    fn seen(target: &Target, claims: Claims, status: impl Fn(Mutation) -> u16) -> Vec<Exchange> {
        let probe = |mutation| asks::inert(target, &call(), mutation);
        let mut good = answered(1, &probe(Some(Mutation::AsIs)), 400, JSON, BROKEN);
        good.sent.as_mut().unwrap().claims = Some(claims);
        let mut seen = vec![good, answered(2, &probe(None), 401, JSON, "{}")];
        for (id, mutation) in (3..).zip(Mutation::MINTED) {
            seen.push(answered(
                id,
                &probe(Some(*mutation)),
                status(*mutation),
                JSON,
                BROKEN,
            ));
        }
        seen
    }

    fn judged(target: &Target, seen: &[Exchange]) -> Judgement {
        ClaimsChecked.judge(&View::new(target, None, seen, &[]))
    }

    fn found(judgement: &Judgement) -> Vec<(String, Severity)> {
        match judgement {
            Judgement::Judged { findings, .. } => findings
                .iter()
                .map(|found| (found.subject.clone(), found.severity))
                .collect(),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn each_claim_that_is_not_checked_is_a_finding_of_its_own_weight() {
        let target = signing();
        let all = found(&judged(&target, &seen(&target, full(), |_| 400)));
        assert_eq!(all.len(), 6);
        let weight = |mutation| {
            all.iter()
                .find(|(of, _)| *of == subject(&call(), mutation))
                .unwrap()
                .1
        };
        assert_eq!(weight(Mutation::NotYet), Severity::Minor);
        assert_eq!(weight(Mutation::NoExpiry), Severity::Major);
        assert_eq!(weight(Mutation::Refresh), Severity::Blocker);
    }

    #[test]
    fn a_service_that_checks_them_is_healthy() {
        let target = signing();
        let strict = |mutation| if mutation == Mutation::Reminted { 400 } else { 401 };
        assert_eq!(found(&judged(&target, &seen(&target, full(), strict))), []);
    }

    #[test]
    fn claims_that_good_tokens_do_not_carry_are_left_alone() {
        let target = signing();
        let plain = Claims {
            kind: Some("JWT".into()),
            ..Claims::default()
        };
        let all = found(&judged(&target, &seen(&target, plain, |_| 400)));
        assert_eq!(all, [(subject(&call(), Mutation::NotYet), Severity::Minor)]);
    }

    #[test]
    fn with_the_wrong_secret_refusals_show_nothing() {
        let target = signing();
        let judgement = judged(&target, &seen(&target, full(), |_| 401));
        assert!(
            matches!(&judgement, Judgement::Unable(unseen) if unseen.reason.contains("the right one")),
            "{judgement:?}"
        );
    }

    #[test]
    fn without_a_secret_or_in_production_it_says_what_would_show_it() {
        assert!(matches!(judged(&target(), &[]), Judgement::Unable(unseen) if unseen.flag.is_some()));
        let mut target = signing();
        target.environment = Environment::Production;
        assert!(matches!(judged(&target, &[]), Judgement::Unable(unseen) if unseen.on_purpose));
        assert_eq!(ClaimsChecked.ask(&View::new(&target, None, &[], &[])), []);
    }
}
