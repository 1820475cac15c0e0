//! Nothing that a client sends makes a 5xx: whole requests, made up, over a raw socket, to one real service.
//!
//! What is well formed as HTTP must be answered by the service itself: below 500, named, and readable by the page of an allowed
//! origin alone. What is not may be answered by the parser below us, which knows neither CORS nor names, with 400, 414 or 431,
//! or by the end of the connection; never with a 5xx. No status of 500 and above is spared, 501 and 505 neither: whichever
//! method or version a client names, it is the client that chose it.
//!
//! `PROPTEST_CASES` says how many requests each of these sends.

mod bodies;
mod fields;
mod requests;
mod targets;

use std::collections::BTreeMap;
use std::sync::Mutex;

use orchestrate::auth::caller::{Scope, Scopes};
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::Settings;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{ALLOWED, Service, header, settings, start_with};
use crate::wire::{Reply, exchange};
use requests::{Known, Sent, malformed, uploads, well_formed};

/// Everybody may ask as often as a test does, so that no answer is hidden behind 429.
fn unlimited() -> Settings {
    let mut settings = settings();
    settings.limits.rate_per_credential = None;
    settings.limits.rate_per_peer = None;
    settings
}

/// How many requests suffice for each kind of answer to be among them, whatever the seed.
const ENOUGH: u32 = 256;

/// What must be true of a request and its answer, if there was one.
type Rule = fn(&Sent, Option<Reply>) -> Result<(), String>;

/// The service, and what its callers may know.
struct Target {
    runtime: Runtime,
    service: Service,
    known: Known,
}

impl Target {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let service = runtime.block_on(start_with(unlimited()));
        let auth = &service.settings.auth;
        let all = TokenRequest {
            scopes: Some(Scopes::of(Scope::ALL)),
            ttl: std::time::Duration::from_secs(24 * 3600),
            ..TokenRequest::access("ana@example.com")
        };
        let keep = json!({"text": "Good fish.", "output": {"save_to_db": true}});
        let kept = runtime.block_on(service.orchestrate(&keep).send()).unwrap();
        let known = Known {
            token: mint(auth, &all).unwrap(),
            expired: mint(auth, &all.clone().expired()).unwrap(),
            refresh: mint(auth, &all.refresh()).unwrap(),
            curation: header(&kept, "location").to_owned(),
        };
        Self {
            runtime,
            service,
            known,
        }
    }

    /// Sends as many of these as were asked for, each judged by `rule`; afterwards the service must be well. Enough of them are
    /// answered in each of these ways: requests that all fail at the first hurdle prove nothing of what lies behind it.
    fn hold(self, requests: impl Strategy<Value = Sent>, rule: Rule, ways: &[u16]) {
        let config = Config {
            // A counterexample is shown, and becomes a test of its own.
            failure_persistence: None,
            ..Config::default()
        };
        let (cases, address) = (config.cases, self.service.running.address());
        let seen = Mutex::new(BTreeMap::new());
        let judged = TestRunner::new(config).run(&requests, |sent| {
            let reply = self.runtime.block_on(exchange(address, &sent.bytes()));
            if let Ok(Some(reply)) = &reply {
                *seen.lock().unwrap().entry(reply.status).or_insert(0) += 1;
            }
            reply
                .and_then(|reply| rule(&sent, reply))
                .map_err(|why| TestCaseError::fail(format!("{why}\n{sent:?}")))
        });
        if let Err(error) = judged {
            panic!("{error}");
        }
        let seen = seen.into_inner().unwrap();
        if cases >= ENOUGH {
            let missing: Vec<_> = ways.iter().filter(|way| !seen.contains_key(way)).collect();
            assert!(
                missing.is_empty(),
                "none of {cases} was answered {missing:?}: {seen:?}"
            );
        }
        self.runtime.block_on(well(&self.service));
    }
}

/// It is healthy, and works.
async fn well(service: &Service) {
    let health = service.request("GET", "/health").send().await.unwrap();
    assert_eq!(health.status(), 200, "{}", health.text().await.unwrap());
    let work = service
        .orchestrate(&json!({"text": "Good fish."}))
        .send()
        .await
        .unwrap();
    assert_eq!(work.status(), 200, "{}", work.text().await.unwrap());
}

/// What the service itself must have answered.
fn ours(sent: &Sent, reply: Option<Reply>) -> Result<(), String> {
    let reply = reply.ok_or("there is no answer")?;
    let wrong = |what: &str| Err(format!("{what}: {reply}"));
    if reply.status >= 500 {
        return wrong("the fault is said to be ours");
    }
    if reply.all("x-request-id").len() != 1 {
        return wrong("it has no name");
    }
    if reply.all("x-content-type-options") != ["nosniff"] {
        return wrong("its type may be guessed");
    }
    if !reply
        .all("vary")
        .iter()
        .any(|value| value.eq_ignore_ascii_case("origin"))
    {
        return wrong("it does not vary by origin");
    }
    let readable = reply.all("access-control-allow-origin");
    let wanted: &[&str] = if sent.is_from_allowed() { &[ALLOWED] } else { &[] };
    if readable != wanted {
        return wrong("it is readable by the wrong origins");
    }
    if reply.status >= 400 && !sent.is_head() {
        return problem(&reply);
    }
    Ok(())
}

/// An error says what is wrong, and nothing of how we are made.
fn problem(reply: &Reply) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{what}: {reply}"));
    let Ok(body) = serde_json::from_slice::<Value>(&reply.body) else {
        return wrong("an error is no JSON");
    };
    let named = body["request_id"].as_str().map(|id| vec![id.to_owned()]);
    let ids: Vec<String> = reply.all("x-request-id").into_iter().map(str::to_owned).collect();
    if body["status"] != reply.status || named != Some(ids) || !body["detail"].is_string() {
        return wrong("an error is not problem details");
    }
    if ["panicked", "src/", "sqlx", "SQLITE", "poem"]
        .iter()
        .any(|word| body.to_string().contains(word))
    {
        return wrong("an error tells how we are made");
    }
    Ok(())
}

/// What may be answered below us, or not at all, and still is nobody's fault here.
fn refused(sent: &Sent, reply: Option<Reply>) -> Result<(), String> {
    match reply {
        None => Ok(()),
        Some(reply) if !reply.all("x-request-id").is_empty() => ours(sent, Some(reply)),
        Some(reply) if [400, 414, 431].contains(&reply.status) => Ok(()),
        Some(reply) => Err(format!("the parser has another answer: {reply}")),
    }
}

#[test]
fn no_request_that_is_http_makes_a_5xx() {
    let target = Target::start();
    let requests = well_formed(&target.known);
    target.hold(requests, ours, &[200, 204, 400, 401, 404, 405]);
}

#[test]
fn no_body_of_a_known_caller_makes_a_5xx() {
    let target = Target::start();
    let requests = uploads(&target.known);
    target.hold(requests, ours, &[200, 400, 422]);
}

#[test]
fn no_bytes_that_are_no_http_make_a_5xx() {
    let target = Target::start();
    let requests = malformed(&target.known);
    target.hold(requests, refused, &[400]);
}
