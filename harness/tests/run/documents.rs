//! What a document may be made of: other documents, components, places of operations, selectors; and a recording that is judged
//! again.

use serde_json::json;

use crate::support::{Place, greenlight, item};

#[tokio::test]
async fn workflows_of_other_documents_components_and_places_are_found() {
    let place = Place::with("workflows: []").await;
    place.scenario(
        "other.yaml",
        r"
workflows:
  - workflowId: make
    inputs: {type: object, properties: {name: {type: string}}}
    steps:
      - stepId: create
        operationPath: '{$sourceDescriptions.shop.url}#/paths/~1items/post'
        requestBody: {payload: {name: $inputs.name}}
        successCriteria: [{condition: $statusCode == 201}]
        outputs: {id: $response.body#/id}
    outputs: {id: $steps.create.outputs.id}
",
    );
    place.write(
        "s.yaml",
        r"
arazzo: 1.1.0
info: {title: Shop, version: '1'}
sourceDescriptions:
  - {name: shop, url: ./shop.yaml, type: openapi}
  - {name: other, url: ./other.yaml, type: arazzo}
workflows:
  - workflowId: main
    parameters: [{reference: $components.parameters.trace}]
    steps:
      - stepId: made
        workflowId: $sourceDescriptions.other.make
        parameters: [{name: name, value: pear}]
        outputs: {id: $outputs.id}
      - stepId: list
        operationId: listItems
        successCriteria: [{condition: $statusCode == 200}]
        onFailure: [{reference: $components.failureActions.again}]
        outputs:
          names: {context: $response.body, selector: '$[*].name', type: jsonpath}
      - stepId: read
        operationId: $sourceDescriptions.shop.readItem
        parameters: [{name: id, in: path, value: $steps.made.outputs.id}]
        successCriteria:
          - condition: $statusCode == 200 && $steps.list.outputs.names[1] == 'pear'
components:
  parameters:
    trace: {name: X-Trace, in: header, value: t-9}
  failureActions:
    again: {name: again, type: retry, retryLimit: 1}
",
    );
    place.answers("POST", "/items", 201, item("a-2")).await;
    place.first(1, "GET", "/items", 404, json!([])).await;
    place
        .answers("GET", "/items", 200, json!([{"name": "apple"}, {"name": "pear"}]))
        .await;
    place.answers("GET", "/items/a-2", 200, item("a-2")).await;
    let ran = place.reported(&[]).await;
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let steps = [
        "main.made/create pass",
        "main.made pass",
        "main.list pass",
        "main.read pass",
    ];
    assert_eq!(ran.steps(), steps);
    let sent = place.server.received_requests().await.unwrap();
    assert_eq!(
        sent[1].headers["x-trace"], "t-9",
        "each step of the workflow has it"
    );
    assert!(
        !sent[0].headers.contains_key("x-trace"),
        "and no step of another one"
    );
}

#[tokio::test]
async fn a_recording_is_judged_again_as_it_was() {
    let place = Place::with(
        r"
workflows:
  - workflowId: w
    steps:
      - {stepId: me, operationId: me, successCriteria: [{condition: $statusCode == 200}]}
",
    )
    .await;
    place.answers("GET", "/me", 403, json!({})).await;
    let ran = place.run(&["s.yaml", "--save", "r.json", "--quiet"]).await;
    let again = greenlight(place.directory.path(), &["replay", "r.json", "--quiet"], &[]).await;
    assert_eq!((ran.code, again.code), (1, 1), "{}", ran.err);
    assert_eq!(ran.out, again.out);
    assert!(
        ran.out
            .starts_with("FAIL  Step me of w, GET /me, failed: the answer 403"),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn the_same_answers_give_the_same_report() {
    let workflow = |id: &str| {
        format!(
            "  - workflowId: {id}\n    steps:\n      - {{stepId: me, operationId: me, successCriteria: [{{condition: $statusCode == 200}}]}}\n      - {{stepId: all, operationId: listItems, successCriteria: [{{condition: $statusCode == 201}}]}}\n"
        )
    };
    let all: String = (0..9).map(|at| workflow(&format!("w{at}"))).collect();
    let place = Place::with(&format!("workflows:\n{all}")).await;
    place.answers("GET", "/me", 200, json!({})).await;
    place.answers("GET", "/items", 200, json!([])).await;
    let report = async || {
        let mut report = place.reported(&["--seed", "7"]).await.report();
        for key in ["started_at", "duration_ms", "evidence"] {
            report[key] = json!(null);
        }
        for journey in report["journeys"].as_array_mut().unwrap() {
            for step in journey["steps"].as_array_mut().unwrap() {
                step["took_ms"] = json!(0);
            }
        }
        report
    };
    assert_eq!(report().await, report().await);
}
