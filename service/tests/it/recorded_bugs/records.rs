//! What is kept and read back: whole, under its own names, and whatever else is there.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestrate::storage::sqlite::Location;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Row, SqliteConnection};
use tempfile::TempDir;
use url::form_urlencoded;

use crate::support::{Service, header, json as read, settings, start, start_with};

const KITCHEN: &[u8] = include_bytes!("../../../../scenarios/samples/kitchen.wav");

fn file(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("kept.db")
}

async fn start_in(folder: &TempDir) -> Service {
    let mut settings = settings();
    settings.database = Location::File(file(folder)).into();
    start_with(settings).await
}

/// A connection behind the service's back.
async fn behind(folder: &TempDir) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(file(folder))
        .create_if_missing(true);
    options.connect().await.unwrap()
}

async fn get(service: &Service, path: &str) -> Value {
    let request = service.request("GET", path).bearer_auth(service.token());
    let (status, body) = read(request.send().await.unwrap()).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// A question with these parameters.
fn asking(service: &Service, path: &str, parameters: &[(&str, &str)]) -> RequestBuilder {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    service
        .request("GET", &format!("{path}?{query}"))
        .bearer_auth(service.token())
}

/// Keeps a run and gives its path.
async fn keep(service: &Service, body: &Value) -> String {
    let mut body = body.clone();
    body["output"] = json!({"save_to_db": true, "return_results": true});
    let answer = service.orchestrate(&body).send().await.unwrap();
    let location = header(&answer, "location").to_owned();
    let (status, said) = read(answer).await;
    assert_eq!(status, 200, "{said}");
    location.strip_prefix("/api/v3").unwrap().to_owned()
}

#[tokio::test]
async fn bug_7_and_15_what_a_page_sends_is_taken_as_it_sends_it() {
    let service = start().await;
    let recording = STANDARD.encode(KITCHEN);
    // The original's page: its language is one that no provider takes by that name, and what it has not is null.
    let page = json!({
        "audio_file": recording, "language": "pt-BR", "entity_type": "restaurant", "entity_id": null, "place_id": null,
        "text": null, "audio_url": null, "image_file": null, "image_url": null, "curator_id": null, "workflow_type": "auto",
        "output": {"save_to_db": null, "return_results": true, "format": null},
    });
    for body in [page, json!({ "audio_file": recording })] {
        let (status, answer) = read(service.orchestrate(&body).send().await.unwrap()).await;
        assert_eq!(status, 200, "{answer}");
        let heard = &answer["results"]["transcription"];
        assert!(
            heard["text"].as_str().is_some_and(|text| !text.is_empty()),
            "{answer}"
        );
        assert_eq!(heard["language"], "portuguese", "{answer}");
    }
}

/// How many rows each table has.
async fn rows(connection: &mut SqliteConnection) -> Vec<(String, i64)> {
    let tables = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
    let tables = tables.fetch_all(&mut *connection).await.unwrap();
    let mut counted = Vec::new();
    for table in tables {
        let name: String = table.get(0);
        let count = AssertSqlSafe(format!("SELECT count(*) FROM \"{name}\""));
        let count = sqlx::query(count).fetch_one(&mut *connection).await.unwrap();
        counted.push((name, count.get(0)));
    }
    counted
}

#[tokio::test]
async fn bug_9_a_preview_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let service = start_in(&folder).await;
    let recording = STANDARD.encode(KITCHEN);
    let mut database = behind(&folder).await;
    // The first use of a day has a row of its own, which later ones only add to.
    let first = service
        .orchestrate(&json!({"text": "Quiet."}))
        .send()
        .await
        .unwrap();
    assert_eq!(first.status(), 200);
    let without_usage = |rows: Vec<(String, i64)>| -> Vec<(String, i64)> {
        rows.into_iter()
            .filter(|(name, _)| name != "days_of_use")
            .collect()
    };
    let before = without_usage(rows(&mut database).await);
    assert!(before.iter().any(|(name, _)| name == "curations"), "{before:?}");
    for body in [
        json!({"text": "Good fish.", "entity_id": "e1"}),
        json!({"text": "Good fish.", "output": {"save_to_db": false, "return_results": true}}),
        json!({"audio_file": recording, "language": "en", "output": {"save_to_db": false}}),
        json!({"text": "Good fish.", "output": null}),
    ] {
        let answer = service.orchestrate(&body).send().await.unwrap();
        assert_eq!(header(&answer, "location"), "");
        let (status, answer) = read(answer).await;
        assert_eq!((status, &answer["saved_to_db"]), (200, &json!(false)), "{answer}");
    }
    assert_eq!(without_usage(rows(&mut database).await), before);
    // And it is seen here when something is written.
    keep(&service, &json!({"text": "Good fish."})).await;
    assert_ne!(without_usage(rows(&mut database).await), before);
}

