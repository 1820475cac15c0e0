//! Where values come from and where they go: inputs, outputs, every place of a request.

use serde_json::{Value, json};

use crate::support::Place;

const EVERYWHERE: &str = r"
workflows:
  - workflowId: w
    inputs:
      type: object
      required: [name]
      properties:
        name: {type: string}
        count: {type: integer, default: 2}
        tags: {type: array}
    steps:
      - stepId: create
        operationId: createItem
        requestBody:
          contentType: application/json
          payload: {name: $inputs.name, count: $inputs.count, note: 'for {$inputs.name}', list: [1]}
          replacements: [{target: /list/0, value: $inputs.count}]
        successCriteria: [{condition: $statusCode == 201}]
        outputs: {id: $response.body#/id, trace: $response.header.X-Trace}
      - stepId: list
        operationId: listItems
        parameters:
          - {name: q, in: query, value: 'a&b {$steps.create.outputs.id}'}
          - {name: tags, in: query, value: $inputs.tags}
          - {name: X-Trace, in: header, value: $steps.create.outputs.trace}
        successCriteria:
          - {context: $response.body, type: jsonpath, condition: '$[?@.count == 2]'}
          - {context: $response.body#/0/name, type: regex, condition: '^{$inputs.name}$'}
          - condition: $request.query.q == 'a&b x/1' && $url != '' && $method == 'GET'
      - stepId: read
        operationId: readItem
        parameters: [{name: id, in: path, value: $steps.create.outputs.id}]
        successCriteria: [{condition: $statusCode == 200}]
";

async fn shop(scenario: &str) -> Place {
    let place = Place::with(scenario).await;
    let made = wiremock::ResponseTemplate::new(201)
        .set_body_json(json!({"id": "x/1"}))
        .insert_header("x-trace", "t-1");
    let mock = wiremock::Mock::given(wiremock::matchers::method("POST")).respond_with(made);
    mock.mount(&place.server).await;
    place
        .answers("GET", "/items", 200, json!([{"name": "apple", "count": 2}]))
        .await;
    place
        .answers("GET", "/items/x%2F1", 200, json!({"id": "x/1"}))
        .await;
    place
}

#[tokio::test]
async fn values_go_into_path_query_header_and_body_and_criteria_see_them() {
    let place = shop(EVERYWHERE).await;
    let ran = place
        .reported(&["--input", "name=apple", "--input", r#"tags=["red","sweet"]"#])
        .await;
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let asked = [
        "POST /items",
        "GET /items?q=a%26b%20x%2F1&tags=red%7Csweet",
        "GET /items/x%2F1",
    ];
    assert_eq!(place.asked().await, asked);
    let sent = place.server.received_requests().await.unwrap();
    let body = json!({"name": "apple", "count": 2, "note": "for apple", "list": [2]});
    assert_eq!(sent[0].body_json::<Value>().unwrap(), body);
    assert_eq!(sent[1].headers["x-trace"], "t-1");
}

#[tokio::test]
async fn inputs_come_from_flags_a_file_variables_and_defaults() {
    let place = shop(EVERYWHERE).await;
    place.write("inputs.yaml", "name: from-file\ncount: 5\n");
    let arguments = ["s.yaml", "--inputs", "inputs.yaml", "--input", "count=7"];
    place
        .run_with(&arguments, &[("GREENLIGHT_INPUT_TAGS", "[\"one\"]")])
        .await;
    let sent = place.server.received_requests().await.unwrap();
    let body = sent[0].body_json::<Value>().unwrap();
    assert_eq!((&body["name"], &body["count"]), (&json!("from-file"), &json!(7)));
}

#[tokio::test]
async fn all_that_is_wrong_with_inputs_is_said_before_anything_is_sent() {
    let place = shop(EVERYWHERE).await;
    let ran = place
        .run(&["s.yaml", "--input", "count=many", "--input", "nam=x"])
        .await;
    assert_eq!(ran.code, 2, "{}", ran.out);
    for said in [
        "\"name\" is a required property",
        "`count` of w",
        "`nam`",
        "did you mean `name`",
    ] {
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
    assert!(place.asked().await.is_empty());
}

#[tokio::test]
async fn forms_are_sent_as_their_media_type_says() {
    let place = shop(
        r"
workflows:
  - workflowId: w
    steps:
      - stepId: form
        operationId: createItem
        requestBody: {contentType: application/x-www-form-urlencoded, payload: {a: 'b c&d', l: [1, 2]}}
        successCriteria: [{condition: $statusCode == 201}]
      - stepId: parts
        operationId: createItem
        requestBody: {contentType: multipart/form-data, payload: {a: b}}
        successCriteria: [{condition: $statusCode == 201}]
      - stepId: text
        operationId: createItem
        requestBody: {contentType: text/plain, payload: 'id {$steps.form.outputs.id}!'}
        successCriteria: [{condition: $statusCode == 201}]
"
        .replace(
            "payload: {a: 'b c&d', l: [1, 2]}}\n        successCriteria: [{condition: $statusCode == 201}]",
            "payload: {a: 'b c&d', l: [1, 2]}}\n        successCriteria: [{condition: $statusCode == 201}]\n        outputs: {id: $response.body#/id}",
        )
        .as_str(),
    )
    .await;
    let ran = place.reported(&[]).await;
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let sent = place.server.received_requests().await.unwrap();
    let body = |at: usize| String::from_utf8(sent[at].body.clone()).unwrap();
    let kind = |at: usize| sent[at].headers["content-type"].to_str().unwrap().to_owned();
    assert_eq!(
        (kind(0).as_str(), body(0).as_str()),
        ("application/x-www-form-urlencoded", "a=b+c%26d&l=1&l=2")
    );
    assert!(
        kind(1).starts_with("multipart/form-data; boundary=") && body(1).contains("name=\"a\"\r\n\r\nb\r\n")
    );
    assert_eq!((kind(2).as_str(), body(2).as_str()), ("text/plain", "id x/1!"));
}

#[tokio::test]
async fn a_value_that_the_service_did_not_give_fails_the_step_that_needs_it() {
    let place = Place::with(EVERYWHERE).await;
    place.answers("POST", "/items", 201, json!({})).await;
    let ran = place.reported(&["--input", "name=apple"]).await;
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert_eq!(ran.steps()[1], "w.list fail");
    assert!(
        ran.out.contains("$steps.create.outputs.id is not there"),
        "{}",
        ran.out
    );
}
