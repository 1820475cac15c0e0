//! A driver decides what to ask next. It is a pure state machine: it is shown what is new and the time, and answers with
//! asks, a time to wait until, or that it is done. The runner executes any driver under the same budget and deadlines.

use jiff::Timestamp;

use crate::model::exchange::{Asker, Exchange};
use crate::model::probe::{Ask, SecretName};
use crate::model::refusal::Refusal;
use crate::model::sealed::{Raw, Sealed};

/// What happened since a driver was last asked.
#[derive(Debug, Clone, Copy)]
pub struct News<'a> {
    /// New exchanges, by id and attempt.
    pub exchanges: &'a [Exchange],
    /// Asks that were refused.
    pub refused: &'a [Refusal],
    /// The new answers as they came, by exchange and step; none unless the driver needs them.
    pub raw: &'a [Raw],
}

/// An ask, and the check that makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who asks.
    pub asker: Asker,
    /// For what.
    pub ask: Ask,
}

/// What a driver wants next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// These asks. Probes that were sent before are not sent again.
    Ask(Vec<Asked>),
    /// Nothing before this time.
    Until(Timestamp),
    /// Nothing more. It may be shown more news all the same, when asks were put off.
    Done,
}

/// Decides what to ask next.
pub trait Driver: Send {
    /// Takes what is new, and says what is wanted next.
    fn next(&mut self, news: News<'_>, now: Timestamp) -> Next;

    /// Takes what is new when all is over, one way or another, and says what is to be left as it was. It is asked again as long
    /// as it says something new.
    fn last(&mut self, _news: News<'_>) -> Vec<Asked> {
        Vec::new()
    }

    /// Whether it carries values of answers into later requests, and so needs answers as they came.
    fn needs_raw(&self) -> bool {
        false
    }

    /// Values that its next asks name as credentials and nobody knows yet. Taken before those asks are made; from then on
    /// nothing that is kept shows them.
    fn secrets(&mut self) -> Vec<(SecretName, Sealed<String>)> {
        Vec::new()
    }
}
