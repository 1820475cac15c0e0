//! `greenlight wait`: until only the expected build answers, or its time is over. `verify --wait` waits the same way first.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};

use crate::check::view::View;
use crate::cli::args::{AboutArgs, KnownArgs, Shape, WaitArgs};
use crate::cli::complaint::Complaint;
use crate::cli::inputs;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::Screen;
use crate::cli::progress::brief;
use crate::cli::session;
use crate::diagnosis::framework::Framework;
use crate::diagnosis::serve_version::remedy;
use crate::drive::wait::{Patience, Waiting};
use crate::model::exchange::Exchange;
use crate::model::exit;
use crate::model::recording::Tool;
use crate::model::rollout::{Ended, Rollout, SCHEMA, Stage, Waited};
use crate::model::target::Target;
use crate::report::rollout as report;
use crate::runner::execute::Runner;
use crate::target::duration::Millis;
use crate::transport::http::Transport;
use crate::transport::secret::Vault;

/// A sample that takes longer than this is no good answer; one address that swallows packets may not stop all.
const SAMPLE_MS: u64 = 5_000;
/// In a log nobody wants more lines than this apart in milliseconds.
const LINE_EVERY_MS: u64 = 10_000;
/// The runner's own end lies this far behind the end of waiting.
const SLACK_MS: u64 = 60_000;

/// Waits and returns the exit code.
pub async fn wait(arguments: &WaitArgs, screen: &Screen) -> Result<u8, Complaint> {
    let longest = longest("--for", &arguments.longest)?;
    let known = KnownArgs {
        profile: arguments.profile.clone(),
        expect_version: Some(arguments.expect_version.clone()),
        replicas: arguments.replicas,
        way: arguments.way.clone(),
        ..KnownArgs::default()
    };
    let about = AboutArgs {
        url: Some(arguments.url.clone()),
        known,
        ..AboutArgs::default()
    };
    let inputs = inputs::gather(&about).await?;
    let transport = session::transport(&inputs, Vault::empty(), &arguments.way.resolve)?;
    session::shows_no_secret(&inputs, &transport)?;
    let interrupt = Interrupt::listen();
    let (rollout, _) = settled(
        &inputs.resolved.target,
        &transport,
        longest,
        interrupt.asked(),
        screen,
    )
    .await;
    let waited = Waited {
        schema: SCHEMA.to_owned(),
        tool: Tool::this(),
        base: inputs.resolved.target.base.clone(),
        exit_code: code(&rollout),
        headline: report::headline(&rollout),
        rollout,
    };
    match arguments.format {
        Shape::Human => screen.print(&report::human(&waited, screen.style(false)))?,
        Shape::Json => {
            screen.tell(&report::human(&waited, screen.style_beside(false)));
            screen.print(&report::json(&waited))?;
        }
    }
    Ok(waited.exit_code)
}

/// How long waiting may take, as a flag says it.
pub fn longest(flag: &str, text: &str) -> Result<Millis, Complaint> {
    Millis::parse(text).map_err(|fault| Complaint::about(&format!("{flag}: "), &fault))
}

/// What a wait means for the caller's shell.
pub fn code(rollout: &Rollout) -> u8 {
    match rollout.ended {
        Ended::Settled => exit::PASS,
        Ended::Interrupted => exit::INTERRUPTED,
        _ => exit::WAITED,
    }
}

/// Waits until the target's expected build is the only one that answers, or `stop` resolves, and gives what was seen and every
/// sample.
pub async fn settled(
    target: &Target,
    transport: &Transport,
    longest: Millis,
    stop: impl Future<Output = ()>,
    screen: &Screen,
) -> (Rollout, Vec<Exchange>) {
    let sampled = patient(target, longest);
    let expected = target.expect_version.clone().unwrap_or_default();
    let addresses = transport.addresses().await;
    let longest = SignedDuration::from_millis(i64::try_from(longest.0).unwrap_or(i64::MAX));
    let patience = Patience {
        begun: Timestamp::now(),
        longest,
    };
    let mut line = Line::start(screen, &target.base);
    let mut waiting = Waiting::new(&sampled, &expected, addresses, patience, |rollout| {
        line.show(rollout)
    });
    let runner = Runner::new(&sampled, transport, session::seed(None), |_| {}).patient();
    let executed = runner.run(&mut waiting, stop).await;
    let mut rollout = waiting.over(executed.interrupted, Timestamp::now());
    if rollout.ended == Ended::NoneServed {
        let view = View::new(target, None, &executed.exchanges, &[]);
        rollout.remedy = Some(remedy(Framework::of(&view).map(|(framework, _)| framework)));
    }
    (rollout, executed.exchanges)
}

