//! Healthy look-alikes differ where they say, and serve as well as ours.

use orchestrate::faults::look_alike::LookAlike;
use reqwest::Response;
use serde_json::json;

use super::{accepted, clip, has, preflight, readable_by, send};
use crate::support::{ALLOWED, Service, header, settings, start_with};

async fn start(look_alike: LookAlike) -> Service {
    let mut settings = settings();
    settings.faults.look_alike = Some(look_alike);
    start_with(settings).await
}

async fn health(service: &Service) -> Response {
    send(service.request("GET", "/health").header("origin", ALLOWED)).await
}

/// How it differs from ours, as its sentence says.
async fn differs(look_alike: LookAlike, service: &Service) -> bool {
    let foreign = async || send(preflight(service, "https://evil.example")).await;
    let allowed = async || send(preflight(service, ALLOWED)).await;
    let rejected = async || send(service.request("POST", "/ai/orchestrate")).await;
    match look_alike {
        LookAlike::Preflight200 => allowed().await.text().await.unwrap() == "OK",
        LookAlike::PreflightEchoes => {
            header(&allowed().await, "access-control-allow-methods").contains("PATCH")
        }
        LookAlike::PreflightNotCached => header(&allowed().await, "access-control-max-age") == "0",
        LookAlike::ForeignPreflight400 => foreign().await.status() == 400,
        LookAlike::OptionsAlone405 => {
            let alone = send(service.request("OPTIONS", "/health").header("origin", ALLOWED)).await;
            alone.status() == 405 && readable_by(&alone) == Some(ALLOWED)
        }
        LookAlike::VaryAmongOthers => header(&health(service).await, "vary").contains(", origin"),
        LookAlike::HealthyEdge => has(&health(service).await, "cf-ray"),
        LookAlike::ChallengeAmongOthers => {
            rejected()
                .await
                .headers()
                .get_all("www-authenticate")
                .iter()
                .count()
                == 2
        }
        LookAlike::CharsetOnProblems => header(&rejected().await, "content-type").ends_with("charset=utf-8"),
        LookAlike::HealthSaysMore => health(service)
            .await
            .text()
            .await
            .unwrap()
            .contains("uptime_seconds"),
        LookAlike::OffsetTimestamps => health(service).await.text().await.unwrap().contains("+00:00"),
        LookAlike::ReadyWaits => send(service.request("GET", "/ready")).await.status() == 503,
        LookAlike::ConnectionClose => header(&health(service).await, "connection") == "close",
        LookAlike::FreshAge => header(&health(service).await, "age") == "0",
        LookAlike::NoLengths => !has(&health(service).await, "content-length"),
        LookAlike::PutListed => header(&allowed().await, "access-control-allow-methods").contains("PUT"),
        LookAlike::CachedByOrigin => {
            let info =
                async |origin: &str| send(service.request("GET", "/info").header("origin", origin)).await;
            info("https://evil.example").await;
            let first = info(ALLOWED).await;
            header(&first, "x-cache") == "MISS" && header(&info(ALLOWED).await, "x-cache") == "HIT"
        }
        LookAlike::SmallUploads => {
            let large = service
                .request("POST", "/ai/orchestrate")
                .header("origin", ALLOWED);
            let refused = send(large.body("x".repeat(1_100_000))).await;
            refused.status() == 413 && readable_by(&refused) == Some(ALLOWED)
        }
        LookAlike::SlowWork | LookAlike::ALittleSlow => true,
        _ => works_otherwise(look_alike, service).await,
    }
}

/// How its work differs from ours.
async fn works_otherwise(look_alike: LookAlike, service: &Service) -> bool {
    let wrong = async || send(service.orchestrate(&json!({"text": 7}))).await;
    let heard = async || super::body(clip(service, super::KITCHEN)).await;
    let text = |answer: serde_json::Value| {
        let text = answer.pointer("/results/transcription/text").unwrap();
        text.as_str().unwrap().to_owned()
    };
    match look_alike {
        LookAlike::Invalid400 => wrong().await.status() == 400,
        LookAlike::InvalidQuoted => wrong().await.text().await.unwrap().contains("'input'"),
        LookAlike::LimitedTo413 => {
            let large = "A".repeat(orchestrate::faults::input::SCALED_LIMIT * 2);
            let refused = send(service.orchestrate(&json!({"audio_file": large}))).await;
            refused.status() == 413
        }
        LookAlike::SilenceRefused => {
            let quiet = super::body(clip(service, &super::speech::silence())).await;
            quiet["status"] == 422
        }
        LookAlike::SilenceWritten => {
            let quiet = super::body(clip(service, &super::speech::silence())).await;
            text(quiet) == "[BLANK_AUDIO]"
        }
        LookAlike::TextComposed => {
            let sent = service.orchestrate(&json!({"text": "Cafe\u{301}"}));
            text(super::body(sent).await) == "Caf\u{e9}"
        }
        LookAlike::Base64Forgiven => {
            let folded = super::speech::folded(super::KITCHEN);
            let heard = super::body(service.orchestrate(&json!({"audio_file": folded}))).await;
            text(heard) == "The kitchen closes at ten."
        }
        LookAlike::PlainTranscripts => text(heard().await) == "the kitchen closes at 10",
        LookAlike::ShoutedTranscripts => text(heard().await) == " THE KITCHEN CLOSES AT TEN..",
        LookAlike::NoProcessingTime => heard().await["processing_time_ms"] == 0,
        LookAlike::EmptyErrors => heard().await["errors"] == json!([]),
        LookAlike::EscapedPage => {
            let page = send(service.request("GET", "/nowhere/%3Cb%3E")).await;
            page.text().await.unwrap().contains("/nowhere/&lt;b&gt;")
        }
        LookAlike::AddressPolicy => {
            let refused = super::body(service.orchestrate(&json!({"audio_url": "http://127.0.0.1:1/"})));
            refused.await["code"] == "address_not_allowed"
        }
        _ => keeps_otherwise(look_alike, service).await,
    }
}

