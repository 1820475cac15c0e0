//! Which concepts are looked for is data: seeded, read by everybody, changed by who may, and used from then on.

use orchestrate::auth::caller::{Scope, Scopes};
use orchestrate::auth::mint::{TokenRequest, mint};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::support::{Service, expect_problem, json, start};

fn with(service: &Service, scopes: &[Scope], method: &str, path: &str) -> RequestBuilder {
    let request = TokenRequest {
        scopes: Some(Scopes::of(scopes.iter().copied())),
        ..TokenRequest::access("editor")
    };
    let token = mint(&service.settings.auth, &request).unwrap();
    service.request(method, path).bearer_auth(token)
}

fn reader(service: &Service, method: &str, path: &str) -> RequestBuilder {
    with(service, &[], method, path)
}

fn editor(service: &Service, method: &str, path: &str) -> RequestBuilder {
    with(service, &[Scope::CategoriesWrite], method, path)
}

async fn read(service: &Service, path: &str) -> Value {
    let (status, body) = json(reader(service, "GET", path).send().await.unwrap()).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

#[tokio::test]
async fn a_fresh_database_has_those_of_the_original() {
    let service = start().await;
    let all = read(&service, "/concept-categories").await;
    let kinds: Vec<&str> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["entity_type"].as_str().unwrap())
        .collect();
    for kind in ["*", "restaurant", "hotel", "bar", "cafe"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
        let own = read(&service, &format!("/concept-categories/{kind}")).await;
        assert!(!own["categories"].as_array().unwrap().is_empty());
    }
    expect_problem(
        reader(&service, "GET", "/concept-categories/spaceship"),
        404,
        "categories_not_found",
    )
    .await;
    expect_problem(
        service.request("GET", "/concept-categories"),
        401,
        "token_missing",
    )
    .await;
}

#[tokio::test]
async fn what_is_put_is_what_is_read_and_what_is_looked_for() {
    let service = start().await;
    let change = json!({"categories": ["wine_list", "mood"]});
    let put = editor(&service, "PUT", "/concept-categories/bar")
        .json(&change)
        .send()
        .await
        .unwrap();
    let (status, said) = json(put).await;
    assert_eq!(
        (status, &said),
        (
            200,
            &json!({"entity_type": "bar", "categories": ["wine_list", "mood"]})
        )
    );
    assert_eq!(read(&service, "/concept-categories/bar").await, said);
    let ask = json!({"text": "A quiet terrace and fresh fish.", "entity_type": "bar"});
    let (_, answer) = json(service.orchestrate(&ask).send().await.unwrap()).await;
    let concepts = answer["results"]["concepts"]["concepts"].as_array().unwrap();
    assert!(!concepts.is_empty(), "{answer}");
    for concept in concepts {
        assert!(
            ["wine_list", "mood"].contains(&concept["category"].as_str().unwrap()),
            "{answer}"
        );
    }
    let gone = editor(&service, "DELETE", "/concept-categories/bar")
        .send()
        .await
        .unwrap();
    assert_eq!(gone.status(), 204);
    expect_problem(
        reader(&service, "GET", "/concept-categories/bar"),
        404,
        "categories_not_found",
    )
    .await;
    expect_problem(
        editor(&service, "DELETE", "/concept-categories/bar"),
        404,
        "categories_not_found",
    )
    .await;
    let (status, _) = json(service.orchestrate(&ask).send().await.unwrap()).await;
    assert_eq!(status, 200, "a kind without its own has those of every other");
}

#[tokio::test]
async fn who_may_not_changes_nothing_and_what_cannot_be_is_refused() {
    let service = start().await;
    let change = json!({"categories": ["mood"]});
    let before = read(&service, "/concept-categories/bar").await;
    // Whatever a usual token may: this it may not.
    let usual = service
        .request("PUT", "/concept-categories/bar")
        .bearer_auth(service.token());
    expect_problem(usual.json(&change), 403, "scope_missing").await;
    expect_problem(
        reader(&service, "DELETE", "/concept-categories/bar"),
        403,
        "scope_missing",
    )
    .await;
    for wrong in [
        json!({}),
        json!({"categories": []}),
        json!({"categories": "mood"}),
        json!({"categories": [1]}),
        json!({"categories": ["mood", "mood"]}),
        json!({"categories": ["Mood"]}),
        json!({"categories": ["mood\0"]}),
        json!({"categories": [""]}),
        json!({"categories": ["x".repeat(41)]}),
        json!({"categories": (0..33).map(|number| format!("c{number}")).collect::<Vec<_>>()}),
        json!([]),
    ] {
        let put = editor(&service, "PUT", "/concept-categories/bar").json(&wrong);
        expect_problem(put, 422, "body_invalid").await;
    }
    let nul = editor(&service, "PUT", "/concept-categories/b%00r").json(&change);
    expect_problem(nul, 422, "entity_type_invalid").await;
    expect_problem(
        editor(&service, "DELETE", "/concept-categories/*"),
        409,
        "categories_needed",
    )
    .await;
    assert_eq!(read(&service, "/concept-categories/bar").await, before);
}