/// The target as waiting treats it: outside the run's own bounds, which waiting has its own in place of.
fn patient(target: &Target, longest: Millis) -> Target {
    let mut target = target.clone();
    let bounds = &mut target.bounds;
    bounds.run_ms = longest.0.saturating_add(SLACK_MS);
    bounds.requests = u32::MAX;
    bounds.cold_start_ms = 0;
    bounds.deadline_ms = bounds.deadline_ms.min(SAMPLE_MS);
    target
}

/// How waiting is shown: a line that moves, for somebody who watches; in a log one line for each stage, and one each ten
/// seconds.
struct Line<'s> {
    screen: &'s Screen,
    bar: Option<ProgressBar>,
    shown: Option<(Stage, u64)>,
}

impl<'s> Line<'s> {
    fn start(screen: &'s Screen, base: &str) -> Line<'s> {
        let bar = screen.watched.then(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} waiting for {prefix} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_prefix(brief(base));
            bar.tick();
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Line {
            screen,
            bar,
            shown: None,
        }
    }

    fn show(&mut self, rollout: &Rollout) {
        if let Some(bar) = &self.bar {
            bar.set_message(report::progress(rollout));
            return;
        }
        let Some(stage) = rollout.stages.last().map(|reached| reached.stage) else {
            return;
        };
        let now = (stage, rollout.duration_ms);
        if rollout.samples > 0 && is_news(self.shown, now) {
            self.shown = Some(now);
            self.screen.say(&format!("{}\n", report::progress(rollout)));
        }
    }
}

/// Whether a stage, reached or kept at a time in milliseconds, is worth a line, after the one that was shown last. Two builds
/// that take turns are one piece of news and not many.
fn is_news(shown: Option<(Stage, u64)>, (stage, now): (Stage, u64)) -> bool {
    let Some((last, at)) = shown else { return true };
    let flaps = matches!(
        (last, stage),
        (Stage::New, Stage::Mixed) | (Stage::Mixed, Stage::New)
    );
    last != stage && !flaps || now >= at.saturating_add(LINE_EVERY_MS)
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Cli, Command};

    /// What is shown of stages at these times in milliseconds.
    fn shown(seen: &[(Stage, u64)]) -> Vec<u64> {
        let mut shown = None;
        let told = seen.iter().filter(|now| {
            let news = is_news(shown, **now);
            if news {
                shown = Some(**now);
            }
            news
        });
        told.map(|(_, at)| *at).collect()
    }

    #[test]
    fn a_stage_that_lasts_is_one_line_each_ten_seconds() {
        let second = |at: u64| (Stage::Old, 100 + at * 100);
        let all: Vec<_> = (0..=350).map(second).collect();
        assert_eq!(shown(&all), [100, 10_100, 20_100, 30_100]);
        let edge = [0, 9_999, 10_000, 19_999, 20_000];
        assert_eq!(shown(&edge.map(|at| (Stage::Warming, at))), [0, 10_000, 20_000]);
    }

    #[test]
    fn a_new_stage_is_told_at_once_and_builds_that_take_turns_are_not() {
        use Stage::{Mixed, New, Old, Settled, Warming};
        let swap = [(Warming, 0), (Old, 50), (Mixed, 60), (New, 70), (Settled, 80)];
        assert_eq!(shown(&swap), [0, 50, 60, 80], "from mixed to new is a turn");
        let turns = [
            (Mixed, 0),
            (New, 400),
            (Mixed, 800),
            (New, 9_000),
            (Mixed, 10_300),
            (New, 10_900),
        ];
        assert_eq!(shown(&turns), [0, 10_300]);
        assert_eq!(shown(&[(New, 0), (Warming, 100), (New, 200)]), [0, 100, 200]);
    }

    #[test]
    fn waiting_is_outside_the_bounds_of_the_run_and_takes_a_quarter_of_an_hour() {
        let mut target = Target::bare("https://api.acme.example");
        target.bounds.run_ms = 1_000;
        target.bounds.requests = 7;
        target.bounds.cold_start_ms = 60_000;
        let waited = patient(&target, Millis(900_000));
        assert_eq!(waited.bounds.run_ms, 900_000 + SLACK_MS);
        assert_eq!(waited.bounds.requests, u32::MAX);
        assert_eq!(waited.bounds.cold_start_ms, 0, "sleep is a stage here");
        assert_eq!(
            waited.bounds.deadline_ms,
            target.bounds.deadline_ms.min(SAMPLE_MS)
        );

        let typed = |line: &str| Cli::try_parse_from(line.split(' ')).unwrap().command;
        let Command::Wait(wait) = typed("greenlight wait https://x.example --expect-version abcdef0") else {
            panic!("another command");
        };
        let all = "greenlight verify https://x.example --expect-version abcdef0 --wait";
        let Command::Verify(verify) = typed(all) else {
            panic!("another command");
        };
        for text in [Some(wait.longest), verify.wait] {
            assert_eq!(
                longest("--wait", &text.unwrap()).unwrap(),
                Millis(15 * 60 * 1_000)
            );
        }
    }
}
