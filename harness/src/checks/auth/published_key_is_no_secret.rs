//! A public key is public. A verifier that lets the token choose its algorithm takes it for the secret of HS256, and then
//! everybody can sign (CVE-2016-10555).

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::auth::around::{self, Around};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Mutation, Probe};
use crate::model::target::Call;

/// The check.
pub struct PublishedKeyIsNoSecret;

static SPEC: Spec = Spec {
    id: "auth/published-key-is-no-secret",
    layer: Layer::Auth,
    title: "A token that is signed with the published key as its secret is refused",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Where public keys are served as a key set (RFC 7517), by the service or by --test-issuer, a token is made \
                  whose header says HS256 and whose signature is an HMAC keyed with the text of the first one. A verifier \
                  that has one key for every algorithm accepts it (RFC 8725 §2.1, §3.1).",
    hint: "Give the verifier the one algorithm that each key is for; never take it from the token.",
};

/// Where a key set is usually served, below the base URL.
const KEY_SET: &str = "/.well-known/jwks.json";

fn key_set() -> Probe {
    asks::read(KEY_SET)
}

fn forged(view: &View<'_>, call: &Call) -> Probe {
    asks::inert(view.target, call, Some(Mutation::PublicKeyAsSecret))
}

/// What is asked and where, or why nothing is.
fn able(view: &View<'_>) -> Result<Call, Judgement> {
    let jwt = |call| {
        let auth = view.target.auth.as_ref();
        let good = auth.and_then(|auth| auth.good());
        let why = "the credential is no JSON Web Token".to_owned();
        good.is_some_and(|good| good.jwt)
            .then_some(call)
            .ok_or(Judgement::NotApplicable(why))
    };
    around::place(view).and_then(jwt)
}

/// Whether the key is known without being served: the run is the issuer itself.
fn is_ours(view: &View<'_>) -> bool {
    view.target
        .auth
        .as_ref()
        .is_some_and(|auth| auth.issuer.is_some())
}

/// Whether a key set was served that holds a public key.
fn is_published(view: &View<'_>) -> bool {
    let set = view.answer(&key_set()).and_then(|(_, reply)| reply.body.json());
    let keys = set.as_ref().and_then(|set| set["keys"].as_array());
    keys.is_some_and(|keys| keys.iter().any(|key| key["kty"] == "RSA" || key["kty"] == "EC"))
}

impl Check for PublishedKeyIsNoSecret {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let Ok(call) = able(view) else {
            return Vec::new();
        };
        let mut asks = vec![Ask::One(key_set())];
        if is_ours(view) {
            asks.extend(around::compared(view, &call));
            asks.push(Ask::One(forged(view, &call)));
        } else if is_published(view) {
            asks.extend(around::compared(view, &call));
            asks.push(Ask::Seq(vec![key_set().repeat(1), forged(view, &call)]));
        }
        asks
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let call = match able(view) {
            Ok(call) => call,
            Err(judgement) => return judgement,
        };
        if !is_ours(view) && !is_published(view) {
            return Judgement::NotApplicable(format!("no key set is served at {KEY_SET}"));
        }
        let mut tally = Tally::new(view);
        let forged = forged(view, &call);
        let key = match is_ours(view) {
            true => "the issuer's public key".to_owned(),
            false => format!("the key of {KEY_SET}"),
        };
        if let Some((exchange, reply)) = tally.answer(&forged)
            && around::around(view, &call, &forged, reply) == Around::Open
        {
            let found = SPEC
                .finds(
                    call.to_string(),
                    format!("{call} accepts a token that anybody can sign with {key}"),
                )
                .expected("HTTP 401")
                .actual(format!("HTTP {}", reply.status));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::answered;
    use crate::checks::auth::around::testing::{me, read, seen};

    const KEYS: &str = r#"{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"}]}"#;

    fn judged(keys: &str, status: u16, body: &str) -> Judgement {
        let target = read();
        let mut all = seen(200, 401);
        all.push(answered(8, &key_set(), 200, &[], keys));
        let forged = forged(&View::new(&target, None, &[], &[]), &me());
        all.push(answered(
            9,
            &forged,
            status,
            &[("content-type", "application/json")],
            body,
        ));
        PublishedKeyIsNoSecret.judge(&View::new(&target, None, &all, &[]))
    }

    #[test]
    fn a_public_key_that_signs_is_found() {
        let open = judged(KEYS, 200, r#"{"subject":"ana"}"#);
        assert!(matches!(open, Judgement::Judged { findings, .. } if findings.len() == 1));
    }

    #[test]
    fn the_key_of_our_own_issuer_need_not_be_served() {
        let mut target = read();
        target.auth.as_mut().unwrap().issuer = Some(crate::model::issuer::IssuerFacts {
            algorithm: crate::model::issuer::Algorithm::Rs256,
            audience: "notes".into(),
        });
        let forged = forged(&View::new(&target, None, &[], &[]), &me());
        let mut all = seen(200, 401);
        all.push(answered(
            9,
            &forged,
            200,
            &[("content-type", "application/json")],
            r#"{"subject":"ana"}"#,
        ));
        let view = View::new(&target, None, &all, &[]);
        let asked = PublishedKeyIsNoSecret.ask(&View::new(&target, None, &[], &[]));
        assert!(asked.contains(&Ask::One(forged)), "{asked:?}");
        assert!(
            matches!(PublishedKeyIsNoSecret.judge(&view), Judgement::Judged { findings, .. } if findings.len() == 1)
        );
    }

    #[test]
    fn a_verifier_that_knows_its_algorithm_is_healthy() {
        assert!(matches!(judged(KEYS, 401, "{}"), Judgement::Judged { findings, .. } if findings.is_empty()));
    }

    #[test]
    fn without_a_public_key_it_does_not_apply() {
        for keys in ["{}", r#"{"keys":[]}"#, "<html>"] {
            assert!(
                matches!(judged(keys, 401, "{}"), Judgement::NotApplicable(_)),
                "{keys}"
            );
        }
    }

    #[test]
    fn a_set_without_a_public_key_publishes_none() {
        let published = |kind: &str| {
            let target = read();
            let keys = format!(r#"{{"keys":[{{"kty":"{kind}"}}]}}"#);
            let seen = [answered(1, &key_set(), 200, &[], &keys)];
            is_published(&View::new(&target, None, &seen, &[]))
        };
        assert!(published("RSA") && published("EC") && !published("oct"));
    }
}
