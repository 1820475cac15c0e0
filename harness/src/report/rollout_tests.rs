use super::*;
use crate::model::recording::Tool;
use crate::model::rollout::{AddressSeen, BuildSeen, Miss, Reached, Remedy};

const NEW: &str = "fedcba9876543210fedcba9876543210fedcba98";

fn build(build: &str, expected: bool, samples: u32, lately: u32, last_ms: u64) -> BuildSeen {
    BuildSeen {
        build: build.into(),
        expected,
        samples,
        lately,
        first_ms: 3_000,
        last_ms,
    }
}

fn rollout(ended: Ended) -> Rollout {
    let reached = |stage, after_ms| Reached { stage, after_ms };
    let (builds, streak) = match ended {
        Ended::Settled => (
            vec![
                build("0123456789abcdef", false, 9, 0, 9_000),
                build(NEW, true, 56, 20, 18_400),
            ],
            52,
        ),
        Ended::NotDeployed => (vec![build("0123456789abcdef", false, 400, 20, 900_000)], 0),
        Ended::Superseded => (
            vec![
                build(NEW, true, 5, 0, 9_000),
                build("aaaaaaaaaaaaaaaa", false, 25, 20, 30_000),
            ],
            0,
        ),
        Ended::NoneServed | Ended::Unreachable => (vec![], 0),
        _ => (
            vec![
                build("0123456789abcdef", false, 30, 4, 899_000),
                build(NEW, true, 90, 15, 900_000),
            ],
            2,
        ),
    };
    Rollout {
        expected: NEW.into(),
        sampled: "GET /version".into(),
        begun_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        ended,
        duration_ms: 18_420,
        stages: vec![
            reached(Stage::Warming, 0),
            reached(Stage::Old, 3_000),
            reached(Stage::Mixed, 9_000),
            reached(Stage::Settled, 18_400),
        ],
        samples: 65,
        streak,
        needed: 52,
        excluded_percent: 7,
        builds,
        instances: vec!["web-1".into(), "web-2".into()],
        addresses: vec![
            AddressSeen {
                address: "203.0.113.7".into(),
                samples: 25,
                failures: 0,
            },
            AddressSeen {
                address: "2001:db8::7".into(),
                samples: 25,
                failures: 3,
            },
        ],
        misses: vec![Miss {
            what: "HTTP 502".into(),
            samples: 3,
            lately: 1,
        }],
        remedy: (ended == Ended::NoneServed).then(|| Remedy {
            framework: Some("Flask".into()),
            lines: vec!["@app.get(\"/version\")".into(), "def version():".into()],
        }),
    }
}

fn waited(ended: Ended) -> Waited {
    let rollout = rollout(ended);
    Waited {
        schema: SCHEMA.into(),
        tool: Tool::this(),
        base: "https://api.acme.example".into(),
        exit_code: if ended == Ended::Settled { 0 } else { 5 },
        headline: headline(&rollout),
        rollout,
    }
}

#[test]
fn each_end_is_told_in_its_own_words() {
    let ends = [
        Ended::Settled,
        Ended::NotDeployed,
        Ended::OldStillLive,
        Ended::Superseded,
        Ended::Unsteady,
        Ended::NoneServed,
        Ended::Unreachable,
        Ended::Interrupted,
    ];
    let told: Vec<String> = ends
        .iter()
        .map(|ended| human(&waited(*ended), Style::default()))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn each_stage_is_one_calm_line() {
    let mut seen = rollout(Ended::OldStillLive);
    let stages = [Stage::Warming, Stage::Old, Stage::Mixed, Stage::New];
    let lines = stages.map(|stage| {
        seen.stages.push(Reached { stage, after_ms: 0 });
        progress(&seen)
    });
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_a_server_calls_itself_steers_no_terminal() {
    let mut waited = waited(Ended::NotDeployed);
    waited.rollout.builds[0].build = "\u{1b}[2J\nSETTLED".into();
    waited.rollout.instances = vec!["\u{1b}]0;x\u{7}".into(); 9];
    waited.headline = headline(&waited.rollout);
    for text in [
        human(&waited, Style::default()),
        json(&waited),
        progress(&waited.rollout),
    ] {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{text}");
        assert!(!text.lines().any(|line| line.starts_with("SETTLED")), "{text}");
    }
}
