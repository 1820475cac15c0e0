//! What an operator can follow: traces across the service, and the log by the id in an answer.

use std::process::Command;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::binary::{Binary, logged};
use crate::support::{ALLOWED, header, start, start_against};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A provider that refuses every call.
async fn refusing() -> MockServer {
    let provider = MockServer::start().await;
    let refusal =
        json!({"error": {"message": "no", "type": "invalid_request_error", "code": "invalid_api_key"}});
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .respond_with(ResponseTemplate::new(401).set_body_json(refusal))
        .mount(&provider)
        .await;
    provider
}

/// The trace headers of the last call that a provider got.
async fn heard(provider: &MockServer) -> (Vec<String>, Vec<String>) {
    let request = provider.received_requests().await.unwrap().pop().unwrap();
    let all = |name: &str| {
        let values = request.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap().to_owned()).collect()
    };
    (all("traceparent"), all("tracestate"))
}

#[tokio::test]
async fn a_call_to_the_provider_is_part_of_the_trace_of_whoever_called_us() {
    let provider = refusing().await;
    let service = start_against(&provider).await;
    let request = service.orchestrate(&json!({"text": "Good fish."}));
    let request = request
        .header("traceparent", PARENT)
        .header("tracestate", "rojo=1,congo=t61");
    assert_eq!(request.send().await.unwrap().status(), 502);
    let (parents, states) = heard(&provider).await;
    let [parent] = &parents[..] else {
        panic!("{parents:?}")
    };
    assert!(
        parent.starts_with(&format!("00-{TRACE}-")) && parent.ends_with("-01"),
        "{parent}"
    );
    assert!(
        !parent.contains("00f067aa0ba902b7"),
        "the caller's own span: {parent}"
    );
    assert_eq!(states, ["rojo=1,congo=t61"]);
}

#[tokio::test]
async fn a_malformed_trace_is_ignored_and_a_new_one_begins() {
    let provider = refusing().await;
    let service = start_against(&provider).await;
    for malformed in [
        "",
        "nonsense",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        &PARENT.to_uppercase(),
    ] {
        let request = service.orchestrate(&json!({"text": "Good fish."}));
        let request = request
            .header("traceparent", malformed)
            .header("tracestate", "rojo=1");
        assert_eq!(request.send().await.unwrap().status(), 502, "{malformed:?}");
        let (parents, states) = heard(&provider).await;
        assert_eq!(
            (parents.len(), parents[0].len(), states.len()),
            (1, 55, 0),
            "{parents:?} {states:?}"
        );
        assert!(!parents[0].contains(TRACE), "{parents:?}");
    }
}

#[tokio::test]
async fn a_page_may_send_its_trace() {
    let service = start().await;
    let preflight = service
        .request("OPTIONS", "/ai/orchestrate")
        .header("origin", ALLOWED)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "traceparent,tracestate");
    let answer = preflight.send().await.unwrap();
    let allowed = header(&answer, "access-control-allow-headers");
    assert!(
        allowed.contains("traceparent") && allowed.contains("tracestate"),
        "{allowed}"
    );
}

/// A token that `serve --dev` believes.
fn token() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_orchestrate"))
        .args(["token", "--dev"])
        .env_clear()
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

const KEY: &str = "sk-that-nobody-may-read";
const WORDS: &str = "Words that nobody may read";

/// A request to orchestrate of a running binary.
fn orchestrate(binary: &Binary, token: &str, body: &Value) -> RequestBuilder {
    let client = Client::builder().no_proxy().build().unwrap();
    client
        .post(format!("{}/ai/orchestrate", binary.base_url()))
        .bearer_auth(token)
        .header("traceparent", PARENT)
        .json(body)
}

/// Sends, and gives the id of the answer, which must have this status and code.
async fn failed(request: RequestBuilder, status: u16, code: &str) -> String {
    let answer = request.send().await.unwrap();
    let id = header(&answer, "x-request-id").to_owned();
    let (seen, body) = (answer.status().as_u16(), answer.json::<Value>().await.unwrap());
    assert_eq!((seen, &body["code"]), (status, &json!(code)), "{body}");
    id
}

/// The lines about a request: the last one, which every request has, and those before it.
fn of<'l>(log: &'l [String], id: &str) -> (Value, Vec<&'l String>) {
    let mut lines: Vec<&String> = log.iter().filter(|line| line.contains(id)).collect();
    let last = logged(
        lines
            .pop()
            .unwrap_or_else(|| panic!("nothing about {id}: {log:?}")),
    );
    assert_eq!(
        (&last["message"], &last["request_id"]),
        (&json!("answered"), &json!(id)),
        "{last}"
    );
    assert_eq!(last["trace_id"], TRACE, "{last}");
    assert_eq!(
        (&last["method"], &last["route"]),
        (&json!("POST"), &json!("/api/v3/ai/orchestrate"))
    );
    assert!(
        last["duration_ms"].as_f64().is_some_and(|took| took > 0.0),
        "{last}"
    );
    (last, lines)
}

