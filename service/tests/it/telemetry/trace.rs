//! Trace context in and out, over real sockets.

use serde_json::json;

use super::{PARENT, TRACE, heard, refusing};
use crate::support::{ALLOWED, header, start, start_against};

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
