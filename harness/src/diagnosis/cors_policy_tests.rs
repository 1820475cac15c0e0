//! Crashes beside CORS, strangers that are let in, and what a report says of them.

use crate::check::testing::{ORIGIN, target};
use crate::diagnosis::cors_rig_tests::{
    ACAO, Answer, causes, failing, good, layered, named, plain, record, run,
};
use crate::model::finding::Severity;
use crate::model::probe::{Body, Probe};

const STRANGERS: &[&str] = &["cors/foreign-origins-refused"];

#[test]
fn few_requests_tell_all_that() {
    let recording = record(&target(), &good);
    assert_eq!(
        recording.exchanges.len(),
        30,
        "a whole verify is to stay below a hundred"
    );
}

#[test]
fn a_bare_crash_is_a_crash_and_not_a_fault_of_cors() {
    let crash = |probe: &Probe| probe.body != Body::BrokenJson && probe.method == "POST";
    let run = run(|probe| {
        if crash(probe) {
            Answer {
                status: 500,
                body: "Internal Server Error",
                ..plain(probe)
            }
        } else {
            good(probe)
        }
    });
    named(
        &run,
        "masked-server-error",
        &["cors/readable", "errors/no-server-error", "journey/proofs"],
    );
}

#[test]
fn only_requests_with_an_origin_crash() {
    let raising = run(|probe| {
        if probe.page.is_some() {
            Answer {
                status: 500,
                ..plain(probe)
            }
        } else {
            plain(probe)
        }
    });
    assert_eq!(raising.diagnoses[0].cause, "cors-filter-crashes");
    assert!(failing(&raising).contains(&"cors/origin-crashes-nothing"));
    let left: Vec<_> = raising
        .findings
        .iter()
        .filter(|finding| finding.fails() && finding.explained_by.is_none())
        .collect();
    assert!(left.is_empty(), "{left:#?}");
    let dropped = run(|probe| {
        if probe.page.is_some() {
            Answer {
                status: 0,
                ..plain(probe)
            }
        } else {
            plain(probe)
        }
    });
    assert_eq!(causes(&dropped), ["cors-filter-crashes"]);
}

/// Where a page of the same origin is answered elsewhere, the filter can read that origin.
#[test]
fn what_crashes_for_pages_on_one_route_alone_is_not_the_filter() {
    let run = run(|probe| {
        if probe.page.is_some() && probe.path_text().starts_with("/health") {
            Answer {
                status: 500,
                ..plain(probe)
            }
        } else {
            good(probe)
        }
    });
    assert!(failing(&run).contains(&"cors/origin-crashes-nothing"));
    assert!(
        !causes(&run).contains(&"cors-filter-crashes"),
        "{:?}",
        causes(&run)
    );
}

#[test]
fn the_error_handler_echoes_on_crashes_only() {
    let crash = |probe: &Probe| probe.body != Body::BrokenJson && probe.method == "POST";
    let run = run(|probe| match crash(probe) {
        true => layered(
            probe,
            Answer {
                status: 500,
                ..plain(probe)
            },
            |_| true,
        ),
        false => good(probe),
    });
    assert!(
        causes(&run).contains(&"error-handler-echoes-origin"),
        "{:?}",
        causes(&run)
    );
    let echo: Vec<_> = run
        .findings
        .iter()
        .filter(|finding| finding.check == "cors/errors-do-not-echo")
        .collect();
    assert_eq!(echo.len(), 1);
    assert_eq!(echo[0].subject, "POST /summaries 500");
    assert_eq!(
        echo[0].explained_by.as_deref(),
        Some("error-handler-echoes-origin")
    );
}

#[test]
fn refusals_echo_and_successes_do_not() {
    let run = run(|probe| match good(probe).status {
        400.. => layered(probe, plain(probe), |_| true),
        _ => good(probe),
    });
    named(&run, "error-handler-echoes-origin", &["cors/errors-do-not-echo"]);
}