/// What was logged between being ready and the end, without a line that is none, or holds what none may hold.
fn log_of(binary: Binary, token: &str) -> Vec<String> {
    binary.signal("TERM");
    let (status, log) = binary.end();
    assert_eq!(status.code(), Some(0), "{log:?}");
    for line in &log {
        logged(line);
        for secret in [token, token.split('.').nth(2).unwrap(), KEY, WORDS] {
            assert!(!line.contains(secret), "{line}");
        }
    }
    log
}

#[tokio::test]
async fn a_failed_answer_s_id_finds_its_code_and_cause_in_the_log_and_nothing_secret_is_there() {
    let provider = refusing().await;
    let base = format!("{}/v1", provider.uri());
    let binary = Binary::start(&[], &[("OPENAI_API_KEY", KEY), ("OPENAI_BASE_URL", &base)]);
    let token = token();
    let forged = format!("{}x", token);
    let (refused, unread, unavailable) = (
        failed(
            orchestrate(&binary, &forged, &json!({"text": WORDS})),
            401,
            "token_invalid",
        )
        .await,
        failed(
            orchestrate(&binary, &token, &json!({"text": WORDS, "language": WORDS})),
            422,
            "body_invalid",
        )
        .await,
        failed(
            orchestrate(&binary, &token, &json!({"text": WORDS})),
            502,
            "provider_credentials_refused",
        )
        .await,
    );
    let log = tokio::task::spawn_blocking(move || log_of(binary, &token))
        .await
        .unwrap();

    let (last, before) = of(&log, &refused);
    assert_eq!(
        (&last["status"], &last["code"], &last["level"]),
        (&json!(401), &json!("token_invalid"), &json!("INFO"))
    );
    assert!(before.iter().any(|line| line.contains("signature")), "{before:?}");

    let (last, _) = of(&log, &unread);
    assert_eq!(
        (&last["status"], &last["code"], &last["fields"]),
        (&json!(422), &json!("body_invalid"), &json!("/language"))
    );
    assert!(
        last["spans"][0]["subject"]
            .as_str()
            .is_some_and(|subject| subject.contains('@')),
        "{last}"
    );

    let (last, before) = of(&log, &unavailable);
    assert_eq!((&last["status"], &last["level"]), (&json!(502), &json!("WARN")));
    assert_eq!(last["code"], "provider_credentials_refused");
    assert!(
        before.iter().any(|line| line.contains("gave no result")),
        "{before:?}"
    );
    assert!(
        before.iter().any(|line| line.contains("the AI provider failed")),
        "{before:?}"
    );
}

#[cfg(feature = "faults")]
#[tokio::test]
async fn a_panic_is_found_by_the_id_of_its_answer() {
    let binary = Binary::start(
        &["--fault", "server-error-with-cors"],
        &[("RUST_LOG", "orchestrate=warn")],
    );
    let token = token();
    let id = failed(
        orchestrate(&binary, &token, &json!({"text": WORDS})),
        500,
        "internal_error",
    )
    .await;
    let log = tokio::task::spawn_blocking(move || log_of(binary, &token))
        .await
        .unwrap();
    let (last, before) = of(&log, &id);
    assert_eq!(
        (&last["status"], &last["code"]),
        (&json!(500), &json!("internal_error"))
    );
    let panicked = before
        .iter()
        .map(|line| logged(line))
        .find(|line| line["message"] == "a handler panicked");
    assert!(
        panicked.unwrap()["why"].as_str().unwrap().contains("await"),
        "{before:?}"
    );
}

/// Whether bytes hold other bytes, as protobuf keeps texts and ids.
fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn spans_leave_for_the_collector_before_the_process_does() {
    let collector = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/traces"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&collector)
        .await;
    let provider = refusing().await;
    let base = format!("{}/v1", provider.uri());
    let variables = [
        ("OPENAI_API_KEY", KEY),
        ("OPENAI_BASE_URL", &*base),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.uri()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-team=concierge"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test"),
    ];
    let binary = Binary::start(&[], &variables);
    let token = token();
    let id = failed(
        orchestrate(&binary, &token, &json!({"text": WORDS})),
        502,
        "provider_credentials_refused",
    )
    .await;
    let (parents, _) = heard(&provider).await;
    let token = token.clone();
    tokio::task::spawn_blocking(move || log_of(binary, &token))
        .await
        .unwrap();
    let exported = collector.received_requests().await.unwrap();
    assert!(!exported.is_empty(), "nothing was exported");
    assert!(
        exported
            .iter()
            .all(|request| request.headers["x-team"] == "concierge")
    );
    let spans: Vec<u8> = exported.iter().flat_map(|request| request.body.clone()).collect();
    let bytes = |hex: &str| u128::from_str_radix(hex, 16).unwrap().to_be_bytes();
    assert!(holds(&spans, &bytes(TRACE)), "the trace of the caller");
    assert!(
        holds(&spans, &bytes("00f067aa0ba902b7")[8..]),
        "the span of the caller, as the parent"
    );
    let span = parents[0].split('-').nth(2).unwrap();
    assert!(
        holds(&spans, &bytes(span)[8..]),
        "the span that the provider was told of"
    );
    for text in [
        "orchestrate",
        "service.version",
        "deployment.environment",
        &id,
        "POST /api/v3/ai/orchestrate",
    ] {
        assert!(holds(&spans, text.as_bytes()), "{text}");
    }
    for secret in [KEY, WORDS] {
        assert!(!holds(&spans, secret.as_bytes()), "{secret}");
    }
}

