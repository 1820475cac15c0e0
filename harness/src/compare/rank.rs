//! The Mann–Whitney U test (H. B. Mann and D. R. Whitney, *On a Test of Whether one of Two Random Variables is
//! Stochastically Larger than the Other*, Ann. Math. Statist. 18, 1947), exact and with ties.
//!
//! The null distribution of the rank sum is counted over every way to share the pooled values out, given their midranks
//! (M. Hollander and D. A. Wolfe, *Nonparametric Statistical Methods*, §4.1). No approximation: the few dozen samples of a
//! run are too few for one, and answers within a millisecond tie. No crate was found that is exact in the presence of ties.

/// More samples of a side than this are thinned out evenly: their distribution is still counted in exact integers.
pub(super) const LARGEST: usize = 20;

/// How likely it is, if both come from one distribution, that `after` ranks at least as high as it does: one-sided, between
/// 0 and 1. It is 1 when either is empty.
pub(super) fn chance_of_higher(before: &[u64], after: &[u64]) -> f64 {
    let (before, after) = (thinned(before), thinned(after));
    if before.is_empty() || after.is_empty() {
        return 1.0;
    }
    let mut pooled: Vec<(u64, bool)> = before.iter().map(|value| (*value, false)).collect();
    pooled.extend(after.iter().map(|value| (*value, true)));
    pooled.sort_unstable();
    let ranks = doubled_midranks(&pooled);
    let seen: usize = pooled
        .iter()
        .zip(&ranks)
        .filter(|((_, later), _)| *later)
        .map(|(_, rank)| rank)
        .sum();
    let ways = ways(&ranks, after.len());
    let all: f64 = ways.iter().sum();
    ways.iter().skip(seen).sum::<f64>() / all
}

/// Twice the rank of each of the sorted values, so that the mean rank of values that tie is a whole number.
fn doubled_midranks(pooled: &[(u64, bool)]) -> Vec<usize> {
    let mut ranks = Vec::with_capacity(pooled.len());
    for tied in pooled.chunk_by(|a, b| a.0 == b.0) {
        let first = ranks.len() + 1;
        let last = ranks.len() + tied.len();
        ranks.resize(last, first + last);
    }
    ranks
}

/// In how many ways `n` of the ranks have each sum. With at most 40 ranks, every number is exact in an `f64`.
fn ways(ranks: &[usize], n: usize) -> Vec<f64> {
    let most: usize = ranks.iter().sum();
    let mut ways = vec![vec![0.0; most + 1]; n + 1];
    ways[0][0] = 1.0;
    for rank in ranks {
        for taken in (1..=n).rev() {
            let (fewer, more) = ways.split_at_mut(taken);
            let (from, to) = (&fewer[taken - 1], &mut more[0]);
            for sum in *rank..=most {
                to[sum] += from[sum - rank];
            }
        }
    }
    ways.pop().unwrap_or_default()
}

/// At most [`LARGEST`] of the values, evenly spaced.
fn thinned(values: &[u64]) -> Vec<u64> {
    let kept = values.len().min(LARGEST);
    let spaced = (0..kept).filter_map(|at| values.get(at * values.len() / kept));
    spaced.copied().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every way to choose `n` of the pooled values as the later ones, and how often U is at least as large as seen: by the
    /// definition of U, with no ranks at all.
    fn by_definition(before: &[u64], after: &[u64]) -> f64 {
        let u = |old: &[u64], new: &[u64]| -> u32 {
            let pairs = new.iter().flat_map(|new| old.iter().map(move |old| (new, old)));
            pairs
                .map(|(new, old)| match new.cmp(old) {
                    std::cmp::Ordering::Greater => 2,
                    std::cmp::Ordering::Equal => 1,
                    std::cmp::Ordering::Less => 0,
                })
                .sum()
        };
        let seen = u(before, after);
        let pooled = [before, after].concat();
        let (mut all, mut as_high) = (0_u32, 0_u32);
        for chosen in 0_u32..1 << pooled.len() {
            if chosen.count_ones() as usize != after.len() {
                continue;
            }
            let side = |later: bool| -> Vec<u64> {
                let of = pooled.iter().enumerate();
                let of = of.filter(|(at, _)| (chosen >> at & 1 == 1) == later);
                of.map(|(_, value)| *value).collect()
            };
            all += 1;
            as_high += u32::from(u(&side(false), &side(true)) >= seen);
        }
        f64::from(as_high) / f64::from(all)
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(
            before in prop::collection::vec(0_u64..8, 1..6),
            after in prop::collection::vec(0_u64..8, 1..6),
        ) {
            let (fast, slow) = (chance_of_higher(&before, &after), by_definition(&before, &after));
            prop_assert!((fast - slow).abs() < 1e-12, "{fast} is not {slow}");
        }

        #[test]
        fn is_a_probability_however_many_there_are(
            before in prop::collection::vec(any::<u64>(), 0..60),
            after in prop::collection::vec(any::<u64>(), 0..60),
        ) {
            prop_assert!((0.0..=1.0).contains(&chance_of_higher(&before, &after)));
        }
    }

    #[test]
    fn five_above_five_is_one_chance_in_252() {
        let chance = chance_of_higher(&[1, 2, 3, 4, 5], &[6, 7, 8, 9, 10]);
        assert!((chance - 1.0 / 252.0).abs() < 1e-12, "{chance}");
    }

    #[test]
    fn the_same_values_say_nothing() {
        assert!(chance_of_higher(&[7; 20], &[7; 20]) > 0.99);
    }
}
