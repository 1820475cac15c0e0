use super::*;
use crate::model::diff::{Change, Failures};
use crate::report::fixtures::{self, odd::difference};

#[test]
fn a_difference_for_people() {
    insta::assert_snapshot!(human(&difference("GET /things"), Style::default()));
}

#[test]
fn a_difference_as_markdown() {
    insta::assert_snapshot!(markdown(&difference("GET /things")));
}

#[test]
fn a_difference_as_annotations() {
    insta::assert_snapshot!(github(&difference("GET /things")));
}

#[test]
fn what_breaks_is_annotated_and_what_does_not_is_not() {
    let levels = |diff: &Diff| -> Vec<String> {
        let text = github(diff);
        text.lines()
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(levels(&difference("x"))[0], "::error");
    assert!(!levels(&harmless()).contains(&"::error".to_owned()));
    let mut same = harmless();
    same.changes.clear();
    same.unlike.clear();
    assert_eq!(levels(&same), [""; 0]);
    let mut many = difference("x");
    let change = many.changes[0].clone();
    many.changes.resize(40, change);
    assert!(levels(&many).len() <= github::MOST);
    let bomb = github(&difference("x\n::error::y"));
    assert!(bomb.lines().all(|line| line.starts_with("::")), "{bomb}");
    assert!(!bomb.contains("\n::error::y"), "{bomb}");
}

/// The same without what breaks.
fn harmless() -> Diff {
    let mut diff = difference("GET /things");
    let nothing = |change: &Change| change.cost == Cost::Nothing;
    diff.changes.retain(nothing);
    diff.failures = Failures::default();
    diff
}

#[test]
fn the_first_word_says_whether_something_breaks() {
    let first = |diff: &Diff| human(diff, Style::default()).lines().next().unwrap().to_owned();
    assert_eq!(
        first(&difference("x")),
        "BREAKING  1 new failure and 1 breaking change"
    );
    assert_eq!(
        first(&harmless()),
        "CHANGED  Something changed, and nothing that breaks"
    );
    let mut same = harmless();
    same.changes.clear();
    assert_eq!(first(&same), format!("SAME  {NOTHING}"));
}

#[test]
fn a_run_tells_of_its_baseline_in_every_format_for_people() {
    let mut run = fixtures::broken::missing_await();
    run.baseline = Some(Baseline::Compared(Box::new(difference("GET /things"))));
    let page = crate::report::human::render(&run, Style::default());
    let new = page.find("new         GET /things on GET /things").unwrap();
    // The cause and what to do come first, what was found after it.
    assert!(page.find("next").unwrap() < new, "{page}");
    assert!(page.contains("as before"), "{page}");
    let page = crate::report::markdown::report::render(&run);
    assert!(page.contains("## Since the baseline\n\n- baseline: "), "{page}");
    run.baseline = Some(Baseline::Absent("last.json".into()));
    let page = crate::report::human::render(&run, Style::default());
    assert!(
        page.contains("none yet: last.json is not there, so nothing was compared"),
        "{page}"
    );
}

#[test]
fn the_page_for_a_browser_tells_of_the_baseline_and_of_none() {
    let recording = fixtures::traffic::recording();
    let mut run = fixtures::healthy();
    let page = |run: &Run| {
        let finished = crate::report::format::Finished::new(run, &recording);
        crate::report::html::render(finished)
    };
    assert!(!page(&run).contains("Since the baseline"));
    run.baseline = Some(Baseline::Compared(Box::new(difference("<b>GET</b> /things"))));
    let shown = page(&run);
    assert!(
        shown.contains("Since the baseline") && shown.contains("&lt;b&gt;GET"),
        "{shown}"
    );
    assert!(!shown.contains("<b>GET"));
}
