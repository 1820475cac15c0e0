//! Opening a database: one that an older version left behind, one that is not ours, and none at all.

use std::time::{Duration, Instant};

use orchestrate::domain::data::curations::Filter;
use orchestrate::domain::store::{Store, StoreError};
use orchestrate::storage::sqlite::{Location, SqliteStore};
use orchestrate::storage::{self, settings::DatabaseSettings};

use crate::cluster;
use crate::fixture::{DEADLINE, Fixture, curation};

async fn refused(url: &str) -> String {
    let settings = DatabaseSettings {
        place: url.parse().unwrap(),
        connections: None,
    };
    let opened = storage::open(&settings, DEADLINE).await;
    opened.err().expect("it was opened").to_string()
}

#[tokio::test]
async fn what_migration_1_kept_is_read_by_today_s_service() {
    let fixture = Fixture::file();
    fixture.raw().await.execute(include_str!("migration-1.sql")).await;
    let data = fixture.open().await;
    let page = data
        .list("ana@example.com", &Filter::default(), None, 9)
        .await
        .unwrap();
    let [quiet, fish] = &*page.curations else {
        panic!("{page:?}");
    };
    assert_eq!(
        (
            &*quiet.text,
            &*quiet.entity_type,
            &quiet.entity_id,
            quiet.audio_ms
        ),
        ("It's quiet.", "hotel", &None, None)
    );
    assert_eq!(
        (&*fish.text, fish.entity_id.as_deref(), fish.curator_id.as_deref()),
        ("Grilled fish, bom e barato 🐟.", Some("e1"), Some("c1"))
    );
    assert_eq!(fish.created_at.to_string(), "2026-11-27T16:46:55.925706845Z");
    assert_eq!(fish.concepts[1].value, "barato");
    assert_eq!(data.find(&fish.id).await, Ok(Some(fish.clone())));
    data.save(&curation("1")).await.unwrap();
    assert_eq!(
        fixture.raw().await.number("SELECT count(*) FROM curations").await,
        3
    );
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_not_touched() {
    for fixture in [Fixture::in_a_file().await, Fixture::in_postgresql().await] {
        let Some(fixture) = fixture else { continue };
        drop(fixture.open().await);
        let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
            SELECT 9999, 'newer', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
        fixture.raw().await.execute(newer).await;
        let error = refused(&fixture.url).await;
        assert!(error.contains("9999"), "{error}");
    }
}

#[tokio::test]
async fn refuses_to_open_where_no_folder_is() {
    let error = refused("/nowhere/at/all/x.db").await;
    assert!(
        error.contains("/nowhere/at/all/x.db") && error.contains("folder"),
        "{error}"
    );
}

#[tokio::test]
async fn refuses_to_open_what_is_no_database() {
    let fixture = Fixture::file();
    std::fs::write(fixture.path(), "Dear diary, ".repeat(1_000)).unwrap();
    let error = refused(&fixture.url).await;
    assert!(error.contains("not a database"), "{error}");
    assert!(
        std::fs::read_to_string(fixture.path())
            .unwrap()
            .starts_with("Dear diary")
    );
}

#[tokio::test]
async fn refuses_a_postgresql_that_refuses_us_at_once_and_without_its_password() {
    let Some(url) = cluster::shared() else { return };
    let url = url.replace("postgres@", "postgres:hunter2@");
    let begun = Instant::now();
    let error = refused(&format!("{url}_that_is_not_there")).await;
    assert!(
        error.contains("postgres_that_is_not_there") && error.contains("server"),
        "{error}"
    );
    assert!(!error.contains("hunter2"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(9), "it was waited for");
}

#[tokio::test]
async fn a_postgresql_where_nobody_listens_is_waited_for_a_while() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    drop(held);
    let begun = Instant::now();
    let error = refused(&format!("postgres://ana:hunter2@127.0.0.1:{port}/kept")).await;
    assert!(error.contains("server") && !error.contains("hunter2"), "{error}");
    assert!(begun.elapsed() >= Duration::from_secs(9), "it was not waited for");
}

#[tokio::test]
async fn each_memory_database_is_its_own() {
    let (one, other) = (
        Fixture::in_memory().open().await,
        Fixture::in_memory().open().await,
    );
    one.save(&curation("1")).await.unwrap();
    assert_eq!(other.find("1").await, Ok(None));
}

#[tokio::test]
async fn a_closed_store_fails() {
    let store = SqliteStore::open(&Location::Memory, DEADLINE).await.unwrap();
    store.close().await;
    assert_eq!(store.check().await, Err(StoreError::Failed));
    assert_eq!(store.save(&curation("1")).await, Err(StoreError::Failed));
}
