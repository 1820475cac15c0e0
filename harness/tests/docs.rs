//! `docs/checks.md` is derived from the registries, so it cannot say anything else than the program does.
//! `GREENLIGHT_BLESS=1 cargo test -p greenlight --test docs` writes it anew.

#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use greenlight::check::spec::Spec;
use greenlight::checks::registry::{CHECKS, RULES};
use greenlight::diagnosis::registry::CAUSES;

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
    page.push_str("\n## Causes\n\nIn the order of diagnosis: earlier ones hide later ones.\n\n| cause | what it is |\n|---|---|\n");
    for cause in CAUSES {
        writeln!(page, "| `{}` | {} |", cause.id(), cell(cause.about())).unwrap();
    }
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
