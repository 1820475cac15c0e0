//! What a reader of Markdown makes of the pages.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::model::run::Run;
use crate::report::fixtures::{self, traffic};
use crate::report::format::Finished;
use crate::report::markdown::words::{block, cell, code, prose};
use crate::report::markdown::{deployment, incident, report};
use crate::report::text::{self, VALUE};

fn pages(run: &Run) -> [String; 3] {
    let recording = traffic::recording();
    let finished = Finished::new(run, &recording);
    [
        report::render(run),
        incident::render(finished),
        deployment::render(finished),
    ]
}

/// What in a page does more than stand there.
fn active(page: &str) -> Vec<String> {
    let events = Parser::new_ext(page, Options::all().difference(Options::ENABLE_SMART_PUNCTUATION));
    let is_active = |event: &Event<'_>| {
        matches!(
            event,
            Event::Html(_)
                | Event::InlineHtml(_)
                | Event::FootnoteReference(_)
                | Event::InlineMath(_)
                | Event::DisplayMath(_)
                | Event::Rule
                | Event::TaskListMarker(_)
                | Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::BlockQuote(_) | Tag::HtmlBlock)
        )
    };
    events
        .filter(is_active)
        .map(|event| format!("{event:?}"))
        .collect()
}

/// The text of a page, code included.
fn text_of(page: &str) -> String {
    let events = Parser::new_ext(page, Options::ENABLE_TABLES);
    let texts = events.filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.into_string()),
        _ => None,
    });
    texts.collect::<Vec<_>>().concat()
}

#[test]
fn no_page_holds_a_link_an_image_or_html() {
    for (name, run) in fixtures::all() {
        for page in pages(&run) {
            assert_eq!(active(&page), Vec::<String>::new(), "{name}:\n{page}");
        }
    }
}

/// The only links of a page are ours, to what more is told.
#[test]
fn findings_and_causes_are_linked_where_their_pages_are_published() {
    let published = crate::report::pages::Pages("https://forge.example/docs");
    let (_, run) = fixtures::all()
        .into_iter()
        .find(|(_, run)| !run.diagnoses.is_empty() && !run.findings.is_empty())
        .unwrap();
    let links = active(&report::linked(&run, published));
    let leads = |folder: &str, id: &str| {
        let page = format!("https://forge.example/docs/{folder}/{id}.md");
        links.iter().any(|link| link.contains(&page))
    };
    assert!(leads("causes", &run.diagnoses[0].cause), "{links:?}");
    assert!(leads("checks", &run.findings[0].check), "{links:?}");
    assert!(
        links.iter().all(|link| link.contains("forge.example")),
        "{links:?}"
    );
}

#[test]
fn words_stay_words_and_what_could_be_markup_becomes_code() {
    assert_eq!(
        prose("POST /notes answers HTTP 500 (3 of 3)", VALUE),
        "POST /notes answers HTTP 500 (3 of 3)"
    );
    assert_eq!(
        prose("see https://evil.example now", VALUE),
        "see `https://evil.example` now"
    );
    assert_eq!(prose("@ana [a](b) *x*", VALUE), "`@ana [a](b) *x*`");
    assert_eq!(prose("1. no list", VALUE), "`1.` no list");
    assert_eq!(prose("GET /me -> 200 — fine", VALUE), "GET /me → 200 — fine");
    assert_eq!(code("a `b` ``c``", VALUE), "``` a `b` ``c`` ```");
}

#[test]
fn a_table_has_as_many_rows_as_findings_whatever_they_say() {
    let page = report::render(&fixtures::odd::filled("a|b\n| c | `d|e` |"));
    let events = Parser::new_ext(&page, Options::ENABLE_TABLES);
    let rows = events
        .filter(|event| matches!(event, Event::Start(Tag::TableRow)))
        .count();
    assert_eq!(
        rows,
        8 + 3 + 5 + 7,
        "facts, findings, operations, layers:\n{page}"
    );
}

#[test]
fn a_summary_fits_and_says_when_it_is_not_all() {
    let run = fixtures::odd::many_findings();
    assert_eq!(report::summary(&run, report::SUMMARY), report::render(&run));
    for most in [0, 100, 1_000, 2_000] {
        let page = report::summary(&run, most);
        assert!(page.len() <= most, "{most}");
        assert!(
            page.is_empty() || page.ends_with("`--format json` has it.\n"),
            "{page}"
        );
    }
}

#[test]
fn an_incident_says_what_an_incident_is_asked() {
    let note = &pages(&fixtures::broken::missing_await())[1];
    for heading in [
        "## Impact",
        "## Timeline (UTC)",
        "## Evidence",
        "## Ruled out",
        "## Next steps",
        "## Request ids",
    ] {
        assert!(note.contains(heading), "{heading}:\n{note}");
    }
    assert!(
        note.starts_with("# A server error (HTTP 500) is what browsers"),
        "{note}"
    );
    insta::assert_snapshot!(note);
}

#[test]
fn what_may_be_wrong_is_told_with_the_command_that_would_tell() {
    let mut run = fixtures::healthy();
    run.hypotheses = vec![crate::model::diagnosis::Hypothesis {
        what: "the paid call was not made".into(),
        command: Some("greenlight diagnose URL --allow paid".into()),
    }];
    for page in &pages(&run)[..2] {
        let told = "## What it may be\n\n1. the paid call was not made:\n\n   ```sh\n   greenlight diagnose URL --allow paid\n";
        assert!(page.contains(told), "{page}");
    }
}

#[test]
fn a_deployment_note_says_what_was_not_verified() {
    let note = &pages(&fixtures::broken::unproven())[2];
    let (_, unverified) = note.split_once("## What was NOT verified").unwrap();
    assert!(unverified.contains("**A good token is accepted**"), "{note}");
    assert!(unverified.contains("no page's origin is known"), "{note}");
    insta::assert_snapshot!(note);
}

#[test]
fn the_page_of_a_failing_run() {
    insta::assert_snapshot!(report::render(&fixtures::odd::many_findings()));
}

const WORDS: &str = "(?s)(https?://e\\.x|www\\.e\\.x|a@b\\.cc|@ana|\\[a\\]\\(b\\)|!\\[a\\]\\(b\\)|<b>|<!--|`|\\||\\*|_|~|\\$|\\^|#|[0-9]\\.|- |\\+|=|>|\\\\|&lt;|\n| |[a-z]|.){0,40}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_shown_and_not_rendered(text in WORDS) {
        for shown in [prose(&text, VALUE), code(&text, VALUE)] {
            for page in [format!("# {shown}\n"), format!("- {shown}\n"), format!("x {shown}\n"), shown.clone(), format!("| a |\n|---|\n| {} |\n", cell(&shown))] {
                prop_assert_eq!(active(&page), Vec::<String>::new(), "{}", page);
                let seen: String = text_of(&page).replace('→', "->").split_whitespace().collect();
                let meant: String = text::line(&text, VALUE).replace('→', "->").split_whitespace().collect();
                prop_assert!(seen.ends_with(&meant), "{:?} of {:?} in {:?}", seen, meant, page);
            }
        }
        let page = block("sh", &[text::line(&text, VALUE)]);
        let seen = text_of(&page);
        prop_assert_eq!(seen.trim_end_matches('\n'), text::line(&text, VALUE));
    }

    #[test]
    fn any_text_makes_pages_without_markup_of_its_own(bomb in WORDS) {
        for page in pages(&fixtures::odd::filled(&bomb)) {
            prop_assert_eq!(active(&page), Vec::<String>::new(), "{}", page);
        }
    }
}
