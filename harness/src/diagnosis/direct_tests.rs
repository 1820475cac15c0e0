//! Causes that one check finds by itself, each on a service that is sound but for one answer.

use crate::check::asks;
use crate::check::testing::{answered, cors, target};
use crate::diagnosis::whole_tests::{causes, judged, unexplained};
use crate::model::exchange::Exchange;
use crate::model::probe::Probe;
use crate::model::run::Run;
use crate::model::target::{Environment, Target};

const NOSNIFF: (&str, &str) = ("x-content-type-options", "nosniff");

/// A sound health answer, and this one.
fn run(target: &Target, probe: &Probe, status: u16, headers: &[(&str, &str)], body: &str) -> Run {
    let mut all = cors();
    all.push(NOSNIFF);
    all.extend_from_slice(headers);
    let mut sound = cors();
    sound.extend([
        NOSNIFF,
        ("content-type", "application/json"),
        ("x-request-id", "7f3a"),
    ]);
    let seen: Vec<Exchange> = vec![
        answered(1, &asks::read("/health"), 200, &sound, r#"{"status":"healthy"}"#),
        answered(2, &asks::read(asks::NO_SUCH_ROUTE), 404, &sound, "{}"),
        answered(3, probe, status, &all, body),
    ];
    judged(target, &seen)
}

fn proof() -> Probe {
    asks::proof(&target(), &target().proofs[0])
}

fn beside(route: &str) -> Probe {
    Probe::get(route).at_root().build()
}

/// That this answer is the only thing wrong, and is named so.
fn named(cause: &str, probe: &Probe, status: u16, headers: &[(&str, &str)], body: &str) {
    let production = Target {
        environment: Environment::Production,
        base: "https://notes.example".into(),
        ..target()
    };
    let run = run(&production, probe, status, headers, body);
    assert_eq!(causes(&run), [cause], "{:#?}", run.findings);
    assert_eq!(unexplained(&run), Vec::<String>::new());
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[test]
fn what_one_answer_shows_is_named() {
    let good = r#"{"summary":"x"}"#;
    let read = asks::read("/me");
    named(
        "answers-cacheable",
        &proof(),
        200,
        &[JSON, ("cache-control", "public, max-age=60")],
        good,
    );
    named("error-cached", &read, 403, &[JSON, ("age", "60")], "{}");
    let page = "<code>DEBUG = True</code>";
    named(
        "debug-mode-on",
        &read,
        404,
        &[("content-type", "text/html")],
        page,
    );
    let cookie = "sid=[credential:9]; Secure; SameSite=None";
    named(
        "session-cookie-unsafe",
        &read,
        200,
        &[JSON, ("set-cookie", cookie)],
        "{}",
    );
    let cookie = "sid=[credential:9]; Secure; HttpOnly; SameSite=Lax";
    named(
        "session-cookie-not-sent",
        &read,
        200,
        &[JSON, ("set-cookie", cookie)],
        "{}",
    );
    let failed = r#"{"success":false,"error":"no"}"#;
    named("error-as-200", &proof(), 200, &[JSON], failed);
}

#[test]
fn what_lies_beside_the_api_is_named() {
    named(
        "secret-file-served",
        &beside("/.env"),
        200,
        &[],
        "OPENAI_API_KEY=\n",
    );
    named(
        "debug-route-public",
        &beside("/metrics"),
        200,
        &[],
        "# TYPE up gauge\nup 1\n",
    );
}

#[test]
fn methods_and_headers_are_named() {
    let trace = Probe::request("TRACE", "/health")
        .nature(Some(crate::model::probe::Nature::Read))
        .build();
    named(
        "trace-enabled",
        &trace,
        200,
        &[("content-type", "message/http")],
        "TRACE /health HTTP/1.1",
    );
    let [(_, traced), _] = crate::checks::http::odd_headers_survived::odd(&target());
    named("malformed-header-crashes", &traced, 500, &[JSON], "{}");
}

#[test]
fn a_sound_answer_has_no_cause() {
    let run = run(
        &target(),
        &proof(),
        200,
        &[JSON, ("cache-control", "no-store")],
        r#"{"summary":"x"}"#,
    );
    assert_eq!(causes(&run), Vec::<&str>::new());
}
