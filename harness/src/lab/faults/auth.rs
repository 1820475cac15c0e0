//! Authentication and authorisation.

use orchestrate::faults::id::FaultId;
use orchestrate::faults::keys::FIXED_KEY;

use crate::lab::fault::{Fault, How};
use crate::lab::faults::Unshown;
use crate::lab::guarded::Guarded;
use crate::lab::notes::Quirk;
use crate::lab::shelf::Flaw;
use crate::lab::subject::Subject;
use crate::model::probe::SecretName;
use crate::model::target::Scheme;
use crate::target::credential::GOOD;
use crate::transport::secret::{Secret, Vault};

const SPOILT: &[&str] = &["auth/spoilt-credential-refused"];
const CLAIMS: &[&str] = &["auth/claims-checked"];
const HEADERS: &[&str] = &["auth/headers-grant-nothing"];

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::AuthNotEnforced)
        .shows(&["auth-open"])
        .must_fail(&["auth/missing-credential-refused"])
        .named("auth-not-enforced"),
    Fault::service(FaultId::AnyTokenAccepted)
        .shows(&["auth-any-token"])
        .must_fail(SPOILT)
        .named("any-token-accepted"),
    Fault::service(FaultId::SignatureUnchecked)
        .shows(&["auth-signature-unchecked"])
        .must_fail(SPOILT)
        .named("signature-unchecked"),
    Fault::service(FaultId::AlgNoneAccepted)
        .shows(&["auth-alg-none"])
        .must_fail(SPOILT)
        .named("signature-unchecked"),
    Fault::service(FaultId::AlgNoneInAnotherCase)
        .shows(&["auth-alg-none-case"])
        .must_fail(SPOILT)
        .named("signature-unchecked"),
    Fault::service(FaultId::PublicKeyAsSecret)
        .shows(&["auth-alg-confusion"])
        .must_fail(&["auth/published-key-is-no-secret"])
        .named("key-chosen-by-token"),
    Fault::service(FaultId::KidIsAPath)
        .shows(&["auth-kid-injection"])
        .must_fail(SPOILT)
        .named("key-chosen-by-token"),
    Fault::service(FaultId::KidCrashes)
        .shows(&["auth-kid-injection"])
        .must_fail(&["errors/no-server-error"])
        .named("auth-crashes"),
    Fault::service(FaultId::EmbeddedKeyTrusted)
        .shows(&["auth-embedded-key"])
        .must_fail(SPOILT)
        .named("key-chosen-by-token"),
    Fault::service(FaultId::KeyComparedLoosely)
        .shows(&["auth-key-compare"])
        .must_fail(SPOILT)
        .named("key-compared-loosely")
        .with(fixed_key),
    Fault::service(FaultId::ExpiredTokenAccepted)
        .shows(&["auth-exp-ignored"])
        .must_fail(&["auth/expired-credential-refused"])
        .named("expired-accepted"),
    Fault::service(FaultId::ExpiryNotRequired)
        .shows(&["auth-exp-missing-ok"])
        .must_fail(CLAIMS)
        .named("claims-unchecked"),
    Fault::service(FaultId::NotBeforeIgnored)
        .shows(&["auth-nbf-ignored"])
        .must_note(CLAIMS),
    Fault::service(FaultId::AudienceIgnored)
        .shows(&["auth-aud-ignored"])
        .must_fail(CLAIMS)
        .named("claims-unchecked"),
    Fault::service(FaultId::IssuerIgnored)
        .shows(&["auth-iss-ignored"])
        .must_fail(CLAIMS)
        .named("claims-unchecked"),
    Fault::service(FaultId::RefreshTokenAccepted)
        .shows(&["auth-refresh-as-access"])
        .must_fail(CLAIMS)
        .named("refresh-accepted"),
    Fault::service(FaultId::TestUserHeader)
        .shows(&["auth-test-bypass"])
        .must_fail(HEADERS)
        .named("development-login"),
    Fault::service(FaultId::DevLoginLive)
        .shows(&["auth-test-bypass"])
        .must_fail(&["auth/no-development-login"])
        .named("development-login"),
    Fault::service(FaultId::DevTokenLive)
        .shows(&["auth-test-bypass"])
        .must_fail(&["auth/no-development-login"])
        .named("development-login"),
    Fault::service(FaultId::InternalHeaderTrusted)
        .shows(&["auth-internal-header"])
        .must_fail(HEADERS)
        .named("header-opens-door"),
    Fault::service(FaultId::OriginalUrlTrusted)
        .shows(&["auth-internal-header"])
        .must_fail(HEADERS)
        .named("header-opens-door"),
    Fault::service(FaultId::ForwardedHeaderTrusted)
        .shows(&["auth-forwarded-trust"])
        .must_fail(HEADERS)
        .named("header-opens-door"),
    Fault::service(FaultId::PathVariantOpen)
        .shows(&["auth-path-variant"])
        .must_fail(&["auth/path-variants-refused"])
        .named("path-variant-open"),
    Fault::service(FaultId::TokenInQuery)
        .shows(&["auth-token-in-query"])
        .must_fail(&["auth/credential-not-in-url"])
        .named("token-in-url"),
    Fault::new(
        "key-in-query",
        "The API key is taken from the URL as well.",
        How::Notes(Quirk::KeyInQuery),
    )
    .shows(&["auth-token-in-query"])
    .must_fail(&["auth/credential-not-in-url"])
    .named("token-in-url"),
    Fault::service(FaultId::GoodTokenRefused)
        .shows(&["auth-valid-rejected"])
        .must_fail(&["auth/good-credential-accepted", "journey/proofs"])
        .named("credential-refused"),
    Fault::service(FaultId::KeysDiffer)
        .shows(&["auth-replica-uneven"])
        .must_fail(&["auth/good-credential-accepted"])
        .named("credential-refused"),
    Fault::service(FaultId::AuthorizationStripped)
        .shows(&["auth-stripped-by-edge"])
        .must_fail(&["auth/good-credential-accepted"])
        .named("credential-stripped"),
    Fault::service(FaultId::AuthCrashes)
        .shows(&["auth-error-500"])
        .must_fail(&["errors/no-server-error"])
        .named("auth-crashes"),
    Fault::service(FaultId::LoginRedirect)
        .shows(&["auth-login-redirect"])
        .must_fail(&["auth/missing-credential-refused"])
        .named("login-page"),
    Fault::new(
        "unknown-key-trusted",
        "A token whose key is in nobody's key set is taken at its word.",
        How::Guarded(Guarded::UnknownKeyTrusted),
    )
    .must_fail(&["auth/spoilt-credential-refused"])
    .named("signature-unchecked"),
    Fault::new(
        "key-by-name-alone",
        "The signature of a token is not verified once its key is known by name.",
        How::Guarded(Guarded::NameAlone),
    )
    .must_fail(&["auth/spoilt-credential-refused"])
    .named("signature-unchecked"),
    Fault::service(FaultId::Missing403)
        .shows(&["auth-missing-403"])
        .must_note(&["auth/missing-credential-refused"]),
    Fault::service(FaultId::NoChallenge)
        .shows(&["auth-no-challenge"])
        .must_note(&["auth/challenge"]),
    Fault::service(FaultId::BareChallenge)
        .shows(&["auth-bad-challenge"])
        .must_note(&["auth/challenge"]),
    Fault::service(FaultId::SchemeCase)
        .shows(&["auth-scheme-case"])
        .must_note(&["auth/lower-case-scheme-accepted"]),
    Fault::service(FaultId::VerboseRefusal)
        .shows(&["auth-verbose-reject"])
        .must_note(&["auth/refusal-says-little"]),
    Fault::service(FaultId::InputBeforeAuth)
        .shows(&["auth-after-validation"])
        .must_note(&["auth/credential-before-input"]),
    Fault::new(
        "login-returns-anywhere",
        "The login sends its caller to whatever address the link names.",
        How::Shelf(Flaw::LoginReturnsAnywhere),
    )
    .shows(&["auth-callback-open"])
    .must_fail(&["auth/login-returns-home"])
    .named("login-returns-anywhere"),
    Fault::new(
        "api-key-refused",
        "The documented API key is refused: no route looks at its header.",
        How::Notes(Quirk::ApiKeyRefused),
    )
    .shows(&["auth-valid-rejected"])
    .must_fail(&["auth/good-credential-accepted", "journey/proofs"])
    .named("credential-refused"),
    Fault::new(
        "objects-open",
        "Whoever has a token reads what others created: things are looked up by their id alone.",
        How::Shelf(Flaw::ObjectsOpen),
    )
    .shows(&["auth-bola"])
    .must_fail(&["auth/objects-guarded"])
    .named("objects-open"),
    Fault::new(
        "roles-unchecked",
        "Whoever has a token may write: what it allows is not looked at.",
        How::Shelf(Flaw::RolesUnchecked),
    )
    .shows(&["auth-role-default"])
    .must_fail(&["auth/readers-cannot-write"])
    .named("roles-unchecked"),
    Fault::new(
        "logout-without-effect",
        "A token works after its logout: it is verified by itself, and nobody asks whether it is over.",
        How::Shelf(Flaw::LogoutWithoutEffect),
    )
    .shows(&["auth-revoked-ok"])
    .must_fail(&["auth/logout-ends-session"])
    .named("logout-without-effect"),
    Fault::new(
        "guessing-unlimited",
        "Wrong passwords are refused one after the other, without end.",
        How::Shelf(Flaw::GuessingUnlimited),
    )
    .shows(&["auth-no-throttle"])
    .must_note(&["auth/guessing-limited"]),
    Fault::new(
        "address-believed",
        "Wrong passwords are limited for each address, and the address is whatever X-Forwarded-For says.",
        How::Shelf(Flaw::AddressBelieved),
    )
    .must_note(&["auth/limit-not-evaded"]),
];

/// A service that knows one fixed key and no tokens.
fn fixed_key(subject: &mut Subject) {
    let name = SecretName(GOOD.to_owned());
    subject.vault = Vault::new(Scheme::Bearer).with(name.clone(), Secret::new(FIXED_KEY));
    if let Some(auth) = &mut subject.target.auth {
        auth.credentials.retain(|credential| credential.name == name);
        auth.credentials.iter_mut().for_each(|good| good.jwt = false);
        auth.signing = None;
        auth.refresh = None;
    }
}

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[];
