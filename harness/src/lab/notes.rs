//! A small notes service that is always right and never quite usual: the body of most look-alikes.
//!
//! It is written on hyper alone, apart from the reference service, so that the harness cannot learn one framework's habits
//! by heart.

use std::collections::BTreeMap;

use tokio::net::TcpListener;

use crate::lab::careful::Careful;
use crate::lab::notes_service::serve;
use crate::lab::subject::{Subject, verify};
use crate::model::probe::{Body, Effect, Mode, Nature, Origin, SecretName};
use crate::model::run::Run;
use crate::model::target::{
    Auth, Bounds, Call, Client, ClientCall, CredentialFacts, Environment, Expect, Expectation, Proof, Routes,
    Scheme, Target,
};
use crate::target::credential::GOOD;
use crate::transport::secret::{Secret, Vault};

/// The page that calls it.
pub const ORIGIN: &str = "https://notes.example";
/// A second page, on the list of [`Quirk::SeveralOrigins`].
pub const ADMIN: &str = "https://admin.notes.example";
/// The token that it accepts.
pub const TOKEN: &str = "a-token-of-the-notes-service";

/// What is unusual about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    /// Nothing.
    None,
    /// `Access-Control-Allow-Origin: *`, no credentials.
    Wildcard,
    /// One origin for everybody, no `Vary`.
    FixedOrigin,
    /// A preflight with a body.
    PreflightBody,
    /// Headers merged and in lower case.
    MergedHeaders,
    /// `{"error": …}`.
    ErrorKey,
    /// `OK`.
    PlainHealth,
    /// Members that sound bad and are not.
    RichHealth,
    /// `Connection: close`.
    Close,
    /// HTTP/1.0.
    Http10,
    /// gzip.
    Gzip,
    /// Chunks.
    Chunked,
    /// 150 more headers.
    ManyHeaders,
    /// `X-API-Key`.
    ApiKey,
    /// Nobody is asked.
    NoAuth,
    /// HTML for 404.
    Html404,
    /// 403 for foreign preflights.
    Foreign403,
    /// Problem details with extensions.
    Problem,
    /// Slow, within the deadline.
    SlowWithin,
    /// A weak ETag on a body that changes.
    WeakEtag,
    /// A strong ETag, and 304 for it.
    NotModified,
    /// HEAD is 405 with Allow.
    HeadRefused,
    /// `Retry-After` as an HTTP date.
    RetryDate,
    /// Software by name, without a version.
    ServerName,
    /// A guarded session cookie, and one against forgery that scripts read.
    Cookies,
    /// Requests are named by an edge.
    EdgeIds,
    /// A limit that refills at once.
    RateLimits,
    /// Successes with empty members for errors.
    EmptyErrors,
    /// 404 from a cache.
    CachedNotFound,
    /// Open metrics on one's own machine.
    Metrics,
    /// 404 for a method that is not there.
    MethodNotFound,
    /// `Vary: *` on every answer.
    VaryStar,
    /// Lists with spaces, tabs and empty elements.
    PaddedLists,
    /// Two pages on the list.
    SeveralOrigins,
    /// No `Access-Control-Max-Age`.
    NoMaxAge,
    /// 403 for everything foreign.
    ForeignRefused,
    /// 200 for foreign preflights, and not one header.
    ForeignPreflight200,
    /// A readiness route outside CORS.
    ReadyBare,
    /// `*` with `Access-Control-Expose-Headers: *`, no credentials.
    ExposeStar,
    /// Preflights that allow exactly what was asked for.
    PreflightExact,
    /// Preflights with an unknown header are refused.
    UnknownHeaderRefused,
    /// Timings for everybody.
    TimingOpen,
    /// Answers that caches may keep, with everything that they depend on.
    Storable,
    /// A `Location` that pages may read.
    LocationExposed,
    /// A fault: `X-API-Key`, or `key` in the query.
    KeyInQuery,
    /// A fault: a `Location` that no page can read.
    LocationHidden,
    /// A fault: the documented API key is refused, since no route looks at its header.
    ApiKeyRefused,
    /// So many requests a second, and what is too much is 429 that pages can read.
    FairLimit,
    /// A fault: the same, in front of CORS.
    BareLimit,
    /// A fault: a limit that one run uses up, and that does not say when to come back.
    TightLimit,
}