/// How what it keeps, and what it is asked under a key or with a refresh token, differs from ours.
async fn keeps_otherwise(look_alike: LookAlike, service: &Service) -> bool {
    let output = json!({"save_to_db": true, "return_results": true});
    let keep = || service.orchestrate(&json!({"text": "A bar.", "output": output}));
    let at = |path: &str| service.request("GET", path).bearer_auth(service.token());
    let read = async || {
        let kept = super::body(keep()).await;
        format!("/curations/{}", kept["results"]["curation_id"].as_str().unwrap())
    };
    let renew = |token: &str| {
        let body = json!({ "refresh_token": token });
        service.request("POST", "/auth/refresh").json(&body)
    };
    match look_alike {
        LookAlike::SilenceEmpty => {
            let quiet = super::body(clip(service, &super::speech::silence())).await;
            quiet["results"]["transcription"]["text"] == ""
        }
        LookAlike::LabelOverlooked => {
            use base64::Engine;
            let audio = base64::engine::general_purpose::STANDARD.encode(super::KITCHEN);
            let labelled = format!("data:audio/mpeg;base64,{audio}");
            let heard = super::body(service.orchestrate(&json!({"audio_file": labelled}))).await;
            heard["results"]["transcription"]["text"] == "The kitchen closes at ten."
        }
        LookAlike::RefreshStays => {
            let sessions = service.running.sessions();
            let tokens = sessions
                .begin("ana", orchestrate::auth::caller::Scopes::usual())
                .await;
            let token = tokens.unwrap().refresh.expose().to_owned();
            let mut good = true;
            for _ in 0..2 {
                good &= send(renew(&token)).await.status() == 200;
            }
            good
        }
        LookAlike::InvalidGrant => super::body(renew("nonsense")).await["code"] == "invalid_grant",
        LookAlike::NoKeys => {
            let first = super::body(keep().header("idempotency-key", "one")).await;
            let second = super::body(keep().header("idempotency-key", "one")).await;
            first["results"]["curation_id"] != second["results"]["curation_id"]
        }
        LookAlike::KeptAMomentLater => {
            let there = read().await;
            let mut seen = Vec::new();
            for _ in 0..3 {
                seen.push(send(at(&there)).await.status().as_u16());
            }
            seen == [404, 404, 200]
        }
        LookAlike::GoneForGood => send(at("/curations/nothing")).await.status() == 410,
        LookAlike::CurationSaysMore => {
            let there = read().await;
            super::body(at(&there)).await["revision"] == 1
        }
        _ => false,
    }
}

#[tokio::test]
async fn every_look_alike_differs_as_it_says_and_serves_as_well_as_ours() {
    for look_alike in LookAlike::ALL.iter().copied() {
        let service = start(look_alike).await;
        assert!(differs(look_alike, &service).await, "{look_alike}");
        for request in [accepted(&service), clip(&service, super::KITCHEN)] {
            let response = send(request).await;
            assert_eq!(
                (response.status().as_u16(), readable_by(&response)),
                (200, Some(ALLOWED)),
                "{look_alike}"
            );
            let body: serde_json::Value = response.json().await.unwrap();
            assert!(
                body["results"]["transcription"]["text"].is_string(),
                "{look_alike}: {body}"
            );
        }
        let preflight = send(preflight(&service, ALLOWED)).await;
        assert!(
            preflight.status().is_success() && readable_by(&preflight) == Some(ALLOWED),
            "{look_alike}"
        );
        assert_eq!(health(&service).await.status(), 200, "{look_alike}");
    }
}
