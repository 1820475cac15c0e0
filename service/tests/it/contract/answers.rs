//! Every answer that is documented, really given, and held against the document.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use orchestrate::auth::caller::Scope;
use orchestrate::config::Settings;
use orchestrate::domain::provider::ProviderError;
use orchestrate::http::rate::Rate;
use reqwest::{Body, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Notify;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::document::{Document, Operation};
use super::examples::{plain, session, token};
use super::seen::Seen;
use crate::keys::Kept;
use crate::login::{back, begin, query, redeem, through, with};
use crate::support::{Behaviour, Service, settings, start, start_bad, start_bad_with, start_with};

/// An id that nothing has.
const NONE: &str = "0199c7a4-7a7c-7305-a647-a98b6ef5ec86";
/// Who watches is always let in.
const WATCHED: [&str; 3] = ["health", "livez", "ready"];

/// What was seen, and what was wrong with it.
struct Book {
    document: Document,
    seen: BTreeSet<(String, u16)>,
    /// Problems by operation and code, as the examples name them.
    codes: BTreeSet<(String, String)>,
    wrong: Vec<String>,
}

impl Book {
    /// Sends a request of an operation, and judges the answer.
    async fn see(&mut self, id: &str, status: u16, request: RequestBuilder) -> Value {
        let operation = self.document.operation(id);
        let seen = Seen::of(request).await;
        let what = format!("{id} {}", seen.status);
        if seen.status != status {
            self.wrong
                .push(format!("{what} where {status} was expected: {}", seen.body));
        }
        let objections = seen.objections(&self.document, &operation);
        self.wrong
            .extend(objections.into_iter().map(|why| format!("{what}: {why}")));
        if let Some(code) = seen.body["code"].as_str() {
            self.alike(&operation, &seen, code);
        }
        self.seen.insert((id.to_owned(), seen.status));
        seen.body
    }

    /// Notes a problem that says what its example says, but for numbers and names of requests.
    fn alike(&mut self, operation: &Operation, seen: &Seen, code: &str) {
        let Some(answer) = self.document.answer(operation, seen.status) else {
            return;
        };
        let example = &answer["content"]["application/problem+json"]["examples"][code]["value"];
        if example.is_null() {
            return;
        }
        let without_numbers = |text: &Value| {
            let text = text.as_str().unwrap_or_default();
            text.replace(|letter: char| letter.is_ascii_digit(), "")
        };
        let mut members = ["type", "title", "detail"].into_iter();
        if members.all(|member| without_numbers(&seen.body[member]) == without_numbers(&example[member])) {
            self.codes.insert((operation.id.clone(), code.to_owned()));
        }
    }

    fn each(&self, of: impl Fn(&Operation) -> bool) -> Vec<Operation> {
        self.document.operations().into_iter().filter(of).collect()
    }

    fn secured(&self) -> Vec<Operation> {
        self.each(Operation::is_secured)
    }

    fn with_body(&self) -> Vec<Operation> {
        self.each(Operation::has_body)
    }

    fn admitted(&self) -> Vec<Operation> {
        self.each(|operation| !WATCHED.contains(&operation.id.as_str()))
    }
}

fn bare(service: &Service, operation: &Operation) -> RequestBuilder {
    service
        .request(
            &operation.method,
            &operation.path.replace("{entity_type}", "market"),
        )
        .bearer_auth(token(service, Scope::ALL))
}

fn allowed(service: &Service, operation: &Operation) -> RequestBuilder {
    plain(service, operation, NONE).bearer_auth(token(service, Scope::ALL))
}

/// One request in an hour.
fn one() -> Option<Rate> {
    Some(Rate {
        requests: NonZeroU32::MIN,
        window: Duration::from_secs(3600),
    })
}

async fn credentials(book: &mut Book) {
    let service = start().await;
    for operation in book.secured() {
        book.see(&operation.id, 401, plain(&service, &operation, NONE))
            .await;
        if book.document.answer(&operation, 403).is_some() {
            let poor = token(&service, []);
            book.see(
                &operation.id,
                403,
                plain(&service, &operation, NONE).bearer_auth(poor),
            )
            .await;
        }
    }
}

async fn limits(book: &mut Book) {
    let mut often = settings();
    often.limits.rate_per_credential = one();
    let by_credential = start_with(often).await;
    let mut often = settings();
    often.limits.rate_per_peer = one();
    let by_address = start_with(often).await;
    let mut busy = settings();
    busy.limits.concurrency = 1;
    busy.limits.turn_deadline = Duration::from_millis(20);
    let arrived = Arc::new(Notify::new());
    let full = start_bad_with(busy, Behaviour::Waits(arrived.clone(), Arc::default())).await;
    let first = tokio::spawn(full.orchestrate(&json!({"text": "Quiet."})).send());
    arrived.notified().await;
    allowed(&by_credential, &book.document.operation("verify"))
        .send()
        .await
        .unwrap();
    by_address.request("GET", "/info").send().await.unwrap();
    for operation in book.admitted() {
        let counted = if operation.is_secured() {
            &by_credential
        } else {
            &by_address
        };
        book.see(&operation.id, 429, allowed(counted, &operation)).await;
        book.see(&operation.id, 503, allowed(&full, &operation)).await;
    }
    first.abort();
}

async fn bodies(book: &mut Book) {
    let service = start().await;
    let mut hasty = settings();
    hasty.limits.body_deadline = Duration::from_millis(20);
    let hasty = start_with(hasty).await;
    for operation in book.with_body() {
        let json = |request: RequestBuilder| request.header("content-type", "application/json");
        book.see(&operation.id, 400, json(bare(&service, &operation)).body("{"))
            .await;
        let never = Body::wrap_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
        book.see(&operation.id, 408, json(bare(&hasty, &operation)).body(never))
            .await;
        let large = vec![b' '; (36 << 20) + 1];
        book.see(&operation.id, 413, json(bare(&service, &operation)).body(large))
            .await;
        book.see(&operation.id, 415, bare(&service, &operation).body("{}"))
            .await;
        for wrong in [json!([]), json!({}), json!({"text": 1, "categories": []})] {
            let status = if operation.id == "orchestrate" && wrong == json!({}) {
                400
            } else {
                422
            };
            book.see(&operation.id, status, bare(&service, &operation).json(&wrong))
                .await;
        }
    }
}

async fn successes(book: &mut Book) {
    let kept = Kept::start().await;
    let service = &kept.service;
    let save = json!({"text": "Quiet.", "output": {"save_to_db": true, "return_results": true}});
    let save = |key: &str| service.orchestrate(&save).header("idempotency-key", key);
    let saved = book.see("orchestrate", 200, save("k")).await;
    book.see("orchestrate", 200, save("k")).await;
    let id = saved["results"]["curation_id"].as_str().unwrap();
    let order = [
        "health",
        "livez",
        "ready",
        "info",
        "aiHealth",
        "verify",
        "usageStats",
        "listCurations",
        "readCuration",
        "deleteCuration",
        "listConceptCategories",
        "putConceptCategories",
        "readConceptCategories",
        "deleteConceptCategories",
    ];
    for operation in order.map(|id| book.document.operation(id)) {
        let status = if operation.method == "DELETE" { 204 } else { 200 };
        let request = plain(service, &operation, id).bearer_auth(token(service, Scope::ALL));
        book.see(&operation.id, status, request).await;
        if operation.path.contains('{') && operation.method == "DELETE" {
            book.see(
                &operation.id,
                404,
                plain(service, &operation, id).bearer_auth(token(service, Scope::ALL)),
            )
            .await;
        }
    }
    for (id, path) in [
        ("readCuration", format!("/curations/{NONE}")),
        ("readConceptCategories", "/concept-categories/market".to_owned()),
    ] {
        let request = service
            .request("GET", &path)
            .bearer_auth(token(service, Scope::ALL));
        book.see(id, 404, request).await;
    }
    let tokens = session(&kept);
    let refresh = || {
        service
            .request("POST", "/auth/refresh")
            .json(&json!({"refresh_token": tokens["refresh_token"]}))
    };
    book.see("refresh", 200, refresh()).await;
    let logout = || service.request("POST", "/auth/logout");
    book.see(
        "logout",
        204,
        logout().bearer_auth(tokens["access_token"].as_str().unwrap()),
    )
    .await;
    book.see("refresh", 401, refresh()).await;
    book.see("logout", 409, logout().bearer_auth(service.token()))
        .await;
}

async fn refusals(book: &mut Book) {
    let service = start().await;
    let all = token(&service, Scope::ALL);
    let get = |path: &str| service.request("GET", path).bearer_auth(&all);
    book.see("listCurations", 422, get("/curations?cursor=x")).await;
    book.see("usageStats", 422, get("/ai/usage-stats?days=0")).await;
    let everything = service
        .request("DELETE", "/concept-categories/*")
        .bearer_auth(&all);
    book.see("deleteConceptCategories", 409, everything).await;
    let failing = |error| start_bad(Behaviour::Fails(error));
    let text = |service: &Service| service.orchestrate(&json!({"text": "Quiet."}));
    let odd = ProviderError::InvalidAnswer(orchestrate::domain::provider::InvalidAnswer::NotJson);
    book.see("orchestrate", 502, text(&failing(odd).await)).await;
    book.see("orchestrate", 504, text(&failing(ProviderError::Timeout).await))
        .await;
    let (_folder, _service, twin) = in_use().await;
    book.see("orchestrate", 409, twin).await;
    let unwell = failing(ProviderError::Timeout).await;
    for (id, path) in [("health", "/health"), ("aiHealth", "/ai/health")] {
        book.see(id, 503, unwell.request("GET", path)).await;
    }
}

/// A second request under a key whose first is still worked on, at a service that waits for neither.
async fn in_use() -> (TempDir, Service, RequestBuilder) {
    let folder = tempfile::tempdir().unwrap();
    let shared = |deadline: Duration| {
        let mut settings = settings();
        settings.database =
            orchestrate::storage::sqlite::Location::File(folder.path().join("keys.db")).into();
        settings.limits.work_deadline = deadline;
        settings
    };
    let arrived = Arc::new(Notify::new());
    let waits = Behaviour::Waits(arrived.clone(), Arc::default());
    let slow = start_bad_with(shared(Duration::from_secs(60)), waits).await;
    let keyed = |service: &Service| {
        service
            .orchestrate(&json!({"text": "Quiet."}))
            .header("idempotency-key", "k")
    };
    tokio::spawn({
        let request = keyed(&slow);
        async move {
            let _kept = slow;
            let _ = request.send().await;
        }
    });
    arrived.notified().await;
    let hasty = start_with(shared(Duration::from_millis(20))).await;
    let request = keyed(&hasty);
    (folder, hasty, request)
}

async fn logins(book: &mut Book) {
    let service = start().await;
    book.see("login", 302, service.request("GET", "/auth/login"))
        .await;
    book.see(
        "login",
        400,
        service.request("GET", "/auth/login?redirect_uri=https://evil.example/"),
    )
    .await;
    book.see(
        "loginCallback",
        400,
        service.request("GET", "/auth/callback?state=x"),
    )
    .await;
    let callback = through(begin(&service, &[]).await).await;
    let path = format!("/auth/callback?{}", callback.query().unwrap());
    book.see("loginCallback", 302, service.request("GET", &path))
        .await;
    let end = back(&service, &through(begin(&service, &[]).await).await).await;
    let code = json!({"code": query(&end, "code").unwrap()});
    book.see("redeemLogin", 200, redeem(&service, &code)).await;
    book.see("redeemLogin", 400, redeem(&service, &code)).await;
    let mut off: Settings = settings();
    off.login = None;
    let off = start_with(off).await;
    book.see("login", 404, off.request("GET", "/auth/login")).await;
    book.see("loginCallback", 404, off.request("GET", "/auth/callback"))
        .await;
    book.see("redeemLogin", 404, redeem(&off, &code)).await;
    for (answer, status) in [
        (ResponseTemplate::new(200).set_body_string("<html>"), 502),
        (ResponseTemplate::new(200).set_delay(Duration::from_secs(60)), 504),
    ] {
        let provider = MockServer::start().await;
        Mock::given(any()).respond_with(answer).mount(&provider).await;
        let service = start_with(with(settings(), &provider.uri())).await;
        book.see("login", status, service.request("GET", "/auth/login"))
            .await;
    }
}

#[tokio::test]
async fn every_documented_answer_is_given_and_is_as_it_is_documented() {
    let mut book = Book {
        document: Document::committed(),
        seen: BTreeSet::new(),
        codes: BTreeSet::new(),
        wrong: Vec::new(),
    };
    credentials(&mut book).await;
    limits(&mut book).await;
    bodies(&mut book).await;
    successes(&mut book).await;
    refusals(&mut book).await;
    logins(&mut book).await;
    assert!(book.wrong.is_empty(), "{}", book.wrong.join("\n"));
    let mut unseen = Vec::new();
    for operation in book.document.operations() {
        for (status, answer) in book.document.answers(&operation) {
            let id = operation.id.clone();
            if !book.seen.contains(&(id.clone(), status)) {
                unseen.push(format!("{id} {status}"));
            }
            let examples = answer["content"]["application/problem+json"]["examples"].as_object();
            for code in examples.into_iter().flat_map(|examples| examples.keys()) {
                if !book.codes.contains(&(id.clone(), code.clone())) {
                    unseen.push(format!("{id} {code}"));
                }
            }
        }
    }
    // A process that was told to stop is asked in shutdown.rs, where it has to be.
    assert_eq!(unseen, ["ready 503"]);
}
