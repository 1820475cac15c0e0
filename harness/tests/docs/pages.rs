//! The pages under `docs/checks/` and `docs/causes/`: one for each check, rule and cause, written from its declaration and
//! from the faults of the lab that show it; and the index of them all.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use greenlight::check::spec::Spec;
use greenlight::checks::registry::{CHECKS, RULES};
use greenlight::diagnosis::case::Cause;
use greenlight::diagnosis::registry::CAUSES;
use greenlight::diagnosis::tree::TREE;
use greenlight::lab::fault::Fault;
use greenlight::lab::faults::{self, FAMILIES};
use greenlight::model::finding::Layer;

const INDEX: &str = "\
# Checks, rules and causes

Derived from the program; `greenlight list` and `greenlight explain ID` say the same. Do not edit:
`GREENLIGHT_BLESS=1 cargo test -p greenlight --test docs` writes it anew.

A **check** asks for what it wants to see and judges that. A **rule** judges every exchange of a run, whoever asked for it. Each
is a positive claim, and its failure matters as much as its severity says: *blocker* and *major* fail the run, *minor* is shown
and never decides unless `--strict` is given, *advisory* never decides. One that *must run* leaves the run unproven (exit 3)
when it could not be judged. A **cause** explains what failed.
";

/// Every page by its path below `docs/`.
pub(crate) fn all() -> BTreeMap<String, String> {
    let specs = specs();
    let mut pages = BTreeMap::from([("checks.md".to_owned(), index(&specs))]);
    for (spec, kind) in &specs {
        pages.insert(format!("checks/{}.md", spec.id), of_check(spec, kind));
    }
    for cause in CAUSES {
        pages.insert(format!("causes/{}.md", cause.id()), of_cause(*cause));
    }
    pages
}

fn specs() -> Vec<(&'static Spec, &'static str)> {
    let checks = CHECKS.iter().map(|check| (check.spec(), "check"));
    let rules = RULES.iter().map(|rule| (rule.spec(), "rule"));
    let mut specs: Vec<_> = checks.chain(rules).collect();
    specs.sort_by_key(|(spec, _)| (spec.layer, spec.id));
    specs
}

fn index(specs: &[(&Spec, &str)]) -> String {
    let mut page = INDEX.to_owned();
    let mut layer: Option<Layer> = None;
    for (spec, kind) in specs {
        if layer != Some(spec.layer) {
            let title = spec.layer.title();
            write!(page, "\n## {title}\n\n| id | what must hold | |\n|---|---|---|\n").unwrap();
            layer = Some(spec.layer);
        }
        let must_run = if spec.must_run { ", must run" } else { "" };
        let kept = format!("{kind}, {}{must_run}", spec.severity.word());
        writeln!(
            page,
            "| [`{0}`](checks/{0}.md) | {1} | {kept} |",
            spec.id,
            cell(spec.title)
        )
        .unwrap();
    }
    page.push_str("\n## Causes\n\nIn the order of diagnosis: earlier ones explain what looks wrong later.\n");
    let mut stage = None;
    for cause in CAUSES {
        let leaf = cause.leaf();
        if stage != Some(leaf.stage) {
            let title = leaf.stage.title();
            write!(page, "\n### {title}\n\n| cause | what it is |\n|---|---|\n").unwrap();
            stage = Some(leaf.stage);
        }
        writeln!(
            page,
            "| [`{0}`](causes/{0}.md) | {1} |",
            cause.id(),
            cell(cause.about())
        )
        .unwrap();
    }
    page.push_str(&tree());
    page
}

