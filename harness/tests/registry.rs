//! The registries of checks, rules and causes: what lists, documentation and reports derive from must be whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use greenlight::check::spec::Spec;
use greenlight::checks::registry::{CHECKS, RULES};
use greenlight::diagnosis::leaf::Stage;
use greenlight::diagnosis::registry::CAUSES;
use greenlight::diagnosis::tree::TREE;
use greenlight::model::diagnosis::Blame;
use greenlight::model::finding::Severity;

fn specs() -> Vec<&'static Spec> {
    let checks = CHECKS.iter().map(|check| check.spec());
    checks.chain(RULES.iter().map(|rule| rule.spec())).collect()
}

/// The file of a check `room/name` or a cause `name`.
fn file(folder: &str, id: &str) -> std::path::PathBuf {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    src.join(format!("{}.rs", id.replace('-', "_")))
}

#[test]
fn every_id_is_unique_and_is_its_file() {
    let ids: Vec<&str> = specs().iter().map(|spec| spec.id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    for id in ids {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '/');
        assert!(id.chars().all(plain) && id.matches('/').count() == 1, "{id}");
        assert!(
            file("checks", id).is_file(),
            "{id} has no file {}",
            file("checks", id).display()
        );
    }
}

#[test]
fn nothing_that_people_read_is_empty() {
    for spec in specs() {
        let Spec {
            id,
            title,
            explanation,
            hint,
            suites,
            ..
        } = spec;
        assert!(
            title.len() > 10 && !title.ends_with('.'),
            "{id}: a title is a claim without a full stop"
        );
        assert!(title.starts_with(|c: char| c.is_uppercase()), "{id}: {title}");
        let first = title.split(' ').next().unwrap_or_default();
        assert!(
            !["Not", "Never", "Checks", "Check"].contains(&first),
            "{id}: a title claims what is so: {title}"
        );
        assert!(
            explanation.len() > 80 && explanation.ends_with('.'),
            "{id}: the explanation says why it matters"
        );
        assert!(
            hint.len() > 20 && hint.ends_with(['.', '?']),
            "{id}: the hint says what to do"
        );
        assert!(!suites.is_empty(), "{id} is in no suite");
        for text in [title, explanation, hint] {
            assert!(!text.contains("  ") && !text.contains("TODO"), "{id}: {text}");
        }
    }
}

#[test]
fn what_a_check_needs_stands_before_it() {
    let mut before = BTreeSet::new();
    for check in CHECKS {
        let spec = check.spec();
        for need in spec.needs {
            assert!(
                before.contains(need),
                "{} needs {need}, which does not stand before it",
                spec.id
            );
        }
        before.insert(spec.id);
    }
    for rule in RULES {
        assert!(
            rule.spec().needs.is_empty(),
            "{} is a rule: it judges whatever was seen",
            rule.spec().id
        );
    }
}

#[test]
fn what_must_run_decides() {
    for check in CHECKS
        .iter()
        .map(|check| check.spec())
        .filter(|spec| spec.must_run)
    {
        assert_eq!(check.severity, Severity::Blocker, "{}", check.id);
    }
}

#[test]
fn every_cause_is_unique_and_is_its_file() {
    let ids: Vec<&str> = CAUSES.iter().map(|cause| cause.id()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    for cause in CAUSES {
        assert!(file("diagnosis", cause.id()).is_file(), "{}", cause.id());
        let about = cause.about();
        assert!(
            about.len() > 20 && about.ends_with('.') && !about.contains("  "),
            "{}: {about}",
            cause.id()
        );
    }
}

/// Files of checks that nobody registered would look finished and never run.
#[test]
fn every_file_that_declares_a_check_or_cause_is_registered() {
    let ids: Vec<&str> = specs()
        .iter()
        .map(|spec| spec.id)
        .chain(CAUSES.iter().map(|cause| cause.id()))
        .collect();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src.join("checks"), src.join("diagnosis")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let declares = ["\nimpl Check for ", "\nimpl Rule for ", "\nimpl Cause for "];
            if declares.iter().any(|line| text.contains(line)) {
                assert!(
                    ids.iter().any(|id| text.contains(&format!("\"{id}\""))),
                    "{} is not registered",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn every_cause_says_what_it_needs_where_it_comes_from_and_in_whose_hands_it_is() {
    for cause in CAUSES {
        let (id, leaf) = (cause.id(), cause.leaf());
        assert!(
            leaf.needs.len() > 30 && leaf.needs.ends_with('.'),
            "{id}: {}",
            leaf.needs
        );
        assert!(
            leaf.needs
                .starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()),
            "{id}: {}",
            leaf.needs
        );
        assert!((1..=5).contains(&leaf.likely.len()), "{id}");
        for likely in leaf.likely {
            assert!(
                likely.len() > 15 && likely.len() < 170 && !likely.ends_with(['.', ',', ';']),
                "{id}: {likely}"
            );
        }
        for text in leaf.likely.iter().chain([&leaf.needs]) {
            assert!(!text.contains("  ") && !text.contains("TODO"), "{id}: {text}");
        }
        let blames: BTreeSet<_> = leaf.blames.iter().collect();
        assert!(!blames.is_empty() && blames.len() == leaf.blames.len(), "{id}");
        assert!(
            !blames.contains(&Blame::Unknown),
            "{id}: whose hands it usually is in"
        );
    }
}

#[test]
fn no_two_causes_say_the_same() {
    let mut said: BTreeMap<String, &str> = BTreeMap::new();
    for cause in CAUSES {
        let leaf = cause.leaf();
        for text in leaf.likely.iter().copied().chain([leaf.needs, cause.about()]) {
            let plain: String = text
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric())
                .collect();
            let other = said.insert(plain, cause.id());
            assert!(other.is_none(), "{} and {other:?} say: {text}", cause.id());
        }
    }
}

#[test]
fn causes_stand_in_the_order_of_diagnosis() {
    for pair in CAUSES.windows(2) {
        let [lower, upper] = pair else { continue };
        assert!(
            lower.leaf().stage <= upper.leaf().stage,
            "{} stands before {}, whose stage is an earlier one",
            lower.id(),
            upper.id()
        );
    }
    let seen: BTreeSet<Stage> = CAUSES.iter().map(|cause| cause.leaf().stage).collect();
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        Stage::ALL,
        "a stage without a cause"
    );
}

#[test]
fn every_leaf_of_the_tree_is_named_or_says_why_not() {
    let ids: BTreeSet<&str> = CAUSES.iter().map(|cause| cause.id()).collect();
    let leaves: BTreeSet<&str> = TREE.iter().map(|leaf| leaf.id).collect();
    assert_eq!(leaves.len(), TREE.len(), "a leaf stands twice");
    for leaf in TREE {
        for cause in leaf.causes {
            assert!(
                ids.contains(cause),
                "{} names {cause}, which is no cause",
                leaf.id
            );
        }
        assert!(
            !leaf.causes.is_empty() || leaf.open.len() > 40,
            "{} is neither named nor explained",
            leaf.id
        );
    }
}
