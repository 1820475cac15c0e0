//! Starting services, and talking to them as a client would.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use orchestrate::app::{self, Parts, Running};
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::{ProviderChoice, Settings};
use orchestrate::domain::budget::Budget;
use orchestrate::domain::concepts::{ConceptRequest, Concepts};
use orchestrate::domain::data::database::Database;
use orchestrate::domain::fetch::Fetch;
use orchestrate::domain::language::Language;
use orchestrate::domain::orchestrate::Tools;
use orchestrate::domain::provider::{
    Circuit, Clip, Provider, ProviderError, ProviderFacts, ProviderKind, Transcript,
};
use orchestrate::domain::store::Store;
use orchestrate::providers::openai::OpenAi;
use orchestrate::providers::openai::settings::OpenAiSettings;
use orchestrate::secret::Secret;
use orchestrate::storage;
use orchestrate::storage::settings::DatabaseSettings;
use orchestrate::storage::sqlite::Location;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::cluster;

/// The origin that every test service allows.
pub(crate) const ALLOWED: &str = orchestrate::config::WEB_ORIGIN;

/// What a test provider does when it is asked.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// It fails.
    Fails(ProviderError),
    /// It panics.
    Panics,
    /// It never answers.
    Hangs,
    /// It says that it was asked, waits until it is told to go on, and then fails.
    Waits(Arc<Notify>, Arc<Notify>),
}

/// A provider that misbehaves in the one way that a test wants.
pub(crate) struct BadProvider(pub Behaviour);

impl BadProvider {
    fn act<'a, T>(&'a self) -> BoxFuture<'a, Result<T, ProviderError>>
    where
        T: Send + 'a,
    {
        match self.0.clone() {
            Behaviour::Fails(error) => async move { Err(error) }.boxed(),
            Behaviour::Panics => async { panic!("a test provider panics") }.boxed(),
            Behaviour::Waits(arrived, go_on) => async move {
                arrived.notify_one();
                go_on.notified().await;
                Err(ProviderError::QuotaExhausted)
            }
            .boxed(),
            Behaviour::Hangs => std::future::pending().boxed(),
        }
    }
}

impl Provider for BadProvider {
    fn transcribe(
        &self,
        _: Clip,
        _: Option<Language>,
        _: Budget,
    ) -> BoxFuture<'_, Result<Transcript, ProviderError>> {
        self.act()
    }

    fn concepts(&self, _: ConceptRequest, _: Budget) -> BoxFuture<'_, Result<Concepts, ProviderError>> {
        self.act()
    }

    fn describe(&self) -> ProviderFacts {
        ProviderFacts {
            kind: ProviderKind::Simulator,
            host: "127.0.0.1".into(),
            transcription_model: "t".into(),
            concept_model: "c".into(),
            circuit: Circuit::Closed,
        }
    }

    fn check(&self) -> BoxFuture<'_, Result<(), ProviderError>> {
        self.act()
    }
}

/// The settings of a healthy test service.
pub(crate) fn settings() -> Settings {
    Settings::development()
}

/// A healthy service.
pub(crate) async fn start() -> Service {
    start_with(settings()).await
}

/// A service with these settings.
pub(crate) async fn start_with(settings: Settings) -> Service {
    let settings = placed(settings).await;
    let running = Running::start(settings.clone()).await.unwrap();
    Service {
        running,
        settings,
        client: client(),
    }
}

/// Where every service of these tests keeps what would be kept in memory: there, or in a schema of its own.
async fn placed(mut settings: Settings) -> Settings {
    if settings.database == DatabaseSettings::from(Location::Memory)
        && let Some(url) = schema().await
    {
        settings.database.place = url.parse().unwrap();
    }
    settings
}

/// A fresh schema, where the variable `ORCHESTRATE_TEST_ON` says `postgresql`.
async fn schema() -> Option<String> {
    let on = std::env::var("ORCHESTRATE_TEST_ON").unwrap_or_default();
    match &*on {
        "" => None,
        "postgresql" => {
            // What was asked for by name is not skipped.
            let url = cluster::shared();
            let url = url.expect("ORCHESTRATE_TEST_ON names postgresql, and it is not installed");
            Some(cluster::schema(url).await)
        }
        other => panic!("ORCHESTRATE_TEST_ON={other}: only postgresql is known"),
    }
}

/// A database that outlives its services, and that several may open: a file, or a schema.
pub(crate) struct Shelf {
    folder: tempfile::TempDir,
    /// As the configuration names it.
    pub(crate) url: String,
}

impl Shelf {
    pub(crate) async fn new() -> Self {
        let file = Self::file();
        match schema().await {
            Some(url) => Self { url, ..file },
            None => file,
        }
    }

    /// A file, wherever the others are.
    pub(crate) fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("kept.db").display());
        Self { folder, url }
    }

    /// The file, and what lies beside it.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        assert!(!files.is_empty(), "it is in no file");
        files
    }

    /// These settings with this database.
    pub(crate) fn with(&self, mut settings: Settings) -> Settings {
        settings.database.place = self.url.parse().unwrap();
        settings
    }

    /// The database itself.
    pub(crate) async fn open(&self) -> Arc<dyn Database> {
        let settings = self.with(settings());
        let opened = storage::open(&settings.database, settings.limits.database_deadline).await;
        opened.unwrap()
    }
}

