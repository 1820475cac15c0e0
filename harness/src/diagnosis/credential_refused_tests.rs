use jiff::Timestamp;

use super::*;
use crate::check::testing::target;
use crate::diagnosis::tests::{good, inert, judged, proof, readable};
use crate::model::run::Run;

const NOW: i64 = 1_000_000;

fn run(claims: Claims, says: &str) -> Run {
    let mut seen = vec![inert(1, None, 401, "{}"), good(2, 401, says), proof(3, 401, says)];
    for exchange in &mut seen {
        exchange.at = Timestamp::from_second(NOW).unwrap();
        if exchange.probe.who.is_some() {
            exchange.sent.as_mut().unwrap().claims = Some(claims.clone());
        }
    }
    judged(&target(), &seen)
}

fn fresh() -> Claims {
    Claims {
        issuer: Some("https://login.example".into()),
        audience: Some("staging".into()),
        expires: Some(NOW + 3_600),
        issued: Some(NOW - 10),
        kind: Some("access".into()),
        ..Claims::default()
    }
}

#[test]
fn an_expired_token_is_the_credentials_fault_and_says_since_when() {
    let claims = Claims {
        expires: Some(NOW - 3 * 86_400),
        ..fresh()
    };
    let run = run(claims, r#"{"detail":"Invalid token"}"#);
    let diagnosis = &run.diagnoses[0];
    assert_eq!(
        (diagnosis.cause.as_str(), diagnosis.blame),
        ("credential-refused", Blame::Credential)
    );
    assert_eq!(
        diagnosis.statement,
        "The token that this run used expired 3 days ago; POST /summaries is right to refuse it"
    );
    let open = run
        .findings
        .iter()
        .filter(|finding| finding.fails() && finding.explained_by.is_none());
    assert_eq!(open.count(), 0, "{:#?}", run.findings);
    assert_eq!(run.exit_code, 1);
}

#[test]
fn a_fresh_token_that_is_refused_is_the_deploys() {
    let run = run(fresh(), r#"{"detail":"Invalid token: signature mismatch"}"#);
    let diagnosis = &run.diagnoses[0];
    assert_eq!(
        (diagnosis.blame, diagnosis.confidence),
        (Blame::Deploy, Confidence::Likely)
    );
    assert_eq!(
        diagnosis.statement,
        "POST /summaries refuses a credential that should be good (HTTP 401)"
    );
}

#[test]
fn what_the_refusal_says_of_audience_is_set_beside_what_the_token_says() {
    let run = run(fresh(), r#"{"detail":"Invalid audience"}"#);
    let diagnosis = &run.diagnoses[0];
    assert_eq!(diagnosis.blame, Blame::Unknown);
    assert!(
        diagnosis.next_steps[0].contains("the token's, staging"),
        "{diagnosis:#?}"
    );
}

#[test]
fn a_refresh_token_in_the_place_of_an_access_token_is_named() {
    let claims = Claims {
        kind: Some("refresh".into()),
        ..fresh()
    };
    assert_eq!(run(claims, "{}").diagnoses[0].blame, Blame::Credential);
}

#[test]
fn a_token_from_the_future_points_at_the_clocks() {
    let claims = Claims {
        issued: Some(NOW + 600),
        ..fresh()
    };
    let run = run(claims, "{}");
    assert!(
        run.headline.contains("10 minutes younger than now"),
        "{}",
        run.headline
    );
}

#[test]
fn a_page_that_is_refused_everywhere_is_another_cause() {
    let seen = [
        inert(1, None, 403, "{}"),
        good(2, 403, "{}"),
        readable(
            3,
            &crate::check::asks::read_from(
                "/health",
                &target().clients[0].origin,
                target().clients[0].credentials,
            ),
            403,
            "",
        ),
    ];
    let run = judged(&target(), &seen);
    assert!(
        run.diagnoses
            .iter()
            .all(|diagnosis| diagnosis.cause != "credential-refused")
    );
}

#[test]
fn a_refusal_beside_a_success_points_at_instances_that_differ() {
    let seen = [inert(1, None, 401, "{}"), good(2, 401, "{}"), proof(3, 200, "{}")];
    let run = judged(&target(), &seen);
    assert!(
        run.headline.contains("now and refuses it then"),
        "{}",
        run.headline
    );
}

#[test]
fn a_clock_that_differs_is_part_of_the_evidence() {
    let mut seen = vec![inert(1, None, 401, "{}"), good(2, 401, "{}")];
    let crate::model::exchange::Outcome::Answered(reply) = &mut seen[1].reply else {
        panic!("no answer");
    };
    reply
        .headers
        .push(("date".into(), "Thu, 01 Jan 1970 00:10:00 GMT".into()));
    let run = judged(&target(), &seen);
    assert!(
        run.diagnoses[0]
            .evidence
            .iter()
            .any(|line| line.ends_with("differ by 10 minutes")),
        "{:#?}",
        run.diagnoses[0]
    );
}
