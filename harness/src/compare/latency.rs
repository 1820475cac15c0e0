//! Slower than before, by a stated test.
//!
//! Compared is the time from the request's first byte to the answer's last, so that neither names nor handshakes count.
//! The samples of an operation and a status are matched: of every request that was answered so in both runs, as many are
//! taken of one run as of the other, so that another mixture of requests is no change, and refusals, which are quick,
//! do not hide what the work takes. The first answer of an operation
//! pays for what is cold and is kept apart, as is what only woke the service. Slower is: at least [`FEWEST`] samples of
//! each run, the median at least half as long again and 100 ms longer, and a chance of less than 1 in 100, over all
//! operations together (Bonferroni), that one distribution gave both ([`crate::compare::rank`]).

use std::collections::{BTreeMap, HashSet};

use crate::compare::pairs::{Answer, Pair, Pairs};
use crate::compare::rank::chance_of_higher;
use crate::model::diff::{Change, Cost, Kind};

/// The fewest samples of each run.
const FEWEST: usize = 6;
/// How likely a difference by chance may be, over all operations together.
const CHANCE: f64 = 0.01;
/// The smallest difference of the medians that matters, in microseconds.
const LEAST: u64 = 100_000;
/// What is compared when no operation is slower or faster by itself.
const ALL: &str = "all operations together";

#[derive(Default)]
struct Samples {
    before: Vec<u64>,
    after: Vec<u64>,
}

/// Operations that are slower or faster than before; all of them together when none is by itself.
pub(super) fn changed(pairs: &Pairs<'_>) -> Vec<Change> {
    let mut operations = samples(pairs);
    let mut all = Samples::default();
    for samples in operations.values() {
        all.before.extend(&samples.before);
        all.after.extend(&samples.after);
    }
    operations.retain(|_, samples| samples.before.len() >= FEWEST);
    let tests = operations.len() + 1;
    let each = operations.iter();
    let each = each.filter_map(|(operation, samples)| told(operation, samples, tests));
    let each: Vec<Change> = each.collect();
    if each.is_empty() && all.before.len() >= FEWEST {
        return told(ALL, &all, tests).into_iter().collect();
    }
    each
}

/// As many samples of each run for each operation and status, in microseconds and in the order of sending.
fn samples(pairs: &Pairs<'_>) -> BTreeMap<String, Samples> {
    let cold_before = cold(pairs, |pair| &pair.before);
    let cold_after = cold(pairs, |pair| &pair.after);
    let mut operations: BTreeMap<String, Samples> = BTreeMap::new();
    for (status, pair) in pairs.alike() {
        let (before, after) = (warm(&pair.before, &cold_before), warm(&pair.after, &cold_after));
        let both = before.len().min(after.len());
        let samples = operations
            .entry(format!("{} → {status}", pair.operation))
            .or_default();
        samples.before.extend(&before[..both]);
        samples.after.extend(&after[..both]);
    }
    operations
}

/// The first answer of each operation in one of the runs.
fn cold<'p, 'r>(pairs: &'p Pairs<'r>, side: impl Fn(&'p Pair<'r>) -> &'p [Answer<'r>]) -> HashSet<(u32, u8)> {
    let mut first: BTreeMap<&str, (u32, u8)> = BTreeMap::new();
    for pair in &pairs.0 {
        for sent in side(pair).iter().map(name) {
            let known = first.entry(&pair.operation).or_insert(sent);
            *known = sent.min(*known);
        }
    }
    first.into_values().collect()
}

fn name((exchange, _): &Answer<'_>) -> (u32, u8) {
    (exchange.id.0, exchange.attempt)
}

fn warm(answers: &[Answer<'_>], cold: &HashSet<(u32, u8)>) -> Vec<u64> {
    let warm = answers.iter().filter(|answer| !cold.contains(&name(answer)));
    warm.filter_map(|(exchange, _)| {
        let phases = &exchange.phases;
        Some(phases.wait?.saturating_add(phases.transfer.unwrap_or_default()))
    })
    .collect()
}

fn told(subject: &str, samples: &Samples, tests: usize) -> Option<Change> {
    let (before, after) = (median(&samples.before), median(&samples.after));
    let (cost, word, chance) = if longer(before, after) {
        let chance = chance_of_higher(&samples.before, &samples.after);
        (Cost::Worse, "slower", chance)
    } else if longer(after, before) {
        let chance = chance_of_higher(&samples.after, &samples.before);
        (Cost::Nothing, "faster", chance)
    } else {
        return None;
    };
    if chance * tests as f64 >= CHANCE {
        return None;
    }
    let n = samples.after.len();
    let statement = format!(
        "{subject}: {word}, a median of {} before and {} now over {n} answers each (Mann–Whitney U, p {})",
        milliseconds(before),
        milliseconds(after),
        if chance < 0.001 {
            "< 0.001".to_owned()
        } else {
            format!("= {chance:.3}")
        }
    );
    Some(Change {
        cost,
        kind: Kind::Latency,
        subject: subject.to_owned(),
        statement,
        count: u32::try_from(n).unwrap_or(u32::MAX),
    })
}

/// Whether one median is so much longer than another that somebody would notice.
fn longer(than: u64, median: u64) -> bool {
    median >= than.saturating_add(than / 2) && median >= than.saturating_add(LEAST)
}

fn median(samples: &[u64]) -> u64 {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(microseconds: u64) -> String {
    match microseconds {
        0..10_000 => format!("{:.1} ms", microseconds as f64 / 1_000.0),
        _ => format!("{} ms", microseconds / 1_000),
    }
}
