//! The profile as its owner writes it: one Rust field for each TOML key. What is optional here is inferred, and said
//! so, when it is absent; effect and cost, allowed origins and "not production" are never inferred.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::model::issuer::Algorithm;
use crate::model::probe::{Mode, Nature};
use crate::model::target::{Environment, Expect};
use crate::target::duration::Millis;
use crate::target::keep::Keep;
use crate::target::origin::PageOrigin;
use crate::target::size::Bytes;
use crate::target::waiver::Waiver;
use crate::target::words::{
    BaseUrl, Command, ContractPlace, FileName, Header, Operation, Pointer, Route, Variable,
};

/// A profile: what a team knows about its own service.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(title = "Greenlight profile"))]
pub struct Document {
    /// What the service is called and where it says how it is.
    pub service: Service,
    /// The pages that use it.
    pub client: Option<Vec<Client>>,
    /// How callers prove who they are.
    pub auth: Option<Auth>,
    /// What must be seen working, or the run is not green.
    pub prove: Option<Vec<Prove>>,
    /// The operation that turns speech into text.
    pub transcription: Option<Transcription>,
    /// What a good call keeps, and where it is read back, listed and deleted again. It is asked for where this run may write,
    /// and deleted again.
    pub keep: Option<Vec<Keep>>,
    /// What operations do, where method and proofs do not say it: `"POST /search" = "read"`.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Nature>"))]
    pub operations: BTreeMap<Operation, Nature>,
    /// A route that crashes on purpose, so that "a 5xx is readable" can be proven.
    pub crash: Option<Crash>,
    /// Failures that somebody answers for, for a time.
    pub waiver: Option<Vec<Waiver>>,
    /// Bounds of a run.
    pub bounds: Bounds,
    /// Where the service runs: `[env.local]`, `[env.staging]`, `[env.production]`.
    #[cfg_attr(test, schemars(with = "Environments"))]
    pub env: BTreeMap<EnvName, Env>,
}

/// What `env` may hold, for the JSON Schema.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Environments {
    local: Option<Env>,
    staging: Option<Env>,
    production: Option<Env>,
}

/// The service itself.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Service {
    /// Its name, for people.
    pub name: Option<String>,
    /// The pinned OpenAPI document. Absent: the served one, found by convention.
    pub contract: Option<ContractPlace>,
    /// Where a build says which one it is.
    pub version: Option<Version>,
    /// Liveness or overall health.
    pub health: Option<Route>,
    /// Readiness.
    pub ready: Option<Route>,
    /// Health of the AI part.
    pub ai_health: Option<Route>,
    /// What counts the calls to a stand-in for the provider, an object of numbers: shows what one call costs.
    pub stand_in: Option<Route>,
}

/// Where a build says which one it is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Version {
    /// The route.
    pub route: Route,
    /// Where in its answer.
    pub pointer: Pointer,
}

/// A browser page. Preflights are built from what it really calls.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Client {
    /// Its origin.
    pub origin: PageOrigin,
    /// The credentials mode of its calls (Fetch §2.2.5): `omit` or `include`. `omit` when absent, as cookies never go
    /// to another origin unasked.
    #[serde(default = "omit")]
    pub credentials: Mode,
    /// What it calls.
    #[serde(default)]
    pub calls: Vec<ClientCall>,
    /// The path of the page itself, such as `/record`: it is read, with its scripts, for what it forbids them to call.
    pub page: Option<Route>,
}

fn omit() -> Mode {
    Mode::Omit
}

/// One call of a page.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClientCall {
    /// The operation.
    pub call: Operation,
    /// Names of the headers that the page sets itself.
    #[serde(default)]
    pub headers: Vec<Header>,
}

