//! Drivers that ask what a test tells them to, and runs of them.

use std::collections::VecDeque;

use greenlight::check::driver::{Asked, Driver, News, Next};
use greenlight::model::exchange::{Asker, Exchange};
use greenlight::model::probe::{Ask, Probe};
use greenlight::model::refusal::Refusal;
use greenlight::model::target::Target;
use greenlight::runner::execute::{Executed, Runner};
use greenlight::transport::http::{Settings, Transport};
use jiff::Timestamp;

/// One ask by one asker.
pub(crate) fn asks(asker: &str, ask: Ask) -> Asked {
    Asked {
        asker: Asker(asker.into()),
        ask,
    }
}

/// One probe asked for by one asker.
pub(crate) fn one(asker: &str, probe: &Probe) -> Asked {
    asks(asker, Ask::One(probe.clone()))
}

/// Says what it was given, round by round, and then that it is done. Keeps what it was shown.
#[derive(Debug, Default)]
pub(crate) struct Scripted {
    rounds: VecDeque<Next>,
    pub(crate) shown: Vec<Exchange>,
    pub(crate) refused: Vec<Refusal>,
}

impl Scripted {
    pub(crate) fn new(rounds: impl IntoIterator<Item = Vec<Asked>>) -> Scripted {
        Scripted::of(rounds.into_iter().map(Next::Ask))
    }

    pub(crate) fn of(rounds: impl IntoIterator<Item = Next>) -> Scripted {
        Scripted {
            rounds: rounds.into_iter().collect(),
            ..Scripted::default()
        }
    }
}

impl Driver for Scripted {
    fn next(&mut self, news: News<'_>, _now: Timestamp) -> Next {
        self.shown.extend_from_slice(news.exchanges);
        self.refused.extend_from_slice(news.refused);
        self.rounds.pop_front().unwrap_or(Next::Done)
    }
}

/// A driver made of a function.
pub(crate) struct Endless<F>(pub(crate) F);

impl<F: FnMut(News<'_>, Timestamp) -> Next + Send> Driver for Endless<F> {
    fn next(&mut self, news: News<'_>, now: Timestamp) -> Next {
        (self.0)(news, now)
    }
}

/// Runs a driver to its end with the default settings.
pub(crate) async fn run(target: &Target, driver: &mut dyn Driver) -> Executed {
    run_with(target, Settings::default(), driver).await
}

/// Runs a driver to its end, or until somebody stops it.
pub(crate) async fn run_until(
    target: &Target,
    driver: &mut dyn Driver,
    stop: impl Future<Output = ()>,
) -> Executed {
    let transport = Transport::new(target.clone(), Settings::default()).unwrap();
    let runner = Runner::new(target, &transport, 7, |_| {});
    runner.run(driver, stop).await
}

/// Runs a driver to its end.
pub(crate) async fn run_with(target: &Target, settings: Settings, driver: &mut dyn Driver) -> Executed {
    let transport = Transport::new(target.clone(), settings).unwrap();
    let runner = Runner::new(target, &transport, 7, |_| {});
    runner.run(driver, std::future::pending()).await
}