#[test]
fn every_origin_is_allowed() {
    let run = run(|probe| layered(probe, plain(probe), |_| true));
    named(
        &run,
        "origin-reflected",
        &["cors/errors-do-not-echo", "cors/foreign-origins-refused"],
    );
}

#[test]
fn null_is_trusted() {
    named(
        &run(|probe| layered(probe, plain(probe), |origin| origin == ORIGIN || origin == "null")),
        "null-origin-trusted",
        STRANGERS,
    );
}

#[test]
fn origins_are_compared_carelessly() {
    let prefix = run(|probe| layered(probe, plain(probe), |origin| origin.starts_with(ORIGIN)));
    named(&prefix, "look-alike-trusted", STRANGERS);
    assert!(
        prefix.headline.contains("a prefix comparison"),
        "{}",
        prefix.headline
    );
    let suffix = run(|probe| layered(probe, plain(probe), |origin| origin.ends_with("app.example")));
    named(&suffix, "look-alike-trusted", STRANGERS);
    assert!(
        suffix.headline.contains("a suffix comparison"),
        "{}",
        suffix.headline
    );
}

#[test]
fn vary_is_missing_and_there_is_a_cache() {
    let run = run(|probe| {
        let answer = good(probe).without("vary");
        match answer.status {
            200 => answer.with("age", "12"),
            _ => answer.with("age", "0"),
        }
    });
    named(&run, "vary-missing", &["cors/vary-on-origin"]);
}

/// As older Starlette has it: strangers and callers without an origin are not told that the answer varies.
fn varying_for_the_page(probe: &Probe) -> Answer {
    let page = probe.page.as_ref().is_some_and(|page| page.origin.0 == ORIGIN);
    if page {
        good(probe)
    } else {
        good(probe).without("vary")
    }
}

#[test]
fn a_vary_that_only_the_page_gets_is_told_and_decides_nothing() {
    let run = run(varying_for_the_page);
    assert_eq!((causes(&run), failing(&run)), (vec!["vary-missing"], vec![]));
    assert!(
        run.findings
            .iter()
            .all(|finding| finding.severity <= Severity::Minor)
    );
}

#[test]
fn two_faults_are_two_causes_in_their_order() {
    let run = run(|probe| match good(probe).status {
        401 => plain(probe),
        _ => layered(probe, plain(probe), |origin| origin == ORIGIN || origin == "null"),
    });
    assert_eq!(causes(&run), ["cors-missing-on-errors", "null-origin-trusted"]);
}

#[test]
fn a_request_id_of_the_servers_making_cannot_colour_a_terminal() {
    let run = run(|probe| {
        Answer {
            status: 500,
            ..plain(probe)
        }
        .with("x-request-id", "\u{1b}[2Jid")
    });
    let shown = serde_json::to_string(&run.diagnoses).unwrap();
    assert!(shown.contains("[2Jid") && !shown.contains("\\u001b"), "{shown}");
}

#[test]
fn what_a_server_writes_into_its_headers_cannot_colour_a_terminal() {
    let run = run(|probe| {
        good(probe)
            .set(ACAO, "\u{1b}[31mred")
            .with("x-request-id", "\u{1b}[2J")
    });
    let shown = serde_json::to_string(&(&run.findings, &run.diagnoses)).unwrap();
    assert!(!shown.contains("\\u001b"), "{shown}");
    assert!(shown.contains("red"));
}

#[test]
fn a_minor_cause_is_no_headline_for_a_failure_that_it_does_not_explain() {
    let broken = |probe: &Probe| match plain(probe).status {
        200 if probe.method == "POST" => Answer {
            status: 422,
            ..good(probe)
        },
        _ => varying_for_the_page(probe),
    };
    let run = run(broken);
    assert_eq!(causes(&run), ["vary-missing"]);
    assert_eq!(failing(&run), ["journey/proofs"]);
    assert!(
        run.headline.contains("POST /summaries must work"),
        "{}",
        run.headline
    );
}