#[tokio::test]
async fn a_collector_that_is_away_costs_nobody_anything_and_is_told_of_once() {
    // A port that nobody listens on.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let endpoint = format!("http://{nobody}");
    let variables = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &*endpoint),
        ("OTEL_BSP_SCHEDULE_DELAY", "20"),
    ];
    let binary = Binary::start(&[], &variables);
    let token = token();
    let mut told = Vec::new();
    // Until it was noticed, and some more spans after that.
    while told.len() < 5 {
        let answer = orchestrate(&binary, &token, &json!({"text": WORDS}))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let line = binary.line().unwrap();
        if !told.is_empty() || line.contains("collector") {
            told.push(line);
        }
    }
    let rest = tokio::task::spawn_blocking(move || log_of(binary, &token))
        .await
        .unwrap();
    let about = told.iter().chain(&rest).filter(|line| line.contains("collector"));
    assert_eq!(about.count(), 1, "{told:?} {rest:?}");
}

#[test]
fn a_standard_variable_that_cannot_be_taken_is_refused_at_boot() {
    let output = Command::new(env!("CARGO_BIN_EXE_orchestrate"))
        .args(["serve", "--dev", "--port", "0"])
        .env_clear()
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")
        .env("OTEL_TRACES_SAMPLER", "sometimes")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    for mistake in ["2 mistakes", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER"] {
        assert!(said.contains(mistake), "{mistake}: {said}");
    }
}

/// The lines of the metrics that begin like this.
async fn counted(address: &str, beginning: &str) -> Vec<String> {
    let text = reqwest::get(address).await.unwrap().text().await.unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let lines = text.lines().filter(|line| line.starts_with(beginning));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn metrics_are_on_a_listener_of_their_own_and_have_few_labels_whatever_is_sent() {
    let binary = Binary::start(&["--metrics-listen", "127.0.0.1:0"], &[]);
    let said = binary.said.iter().find_map(|line| line.strip_prefix("metrics: "));
    let metrics = said.unwrap_or_else(|| panic!("{:?}", binary.said)).to_owned();
    let client = Client::builder().no_proxy().build().unwrap();
    for public in [
        format!("http://{}/metrics", binary.address),
        format!("{}/metrics", binary.base_url()),
    ] {
        assert_eq!(client.get(public).send().await.unwrap().status(), 404);
    }
    let other = metrics.replace("/metrics", "/api/v3/health");
    assert_eq!(client.get(other).send().await.unwrap().status(), 404);
    assert_eq!(
        client
            .get(format!("{}/livez", binary.base_url()))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    let answer = orchestrate(&binary, &token(), &json!({"text": WORDS}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    for number in 0..50 {
        let odd = reqwest::Method::from_bytes(format!("ODD{number}").as_bytes()).unwrap();
        let address = format!("{}/no/such/{number}?q={number}", binary.base_url());
        assert_eq!(client.request(odd, address).send().await.unwrap().status(), 404);
    }
    let requests = counted(&metrics, "orchestrate_http_requests_total").await;
    for line in [
        "{method=\"GET\",route=\"/api/v3/livez\",status=\"2xx\"} 1",
        "{method=\"POST\",route=\"/api/v3/ai/orchestrate\",status=\"2xx\"} 1",
        "{method=\"GET\",route=\"none\",status=\"4xx\"} 2",
        "{method=\"other\",route=\"none\",status=\"4xx\"} 50",
    ] {
        assert!(
            requests.iter().any(|written| written.ends_with(line)),
            "{line}: {requests:?}"
        );
    }
    assert_eq!(requests.len(), 4, "{requests:?}");
    for one in [
        "orchestrate_http_request_duration_seconds_count{method=\"GET\",route=\"/api/v3/livez\",status=\"2xx\"} 1",
        "orchestrate_http_requests_in_flight 0",
        "orchestrate_provider_call_duration_seconds_count{operation=\"concepts\",outcome=\"ok\"} 1",
        "orchestrate_build_info{version=",
        "orchestrate_start_time_seconds ",
    ] {
        assert_eq!(counted(&metrics, one).await.len(), 1, "{one}");
    }
}

#[tokio::test]
async fn what_the_database_and_the_provider_did_is_counted_by_what_came_of_it() {
    let provider = refusing().await;
    let service = start_against(&provider).await;
    let text = json!({"text": "Good fish."});
    assert_eq!(service.orchestrate(&text).send().await.unwrap().status(), 502);
    assert_eq!(
        service.request("GET", "/ready").send().await.unwrap().status(),
        200
    );
    let text = service.running.metrics().text();
    for line in [
        "orchestrate_provider_call_duration_seconds_count{operation=\"concepts\",outcome=\"provider_credentials_refused\"} 1",
        "orchestrate_database_call_duration_seconds_count{operation=\"check\",outcome=\"ok\"} 1",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}
