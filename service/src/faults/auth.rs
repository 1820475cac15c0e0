//! Who is let in: checks that check too little, too much, or crash.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::auth::AuthSettings;
use crate::auth::gate::{Gate, Refusal};
use crate::auth::verify::{Caller, TokenError, Verifier};
use crate::faults::Faults;
use crate::faults::id::FaultId;
use crate::secret::Secret;

/// The gate, or one with a hole in it.
#[must_use]
pub fn gate(gate: Arc<dyn Gate>, settings: &AuthSettings, faults: &Faults) -> Arc<dyn Gate> {
    let hole = |hole: Hole| -> Arc<dyn Gate> {
        Arc::new(Holed {
            gate: gate.clone(),
            hole,
        })
    };
    for (fault, mistake) in [
        (FaultId::AuthNotEnforced, not_enforced as Hole),
        (FaultId::AnyTokenAccepted, any_token),
        (FaultId::RefreshTokenAccepted, refresh_token),
        (FaultId::AlgNoneAccepted, unsigned_token),
        (FaultId::AuthCrashes, crash),
    ] {
        if faults.has(fault) {
            return hole(mistake);
        }
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
    gate
}

/// What becomes of a refusal.
type Hole = fn(Option<&str>, Refusal) -> Result<Caller, Refusal>;

struct Holed {
    gate: Arc<dyn Gate>,
    hole: Hole,
}

impl Gate for Holed {
    fn admit(&self, token: Option<&str>) -> Result<Caller, Refusal> {
        self.gate
            .admit(token)
            .or_else(|refusal| (self.hole)(token, refusal))
    }
}

fn somebody() -> Result<Caller, Refusal> {
    Ok(Caller {
        subject: "somebody".to_owned(),
    })
}

fn not_enforced(_: Option<&str>, _: Refusal) -> Result<Caller, Refusal> {
    somebody()
}

fn any_token(token: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    if token.is_some() { somebody() } else { Err(refusal) }
}

fn refresh_token(_: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    if refusal == Refusal::Invalid(TokenError::Kind) {
        somebody()
    } else {
        Err(refusal)
    }
}

fn unsigned_token(token: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    let header = token
        .and_then(|token| token.split('.').next())
        .unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let algorithm = serde_json::from_slice::<Value>(&header).unwrap_or_default();
    match algorithm["alg"].as_str() {
        Some("none") => somebody(),
        _ => Err(refusal),
    }
}

fn crash(_: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    match refusal {
        Refusal::Missing => Err(refusal),
        Refusal::Invalid(_) => std::panic::resume_unwind(Box::new("Not enough segments")),
    }
}
