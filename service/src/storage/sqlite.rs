//! A store in one SQLite file, or in memory.
//!
//! Why `check` looks at the file: after a SQLite file was deleted, its open handle still inserts and commits
//! without complaint, into a file that nobody can ever open again. So a database counts as there only when
//! a real table can be read **and** the file of that name is still the one that was opened.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{Row, SqlSafeStr};
use tokio::time::timeout;

use crate::domain::store::{Curation, Store, StoreError};

/// Where the database lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In memory: gone with the process, and nobody else's.
    Memory,
    /// In a file, which is created when it is not there.
    File(PathBuf),
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the database {location:?}: {source}. Is the folder there and writable?")]
pub struct OpenError {
    location: Location,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// The store.
pub struct SqliteStore {
    pool: SqlitePool,
    file: Option<OpenedFile>,
    deadline: Duration,
}

struct OpenedFile {
    path: PathBuf,
    identity: FileIdentity,
}

/// What makes a file that file and no other: device and inode.
type FileIdentity = (u64, u64);

impl SqliteStore {
    /// Opens the database and brings its tables up to date. Every later question has `deadline`.
    ///
    /// # Errors
    /// When the file cannot be opened or is not ours.
    pub async fn open(location: &Location, deadline: Duration) -> Result<Self, OpenError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| OpenError {
            location: location.clone(),
            source,
        };
        let pool = pool(location).await.map_err(|error| failed(error.into()))?;
        migrator()
            .run(&pool)
            .await
            .map_err(|error| failed(error.into()))?;
        let file = match location {
            Location::Memory => None,
            Location::File(path) => Some(OpenedFile {
                path: path.clone(),
                identity: identity(path).await.map_err(|error| failed(error.into()))?,
            }),
        };
        Ok(Self { pool, file, deadline })
    }

    /// Closes the database: what was written is in the file, and every later question fails.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Does something with the database, within the deadline and with the driver's words kept to the log.
    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, sqlx::Error>> + Send,
    ) -> Result<T, StoreError> {
        match timeout(self.deadline, work).await {
            Err(_) => Err(StoreError::Slow),
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                tracing::error!(%error, "the database failed");
                Err(StoreError::Failed)
            }
        }
    }

    async fn file_is_still_there(&self) -> Result<(), StoreError> {
        let Some(file) = &self.file else { return Ok(()) };
        match timeout(self.deadline, identity(&file.path)).await {
            Err(_) => Err(StoreError::Slow),
            Ok(Ok(now)) if now == file.identity => Ok(()),
            Ok(_) => Err(StoreError::Gone),
        }
    }
}

impl Store for SqliteStore {
    fn save<'a>(&'a self, curation: &'a Curation) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let inserted = self.within(insert(&self.pool, curation)).await;
            // First, because a missing file explains a failure and undoes a success.
            self.file_is_still_there().await?;
            inserted
        }
        .boxed()
    }

    fn find<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Curation>, StoreError>> {
        let query = sqlx::query("SELECT * FROM curations WHERE id = $1").bind(id);
        self.within(async move {
            let row = query.fetch_optional(&self.pool).await?;
            row.map(|row| curation(&row)).transpose()
        })
        .boxed()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        async move {
            let query = sqlx::query("SELECT id FROM curations LIMIT 1");
            let read = self.within(query.fetch_optional(&self.pool)).await;
            self.file_is_still_there().await?;
            read.map(drop)
        }
        .boxed()
    }
}

async fn pool(location: &Location) -> Result<SqlitePool, sqlx::Error> {
    match location {
        // Each connection to a memory database is a database of its own: so there is one, and it stays.
        Location::Memory => {
            SqlitePoolOptions::new()
                .max_connections(1)
                .min_connections(1)
                .idle_timeout(None)
                .max_lifetime(None)
                .connect_with(SqliteConnectOptions::new().in_memory(true))
                .await
        }
        Location::File(path) => {
            let options = SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal);
            SqlitePoolOptions::new()
                .max_connections(4)
                .connect_with(options)
                .await
        }
    }
}

fn migrator() -> Migrator {
    Migrator::with_migrations(vec![Migration::new(
        1,
        "curations".into(),
        MigrationType::Simple,
        include_str!("migrations/0001_curations.sql").into_sql_str(),
        false,
    )])
}

async fn insert(pool: &SqlitePool, curation: &Curation) -> Result<(), sqlx::Error> {
    let concepts =
        serde_json::to_string(&curation.concepts).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "INSERT INTO curations (id, subject, workflow, curator_id, entity_id, entity_type, place_id, \
         language, text, concepts, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(&curation.id)
    .bind(&curation.subject)
    .bind(&curation.workflow)
    .bind(&curation.curator_id)
    .bind(&curation.entity_id)
    .bind(&curation.entity_type)
    .bind(&curation.place_id)
    .bind(&curation.language)
    .bind(&curation.text)
    .bind(concepts)
    .bind(Timestamp::now().to_string())
    .execute(pool)
    .await?;
    Ok(())
}

fn curation(row: &SqliteRow) -> Result<Curation, sqlx::Error> {
    let concepts: String = row.try_get("concepts")?;
    Ok(Curation {
        id: row.try_get("id")?,
        subject: row.try_get("subject")?,
        workflow: row.try_get("workflow")?,
        curator_id: row.try_get("curator_id")?,
        entity_id: row.try_get("entity_id")?,
        entity_type: row.try_get("entity_type")?,
        place_id: row.try_get("place_id")?,
        language: row.try_get("language")?,
        text: row.try_get("text")?,
        concepts: serde_json::from_str(&concepts).map_err(|error| sqlx::Error::Decode(error.into()))?,
    })
}

#[cfg(unix)]
async fn identity(path: &Path) -> std::io::Result<FileIdentity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = tokio::fs::metadata(path).await?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Elsewhere an open file cannot be deleted, so that it exists is enough.
#[cfg(not(unix))]
async fn identity(path: &Path) -> std::io::Result<FileIdentity> {
    tokio::fs::metadata(path).await.map(|_| (0, 0))
}

#[cfg(test)]
#[path = "sqlite_tests.rs"]
mod tests;
