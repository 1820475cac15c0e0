use proptest::prelude::*;

use super::*;
use crate::check::testing::{answered, failed, target};
use crate::model::exchange::{Exchange, Phase, WireFault};
use crate::model::target::VersionPlace;

const NEW: &str = "fedcba9876543210";
const OLD: &str = "0123456789abcdef";

fn place(mut target: Target, replicas: Option<u16>) -> Target {
    target.replicas = replicas;
    target.routes.version = Some(VersionPlace {
        route: "/info".into(),
        pointer: "/commit".into(),
    });
    target
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap()
}

fn patience(seconds: i64) -> Patience {
    Patience {
        begun: at(0),
        longest: SignedDuration::from_secs(seconds),
    }
}

/// What a sample gets.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Answer {
    Build(&'static str),
    Nameless,
    Crash,
    Nothing,
}

fn exchange(probe: &Probe, answer: Answer, now: Timestamp) -> Exchange {
    let body = |build: &str| format!(r#"{{"commit":"{build}"}}"#);
    let exchange = match answer {
        Answer::Build(build) => answered(1, probe, 200, &[], &body(build)),
        Answer::Nameless => answered(1, probe, 200, &[], r#"{"commit":null}"#),
        Answer::Crash => answered(1, probe, 500, &[], ""),
        Answer::Nothing => failed(1, probe, Phase::Connect, WireFault::Refused),
    };
    Exchange { at: now, ..exchange }
}

/// Waits against a world that answers by the time, in milliseconds, and the address.
fn waited(
    target: &Target,
    addresses: &[&str],
    seconds: i64,
    mut world: impl FnMut(i64, Option<IpAddr>) -> Answer,
) -> Rollout {
    let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
    let mut waiting = Waiting::new(target, &NEW[..7], addresses, patience(seconds), |_| {});
    let (mut now, mut seen) = (0, Vec::new());
    loop {
        let news = News {
            exchanges: &seen,
            refused: &[],
            raw: &[],
        };
        match waiting.next(news, at(now)) {
            Next::Done => return waiting.over(false, at(now)),
            Next::Until(time) => {
                now = time.duration_since(at(0)).as_millis() as i64;
                seen = Vec::new();
            }
            Next::Ask(asked) => {
                let probes = asked.iter().flat_map(|asked| asked.ask.probes());
                seen = probes
                    .map(|probe| exchange(probe, world(now, probe.to), at(now)))
                    .collect();
                now += 3;
            }
        }
    }
}

fn stages(rollout: &Rollout) -> Vec<&str> {
    rollout
        .stages
        .iter()
        .map(|reached| reached.stage.word())
        .collect()
}

#[test]
fn a_rollout_goes_through_its_stages() {
    let mut turn = 0;
    let rollout = waited(&place(target(), Some(2)), &[], 900, |now, _| {
        turn += 1;
        match now {
            0..3_000 => Answer::Nothing,
            3_000..9_000 => Answer::Build(OLD),
            9_000..15_000 if turn % 2 == 0 => Answer::Build(OLD),
            _ => Answer::Build(NEW),
        }
    });
    assert_eq!(rollout.ended, Ended::Settled);
    assert_eq!(stages(&rollout), ["warming", "old", "mixed", "new", "settled"]);
    assert!(rollout.streak >= rollout.needed && rollout.excluded_percent <= 50);
    assert_eq!(
        rollout.misses[0].what,
        "the connection is refused; nothing listens there"
    );
    assert!(
        (15_000..25_000).contains(&rollout.duration_ms),
        "{}",
        rollout.duration_ms
    );
}

#[test]
fn how_waiting_in_vain_ends_is_told_apart() {
    let target = place(target(), None);
    let ended = |world: fn(i64) -> Answer| waited(&target, &[], 120, |now, _| world(now)).ended;
    assert_eq!(ended(|_| Answer::Nothing), Ended::Unreachable);
    assert_eq!(ended(|_| Answer::Crash), Ended::Unreachable);
    assert_eq!(ended(|_| Answer::Nameless), Ended::NoneServed);
    assert_eq!(ended(|_| Answer::Build(OLD)), Ended::NotDeployed);
    assert_eq!(
        ended(|now| Answer::Build(if now % 3 == 0 { OLD } else { NEW })),
        Ended::OldStillLive
    );
    assert_eq!(
        ended(|now| if now % 4 == 0 {
            Answer::Crash
        } else {
            Answer::Build(NEW)
        }),
        Ended::Unsteady
    );
}

#[test]
fn a_later_build_that_takes_over_ends_the_wait_at_once_and_an_earlier_one_does_not() {
    let target = place(target(), None);
    let later = waited(&target, &[], 900, |now, _| match now {
        0..5_000 => Answer::Build(OLD),
        5_000..5_900 if now % 2 == 0 => Answer::Build(NEW),
        _ => Answer::Build("aaaaaaaaaa"),
    });
    // The rollout was never seen alone, so it did not settle.
    assert!(
        matches!(later.ended, Ended::Superseded | Ended::NotDeployed),
        "{later:?}"
    );
    let taken = waited(&target, &[], 900, |now, _| match now {
        0..100 => Answer::Build(NEW),
        _ => Answer::Build("aaaaaaaaaa"),
    });
    assert_eq!(taken.ended, Ended::Superseded);
    assert!(taken.duration_ms < 60_000, "{}", taken.duration_ms);
    let queued = waited(&target, &[], 900, |now, _| match now {
        0..60_000 => Answer::Build(OLD),
        60_000..120_000 => Answer::Build("aaaaaaaaaa"),
        _ => Answer::Build(NEW),
    });
    assert_eq!(queued.ended, Ended::Settled);
}

#[test]
fn every_address_is_sampled_and_a_dead_one_keeps_it_from_settling() {
    let target = place(target(), Some(2));
    let addresses = ["192.0.2.1", "192.0.2.2", "2001:db8::1"];
    let whole = waited(&target, &addresses, 60, |_, _| Answer::Build(NEW));
    assert_eq!(whole.ended, Ended::Settled);
    assert!(
        whole
            .addresses
            .iter()
            .all(|seen| seen.samples > 0 && seen.failures == 0)
    );
    assert_eq!(whole.addresses.len(), 3);
    let dead = waited(&target, &addresses, 60, |_, to| match to {
        Some(IpAddr::V6(_)) => Answer::Nothing,
        _ => Answer::Build(NEW),
    });
    assert_eq!(dead.ended, Ended::Unsteady);
    let failing: Vec<_> = dead.addresses.iter().filter(|seen| seen.failures > 0).collect();
    assert_eq!(failing.len(), 1);
    assert_eq!(failing[0].address, "2001:db8::1");
}

#[test]
fn a_guessed_place_that_holds_no_commit_names_no_build() {
    let mut target = target();
    target.routes.health = Some("/health".into());
    let mut waiting = Waiting::new(&target, &NEW[..8], vec![], patience(5), |_| {});
    let probe = replicas::sample(&target);
    let seen = [answered(1, &probe, 200, &[], r#"{"version":"3.0.0"}"#)];
    let news = News {
        exchanges: &seen,
        refused: &[],
        raw: &[],
    };
    waiting.next(news, at(10));
    assert_eq!(waiting.over(false, at(6_000)).ended, Ended::NoneServed);
}

proptest! {
    #[test]
    fn settled_only_after_a_streak_and_whatever_answers_it_ends(
        answers in proptest::collection::vec(0_u8..5, 1..60),
        replicas in proptest::option::of(0_u16..20),
    ) {
        let mut turn = 0;
        let mut last = Vec::new();
        let rollout = waited(&place(target(), replicas), &[], 30, |_, _| {
            let answer = match answers[turn % answers.len()] {
                0 => Answer::Build(OLD),
                1 => Answer::Nothing,
                2 => Answer::Crash,
                3 => Answer::Nameless,
                _ => Answer::Build(NEW),
            };
            turn += 1;
            last.push(answer);
            answer
        });
        let streak = last.iter().rev().take_while(|answer| **answer == Answer::Build(NEW)).count();
        prop_assert_eq!(rollout.streak as usize, streak);
        prop_assert_eq!(rollout.ended == Ended::Settled, rollout.streak >= rollout.needed);
        prop_assert!(rollout.duration_ms <= 31_000);
    }
}
