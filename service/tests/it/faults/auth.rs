//! Who is let in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::faults::id::FaultId;
use serde_json::json;

use super::start;
use crate::support::Service;

/// The tokens of which a healthy service accepts only the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Good,
    Nothing,
    Garbage,
    Expired,
    Refresh,
    Unsigned,
}

const ALL: [Sent; 6] = [
    Sent::Good,
    Sent::Nothing,
    Sent::Garbage,
    Sent::Expired,
    Sent::Refresh,
    Sent::Unsigned,
];

async fn status(service: &Service, sent: Sent) -> u16 {
    let auth = &service.settings.auth;
    let access = TokenRequest::access("ana");
    let good = mint(auth, &access).unwrap();
    let token = match sent {
        Sent::Good => good,
        Sent::Nothing => String::new(),
        Sent::Garbage => "garbage".to_owned(),
        Sent::Expired => mint(auth, &access.expired()).unwrap(),
        Sent::Refresh => mint(auth, &access.refresh()).unwrap(),
        Sent::Unsigned => {
            let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
            format!("{header}.{}.", good.split('.').nth(1).unwrap())
        }
    };
    let request = service
        .request("POST", "/ai/orchestrate")
        .json(&json!({"text": "Good fish."}));
    let request = if token.is_empty() {
        request
    } else {
        request.bearer_auth(token)
    };
    request.send().await.unwrap().status().as_u16()
}

/// Expects these to be answered like this, and all the others as a healthy service answers them.
async fn expect(fault: FaultId, wrong: &[(Sent, u16)]) {
    let service = start(fault).await;
    for sent in ALL {
        let healthy = if sent == Sent::Good { 200 } else { 401 };
        let expected = wrong
            .iter()
            .find(|(kind, _)| *kind == sent)
            .map_or(healthy, |(_, status)| *status);
        assert_eq!(status(&service, sent).await, expected, "{fault}: {sent:?}");
    }
}

#[tokio::test]
async fn nobody_is_asked_for_a_token() {
    expect(FaultId::AuthNotEnforced, &ALL.map(|sent| (sent, 200))).await;
}

#[tokio::test]
async fn any_text_is_a_token() {
    let mut wrong = ALL.map(|sent| (sent, 200)).to_vec();
    wrong.retain(|(sent, _)| *sent != Sent::Nothing);
    expect(FaultId::AnyTokenAccepted, &wrong).await;
}

#[tokio::test]
async fn an_expired_token_is_accepted() {
    expect(FaultId::ExpiredTokenAccepted, &[(Sent::Expired, 200)]).await;
}

#[tokio::test]
async fn a_refresh_token_is_accepted() {
    expect(FaultId::RefreshTokenAccepted, &[(Sent::Refresh, 200)]).await;
}

#[tokio::test]
async fn an_unsigned_token_is_accepted() {
    expect(FaultId::AlgNoneAccepted, &[(Sent::Unsigned, 200)]).await;
}

#[tokio::test]
async fn a_good_token_is_refused() {
    expect(FaultId::GoodTokenRefused, &[(Sent::Good, 401)]).await;
}

#[tokio::test]
async fn a_token_that_cannot_be_read_crashes_the_check() {
    let crash = [Sent::Garbage, Sent::Expired, Sent::Refresh, Sent::Unsigned].map(|sent| (sent, 500));
    expect(FaultId::AuthCrashes, &crash).await;
}