impl Quirk {
    /// Whether callers prove who they are with `X-API-Key`.
    pub fn takes_key(self) -> bool {
        matches!(self, Quirk::ApiKey | Quirk::ApiKeyRefused | Quirk::KeyInQuery)
    }

    /// Whether every origin is allowed, without credentials.
    pub fn is_open(self) -> bool {
        matches!(self, Quirk::Wildcard | Quirk::ExposeStar)
    }
}

/// The pages on its list.
pub fn origins(quirk: Quirk) -> &'static [&'static str] {
    if quirk == Quirk::SeveralOrigins {
        &[ORIGIN, ADMIN]
    } else {
        &[ORIGIN]
    }
}

/// Runs it and verifies it, with as much care.
pub async fn run(quirk: Quirk, careful: Careful) -> Result<Run, String> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let server = tokio::spawn(serve(listener, quirk));
    let mut subject = subject(format!("http://{address}"), quirk);
    careful.apply(&mut subject);
    let judged = verify(subject).await;
    server.abort();
    judged.map(|(_, run)| run).map_err(|error| error.to_string())
}

/// What the harness knows of it.
fn subject(base: String, quirk: Quirk) -> Subject {
    let call = Call {
        method: "POST".into(),
        path: "/notes".into(),
    };
    let key = if quirk.takes_key() {
        "x-api-key"
    } else {
        "authorization"
    };
    let scheme = if quirk.takes_key() {
        Scheme::ApiKey { header: key.into() }
    } else {
        Scheme::Bearer
    };
    let name = SecretName(GOOD.into());
    let auth = auth(name.clone(), scheme.clone());
    let mode = if quirk.is_open() {
        Mode::Omit
    } else {
        Mode::Include
    };
    let made = ClientCall {
        call: call.clone(),
        headers: vec![key.into(), "content-type".into()],
    };
    let target = Target {
        name: Some("notes".into()),
        environment: Environment::Local,
        ours: true,
        clients: origins(quirk)
            .iter()
            .map(|origin| Client {
                page: None,
                origin: Origin((*origin).into()),
                credentials: mode,
                calls: vec![made.clone()],
            })
            .collect(),
        auth: (quirk != Quirk::NoAuth).then_some(auth),
        routes: Routes {
            health: Some("/health".into()),
            ready: (quirk == Quirk::ReadyBare).then(|| "/ready".into()),
            ..Routes::default()
        },
        proofs: vec![Proof {
            call,
            body: Body::Json {
                value: serde_json::json!({"text": "hello"}),
                inserts: vec![],
            },
            expect: vec![Expectation {
                at: "/id".into(),
                expect: Expect::Nonempty,
            }],
            nature: Nature::Write,
            protected: quirk != Quirk::NoAuth,
            key: None,
        }],
        allow: vec![Effect::Paid, Effect::Writes],
        bounds: Bounds {
            deadline_ms: 3_000,
            ..Bounds::of(Environment::Local)
        },
        ..Target::bare(base)
    };
    let vault = Vault::new(scheme).with(name, Secret::new(TOKEN));
    Subject {
        target,
        vault,
        contract: None,
        samples: BTreeMap::new(),
        pins: BTreeMap::new(),
        ca_pem: None,
    }
}

/// How callers of it prove who they are.
fn auth(name: SecretName, scheme: Scheme) -> Auth {
    let facts = CredentialFacts {
        name,
        expired: false,
        jwt: false,
        from: "the lab".into(),
    };
    Auth {
        scheme,
        credentials: vec![facts],
        supply: String::new(),
        supply_expired: "expired_env".into(),
        signing: None,
        refresh: None,
        renewal: None,
        session: None,
        logout: None,
        login: None,
        issuer: None,
    }
}
