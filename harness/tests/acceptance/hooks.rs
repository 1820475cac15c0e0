//! What a finished run sets off: a rollback only for what this deploy broke, and never for somebody else's outage.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use greenlight::drive::wait::streak;
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::Settings;
use orchestrate::domain::provider::ProviderKind;
use orchestrate::faults::Faults;
use orchestrate::faults::id::FaultId;
use orchestrate::providers::openai::settings::OpenAiSettings;
use orchestrate::secret::Secret;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::{mpsc, oneshot};
use wiremock::matchers::{any, method, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::baseline::{NEW, OLD, verified};
use crate::binary::{Ran, greenlight_in, ran};
use crate::service::{Service, VARIABLE, provided};

/// A directory with the recording of a green run of the old build.
async fn green() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let more = ["--record", "before.json"];
    let run = verified(directory.path(), OLD, Faults::default(), &more).await;
    assert_eq!(run.code, 0, "{run:#?}");
    directory
}

/// The recording is of the address that the new build has now: ports of tests are given out anew.
fn moved(directory: &Path, url: &str) {
    let file = directory.join("before.json");
    let mut recording: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    recording["target"]["base"] = json!(url);
    std::fs::write(file, recording.to_string()).unwrap();
}

/// What follows a deploy: wait, verify, and roll back or promote.
fn deploying(directory: &Path, url: &str, longest: &str, more: &[&str]) -> Command {
    let fixed = ["verify", url, "--profile", "concierge", "--environment", "local"];
    let deploy = [
        "--expect-version",
        NEW,
        "--wait",
        longest,
        "--baseline",
        "before.json",
    ];
    let hooks = ["--on-fail", "cat > rolled-back", "--on-pass", "cat > promoted"];
    let all = fixed.into_iter().chain(deploy).chain(hooks);
    greenlight_in(directory, all.chain(more.iter().copied()))
}

/// The same, done with this token.
async fn deployed(directory: &Path, url: &str, token: &str, more: &[&str]) -> Ran {
    let mut command = deploying(directory, url, "3s", more);
    command.args(["--token-env", VARIABLE]).env(VARIABLE, token);
    ran(command).await
}

/// The report that a hook got, if it ran.
fn got(directory: &Path, file: &str) -> Option<Value> {
    let text = std::fs::read(directory.join(file)).ok()?;
    Some(serde_json::from_slice(&text).expect("a hook gets the JSON report"))
}

