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
        resolve: arguments.resolve.clone(),
        cacert: arguments.cacert.clone(),
        ..KnownArgs::default()
    };
    let about = AboutArgs {
        url: Some(arguments.url.clone()),
        known,
        ..AboutArgs::default()
    };
    let inputs = inputs::gather(&about).await?;
    let seed = session::seed(None);
    let transport = session::transport(&inputs, Vault::empty(), &arguments.resolve, seed)?;
    session::shows_no_secret(&inputs, &transport)?;
    let interrupt = Interrupt::listen();
    let (rollout, _) = settled(&inputs.resolved.target, &transport, longest, &interrupt, screen).await;
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
            screen.say(&report::human(&waited, screen.style(false)));
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

/// Waits until the target's expected build is the only one that answers, and gives what was seen and every sample.
pub async fn settled(
    target: &Target,
    transport: &Transport,
    longest: Millis,
    interrupt: &Interrupt,
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
    let executed = runner.run(&mut waiting, interrupt.asked()).await;
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
            let style = ProgressStyle::with_template("{spinner} waiting for {prefix} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_prefix(base.to_owned());
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
        let now = rollout.duration_ms;
        let (last, at) = self.shown.unwrap_or((stage, 0));
        let flaps = matches!(
            (last, stage),
            (Stage::New, Stage::Mixed) | (Stage::Mixed, Stage::New)
        );
        if (last == stage || flaps) && now < at + LINE_EVERY_MS && self.shown.is_some()
            || rollout.samples == 0
        {
            return;
        }
        self.shown = Some((stage, now));
        self.screen.say(&format!("{}\n", report::progress(rollout)));
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
