//! What somebody who is not watching is told of a run, in the shape that his tool reads. Pure: `cli` sends it.

use serde_json::{Value, json};

use crate::model::diff::Baseline;
use crate::model::finding::Verdict;
use crate::model::run::Run;
use crate::report::{text, waivers};

/// Slack takes 3,000 characters in a section, and a character may become five; PagerDuty takes 1,024 in a summary. Both
/// refuse the whole message otherwise.
const SECTION: usize = 580;
const SUMMARY: usize = 1_000;
/// Waivers told in a chat, where a message holds fifty blocks; `json` has them all.
const WAIVED: usize = 10;

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Any program: the JSON report, as `--format json` prints it.
    Json,
    /// An incoming webhook of Slack.
    Slack,
    /// The Events API v2 of PagerDuty.
    PagerDuty,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Shape; 3] = [Shape::Json, Shape::Slack, Shape::PagerDuty];

    /// The word that flags use.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Json => "json",
            Shape::Slack => "slack",
            Shape::PagerDuty => "pagerduty",
        }
    }

    /// The shape that a host reads.
    pub fn of_host(host: &str) -> Shape {
        match host {
            "hooks.slack.com" | "hooks.slack-gov.com" => Shape::Slack,
            "events.pagerduty.com" | "events.eu.pagerduty.com" => Shape::PagerDuty,
            _ => Shape::Json,
        }
    }
}

/// Whether anybody needs to hear of a run: of one that is not green, and of one that is where the last was not.
pub fn is_news(run: &Run) -> bool {
    let before = run.baseline.as_ref().and_then(Baseline::verdict);
    run.verdict != Verdict::Pass || before.is_some_and(|before| before != Verdict::Pass)
}

/// A message for Slack: verdict and headline, what was verified, the first thing to do.
pub fn slack(run: &Run) -> Value {
    let line = format!("{}  {}", run.verdict.word(), run.headline);
    let section = |text: &str| {
        let text = escaped(&fit(text, SECTION));
        json!({"type": "section", "text": {"type": "mrkdwn", "text": text}})
    };
    let mut blocks = vec![section(&line), section(&about(run))];
    if let Some(step) = run.diagnoses.first().and_then(|first| first.next_steps.first()) {
        blocks.push(section(&format!("next  {step}")));
    }
    let waived = waivers::lines(run);
    blocks.extend(
        waived
            .iter()
            .take(WAIVED)
            .map(|line| section(&format!("waived  {line}"))),
    );
    json!({"text": escaped(&fit(&line, SECTION)), "blocks": blocks})
}

/// An event for PagerDuty. A green run resolves what an earlier one of the same service triggered: that is why the key names
/// the service and not the cause, which a green run does not know.
pub fn pagerduty(run: &Run, key: &str) -> Value {
    let dedup = fit(&format!("greenlight {}", run.target.base), 250);
    if run.verdict == Verdict::Pass {
        return json!({"routing_key": key, "event_action": "resolve", "dedup_key": dedup});
    }
    let severity = match run.verdict {
        Verdict::Fail => "critical",
        _ => "warning",
    };
    let first = run.diagnoses.first();
    json!({
        "routing_key": key,
        "event_action": "trigger",
        "dedup_key": dedup,
        "client": "Greenlight",
        "payload": {
            "summary": fit(&run.headline, SUMMARY),
            "source": fit(&run.target.base, SUMMARY),
            "severity": severity,
            "timestamp": run.started_at.to_string(),
            "component": run.target.name,
            "class": first.map(|first| &first.cause),
            "custom_details": {
                "verdict": run.verdict.word().to_lowercase(),
                "environment": run.target.environment,
                "version": run.target.version,
                "blame": first.map(|first| first.blame.word()),
                "next_steps": first.map(|first| &first.next_steps),
                "more": first.and_then(|first| first.help.as_ref()),
                "waived": (!run.waivers.is_empty()).then(|| waivers::lines(run)),
            },
        },
    })
}

/// What was verified, in a line.
fn about(run: &Run) -> String {
    let target = &run.target;
    let name = target.name.as_deref().map(|name| format!("{name}  "));
    let build = target
        .version
        .as_deref()
        .map(|version| format!("  build {version}"));
    let (name, build) = (name.unwrap_or_default(), build.unwrap_or_default());
    format!("{name}{}  ({}){build}", target.base, target.environment)
}

/// So many characters on one line: marks take no column, and are counted all the same.
fn fit(text: &str, most: usize) -> String {
    text::line(text, most - 1).chars().take(most).collect()
}

/// Slack reads these three characters as commands: `<!channel>` in a server's text would wake everybody.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures;

    #[test]
    fn each_tool_gets_its_shape() {
        let run = fixtures::broken::missing_await();
        let shapes = [
            slack(&run),
            pagerduty(&run, "KEY"),
            pagerduty(&fixtures::healthy(), "KEY"),
        ];
        let told: Vec<String> = shapes.iter().map(|shape| format!("{shape:#}")).collect();
        insta::assert_snapshot!(told.join("\n\n"));
    }

    #[test]
    fn a_servers_text_commands_nobody_and_fits() {
        let mut run = fixtures::healthy();
        run.headline = format!("<!channel> & {}", "<".repeat(9_000));
        run.verdict = Verdict::Fail;
        let told = slack(&run)["text"].as_str().unwrap().to_owned();
        assert!(told.contains("&lt;!channel&gt; &amp; &lt;&lt;") && told.chars().count() < 3_000);
        let summary = pagerduty(&run, "KEY")["payload"]["summary"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(summary.chars().count() <= 1_024, "{}", summary.len());
    }

    #[test]
    fn whoever_answers_for_a_failure_is_named() {
        let run = fixtures::odd::many_findings();
        let mut bare = run.clone();
        bare.waivers.clear();
        for told in [slack, |run: &Run| pagerduty(run, "KEY")] {
            let (waived, bare) = (told(&run).to_string(), told(&bare).to_string());
            assert!(
                waived.contains("ana answers for it: the cache in front"),
                "{waived}"
            );
            assert!(!bare.contains("answers for it"), "{bare}");
        }
    }

    #[test]
    fn green_is_news_only_after_something_else() {
        let mut run = fixtures::healthy();
        assert!(!is_news(&run));
        let mut diff = fixtures::odd::difference("x");
        run.baseline = Some(Baseline::Compared(Box::new(diff.clone())));
        assert!(!is_news(&run), "green after green");
        diff.before.verdict = Some(Verdict::Fail);
        run.baseline = Some(Baseline::Compared(Box::new(diff)));
        assert!(is_news(&run));
        assert!(is_news(&fixtures::broken::missing_await()));
    }
}
