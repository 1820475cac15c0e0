//! What is refused before a packet leaves, and what is not sent without leave.

use serde_json::json;

use crate::support::{Place, greenlight, run};

const CREATE: &str = r"
workflows:
  - workflowId: w
    steps:
      - stepId: create
        operationId: createItem
        requestBody: {payload: {name: apple}}
        successCriteria: [{condition: $statusCode == 201}]
";

#[tokio::test]
async fn a_write_to_production_takes_leave_and_says_which() {
    let place = Place::with(CREATE).await;
    place.answers("POST", "/items", 201, json!({})).await;
    let ran = place.reported(&["--environment", "production"]).await;
    assert_eq!(
        (ran.code, ran.steps()),
        (3, vec!["w.create inconclusive".to_owned()]),
        "{}",
        ran.err
    );
    assert!(place.asked().await.is_empty());
    assert_eq!(ran.report()["journeys"][0]["steps"][0]["flag"], "--allow writes");
    let ran = place
        .reported(&["--environment", "production", "--allow", "writes"])
        .await;
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[tokio::test]
async fn this_very_machine_is_production_unless_it_is_named_otherwise() {
    let place = Place::with(CREATE).await;
    place.answers("POST", "/items", 201, json!({})).await;
    let unnamed = ["run", "s.yaml", "--format", "json"];
    let ran = greenlight(place.directory.path(), &unnamed, &[]).await;
    assert_eq!(
        (ran.code, ran.steps()),
        (3, vec!["w.create inconclusive".to_owned()]),
        "{}",
        ran.err
    );
    assert!(place.asked().await.is_empty(), "a tunnel may end here");
    let named = [("GREENLIGHT_ENVIRONMENT", "local")];
    let ran = greenlight(place.directory.path(), &unnamed, &named).await;
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[tokio::test]
async fn a_document_with_an_error_is_told_of_and_nothing_is_sent() {
    let place = Place::with(&CREATE.replace("createItem", "createIten")).await;
    let ran = place.run(&["s.yaml"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(
        ran.err.contains("error[unknown-operation]") && ran.err.contains("createItem"),
        "{}",
        ran.err
    );
}

#[tokio::test]
async fn a_source_on_the_network_and_a_server_without_a_host_are_said_before_a_packet() {
    let place = Place::with(CREATE).await;
    let text = place
        .read("s.yaml")
        .replace("./shop.yaml", "https://api.example/shop.yaml");
    place.write("remote.yaml", &text);
    let ran = place.run(&["remote.yaml"]).await;
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--source shop=FILE"), "{}", ran.err);
    let ran = place.run(&["remote.yaml", "--source", "shop=shop.yaml"]).await;
    assert_eq!(
        ran.code, 1,
        "it was asked, and answers 404: {}{}",
        ran.out, ran.err
    );
    let relative = place.read("shop.yaml").replace(&place.server.uri(), "/v1");
    place.write("shop.yaml", &relative);
    let ran = place.run(&["s.yaml"]).await;
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--server URL"), "{}", ran.err);
    let server = format!("{}/v1", place.server.uri());
    place.run(&["s.yaml", "--server", &server]).await;
    assert_eq!(place.asked().await.last().unwrap(), "POST /v1/items");
}

#[tokio::test]
async fn a_step_that_leads_to_another_host_is_refused_before_a_packet() {
    let elsewhere = CREATE.replace(
        "operationId: createItem",
        "operationId: createItem\n        x-serverUrl: http://evil.example",
    );
    let place = Place::with(&elsewhere).await;
    let ran = place.run(&["s.yaml", "--server", &place.server.uri()]).await;
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.err.contains("several hosts"), "{}", ran.err);
    assert!(place.asked().await.is_empty());
}

#[tokio::test]
async fn a_service_that_is_not_there_fails_the_step() {
    let place = Place::with(CREATE).await;
    // Held and not listened to, or the port may become another test's.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let server = format!("http://{}", held.local_addr().unwrap());
    let ran = place.reported(&["--server", &server]).await;
    assert_eq!(
        (ran.code, ran.steps()),
        (1, vec!["w.create fail".to_owned()]),
        "{}",
        ran.err
    );
    assert!(ran.out.contains("there was no answer"), "{}", ran.out);
}

#[tokio::test]
async fn no_file_and_an_unknown_workflow_are_usage() {
    let place = Place::with(CREATE).await;
    assert_eq!(run(place.directory.path(), &[], &[]).await.code, 2);
    let ran = place.run(&["s.yaml", "--workflow", "v"]).await;
    assert!(
        ran.code == 2 && ran.err.contains("no workflow of these documents is called `v`"),
        "{}",
        ran.err
    );
}
