//! How an answer of each class is had from a real service, as often as it is asked for.

use std::any::Any;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream;
use orchestrate::auth::caller::{Scope, Scopes};
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::Settings;
use orchestrate::domain::provider::ProviderError;
use orchestrate::http::rate::Rate;
use orchestrate::storage::sqlite::Location;
use reqwest::{Body, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::support::{Behaviour, Service, header, settings, start_bad, start_bad_with, start_with};

type Make = fn(&Service) -> BoxFuture<'_, RequestBuilder>;

/// One way to get an answer of a certain status.
pub(crate) struct Class {
    pub(crate) status: u16,
    pub(crate) name: &'static str,
    /// Headers that it has besides those of every answer; without a value they only have to say something.
    pub(crate) says: Vec<(&'static str, Option<&'static str>)>,
    /// Whether a credential was used, so that no cache may keep it.
    pub(crate) credential: bool,
    /// Whether an error has a body of its own instead of problem details.
    pub(crate) own_body: bool,
    service: Arc<Service>,
    make: Make,
    /// What has to go on meanwhile.
    _meanwhile: Option<Box<dyn Any + Send + Sync>>,
}

impl Class {
    fn of(service: &Arc<Service>, status: u16, name: &'static str, make: Make) -> Self {
        Self {
            status,
            name,
            says: Vec::new(),
            credential: false,
            own_body: false,
            service: service.clone(),
            make,
            _meanwhile: None,
        }
    }

    /// The same, with a credential.
    fn known(service: &Arc<Service>, status: u16, name: &'static str, make: Make) -> Self {
        Self {
            credential: true,
            ..Self::of(service, status, name, make)
        }
    }

    fn says(mut self, name: &'static str, value: &'static str) -> Self {
        self.says.push((name, Some(value)));
        self
    }

    fn has(mut self, name: &'static str) -> Self {
        self.says.push((name, None));
        self
    }

    fn with_own_body(self) -> Self {
        Self {
            own_body: true,
            ..self
        }
    }

    fn while_there_is(self, thing: impl Any + Send + Sync) -> Self {
        Self {
            _meanwhile: Some(Box::new(thing)),
            ..self
        }
    }

    /// A request, without an origin, whose answer is of this class.
    pub(crate) async fn request(&self) -> RequestBuilder {
        (self.make)(&self.service).await
    }
}

/// A request that needs nothing before it.
macro_rules! just {
    (|$service:ident| $request:expr) => {
        |$service| std::future::ready($request).boxed()
    };
}

fn known(service: &Service, method: &str, path: &str) -> RequestBuilder {
    service.request(method, path).bearer_auth(service.token())
}

fn orchestrate(service: &Service, body: &Value) -> RequestBuilder {
    known(service, "POST", "/ai/orchestrate").json(body)
}

fn text(service: &Service) -> RequestBuilder {
    orchestrate(service, &json!({"text": "Good fish."}))
}

fn keep(service: &Service) -> RequestBuilder {
    let body = json!({"text": "Good fish.", "output": {"save_to_db": true}});
    orchestrate(service, &body)
}

fn as_json(request: RequestBuilder, body: impl Into<Body>) -> RequestBuilder {
    request.header("content-type", "application/json").body(body)
}

/// With a token that has this scope alone.
fn scoped(service: &Service, scope: Scope, method: &str, path: &str) -> RequestBuilder {
    let request = TokenRequest {
        scopes: Some(Scopes::of([scope])),
        ..TokenRequest::access("ana@example.com")
    };
    let token = mint(&service.settings.auth, &request).unwrap();
    service.request(method, path).bearer_auth(token)
}

/// Deletes what was kept a moment before.
fn delete(service: &Service) -> BoxFuture<'_, RequestBuilder> {
    async move {
        let kept = keep(service).send().await.unwrap();
        let path = header(&kept, "location")
            .strip_prefix("/api/v3")
            .unwrap()
            .to_owned();
        known(service, "DELETE", &path)
    }
    .boxed()
}

pub(crate) async fn classes() -> Vec<Class> {
    let usual = Arc::new(start_with(settings()).await);
    let mut all = accepted(&usual);
    all.extend(refused(&usual));
    all.extend(misread(&usual));
    all.extend(limited().await);
    all.extend(failed().await);
    all.push(busy().await);
    all.push(in_use().await);
    all
}

