//! What holds of the page before a browser opens it; `tests/acceptance/html_page.rs` has one open it.

use super::*;
use crate::model::recording::Recording;
use crate::model::run::Run;
use crate::report::fixtures::{self, traffic};
use crate::report::pages::Pages;

fn page(run: &Run, recording: &Recording) -> String {
    render(Finished::new(run, recording))
}

/// What stands between a tag and its end.
fn within<'p>(page: &'p str, tag: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("<{tag}>")).unwrap();
    rest.split_once(&format!("</{tag}>")).unwrap().0
}

#[test]
fn the_policy_knows_the_style_and_the_script_that_are_there() {
    let run = fixtures::broken::missing_await();
    let format = crate::report::format::Format::Html;
    let finished = traffic::recording();
    let page = crate::report::format::render(
        format,
        Finished::new(&run, &finished),
        crate::report::human::page::Style::default(),
    );
    for tag in ["style", "script"] {
        assert!(
            page.contains(&hash(within(&page, tag)).replace('\'', "&#39;")),
            "{tag}"
        );
        assert_eq!(page.matches(&format!("<{tag}")).count(), 1, "{tag}");
    }
}

#[test]
fn nothing_is_loaded_and_no_style_or_handler_stands_in_an_element() {
    for (name, run) in fixtures::all() {
        let page = page(
            &run,
            &traffic::filled("\" onload=alert(1) style='x'><script>alert(1)</script><img src=x>"),
        );
        for sign in [
            "src=",
            " style=\"",
            " onload=\"",
            "@import",
            "url(",
            "<img",
            "<iframe",
        ] {
            let page = page
                .replace("&quot; onload=alert(1) style='x'&gt;", "")
                .replace("&lt;img src=x", "");
            assert!(!page.contains(sign), "{name}: {sign}");
        }
        let links = page
            .match_indices("href=\"")
            .map(|(at, sign)| &page[at + sign.len()..]);
        for link in links {
            assert!(
                link.starts_with('#') || link.starts_with("data:,"),
                "{name}: {link:.60}"
            );
        }
    }
}

#[test]
fn every_link_leads_somewhere_and_no_name_is_given_twice() {
    let run = fixtures::odd::many_findings();
    let page = page(&run, &traffic::recording());
    let ids: Vec<&str> = page
        .match_indices(" id=\"")
        .map(|(at, sign)| page[at + sign.len()..].split('"').next().unwrap())
        .collect();
    let mut once = ids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "{ids:?}");
    let links = page
        .match_indices("href=\"#")
        .map(|(at, sign)| page[at + sign.len()..].split('"').next().unwrap());
    for link in links {
        assert!(ids.contains(&link), "#{link} leads nowhere");
    }
}

#[test]
fn a_finding_leads_to_the_page_of_its_check_and_of_its_cause_where_they_are_published() {
    let (run, recording) = (fixtures::odd::many_findings(), traffic::recording());
    let finding = run
        .findings
        .iter()
        .find(|finding| finding.explained_by.is_some())
        .unwrap();
    let rendered = |docs| {
        render(Finished {
            pages: Pages(docs),
            ..Finished::new(&run, &recording)
        })
    };
    let published = rendered("https://forge.example/docs");
    let cause = finding.explained_by.as_deref().unwrap();
    for page in [
        format!("checks/{}.md", finding.check),
        format!("causes/{cause}.md"),
    ] {
        let link = format!("href=\"https://forge.example/docs/{page}\"");
        assert!(published.contains(&link), "{link}");
    }
    let bare = rendered("");
    assert!(!bare.contains("forge.example"));
    let command = format!(
        "About this check: <code>greenlight explain {}</code>",
        finding.check
    );
    assert!(bare.contains(&command), "{command}");
}

#[test]
fn two_hundred_exchanges_fit_into_a_mebibyte() {
    let run = fixtures::odd::many_findings();
    let mut recording = traffic::recording();
    let mut long = recording.exchanges[1].clone();
    if let crate::model::exchange::Outcome::Answered(reply) = &mut long.reply {
        reply.headers = (0..20)
            .map(|n| {
                (
                    format!("x-header-{n}").as_str().into(),
                    "v".repeat(60).as_str().into(),
                )
            })
            .collect();
        reply.body = crate::model::capture::Captured::complete("word ".repeat(20_000));
    }
    recording.exchanges = (0..200)
        .map(|id| crate::model::exchange::Exchange {
            id: crate::model::exchange::Xid(id),
            ..long.clone()
        })
        .collect();
    let page = page(&run, &recording);
    assert!(page.len() < 1 << 20, "{}", page.len());
    assert_eq!(page.matches("<details class=\"x").count(), 200);
}

#[test]
fn lines_are_kept_and_bounded() {
    assert_eq!(lines("{\n  \"a\": 1\n}\n", 100), "{\n  \"a\": 1\n}");
    assert_eq!(lines("a\u{1b}[2J\r\nb", 100), "a\\u{1b}[2J\nb");
    assert!(lines(&"x\n".repeat(10_000), 100).len() < 120);
    assert!(lines(&"x".repeat(10_000), 100).len() < 120);
}

#[test]
fn the_page_of_a_failing_run() {
    let page = page(&fixtures::broken::missing_await(), &traffic::recording());
    let bare = page
        .replace(STYLE, "…")
        .replace(SCRIPT, "…")
        .replace("><", ">\n<");
    let bare = bare.replace(&hash(STYLE), "HASH").replace(&hash(SCRIPT), "HASH");
    insta::assert_snapshot!(bare);
}