/// How callers prove who they are: names of variables and commands, never secrets.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Auth {
    /// How a credential is sent.
    pub kind: AuthKind,
    /// `bearer`: the variable that holds the token.
    pub token_env: Option<Variable>,
    /// `api-key`: the header that carries the key.
    pub header: Option<Header>,
    /// `api-key`: the variable that holds the key.
    pub key_env: Option<Variable>,
    /// `basic`: the variable that holds the user's name.
    pub user_env: Option<Variable>,
    /// `basic`: the variable that holds the password.
    pub password_env: Option<Variable>,
    /// `command`: what prints the token.
    pub command: Option<Command>,
    /// The variable that holds a credential known to have expired.
    pub expired_env: Option<Variable>,
    /// What prints a credential known to have expired.
    pub expired_command: Option<Command>,
    /// The variable that holds a refresh token, which must not be accepted as an access token (RFC 8725 §3.11).
    pub refresh_env: Option<Variable>,
    /// The variable that holds the credential of a second user, who must not see what belongs to the first.
    pub other_env: Option<Variable>,
    /// The variable that holds the credential of a user who may only read: whatever writes must refuse it.
    pub reader_env: Option<Variable>,
    /// The operation that ends the session of whoever calls it, without a body: `POST /logout`.
    pub logout: Option<Operation>,
    /// The variable that holds a credential that may be thrown away: it is logged out, and must be refused from then on.
    pub spare_env: Option<Variable>,
    /// The operation that gives new tokens for a refresh token, and the one that it is tried with.
    pub renewal: Option<Renewal>,
    /// A login that must be refused. It is tried over and over where this run may strain the service.
    pub login: Option<Login>,
    /// The variable that holds the secret with which tokens are signed (HS256). From it and the good token, tokens are made
    /// that are wrong in one claim each; they are sent to this service alone, and never to production.
    pub signing_secret_env: Option<Variable>,
    /// The `aud` that tokens carry (RFC 7519 §4.1.3), when that is to be checked.
    pub audience: Option<String>,
    /// The `iss` that tokens carry (RFC 7519 §4.1.1), when that is to be checked.
    pub issuer: Option<String>,
    /// What the service is told of the issuer that `--test-issuer` makes of the run, and what its tokens say.
    pub test_issuer: Option<TestIssuer>,
    /// `oauth2-client-credentials`: where the token is asked for (RFC 6749 §3.2), over https unless it is on this machine.
    pub token_url: Option<BaseUrl>,
    /// `oauth2-client-credentials`: who asks for it.
    pub client: Option<OauthClient>,
    /// `oauth2-client-credentials`: the scopes to ask for, separated by spaces (RFC 6749 §3.3).
    pub scope: Option<String>,
}

/// What gives new tokens for a refresh token (RFC 6749 §6).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Renewal {
    /// The operation.
    pub call: Operation,
    /// The member of its JSON body that holds the refresh token. When absent, the token is sent as a form, as RFC 6749 §6 has
    /// it.
    pub member: Option<String>,
    /// Where the access token is in the answer. `/access_token` when absent (RFC 6749 §5.1).
    pub access_at: Option<Pointer>,
    /// Where the next refresh token is in the answer, for a service that takes each of them once: then the one before must be
    /// refused. When absent, one may be shown as often as its owner likes.
    pub next_at: Option<Pointer>,
    /// The variable that holds the refresh token of a session that may be thrown away: it is renewed, and its session may end
    /// with that.
    pub token_env: Variable,
}

/// A login with a password that must be refused.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Login {
    /// The operation.
    pub call: Operation,
    /// Its JSON body, with a made-up user and a wrong password: `{ user = "greenlight-nobody", password = "wrong" }`.
    #[serde(deserialize_with = "crate::target::json::read")]
    #[cfg_attr(test, schemars(required))]
    pub body: Option<Value>,
}

/// The issuer of `--test-issuer`. It works without any of this.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TestIssuer {
    /// The variable in which the service is told its issuer: the `iss` of good tokens, and where discovery is. `OIDC_ISSUER`
    /// when absent.
    pub issuer_env: Option<Variable>,
    /// The variable in which it is told its audience. `OIDC_AUDIENCE` when absent.
    pub audience_env: Option<Variable>,
    /// The variable in which it is told where the key set is (RFC 7517 §5). `OIDC_JWKS_URL` when absent.
    pub jwks_url_env: Option<Variable>,
    /// The `aud` of good tokens. That of `[auth]` when absent, else `greenlight-test`.
    pub audience: Option<String>,
    /// How tokens are signed. `RS256` when absent.
    pub algorithm: Option<Algorithm>,
    /// Claims of good tokens besides `iss`, `aud`, `iat`, `nbf` and `exp`, such as `{ sub = "ana", scope = "notes" }`. With
    /// `type` or `token_use`, a refresh token is one that says `refresh` there.
    #[serde(default, deserialize_with = "crate::target::json::read")]
    pub claims: Option<Value>,
}

/// How a credential is sent, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum AuthKind {
    /// `Authorization: Bearer …` with a token from a variable.
    Bearer,
    /// A key in a header of its own.
    ApiKey,
    /// `Authorization: Basic …`.
    Basic,
    /// `Authorization: Bearer …` with a token that a command prints.
    Command,
    /// `Authorization: Bearer …` with a token that an authorization server gives to a client (RFC 6749 §4.4).
    #[serde(rename = "oauth2-client-credentials")]
    Oauth2ClientCredentials,
}

/// A client of `oauth2-client-credentials`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OauthClient {
    /// The variable that holds the client's id.
    pub id_env: Variable,
    /// The variable that holds the client's secret.
    pub secret_env: Variable,
}

/// Something that must be seen working.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Prove {
    /// The operation.
    pub call: Operation,
    /// The JSON body that must be accepted.
    #[serde(default, deserialize_with = "crate::target::json::read")]
    pub body: Option<Value>,
    /// A sample of speech that goes into the body as base64.
    pub audio: Option<Audio>,
    /// What the answer must hold, by JSON Pointer.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, ExpectSchema>"))]
    pub expect: BTreeMap<Pointer, Expected>,
    /// What the operation does when it accepts the call. Required unless the method is safe.
    pub effect: Option<Nature>,
    /// Whether it needs the credential. When absent: yes, if there is an `[auth]`.
    pub protected: Option<bool>,
}

