//! What is shown while a run is under way, to somebody who watches a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::output::Screen;
use crate::model::event::Event;
use crate::report::text;

/// Columns that the address of the service may take of the line.
const ADDRESS: usize = 40;

/// The address of a service, as long as a line that moves has room for it.
pub fn brief(base: &str) -> String {
    text::line(base, ADDRESS)
}

/// A line that moves while probes are out.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A line on standard error, or nothing at all when nobody watches.
    pub fn start(screen: &Screen, base: &str) -> Progress {
        if !screen.watched {
            return Progress {
                bar: ProgressBar::hidden(),
            };
        }
        let bar = ProgressBar::new(0);
        let style =
            ProgressStyle::with_template("{spinner} {prefix}  {pos}/{len} answered, {elapsed}  {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(format!("verifying {}", brief(base)));
        bar.tick();
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress { bar }
    }

    /// Says something beside the line that moves.
    pub fn beside(&self, say: impl FnOnce()) {
        self.bar.suspend(say);
    }

    /// Shows what happened.
    pub fn show(&self, event: &Event<'_>) {
        match event {
            Event::Planned { probes } => self.bar.inc_length(*probes as u64),
            Event::Asked { .. } => {}
            Event::Answered {
                operation, status, ..
            } => {
                self.bar.inc(1);
                let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
                let operation = text::line(operation, text::NAME);
                self.bar.set_message(format!("{operation} -> {status}"));
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
