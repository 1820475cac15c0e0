//! Who is let in: gates that check too little, too much, or crash.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value;

use crate::auth::AuthSettings;
use crate::auth::caller::Caller;
use crate::auth::gate::{Gate, Presented, Refusal};
use crate::auth::verify::{TokenError, Verifier};
use crate::faults::Faults;
use crate::faults::id::FaultId;
use crate::faults::keys;
use crate::secret::Secret;

/// The gate, or one with a hole in it.
#[must_use]
pub fn gate(gate: Arc<dyn Gate>, settings: &AuthSettings, faults: &Faults) -> Arc<dyn Gate> {
    let holes = [
        (FaultId::AuthNotEnforced, not_enforced as Hole),
        (FaultId::AnyTokenAccepted, any_token),
        (FaultId::RefreshTokenAccepted, refresh_token),
        (FaultId::NotBeforeIgnored, too_early),
        (FaultId::ExpiryNotRequired, without_expiry),
        (FaultId::AudienceIgnored, for_anybody),
        (FaultId::IssuerIgnored, from_anybody),
        (FaultId::SignatureUnchecked, keys::unverified),
        (FaultId::AlgNoneAccepted, keys::unsigned),
        (FaultId::AlgNoneInAnotherCase, keys::unsigned_in_another_case),
        (FaultId::PublicKeyAsSecret, keys::public_key_as_secret),
        (FaultId::KidIsAPath, keys::kid_is_a_path),
        (FaultId::EmbeddedKeyTrusted, keys::embedded_key),
        (FaultId::KidCrashes, keys::kid_crashes),
        (FaultId::KeyComparedLoosely, keys::compared_loosely),
        (FaultId::AuthCrashes, crash),
    ];
    if let Some((_, hole)) = holes.into_iter().find(|(fault, _)| faults.has(*fault)) {
        let settings = settings.clone();
        return Arc::new(Holed { gate, settings, hole });
    }
    if faults.has(FaultId::ExpiredTokenAccepted) {
        // Not longer: the verifier subtracts it from the seconds since 1970.
        let decades = Duration::from_secs(30 * 365 * 24 * 3600);
        return Arc::new(Verifier::new(&AuthSettings {
            leeway: decades,
            ..settings.clone()
        }));
    }
    if faults.has(FaultId::GoodTokenRefused) {
        let secret = Secret::new("the secret of the deploy before this one");
        return Arc::new(Verifier::new(&AuthSettings {
            secret,
            ..settings.clone()
        }));
    }
    if faults.has(FaultId::KeysDiffer) {
        return Arc::new(Alternating {
            gate,
            admitted: AtomicUsize::new(0),
        });
    }
    gate
}

/// What becomes of a refusal.
pub type Hole = fn(&AuthSettings, Option<&str>, Refusal) -> Result<Caller, Refusal>;

struct Holed {
    gate: Arc<dyn Gate>,
    settings: AuthSettings,
    hole: Hole,
}

impl Gate for Holed {
    fn admit<'a>(&'a self, shown: Presented<'a>) -> BoxFuture<'a, Result<Caller, Refusal>> {
        let hole = move |refusal| (self.hole)(&self.settings, shown.bearer, refusal);
        async move { self.gate.admit(shown).await.or_else(hole) }.boxed()
    }
}

/// Two instances behind one address, of which the second holds another secret.
struct Alternating {
    gate: Arc<dyn Gate>,
    admitted: AtomicUsize,
}

impl Gate for Alternating {
    fn admit<'a>(&'a self, shown: Presented<'a>) -> BoxFuture<'a, Result<Caller, Refusal>> {
        async move {
            let caller = self.gate.admit(shown).await?;
            if self.admitted.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
                Ok(caller)
            } else {
                Err(Refusal::Invalid(TokenError::Signature))
            }
        }
        .boxed()
    }
}

/// Lets a nameless caller in when this is so.
pub fn somebody_if(open: bool, refusal: Refusal) -> Result<Caller, Refusal> {
    open.then(|| Caller::named("somebody")).ok_or(refusal)
}

fn not_enforced(_: &AuthSettings, _: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    somebody_if(true, refusal)
}

fn any_token(_: &AuthSettings, token: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    somebody_if(token.is_some(), refusal)
}

fn refresh_token(_: &AuthSettings, _: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    somebody_if(refusal == Refusal::Invalid(TokenError::Kind), refusal)
}

fn too_early(_: &AuthSettings, _: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    somebody_if(refusal == Refusal::Invalid(TokenError::NotYet), refusal)
}

fn without_expiry(settings: &AuthSettings, token: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    let mut options = strict(settings);
    options.required_spec_claims.remove("exp");
    somebody_if(believed(settings, token, &options), refusal)
}

fn for_anybody(settings: &AuthSettings, token: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    let mut options = strict(settings);
    options.validate_aud = false;
    options.required_spec_claims.remove("aud");
    somebody_if(believed(settings, token, &options), refusal)
}

fn from_anybody(settings: &AuthSettings, token: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    let mut options = strict(settings);
    options.iss = None;
    options.required_spec_claims.remove("iss");
    somebody_if(believed(settings, token, &options), refusal)
}

/// The options of the verifier, from which each fault takes one away.
fn strict(settings: &AuthSettings) -> Validation {
    let mut options = Validation::new(Algorithm::HS256);
    options.leeway = settings.leeway.as_secs();
    options.validate_nbf = true;
    options.set_issuer(&[&settings.issuer]);
    options.set_audience(&[&settings.audience]);
    options.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    options
}

fn believed(settings: &AuthSettings, token: Option<&str>, options: &Validation) -> bool {
    let key = DecodingKey::from_secret(settings.secret.expose().as_bytes());
    let decoded = decode::<Value>(token.unwrap_or_default(), &key, options);
    decoded.is_ok_and(|decoded| decoded.claims["type"] == "access")
}

fn crash(_: &AuthSettings, _: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    match refusal {
        Refusal::Invalid(_) => std::panic::resume_unwind(Box::new("Not enough segments")),
        _ => Err(refusal),
    }
}
