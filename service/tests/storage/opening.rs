//! Opening a database: one that an older version left behind, one that is not ours, and none at all.

use std::time::{Duration, Instant};

use orchestrate::domain::data::curations::Filter;
use orchestrate::domain::data::replays::{Begun, Replays, Slot};
use orchestrate::domain::store::{Store, StoreError};
use orchestrate::storage::sqlite::{Location, SqliteStore};
use orchestrate::storage::{self, settings::DatabaseSettings};

use crate::cluster::{self, Cluster};
use crate::fixture::{DEADLINE, Fixture, Raw, at, curation};

fn settings(url: &str) -> DatabaseSettings {
    DatabaseSettings {
        place: url.parse().unwrap(),
        connections: None,
    }
}

async fn refused(url: &str) -> String {
    let opened = storage::open(&settings(url), DEADLINE).await;
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

/// What the build before this one left behind: its tables are today's without the newest change.
const BEFORE_WORK: &str = "ALTER TABLE replays DROP COLUMN work; \
    DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations); \
    INSERT INTO replays VALUES ('sub:ana', 'orchestrate', 'k', 'f', 0, 9000000000000, NULL, NULL, NULL)";

#[tokio::test]
async fn what_the_build_before_this_one_kept_is_read_by_this_one() {
    for fixture in [Fixture::in_a_file().await, Fixture::in_postgresql().await] {
        let Some(fixture) = fixture else { continue };
        let data = fixture.open().await;
        data.save(&curation("1")).await.unwrap();
        drop(data);
        fixture.raw().await.execute(BEFORE_WORK).await;
        let data = fixture.open().await;
        assert_eq!(data.find("1").await, Ok(Some(curation("1"))));
        let begin = async |key: &str| {
            let slot = Slot {
                credential: "sub:ana".into(),
                operation: "orchestrate".into(),
                key: key.into(),
            };
            Replays::begin(&*data, &slot, "f", "w", at(0), at(1), at(2)).await
        };
        // Begun once and never ended.
        assert_eq!(begin("k").await, Ok(Begun::Ours("w".into())), "{}", fixture.url);
        assert_eq!(begin("k").await, Ok(Begun::Running), "{}", fixture.url);
    }
}

#[tokio::test]
async fn no_more_connections_are_opened_than_were_allowed() {
    const ALLOWED: u32 = 2;
    for fixture in [Fixture::in_a_file().await, Fixture::in_postgresql().await] {
        let Some(fixture) = fixture else { continue };
        let settings = DatabaseSettings {
            connections: Some(ALLOWED),
            ..fixture.settings()
        };
        let data = storage::open(&settings, Duration::from_secs(2)).await.unwrap();
        let (mut holds, mut watches) = (fixture.raw().await, fixture.raw().await);
        holds.hold_curations().await;
        let mut asking = futures_util::future::join_all((0..24).map(|id| {
            let data = data.clone();
            tokio::spawn(async move { data.save(&curation(&id.to_string())).await })
        }));
        let mut most = 0;
        let saved = loop {
            tokio::select! {
                biased;
                () = tokio::time::sleep(Duration::from_millis(20)) => most = most.max(connections(&fixture, &mut watches).await),
                saved = &mut asking => break saved,
            }
        };
        assert!(
            saved.into_iter().all(|saved| saved.unwrap().is_err()),
            "nothing was held"
        );
        assert_eq!(most, i64::from(ALLOWED), "{}", fixture.url);
    }
}

/// The connections of a store that wait for the table of curations; for a file those that have it open, but the test's own two.
async fn connections(fixture: &Fixture, watches: &mut Raw) -> i64 {
    if let Raw::Postgres(_) = watches {
        return watches
            .number("SELECT count(*) FROM pg_locks WHERE relation = 'curations'::regclass AND NOT granted")
            .await;
    }
    let path = fixture.path().canonicalize().unwrap();
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    let open = open.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    i64::try_from(open.filter(|file| *file == path).count()).unwrap() - 2
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
async fn a_connection_to_postgresql_is_encrypted_and_its_server_known_as_the_url_says() {
    let Some(fixture) = Fixture::in_postgresql().await else {
        return;
    };
    let mut raw = fixture.raw().await;
    if raw
        .number("SELECT count(*) FROM pg_settings WHERE name = 'ssl' AND setting = 'on'")
        .await
        == 0
    {
        let required = std::env::var("GREENLIGHT_REQUIRE").unwrap_or_default();
        assert!(
            !required.split(',').any(|tool| tool == "postgres"),
            "no openssl to make a certificate"
        );
        #[expect(clippy::print_stderr, reason = "a test that skips says so")]
        {
            eprintln!("skipped: there is no openssl to make a certificate");
        }
        return;
    }
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
        WHERE ssl AND application_name = 'an encrypted one'";
    let url = format!("{}&application_name=an%20encrypted%20one", fixture.url);
    let data = storage::open(&settings(&format!("{url}&sslmode=require")), DEADLINE)
        .await
        .unwrap();
    assert_eq!(data.check().await, Ok(()));
    assert_eq!(raw.number(encrypted).await, 1);
    // Nobody vouches for its certificate.
    let error = refused(&format!("{url}&sslmode=verify-full")).await;
    assert!(error.contains("certificate"), "{error}");
}

#[tokio::test]
async fn a_postgresql_that_cannot_keep_every_text_is_refused() {
    let Some(fixture) = Fixture::in_postgresql().await else {
        return;
    };
    let database = "CREATE DATABASE latin ENCODING LATIN1 LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0";
    fixture.raw().await.execute(database).await;
    let error = refused(&fixture.url.replace("/postgres?", "/latin?")).await;
    assert!(error.contains("LATIN1") && error.contains("UTF8"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_bring_an_older_version_up_to_date_at_once() {
    let fixture = Fixture::file();
    fixture.raw().await.execute(include_str!("migration-1.sql")).await;
    let fixture = std::sync::Arc::new(fixture);
    let opened = (0..16).map(|_| {
        let fixture = fixture.clone();
        tokio::spawn(async move { fixture.open().await.check().await })
    });
    for opened in futures_util::future::join_all(opened).await {
        assert_eq!(opened.unwrap(), Ok(()));
    }
}

#[tokio::test]
async fn a_file_that_another_is_bringing_up_to_date_is_waited_for() {
    let fixture = Fixture::file();
    let mut raw = fixture.raw().await;
    raw.execute("CREATE TABLE theirs (x TEXT); BEGIN IMMEDIATE").await;
    // Longer than any question may take.
    let settings = settings(&fixture.url);
    let deadline = Duration::from_millis(50);
    let opening = tokio::spawn(async move { storage::open(&settings, deadline).await.map(drop) });
    tokio::time::sleep(deadline * 10).await;
    assert!(!opening.is_finished());
    raw.execute("ROLLBACK").await;
    opening.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_postgresql_where_nobody_listens_is_waited_for_a_while() {
    // Bound, so that nobody else is there, and not listening.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = held.local_addr().unwrap().port();
    let begun = Instant::now();
    let error = refused(&format!("postgres://ana:hunter2@127.0.0.1:{port}/kept")).await;
    assert!(error.contains("server") && !error.contains("hunter2"), "{error}");
    assert!(begun.elapsed() >= Duration::from_secs(9), "it was not waited for");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgresql_that_starts_a_little_later_is_waited_for() {
    let Some(mut cluster) = Cluster::start() else {
        return;
    };
    let fixture = Fixture::in_a_schema(&cluster.url).await;
    tokio::task::block_in_place(|| cluster.stop());
    let opening = tokio::spawn(async move { fixture.open().await.check().await });
    tokio::task::block_in_place(|| cluster.start_again());
    assert_eq!(opening.await.unwrap(), Ok(()));
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
