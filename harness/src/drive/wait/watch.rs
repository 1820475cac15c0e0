//! What the samples of a rollout add up to. Pure: it is told each sample, and says where the rollout stands.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::check::build::{is_build, is_commit};
use crate::check::replicas;
use crate::check::text::clean;
use crate::check::wire;
use crate::drive::wait::streak;
use crate::model::exchange::{Exchange, Outcome};
use crate::model::rollout::{AddressSeen, BuildSeen, Ended, LATEST, Miss, Reached, Rollout, Stage};
use crate::model::target::Target;

/// So many of the latest samples must agree for a stage to be called that.
const RECENT: usize = 8;
/// More builds, instances, addresses or kinds of misses are counted with the last one.
const MOST_KINDS: usize = 40;
/// A build's name is shown up to this many columns.
const NAME: usize = 80;

/// What one sample said.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Sight {
    /// A build, by its place in the list.
    Build(usize),
    /// A good answer that names no build.
    Unsaid,
    /// No good answer, by its place in the list.
    Miss(usize),
}

/// Watches a rollout.
#[derive(Debug)]
pub struct Watch {
    expected: String,
    sampled: String,
    share: f64,
    begun: Timestamp,
    now_ms: u64,
    sights: VecDeque<Sight>,
    stages: Vec<Reached>,
    samples: u32,
    streak: u32,
    resets: u32,
    builds: Vec<BuildSeen>,
    answered: bool,
    unsaid: u32,
    instances: Vec<String>,
    addresses: Vec<AddressSeen>,
    misses: Vec<Miss>,
}

impl Watch {
    /// A watch over a rollout of `expected`, of which nothing is seen yet.
    pub fn new(target: &Target, expected: &str, sampled: String, begun: Timestamp) -> Watch {
        let mut watch = Watch {
            expected: expected.to_owned(),
            sampled,
            share: streak::share(target.replicas),
            begun,
            now_ms: 0,
            sights: VecDeque::new(),
            stages: Vec::new(),
            samples: 0,
            streak: 0,
            resets: 0,
            builds: Vec::new(),
            answered: false,
            unsaid: 0,
            instances: Vec::new(),
            addresses: Vec::new(),
            misses: Vec::new(),
        };
        watch.enter(Stage::Warming);
        watch
    }

    /// Takes one sample.
    pub fn take(&mut self, target: &Target, exchange: &Exchange) {
        self.now_ms = self.after(exchange.at);
        self.samples += 1;
        let sight = self.sight(target, exchange);
        let good = match sight {
            Sight::Build(at) => {
                self.answered = true;
                self.builds[at].expected
            }
            Sight::Unsaid => {
                self.answered = true;
                self.unsaid += 1;
                false
            }
            Sight::Miss(_) => false,
        };
        self.note_address(exchange, matches!(sight, Sight::Miss(_)));
        if good {
            self.streak += 1;
        } else if self.streak > 0 {
            self.streak = 0;
            self.resets += 1;
        }
        self.sights.push_back(sight);
        if self.sights.len() > LATEST {
            self.sights.pop_front();
        }
        let stage = self.stage();
        self.enter(stage);
    }

    /// How many samples in a row are wanted now.
    pub fn needed(&self) -> u32 {
        let addresses = u32::try_from(self.addresses.len()).unwrap_or(u32::MAX);
        streak::needed(self.share, self.resets).max(addresses)
    }

    /// How many of them there are.
    pub fn streak(&self) -> u32 {
        self.streak
    }

    /// How many samples were taken.
    pub fn samples(&self) -> u32 {
        self.samples
    }

    /// The stage that was entered last.
    pub fn latest(&self) -> Stage {
        self.stages.last().map_or(Stage::Warming, |reached| reached.stage)
    }

    /// Whether something answers, and nothing that answered ever said which build it is.
    pub fn says_nothing(&self) -> bool {
        self.answered && self.builds.is_empty()
    }

    /// How waiting ends when it ends now; `None` when it may as well go on.
    pub fn verdict(&self) -> Option<Ended> {
        if self.latest() == Stage::Settled {
            return Some(Ended::Settled);
        }
        let full = self.sights.len() == LATEST;
        let taken_over = full && self.newer().is_some_and(|at| self.lately(at) as usize == LATEST);
        taken_over.then_some(Ended::Superseded)
    }

    /// How waiting ended when its time is over.
    pub fn ended(&self) -> Ended {
        if let Some(ended) = self.verdict() {
            return ended;
        }
        let lately = |expected: bool| {
            let builds = self.builds.iter().enumerate();
            let mut builds = builds.filter(|(_, build)| build.expected == expected);
            builds.any(|(at, _)| self.lately(at) > 0)
        };
        let seen = self.builds.iter().any(|build| build.expected);
        match (self.answered, seen) {
            (false, _) => Ended::Unreachable,
            (true, false) if self.builds.is_empty() => Ended::NoneServed,
            (true, false) => Ended::NotDeployed,
            (true, true) if !lately(true) && self.newer().is_some() => Ended::Superseded,
            (true, true) if lately(false) => Ended::OldStillLive,
            (true, true) => Ended::Unsteady,
        }
    }