fn accepted(usual: &Arc<Service>) -> Vec<Class> {
    vec![
        Class::of(usual, 200, "health", just!(|s| s.request("GET", "/health"))),
        Class::of(
            usual,
            200,
            "the document",
            just!(|s| s.request("GET", "/openapi.json")),
        )
        .says("cache-control", "no-cache"),
        Class::known(usual, 200, "work", just!(|s| text(s))).has("ratelimit-limit"),
        Class::known(usual, 200, "kept work", just!(|s| keep(s))).has("location"),
        Class::known(usual, 200, "a replay", |s| {
            async move {
                let again = |s| text(s).header("idempotency-key", "the-same");
                again(s).send().await.unwrap();
                again(s)
            }
            .boxed()
        })
        .says("idempotency-replayed", "true"),
        Class::of(
            usual,
            204,
            "options",
            just!(|s| s.request("OPTIONS", "/ai/orchestrate")),
        )
        .says("allow", "POST, OPTIONS"),
        Class::known(usual, 204, "deleted", delete),
        Class::of(usual, 302, "a login", just!(|s| s.request("GET", "/auth/login")))
            .has("location")
            .says("cache-control", "no-store"),
    ]
}

fn refused(usual: &Arc<Service>) -> Vec<Class> {
    vec![
        Class::of(
            usual,
            401,
            "no credential",
            just!(|s| s.request("POST", "/ai/orchestrate").json(&json!({}))),
        )
        .says("www-authenticate", "Bearer realm=\"orchestrate\""),
        Class::known(
            usual,
            401,
            "a bad token",
            just!(|s| s.request("GET", "/curations").bearer_auth("garbage")),
        )
        .has("www-authenticate"),
        Class::known(
            usual,
            401,
            "a bad key",
            just!(|s| s.request("GET", "/auth/verify").header("x-api-key", "garbage")),
        )
        .has("www-authenticate"),
        Class::known(
            usual,
            403,
            "a missing scope",
            just!(|s| scoped(s, Scope::UsageRead, "GET", "/curations")),
        )
        .has("www-authenticate"),
        Class::of(usual, 404, "no route", just!(|s| s.request("GET", "/nowhere"))),
        Class::known(
            usual,
            404,
            "nothing kept",
            just!(|s| known(s, "GET", "/curations/nope")),
        ),
        Class::of(
            usual,
            405,
            "another method",
            just!(|s| s.request("DELETE", "/health")),
        )
        .says("allow", "GET, HEAD, OPTIONS"),
        Class::known(
            usual,
            405,
            "reading work",
            just!(|s| known(s, "GET", "/ai/orchestrate")),
        )
        .says("allow", "POST, OPTIONS"),
        Class::known(
            usual,
            409,
            "no session",
            just!(|s| known(s, "POST", "/auth/logout")),
        ),
        Class::known(
            usual,
            409,
            "what is needed",
            just!(|s| scoped(s, Scope::CategoriesWrite, "DELETE", "/concept-categories/*")),
        ),
    ]
}

fn misread(usual: &Arc<Service>) -> Vec<Class> {
    vec![
        Class::known(
            usual,
            400,
            "no JSON",
            just!(|s| as_json(known(s, "POST", "/ai/orchestrate"), "{")),
        ),
        Class::known(usual, 400, "nothing to do", just!(|s| orchestrate(s, &json!({})))),
        Class::of(
            usual,
            400,
            "a login that ends elsewhere",
            just!(|s| s.request("GET", "/auth/login?redirect_uri=https://evil.example/")),
        ),
        Class::known(
            usual,
            413,
            "a large body",
            just!(|s| as_json(known(s, "POST", "/ai/orchestrate"), vec![b' '; 37 << 20])),
        ),
        Class::of(
            usual,
            413,
            "a large body without a length",
            just!(|s| {
                let chunks = (0..80).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1 << 10]));
                as_json(
                    s.request("POST", "/auth/refresh"),
                    Body::wrap_stream(stream::iter(chunks)),
                )
            }),
        ),
        Class::known(
            usual,
            415,
            "no JSON by name",
            just!(|s| known(s, "POST", "/ai/orchestrate").body("text")),
        ),
        Class::known(
            usual,
            422,
            "a wrong type",
            just!(|s| orchestrate(s, &json!({"text": 1}))),
        ),
        Class::known(
            usual,
            422,
            "an impossible parameter",
            just!(|s| known(s, "GET", "/curations?limit=0")),
        ),
    ]
}

