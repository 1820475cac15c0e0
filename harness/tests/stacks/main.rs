//! Greenlight against real applications in nine web frameworks, set up as their documentation shows, right and wrong.
//!
//! `scripts/stacks` installs them. Without it each test skips aloud, and fails when `GREENLIGHT_REQUIRE` names `stacks`.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test fails the test by panicking"
)]

mod app;
mod first_gate;
mod issued;
#[path = "../support/shown.rs"]
mod shown;

use app::{App, App::*, verify};

/// What a variant must cost in one framework: the cause that is named first.
type Costs<'c> = &'c [(App, &'static str)];

const ALL: [App; 9] = [FastApi, Flask, Django, Express, Fastify, Hono, Axum, Actix, Poem];

/// What is said, and truly, of an application that is right: no application can mend it, since the framework's own server or
/// middleware does it. None of it is more than minor.
const THEIR_OWN: [(App, &str); 3] = [
    // Development servers name themselves in what they refuse before an application sees it.
    (Flask, "exposure/no-versions"),
    (Django, "exposure/no-versions"),
    // poem's Cors looks whether any header of a preflight is known, not whether all are.
    (Poem, "cors/every-header-judged"),
];

/// One variant in these frameworks, all at once.
async fn each(variant: &str, costs: Costs<'_>) {
    let runs = costs.iter().map(|(app, cause)| async move {
        let Some(report) = verify(*app, variant).await else {
            return;
        };
        let first = report["diagnoses"][0]["cause"].as_str().unwrap_or("nothing");
        assert_eq!(
            (first, &report["exit_code"]),
            (*cause, &1.into()),
            "{app:?} {variant}: {report:#}"
        );
    });
    futures_util::future::join_all(runs).await;
}

fn steps(report: &serde_json::Value) -> String {
    report["diagnoses"][0]["next_steps"].to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_that_are_right_are_green() {
    let runs = ALL.iter().map(|app| async move {
        let Some(report) = verify(*app, "correct").await else {
            return Vec::new();
        };
        assert_eq!(report["exit_code"], 0, "{app:?}: {report:#}");
        let findings = report["findings"].as_array().unwrap().clone();
        let above = findings.into_iter().filter(|finding| {
            let own = |(of, check): &(App, &str)| of == app && finding["check"] == *check;
            let theirs = finding["severity"] == "minor" && THEIR_OWN.iter().any(own);
            finding["severity"] != "advisory" && !theirs
        });
        let said = above.map(|finding| format!("{app:?} {}: {}", finding["check"], finding["title"]));
        said.collect::<Vec<_>>()
    });
    let said = futures_util::future::join_all(runs).await.concat();
    assert!(said.is_empty(), "above an advisory: {said:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_is_named_as_pages_see_it() {
    let crash: Costs<'_> = &[
        // Starlette answers outside every middleware.
        (FastApi, "masked-server-error"),
        (Flask, "server-error"),
        (Django, "server-error"),
        (Express, "server-error"),
        (Fastify, "server-error"),
        (Hono, "server-error"),
        // A panic that nobody catches is no answer at all.
        (Axum, "connection-dropped"),
        (Actix, "connection-dropped"),
        (Poem, "connection-dropped"),
    ];
    each("crash", crash).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_missing_await_is_told_from_the_log_and_mended_in_its_framework() {
    let Some(report) = verify(FastApi, "crash").await else {
        return;
    };
    let causes: Vec<_> = report["diagnoses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["cause"].as_str().unwrap())
        .collect();
    assert_eq!(causes, ["masked-server-error", "log-tells-a-crash"], "{report:#}");
    let log = report["diagnoses"][1]["evidence"].to_string();
    assert!(log.contains("coroutine 'summarise' was never awaited"), "{log}");
    assert!(
        steps(&report).contains("In FastAPI: ") && steps(&report).contains("app = CORSMiddleware(app"),
        "{report:#}"
    );
    // And that advice is right: wrapped so, the same crash can be read.
    let mended = verify(FastApi, "mended").await.unwrap();
    assert_eq!(mended["diagnoses"][0]["cause"], "server-error", "{mended:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_crash_that_fastapi_has_by_default_is_found() {
    // Bytes that are no text, repeated in the answer that refuses them.
    each("default", &[(FastApi, "masked-server-error")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_call_that_asks_for_nothing_is_found() {
    each("open", &ALL.map(|app| (app, "auth-not-enforced"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_is_echoed_with_credentials_is_found_and_mended_in_its_framework() {
    each("reflect", &ALL.map(|app| (app, "origin-reflected"))).await;
    for app in ALL {
        let Some(report) = verify(app, "reflect").await else {
            return;
        };
        assert!(
            steps(&report)
                .to_lowercase()
                .contains(&format!("in {}: ", app.name().to_lowercase())),
            "{app:?}: {report:#}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vary_that_a_framework_forgets_is_found_and_mended_in_it() {
    each("default", &[(Flask, "vary-missing"), (Poem, "vary-missing")]).await;
    for (app, how) in [(Flask, "answer.vary.add"), (Poem, "appending(VARY")] {
        let Some(report) = verify(app, "default").await else {
            return;
        };
        assert!(steps(&report).contains(how), "{app:?}: {report:#}");
    }
}
