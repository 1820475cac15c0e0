//! What a dashboard makes of the file.

use proptest::prelude::*;

use super::*;
use crate::model::run::CheckOutcome;
use crate::report::fixtures;

fn read(run: &Run) -> Report {
    let text = render(run);
    Report::deserialize_from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Whether a dashboard that shows nothing else is green.
fn is_green(report: &Report) -> bool {
    report.failures == 0 && report.errors == 0
}

#[test]
fn a_dashboard_is_green_exactly_when_the_exit_code_is_0() {
    for (name, run) in fixtures::all() {
        assert_eq!(is_green(&read(&run)), run.exit_code == 0, "{name}");
    }
}

#[test]
fn every_check_is_a_case_and_the_verdict_one_more() {
    for (name, run) in fixtures::all() {
        let report = read(&run);
        let cases: usize = report
            .test_suites
            .iter()
            .map(|suite| suite.test_cases.len())
            .sum();
        assert_eq!(cases, run.checks.len() + 1, "{name}");
        assert_eq!(report.tests, cases, "{name}");
    }
}

#[test]
fn counts_failures_errors_and_skips_as_they_are() {
    let of = |run: &Run| {
        let report = read(run);
        (report.failures, report.errors, report.skipped)
    };
    assert_eq!(of(&fixtures::healthy()), (0, 0, 0));
    assert_eq!(of(&fixtures::broken::missing_await()), (4, 0, 1));
    assert_eq!(of(&fixtures::broken::unproven()), (0, 3, 3));
    assert_eq!(of(&fixtures::broken::unreachable()), (2, 2, 10));
}

#[test]
fn a_proof_that_was_skipped_is_an_error_unless_accepted() {
    let mut run = fixtures::broken::unproven();
    let proofs = run
        .checks
        .iter_mut()
        .find(|check| check.check == "journey/proofs")
        .unwrap();
    proofs.outcome = CheckOutcome::Skipped;
    assert_eq!(read(&run).errors, 3);
    run.proofs[2].accepted = true;
    assert_eq!(read(&run).errors, 2);
}

#[test]
fn an_interrupted_run_and_a_degraded_one_that_fails_are_not_green() {
    for exit_code in [exit::DEGRADED, exit::INTERRUPTED, exit::OURS] {
        let run = Run {
            exit_code,
            ..fixtures::healthy()
        };
        assert_eq!(read(&run).errors, 1);
    }
}

#[test]
fn what_never_decides_is_a_remark_on_a_case_that_passes() {
    let mut run = fixtures::odd::many_findings();
    run.findings.retain(|finding| finding.check == "cors/vary");
    let report = read(&run);
    let cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
    let vary = cases
        .into_iter()
        .find(|case| case.classname.as_deref() == Some("cors/vary"))
        .unwrap();
    assert_eq!(vary.status, TestCaseStatus::success());
    assert!(vary.system_out.as_deref().unwrap().contains("does not say so"));
}

#[test]
fn flaky_is_a_case_that_passes_with_its_failed_attempt() {
    let text = render(&fixtures::odd::flaky());
    assert_eq!(text.matches("<flakyFailure").count(), 1, "{text}");
    assert!(is_green(&read(&fixtures::odd::flaky())));
}

#[test]
fn a_file_of_a_failing_run() {
    insta::assert_snapshot!(render(&fixtures::broken::missing_await()));
}

#[test]
fn even_the_last_resort_is_a_file_that_is_not_green() {
    assert!(!is_green(&Report::deserialize_from_str(BROKEN).unwrap()));
}

/// Every character is allowed by XML 1.0 §2.2, whatever the parser lets pass.
fn is_xml(text: &str) -> bool {
    text.chars().all(
        |c| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_makes_a_well_formed_file(bomb in "(?s)(]]>|<!--|&|<|\u{1b}\\[31m|.){0,80}") {
        let mut run = fixtures::broken::missing_await();
        for finding in &mut run.findings {
            for field in [&mut finding.title, &mut finding.subject, &mut finding.actual, &mut finding.hint] {
                field.clone_from(&bomb);
            }
        }
        for check in &mut run.checks {
            check.title.clone_from(&bomb);
            check.reason = Some(bomb.clone());
        }
        run.headline.clone_from(&bomb);
        run.target.base.clone_from(&bomb);
        run.evidence[0].excerpt = Some(bomb.clone());
        let text = render(&run);
        prop_assert!(is_xml(&text), "{text:?}");
        let report = Report::deserialize_from_str(&text);
        prop_assert!(report.is_ok(), "{report:?}\n{text}");
        let failed = report.unwrap().failures;
        prop_assert_eq!(failed, 4);
    }
}
