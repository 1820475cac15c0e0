//! The few words that flags let one choose from, and what each means within.

use clap::ValueEnum;

use crate::check::spec::Suite;
use crate::model::finding::Verdict;
use crate::model::probe::Effect;
use crate::model::target::Environment;

/// A suite, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SuiteArg {
    /// Safe on production
    Smoke,
    /// What the service promised
    Contract,
    /// Whole journeys, local or staging
    Integration,
}

impl From<SuiteArg> for Suite {
    fn from(suite: SuiteArg) -> Self {
        match suite {
            SuiteArg::Smoke => Suite::Smoke,
            SuiteArg::Contract => Suite::Contract,
            SuiteArg::Integration => Suite::Integration,
        }
    }
}

/// An environment, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EnvironmentArg {
    /// Ours: everything may run
    Local,
    /// Shared, without real users
    Staging,
    /// Real users
    Production,
}

impl From<EnvironmentArg> for Environment {
    fn from(environment: EnvironmentArg) -> Self {
        match environment {
            EnvironmentArg::Local => Environment::Local,
            EnvironmentArg::Staging => Environment::Staging,
            EnvironmentArg::Production => Environment::Production,
        }
    }
}

/// An effect that needs leave, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EffectArg {
    /// Requests that cost money
    Paid,
    /// Requests that write
    Writes,
    /// Requests that strain the service
    Hostile,
}

impl From<EffectArg> for Effect {
    fn from(effect: EffectArg) -> Self {
        match effect {
            EffectArg::Paid => Effect::Paid,
            EffectArg::Writes => Effect::Writes,
            EffectArg::Hostile => Effect::Hostile,
        }
    }
}

/// The mildest verdict that shall not give 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Flaky or worse
    Flaky,
    /// Degraded or worse
    Degraded,
}

impl From<FailOn> for Verdict {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Flaky => Verdict::Flaky,
            FailOn::Degraded => Verdict::Degraded,
        }
    }
}
