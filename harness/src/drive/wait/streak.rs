//! When enough samples in a row are enough. One unlucky streak must not call a rollout settled, and waiting gives luck many
//! chances: each time that a streak breaks, the next one must be longer.
//!
//! Each new connection meets an old instance with the probability `share`. A streak that has begun then comes to `n` samples
//! by luck with `(1 - share)^(n - 1)`. The k-th streak (from 0) may be wrong with `0.01 / ((k + 1)(k + 2))`; over all k that
//! adds up to 0.01, so that "settled" is too early once in a hundred at most, however long the old instances stay. What a
//! streak excludes is said at 95 %, as people are used to.

/// The chance in all that "settled" is too early.
const WRONG: f64 = 0.01;
/// The chance in all that an excluded share is there nevertheless.
const SAID: f64 = 0.05;
/// The share of old instances that is excluded when nobody says how many there are: one in ten.
const SHARE: f64 = 0.1;
/// More resets than this demand nothing more: the streak is long enough for any purpose.
const MOST_RESETS: u32 = 10_000;

/// The share of one instance among so many; during a swap there are at least two, the old and the new.
pub fn share(replicas: Option<u16>) -> f64 {
    replicas.map_or(SHARE, |replicas| 1.0 / f64::from(replicas.max(2)))
}

/// How many samples in a row exclude this share, after so many streaks that broke.
pub fn needed(share: f64, resets: u32) -> u32 {
    1 + (allowed(WRONG, resets).ln() / (1.0 - share).ln()).ceil().max(1.0) as u32
}

/// The share, in percent, that so many samples in a row exclude, after so many streaks that broke.
pub fn excluded_percent(streak: u32, resets: u32) -> u32 {
    match streak {
        0 | 1 => 100,
        streak => (100.0 * (1.0 - allowed(SAID, resets).powf(1.0 / f64::from(streak - 1)))).ceil() as u32,
    }
}

/// How likely this streak may be mere luck, of so much in all.
fn allowed(in_all: f64, resets: u32) -> f64 {
    let k = f64::from(resets.min(MOST_RESETS));
    in_all / ((k + 1.0) * (k + 2.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::Rng as _;
    use proptest::test_runner::{RngAlgorithm, TestRng};

    use super::*;

    #[test]
    fn the_first_streak_and_later_ones() {
        assert_eq!([1, 2, 3, 10].map(|n| needed(share(Some(n)), 0)), [9, 9, 15, 52]);
        assert_eq!(needed(share(None), 0), 52);
        assert_eq!(
            [1, 5, 50].map(|resets| needed(share(Some(3)), resets)),
            [17, 22, 32]
        );
    }

    #[test]
    fn what_is_excluded_is_never_less_than_what_was_wanted() {
        for replicas in [None, Some(2), Some(3), Some(10)] {
            for resets in [0, 1, 7, 400] {
                let share = share(replicas);
                let excluded = excluded_percent(needed(share, resets), resets);
                assert!(
                    f64::from(excluded) <= (100.0 * share).ceil(),
                    "{replicas:?} {resets}"
                );
            }
        }
        assert_eq!(excluded_percent(0, 0), 100);
    }

    #[test]
    fn all_streaks_together_are_wrong_once_in_a_hundred_at_most() {
        let all: f64 = (0..MOST_RESETS).map(|resets| allowed(WRONG, resets)).sum();
        assert!(all <= WRONG && all > 0.9 * WRONG, "{all}");
    }

    /// Whether luck alone ever makes a streak that is long enough, while one in so many connections meets an old instance.
    fn settles_by_luck(random: &mut TestRng, replicas: u16, samples: u32) -> bool {
        let (mut streak, mut resets) = (0, 0);
        for _ in 0..samples {
            if random.next_u32() < u32::MAX / u32::from(replicas) {
                resets += u32::from(streak > 0);
                streak = 0;
            } else {
                streak += 1;
            }
            if streak >= needed(share(Some(replicas)), resets) {
                return true;
            }
        }
        false
    }

    #[test]
    fn settled_is_too_early_in_no_more_than_one_swap_of_a_hundred_however_long_it_lasts() {
        let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        for replicas in [2, 3, 10] {
            let early = (0..3_000).filter(|_| settles_by_luck(&mut random, replicas, 600));
            let early = early.count();
            assert!(early <= 30, "{early} of 3000 with 1/{replicas}");
            assert!(
                early >= 5,
                "{early} of 3000 with 1/{replicas}: longer streaks than needed"
            );
        }
    }
}
