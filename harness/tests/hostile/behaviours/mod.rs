//! The table of behaviours. Each is what one connection does to whoever opens it.

mod bodies;
mod heads;
mod json;
mod texts;
mod wire;

use crate::server::{Request, Script};

/// One way of misbehaving.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Behaviour {
    /// Its name.
    pub(crate) id: &'static str,
    /// What it does.
    pub(crate) act: Act,
    /// Whether the client is told to speak TLS to it.
    pub(crate) tls: bool,
}

/// What a connection does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// Answers every request so, and keeps the connection.
    Answers(fn(&Request) -> Vec<u8>),
    /// Answers one request so, and closes.
    AnswersOnce(fn(&Request) -> Vec<u8>),
    /// Follows a script of its own.
    Script(Script),
}

const fn answers(id: &'static str, answer: fn(&Request) -> Vec<u8>) -> Behaviour {
    let act = Act::Answers(answer);
    Behaviour { id, act, tls: false }
}

const fn answers_once(id: &'static str, answer: fn(&Request) -> Vec<u8>) -> Behaviour {
    let act = Act::AnswersOnce(answer);
    Behaviour { id, act, tls: false }
}

const fn script(id: &'static str, script: Script) -> Behaviour {
    let act = Act::Script(script);
    Behaviour { id, act, tls: false }
}

const fn tls(id: &'static str, script: Script) -> Behaviour {
    let act = Act::Script(script);
    Behaviour { id, act, tls: true }
}

/// Tables that are read as one.
#[derive(Debug)]
pub(crate) struct Tables(&'static [&'static [Behaviour]]);

impl Tables {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static Behaviour> {
        self.0.iter().copied().flatten()
    }
}

/// Every behaviour.
pub(crate) const ALL: Tables = Tables(&[wire::ALL, heads::ALL, bodies::ALL, json::ALL, texts::ALL]);
