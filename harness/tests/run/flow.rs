//! Which step comes after which: order, criteria, retries, jumps, cleaning up, workflows beside each other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::Notify;
use wiremock::matchers::{method, path};
use wiremock::{Mock, ResponseTemplate};

use crate::support::{PAIR, Place, item};

const KEEP: &str = r"
workflows:
  - workflowId: keep
    steps:
      - stepId: create
        operationId: createItem
        requestBody: {payload: {name: apple}}
        successCriteria: [{condition: $statusCode == 201}]
        outputs: {id: $response.body#/id}
      - stepId: read
        operationId: readItem
        parameters: [{name: id, in: path, value: $steps.create.outputs.id}]
        successCriteria:
          - condition: $statusCode == 200 && $response.body#/name == 'apple'
      - stepId: remove
        operationId: deleteItem
        x-greenlight-cleanup: true
        parameters: [{name: id, in: path, value: $steps.create.outputs.id}]
        successCriteria: [{condition: $statusCode == 204}]
";

#[tokio::test]
async fn a_journey_that_works_passes_and_is_told_step_by_step() {
    let place = Place::with(KEEP).await;
    place.answers("POST", "/items", 201, item("a-1")).await;
    place.answers("GET", "/items/a-1", 200, item("a-1")).await;
    place.answers("DELETE", "/items/a-1", 204, json!(null)).await;
    let ran = place.run(&["s.yaml"]).await;
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(
        place.asked().await,
        ["POST /items", "GET /items/a-1", "DELETE /items/a-1"]
    );
    insta::assert_snapshot!("a_journey_that_works", calm(&ran.out, &place));
}

#[tokio::test]
async fn a_criterion_that_does_not_hold_shows_its_parts_a_command_and_what_was_not_run() {
    let place = Place::with(KEEP).await;
    place.answers("POST", "/items", 201, item("a-1")).await;
    place
        .answers("GET", "/items/a-1", 200, json!({"id": "a-1"}))
        .await;
    place.answers("DELETE", "/items/a-1", 204, json!(null)).await;
    let ran = place.run(&["s.yaml"]).await;
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    // What was made is removed all the same.
    assert_eq!(place.asked().await.last().unwrap(), "DELETE /items/a-1");
    insta::assert_snapshot!("a_criterion_that_does_not_hold", calm(&ran.out, &place));
    let report = place.reported(&[]).await.report();
    let unmet = &report["journeys"][0]["steps"][1]["unmet"][0];
    assert_eq!(
        unmet["parts"],
        json!(["$statusCode is 200", "$response.body#/name is absent"])
    );
    let finding = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["check"] == "scenario/keep.read")
        .unwrap();
    let shown = format!("x{}", finding["exchanges"][0]);
    let evidence = report["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == shown.as_str())
        .unwrap();
    let curl = evidence["curl"].as_str().unwrap();
    let asked = tokio::process::Command::new("sh")
        .arg("-c")
        .arg(curl.replace("curl -i", "curl -is"))
        .output()
        .await;
    let said = String::from_utf8(asked.unwrap().stdout).unwrap();
    assert!(
        said.starts_with("HTTP/1.1 200") && said.ends_with(r#"{"id":"a-1"}"#),
        "{curl}: {said}"
    );
}

/// A page without what is another in every run.
fn calm(page: &str, place: &Place) -> String {
    let page = page.replace(&place.server.address().port().to_string(), "PORT");
    let page = regex::Regex::new(r"\d+(\.\d+)? (ms|s)\b")
        .unwrap()
        .replace_all(&page, "N ms")
        .into_owned();
    let when = regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC").unwrap();
    when.replace_all(&page, "WHEN").into_owned()
}

#[tokio::test]
async fn a_step_is_tried_again_until_it_succeeds_or_may_not_any_more() {
    const POLL: &str = r"
workflows:
  - workflowId: poll
    steps:
      - stepId: look
        operationId: listItems
        successCriteria: [{condition: $response.body#/state == 'done'}]
        onFailure:
          - {name: again, type: retry, retryAfter: 0.01, retryLimit: 3, criteria: [{condition: $statusCode == 200}]}
";
    let place = Place::with(POLL).await;
    place
        .first(2, "GET", "/items", 200, json!({"state": "open"}))
        .await;
    place
        .answers("GET", "/items", 200, json!({"state": "done"}))
        .await;
    let ran = place.reported(&[]).await;
    assert_eq!(
        (ran.code, ran.steps()),
        (0, vec!["poll.look pass".to_owned()]),
        "{}",
        ran.err
    );
    assert_eq!(ran.report()["journeys"][0]["steps"][0]["tries"], 3);

    let place = Place::with(POLL).await;
    place
        .answers("GET", "/items", 200, json!({"state": "open"}))
        .await;
    let ran = place.reported(&[]).await;
    assert_eq!((ran.code, ran.steps()), (1, vec!["poll.look fail".to_owned()]));
    assert_eq!(place.asked().await.len(), 4, "once, and three times again");
}

#[tokio::test]
async fn actions_lead_to_steps_and_workflows_and_end_them() {
    let place = Place::with(
        r"
workflows:
  - workflowId: main
    steps:
      - stepId: look
        operationId: readItem
        parameters: [{name: id, in: path, value: a-1}]
        successCriteria: [{condition: $statusCode == 200}]
        onFailure:
          - {name: make, type: goto, stepId: create, criteria: [{condition: $statusCode == 404}]}
        onSuccess:
          - {name: enough, type: end}
      - stepId: skipped
        operationId: me
        successCriteria: [{condition: $statusCode == 200}]
      - stepId: create
        operationId: createItem
        requestBody: {payload: {name: apple}}
        successCriteria: [{condition: $statusCode == 201}]
        onSuccess:
          - {name: other, type: goto, workflowId: list}
  - workflowId: list
    steps:
      - stepId: all
        operationId: listItems
        successCriteria: [{condition: $statusCode == 200}]
",
    )
    .await;
    place.answers("GET", "/items/a-1", 404, json!({})).await;
    place.answers("POST", "/items", 201, item("a-1")).await;
    place.answers("GET", "/items", 200, json!([])).await;
    let ran = place.reported(&[]).await;
    assert_eq!(
        place.asked().await,
        ["GET /items/a-1", "POST /items", "GET /items"]
    );
    let steps = [
        "main.look skipped",
        "main.create pass",
        "main.create/all pass",
        "main.skipped skipped",
    ];
    assert_eq!(
        (ran.code, ran.steps()),
        (0, steps.map(str::to_owned).to_vec()),
        "{}",
        ran.err
    );
}

#[tokio::test]
async fn a_workflow_is_called_with_its_inputs_and_gives_its_outputs() {
    let place = Place::with(
        r"
workflows:
  - workflowId: main
    steps:
      - stepId: made
        workflowId: make
        parameters: [{name: name, value: pear}]
        successCriteria: [{condition: $outputs.id == 'a-2'}]
        outputs: {id: $outputs.id}
      - stepId: read
        operationId: readItem
        parameters: [{name: id, in: path, value: $steps.made.outputs.id}]
        successCriteria: [{condition: $statusCode == 200}]
  - workflowId: make
    inputs: {type: object, required: [name], properties: {name: {type: string}}}
    steps:
      - stepId: create
        operationId: createItem
        requestBody: {payload: {name: $inputs.name}}
        successCriteria: [{condition: $statusCode == 201}]
        outputs: {id: $response.body#/id}
    outputs: {id: $steps.create.outputs.id}
",
    )
    .await;
    place.answers("POST", "/items", 201, item("a-2")).await;
    place.answers("GET", "/items/a-2", 200, item("a-2")).await;
    let ran = place.reported(&[]).await;
    let steps = ["main.made/create pass", "main.made pass", "main.read pass"];
    assert_eq!(
        (ran.code, ran.steps()),
        (0, steps.map(str::to_owned).to_vec()),
        "{}{}",
        ran.err,
        ran.out
    );
    let sent = place.server.received_requests().await.unwrap();
    assert_eq!(
        sent[0].body_json::<serde_json::Value>().unwrap(),
        json!({"name": "pear"})
    );
}

const TWO: &str = r"
workflows:
  - workflowId: second
    dependsOn: [first]
    steps:
      - {stepId: me, operationId: me, successCriteria: [{condition: $statusCode == 200}]}
  - workflowId: first
    steps:
      - {stepId: all, operationId: listItems, successCriteria: [{condition: $statusCode == 200}]}
";

#[tokio::test]
async fn a_workflow_waits_for_those_that_it_depends_on_and_is_not_run_when_they_fail() {
    let place = Place::with(TWO).await;
    place.answers("GET", "/items", 200, json!([])).await;
    place.answers("GET", "/me", 200, json!({})).await;
    let ran = place.reported(&[]).await;
    assert_eq!(place.asked().await, ["GET /items", "GET /me"]);
    assert_eq!(
        ran.steps(),
        ["second.me pass", "first.all pass"],
        "in the order of the document"
    );

    let place = Place::with(TWO).await;
    place.answers("GET", "/items", 404, json!({})).await;
    let ran = place.reported(&["--workflow", "second"]).await;
    assert_eq!(place.asked().await, ["GET /items"]);
    assert_eq!(
        (ran.code, ran.steps()),
        (
            1,
            vec!["second.me blocked".to_owned(), "first.all fail".to_owned()]
        )
    );
}

#[tokio::test]
async fn workflows_that_do_not_wait_for_each_other_run_at_once() {
    let both = TWO.replace("    dependsOn: [first]\n", "");
    let place = Place::with(&both).await;
    let slow = ResponseTemplate::new(200)
        .set_body_json(json!({}))
        .set_delay(Duration::from_millis(600));
    for route in ["/items", "/me"] {
        Mock::given(method("GET"))
            .and(path(route))
            .respond_with(slow.clone())
            .mount(&place.server)
            .await;
    }
    let begun = Instant::now();
    let running = place.reported(&[]);
    let both_came = async {
        loop {
            if place.asked().await.len() == 2 {
                return begun.elapsed();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let (ran, came) = tokio::join!(running, both_came);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        came < begun.elapsed() && begun.elapsed() < Duration::from_millis(1_150),
        "one after the other: {:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_server_error_that_a_retry_hides_is_one_and_an_expected_one_is_not() {
    let place = Place::with(
        r"
workflows:
  - workflowId: w
    steps:
      - stepId: look
        operationId: me
        successCriteria: [{condition: $statusCode == 200}]
        onFailure: [{name: again, type: retry, retryLimit: 2}]
",
    )
    .await;
    place
        .first(1, "GET", "/me", 503, json!({"detail": "not yet"}))
        .await;
    place.answers("GET", "/me", 200, json!({})).await;
    let ran = place.reported(&[]).await;
    assert_eq!(
        (ran.code, ran.steps()),
        (1, vec!["w.look pass".to_owned()]),
        "{}",
        ran.out
    );

    let place = Place::with(
        r"
workflows:
  - workflowId: w
    steps:
      - stepId: broken
        operationId: me
        x-greenlight-expect-5xx: it says that its provider is away
        successCriteria: [{condition: $statusCode == 503}]
",
    )
    .await;
    place
        .answers("GET", "/me", 503, json!({"detail": "the provider is away"}))
        .await;
    let ran = place.reported(&[]).await;
    assert_eq!(
        (ran.code, ran.steps()),
        (0, vec!["w.broken pass".to_owned()]),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn a_step_without_criterion_is_inconclusive_and_the_journey_goes_on() {
    let place = Place::with(
        r"
workflows:
  - workflowId: w
    steps:
      - {stepId: loose, operationId: me}
      - {stepId: all, operationId: listItems, successCriteria: [{condition: $statusCode == 200}]}
",
    )
    .await;
    place.answers("GET", "/me", 200, json!({})).await;
    place.answers("GET", "/items", 200, json!([])).await;
    let ran = place.reported(&[]).await;
    let steps = vec!["w.loose inconclusive".to_owned(), "w.all pass".to_owned()];
    assert_eq!((ran.code, ran.steps()), (3, steps), "{}", ran.out);
}

#[tokio::test]
async fn a_run_that_is_stopped_leaves_things_as_they_were_and_says_so() {
    let place = Place::with(KEEP).await;
    place.answers("POST", "/items", 201, item("a-1")).await;
    let asked = Arc::new(Notify::new());
    let heard = Arc::clone(&asked);
    let slow = move |_: &wiremock::Request| {
        heard.notify_one();
        ResponseTemplate::new(200).set_delay(Duration::from_secs(30))
    };
    Mock::given(method("GET"))
        .respond_with(slow)
        .mount(&place.server)
        .await;
    place.answers("DELETE", "/items/a-1", 204, json!(null)).await;
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_greenlight"))
        .args(["run", "s.yaml", "--format", "json", "--environment", "local"])
        .current_dir(place.directory.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    tokio::select! {
        () = asked.notified() => {}
        status = child.wait() => panic!("it ended before the second step was sent: {status:?}"),
    }
    let pid = rustix::process::Pid::from_raw(child.id().unwrap() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(place.asked().await.last().unwrap(), "DELETE /items/a-1");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let outcomes = report["journeys"][0]["steps"].as_array().unwrap().iter();
    let outcomes: Vec<&str> = outcomes.map(|step| step["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["pass", "inconclusive", "pass"]);
}

#[tokio::test]
async fn of_two_failures_headline_what_was_seen_and_the_command_are_about_one() {
    let place = Place::with(PAIR).await;
    place.answers("GET", "/items/a-1", 200, item("a-1")).await;
    place.answers("GET", "/items", 200, json!([])).await;
    let ran = place.run(&["s.yaml"]).await;
    let after = |label: &str| ran.out.split_once(label).map(|(_, after)| after.trim_start());
    assert!(
        ran.out.starts_with("FAIL  Step one of first, GET /items/{id},"),
        "{}",
        ran.out
    );
    assert!(
        after("\nseen").unwrap().starts_with("GET /items/a-1 "),
        "{}",
        ran.out
    );
    let command = after("ask it again:").unwrap();
    assert!(
        command.starts_with("curl") && command.contains("/items/a-1'"),
        "{}",
        ran.out
    );
}
