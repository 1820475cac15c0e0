//! Services that answer with what nobody asked for: a journey ends with a verdict all the same.

use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, ResponseTemplate};

use crate::support::Place;

const READ: &str = r"
workflows:
  - workflowId: w
    steps:
      - stepId: all
        operationId: listItems
        successCriteria: [{condition: $response.body#/0/id != null}]
        outputs: {id: $response.body#/0/id}
      - stepId: one
        operationId: readItem
        parameters: [{name: id, in: path, value: $steps.all.outputs.id}]
        successCriteria: [{condition: $statusCode == 200}]
";

#[tokio::test]
async fn garbage_deep_and_huge_bodies_end_with_a_verdict() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let bodies: Vec<Vec<u8>> = vec![
        b"{\"0\": ".to_vec(),
        vec![0xff; 1000],
        deep.into_bytes(),
        vec![b'a'; 12 << 20],
        format!("[{}]", "{},".repeat(300_000)).into_bytes(),
        Vec::new(),
    ];
    for (at, body) in bodies.into_iter().enumerate() {
        let place = Place::with(READ).await;
        let answer = ResponseTemplate::new(200).set_body_raw(body, "application/json");
        Mock::given(method("GET"))
            .and(path("/items"))
            .respond_with(answer)
            .mount(&place.server)
            .await;
        let ran = place.reported(&[]).await;
        assert!(ran.code == 1, "{at}: {}{}", ran.code, ran.err);
        assert_eq!(ran.steps(), ["w.all fail", "w.one blocked"], "{at}");
    }
}

#[tokio::test]
async fn a_value_of_the_service_writes_no_request_of_its_own() {
    for id in [
        "../../admin?x=1#",
        "a\r\nHost: evil",
        "\u{0}\u{1b}[31m",
        "{id}",
        "{$inputs.x}",
    ] {
        let place = Place::with(READ).await;
        place.answers("GET", "/items", 200, json!([{"id": id}])).await;
        let ran = place.run(&["s.yaml"]).await;
        assert_eq!(ran.code, 1, "{id:?}: {}", ran.err);
        let asked = place.asked().await;
        assert_eq!(asked.len(), 2, "{asked:?}");
        assert!(
            asked[1].starts_with("GET /items/") && !asked[1].contains('?'),
            "{asked:?}"
        );
        assert_eq!(asked[1].matches('/').count(), 2, "{asked:?}");
        assert!(!ran.out.contains('\u{1b}'), "{:?}", ran.out);
    }
}
