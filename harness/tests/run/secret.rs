//! Tokens that a journey gets and uses go where they belong and stand nowhere else.

use serde_json::json;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, ResponseTemplate};

use crate::support::Place;

const TOKEN: &str = "opaque/token+4711=very-secret";

const LOGIN: &str = r"
workflows:
  - workflowId: w
    inputs:
      type: object
      required: [user, pass]
      properties: {user: {type: string}, pass: {type: string, format: password}}
    steps:
      - stepId: login
        operationId: login
        requestBody: {payload: {user: $inputs.user, pass: $inputs.pass}}
        successCriteria: [{condition: $statusCode == 200}]
        outputs: {ticket: $response.body#/ticket}
      - stepId: me
        operationId: me
        parameters: [{name: Authorization, in: header, value: 'Bearer {$steps.login.outputs.ticket}'}]
        successCriteria: [{condition: $statusCode == 200 && $response.body#/seen == 'no'}]
      - stepId: back
        operationId: listItems
        parameters: [{name: q, in: query, value: $steps.login.outputs.ticket}]
        successCriteria: [{condition: $statusCode == 200}]
";

async fn logged_in(environment: &str) {
    let place = Place::with(LOGIN).await;
    place
        .answers("POST", "/login", 200, json!({"ticket": TOKEN}))
        .await;
    // It shows what it was given, as debugging handlers do.
    let seen = ResponseTemplate::new(200).set_body_json(json!({"seen": TOKEN, "owner": "Ana Personal"}));
    let bearer = format!("Bearer {TOKEN}");
    let with_token = Mock::given(method("GET"))
        .and(path("/me"))
        .and(header("authorization", bearer.as_str()));
    with_token.respond_with(seen).mount(&place.server).await;
    let arguments = [
        "s.yaml",
        "--environment",
        environment,
        "--allow",
        "writes",
        "--input",
        "user=ana",
        "--secret-input",
        "pass=PASS",
        "--record",
        "r.json",
        "--format",
        "json=report.json",
        "--format",
        "junit=junit.xml",
        "--format",
        "html=page.html",
        "--verbose",
    ];
    let ran = place.run_with(&arguments, &[("PASS", "hunter2-hunter2")]).await;
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let sent = place.server.received_requests().await.unwrap();
    assert_eq!(
        sent[0].body_json::<serde_json::Value>().unwrap(),
        json!({"user": "ana", "pass": "hunter2-hunter2"})
    );
    assert_eq!(sent[1].headers["authorization"], bearer.as_str());
    let shown = [
        ran.out.clone(),
        ran.err.clone(),
        place.read("r.json"),
        place.read("report.json"),
        place.read("junit.xml"),
        place.read("page.html"),
    ];
    for (at, text) in shown.iter().enumerate() {
        for secret in [TOKEN, "opaque%2Ftoken", "very-secret", "hunter2"] {
            assert!(
                !text.contains(secret),
                "{environment}: {secret} is in {at}: {text}"
            );
        }
    }
    // In production, what an authenticated call gives is somebody's data.
    assert_eq!(shown[2].contains("Ana Personal"), environment == "local");
    // What is told of the step is told all the same, with a command that names the token.
    let report: serde_json::Value = serde_json::from_str(&shown[3]).unwrap();
    assert_eq!(report["journeys"][0]["steps"][1]["outcome"], "fail");
    let curl = report["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["curl"].as_str().unwrap());
    let curl: Vec<&str> = curl.filter(|curl| curl.contains("/me")).collect();
    assert!(
        curl[0].contains(r#"-H 'authorization: ''Bearer '"$STEPS_LOGIN_OUTPUTS_TICKET""#),
        "{curl:?}"
    );
}

#[tokio::test]
async fn a_token_stands_in_no_report_and_no_recording() {
    logged_in("local").await;
}

#[tokio::test]
async fn nor_in_production_where_content_is_not_kept_at_all() {
    logged_in("production").await;
}

#[tokio::test]
async fn credentials_of_a_scheme_are_sent_as_it_says() {
    let place = Place::with(
        r"
workflows:
  - workflowId: w
    inputs: {type: object, properties: {password: {type: string}}}
    steps:
      - stepId: me
        operationId: me
        x-security:
          - scheme: {type: http, scheme: basic}
            values: {username: ana, password: $inputs.password}
        successCriteria: [{condition: $statusCode == 200}]
",
    )
    .await;
    place.answers("GET", "/me", 200, json!({})).await;
    let ran = place
        .run_with(
            &["s.yaml", "--record", "r.json"],
            &[("GREENLIGHT_INPUT_PASSWORD", "hunter2-hunter2")],
        )
        .await;
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let sent = place.server.received_requests().await.unwrap();
    assert_eq!(
        sent[0].headers["authorization"],
        "Basic YW5hOmh1bnRlcjItaHVudGVyMg=="
    );
    let kept = place.read("r.json");
    assert!(
        !kept.contains("YW5hOmh1bnRlcjI") && !kept.contains("hunter2"),
        "{kept}"
    );
}
