//! What holds for every format, whichever are added.

use proptest::prelude::*;

use super::*;
use crate::report::fixtures::{self, traffic};
use crate::report::text;

fn rendered(format: Format, run: &Run, recording: &Recording) -> String {
    let style = Style {
        verbose: true,
        ..Style::default()
    };
    render(format, Finished::new(run, recording), style)
}

#[test]
fn every_format_is_found_by_its_name_and_says_what_it_is() {
    for format in Format::ALL {
        assert_eq!(format.name().parse(), Ok(*format));
        assert!(!format.what().is_empty());
    }
}

#[test]
fn names_the_formats_when_asked_for_another() {
    let error = "XML".parse::<Format>().unwrap_err().to_string();
    for format in Format::ALL {
        assert!(error.contains(format.name()), "{error}");
    }
    assert!(error.contains("XML"));
}

/// What a terminal, a log or an editor would obey, or show as something else than it is.
fn steers(text: &str) -> Option<char> {
    text.chars().find(|c| *c != '\n' && !text::is_plain(*c))
}

/// Whether a line is an annotation that we write.
fn is_ours(format: Format, line: &str) -> bool {
    format == Format::Github
        && ["::error title=", "::warning title=", "::notice title="]
            .iter()
            .any(|ours| line.starts_with(ours))
}

#[test]
fn nothing_that_a_server_says_steers_anything_in_any_format() {
    for (name, run) in fixtures::all() {
        let recording = traffic::filled(fixtures::odd::BOMB);
        for format in Format::ALL {
            let text = rendered(*format, &run, &recording);
            assert_eq!(steers(&text), None, "{name}: {format:?}\n{text}");
        }
    }
}

#[test]
fn no_format_is_empty_when_the_run_is_not_green() {
    let recording = traffic::recording();
    for (name, run) in fixtures::all().into_iter().filter(|(_, run)| run.exit_code != 0) {
        for format in Format::ALL {
            assert!(
                !rendered(*format, &run, &recording).trim().is_empty(),
                "{name}: {format:?}"
            );
        }
    }
}

#[test]
fn the_same_run_is_the_same_report() {
    let (run, recording) = (fixtures::odd::many_findings(), traffic::recording());
    for format in Format::ALL {
        assert_eq!(
            rendered(*format, &run, &recording),
            rendered(*format, &run, &recording),
            "{format:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_line_of_any_format_is_obeyed_by_a_ci_system(
        bomb in "(?s)([ \n\r\u{a0}]|::error::x|::add-mask::|##\\[error\\]|##vso\\[task.x\\]|##|::|[a-z]{30}|\u{202e}|\u{0}|.){1,40}"
    ) {
        let run = fixtures::odd::filled(&bomb);
        let recording = traffic::filled(&bomb);
        for format in Format::ALL {
            let text = rendered(*format, &run, &recording);
            prop_assert_eq!(steers(&text), None, "{:?}", format);
            let obeyed = text.lines().find(|line| ci::obeyed(line) && !is_ours(*format, line));
            prop_assert_eq!(obeyed, None, "{:?}", format);
            let hidden = text.lines().filter(|line| is_ours(*format, line)).find(|line| line.contains("##["));
            prop_assert_eq!(hidden, None, "{:?}", format);
        }
    }
}
