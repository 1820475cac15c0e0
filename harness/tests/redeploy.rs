//! `.github/actions/verify/redeploy`: what asks a platform for a deploy, and goes back by the report of a failed verification. The
//! platform is a server of the test; that a real report has the build there is held by harness/tests/acceptance/hooks.rs.
#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]

use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

const COMMIT: &str = "4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6";

/// Runs it, and gives its exit code and all that it said.
async fn redeploy(hook: &str, arguments: &[&str], report: &str) -> (i32, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.github/actions/verify/redeploy");
    let mut child = Command::new(script)
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("DEPLOY_HOOK", hook)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    // One that is told the commit does not read the report.
    let _ = input.write_all(report.as_bytes()).await;
    drop(input);
    let output = child.wait_with_output().await.unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code().unwrap(), said.concat())
}

async fn platform(status: u16) -> MockServer {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(status).set_body_string("{\"deploy\":{\"id\":\"dep-1\"}}");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// The hook of a platform: its key stands in the address, as Render's does.
fn hook(server: &MockServer) -> String {
    format!("{}/deploy/srv-1?key=hunter2", server.uri())
}

async fn asked(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    let each = requests.iter().map(|request| {
        format!(
            "{} {}?{}",
            request.method,
            request.url.path(),
            request.url.query().unwrap()
        )
    });
    each.collect()
}

#[tokio::test]
async fn a_deploy_of_a_commit_is_asked_for_and_the_hook_is_not_shown() {
    let server = platform(200).await;
    let (code, said) = redeploy(&hook(&server), &[COMMIT], "").await;
    assert_eq!(
        (code, said.trim()),
        (0, &*format!("asked for a deploy of {COMMIT}"))
    );
    assert_eq!(
        asked(&server).await,
        [format!("POST /deploy/srv-1?key=hunter2&ref={COMMIT}")]
    );
}

#[tokio::test]
async fn it_goes_back_to_the_build_that_was_green() {
    let server = platform(200).await;
    let report =
        json!({ "verdict": "fail", "baseline": { "compared": { "before": { "version": COMMIT } } } });
    let (code, said) = redeploy(&hook(&server), &[], &report.to_string()).await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(
        asked(&server).await,
        [format!("POST /deploy/srv-1?key=hunter2&ref={COMMIT}")]
    );
}

#[tokio::test]
async fn what_cannot_be_asked_for_fails_and_says_why() {
    let server = platform(200).await;
    let hook = hook(&server);
    for (address, arguments, report, why) in [
        (
            &*hook,
            &[][..],
            "{\"baseline\":null}",
            "names no build that was green before",
        ),
        (&*hook, &["main"][..], "", "main is no commit"),
        (&*hook, &["4f5a&ref=0"][..], "", "is no commit"),
        ("", &[COMMIT][..], "", "DEPLOY_HOOK is not set"),
    ] {
        let (code, said) = redeploy(address, arguments, report).await;
        assert!(code == 2 && said.contains(why), "{code} {said}");
    }
    assert!(asked(&server).await.is_empty());
    let refusing = platform(401).await;
    let refused = format!("{}/deploy/srv-1?key=hunter2", refusing.uri());
    let (code, said) = redeploy(&refused, &[COMMIT], "").await;
    assert!(
        code == 2 && said.contains("did not take") && !said.contains("hunter2"),
        "{said}"
    );
}
