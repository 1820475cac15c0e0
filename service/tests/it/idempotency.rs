//! A request that is sent again under its key is answered as it was, and paid for once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::domain::data::database::Database;
use orchestrate::domain::provider::ProviderError;
use orchestrate::domain::store::{Curation, Store, StoreError};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio::sync::Notify;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer};

use crate::support::{
    ALLOWED, Behaviour, Service, Shelf, expect_problem, found, header, json, settings, start, start_against,
    start_bad_with, start_storing, start_with,
};

fn keyed(service: &Service, key: &str, body: &Value) -> RequestBuilder {
    service.orchestrate(body).header("idempotency-key", key)
}

/// Paid calls of the simulator so far.
async fn paid(service: &Service) -> u64 {
    let page = service.request("GET", "/stand-in").send().await.unwrap();
    let (_, calls) = json(page).await;
    calls
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_u64)
        .sum()
}

fn quiet() -> Value {
    json!({"text": "A quiet terrace.", "output": {"save_to_db": true, "return_results": true}})
}

#[tokio::test]
async fn a_repetition_has_the_same_answer_is_marked_and_costs_nothing() {
    let service = start().await;
    let first = keyed(&service, "k1", &quiet()).send().await.unwrap();
    assert_eq!(header(&first, "idempotency-replayed"), "");
    let location = header(&first, "location").to_owned();
    let (status, first) = json(first).await;
    let cost = paid(&service).await;
    assert!(status == 200 && cost >= 1, "{first}");
    let again = keyed(&service, "k1", &quiet()).send().await.unwrap();
    assert_eq!(header(&again, "idempotency-replayed"), "true");
    assert_eq!(header(&again, "location"), location);
    assert!(header(&again, "access-control-expose-headers").contains("idempotency-replayed"));
    assert_eq!(json(again).await, (200, first));
    assert_eq!(paid(&service).await, cost);
    // Without the key, or under another, it is a request of its own.
    for request in [service.orchestrate(&quiet()), keyed(&service, "k2", &quiet())] {
        assert_ne!(header(&request.send().await.unwrap(), "location"), location);
    }
    assert!(paid(&service).await > cost);
}

#[tokio::test]
async fn a_key_belongs_to_its_body_and_its_credential() {
    let service = start().await;
    assert_eq!(keyed(&service, "k", &quiet()).send().await.unwrap().status(), 200);
    let other = json!({"text": "A loud terrace."});
    expect_problem(keyed(&service, "k", &other), 422, "idempotency_key_reused").await;
    let ben = mint(&service.settings.auth, &TokenRequest::access("ben")).unwrap();
    let ben = service
        .request("POST", "/ai/orchestrate")
        .bearer_auth(ben)
        .header("idempotency-key", "k")
        .json(&quiet());
    let ben = ben.send().await.unwrap();
    assert_eq!(
        (ben.status().as_u16(), header(&ben, "idempotency-replayed")),
        (200, "")
    );
    for odd in ["", "a b", &"k".repeat(256)] {
        let refused = keyed(&service, odd, &quiet()).send().await.unwrap();
        assert!([400, 422].contains(&refused.status().as_u16()), "{odd:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_kept_and_a_failure_of_ours_may_be_tried_again() {
    let shelf = Shelf::new().await;
    let file = shelf.with(settings());
    let refused = json!({"workflow_type": "image_only"});
    let bad = start_bad_with(file.clone(), Behaviour::Fails(ProviderError::QuotaExhausted)).await;
    let first = expect_problem(keyed(&bad, "refused", &refused), 400, "workflow_not_implemented").await;
    let again = keyed(&bad, "refused", &refused).send().await.unwrap();
    assert_eq!(
        (again.status().as_u16(), header(&again, "idempotency-replayed")),
        (400, "true")
    );
    let again = json(again).await.1;
    assert_eq!(
        (&again["detail"], &again["code"]),
        (&first["detail"], &first["code"])
    );
    assert_ne!(
        again["request_id"], first["request_id"],
        "each answer names its own request"
    );
    expect_problem(keyed(&bad, "failed", &quiet()), 503, "provider_quota_exhausted").await;
    bad.running.shutdown().await.unwrap();

    // The next instance, with a provider that works, knows both keys.
    let service = start_with(file).await;
    expect_problem(
        keyed(&service, "refused", &refused),
        400,
        "workflow_not_implemented",
    )
    .await;
    let done = keyed(&service, "failed", &quiet()).send().await.unwrap();
    assert_eq!(
        (done.status().as_u16(), header(&done, "idempotency-replayed")),
        (200, "")
    );
}

#[tokio::test]
async fn a_crash_leaves_the_key_free() {
    let service = start_bad_with(settings(), Behaviour::Panics).await;
    for _ in 0..3 {
        let crashed = keyed(&service, "k", &quiet()).send().await.unwrap();
        assert_eq!(
            crashed.status(),
            500,
            "each tries again, and none waits for the dead"
        );
    }
}

/// A store that keeps the first curation, and does not say so in time.
struct Late {
    inner: Arc<dyn Database>,
    was_late: AtomicBool,
}

impl Store for Late {
    fn save<'a>(&'a self, curation: &'a Curation) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            self.inner.save(curation).await?;
            match self.was_late.swap(true, Ordering::Relaxed) {
                false => Err(StoreError::Slow),
                true => Ok(()),
            }
        }
        .boxed()
    }

    fn find<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Curation>, StoreError>> {
        self.inner.find(id)
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }
}