/// Nothing was rolled back and nothing promoted, and the reason was said.
fn left_alone(directory: &Path, run: &Ran, why: &str) {
    for hook in ["rolled-back", "promoted"] {
        assert!(
            got(directory, hook).is_none(),
            "{hook} in spite of {why}: {run:#?}"
        );
    }
    let said = run
        .err
        .lines()
        .find(|line| line.starts_with("on-fail  not run: "));
    assert!(said.is_some_and(|line| line.contains(why)), "{why}: {run:#?}");
    assert_ne!(run.code, 0, "{why}: {run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_deploy_broke_is_rolled_back_and_what_is_green_promoted() {
    let directory = green().await;
    let broken = Service::built(Some(NEW), [FaultId::MissingAwait].into_iter().collect()).await;
    moved(directory.path(), &broken.url());
    let run = deployed(directory.path(), &broken.url(), &broken.token, &[]).await;
    let report = got(directory.path(), "rolled-back").unwrap_or_else(|| panic!("{run:#?}"));
    assert_eq!((&report["schema"], run.code), (&json!("greenlight.report/1"), 1));
    assert_eq!(
        report["baseline"]["compared"]["before"]["version"], OLD,
        "what to go back to"
    );
    assert_eq!(got(directory.path(), "promoted"), None);
    assert!(
        run.err.contains("on-pass  not run: the run exits 1"),
        "{}",
        run.err
    );

    let directory = green().await;
    let healthy = Service::built(Some(NEW), Faults::default()).await;
    moved(directory.path(), &healthy.url());
    let run = deployed(directory.path(), &healthy.url(), &healthy.token, &[]).await;
    assert_eq!(
        (run.code, got(directory.path(), "rolled-back")),
        (0, None),
        "{run:#?}"
    );
    assert!(got(directory.path(), "promoted").is_some(), "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_that_fails_takes_the_pass_away() {
    let service = Service::healthy().await;
    let failing = ["--environment", "local", "--on-pass", "exit 7"];
    let run = ran(service.verify_with_token(&failing)).await;
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(
        run.err.contains("on-pass  FAILED: it ended with exit status: 7"),
        "{}",
        run.err
    );
    assert!(run.out.starts_with("PASS"), "{}", run.out);
}

/// The service with a provider of this behaviour, built as the new commit.
async fn provided_by(answer: ResponseTemplate) -> (orchestrate::app::Running, MockServer, String) {
    let provider = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(answer)
        .mount(&provider)
        .await;
    let models = ResponseTemplate::new(200).set_body_json(json!({"object": "list", "data": []}));
    Mock::given(method("GET"))
        .respond_with(models)
        .mount(&provider)
        .await;
    let base = format!("{}/v1", provider.uri());
    let mut reach = OpenAiSettings::new(ProviderKind::Simulator, base, Secret::new("sk-of-a-test"));
    reach.total_deadline = Duration::from_millis(400);
    let (running, token) = provided(Some(NEW), Faults::default(), reach).await;
    (running, provider, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_providers_outage_is_no_reason_to_roll_back() {
    let said = |code: &str| json!({"error": {"message": "no", "type": code, "code": code}});
    let answers = [
        ResponseTemplate::new(402).set_body_json(said("payment_required")),
        ResponseTemplate::new(429).set_body_json(said("insufficient_quota")),
        ResponseTemplate::new(429).set_body_json(said("rate_limit_exceeded")),
        ResponseTemplate::new(503).set_body_string("<html>unavailable</html>"),
        ResponseTemplate::new(200).set_delay(Duration::from_secs(60)),
    ];
    let directory = green().await;
    for answer in answers {
        let (running, _provider, token) = provided_by(answer).await;
        let url = running.base_url();
        moved(directory.path(), &url);
        let run = deployed(directory.path(), &url, &token, &[]).await;
        left_alone(directory.path(), &run, "lies with something it depends on");
        assert_eq!(run.code, 1, "{run:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_test_token_is_no_reason_to_roll_back() {
    let directory = green().await;
    let service = Service::built(Some(NEW), Faults::default()).await;
    moved(directory.path(), &service.url());
    let auth = Settings::development().auth;
    let expired = mint(&auth, &TokenRequest::access("acceptance").expired()).unwrap();
    let run = deployed(directory.path(), &service.url(), &expired, &[]).await;
    left_alone(directory.path(), &run, "lies with the credential");
}

/// The new build is through, as its version route says, and everything else is met by a challenge of the edge.
#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_runner_is_no_reason_to_roll_back() {
    let edge = MockServer::start().await;
    let build = ResponseTemplate::new(200).set_body_json(json!({"commit": NEW, "status": "healthy"}));
    Mock::given(method("GET"))
        .and(path_regex("/info$"))
        .respond_with(build)
        .with_priority(1)
        .mount(&edge)
        .await;
    let blocked = ResponseTemplate::new(403)
        .insert_header("server", "cloudflare")
        .insert_header("cf-mitigated", "challenge")
        .set_body_raw("<!DOCTYPE html><title>Just a moment...</title>", "text/html");
    Mock::given(any()).respond_with(blocked).mount(&edge).await;
    let directory = green().await;
    moved(directory.path(), &edge.uri());
    let token = Service::healthy().await.token.clone();
    let run = deployed(directory.path(), &edge.uri(), &token, &[]).await;
    left_alone(directory.path(), &run, "the verdict is inconclusive, not fail");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offline_checker_is_no_reason_to_roll_back() {
    let directory = green().await;
    let url = "http://api.offline.invalid";
    moved(directory.path(), url);
    let token = Service::healthy().await.token.clone();
    let run = deployed(directory.path(), url, &token, &[]).await;
    left_alone(directory.path(), &run, "the deploy is not through");
    assert_eq!(run.code, 5, "{run:#?}");
}

/// A proxy that is the checker's only way out, and the new build behind it. Once the deploy was seen to be through, the way is
/// gone.
async fn way_out_that_goes() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let left = Arc::new(AtomicU32::new(streak::needed(streak::share(None), 0)));
    tokio::spawn(async move {
        let (close, mut closes) = mpsc::channel::<oneshot::Sender<()>>(1);
        loop {
            tokio::select! {
                client = listener.accept() => {
                    tokio::spawn(carried(client.unwrap().0, left.clone(), close.clone()));
                }
                Some(closed) = closes.recv() => {
                    drop(listener);
                    closed.send(()).unwrap();
                    return;
                }
            }
        }
    });
    url
}

/// Answers as both, the last time when nobody listens any more.
async fn carried(mut client: TcpStream, left: Arc<AtomicU32>, close: mpsc::Sender<oneshot::Sender<()>>) {
    let mut head = [0; 8192];
    while let Ok(read @ 1..) = client.read(&mut head).await {
        if head[..read].starts_with(b"CONNECT ") {
            client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
            continue;
        }
        if left.fetch_sub(1, Ordering::SeqCst) == 1 {
            let (closed, over) = oneshot::channel();
            close.send(closed).await.unwrap();
            over.await.unwrap();
        }
        let body = json!({"commit": NEW, "status": "healthy"}).to_string();
        let length = body.len();
        let about = "content-type: application/json\r\nconnection: close";
        let answer = format!("HTTP/1.1 200 OK\r\n{about}\r\ncontent-length: {length}\r\n\r\n{body}");
        let _ = client.write_all(answer.as_bytes()).await;
        return;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checker_that_goes_offline_once_the_deploy_is_through_is_no_reason_to_roll_back() {
    let directory = green().await;
    let url = "http://api.acme.example/api/v3";
    moved(directory.path(), url);
    let mut command = deploying(directory.path(), url, "60s", &["--format", "json"]);
    command.env("http_proxy", way_out_that_goes().await);
    let run = ran(command).await;
    let report = run.json();
    assert_eq!(report["rollout"]["ended"], "settled", "{report:#}");
    left_alone(directory.path(), &run, "the verdict is inconclusive, not fail");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_takes_too_long_is_ended_and_takes_the_pass_away() {
    let service = Service::healthy().await;
    let directory = tempfile::tempdir().unwrap();
    let mark = directory.path().join("done");
    let slow = format!("sleep 600; touch {}", mark.display());
    // The test's own patience is shorter than the command.
    let slow = [
        "--environment",
        "local",
        "--on-pass",
        &slow,
        "--hook-timeout",
        "100ms",
    ];
    let run = ran(service.verify_with_token(&slow)).await;
    assert_eq!(run.code, 1, "{run:#?}");
    let said = "on-pass  FAILED: it was not done after 100 ms, and was killed";
    assert!(run.err.contains(said), "{}", run.err);
    assert!(!mark.exists());
    let nonsense = ["--environment", "local", "--hook-timeout", "soon"];
    let run = ran(service.verify_with_token(&nonsense)).await;
    assert!(run.code == 2 && run.err.contains("--hook-timeout"), "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_needs_to_know_that_the_deploy_is_through_and_what_was_before() {
    let directory = tempfile::tempdir().unwrap();
    for missing in [
        &["--wait", "3s", "--expect-version", NEW][..],
        &["--baseline", "before.json"],
    ] {
        let fixed = ["verify", "http://127.0.0.1:9", "--on-fail", "touch rolled-back"];
        let command = greenlight_in(directory.path(), fixed.into_iter().chain(missing.iter().copied()));
        let run = ran(command).await;
        assert_eq!(run.code, 2, "{run:#?}");
    }
    let service = Service::built(Some(NEW), [FaultId::MissingAwait].into_iter().collect()).await;
    let run = deployed(directory.path(), &service.url(), &service.token, &[]).await;
    left_alone(directory.path(), &run, "there is no baseline yet");
}

/// Nothing listens there.
const DEAF: &str = "http://127.0.0.1:9/x";

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_to_be_told_is_told_in_his_shape_and_no_secret_is_shown() {
    let watch = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&watch)
        .await;
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let secret = |shape: &str| format!("{}/{shape}/T0-SECRET-PATH", watch.uri());
    let pager = format!("pagerduty={}", secret("pagerduty"));
    let mut command = service.verify_with_token(&["--environment", "local"]);
    for told in ["slack=env:HOOK", &pager, &secret("json"), DEAF] {
        command.args(["--notify", told]);
    }
    command
        .env("HOOK", secret("slack"))
        .env("PAGERDUTY_ROUTING_KEY", "R0-SECRET-KEY");
    let run = ran(command).await;
    assert_eq!(run.code, 1, "{run:#?}");
    let shown = format!("{}{}", run.out, run.err);
    assert!(!shown.contains("SECRET"), "{shown}");
    let unheard = run.err.lines().find(|line| line.contains("NOT TOLD"));
    assert!(
        unheard.is_some_and(|line| line.starts_with("notify  json at 127.0.0.1")),
        "{}",
        run.err
    );
    let requests = watch.received_requests().await.unwrap();
    assert_eq!(requests.len(), 3, "{run:#?}");
    let body = |shape: &str| -> Value {
        let path = format!("/{shape}/T0-SECRET-PATH");
        let mut to = requests.iter().filter(|request| request.url.path() == path);
        to.next().unwrap().body_json().unwrap()
    };
    assert_eq!(body("json")["schema"], "greenlight.report/1");
    let headline = body("slack")["text"].as_str().unwrap().to_owned();
    assert!(
        headline.starts_with("FAIL  A server error (HTTP 500)"),
        "{headline}"
    );
    let event = body("pagerduty");
    assert_eq!(
        (&event["event_action"], &event["payload"]["class"]),
        (&json!("trigger"), &json!("masked-server-error"))
    );
    assert_eq!(event["routing_key"], "R0-SECRET-KEY");
    for request in &requests {
        assert!(!String::from_utf8_lossy(&request.body).contains(&service.token));
    }

    // Green is no news, but for what a pager may have to resolve; and who cannot be told changes no verdict.
    let healthy = Service::healthy().await;
    let mut command = healthy.verify_with_token(&["--environment", "local"]);
    let nobody = format!("pagerduty={DEAF}");
    for told in [DEAF, &nobody, &pager] {
        command.args(["--notify", told]);
    }
    command.env("PAGERDUTY_ROUTING_KEY", "R0-SECRET-KEY");
    let run = ran(command).await;
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(
        run.err
            .contains("json at 127.0.0.1: not told, since green is no news"),
        "{}",
        run.err
    );
    assert!(
        run.err.contains("pagerduty at 127.0.0.1: NOT TOLD"),
        "{}",
        run.err
    );
    let last = watch.received_requests().await.unwrap().pop().unwrap();
    assert_eq!(last.body_json::<Value>().unwrap()["event_action"], "resolve");
}
