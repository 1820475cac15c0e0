//! The CORS judge beside the judge that counts: Chromium makes the same calls to the same answers over loopback, and both must
//! come to the same end: the same requests sent, preflights and their headers included, and the same status and header names
//! read. Some cases are named, more than a thousand are generated from one fixed seed.
//!
//! Where they differ, the Fetch standard says who is right: either `cors/` is mended, or the difference is one of
//! [`departures`], which says where Chromium leaves the standard. A new difference is shrunk in the same browser and told as
//! one `curl` and one `fetch` line.
//!
//! Skipped aloud without Chromium; `GREENLIGHT_REQUIRE=chromium` makes that a failure.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]
#![expect(
    clippy::print_stderr,
    reason = "what was compared is told to whoever runs with --nocapture"
)]

mod answers;
mod branches;
mod browser;
mod case;
mod cases;
mod departures;
mod judge;
mod mode;
mod named;
mod redirected;
mod remembered;
mod server;
mod shrink;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::browser::{Browser, Seen};
use crate::case::Case;
use crate::departures::Departure;
use crate::judge::{Eyes, Verdict, judged};
use crate::shrink::{row, smallest, told};

/// How many cases are generated.
const CASES: usize = 4_000;
/// Where they come from: the same cases in every run.
const SEED: [u8; 32] = *b"the same thousand calls each day";
/// How many disagreements are shrunk and told; the rest is counted.
const TOLD: usize = 6;

type Tree = Box<dyn ValueTree<Value = Case>>;

fn generated(count: usize) -> Vec<Tree> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = cases::any_case().boxed();
    let mut tree = || strategy.new_tree(&mut runner).unwrap();
    (0..count).map(|_| tree()).collect()
}

fn agree(verdict: &Verdict, seen: &Seen) -> bool {
    let sent = verdict.sent.len() == seen.sent.len()
        && verdict
            .sent
            .iter()
            .zip(&seen.sent)
            .all(|(ours, theirs)| ours.expects(theirs));
    sent && verdict.ends == seen.ends
}

/// A case in the browser, and how the judge's account of it differs, told in full.
fn difference(browser: &mut Browser, case: &Case, eyes: &[Eyes]) -> Option<String> {
    let (number, seen) = browser.perform(std::slice::from_ref(case)).remove(0);
    let world = &browser.server.world;
    let verdicts: Vec<Verdict> = eyes
        .iter()
        .map(|eyes| judged(case, number, world, eyes))
        .collect();
    if verdicts.iter().any(|verdict| agree(verdict, &seen)) {
        return None;
    }
    let ours = &verdicts[0];
    Some(format!(
        "judge   {:?} after {}\n        {}\nbrowser {:?} after {}\n{}",
        ours.ends,
        row(&ours.sent),
        ours.reasons.join(" "),
        seen.ends,
        row(&seen.sent),
        told(case, number, world, &seen.sent),
    ))
}

/// The disagreements, shrunk and told, each once.
fn disagreements(browser: &mut Browser, trees: &mut [Tree], eyes: &[Eyes]) -> Vec<String> {
    let mut out = Vec::new();
    let mut known: Vec<Case> = Vec::new();
    for tree in trees.iter_mut().take(TOLD) {
        if let Some((case, text)) = smallest(tree.as_mut(), |case| difference(browser, case, eyes))
            && !known.contains(&case)
        {
            out.push(text);
            known.push(case);
        }
    }
    out
}

/// The standard's, then Chromium's with each departure by itself, then with all.
fn every_pair_of_eyes() -> Vec<Eyes> {
    let all = Departure::all();
    let single = all.iter().map(|departure| Eyes::with(&[*departure]));
    let mut eyes = vec![Eyes::standard()];
    eyes.extend(single);
    eyes.push(Eyes::with(&all));
    eyes
}

