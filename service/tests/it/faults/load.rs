//! Several callers, and what came before.

use std::time::{Duration, Instant};

use orchestrate::faults::id::FaultId;
use serde_json::{Value, json};

use super::{KITCHEN, TERRACE, accepted, clip, send, start};

fn text(answer: &Value) -> &str {
    answer
        .pointer("/results/transcription/text")
        .unwrap()
        .as_str()
        .unwrap()
}

#[tokio::test]
async fn callers_at_once_get_each_other_s_words_and_one_alone_its_own() {
    let service = start(FaultId::Crosstalk).await;
    let alone: Value = send(clip(&service, KITCHEN)).await.json().await.unwrap();
    assert!(text(&alone).contains("kitchen"), "{alone}");
    let (first, second) = tokio::join!(send(clip(&service, KITCHEN)), send(clip(&service, TERRACE)));
    let (first, second): (Value, Value) = (first.json().await.unwrap(), second.json().await.unwrap());
    assert_eq!(text(&first), text(&second));
}

#[tokio::test]
async fn a_pool_runs_dry_and_stays_dry() {
    let service = start(FaultId::PoolExhausted).await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(send(accepted(&service)).await.status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 200, 503, 503]);
    assert_eq!(send(service.request("GET", "/health")).await.status(), 200);
}

#[tokio::test]
async fn health_waits_for_work() {
    let service = start(FaultId::LoopBlocked).await;
    let work = tokio::spawn(accepted(&service).send());
    let mut longest = Duration::ZERO;
    while !work.is_finished() {
        let begun = Instant::now();
        assert_eq!(send(service.request("GET", "/health")).await.status(), 200);
        longest = longest.max(begun.elapsed());
    }
    assert!(longest >= Duration::from_millis(100), "{longest:?}");
}

#[tokio::test]
async fn what_is_kept_fails_and_nothing_else() {
    let service = start(FaultId::MigrationMissing).await;
    let kept = json!({"text": "Grilled fish by the river.", "output": {"save_to_db": true}});
    assert_eq!(send(service.orchestrate(&kept)).await.status(), 503);
    assert_eq!(send(accepted(&service)).await.status(), 200);
    assert_eq!(send(service.request("GET", "/health")).await.status(), 200);
}