/// The tree of who is on call.
fn tree() -> String {
    let mut page = "\n## From a complaint to its cause\n\nWhat \"the front end says CORS error\" and \"transcription fails\" can \
                    mean, from the name up.\n\n| leaf | what it is | causes | not named |\n|---|---|---|---|\n"
        .to_owned();
    for leaf in TREE {
        let causes = leaf
            .causes
            .iter()
            .map(|cause| format!("[`{cause}`](causes/{cause}.md)"));
        let causes: Vec<String> = causes.collect();
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

fn of_check(spec: &Spec, kind: &str) -> String {
    let suites: Vec<&str> = spec.suites.iter().map(|suite| suite.name()).collect();
    let needs = spec.needs.iter().map(|id| format!("[`{id}`](../{id}.md)"));
    let needs: Vec<String> = needs.collect();
    let needs = if needs.is_empty() {
        "nothing".to_owned()
    } else {
        needs.join(", ")
    };
    let must_run = if spec.must_run {
        " · must run: without it the run is unproven, exit 3"
    } else {
        ""
    };
    let mut page = format!(
        "# {id}\n\n**{title}.**\n\n{kind} of {layer} · {severity}{must_run} · suites: {suites} · needs: {needs}\n\n{why}\n\n\
         ## If it fails\n\n{hint}\n",
        id = spec.id,
        title = plain(spec.title),
        layer = spec.layer.title(),
        severity = spec.severity.word(),
        suites = suites.join(", "),
        why = plain(spec.explanation),
        hint = plain(spec.hint),
    );
    let found = |fault: &&Fault| fault.checks.contains(&spec.id);
    let mut causes: Vec<&str> = alone().filter(found).filter_map(|fault| fault.cause).collect();
    causes.sort_unstable();
    causes.dedup();
    if !causes.is_empty() {
        let links = causes
            .iter()
            .map(|cause| format!("[`{cause}`](../../causes/{cause}.md)"));
        let links: Vec<String> = links.collect();
        write!(page, "\nIt may be: {}.\n", links.join(", ")).unwrap();
    }
    let faults: Vec<&Fault> = faults::all().filter(found).collect();
    page.push_str(&shown("It finds", "../../kill-matrix.md", &faults));
    page
}

fn of_cause(cause: &dyn Cause) -> String {
    let leaf = cause.leaf();
    let blames: Vec<&str> = leaf.blames.iter().map(|blame| blame.word()).collect();
    let mut page = format!(
        "# {}\n\n{}\n\n*{}* It needs: {} At fault is usually {}.\n\n## Likely\n\n",
        cause.id(),
        plain(cause.about()),
        leaf.stage.title(),
        plain(leaf.needs),
        blames.join(", or ")
    );
    for (at, likely) in leaf.likely.iter().enumerate() {
        writeln!(page, "{}. {}", at + 1, plain(likely)).unwrap();
    }
    let named = |fault: &&Fault| fault.cause == Some(cause.id()) || fault.also.contains(&cause.id());
    let faults: Vec<&Fault> = faults::all().filter(named).collect();
    let mut checks: Vec<&str> = alone()
        .filter(|fault| fault.cause == Some(cause.id()))
        .flat_map(|fault| fault.checks)
        .copied()
        .collect();
    checks.sort_unstable();
    checks.dedup();
    if !checks.is_empty() {
        page.push_str("\n## What fails then\n\n");
        for check in checks {
            writeln!(page, "- [`{check}`](../checks/{check}.md)").unwrap();
        }
    }
    page.push_str(&shown("It is named for", "../kill-matrix.md", &faults));
    page
}

/// The faults that are not several at once: of those nobody can say which check is which cause's.
fn alone() -> impl Iterator<Item = &'static Fault> {
    let families = FAMILIES.iter().filter(|family| family.name != "compound");
    families.flat_map(|family| family.faults)
}

/// The faults of the lab that show it.
fn shown(title: &str, matrix: &str, faults: &[&Fault]) -> String {
    if faults.is_empty() {
        return String::new();
    }
    let mut page = format!("\n## {title}\n\nShown by the [lab]({matrix}) on every build:\n\n");
    for fault in faults {
        writeln!(page, "- `{}`: {}", fault.id, plain(fault.sentence)).unwrap();
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