/// What came of the named cases: complaints, and the branches that they went through.
fn compare_named(browser: &mut Browser) -> (Vec<String>, BTreeSet<&'static str>) {
    let (names, cases): (Vec<_>, Vec<Case>) = named::named().into_iter().unzip();
    let found = browser.perform(&cases);
    let world = browser.server.world.clone();
    let mut complaints = Vec::new();
    let mut branches = BTreeSet::new();
    for ((name, case), (number, seen)) in names.iter().zip(&cases).zip(found) {
        let by = |eyes: &Eyes| judged(case, number, &world, eyes);
        let standard = by(&Eyes::standard());
        branches.extend(standard.branches.iter().copied());
        let agreed = agree(&standard, &seen);
        let listed = Departure::ALL.iter().find(|(_, _, cases)| cases.contains(name));
        let account = || {
            format!(
                "judge {:?} after {}, browser {:?} after {}\n{}",
                standard.ends,
                row(&standard.sent),
                seen.ends,
                row(&seen.sent),
                told(case, number, &world, &seen.sent)
            )
        };
        match listed {
            None if !agreed => complaints.push(format!("{name}: {}", account())),
            Some((departure, section, _)) if agreed => complaints.push(format!(
                "{name}: Chromium no longer departs from {section}; take {departure:?} out of the list"
            )),
            Some((departure, section, _)) if !agree(&by(&Eyes::with(&[*departure])), &seen) => complaints
                .push(format!(
                    "{name}: Chromium departs from {section} otherwise than {departure:?} says: {}",
                    account()
                )),
            _ => {}
        }
    }
    (complaints, branches)
}

#[test]
fn a_browser_and_the_judge_come_to_the_same_end() {
    let Some(mut browser) = Browser::open() else {
        return;
    };
    let (mut complaints, mut branches) = compare_named(&mut browser);
    let trees = generated(CASES);
    let cases: Vec<Case> = trees.iter().map(|tree| tree.current()).collect();
    let begun = Instant::now();
    let found = browser.perform(&cases);
    let took = begun.elapsed();
    let eyes = every_pair_of_eyes();
    let (mut agreed, mut differ) = (0, Vec::new());
    let mut excused: BTreeMap<String, usize> = BTreeMap::new();
    for ((tree, case), (number, seen)) in trees.into_iter().zip(&cases).zip(found) {
        let by = |eyes: &Eyes| judged(case, number, &browser.server.world, eyes);
        let standard = by(&eyes[0]);
        if agree(&standard, &seen) {
            agreed += 1;
            branches.extend(standard.branches);
            continue;
        }
        match eyes.iter().find(|eyes| agree(&by(eyes), &seen)) {
            Some(eyes) => *excused.entry(format!("{:?}", eyes.departures)).or_default() += 1,
            None => differ.push(tree),
        }
    }
    eprintln!(
        "{agreed} of {} generated cases agree in {took:?}, {} differ, and depart as listed: {excused:#?}",
        cases.len(),
        differ.len()
    );
    assert!(
        agreed >= 1_000,
        "too few cases are left that the standard decides"
    );
    complaints.extend(disagreements(&mut browser, &mut differ, &eyes));
    assert!(
        complaints.is_empty() && differ.is_empty(),
        "{}",
        complaints.join("\n")
    );
    let every: BTreeSet<&str> = branches::EVERY.into();
    let never: Vec<_> = every.difference(&branches).collect();
    assert!(never.is_empty(), "no case goes through: {never:?}");
    let unknown: Vec<_> = branches.difference(&every).collect();
    assert!(unknown.is_empty(), "not among the branches: {unknown:?}");
}

#[test]
fn a_wrong_judge_is_found_out_by_a_small_case() {
    let Some(mut browser) = Browser::open() else {
        return;
    };
    let blind = [Eyes {
        departures: Departure::all(),
        sees_credentials: false,
    }];
    let mut trees = generated(200);
    let told = trees.iter_mut().find_map(|tree| {
        smallest(tree.as_mut(), |case| {
            difference(&mut browser, case, &blind).map(|text| (case.clone(), text))
        })
    });
    let (case, (_, text)) = told.expect("one of the cases depends on credentials");
    eprintln!("{text}");
    assert_eq!((case.calls.len(), case.hops.len()), (1, 1), "{text}");
    assert!(case.calls[0].headers.len() <= 1, "{text}");
    for line in [
        "curl -i",
        "fetch('http://127.0.0.1:",
        "\"credentials\":\"include\"",
    ] {
        assert_eq!(text.matches(line).count(), 1, "{line} in {text}");
    }
}
