//! What is run of a document, and for how long each step may.

use std::time::Duration;

use serde_json::json;
use wiremock::matchers::method;
use wiremock::{Mock, ResponseTemplate};

use crate::support::{PAIR, Place};

const PATIENT: &str = r"
workflows:
  - workflowId: wait
    steps:
      - stepId: poll
        operationId: listItems
        timeout: 300
        successCriteria: [{condition: $statusCode == 200}]
        onFailure: [{name: again, type: retry, retryAfter: 0, retryLimit: 4}]
";

#[tokio::test]
async fn a_step_waits_as_long_as_its_timeout_says_and_no_longer() {
    let place = Place::with(PATIENT).await;
    let text = place.read("s.yaml").replace("arazzo: 1.0.1", "arazzo: 1.1.0");
    place.write("s.yaml", &text);
    let slow = ResponseTemplate::new(200).set_body_json(json!([]));
    Mock::given(method("GET"))
        .respond_with(slow.set_delay(Duration::from_secs(2)))
        .mount(&place.server)
        .await;
    let ran = place.reported(&[]).await;
    assert_eq!((ran.code, ran.steps()), (1, vec!["wait.poll fail".to_owned()]));
    assert!(
        ran.out.contains("no answer within its timeout of 300 ms"),
        "{}",
        ran.out
    );
    assert_eq!(place.asked().await.len(), 5, "as often as the document says");
    // Whoever is told to come back later than that is late.
    place.first(1, "GET", "/items", 429, json!({})).await;
    let once = text.replace("onFailure", "x-onFailure");
    place.write("s.yaml", &once);
    let ran = place.reported(&[]).await;
    assert_eq!(
        (ran.code, ran.steps()),
        (1, vec!["wait.poll fail".to_owned()]),
        "{}",
        ran.out
    );
    // What every other request is given is too short for it, and it says so.
    place.write("greenlight.toml", "[bounds]\ndeadline = \"200ms\"\n");
    place.write("s.yaml", &text.replace("timeout: 300", "timeout: 20000"));
    let ran = place.reported(&[]).await;
    assert_eq!(
        (ran.code, ran.steps()),
        (0, vec!["wait.poll pass".to_owned()]),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn workflows_of_a_suite_are_run_and_no_others() {
    let place = Place::with(PAIR).await;
    place.answers("GET", "/items", 201, json!([])).await;
    place.answers("GET", "/items/a-1", 201, json!({})).await;
    let suite = |text: &str, of: &str, suite: &str| {
        text.replace(of, &format!("{of}\n    x-greenlight-suite: {suite}"))
    };
    let text = suite(&place.read("s.yaml"), "workflowId: first", "smoke");
    place.write("s.yaml", &text);
    let ran = place.reported(&["--suite", "smoke"]).await;
    assert_eq!(ran.steps(), ["first.one pass"], "{}", ran.err);
    // What says nothing belongs to its document's suite, or to none.
    let ran = place.reported(&["--suite", "contract"]).await;
    assert!(
        ran.code == 2 && ran.err.contains("no workflow belongs to contract"),
        "{}",
        ran.err
    );
    place.write("s.yaml", &format!("x-greenlight-suite: contract\n{text}"));
    let ran = place.reported(&["--suite", "contract"]).await;
    assert_eq!(ran.steps(), ["second.two pass"], "{}", ran.err);
    let ran = place.reported(&["--suite", "contract", "--suite", "smoke"]).await;
    assert_eq!(ran.steps().len(), 2, "{}", ran.err);
}
