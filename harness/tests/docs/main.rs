//! The pages of checks and causes are derived from the registries, so they cannot say anything else than the program does.
//! `GREENLIGHT_BLESS=1 cargo test -p greenlight --test docs` writes it anew.

#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]

mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use url::Url;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What lies under these directories of `docs/`, by its path below it.
fn kept(directories: &[&str]) -> BTreeMap<String, String> {
    let docs = root().join("docs");
    let files = directories
        .iter()
        .flat_map(|directory| ignore::Walk::new(docs.join(directory)));
    files
        .filter_map(Result::ok)
        .map(ignore::DirEntry::into_path)
        .filter(|path| path.is_file())
        .map(|path| {
            let below = path.strip_prefix(&docs).unwrap().to_str().unwrap().to_owned();
            (below, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

const PAGES: &[&str] = &["checks.md", "checks", "causes"];

#[test]
fn the_pages_of_checks_and_causes_are_what_the_registries_say() {
    let pages = pages::all();
    if std::env::var_os("GREENLIGHT_BLESS").is_some() {
        let docs = root().join("docs");
        for stale in kept(PAGES).keys().filter(|path| !pages.contains_key(*path)) {
            fs::remove_file(docs.join(stale)).unwrap();
        }
        for (path, page) in &pages {
            let path = docs.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, page).unwrap();
        }
    }
    let kept = kept(PAGES);
    let differs = |path: &&String| pages.get(*path) != kept.get(*path);
    let paths = pages.keys().chain(kept.keys());
    let stale: BTreeSet<&String> = paths.filter(differs).collect();
    assert!(
        stale.is_empty(),
        "stale: {stale:?}; GREENLIGHT_BLESS=1 cargo test -p greenlight --test docs writes them anew"
    );
}

/// A link that leads nowhere is worse than none.
#[test]
fn every_link_of_the_pages_leads_to_a_page() {
    let link = regex::Regex::new(r"\]\(([^)#]+\.md)\)").unwrap();
    let pages = pages::all();
    let mut links = 0;
    for (path, page) in &pages {
        for found in link.captures_iter(page) {
            let from = Url::parse(&format!("https://docs.example/{path}")).unwrap();
            let to = from.join(&found[1]).unwrap();
            let to = to.path().trim_start_matches('/');
            let there = pages.contains_key(to) || root().join("docs").join(to).is_file();
            assert!(there, "{path}: {}", &found[1]);
            links += 1;
        }
    }
    assert!(links > 500, "{links}");
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
