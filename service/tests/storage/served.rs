//! The whole service on each database, and on a server that stops and starts again.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use orchestrate::app::Running;
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::Settings;
use orchestrate::domain::data::curations::Filter;
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::fixture::{DEADLINE, Fixture};

on_every_database! {
    all: [],
    shared: [
        a_kept_run_is_kept_whole,
        a_text_with_nul_is_refused_and_a_subject_with_nul_is_kept,
    ],
}

struct Service {
    running: Running,
    settings: Settings,
    client: Client,
}

impl Service {
    async fn on(fixture: &Fixture) -> Self {
        Self::within(DEADLINE, fixture).await
    }

    /// With this deadline for a question to the database.
    async fn within(deadline: Duration, fixture: &Fixture) -> Self {
        let mut settings = Settings::development();
        settings.database = fixture.settings();
        settings.limits.database_deadline = deadline;
        Self {
            running: Running::start(settings.clone()).await.unwrap(),
            settings,
            client: Client::builder().no_proxy().build().unwrap(),
        }
    }

    async fn ready(&self) -> u16 {
        let url = format!("{}/ready", self.running.base_url());
        self.client.get(url).send().await.unwrap().status().as_u16()
    }

    async fn orchestrate(&self, subject: &str, body: &Value) -> Response {
        let token = mint(&self.settings.auth, &TokenRequest::access(subject)).unwrap();
        let url = format!("{}/ai/orchestrate", self.running.base_url());
        let request = self.client.post(url).bearer_auth(token).json(body);
        request.send().await.unwrap()
    }
}

async fn read(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

fn kept(words: Value) -> Value {
    let mut body = json!({"output": {"save_to_db": true, "return_results": true}});
    body.as_object_mut()
        .unwrap()
        .extend(words.as_object().unwrap().clone());
    body
}

async fn a_kept_run_is_kept_whole(fixture: Fixture) {
    use base64::Engine as _;
    let service = Service::on(&fixture).await;
    let recording = include_bytes!("../../../scenarios/samples/kitchen.wav");
    let recording = base64::engine::general_purpose::STANDARD.encode(recording);
    let before = Timestamp::now();
    let body = kept(json!({"audio_file": recording, "curator_id": "c1"}));
    let (status, answer) = read(service.orchestrate("ana", &body).await).await;
    assert_eq!((status, &answer["saved_to_db"]), (200, &json!(true)), "{answer}");
    let results = &answer["results"];
    let id = results["curation_id"].as_str().unwrap();
    let data = fixture.open().await;
    let spoken = data.find(id).await.unwrap().unwrap();
    assert_eq!(spoken.text, results["transcription"]["text"]);
    let seconds = results["transcription"]["duration"].as_f64().unwrap();
    let kept_ms = spoken.audio_ms.unwrap();
    assert!(
        kept_ms.abs_diff((seconds * 1000.0) as u64) <= 1,
        "{kept_ms} {seconds}"
    );
    assert!(before <= spoken.created_at && spoken.created_at <= Timestamp::now());
    let body = kept(json!({"text": "Good fish."}));
    let (_, answer) = read(service.orchestrate("ana", &body).await).await;
    let page = data.list("ana", &Filter::default(), None, 9).await.unwrap();
    assert_eq!(page.curations[0].id, answer["results"]["curation_id"]);
    assert_eq!((page.curations[0].audio_ms, &page.curations[1]), (None, &spoken));
}

async fn a_text_with_nul_is_refused_and_a_subject_with_nul_is_kept(fixture: Fixture) {
    let service = Service::on(&fixture).await;
    for field in [
        "text",
        "entity_id",
        "entity_type",
        "curator_id",
        "place_id",
        "language",
        "workflow_type",
    ] {
        let mut body = kept(json!({"text": "Good fish."}));
        body[field] = json!("a\0b");
        let (status, problem) = read(service.orchestrate("ana", &body).await).await;
        assert_eq!(
            (status, &problem["code"]),
            (422, &json!("body_invalid")),
            "{field}: {problem}"
        );
        assert_eq!(problem["errors"][0]["pointer"], format!("/{field}"));
    }
    let body = kept(json!({"text": "Good fish."}));
    let (status, answer) = read(service.orchestrate("a\0na", &body).await).await;
    assert_eq!((status, &answer["saved_to_db"]), (200, &json!(true)), "{answer}");
    let page = fixture
        .open()
        .await
        .list("a\0na", &Filter::default(), None, 9)
        .await;
    assert_eq!(page.unwrap().curations.len(), 1);
}

/// Waits until the service says this of its readiness.
async fn until_ready_is(service: &Service, status: u16) {
    let begun = Instant::now();
    while service.ready().await != status {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "/ready is never {status}"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgresql_that_stops_and_starts_again_is_survived() {
    let Some(mut cluster) = Cluster::start() else {
        return;
    };
    let fixture = Fixture::in_a_schema(&cluster.url).await;
    // Each question waits that long for a server that is away.
    let service = Service::within(Duration::from_secs(2), &fixture).await;
    let body = kept(json!({"text": "Good fish."}));
    let dry = json!({"text": "Good fish."});
    let mut ids = Vec::new();
    for _ in 0..2 {
        until_ready_is(&service, 200).await;
        let (status, answer) = read(service.orchestrate("ana", &body).await).await;
        assert_eq!(status, 200, "{answer}");
        ids.push(answer["results"]["curation_id"].as_str().unwrap().to_owned());
        tokio::task::block_in_place(|| cluster.stop());
        assert_eq!(service.ready().await, 503);
        let refused = service.orchestrate("ana", &body).await;
        let wait: u32 = refused.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!(wait > 0);
        let (status, problem) = read(refused).await;
        assert_eq!((status, &problem["code"]), (503, &json!("database_unavailable")));
        assert!(
            !problem.to_string().contains("onnection"),
            "the driver's words: {problem}"
        );
        // What does not need it is done.
        assert_eq!(service.orchestrate("ana", &dry).await.status(), 200);
        tokio::task::block_in_place(|| cluster.start_again());
    }
    until_ready_is(&service, 200).await;
    let data = fixture.open().await;
    for id in ids {
        assert!(data.find(&id).await.unwrap().is_some(), "{id} was acknowledged");
    }
}

#[tokio::test]
async fn a_sqlite_file_that_returns_is_served_from_without_a_restart() {
    let fixture = Fixture::file();
    let service = Service::on(&fixture).await;
    let away = fixture.beside("away.db");
    for _ in 0..2 {
        assert_eq!(service.ready().await, 200);
        std::fs::copy(fixture.path(), &away).unwrap();
        std::fs::remove_file(fixture.path()).unwrap();
        assert_eq!(service.ready().await, 503);
        let body = kept(json!({"text": "Good fish."}));
        let (status, problem) = read(service.orchestrate("ana", &body).await).await;
        assert_eq!((status, &problem["code"]), (503, &json!("database_unavailable")));
        // A file that another service made there is as good as one that was restored.
        drop(fixture.open().await);
        assert_eq!(service.ready().await, 200);
        let (status, answer) = read(service.orchestrate("ana", &body).await).await;
        assert_eq!((status, &answer["saved_to_db"]), (200, &json!(true)), "{answer}");
    }
}
