//! `docs/checks.md` is derived from the registries, so it cannot say anything else than the program does.
//! `GREENLIGHT_BLESS=1 cargo test -p greenlight --test docs` writes it anew.

#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use greenlight::check::spec::Spec;
use greenlight::checks::registry::{CHECKS, RULES};
use greenlight::diagnosis::registry::CAUSES;
use greenlight::diagnosis::tree::TREE;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

const INTRODUCTION: &str = "\
# Checks, rules and causes

Derived from the program; `greenlight list` and `greenlight explain ID` say the same. Do not edit:
`GREENLIGHT_BLESS=1 cargo test -p greenlight --test docs` writes it anew.

A **check** asks for what it wants to see and judges that. A **rule** judges every exchange of a run, whoever asked for it. Each
is a positive claim, and its failure matters as much as its severity says: *blocker* and *major* fail the run, *minor* is shown
and never decides unless `--strict` is given, *advisory* never decides. One that *must run* leaves the run unproven (exit 3)
when it could not be judged. A **cause** explains what failed.
";

/// The page.
fn page() -> String {
    let checks = CHECKS.iter().map(|check| (check.spec(), "check"));
    let rules = RULES.iter().map(|rule| (rule.spec(), "rule"));
    let mut specs: Vec<(&Spec, &str)> = checks.chain(rules).collect();
    specs.sort_by_key(|(spec, _)| (spec.layer, spec.id));
    let mut page = INTRODUCTION.to_owned();
    let mut layer = None;
    for (spec, kind) in specs {
        if layer != Some(spec.layer) {
            write!(page, "\n## {}\n", spec.layer.title()).unwrap();
            layer = Some(spec.layer);
        }
        page.push_str(&entry(spec, kind));
    }
    page.push_str(&causes());
    page.push_str(&tree());
    page
}

fn entry(spec: &Spec, kind: &str) -> String {
    let suites: Vec<&str> = spec.suites.iter().map(|suite| suite.name()).collect();
    let needs: Vec<String> = spec.needs.iter().map(|id| format!("`{id}`")).collect();
    let needs = match needs.as_slice() {
        [] => "nothing".to_owned(),
        needs => needs.join(", "),
    };
    let must_run = if spec.must_run { " · must run" } else { "" };
    format!(
        "\n### {id}\n\n**{title}.** {kind} · {severity}{must_run} · suites: {suites} · needs: {needs}\n\n{explanation}\n\n*If it fails:* {hint}\n",
        id = spec.id,
        title = plain(spec.title),
        severity = spec.severity.word(),
        suites = suites.join(", "),
        explanation = plain(spec.explanation),
        hint = plain(spec.hint),
    )
}

/// Every cause, by the question that it answers.
fn causes() -> String {
    let mut page =
        "\n## Causes\n\nIn the order of diagnosis: earlier ones explain what looks wrong later.\n".to_owned();
    let mut stage = None;
    for cause in CAUSES {
        let leaf = cause.leaf();
        if stage != Some(leaf.stage) {
            write!(page, "\n### {}\n", leaf.stage.title()).unwrap();
            stage = Some(leaf.stage);
        }
        let blames: Vec<&str> = leaf.blames.iter().map(|blame| blame.word()).collect();
        write!(
            page,
            "\n#### {}\n\n{}\n\n*Needs:* {} *At fault:* usually {}. *Likely:*\n\n",
            cause.id(),
            plain(cause.about()),
            plain(leaf.needs),
            blames.join(", or "),
        )
        .unwrap();
        for likely in leaf.likely {
            writeln!(page, "- {}", plain(likely)).unwrap();
        }
    }
    page
}

/// The tree of who is on call.
fn tree() -> String {
    let mut page = "\n## From a complaint to its cause\n\nWhat \"the front end says CORS error\" and \"transcription fails\" can \
                    mean, from the name up.\n\n| leaf | what it is | causes | not named |\n|---|---|---|---|\n"
        .to_owned();
    for leaf in TREE {
        let causes: Vec<String> = leaf.causes.iter().map(|cause| format!("`{cause}`")).collect();
        writeln!(
            page,
            "| {} | {} | {} | {} |",
            leaf.id,
            cell(leaf.what),
            causes.join(", "),
            cell(leaf.open)
        )
        .unwrap();
    }
    page
}

/// Text that Markdown would take for markup, as it stands.
fn plain(text: &str) -> String {
    text.replace('<', "&lt;")
        .replace('*', "\\*")
        .replace("__", "\\_\\_")
}

fn cell(text: &str) -> String {
    plain(text).replace('|', "\\|")
}

#[test]
fn the_page_of_checks_is_what_the_registries_say() {
    let path = root().join("docs/checks.md");
    let page = page();
    if std::env::var_os("GREENLIGHT_BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let first = || {
        let differs = page.lines().zip(kept.lines()).find(|(new, old)| new != old);
        differs.map_or_else(
            || "one is longer than the other".to_owned(),
            |(new, old)| format!("page: {old}\nnow:  {new}"),
        )
    };
    assert!(
        page == kept,
        "docs/checks.md is out of date; GREENLIGHT_BLESS=1 cargo test -p greenlight --test docs writes it anew\n{}",
        first()
    );
}

#[test]
fn every_room_is_on_the_map() {
    let map = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let (harness, service) = map.split_once("## The rooms of the service").unwrap();
    for (source, map) in [("harness/src", harness), ("service/src", service)] {
        for entry in fs::read_dir(root().join(source)).unwrap() {
            let entry = entry.unwrap();
            let room = entry.file_name().into_string().unwrap();
            let on_map = map.contains(&format!("`{room}/` |"));
            assert!(
                !entry.path().is_dir() || on_map,
                "{source}/{room} is not in docs/architecture.md"
            );
        }
    }
}
