//! The first thing that somebody who was paged is told. The cause, as soon as there is one; and within three seconds of the
//! start whatever is known, for a service that hangs lets nobody know more.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::check::wire::is_silent;
use crate::cli::first_look::FirstLook;
use crate::cli::output::Screen;
use crate::cli::progress::Progress;
use crate::drive::diagnose::so_far::SoFar;
use crate::model::event::Event;
use crate::model::exchange::Exchange;
use crate::model::probe::Wire;
use crate::report::text::{self, NAME, SENTENCE};

/// When something is said, whatever it is. It has to be read within three seconds, and judging what was seen takes its time.
const SPEAKS_AFTER: Duration = Duration::from_millis(2_500);
const _: () = assert!(SPEAKS_AFTER.as_millis() < 3_000);

/// Says it.
#[derive(Debug)]
pub struct FirstWord<'s> {
    screen: &'s Screen,
    begun: Instant,
    told: AtomicBool,
    progress: OnceLock<Progress>,
    so_far: Mutex<SoFar>,
    look: Mutex<FirstLook>,
}

impl<'s> FirstWord<'s> {
    /// The command begins.
    pub fn begin(screen: &'s Screen) -> FirstWord<'s> {
        FirstWord {
            screen,
            begun: Instant::now(),
            told: AtomicBool::new(false),
            progress: OnceLock::new(),
            so_far: Mutex::default(),
            look: Mutex::default(),
        }
    }

    /// From now on nobody is asked anything at the terminal, and a line may move there.
    pub fn watch(&self, base: &str) {
        self.progress.get_or_init(|| Progress::start(self.screen, base));
    }

    /// Does something, and says in time what `judge` makes of what was seen: a headline, when it has one.
    pub async fn during<T>(
        &self,
        doing: impl Future<Output = T>,
        judge: impl Fn(Vec<Exchange>) -> Option<String>,
    ) -> T {
        let mut doing = pin!(doing);
        if !self.told.load(Ordering::Relaxed) {
            tokio::select! {
                done = doing.as_mut() => return done,
                () = tokio::time::sleep_until(self.begun + SPEAKS_AFTER) => self.speak(judge),
            }
        }
        doing.await
    }

    /// The same of something that shows no exchange until it is over, and is waited for by this name.
    pub async fn waiting_for<T>(&self, what: &str, doing: impl Future<Output = T>) -> T {
        self.so_far().asks(what, self.begun.elapsed());
        let done = self.during(doing, |_| None).await;
        self.so_far().over(what, self.begun.elapsed());
        done
    }

    /// The same, beside something else that is there to say it.
    pub async fn beside<T>(&self, what: &str, doing: impl Future<Output = T>) -> T {
        self.so_far().asks(what, self.begun.elapsed());
        let done = doing.await;
        self.so_far().over(what, self.begun.elapsed());
        done
    }

    /// What was asked so far is not waited for any more.
    pub fn gave_up(&self) {
        self.so_far().gives_up();
    }

    /// Takes an event of finding the base. An edge that finds nobody there is worth a word, for it is asked again for a while.
    pub fn looking(&self, event: &Event<'_>) {
        self.note(event);
        if let Event::Answered {
            operation,
            status: Some(503),
            ..
        } = event
            && !self.told.load(Ordering::Relaxed)
        {
            self.say(&format!("{operation} got HTTP 503"));
        }
    }

    /// Takes an event of what is judged.
    pub fn asking(&self, event: &Event<'_>) {
        self.note(event);
        if let Event::Answered { attempts, .. } = event {
            let lost = |one: &Exchange| one.answer().is_none() && !is_silent(one);
            self.look().note(attempts, attempts.iter().any(lost));
        }
    }

    /// Looks at what was seen when it is time, and says what `judge` makes of it.
    pub fn look_now(&self, judge: impl Fn(Vec<Exchange>) -> Option<String>) {
        let due = self.look().due();
        if let Some(headline) = due.and_then(judge) {
            self.look().found();
            self.say(&headline);
        }
    }

    fn note(&self, event: &Event<'_>) {
        if let Some(progress) = self.progress.get() {
            progress.show(event);
        }
        let at = self.begun.elapsed();
        match event {
            Event::Planned { .. } => {}
            Event::Asked { operation } => self.so_far().asks(&text::line(operation, NAME), at),
            Event::Answered {
                operation,
                status,
                attempts,
            } => {
                let odd = |one: &Exchange| matches!(one.probe.wire, Wire::Plain | Wire::Raw(_));
                // Whoever does not answer what must be refused is right.
                if attempts.last().is_none_or(odd) {
                    self.so_far().over(&text::line(operation, NAME), at);
                } else {
                    self.so_far().answered(&text::line(operation, NAME), *status, at);
                }
            }
        }
    }

    fn speak(&self, judge: impl Fn(Vec<Exchange>) -> Option<String>) {
        if self.told.load(Ordering::Relaxed) {
            return;
        }
        let seen = self.look().at_once();
        if let Some(headline) = seen.and_then(judge) {
            self.look().found();
            self.say(&headline);
        } else {
            let line = self.so_far().line(self.begun.elapsed());
            self.say(&line);
        }
    }

    fn say(&self, text: &str) {
        self.told.store(true, Ordering::Relaxed);
        // A path that the service's contract names is a stranger's text.
        let line = text::line(text, SENTENCE);
        let say = || self.screen.say(&format!("so far  {line}\n"));
        match self.progress.get() {
            Some(progress) => progress.beside(say),
            None => say(),
        }
    }

    fn so_far(&self) -> MutexGuard<'_, SoFar> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self) -> MutexGuard<'_, FirstLook> {
        self.look.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_contract_calls_its_paths_has_no_power_over_a_terminal() {
        let screen = Screen::of_this_process().quieted(true);
        let word = FirstWord::begin(&screen);
        let operation = format!("GET /\u{9b}2J\u{202e}{}", "x".repeat(100_000));
        word.note(&Event::Asked {
            operation: operation.clone(),
        });
        let line = word.so_far().line(Duration::from_secs(3));
        assert!(line.starts_with("GET /") && line.len() < 1_000, "{line}");
        assert!(line.chars().all(text::is_plain), "{line:?}");
        word.note(&Event::Answered {
            operation: operation.clone(),
            status: Some(200),
            attempts: &[],
        });
        let line = word.so_far().line(Duration::from_secs(3));
        assert!(!line.contains("not answered"), "{line}");
    }
}