#[tokio::test]
async fn bug_16_a_record_with_gaps_is_read_and_listed_beside_whole_ones() {
    let service = start().await;
    let whole = json!({"text": "Fish.", "entity_id": "e1", "curator_id": "c1"});
    let gaps = [
        json!({"text": "Fish."}),
        json!({"text": "Fish.", "entity_id": null, "curator_id": ""}),
    ];
    let mut paths = vec![keep(&service, &whole).await];
    for body in &gaps {
        paths.push(keep(&service, body).await);
    }
    for path in &paths {
        let one = get(&service, path).await;
        let named = (path == &paths[0]).then_some("e1");
        assert_eq!(one.get("entity_id").and_then(Value::as_str), named, "{one}");
        assert!(one.get("place_id").is_none(), "absent and not null: {one}");
    }
    for (query, count) in [
        ("", 3),
        ("?entity_type=restaurant", 3),
        ("?entity_id=e1", 1),
        ("?limit=2", 2),
    ] {
        let page = get(&service, &format!("/curations{query}")).await;
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{query}: {page}");
    }
}

#[tokio::test]
async fn bug_17_and_18_every_field_comes_back_under_its_own_name() {
    let service = start().await;
    let sent = json!({
        "text": "Peixe grelhado 🐟, \"bom\" & barato.", "entity_id": "e_1", "curator_id": "c-1", "entity_type": "bar",
        "language": "pt-BR", "workflow_type": "text_only",
    });
    let path = keep(&service, &sent).await;
    let one = get(&service, &path).await;
    for name in ["text", "entity_id", "curator_id", "entity_type", "language"] {
        assert_eq!(one[name], sent[name], "{name}: {one}");
    }
    assert_eq!(one["workflow"], sent["workflow_type"]);
    let known = [
        "concepts",
        "created_at",
        "curator_id",
        "entity_id",
        "entity_type",
        "id",
        "language",
        "text",
        "workflow",
    ];
    let names: Vec<&str> = one.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, known, "a field under a name that nobody knows");
    assert_eq!(
        get(&service, "/curations").await["items"][0],
        one,
        "the list says the same"
    );
}

#[tokio::test]
async fn bug_23_what_an_older_version_kept_is_read_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let old = sqlx::raw_sql(include_str!("../../storage/migration-1.sql"));
    old.execute(&mut behind(&folder).await).await.unwrap();
    let service = start_in(&folder).await;
    let page = get(&service, "/curations").await;
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{page}");
    for item in items {
        let path = format!("/curations/{}", item["id"].as_str().unwrap());
        assert_eq!(get(&service, &path).await, *item);
        assert!(!item["concepts"].as_array().unwrap().is_empty(), "{item}");
        let named = (item["text"] != "It's quiet.").then_some("e1");
        assert_eq!(item.get("entity_id").and_then(Value::as_str), named, "{item}");
    }
    // What is kept today stands beside it.
    keep(&service, &json!({"text": "Good fish."})).await;
    assert_eq!(
        get(&service, "/curations").await["items"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn bug_24_25_and_37_a_query_means_what_it_says_whatever_is_in_it() {
    let service = start().await;
    let long = format!("{}.", "a".repeat(199));
    let odd = [
        "(",
        "[",
        "*",
        "\\",
        "a{1",
        "%",
        "_",
        "'",
        "\"",
        "$where",
        "../",
        "🐟",
        ".",
        long.as_str(),
    ];
    for name in odd {
        keep(&service, &json!({"text": "Fish.", "entity_id": name})).await;
    }
    for name in odd {
        for parameter in ["entity_id", "entity_type"] {
            let request = asking(&service, "/curations", &[(parameter, name), ("status", "all")]);
            let (status, page) = read(request.send().await.unwrap()).await;
            assert_eq!(status, 200, "{parameter}={name}: {page}");
            let found: Vec<&Value> = page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| &item["entity_id"])
                .collect();
            let wanted = json!(name);
            let wanted = if parameter == "entity_id" {
                vec![&wanted]
            } else {
                Vec::new()
            };
            assert_eq!(found, wanted, "{parameter}={name}");
        }
    }
    // Of every other operation that reads, no parameter makes a 5xx.
    let document: Value = serde_json::from_str(&orchestrate::http::document::json()).unwrap();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for parameter in item["get"]["parameters"].as_array().into_iter().flatten() {
            let path = path.replace("{id}", "0").replace("{entity_type}", "bar");
            for value in odd {
                let name = parameter["name"].as_str().unwrap();
                let request = asking(&service, &path, &[(name, value)]);
                let status = request.send().await.unwrap().status();
                assert!(status.as_u16() < 500, "{path} {parameter} {value}: {status}");
                asked += 1;
            }
        }
    }
    assert!(asked > 5 * odd.len(), "{asked}");
}