/// A sample that takes the place of one value of a body.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Audio {
    /// Where it goes in.
    pub at: Pointer,
    /// The file.
    pub sample: FileName,
}

/// What a value must be: `"nonempty"`, `"present"`, or `{ equals = … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected(pub Expect);

/// [`Expected`], for the JSON Schema.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[schemars(untagged, rename = "Expected")]
#[expect(dead_code, reason = "only its schema is used")]
enum ExpectSchema {
    /// A word.
    Word(ExpectWord),
    /// Exactly this value.
    Exactly(ExpectEquals),
}

#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its schema is used")]
enum ExpectWord {
    /// A string, array or object with something in it.
    Nonempty,
    /// Anything but absent.
    Present,
}

#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct ExpectEquals {
    /// The value.
    equals: Value,
}

/// An operation that takes audio and answers with a transcript.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Transcription {
    /// The operation.
    pub call: Operation,
    /// The JSON body around the audio.
    #[serde(default, deserialize_with = "crate::target::json::read")]
    pub body: Option<Value>,
    /// Where base64 audio goes into the body.
    pub audio_at: Pointer,
    /// Where text goes in instead, when the operation takes text.
    pub text_in: Option<Pointer>,
    /// Where the transcript is in the answer.
    pub text_at: Pointer,
    /// Where the concepts are in the answer.
    pub concepts_at: Option<Pointer>,
    /// Where the language goes into the body, for samples in another language than the body asks for.
    pub language_in: Option<Pointer>,
    /// Where the language is in the answer.
    pub language_at: Option<Pointer>,
    /// The largest recording that is taken, such as `25 MiB`. It is probed only where this run may strain the service.
    pub max_audio: Option<Bytes>,
    /// What the operation does when it accepts the call. Required unless the method is safe.
    pub effect: Option<Nature>,
    /// At least two, with different words.
    pub samples: Vec<Sample>,
}

/// A recording of speech.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sample {
    /// The file.
    pub file: FileName,
    /// Words that its transcript must hold, compared without case and punctuation.
    pub words: Vec<String>,
    /// Everything that is said in it. With it the transcript's word error rate is measured.
    pub text: Option<String>,
    /// The language that is spoken, when it is another one than the body asks for. It goes to `language_in`.
    pub language: Option<String>,
}

/// A route that crashes on purpose. Called only when Greenlight itself started the service.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Crash {
    /// The route, asked with GET.
    pub route: Route,
}

/// Bounds of a run; what is absent has the default of the environment.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Bounds {
    /// Deadline of one request: 10 s.
    pub deadline: Option<Millis>,
    /// Deadline of one paid request: 30 s.
    pub paid_deadline: Option<Millis>,
    /// How long the service may take to warm up before anything is judged: 0 s.
    pub cold_start: Option<Millis>,
    /// Deadline of the whole run, after waiting: 5 min.
    pub run: Option<Millis>,
    /// How much of a body is kept: 256 KiB.
    pub body_keep: Option<Bytes>,
    /// How much of a body is read before it is cut: 8 MiB.
    pub body_read: Option<Bytes>,
    /// How much of large answers the whole run keeps, beyond that only their beginnings: 8 MiB.
    pub run_keep: Option<Bytes>,
    /// How many probes are under way at once: 8, or 4 to production.
    pub concurrency: Option<u16>,
    /// How many requests may go out in all: 1000.
    pub requests: Option<u32>,
    /// How many paid requests may go out: 1, unlimited to local targets.
    pub paid: Option<u32>,
    /// How many bytes of request bodies may go out in all: unlimited.
    pub bytes: Option<Bytes>,
    /// How many requests a minute may go to one throttled operation: 6 to production, else unlimited.
    pub per_operation: Option<u32>,
}

/// The name of an environment, as a key of `env`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnvName {
    /// `[env.local]`
    Local,
    /// `[env.staging]`
    Staging,
    /// `[env.production]`
    Production,
}

impl From<EnvName> for Environment {
    fn from(name: EnvName) -> Self {
        match name {
            EnvName::Local => Environment::Local,
            EnvName::Staging => Environment::Staging,
            EnvName::Production => Environment::Production,
        }
    }
}

impl From<Environment> for EnvName {
    fn from(environment: Environment) -> Self {
        match environment {
            Environment::Local => EnvName::Local,
            Environment::Staging => EnvName::Staging,
            Environment::Production => EnvName::Production,
        }
    }
}

/// One place where the service runs: `url`, or `spawn` to start it here.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Env {
    /// The base URL.
    pub url: Option<BaseUrl>,
    /// What starts the service on `$PORT`.
    pub spawn: Option<Command>,
    /// `spawn`: the path of the base URL, when it is not the root.
    pub base: Option<Route>,
    /// How many instances answer at this address, 1 to 1000.
    pub replicas: Option<u16>,
    /// How long the service may take to warm up here before anything is judged.
    pub cold_start: Option<Millis>,
}
