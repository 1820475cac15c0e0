//! What people read, looked at as they read it.

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::model::run::CheckOutcome;
use crate::report::fixtures;

fn plain(run: &Run) -> String {
    render(run, Style::default())
}

#[test]
fn a_healthy_run_is_said_in_a_dozen_lines() {
    let text = plain(&fixtures::healthy());
    assert!(text.lines().count() <= 12, "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_missing_await_is_named_before_anything_else() {
    insta::assert_snapshot!(plain(&fixtures::broken::missing_await()));
}

#[test]
fn a_quiet_page_is_the_headline_of_the_whole_one() {
    let runs = [
        fixtures::healthy(),
        fixtures::broken::missing_await(),
        fixtures::broken::unproven(),
        fixtures::odd::many_findings(),
    ];
    for run in runs {
        let style = Style {
            width: 400,
            ..Style::default()
        };
        let quiet = render(&run, Style { quiet: true, ..style });
        assert_eq!(quiet.lines().count(), 1, "{quiet}");
        assert!(render(&run, style).starts_with(&quiet), "{quiet}");
        assert!(quiet.contains(&run.headline), "{quiet}");
    }
    let mut stopped = fixtures::healthy();
    stopped.interrupted = true;
    let style = Style {
        quiet: true,
        ..Style::default()
    };
    assert_eq!(render(&stopped, style), render(&fixtures::healthy(), style));
}

#[test]
fn a_remark_on_a_good_run_has_nobody_at_fault() {
    let broken = fixtures::broken::missing_await();
    let diagnosis = broken.diagnoses[0].clone();
    let mut remark = broken.findings[0].clone();
    remark.severity = crate::model::finding::Severity::Advisory;
    remark.explained_by = Some(diagnosis.cause.clone());
    let mut run = fixtures::healthy();
    run.findings = vec![remark];
    run.diagnoses = vec![diagnosis];
    let text = plain(&run);
    assert!(text.contains("remark      "), "{text}");
    for never in ["at fault", "why ", "seen ", "next "] {
        assert!(
            !text.lines().any(|line| line.starts_with(never)),
            "{never}: {text}"
        );
    }
}

#[test]
fn why_something_was_not_seen_is_not_why_a_run_failed() {
    let mut run = fixtures::broken::missing_await();
    run.diagnoses[0].explains.clear();
    assert!(cause::primary(&run).is_none());
    run.verdict = Verdict::Inconclusive;
    assert!(cause::primary(&run).is_some());
}

#[test]
fn where_it_usually_comes_from_is_said_when_asked_for() {
    let run = fixtures::broken::missing_await();
    let style = Style {
        verbose: true,
        ..Style::default()
    };
    let (asked, short) = (render(&run, style), plain(&run));
    for likely in &run.diagnoses[0].likely_causes {
        assert!(asked.contains(likely.as_str()), "{asked}");
        assert!(!short.contains(likely.as_str()), "{short}");
    }
}

#[test]
fn without_a_token_it_is_said_what_is_not_proven_and_what_would() {
    insta::assert_snapshot!(plain(&fixtures::broken::unproven()));
}

#[test]
fn an_unreachable_service_is_said_once() {
    insta::assert_snapshot!(plain(&fixtures::broken::unreachable()));
}

#[test]
fn many_findings_stay_readable() {
    insta::assert_snapshot!(plain(&fixtures::odd::many_findings()));
}

#[test]
fn many_findings_are_all_there_when_asked_for() {
    let style = Style {
        verbose: true,
        ..Style::default()
    };
    insta::assert_snapshot!(render(&fixtures::odd::many_findings(), style));
}

#[test]
fn a_flaky_run_shows_what_it_saw() {
    insta::assert_snapshot!(plain(&fixtures::odd::flaky()));
}

#[test]
fn hostile_text_is_shown_and_not_obeyed() {
    insta::assert_snapshot!(plain(&fixtures::odd::hostile()));
}

#[test]
fn colour_is_added_to_the_same_text() {
    let style = Style {
        color: true,
        ..Style::default()
    };
    let run = fixtures::broken::missing_await();
    let coloured = render(&run, style);
    let bare = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    assert_eq!(bare.replace_all(&coloured, ""), plain(&run));
    insta::assert_snapshot!(coloured.replace('\u{1b}', "␛"));
}

#[test]
fn a_narrow_page_is_kept_to() {
    let style = Style {
        width: 10,
        ..Style::default()
    };
    insta::assert_snapshot!(render(&fixtures::broken::unproven(), style));
}

#[test]
fn an_interrupted_run_says_that_it_is_a_part() {
    let run = Run {
        interrupted: true,
        exit_code: 130,
        ..fixtures::healthy()
    };
    let text = plain(&run);
    assert!(text.contains("stopped     before it was done"), "{text}");
    assert!(text.ends_with("exit        130\n"), "{text}");
}

#[test]
fn a_proof_that_the_user_goes_without_is_said() {
    let mut run = fixtures::broken::unproven();
    for proof in &mut run.proofs {
        proof.accepted = true;
    }
    let text = plain(&run);
    assert_eq!(text.matches("; accepted without proof").count(), 1, "{text}");
    assert!(!text.contains("run it again:"), "{text}");
}

#[test]
fn a_check_that_could_not_find_out_says_so_beside_its_other_findings() {
    let mut run = fixtures::odd::many_findings();
    let health = run
        .checks
        .iter_mut()
        .find(|check| check.check == "health/fresh")
        .unwrap();
    health.outcome = CheckOutcome::Inconclusive;
    health.reason = Some("the second sample was not sent".into());
    assert!(plain(&run).contains("? Health is measured when asked: the second sample was not sent"));
}

#[test]
fn a_reason_on_a_failed_check_is_not_lost() {
    let mut run = fixtures::broken::missing_await();
    let readable = run
        .checks
        .iter_mut()
        .find(|check| check.check == "cors/readable")
        .unwrap();
    readable.reason = Some("one page was not tried".into());
    assert!(plain(&run).contains("in part     1  one page was not tried (cors/readable)"));
}

#[test]
fn nothing_that_was_skipped_goes_unsaid() {
    for (name, run) in fixtures::all() {
        let text = plain(&run);
        let skipped = text.lines().any(|line| line.starts_with("skipped"));
        assert_eq!(skipped, !run.skipped.is_empty(), "{name}");
        // All of them are counted, and with --verbose each reason is told.
        for verbose in [false, true] {
            let style = Style {
                verbose,
                ..Style::default()
            };
            let text = render(&run, style);
            let block = text.lines().skip_while(|line| !line.starts_with("skipped"));
            let block = block.take_while(|line| line.starts_with("skipped") || line.starts_with("    "));
            let numbers =
                block.filter_map(|line| line.get(10..)?.split_whitespace().next()?.parse::<usize>().ok());
            assert_eq!(numbers.sum::<usize>(), run.skipped.len(), "{name}: {text}");
            let told = text.contains("--verbose gives each");
            let mut skipped = run.skipped.iter();
            let any = skipped.any(|check| check.flag.is_none() && check.outcome == CheckOutcome::Skipped);
            assert_eq!(told, any && !verbose, "{name}: {text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_keeps_to_the_page(bomb in "(?s).{0,300}", color: bool, verbose: bool, width in 60usize..140) {
        let mut run = fixtures::odd::many_findings();
        run.headline.clone_from(&bomb);
        run.target.base.clone_from(&bomb);
        for finding in &mut run.findings {
            finding.title.clone_from(&bomb);
            finding.actual.clone_from(&bomb);
        }
        run.diagnoses[1].statement.clone_from(&bomb);
        let style = Style { color, width, verbose, quiet: false };
        let text = render(&run, style);
        let ours = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
        let bare = ours.replace_all(&text, "");
        prop_assert!(bare.chars().all(|c| c == '\n' || text::is_plain(c)), "{bare:?}");
        let fits = |line: &&str| line.width() <= width || line.contains("curl ") || line.contains("greenlight ");
        prop_assert!(bare.lines().all(|line| fits(&line)), "{bare}");
        prop_assert!(bare.ends_with("exit        1\n"));
    }
}
