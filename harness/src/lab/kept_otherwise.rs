//! Healthy services that keep, repeat and renew otherwise than ours, and of which a profile or a contract says so.

use orchestrate::faults::look_alike::LookAlike as Altered;

use crate::lab::lookalike::{How, LookAlike};
use crate::lab::subject::Subject;

/// Those that are only healthy for whoever knows of it.
pub const ALTERED: &[Altered] = &[Altered::RefreshStays, Altered::NoKeys, Altered::GoneForGood];

/// The look-alikes.
pub const HEALTHY: &[LookAlike] = &[
    altered_for(Altered::RefreshStays, stays),
    altered_for(Altered::NoKeys, promises_no_keys),
    altered_for(Altered::GoneForGood, promises_410),
];

const fn altered_for(altered: Altered, prepare: fn(&mut Subject)) -> LookAlike {
    LookAlike {
        id: altered.id(),
        sentence: altered.sentence(),
        how: How::AlteredFor(altered, prepare),
    }
}

/// The profile of a service whose refresh tokens are good for long names no next one.
fn stays(subject: &mut Subject) {
    let auth = subject.target.auth.iter_mut();
    auth.filter_map(|auth| auth.renewal.as_mut())
        .for_each(|renewal| renewal.next_at = None);
}

/// The contract of a service that looks at no key does not name one.
fn promises_no_keys(subject: &mut Subject) {
    reworded(subject, "Idempotency-Key", "X-Not-Looked-At");
}

/// The contract of a service that says 410 where ours says 404.
fn promises_410(subject: &mut Subject) {
    for (word, other) in [("\"404\"", "\"410\""), ("'404'", "'410'")] {
        reworded(subject, word, other);
    }
}

/// The pinned contract with one word in place of another.
fn reworded(subject: &mut Subject, word: &str, other: &str) {
    if let Some(contract) = &mut subject.contract {
        contract.text = contract.text.replace(word, other);
    }
}
