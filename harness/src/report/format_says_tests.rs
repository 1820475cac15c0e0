//! What every format says, each as its reader's conventions allow: who answers for what was waived, and where more is told of what
//! was found.

use super::*;
use crate::model::diagnosis::Hypothesis;
use crate::model::finding::Verdict;
use crate::model::rollout::Ended;
use crate::model::run::CheckOutcome;
use crate::model::waiver::Standing;
use crate::report::fixtures::odd::{self, waived};
use crate::report::fixtures::{self, traffic};

const EACH: &[&str] = &["cors/vary", "OPTIONS /me", "keys on Origin", "ana", "2026-04-30"];

fn rendered(format: Format, run: &Run, pages: Pages<'_>, verbose: bool) -> String {
    let recording = traffic::recording();
    let style = Style {
        verbose,
        ..Style::default()
    };
    let finished = Finished {
        pages,
        ..Finished::new(run, &recording)
    };
    // However a format wraps, escapes or indents, it says the same words.
    let text = render(format, finished, style);
    text.replace("%3A", ":")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// A run of every kind of page that there is.
fn runs() -> Vec<(&'static str, Run)> {
    let mut runs = fixtures::all();
    let mut nothing = fixtures::healthy();
    nothing.verdict = Verdict::Inconclusive;
    nothing.exit_code = 3;
    nothing.hypotheses = vec![Hypothesis {
        what: "It comes and goes".into(),
        command: None,
    }];
    let mut stopped = fixtures::broken::missing_await();
    stopped.interrupted = true;
    let mut waited = fixtures::healthy();
    waited.rollout = Some(fixtures::rollout::rollout(Ended::NotDeployed));
    runs.extend([
        ("not reproduced", nothing),
        ("stopped", stopped),
        ("waited", waited),
    ]);
    runs
}

/// What a text does not say of the waiver.
fn unsaid(text: &str) -> Vec<&'static str> {
    EACH.iter().copied().filter(|part| !text.contains(part)).collect()
}

#[test]
fn every_format_says_who_answers_for_what_was_waived() {
    let mut missed = Vec::new();
    for (name, run) in runs() {
        for standing in [
            Standing::Holds,
            Standing::Unused,
            Standing::Unseen,
            Standing::Expired,
        ] {
            let run = Run {
                waivers: waived(standing, 0),
                ..run.clone()
            };
            for (format, verbose) in Format::ALL.iter().flat_map(|one| [(*one, false), (*one, true)]) {
                let text = rendered(format, &run, Pages(""), verbose);
                let word = match format {
                    Format::Json | Format::Jsonl => serde_json::to_string(&standing).unwrap(),
                    _ if standing == Standing::Holds => "aived".to_owned(),
                    _ => standing.word().to_owned(),
                };
                let unsaid = unsaid(&text);
                if !unsaid.is_empty() || !text.contains(&word) {
                    missed.push(format!("{name}: {format:?} says no {unsaid:?} or {word}"));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn a_format_that_tells_it_beside_its_finding_does_not_lose_it() {
    let run = odd::many_findings();
    let mut missed = Vec::new();
    for format in Format::ALL {
        let unsaid = unsaid(&rendered(*format, &run, Pages(""), false));
        if !unsaid.is_empty() {
            missed.push(format!("{format:?} says no {unsaid:?}"));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn no_format_speaks_of_waivers_where_there_are_none() {
    for (name, mut run) in runs() {
        run.waivers.clear();
        for finding in &mut run.findings {
            finding.waived = None;
        }
        for format in Format::ALL.iter().filter(|format| **format != Format::Json) {
            let text = rendered(*format, &run, Pages(""), true).to_lowercase();
            assert!(
                !text.contains("answers for it") && !text.contains("waived"),
                "{name}: {format:?}\n{text}"
            );
        }
    }
}

/// A run whose findings and causes say where more is told of them, as the judge leaves it.
fn pointed(pages: Pages<'_>) -> Run {
    let mut run = fixtures::broken::missing_await();
    let open = odd::many_findings().findings.into_iter();
    run.findings
        .extend(open.filter(|finding| finding.check == "auth/rejects-bad-tokens"));
    fixtures::set(
        &mut run,
        "auth/rejects-bad-tokens",
        CheckOutcome::Fail,
        None,
        None,
    );
    for finding in &mut run.findings {
        finding.help = pages.way_to_check(&finding.check);
    }
    for diagnosis in &mut run.diagnoses {
        diagnosis.help = pages.way_to_cause(&diagnosis.cause);
    }
    run
}

/// What a format tells of: checks and causes by their ids. A format that has room for causes alone tells of what they explain
/// by them.
fn told(format: Format, run: &Run) -> Vec<String> {
    let open = |finding: &&crate::model::finding::Finding| finding.explained_by.is_none();
    let findings = run.findings.iter();
    let checks: Vec<String> = match format {
        Format::Github => findings
            .filter(open)
            .map(|finding| finding.check.clone())
            .collect(),
        // It counts nothing but checks, and has no room for an address of each.
        Format::Short => return vec![],
        _ => findings.map(|finding| finding.check.clone()).collect(),
    };
    let causes = run.diagnoses.iter().map(|one| one.cause.clone());
    match format {
        // Code scanning of GitLab knows findings alone; each names its cause.
        Format::CodeQuality => checks,
        _ => checks.into_iter().chain(causes).collect(),
    }
}

#[test]
fn every_format_says_where_more_is_told_of_what_it_tells() {
    let mut missed = Vec::new();
    for pages in [Pages("https://forge.example/docs"), Pages("")] {
        let run = pointed(pages);
        for format in Format::ALL {
            let text = rendered(*format, &run, pages, true);
            for id in told(*format, &run) {
                let way = match id.contains('/') {
                    true => pages.way_to_check(&id),
                    false => pages.way_to_cause(&id),
                };
                let way = way.unwrap();
                // A table has one command for all of them, by their names.
                let by_name = *format == Format::Markdown
                    && pages.0.is_empty()
                    && text.contains("More about a check, by its name: `greenlight explain ");
                if !by_name && !text.contains(&way) {
                    missed.push(format!("{format:?} does not lead to {way}"));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    let short = rendered(Format::Short, &pointed(Pages("")), Pages(""), false);
    assert!(
        short.contains("auth/rejects-bad-tokens") && short.contains("greenlight explain ID"),
        "{short}"
    );
}

#[test]
fn a_page_for_people_leads_to_its_cause_and_to_what_has_none_and_to_nothing_twice() {
    let text = rendered(Format::Human, &pointed(Pages("")), Pages(""), false);
    for way in [
        "greenlight explain masked-server-error",
        "greenlight explain auth/rejects-bad-tokens",
    ] {
        assert_eq!(text.matches(way).count(), 1, "{way}:\n{text}");
    }
    assert_eq!(text.matches("greenlight explain").count(), 2, "{text}");
}
