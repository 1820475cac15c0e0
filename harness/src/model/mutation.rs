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
    /// The same, as `token`.
    InQueryToken,
    /// The same, as `api_key`.
    InQueryApiKey,
    /// The same, as `apikey`.
    InQueryApikey,
    /// The same, as `key`.
    InQueryKey,
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

    /// The member of the URL's query that carries the credential, when the query does and no header.
    pub fn query_member(self) -> Option<&'static str> {
        match self {
            Mutation::InQuery => Some("access_token"),
            Mutation::InQueryToken => Some("token"),
            Mutation::InQueryApiKey => Some("api_key"),
            Mutation::InQueryApikey => Some("apikey"),
            Mutation::InQueryKey => Some("key"),
            _ => None,
        }
    }

    /// Whether it takes what signs tokens, so that it was made before the run or not at all.
    pub fn is_minted(self) -> bool {
        Mutation::MINTED.contains(&self) || Mutation::FOREIGN.contains(&self)
    }

    /// What was done to the credential, as what follows its name in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Mutation::AsIs => "as it is",
            Mutation::LowerCaseScheme => "under a lower-case scheme",
            Mutation::OtherScheme => "under a scheme that does not exist",
            Mutation::InQuery
            | Mutation::InQueryToken
            | Mutation::InQueryApiKey
            | Mutation::InQueryApikey
            | Mutation::InQueryKey => "in the query of the URL",
            Mutation::Empty => "left out",
            Mutation::Garbage => "replaced by a text that was never a credential",
            Mutation::Truncated => "cut to its first half",
            Mutation::SwappedCase => "with its letters in the other case",
            Mutation::Extended => "with an x at its end",
            Mutation::AlgNone => "with the header {\"alg\":\"none\"} and no signature",
            Mutation::AlgNoneTitle => "with the header {\"alg\":\"None\"} and no signature",
            Mutation::AlgNoneUpper => "with the header {\"alg\":\"NONE\"} and no signature",
            Mutation::AlgNoneMixed => "with the header {\"alg\":\"nOnE\"} and no signature",
            Mutation::Tampered => "with one character in the middle of its signature changed",
            Mutation::TamperedPayload => "with a claim added that was not signed",
            Mutation::EmbeddedKey => "signed anew with the key that its header holds as jwk",
            Mutation::KidPath => "signed with an empty key, its kid the path of an empty file",
            Mutation::KidQuote => "with quotes in its kid",
            Mutation::PublicKeyAsSecret => "signed by HMAC with the published public key",
            Mutation::ForeignKey => "signed with a key that nobody published, under the name of one that is",
            Mutation::UnknownKey => "signed with a key that nobody published, under a name of its own",
            Mutation::Reminted => "its claims signed anew with the signing secret",
            Mutation::Expired => "signed anew with the signing secret, expired an hour ago",
            Mutation::NoExpiry => "signed anew with the signing secret, without exp",
            Mutation::NotYet => "signed anew with the signing secret, nbf tomorrow",
            Mutation::OtherAudience => "signed anew with the signing secret, another aud",
            Mutation::NoAudience => "signed anew with the signing secret, without aud",
            Mutation::OtherIssuer => "signed anew with the signing secret, another iss",
            Mutation::Refresh => "signed anew with the signing secret as a refresh token",
        }
    }

    /// Whether the credential is sent as good as it is.
    pub fn is_good(self) -> bool {
        matches!(
            self,
            Mutation::AsIs | Mutation::LowerCaseScheme | Mutation::Reminted
        )
    }
}