    /// The latest build that came after the expected one and still answers; an older one was there before it.
    fn newer(&self) -> Option<usize> {
        let first = self.builds.iter().position(|build| build.expected)?;
        let after = self.builds.iter().enumerate().skip(first).rev();
        let mut after = after.filter(|(_, build)| !build.expected);
        after.find(|(at, _)| self.lately(*at) > 0).map(|(at, _)| at)
    }

    /// In how many of the latest samples this build answered.
    fn lately(&self, build: usize) -> u32 {
        self.among_latest(&Sight::Build(build))
    }

    fn among_latest(&self, sight: &Sight) -> u32 {
        let same = self.sights.iter().filter(|seen| *seen == sight);
        u32::try_from(same.count()).unwrap_or(u32::MAX)
    }

    /// All of it, as it stands at this time.
    pub fn rollout(&self, ended: Ended, now: Timestamp) -> Rollout {
        let mut builds = self.builds.clone();
        for (at, build) in builds.iter_mut().enumerate() {
            build.lately = self.lately(at);
        }
        let mut misses = self.misses.clone();
        for (at, miss) in misses.iter_mut().enumerate() {
            miss.lately = self.among_latest(&Sight::Miss(at));
        }
        Rollout {
            expected: self.expected.clone(),
            sampled: self.sampled.clone(),
            begun_at: self.begun,
            ended,
            duration_ms: self.after(now),
            stages: self.stages.clone(),
            samples: self.samples,
            streak: self.streak,
            needed: self.needed(),
            excluded_percent: streak::excluded_percent(self.streak, self.resets),
            builds,
            instances: self.instances.clone(),
            addresses: self.addresses.clone(),
            misses,
            remedy: None,
        }
    }

    fn after(&self, time: Timestamp) -> u64 {
        u64::try_from(time.duration_since(self.begun).as_millis()).unwrap_or(0)
    }

    fn enter(&mut self, stage: Stage) {
        if self.stages.last().is_none_or(|reached| reached.stage != stage) {
            self.stages.push(Reached {
                stage,
                after_ms: self.now_ms,
            });
        }
    }

    fn stage(&self) -> Stage {
        let seen = self.builds.iter().any(|build| build.expected);
        let recent = u32::try_from(self.sights.len().min(RECENT)).unwrap_or(u32::MAX);
        if !self.answered {
            Stage::Warming
        } else if !seen {
            Stage::Old
        } else if self.streak >= self.needed() {
            Stage::Settled
        } else if self.streak >= recent {
            Stage::New
        } else {
            Stage::Mixed
        }
    }

    fn sight(&mut self, target: &Target, exchange: &Exchange) -> Sight {
        let reply = match &exchange.reply {
            Outcome::Answered(reply) if reply.status < 500 => reply,
            Outcome::Answered(reply) => return self.miss(&format!("HTTP {}", reply.status)),
            Outcome::Failed(error) => return self.miss(wire::plain(error)),
            Outcome::Heard(_) => return Sight::Unsaid,
        };
        if let Some(instance) = replicas::instance(reply) {
            let instance = clean(&instance, NAME);
            place(
                &mut self.instances,
                |known| *known == instance,
                true,
                || instance.clone(),
            );
        }
        let named = target.routes.version.is_some();
        // A guessed place may hold something else, such as the version of the API: only a commit answers for a commit.
        let speaks = |build: &String| {
            named || !is_commit(&self.expected) || is_commit(build) || is_build(build, &self.expected)
        };
        let told = replicas::build(target, exchange, reply).filter(speaks);
        told.map_or(Sight::Unsaid, |build| self.build(&build))
    }

    fn build(&mut self, name: &str) -> Sight {
        let expected = is_build(name, &self.expected);
        let (name, now_ms) = (clean(name, NAME), self.now_ms);
        let new = || BuildSeen {
            build: name.clone(),
            expected,
            samples: 0,
            lately: 0,
            first_ms: now_ms,
            last_ms: now_ms,
        };
        let at = place(&mut self.builds, |known| known.build == name, !expected, new);
        self.builds[at].samples += 1;
        self.builds[at].last_ms = now_ms;
        Sight::Build(at)
    }

    fn miss(&mut self, what: &str) -> Sight {
        let new = || Miss {
            what: what.to_owned(),
            samples: 0,
            lately: 0,
        };
        let at = place(&mut self.misses, |known| known.what == what, true, new);
        self.misses[at].samples += 1;
        Sight::Miss(at)
    }

    fn note_address(&mut self, exchange: &Exchange, missed: bool) {
        let Some(address) = exchange.probe.to.map(|address| address.to_string()) else {
            return;
        };
        let new = || AddressSeen {
            address: address.clone(),
            samples: 0,
            failures: 0,
        };
        let at = place(&mut self.addresses, |known| known.address == address, true, new);
        self.addresses[at].samples += 1;
        self.addresses[at].failures += u32::from(missed);
    }
}

/// Where a thing stands in a list, which it is put on when it is new. A list that is full counts what is new, and may be
/// counted so, with its last one: a server that calls itself another name each time fills no memory.
fn place<T>(list: &mut Vec<T>, is: impl Fn(&T) -> bool, bounded: bool, new: impl FnOnce() -> T) -> usize {
    if let Some(at) = list.iter().position(is) {
        return at;
    }
    if !bounded || list.len() < MOST_KINDS {
        list.push(new());
    }
    list.len() - 1
}