#[tokio::test]
async fn what_was_kept_though_nobody_heard_of_it_is_not_kept_twice() {
    let provider = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(found())
        .mount(&provider)
        .await;
    let late = |inner| Late {
        inner,
        was_late: AtomicBool::new(false),
    };
    let service = start_storing(&provider, late).await;
    expect_problem(keyed(&service, "k", &quiet()), 503, "database_unavailable").await;
    let done = keyed(&service, "k", &quiet()).send().await.unwrap();
    assert_eq!(header(&done, "idempotency-replayed"), "");
    let (status, done) = json(done).await;
    assert_eq!((status, &done["saved_to_db"]), (200, &json!(true)), "{done}");
    let list = service.request("GET", "/curations").bearer_auth(service.token());
    let (_, list) = json(list.send().await.unwrap()).await;
    let ids: Vec<&Value> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, [&done["results"]["curation_id"]], "{list}");
}

#[tokio::test]
async fn a_repetition_waits_for_its_twin_and_only_one_of_them_is_worked_on() {
    let (arrived, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let service = start_bad_with(settings(), Behaviour::Waits(arrived.clone(), go_on.clone())).await;
    let first = tokio::spawn(keyed(&service, "k", &quiet()).send());
    arrived.notified().await;
    let second = tokio::spawn(keyed(&service, "k", &quiet()).send());
    // The twin fails for a reason of ours, so the repetition is worked on, and only then.
    go_on.notify_one();
    assert_eq!(first.await.unwrap().unwrap().status(), 503);
    arrived.notified().await;
    go_on.notify_one();
    assert_eq!(second.await.unwrap().unwrap().status(), 503);
}

#[tokio::test]
async fn a_repetition_that_waited_is_answered_as_its_twin_was() {
    let provider = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(found().set_delay(Duration::from_millis(500)))
        .expect(1)
        .mount(&provider)
        .await;
    let service = start_against(&provider).await;
    let first = tokio::spawn(keyed(&service, "k", &quiet()).send());
    while provider.received_requests().await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let (first, second) = tokio::join!(first, keyed(&service, "k", &quiet()).send());
    let (first, second) = (first.unwrap().unwrap(), second.unwrap());
    assert_eq!(header(&first, "idempotency-replayed"), "");
    assert_eq!(header(&second, "idempotency-replayed"), "true");
    let (first, second) = (json(first).await, json(second).await);
    assert_eq!((first.0, &first), (200, &second));
}

#[tokio::test]
async fn a_twin_that_takes_too_long_is_409_with_a_time_to_come_back() {
    let shelf = Shelf::new().await;
    let mut hasty = shelf.with(settings());
    hasty.limits.work_deadline = Duration::from_millis(400);
    // Two instances on one database: the second only sees that somebody is at it.
    let (arrived, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut patient = hasty.clone();
    patient.limits.work_deadline = Duration::from_secs(60);
    let slow = start_bad_with(patient, Behaviour::Waits(arrived.clone(), go_on.clone())).await;
    let first = tokio::spawn(keyed(&slow, "k", &quiet()).send());
    arrived.notified().await;
    let other = start_with(hasty).await;
    let refused = keyed(&other, "k", &quiet()).send().await.unwrap();
    assert_eq!(header(&refused, "access-control-allow-origin"), ALLOWED);
    assert_eq!(
        (refused.status().as_u16(), header(&refused, "retry-after")),
        (409, "5")
    );
    expect_problem(keyed(&other, "k", &quiet()), 409, "idempotency_key_in_use").await;
    go_on.notify_one();
    assert_eq!(first.await.unwrap().unwrap().status(), 503);
}

#[tokio::test]
async fn a_key_that_is_no_text_or_one_of_two_is_refused_and_nothing_is_paid_for() {
    let service = start().await;
    let odd = reqwest::header::HeaderValue::from_bytes(b"\xd7\xf8").unwrap();
    let of_bytes = || {
        service
            .orchestrate(&quiet())
            .header("idempotency-key", odd.clone())
    };
    let two = || keyed(&service, "k1", &quiet()).header("idempotency-key", "k2");
    for request in [of_bytes(), of_bytes(), two()] {
        expect_problem(request, 400, "idempotency_key_invalid").await;
    }
    // Neither of the two was used.
    let other = json!({"text": "The kitchen closes at ten."});
    assert_eq!(keyed(&service, "k1", &other).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn who_goes_away_finds_the_answer_under_the_key() {
    let service = start().await;
    let body = serde_json::to_string(&quiet()).unwrap();
    let request = format!(
        "POST /api/v3/ai/orchestrate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nidempotency-key: gone\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        service.token(),
        body.len()
    );
    let mut socket = tokio::net::TcpStream::connect(service.running.address())
        .await
        .unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut socket, request.as_bytes())
        .await
        .unwrap();
    // The work has begun once its price is counted.
    while paid(&service).await == 0 {
        tokio::task::yield_now().await;
    }
    drop(socket);
    let cost = paid(&service).await;
    let found = service
        .request("POST", "/ai/orchestrate")
        .bearer_auth(service.token())
        .header("idempotency-key", "gone")
        .header("content-type", "application/json")
        .body(body);
    let found = found.send().await.unwrap();
    assert_eq!(
        (found.status().as_u16(), header(&found, "idempotency-replayed")),
        (200, "true")
    );
    assert_eq!(paid(&service).await, cost);
}
