//! The memory of a run: what its answers may keep together, whoever answers first. Pure.
//!
//! Each answer is bounded by itself, and hundreds of them together are not. So a run has a budget, spent in the order of
//! asking (law 8): within a wave an answer is kept whole when it and all that were asked before it fit into what is left,
//! else only its beginning is. Which ones those are follows from the answers alone and not from their arrival: one that does
//! not fit never fits again, since what was asked before it can only grow, and so it is let go as soon as that is known.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::model::capture::{Captured, Octets};
use crate::model::exchange::{Exchange, Outcome, Place, Redacted, Reply, SecretKind, Xid};

/// An answer of so many bytes is kept whole and costs nothing; the number of requests bounds what that comes to.
pub(crate) const SMALL: u64 = 8 * 1024;

/// What is kept of a body that does not fit, in bytes.
const BODY: usize = 4 * 1024;

/// What is kept of a head that does not fit, in bytes.
const HEAD: usize = 4 * 1024;

/// How many facts are kept of an answer that does not fit.
const FACTS: usize = 64;

/// What a header field line or a fact takes besides its text.
const OVERHEAD: u64 = 128;

/// Headers by which answers are judged: of a head that does not fit they are kept before others.
const JUDGED: &[&str] = &[
    "access-control-",
    "age",
    "allow",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "location",
    "retry-after",
    "server",
    "strict-transport-security",
    "vary",
    "via",
    "www-authenticate",
    "x-content-type-options",
    "x-request-id",
];

/// Where an exchange stands in the order of asking.
pub(crate) type Turn = (Xid, u8, u16, u8);

/// What an answer keeps besides its status.
#[derive(Debug)]
struct Kept {
    headers: Vec<(Octets, Octets)>,
    body: Captured,
    redacted: Vec<Redacted>,
}

/// One large answer of the wave that is under way.
#[derive(Debug)]
struct Entry {
    size: u64,
    /// What it keeps when it fits; let go as soon as it is known not to.
    whole: Option<Kept>,
}

/// What is spent of the budget, and the large answers of the wave that is under way.
#[derive(Debug)]
pub(crate) struct Ledger {
    left: u64,
    wave: BTreeMap<Turn, Entry>,
}

impl Ledger {
    /// A ledger of which nothing is spent.
    pub(crate) fn new(budget: u64) -> Ledger {
        Ledger {
            left: budget,
            wave: BTreeMap::new(),
        }
    }

    /// Takes what is large out of an exchange, and leaves its beginning in its place.
    pub(crate) fn deposit(&mut self, exchange: &mut Exchange) {
        let size = size(exchange);
        let turn = turn(exchange);
        let Outcome::Answered(reply) = &mut exchange.reply else {
            return;
        };
        if size <= SMALL {
            return;
        }
        let left_out = shorten(reply);
        let mut facts: Vec<Redacted> = exchange.redacted.iter().take(FACTS).cloned().collect();
        facts.extend(left_out.fact);
        let whole = Kept {
            headers: left_out.headers,
            body: left_out.body,
            redacted: std::mem::replace(&mut exchange.redacted, facts),
        };
        let whole = Some(whole);
        self.wave.insert(turn, Entry { size, whole });
        self.let_go();
    }

    /// Lets go of every answer of the wave that does not fit any more.
    fn let_go(&mut self) {
        let mut before = 0_u64;
        for entry in self.wave.values_mut() {
            before = before.saturating_add(entry.size);
            if before > self.left {
                entry.whole = None;
            }
        }
    }

    /// Ends a wave: gives back what fitted, and counts it as spent.
    pub(crate) fn settle<'e>(&mut self, exchanges: impl IntoIterator<Item = &'e mut Exchange>) {
        let mut wave = std::mem::take(&mut self.wave);
        for exchange in exchanges {
            let Some(entry) = wave.remove(&turn(exchange)) else {
                continue;
            };
            let (Some(whole), Outcome::Answered(reply)) = (entry.whole, &mut exchange.reply) else {
                continue;
            };
            self.left = self.left.saturating_sub(entry.size);
            reply.headers = whole.headers;
            reply.body = whole.body;
            exchange.redacted = whole.redacted;
        }
    }

    #[cfg(test)]
    fn held(&self) -> u64 {
        let held = self.wave.values().filter(|entry| entry.whole.is_some());
        held.map(|entry| entry.size).sum()
    }
}

/// The order in which a recording keeps exchanges.
pub(crate) fn turn(exchange: &Exchange) -> Turn {
    (exchange.id, exchange.step, exchange.copy, exchange.attempt)
}

/// What an exchange's answer takes, in bytes.
fn size(exchange: &Exchange) -> u64 {
    let Some(reply) = exchange.answer() else { return 0 };
    let facts = exchange.redacted.iter().map(|fact| match &fact.place {
        Place::SentHeader(name) | Place::ReplyHeader(name) | Place::ReplyValue(name) => {
            name.len() as u64 + OVERHEAD
        }
        Place::ReplyBody | Place::Url => OVERHEAD,
    });
    head_size(&reply.headers) + reply.body.bytes.len() as u64 + facts.sum::<u64>()
}

fn head_size(headers: &[(Octets, Octets)]) -> u64 {
    let line = |(name, value): &(Octets, Octets)| (name.0.len() + value.0.len()) as u64 + OVERHEAD;
    headers.iter().map(line).sum()
}

/// What was taken out of a reply, and the fact that says so.
struct LeftOut {
    headers: Vec<(Octets, Octets)>,
    body: Captured,
    fact: Option<Redacted>,
}

/// Shortens a reply to its beginning, and returns what it was.
fn shorten(reply: &mut Reply) -> LeftOut {
    let body = reply.body.shortened(BODY);
    let body = std::mem::replace(&mut reply.body, body);
    let headers = head(&reply.headers);
    let headers = std::mem::replace(&mut reply.headers, headers);
    let missing = head_size(&headers) - head_size(&reply.headers);
    let fact = (missing > 0).then(|| Redacted {
        place: Place::ReplyHeader("lines left out, since the run had no room for them".to_owned()),
        kind: SecretKind::Content,
        length: u32::try_from(missing).unwrap_or(u32::MAX),
    });
    LeftOut { headers, body, fact }
}

/// The lines of a head that are kept of one that does not fit: those by which it is judged before others, in their order.
fn head(headers: &[(Octets, Octets)]) -> Vec<(Octets, Octets)> {
    let judged = |name: &Octets| {
        let name = name.text().to_ascii_lowercase();
        JUDGED.iter().any(|known| match known.strip_suffix('-') {
            Some(_) => name.starts_with(known),
            None => name == *known,
        })
    };
    let mut room = HEAD as u64;
    let mut kept = vec![false; headers.len()];
    for wanted in [true, false] {
        for (at, (name, value)) in headers.iter().enumerate() {
            let size = (name.0.len() + value.0.len()) as u64 + OVERHEAD;
            if judged(name) == wanted && size <= room {
                room -= size;
                kept[at] = true;
            }
        }
    }
    let copy = |octets: &Octets| Octets(Bytes::copy_from_slice(&octets.0));
    let lines = headers.iter().zip(kept).filter(|(_, kept)| *kept);
    lines
        .map(|((name, value), _)| (copy(name), copy(value)))
        .collect()
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
