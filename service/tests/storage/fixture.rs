//! A database of one test alone, of one kind or another.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use orchestrate::domain::concepts::Concept;
use orchestrate::domain::data::database::Database;
use orchestrate::domain::store::Curation;
use orchestrate::storage;
use orchestrate::storage::settings::DatabaseSettings;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use tempfile::TempDir;

use crate::cluster;

/// Long enough for a machine that does much else.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// A fresh database.
pub(crate) struct Fixture {
    /// How it is configured.
    pub(crate) url: String,
    folder: Option<TempDir>,
}

/// A connection of the test's own, beside the store.
pub(crate) enum Raw {
    /// To a file.
    Sqlite(SqliteConnection),
    /// To a server.
    Postgres(Box<PgConnection>),
}

impl Fixture {
    pub(crate) fn in_memory() -> Self {
        Self {
            url: ":memory:".to_owned(),
            folder: None,
        }
    }

    /// In a folder of its own. It looks like [`Self::in_postgresql`] and is always there.
    pub(crate) async fn in_a_file() -> Option<Self> {
        Some(Self::file())
    }

    pub(crate) fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            url: format!("sqlite:{}", folder.path().join("kept.db").display()),
            folder: Some(folder),
        }
    }

    /// A schema of the shared server; none where there is no server.
    pub(crate) async fn in_postgresql() -> Option<Self> {
        Some(Self::in_a_schema(cluster::shared()?).await)
    }

    /// A schema of a server.
    pub(crate) async fn in_a_schema(url: &str) -> Self {
        Self {
            url: cluster::schema(url).await,
            folder: None,
        }
    }

    pub(crate) fn settings(&self) -> DatabaseSettings {
        DatabaseSettings {
            place: self.url.parse().unwrap(),
            connections: None,
        }
    }

    /// Opens it. In memory each is another.
    pub(crate) async fn open(&self) -> Arc<dyn Database> {
        self.open_within(DEADLINE).await
    }

    /// The same, with another deadline.
    pub(crate) async fn open_within(&self, deadline: Duration) -> Arc<dyn Database> {
        storage::open(&self.settings(), deadline).await.unwrap()
    }

    /// Another file in the folder of its file.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.as_ref().unwrap().path().join(name)
    }

    /// Its file.
    pub(crate) fn path(&self) -> PathBuf {
        self.beside("kept.db")
    }

    /// A connection of the test's own.
    pub(crate) async fn raw(&self) -> Raw {
        if self.folder.is_none() {
            return Raw::Postgres(Box::new(PgConnection::connect(&self.url).await.unwrap()));
        }
        let options = SqliteConnectOptions::new()
            .filename(self.path())
            .create_if_missing(true);
        Raw::Sqlite(SqliteConnection::connect_with(&options).await.unwrap())
    }
}

impl Raw {
    /// Does something behind the store's back.
    pub(crate) async fn execute(&mut self, sql: &str) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::Sqlite(connection) => drop(sql.execute(connection).await.unwrap()),
            Self::Postgres(connection) => drop(sql.execute(&mut **connection).await.unwrap()),
        }
    }

    /// Holds the table of curations against everybody else's changes, until `ROLLBACK`.
    pub(crate) async fn hold_curations(&mut self) {
        let hold = match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN; LOCK TABLE curations",
        };
        self.execute(hold).await;
    }

    /// The one number that is answered.
    pub(crate) async fn number(&mut self, sql: &'static str) -> i64 {
        match self {
            Self::Sqlite(connection) => sqlx::query(sql).fetch_one(connection).await.unwrap().get(0),
            Self::Postgres(connection) => sqlx::query(sql)
                .fetch_one(&mut **connection)
                .await
                .unwrap()
                .get(0),
        }
    }
}

/// A curation of this id.
pub(crate) fn curation(id: &str) -> Curation {
    Curation {
        id: id.into(),
        subject: "ana@example.com".into(),
        workflow: "audio_only".into(),
        curator_id: None,
        entity_id: Some("e1".into()),
        entity_type: "restaurant".into(),
        place_id: Some("p1".into()),
        language: "pt-BR".into(),
        text: "Peixe bom.".into(),
        concepts: vec![Concept {
            category: "menu".into(),
            value: "peixe".into(),
        }],
        created_at: "2026-03-01T12:00:00.123456789Z".parse().unwrap(),
        audio_ms: Some(2_140),
    }
}

/// A time, so many seconds after some beginning.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + seconds).unwrap()
}
