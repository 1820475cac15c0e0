use super::*;
use crate::model::recording::Tool;
use crate::model::rollout::Reached;
use crate::report::fixtures::rollout::rollout;

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
