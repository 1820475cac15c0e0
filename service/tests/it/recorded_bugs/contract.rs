//! What the API document promises, held against the service: every operation, every credential's scope, every page.

use std::process::Command;

use orchestrate::auth::caller::{Scope, Scopes};
use orchestrate::auth::mint::{TokenRequest, mint};
use reqwest::RequestBuilder;
use serde_json::json;

use crate::auth::operations;
use crate::support::{ALLOWED, Service, expect_problem, header, json as read, start};

/// With a token that has these scopes.
fn with(service: &Service, scopes: &[Scope], method: &str, path: &str) -> RequestBuilder {
    let request = TokenRequest {
        scopes: Some(Scopes::of(scopes.iter().copied())),
        ..TokenRequest::access("ana@example.com")
    };
    let token = mint(&service.settings.auth, &request).unwrap();
    service.request(method, path).bearer_auth(token)
}

/// The same, with a body that the operation takes.
fn asked(service: &Service, scopes: &[Scope], method: &str, path: &str) -> RequestBuilder {
    let request = with(service, scopes, method, path);
    match (method, path) {
        ("POST", "/ai/orchestrate") => request.json(&json!({"text": "Quiet."})),
        ("POST", "/auth/refresh") => request.json(&json!({"refresh_token": "x"})),
        ("POST", "/auth/token") => request.json(&json!({"code": "x"})),
        ("PUT", _) => request.json(&json!({"categories": ["mood"]})),
        _ => request,
    }
}

#[tokio::test]
async fn bug_8_and_13_every_operation_that_is_documented_is_served_and_none_is_a_5xx() {
    let service = start().await;
    for (method, path, _) in operations() {
        for request in [
            asked(&service, &Scope::ALL, &method, &path),
            service.request(&method, &path),
        ] {
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            let body = response.text().await.unwrap();
            assert!(status < 500 && status != 405, "{method} {path}: {status} {body}");
            assert!(!body.contains("\"not_found\""), "{method} {path} is no route");
        }
    }
}

/// The calls that the profile of the original's page names, and what it must have seen working.
#[test]
fn bug_13_what_a_page_calls_is_documented() {
    let profile: toml::Value = toml::from_str(include_str!("../../../../scenarios/concierge.toml")).unwrap();
    let clients = profile["client"].as_array().unwrap();
    let calls = clients
        .iter()
        .flat_map(|client| client["calls"].as_array().unwrap());
    let proved = profile["prove"].as_array().unwrap();
    let documented: Vec<String> = operations()
        .into_iter()
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    let mut seen = 0;
    for call in calls.chain(proved) {
        let call = call["call"].as_str().unwrap();
        assert!(
            documented.iter().any(|known| known == call),
            "{call} is not documented"
        );
        seen += 1;
    }
    assert!(seen >= 3, "{seen} calls");
}

#[tokio::test]
async fn bug_14_a_page_may_send_its_credential_to_every_operation() {
    let service = start().await;
    for (method, path, _) in operations() {
        let preflight = service
            .request("OPTIONS", &path)
            .header("origin", ALLOWED)
            .header("access-control-request-method", &method)
            .header(
                "access-control-request-headers",
                "authorization,content-type,x-api-key",
            );
        let response = preflight.send().await.unwrap();
        assert_eq!(response.status(), 204, "{method} {path}");
        let list =
            |name: &str| -> Vec<String> { header(&response, name).split(", ").map(str::to_owned).collect() };
        assert!(
            list("access-control-allow-methods").contains(&method),
            "{method} {path}"
        );
        for name in ["authorization", "content-type", "x-api-key"] {
            let allowed = list("access-control-allow-headers");
            assert!(
                allowed.iter().any(|known| known == name),
                "{method} {path}: {name}"
            );
        }
    }
}

/// The page of the documentation.
async fn documentation(service: &Service) -> String {
    let page = service.request("GET", "/docs").send().await.unwrap();
    page.text().await.unwrap()
}

