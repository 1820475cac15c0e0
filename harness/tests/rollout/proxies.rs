//! `greenlight diagnose` through a real nginx that meddles: what it spoils is named first.

use serde_json::Value;

use crate::nginx::{self, Nginx};
use crate::waiting::{NEW, free, port, service};

/// A page that the reference service lets in.
const PAGE: &str = "http://localhost:3000";

/// What `diagnose` says of a healthy service behind an nginx with these directives: its exit code and its JSON.
async fn behind(directives: &str) -> (i32, Value) {
    let service = service(Some(NEW)).await;
    let door = free(1).await[0];
    let _nginx = Nginx::meddling(&[(door, vec![(port(&service), 1)])], directives).await;
    let url = format!("http://127.0.0.1:{door}/api/v3");
    let done = tokio::process::Command::new(env!("CARGO_BIN_EXE_greenlight"))
        .args(["diagnose", &url, "--origin", PAGE, "--format", "json"])
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .env_clear()
        .output()
        .await
        .unwrap();
    (
        done.status.code().unwrap_or(-1),
        serde_json::from_slice(&done.stdout).unwrap(),
    )
}

fn named(report: &Value) -> &str {
    report["diagnoses"][0]["cause"].as_str().unwrap_or("nothing")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_meddles_is_named_and_one_that_does_not_is_spared() {
    if !nginx::is_here() {
        return;
    }
    let (code, plain) = behind("").await;
    assert_eq!((code, named(&plain)), (3, "nothing"), "{}", plain["headline"]);
    for (directives, cause) in [
        (
            "add_header Access-Control-Allow-Origin http://localhost:3000 always;",
            "duplicate-cors-headers",
        ),
        (
            "proxy_cache c; proxy_cache_valid 200 1m; proxy_ignore_headers Vary Cache-Control; \
             add_header Age 1;",
            "cached-for-another-origin",
        ),
        (
            "if ($request_method = OPTIONS) { return 405; }",
            "edge-error-page",
        ),
        ("return 502;", "edge-error-page"),
        (
            "proxy_hide_header Access-Control-Allow-Origin;",
            "cors-headers-stripped",
        ),
        (
            "proxy_hide_header Access-Control-Allow-Origin; proxy_hide_header Access-Control-Allow-Credentials; \
             proxy_hide_header Access-Control-Allow-Headers; proxy_hide_header Access-Control-Allow-Methods; \
             proxy_hide_header Access-Control-Expose-Headers;",
            "cors-headers-stripped",
        ),
    ] {
        let (code, report) = behind(directives).await;
        assert_eq!(
            (code, named(&report)),
            (1, cause),
            "{directives}: {}",
            report["headline"]
        );
    }
}
