//! A call that must be refused, asked in two rounds: first with a body that nobody could accept; when the answer is about
//! the body, once more with an acceptable one, as far as the budget allows.

use crate::check::asks;
use crate::check::judgement::words_of_a_limit;
use crate::check::view::{Seen, View};
use crate::checks::auth::control;
use crate::checks::auth::stance::{Others, Stance, stance};
use crate::model::exchange::{Exchange, Reply};
use crate::model::probe::{Ask, Body, Mutation, Probe, Who};
use crate::model::target::{Call, Target};

/// An operation, and who asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The operation.
    pub call: Call,
    /// The credential that must be refused, or none.
    pub who: Option<Who>,
}

/// How a trial ended.
#[derive(Debug, Clone)]
pub enum Outcome<'v> {
    /// With an answer that says this.
    Said(&'v Exchange, &'v Reply, Stance),
    /// Nothing can be told, for this reason, and this flag might help.
    Open(String, Option<String>),
    /// It was not asked.
    NotAsked,
}

impl Trial {
    /// The first request, with a body that nobody could accept.
    pub fn first(&self, target: &Target) -> Probe {
        asks::inert_as(target, &self.call, self.who.clone())
    }

    /// The second, with an acceptable one.
    pub fn second(&self, target: &Target) -> Option<Probe> {
        asks::acceptable(target, &self.call, self.who.clone()).filter(|probe| *probe != self.first(target))
    }

    /// The first request, and what it is compared with.
    pub fn ask_first(&self, view: &View<'_>) -> Vec<Ask> {
        let nobody = asks::inert(view.target, &self.call, None);
        let good =
            control::good(view.target).map(|_| asks::inert(view.target, &self.call, Some(Mutation::AsIs)));
        let compared = [Some(self.first(view.target)), Some(nobody), good];
        compared.into_iter().flatten().map(Ask::One).collect()
    }

    /// The second, once the first has left open who is judged before what.
    pub fn ask_second(&self, view: &View<'_>) -> Option<Ask> {
        self.is_open(view)
            .then(|| self.second(view.target))
            .flatten()
            .map(Ask::One)
    }

    /// The second for a bad credential, once it was seen that nobody is let in without any: where everybody is, each more
    /// such call is paid for or written, and tells nothing new.
    pub fn ask_second_with_care(&self, view: &View<'_>) -> Option<Ask> {
        if !self.is_open(view) {
            return None;
        }
        let nobody = self.by_nobody();
        match nobody.outcome(view) {
            Outcome::Said(_, _, Stance::Accepted) => None,
            Outcome::NotAsked => nobody.ask_second(view),
            Outcome::Said(..) | Outcome::Open(..) => self.ask_second(view),
        }
    }

    /// Whether everybody is let in.
    pub fn is_open_to_all(&self, view: &View<'_>) -> bool {
        matches!(
            self.by_nobody().outcome(view),
            Outcome::Said(_, _, Stance::Accepted)
        )
    }

    fn by_nobody(&self) -> Trial {
        Trial {
            call: self.call.clone(),
            who: None,
        }
    }

    /// Whether the first answer left the order open.
    pub fn is_open(&self, view: &View<'_>) -> bool {
        view.answer(&self.first(view.target))
            .is_some_and(|(_, reply)| self.first_stance(view, reply) == Stance::OrderUnknown)
    }

    /// How it ended.
    pub fn outcome<'v>(&self, view: &View<'v>) -> Outcome<'v> {
        match view.seen(&self.first(view.target)) {
            Seen::Answered(exchange, reply) => match self.first_stance(view, reply) {
                Stance::OrderUnknown => self.second_outcome(view),
                said => Outcome::Said(exchange, reply, said),
            },
            other => unseen(&other, &self.call),
        }
    }

    fn second_outcome<'v>(&self, view: &View<'v>) -> Outcome<'v> {
        let reason = format!(
            "{} judges the body before the credential, or both at once",
            self.call
        );
        let Some(second) = self.second(view.target) else {
            return Outcome::Open(
                format!("{reason}, and nobody said what it accepts"),
                Some("--profile FILE with a [[prove]] table".into()),
            );
        };
        match view.seen(&second) {
            Seen::Answered(exchange, reply) => {
                let good = asks::acceptable(view.target, &self.call, control::good(view.target));
                let others = Others {
                    good: good.and_then(|good| view.answer(&good)).map(|(_, reply)| reply),
                    nobody: None,
                    inert: false,
                };
                Outcome::Said(exchange, reply, stance(reply, others))
            }
            Seen::Refused(refusal) => {
                Outcome::Open(format!("{reason}: {}", refusal.reason), refusal.flag.clone())
            }
            other => unseen(&other, &self.call),
        }
    }

    fn first_stance(&self, view: &View<'_>, reply: &Reply) -> Stance {
        let first = self.first(view.target);
        let good = asks::inert(view.target, &self.call, Some(Mutation::AsIs));
        let nobody = asks::inert(view.target, &self.call, None);
        let answer = |probe: &Probe| {
            view.answer(probe)
                .filter(|_| *probe != first)
                .map(|(_, reply)| reply)
        };
        let others = Others {
            good: answer(&good),
            nobody: answer(&nobody),
            inert: first.body == Body::BrokenJson,
        };
        stance(reply, others)
    }
}

fn unseen<'v>(seen: &Seen<'v>, call: &Call) -> Outcome<'v> {
    match seen {
        Seen::Failed(_, error) => Outcome::Open(format!("{call}: no answer ({})", error.detail), None),
        Seen::Limited(exchange, _) => Outcome::Open(words_of_a_limit(exchange), None),
        Seen::Refused(refusal) => Outcome::Open(refusal.reason.clone(), refusal.flag.clone()),
        Seen::Answered(..) | Seen::NotAsked => Outcome::NotAsked,
    }
}
