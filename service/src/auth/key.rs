//! API keys: random, shown once when they are made, and kept as a hash.
//!
//! A key is 256 random bits, so one SHA-256 keeps it as safe as any slow hash would, and it is found by that hash: what
//! looking it up takes says nothing of another key.

use std::time::Duration;

use aws_lc_rs::digest;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use uuid::Uuid;

use crate::auth::caller::{Caller, CredentialId, Scopes};
use crate::domain::data::keys::KeyRecord;
use crate::secret::Secret;

/// What every key begins with, so that people and scanners know one when they see it.
pub const KEY_PREFIX: &str = "ok_";

/// How many characters a key has: the prefix, and 32 bytes in base64url (RFC 4648 §5) without padding.
pub const KEY_LENGTH: usize = KEY_PREFIX.len() + 43;

/// How many first characters are kept, by which a person recognises a key. They leave 214 bits unsaid.
pub const RECOGNISED_BY: usize = 10;

/// Why an API key is not taken. The sentences are shown to the caller, and hold nothing of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is none like it.
    #[error("there is no such key")]
    Unknown,
    /// It was revoked.
    #[error("the key was revoked")]
    Revoked,
    /// Its time is over.
    #[error("the key has expired")]
    Expired,
}

/// Which key is wanted.
#[derive(Debug, Clone)]
pub struct KeyRequest {
    /// What its owner calls it.
    pub name: String,
    /// On whose behalf it calls.
    pub subject: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// For how long it is good; for ever when none.
    pub ttl: Option<Duration>,
}

/// The operating system has no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoRandomness;

/// Random bytes in base64url without padding.
///
/// # Errors
/// When the operating system has none.
pub fn random<const BYTES: usize>() -> Result<String, NoRandomness> {
    let mut bytes = [0; BYTES];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The SHA-256 of these bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// The SHA-256 of a secret text, in lower-case hexadecimal: what is kept in its stead.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    hexadecimal(&sha256(text.as_bytes()))
}

/// These bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes a key, and what is kept of it.
///
/// # Errors
/// When the operating system has no random bytes.
pub fn make(request: KeyRequest, now: Timestamp) -> Result<(Secret, KeyRecord), NoRandomness> {
    let key = format!("{KEY_PREFIX}{}", random::<32>()?);
    let end = |ttl: Duration| now.checked_add(ttl).unwrap_or(Timestamp::MAX);
    let record = KeyRecord {
        id: Uuid::now_v7().to_string(),
        name: request.name,
        subject: request.subject,
        hash: fingerprint(&key),
        prefix: key.chars().take(RECOGNISED_BY).collect(),
        scopes: request.scopes.names().map(str::to_owned).collect(),
        created_at: now,
        expires_at: request.ttl.map(end),
        revoked_at: None,
        last_used_at: None,
    };
    Ok((Secret::new(key), record))
}

/// Whether a text could be one of our keys. What could not is refused without a question to the database.
#[must_use]
pub fn could_be(shown: &str) -> bool {
    shown.len() == KEY_LENGTH && shown.starts_with(KEY_PREFIX)
}

/// The caller that a kept key stands for, when it is good at this time.
///
/// # Errors
/// When it was revoked or has expired.
pub fn judge(record: &KeyRecord, now: Timestamp) -> Result<Caller, KeyError> {
    if record.revoked_at.is_some() {
        return Err(KeyError::Revoked);
    }
    if record.expires_at.is_some_and(|end| end <= now) {
        return Err(KeyError::Expired);
    }
    Ok(Caller {
        subject: record.subject.clone(),
        credential: CredentialId::of_key(&record.id),
        scopes: Scopes::named(&record.scopes),
        session: None,
    })
}

/// The minute that a time falls in.
#[must_use]
pub fn minute(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second().div_euclid(60) * 60).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::caller::Scope;

    fn wanted(ttl: Option<Duration>) -> KeyRequest {
        KeyRequest {
            name: "nightly".to_owned(),
            subject: "ana".to_owned(),
            scopes: Scopes::of([Scope::UsageRead]),
            ttl,
        }
    }

    #[test]
    fn a_key_is_kept_as_its_hash_and_recognised_by_its_first_letters() {
        let now = Timestamp::UNIX_EPOCH;
        let (key, record) = make(wanted(None), now).unwrap();
        assert!(could_be(key.expose()), "{} letters", key.len());
        assert_eq!(record.hash, fingerprint(key.expose()));
        assert!(key.expose().starts_with(&record.prefix));
        assert!(!format!("{record:?}").contains(key.expose()));
        let (another, _) = make(wanted(None), now).unwrap();
        assert_ne!(key, another);
    }

    #[test]
    fn the_fingerprint_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            fingerprint("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_key_may_do_what_it_was_made_for_until_it_ends_or_is_revoked() {
        let now = Timestamp::UNIX_EPOCH;
        let (_, mut record) = make(wanted(Some(Duration::from_secs(60))), now).unwrap();
        let caller = judge(&record, now).unwrap();
        assert_eq!(caller.scopes, Scopes::of([Scope::UsageRead]));
        assert_eq!(caller.credential, CredentialId::of_key(&record.id));
        let end = now + Duration::from_secs(60);
        assert_eq!(judge(&record, end), Err(KeyError::Expired));
        record.revoked_at = Some(now);
        // The holder is told the reason that somebody gave, not the one that time did.
        assert_eq!(judge(&record, end), Err(KeyError::Revoked));
    }

    #[test]
    fn what_is_no_key_of_ours_is_known_without_the_database() {
        for text in [
            "",
            "ok_",
            "x",
            "sk-1234",
            &"ok_a".repeat(30),
            &format!("sk_{}", "a".repeat(43)),
        ] {
            assert!(!could_be(text), "{text}");
        }
    }

    #[test]
    fn a_use_is_noted_to_the_minute() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(minute(at(119)), at(60));
        assert_eq!(minute(at(120)), at(120));
        assert_eq!(minute(at(-1)), at(-60));
    }
}