/// Services whose limits are reached already.
async fn limited() -> Vec<Class> {
    let one = Some(Rate {
        requests: NonZeroU32::MIN,
        // So that nothing is given back while the table is walked.
        window: Duration::from_secs(3600),
    });
    let limited = async |change: &dyn Fn(&mut Settings)| {
        let mut settings = settings();
        change(&mut settings);
        Arc::new(start_with(settings).await)
    };
    let credential = limited(&|settings| settings.limits.rate_per_credential = one).await;
    let peer = limited(&|settings| settings.limits.rate_per_peer = one).await;
    for service in [&credential, &peer] {
        text(service).send().await.unwrap();
    }
    let hasty = limited(&|settings| settings.limits.body_deadline = Duration::from_millis(50)).await;
    let too_often = |class: Class| class.has("retry-after").says("ratelimit-remaining", "0");
    vec![
        too_often(Class::known(&credential, 429, "a credential", just!(|s| text(s)))),
        too_often(Class::of(
            &peer,
            429,
            "an address",
            just!(|s| s.request("GET", "/nowhere")),
        )),
        Class::known(
            &hasty,
            408,
            "a body that does not come",
            just!(|s| {
                let never = stream::pending::<Result<Vec<u8>, std::io::Error>>();
                as_json(known(s, "POST", "/ai/orchestrate"), Body::wrap_stream(never))
            }),
        ),
    ]
}

/// Services whose provider or work fails.
async fn failed() -> Vec<Class> {
    let failing = async |error| Arc::new(start_bad(Behaviour::Fails(error)).await);
    let wait = Some(Duration::from_secs(7));
    let limited = failing(ProviderError::RateLimited { retry_after: wait }).await;
    let mut hasty = settings();
    hasty.limits.work_deadline = Duration::from_millis(20);
    let hasty = Arc::new(start_bad_with(hasty, Behaviour::Hangs).await);
    let panics = Arc::new(start_bad(Behaviour::Panics).await);
    let refuses = failing(ProviderError::CredentialsRefused).await;
    let late = failing(ProviderError::Timeout).await;
    vec![
        Class::known(&panics, 500, "a panic at work", just!(|s| text(s))),
        Class::of(
            &panics,
            500,
            "a panic of a check",
            just!(|s| s.request("GET", "/health")),
        ),
        Class::known(&refuses, 502, "a provider that refuses us", just!(|s| text(s))),
        Class::known(&limited, 503, "a provider that limits us", just!(|s| text(s))).says("retry-after", "7"),
        Class::of(
            &limited,
            503,
            "health that says so",
            just!(|s| s.request("GET", "/health")),
        )
        .with_own_body(),
        Class::known(&late, 504, "a provider that is late", just!(|s| text(s))),
        Class::known(&hasty, 504, "work that is given up", just!(|s| text(s))).says("retry-after", "10"),
    ]
}

/// A service that works on all that it can, and on nothing else.
async fn busy() -> Class {
    let mut settings = settings();
    settings.limits.concurrency = 1;
    settings.limits.turn_deadline = Duration::from_millis(20);
    let (arrived, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let service = start_bad_with(settings, Behaviour::Waits(arrived.clone(), go_on.clone())).await;
    let first = tokio::spawn(text(&service).send());
    arrived.notified().await;
    Class::known(&Arc::new(service), 503, "too much at once", just!(|s| text(s)))
        .says("retry-after", "5")
        .while_there_is((first, go_on))
}

/// A key under which another instance is at work.
async fn in_use() -> Class {
    let folder = tempfile::tempdir().unwrap();
    let mut patient = settings();
    patient.database = Location::File(folder.path().join("twin.db")).into();
    let mut hasty = patient.clone();
    hasty.limits.work_deadline = Duration::from_millis(50);
    let (arrived, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = start_bad_with(patient, Behaviour::Waits(arrived.clone(), go_on.clone())).await;
    let twin = |service: &Service| text(service).header("idempotency-key", "k");
    let first = tokio::spawn(twin(&slow).send());
    arrived.notified().await;
    let make: Make = just!(|s| text(s).header("idempotency-key", "k"));
    Class::known(&Arc::new(start_with(hasty).await), 409, "a twin at work", make)
        .says("retry-after", "5")
        .while_there_is((folder, slow, first, go_on))
}
