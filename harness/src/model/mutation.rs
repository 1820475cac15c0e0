//! The ways in which a credential is spoilt, one defect each.

use serde::{Deserialize, Serialize};

/// How a credential is spoilt before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Mutation {
    /// Sent as it is.
    AsIs,
    /// As it is, under a lower-case scheme, which a server must accept (RFC 9110 §11.1).
    LowerCaseScheme,
    /// As it is, under a scheme that does not exist.
    OtherScheme,
    /// As it is, in the query of the URL instead of a header (RFC 6750 §2.3).
    InQuery,
    /// The scheme with nothing after it.
    Empty,
    /// A text that was never a credential.
    Garbage,
    /// The credential's first half.
    Truncated,
    /// Its letters in the other case: for a key that is compared and not verified.
    SwappedCase,
    /// The credential with a character more.
    Extended,
    /// A JWT whose header says `alg: none` and whose signature is empty (RFC 8725 §3.2).
    AlgNone,
    /// The same, spelt `None`: a list of what is forbidden forgets spellings (RFC 8725 §3.1).
    AlgNoneTitle,
    /// The same, spelt `NONE`.
    AlgNoneUpper,
    /// The same, spelt `nOnE`.
    AlgNoneMixed,
    /// A JWT with one character in the middle of its signature changed. The middle, since the last character of an
    /// HS256 signature has bits that decoders ignore.
    Tampered,
    /// A JWT with one claim more than was signed.
    TamperedPayload,
    /// A JWT signed with the key that its own header holds as `jwk` (CVE-2018-0114).
    EmbeddedKey,
    /// A JWT signed with an empty key, whose `kid` is the path of an empty file (RFC 8725 §3.10).
    KidPath,
    /// A JWT whose `kid` holds quotes, which only a query that is put together as text minds.
    KidQuote,
    /// A JWT signed by HMAC with the public key that step 0 of the sequence served as a key set (CVE-2016-10555).
    PublicKeyAsSecret,
    /// The good claims, signed anew with the signing secret: the control of what follows.
    Reminted,
    /// Signed with the signing secret, expired an hour before the run.
    Expired,
    /// Signed with the signing secret, without an expiry.
    NoExpiry,
    /// Signed with the signing secret, valid from the day after the run.
    NotYet,
    /// Signed with the signing secret, for another audience.
    OtherAudience,
    /// Signed with the signing secret, for no audience.
    NoAudience,
    /// Signed with the signing secret, from another issuer.
    OtherIssuer,
    /// Signed with the signing secret, as a refresh token.
    Refresh,
    /// The good claims, signed with a key that the issuer does not publish, under the `kid` of one that it does.
    ForeignKey,
    /// The same, under a `kid` that nobody published.
    UnknownKey,
}

impl Mutation {
    /// Those that take the signing secret, the control first.
    pub const MINTED: &[Mutation] = &[
        Mutation::Reminted,
        Mutation::Expired,
        Mutation::NoExpiry,
        Mutation::NotYet,
        Mutation::OtherAudience,
        Mutation::NoAudience,
        Mutation::OtherIssuer,
        Mutation::Refresh,
    ];

    /// Those that take an issuer with a key set of its own: a signature that is right, by a key that is not.
    pub const FOREIGN: &[Mutation] = &[Mutation::ForeignKey, Mutation::UnknownKey];

    /// Whether it takes what signs tokens, so that it was made before the run or not at all.
    pub fn is_minted(self) -> bool {
        Mutation::MINTED.contains(&self) || Mutation::FOREIGN.contains(&self)
    }

    /// Whether the credential is sent as good as it is.
    pub fn is_good(self) -> bool {
        matches!(
            self,
            Mutation::AsIs | Mutation::LowerCaseScheme | Mutation::Reminted
        )
    }
}
