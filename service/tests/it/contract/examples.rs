//! Every example of the document: by its schema, and by what really happens.

use orchestrate::auth::caller::{Scope, Scopes};
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::login::flow::challenge_of;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::document::{Document, Operation};
use super::seen::{Seen, same_shape};
use crate::keys::Kept;
use crate::login::{back, begin, query, through};
use crate::support::Service;

/// A token that may do everything.
pub(super) fn token(service: &Service, scopes: impl IntoIterator<Item = Scope>) -> String {
    let request = TokenRequest {
        scopes: Some(Scopes::of(scopes)),
        ..TokenRequest::access("ana@example.com")
    };
    mint(&service.settings.auth, &request).unwrap()
}

/// A request of an operation as its examples show it, without a credential. `id` stands for what was kept.
pub(super) fn plain(service: &Service, operation: &Operation, id: &str) -> RequestBuilder {
    let mut path = operation.path.replace("{id}", id);
    for parameter in operation.value["parameters"].as_array().into_iter().flatten() {
        if let ("path", Some(example)) = (parameter["in"].as_str().unwrap(), parameter["example"].as_str()) {
            path = path.replace(&format!("{{{}}}", parameter["name"].as_str().unwrap()), example);
        }
    }
    let request = service.request(&operation.method, &path);
    match operation.examples().values().next() {
        Some(example) => request.json(&example["value"]),
        None => request,
    }
}

/// The tokens of a new session.
pub(super) fn session(kept: &Kept) -> Value {
    let output = kept.command(&["token", "--session", "--subject", "ana"]);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_example_keeps_to_its_schema() {
    let document = Document::committed();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let mut judge = |what: String, media: &Value| {
        let examples = media["examples"]
            .as_object()
            .unwrap_or_else(|| panic!("{what} has no example"));
        for (name, example) in examples {
            seen += 1;
            let objections = document.objections(&media["schema"], &example["value"]);
            wrong.extend(objections.into_iter().map(|why| format!("{what} {name}: {why}")));
        }
    };
    for operation in document.operations() {
        if operation.has_body() {
            judge(
                operation.id.clone(),
                &operation.value["requestBody"]["content"]["application/json"],
            );
        }
        for (status, answer) in document.answers(&operation) {
            for media in answer["content"]
                .as_object()
                .into_iter()
                .flat_map(|content| content.values())
            {
                judge(format!("{} {status}", operation.id), media);
            }
        }
        for parameter in operation.value["parameters"].as_array().into_iter().flatten() {
            if let Some(example) = parameter.get("example") {
                let objections = document.objections(&parameter["schema"], example);
                assert!(
                    objections.is_empty(),
                    "{} {}: {objections:?}",
                    operation.id,
                    parameter["name"]
                );
            }
        }
    }
    for (name, header) in document.tree()["components"]["headers"].as_object().unwrap() {
        if let Some(example) = header["schema"].get("example") {
            assert!(
                document.objections(&header["schema"], example).is_empty(),
                "{name}"
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 100, "{seen} examples");
}

/// What stands in an example for what only a real run has, put in its place.
async fn real(kept: &Kept, operation: &Operation, example: &Value) -> Value {
    let mut body = example.clone();
    match operation.id.as_str() {
        "refresh" => body["refresh_token"] = session(kept)["refresh_token"].clone(),
        "redeemLogin" => {
            let verifier = body["code_verifier"].as_str().unwrap();
            let login = begin(&kept.service, &[("code_challenge", &challenge_of(verifier))]).await;
            let end = back(&kept.service, &through(login).await).await;
            body["code"] = query(&end, "code").unwrap().into();
        }
        _ => {}
    }
    assert!(same_shape(&body, example), "{}", operation.id);
    body
}

#[tokio::test]
async fn every_example_of_a_request_is_answered_as_its_answer_shows() {
    let document = Document::committed();
    let kept = Kept::start().await;
    let mut sent = 0;
    for operation in document.operations() {
        let answer = document.answer(&operation, 200);
        for (name, example) in operation.examples() {
            let body = real(&kept, &operation, &example["value"]).await;
            let request = plain(&kept.service, &operation, "").json(&body);
            let request = request.bearer_auth(token(&kept.service, Scope::ALL));
            let seen = Seen::of(request).await;
            assert_eq!(seen.status, 200, "{} {name}: {}", operation.id, seen.body);
            assert_eq!(
                seen.objections(&document, &operation),
                [""; 0],
                "{} {name}",
                operation.id
            );
            let media = answer.as_ref().unwrap()["content"]
                .as_object()
                .unwrap()
                .values()
                .next()
                .unwrap();
            let shown = &media["examples"][&name]["value"];
            assert!(
                same_shape(&seen.body, shown),
                "{} {name}: {} is not like {shown}",
                operation.id,
                seen.body
            );
            sent += 1;
        }
    }
    assert_eq!(sent, 6);
}

#[tokio::test]
async fn every_answer_that_is_read_is_like_its_example() {
    let document = Document::committed();
    let kept = Kept::start().await;
    let save = json!({"workflow_type": "text_only", "text": "The kitchen closes at ten.", "language": "en",
                      "entity_id": "riverside", "curator_id": "ana", "output": {"save_to_db": true, "return_results": true}});
    let mut id = String::new();
    for _ in 0..2 {
        let saved = Seen::of(kept.service.orchestrate(&save)).await;
        id = saved.body["results"]["curation_id"].as_str().unwrap().to_owned();
    }
    let market = document.operation("putConceptCategories");
    let put = plain(&kept.service, &market, "").bearer_auth(token(&kept.service, Scope::ALL));
    assert_eq!(Seen::of(put).await.status, 200);
    for operation in document
        .operations()
        .into_iter()
        .filter(|operation| operation.method == "GET")
    {
        let Some(answer) = document.answer(&operation, 200) else {
            continue;
        };
        let request = match operation.id.as_str() {
            // Of two, so that there is a next page.
            "listCurations" => kept.service.request("GET", "/curations?limit=1"),
            _ => plain(&kept.service, &operation, &id),
        };
        let seen = Seen::of(request.bearer_auth(token(&kept.service, Scope::ALL))).await;
        assert_eq!(seen.status, 200, "{}: {}", operation.id, seen.body);
        assert_eq!(
            seen.objections(&document, &operation),
            [""; 0],
            "{}",
            operation.id
        );
        let media = answer["content"].as_object().unwrap().values().next().unwrap();
        let mut examples = media["examples"].as_object().unwrap().values();
        assert!(
            examples.any(|example| same_shape(&seen.body, &example["value"])),
            "{}: {} is like none of {}",
            operation.id,
            seen.body,
            media["examples"]
        );
    }
}