/// What of the documentation's page is on this host: each of these must be there.
#[tokio::test]
async fn bug_33_and_35_the_page_of_documentation_names_nothing_that_is_not_there() {
    let service = start().await;
    let page = documentation(&service).await;
    let mut local = 0;
    for attribute in ["src=\"", "href=\""] {
        for (at, _) in page.match_indices(attribute) {
            let address = page[at + attribute.len()..].split('"').next().unwrap();
            if address.starts_with("data:") || address.contains("//") || !address.starts_with(['/', '.']) {
                continue;
            }
            local += 1;
            let response = service.request("GET", &format!("/{}", address.trim_start_matches(['/', '.'])));
            assert_eq!(response.send().await.unwrap().status(), 200, "{address}");
        }
    }
    // All of it is in the page itself, so that a strict network policy takes nothing away from it.
    assert_eq!(local, 0);
    for elsewhere in ["<script src=\"http", "rel=\"stylesheet\" href=\"http"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
}

/// The scope that each guarded operation needs; none when any credential will do.
const NEEDS: [(&str, Option<Scope>); 11] = [
    ("DELETE /concept-categories/0", Some(Scope::CategoriesWrite)),
    ("DELETE /curations/0", Some(Scope::CurationsWrite)),
    ("GET /ai/usage-stats", Some(Scope::UsageRead)),
    ("GET /auth/verify", None),
    ("GET /concept-categories", None),
    ("GET /concept-categories/0", None),
    ("GET /curations", Some(Scope::CurationsRead)),
    ("GET /curations/0", Some(Scope::CurationsRead)),
    ("POST /ai/orchestrate", Some(Scope::Orchestrate)),
    ("POST /auth/logout", None),
    ("PUT /concept-categories/0", Some(Scope::CategoriesWrite)),
];

#[tokio::test]
async fn bug_42_each_operation_asks_for_its_own_scope_and_for_no_other() {
    let service = start().await;
    let mut guarded: Vec<_> = operations()
        .into_iter()
        .filter(|(_, _, guarded)| *guarded)
        .collect();
    guarded.sort_unstable();
    let names: Vec<String> = guarded
        .iter()
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    assert_eq!(
        names,
        NEEDS.map(|(name, _)| name),
        "an operation is not in this matrix"
    );
    for ((method, path, _), (_, needed)) in guarded.iter().zip(NEEDS) {
        for scope in Scope::ALL {
            let request = asked(&service, &[scope], method, path);
            if needed.is_none_or(|needed| needed == scope) {
                let (status, body) = answered(request).await;
                assert!(
                    ![401, 403].contains(&status) && status < 500,
                    "{method} {path} with {}: {status} {body}",
                    scope.name()
                );
            } else {
                expect_problem(request, 403, "scope_missing").await;
            }
        }
        let none = asked(&service, &[], method, path);
        match needed {
            Some(_) => drop(expect_problem(none, 403, "scope_missing").await),
            None => assert_ne!(none.send().await.unwrap().status(), 403, "{method} {path}"),
        }
    }
}

/// What stands between a `<script>` and the first `</script`, as a browser divides a page.
fn inline_scripts(page: &str) -> Vec<&str> {
    let mut scripts = Vec::new();
    let mut rest = page;
    while let Some((_, tag)) = rest.split_once("<script") {
        let (_, script) = tag.split_once('>').unwrap();
        let (script, after) = script.split_once("</script").unwrap();
        rest = after;
        if !script.trim().is_empty() {
            scripts.push(script);
        }
    }
    scripts
}

#[tokio::test]
async fn bug_36_the_scripts_of_the_page_of_documentation_parse() {
    let service = start().await;
    let page = documentation(&service).await;
    let inline = inline_scripts(&page);
    assert!(
        inline.iter().any(|script| script.contains("orchestrate")),
        "the document is in none of them"
    );
    let folder = tempfile::tempdir().unwrap();
    for (number, script) in inline.iter().enumerate() {
        let file = folder.path().join(format!("{number}.js"));
        std::fs::write(&file, script).unwrap();
        let Ok(parsed) = Command::new("node").arg("--check").arg(&file).output() else {
            let required = std::env::var("GREENLIGHT_REQUIRE").unwrap_or_default();
            assert!(
                !required.split(',').any(|tool| tool == "node"),
                "GREENLIGHT_REQUIRE names node, and it is not there"
            );
            #[expect(clippy::print_stderr, reason = "a test that skips says so")]
            {
                eprintln!("skipped: there is no node to parse scripts with");
            }
            return;
        };
        // It shows the whole line, which may be a megabyte.
        let objection = String::from_utf8_lossy(&parsed.stderr);
        let objection = objection.lines().find(|line| line.contains("Error:"));
        assert!(parsed.status.success(), "script {number}: {objection:?}");
    }
}

async fn answered(request: RequestBuilder) -> (u16, serde_json::Value) {
    let response = request.send().await.unwrap();
    if response.status() == 204 {
        return (204, serde_json::Value::Null);
    }
    read(response).await
}