/// A service whose provider is this one.
pub(crate) async fn start_against(provider: &wiremock::MockServer) -> Service {
    start_with(against(settings(), provider)).await
}

/// Settings whose provider is this one.
pub(crate) fn against(settings: Settings, provider: &wiremock::MockServer) -> Settings {
    let base = format!("{}/v1", provider.uri());
    let openai = OpenAiSettings::new(ProviderKind::OpenAi, base, Secret::new("sk-of-a-test"));
    Settings {
        provider: ProviderChoice::OpenAi(openai),
        ..settings
    }
}

/// A provider's answer that holds a concept.
pub(crate) fn found() -> wiremock::ResponseTemplate {
    let concepts = json!({"concepts": [{"category": "menu", "value": "fish"}]}).to_string();
    let answer = json!({"choices": [{"message": {"role": "assistant", "content": concepts}}]});
    wiremock::ResponseTemplate::new(200).set_body_json(answer)
}

/// A service whose provider misbehaves.
pub(crate) async fn start_bad(behaviour: Behaviour) -> Service {
    start_bad_with(settings(), behaviour).await
}

/// A service with these settings whose provider misbehaves.
pub(crate) async fn start_bad_with(settings: Settings, behaviour: Behaviour) -> Service {
    start_over(settings, Arc::new(BadProvider(behaviour))).await
}

/// A service with these settings and this provider.
pub(crate) async fn start_over(settings: Settings, provider: Arc<dyn Provider>) -> Service {
    let settings = placed(settings).await;
    let deadline = settings.limits.database_deadline;
    let data = storage::open(&settings.database, deadline).await.unwrap();
    let parts = Parts::over(&settings, provider, data);
    let app = app::assemble(&settings, parts).unwrap();
    Service {
        running: Running::serve(app).await.unwrap(),
        settings,
        client: client(),
    }
}

/// A service that fetches like this, and whose provider is not to be reached.
pub(crate) async fn start_fetching(fetch: Arc<dyn Fetch>) -> Service {
    let settings = placed(settings()).await;
    let deadline = settings.limits.database_deadline;
    let data = storage::open(&settings.database, deadline).await.unwrap();
    let tools = Tools {
        provider: Arc::new(BadProvider(Behaviour::Panics)),
        store: data.clone(),
        categories: data.clone(),
        fetch,
        audio: settings.audio.clone(),
    };
    let app = app::assemble(&settings, Parts::of(&settings, data, tools, Arc::default())).unwrap();
    Service {
        running: Running::serve(app).await.unwrap(),
        settings,
        client: client(),
    }
}

/// A service over this provider that keeps curations in what is made of its database.
pub(crate) async fn start_storing<S: Store + 'static>(
    provider: &wiremock::MockServer,
    store: impl FnOnce(Arc<dyn Database>) -> S,
) -> Service {
    let settings = placed(settings()).await;
    let deadline = settings.limits.database_deadline;
    let data = storage::open(&settings.database, deadline).await.unwrap();
    let ProviderChoice::OpenAi(reach) = against(settings.clone(), provider).provider else {
        unreachable!("it is one");
    };
    let usual = Parts::over(&settings, Arc::new(OpenAi::new(reach).unwrap()), data.clone());
    let tools = Tools {
        provider: usual.provider,
        store: Arc::new(store(data.clone())),
        categories: data.clone(),
        fetch: usual.fetch,
        audio: usual.audio,
    };
    let app = app::assemble(&settings, Parts::of(&settings, data, tools, Arc::default())).unwrap();
    Service {
        running: Running::serve(app).await.unwrap(),
        settings,
        client: client(),
    }
}

fn client() -> Client {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// A running service and a client for it.
pub(crate) struct Service {
    pub(crate) running: Running,
    pub(crate) settings: Settings,
    client: Client,
}

impl Service {
    /// A request to a path under the base URL.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        self.client
            .request(method, format!("{}{path}", self.running.base_url()))
    }

    /// A token that the service believes.
    pub(crate) fn token(&self) -> String {
        mint(&self.settings.auth, &TokenRequest::access("ana@example.com")).unwrap()
    }

    /// An authenticated request to orchestrate, from the allowed origin.
    pub(crate) fn orchestrate(&self, body: &Value) -> RequestBuilder {
        self.request("POST", "/ai/orchestrate")
            .bearer_auth(self.token())
            .header("origin", ALLOWED)
            .json(body)
    }
}

/// A header of an answer, as text; empty when it is not there.
pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

/// An answer's status and JSON.
pub(crate) async fn json(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, response.json().await.unwrap())
}

/// Sends and expects a problem with this status and code, whole and well formed.
pub(crate) async fn expect_problem(request: RequestBuilder, status: u16, code: &str) -> Value {
    let response = request.send().await.unwrap();
    assert_eq!(header(&response, "content-type"), "application/problem+json");
    let id = header(&response, "x-request-id").to_owned();
    let (seen, body) = json(response).await;
    assert_eq!((seen, body["code"].as_str().unwrap()), (status, code), "{body}");
    assert_eq!(body["status"], status);
    assert_eq!(body["request_id"], id);
    assert!(
        body["detail"].as_str().is_some_and(|detail| !detail.is_empty()),
        "{body}"
    );
    assert!(
        body["type"].is_string() && body["title"].is_string() && body["instance"].is_string(),
        "{body}"
    );
    body
}
