//! A cause lower in the stack explains what looks wrong above it: pairs in which both would be named, and one is.

use crate::check::asks;
use crate::check::testing::{answered, target};
use crate::diagnosis::case::Cause;
use crate::diagnosis::cors_missing_on_errors::CorsMissingOnErrors;
use crate::diagnosis::edge_error_page::EdgeErrorPage;
use crate::diagnosis::handshake;
use crate::diagnosis::masked_server_error::MaskedServerError;
use crate::diagnosis::old_version_live::OldVersionLive;
use crate::diagnosis::tests::{good, inert, judged};
use crate::diagnosis::whole_tests::causes;
use crate::model::exchange::Exchange;
use crate::model::run::Run;

/// Whether one cause stands lower than another: at an earlier stage of the diagnosis.
fn is_lower(lower: &dyn Cause, upper: &dyn Cause) -> bool {
    lower.leaf().stage < upper.leaf().stage
}

/// Whose findings of a check they are.
fn explains(run: &Run, check: &str) -> Vec<Option<String>> {
    let of_check = run.findings.iter().filter(|finding| finding.check == check);
    of_check.map(|finding| finding.explained_by.clone()).collect()
}

/// The proof, answered so and without CORS headers, beside a refusal that has them.
fn bare(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<Exchange> {
    let target = target();
    let bare = answered(3, &asks::proof(&target, &target.proofs[0]), status, headers, body);
    vec![inert(1, None, 401, "{}"), good(2, 400, "{}"), bare]
}

#[test]
fn the_old_version_stands_below_its_crashes() {
    assert!(is_lower(&OldVersionLive, &MaskedServerError));
    let mut target = target();
    target.expect_version = Some("fedcba98".into());
    let mut seen = bare(500, &[], "Internal Server Error");
    seen.push(answered(
        4,
        &asks::read("/health"),
        200,
        &[],
        r#"{"status":"ok","commit":"abc1234"}"#,
    ));
    let run = judged(&target, &seen);
    assert_eq!(causes(&run)[0], "old-version-live");
}

#[test]
fn a_crash_stands_below_the_cors_headers_that_it_lacks() {
    assert!(is_lower(&MaskedServerError, &CorsMissingOnErrors));
    let run = judged(&target(), &bare(500, &[], "Internal Server Error"));
    let masked = Some("masked-server-error".to_owned());
    let readable = explains(&run, "cors/readable");
    assert!(
        !readable.is_empty() && readable.iter().all(|by| *by == masked),
        "{readable:?}"
    );
    assert!(
        !causes(&run).iter().any(|cause| cause.starts_with("cors-")),
        "{:?}",
        causes(&run)
    );
}

#[test]
fn the_edges_page_stands_below_the_cors_headers_that_it_lacks() {
    assert!(is_lower(&EdgeErrorPage, &CorsMissingOnErrors));
    const NGINX: &str = "<html><center><h1>404 Not Found</h1></center><hr><center>nginx</center></html>";
    let page = [("content-type", "text/html"), ("server", "nginx")];
    let run = judged(&target(), &bare(404, &page, NGINX));
    assert!(
        !causes(&run).contains(&"cors-missing-on-errors"),
        "{:?}",
        causes(&run)
    );
    assert_eq!(causes(&run)[0], "edge-error-page");
}

#[test]
fn a_certificate_stands_below_everything_that_was_not_seen() {
    let run = handshake::tests::run_of("invalid peer certificate: UnknownIssuer");
    let untrusted = Some("certificate-untrusted".to_owned());
    assert!(!run.findings.is_empty());
    assert!(
        run.findings
            .iter()
            .all(|finding| finding.explained_by == untrusted),
        "{:#?}",
        run.findings
    );
    assert_eq!(causes(&run), ["certificate-untrusted"]);
}
