//! What repositories of several kinds tell, and that what follows can be read.

use super::*;
use crate::target::read::read;

fn file(path: &str, text: &str) -> File {
    File {
        path: path.into(),
        text: text.into(),
    }
}

fn fastapi() -> Vec<File> {
    vec![
        file(
            "backend/requirements.txt",
            "# fastapi-users is not it\nuvicorn==0.34\nfastapi>=0.115\n",
        ),
        file(
            "backend/app/main.py",
            "from fastapi import FastAPI\n\napp = FastAPI(title=\"notes\")\napp.add_middleware(\n    CORSMiddleware,\n    \
             allow_origins=[\n        \"https://app.acme.example\",\n        \"http://localhost:5173\",\n    ],\n)\n\n\
             @app.get(\"/health\")\ndef health(): ...\n\n@app.get(\"/api/ready\")\ndef ready(): ...\n\nbearer = HTTPBearer()\n",
        ),
        file(
            "backend/tests/test_main.py",
            "app = FastAPI()\nORIGIN = \"https://test.example\"\n",
        ),
        file("README.md", "CORS: https://readme.example\n"),
    ]
}

#[test]
fn a_fastapi_below_the_root_is_started_from_where_it_lies() {
    let survey = survey("notes", &fastapi());
    let framework = survey.framework.as_ref().unwrap();
    assert_eq!(
        (framework.name, framework.manifest.as_str()),
        ("FastAPI", "backend/requirements.txt")
    );
    assert_eq!(
        framework.spawn.as_deref(),
        Some("cd backend && uvicorn app.main:app --port $PORT")
    );
    assert_eq!(
        framework.setup.as_deref(),
        Some("cd backend && pip install -r requirements.txt")
    );
    let places: Vec<(&str, &str)> = survey
        .origins
        .iter()
        .map(|hint| (hint.value.as_str(), hint.place.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            ("https://app.acme.example", "backend/app/main.py:7"),
            ("http://localhost:5173", "backend/app/main.py:8")
        ]
    );
    assert_eq!(survey.routes.health.unwrap().value, "/health");
    assert_eq!(survey.routes.ready.unwrap().value, "/api/ready");
    assert!(survey.bearer.is_some());
}

#[test]
fn the_profile_of_a_fastapi() {
    insta::assert_snapshot!("profile", profile::render(&survey("notes", &fastapi())));
}

/// It lies among the examples, where `scripts/schemas` holds it against the schema of workflows.
#[test]
fn the_workflow_of_a_fastapi_is_the_example() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/examples/github-init.yml");
    let text = workflow::render(&survey("notes", &fastapi()));
    if std::env::var_os("GREENLIGHT_BLESS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(path).unwrap_or_default(),
        text,
        "run this test with GREENLIGHT_BLESS=1"
    );
}

#[test]
fn frameworks_are_told_by_their_manifests_and_not_by_names_that_are_alike() {
    for (path, text, name, spawn) in [
        (
            "package.json",
            r#"{"dependencies":{"express":"^5"},"scripts":{"start":"node server.js"}}"#,
            Some("Express"),
            Some("npm start"),
        ),
        (
            "package.json",
            r#"{"dependencies":{"fastify":"^5","express":"^5"}}"#,
            Some("Fastify"),
            None,
        ),
        (
            "package.json",
            r#"{"devDependencies":{"express":"^5"}}"#,
            None,
            None,
        ),
        ("package.json", "{", None, None),
        (
            "Cargo.toml",
            "[dependencies]\naxum = \"0.8\"\n",
            Some("axum"),
            Some("cargo run --release"),
        ),
        ("Cargo.toml", "[dependencies]\naxum-extra = \"0.8\"\n", None, None),
        (
            "go.mod",
            "require github.com/gin-gonic/gin v1.10.0\n",
            Some("Gin"),
            Some("go run ."),
        ),
        (
            "requirements.txt",
            "fastapi-users\nour-fastapi\n# fastapi\n",
            None,
            None,
        ),
        (
            "pyproject.toml",
            "dependencies = [\"fastapi[standard]>=0.115\"]\n",
            Some("FastAPI"),
            None,
        ),
        (
            "pom.xml",
            "<artifactId>spring-boot-starter-web</artifactId>",
            Some("Spring Boot"),
            None,
        ),
    ] {
        let found = framework::find(&[file(path, text)]);
        let told = found
            .as_ref()
            .map(|found| (Some(found.name), found.spawn.as_deref()));
        assert_eq!(told.unwrap_or((None, None)), (name, spawn), "{path}: {text}");
    }
}

#[test]
fn a_document_tells_the_routes_before_sources_do() {
    let files = [
        file(
            "openapi.yaml",
            "openapi: 3.1.0\npaths:\n  /v1/health:\n    get: {}\n  /v1/{id}/health:\n    get: {}\n",
        ),
        file("src/main.rs", ".at(\"/healthz\", get(health))"),
        file(
            "web/src/api.ts",
            "const ORIGIN = 'https://api.acme.example/v1/things';",
        ),
    ];
    let survey = survey("x", &files);
    assert_eq!(survey.document.as_deref(), Some("openapi.yaml"));
    assert_eq!(survey.routes.health.unwrap().value, "/v1/health");
    assert_eq!(survey.origins[0].value, "https://api.acme.example");
}

#[test]
fn whatever_lies_there_the_profile_can_be_read() {
    let strange = file(
        "a\"b\n/openapi.json",
        "{\"openapi\":\"3.1.0\",\"paths\":{\"/health\":{\"get\":{}}}}",
    );
    let odd = file("x\r/app.py", "# cors\n\"https://a.example\" HTTPBearer\n");
    for files in [vec![], fastapi(), vec![strange, odd]] {
        let text = profile::render(&survey("a \"name\" \\ \n of it", &files));
        let read = read("greenlight.toml", &text);
        assert!(
            read.is_ok(),
            "{text}\n{:?}",
            read.err().map(|error| error.render(false))
        );
    }
}

#[test]
fn every_comment_of_the_profile_can_be_taken_away() {
    // Somebody takes the marks away and has a profile: that is what they are there for.
    let text = profile::render(&survey("notes", &fastapi()));
    let bare: String = text
        .lines()
        .filter_map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") || rest.starts_with('[') => Some(format!("{rest}\n")),
            Some(_) => None,
            None if line == "#" => None,
            None => Some(format!("{line}\n")),
        })
        .collect();
    let read = read("greenlight.toml", &bare);
    assert!(
        read.is_ok(),
        "{bare}\n{:?}",
        read.err().map(|error| error.render(false))
    );
}
