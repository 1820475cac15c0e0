//! A store in one SQLite file, or in memory.
//!
//! Why it looks at the file each time: after a SQLite file was deleted, its open handle still inserts and commits without
//! complaint, into a file that nobody can ever open again. So a change has come to stay only when the file of that name is still
//! the one that was opened. A file that is gone is not made again, because an empty database in its place would hide that
//! everything is lost; when somebody puts one there, it is opened, and all is well again.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Sqlite as Driver;
use sqlx::sqlite::SqliteRow;
use tokio::sync::RwLock;

use crate::domain::store::StoreError;
use crate::storage::OpenError;
use crate::storage::engine::{Engine, SqlStore, Value, statement, told};
use crate::storage::sqlite_file::{Found, How, Opened, open};

/// Where the database lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In memory: gone with the process, and nobody else's.
    Memory,
    /// In a file, which is created when it is not there. Whoever restores it writes the copy under another name and renames it.
    File(PathBuf),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str(":memory:"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// SQLite.
pub struct Sqlite {
    shared: Arc<Shared>,
}

/// A store in SQLite.
pub type SqliteStore = SqlStore<Sqlite>;

struct Shared {
    how: How,
    opened: RwLock<Opened>,
}

impl SqlStore<Sqlite> {
    /// Opens the database with as many connections as are usual.
    ///
    /// # Errors
    /// See [`Self::open_with`].
    pub async fn open(location: &Location, deadline: Duration) -> Result<Self, OpenError> {
        Self::open_with(location, 4, deadline).await
    }

    /// Opens the database and brings its tables up to date, one service at a time. Every later question has `deadline`.
    ///
    /// # Errors
    /// When the file cannot be opened or is not ours.
    pub async fn open_with(
        location: &Location,
        connections: u32,
        deadline: Duration,
    ) -> Result<Self, OpenError> {
        let how = How {
            location: location.clone(),
            connections,
            deadline,
        };
        let opened = open(&how, true).await.map_err(|source| OpenError {
            place: location.to_string(),
            source,
            hint: "Is the folder there and writable?",
        })?;
        let opened = RwLock::new(opened);
        Ok(Self {
            engine: Sqlite {
                shared: Arc::new(Shared { how, opened }),
            },
            deadline,
        })
    }
}

impl Sqlite {
    /// The database whose file is there now.
    async fn current(&self) -> Result<Opened, StoreError> {
        let opened = self.shared.opened.read().await.clone();
        match opened.found().await {
            Found::Same => Ok(opened),
            Found::Nothing => Err(StoreError::Gone),
            // On its own: whoever asks may go away meanwhile, and a database half opened helps nobody.
            Found::Another => tokio::spawn(another(self.shared.clone()))
                .await
                .unwrap_or(Err(StoreError::Failed)),
        }
    }

    async fn rows(
        &self,
        opened: &Opened,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let rows = statement!(Driver, sql, values).fetch_all(&opened.pool).await;
        rows.map_err(|error| told(&error, by_code))
    }
}

/// Opens the file that has taken the place of the one that was opened.
async fn another(shared: Arc<Shared>) -> Result<Opened, StoreError> {
    let mut opened = shared.opened.write().await;
    match opened.found().await {
        Found::Same => return Ok(opened.clone()),
        Found::Nothing => return Err(StoreError::Gone),
        Found::Another => {}
    }
    opened.leave().await;
    match open(&shared.how, false).await {
        Ok(another) => {
            tracing::warn!(place = %shared.how.location, "another file took the database's place, and was opened");
            *opened = another;
            Ok(opened.clone())
        }
        Err(error) => {
            tracing::error!(%error, place = %shared.how.location, "another file took the database's place");
            Err(StoreError::Gone)
        }
    }
}

/// What SQLite means by a result code (`sqlite.org/rescode.html`); the lowest byte says which kind.
fn by_code(code: &str) -> StoreError {
    const BUSY: i64 = 5;
    const LOCKED: i64 = 6;
    match code.parse::<i64>().map(|code| code & 0xff) {
        Ok(BUSY | LOCKED) => StoreError::Slow,
        _ => StoreError::Failed,
    }
}

impl Engine for Sqlite {
    type Row = SqliteRow;

    async fn ask(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<SqliteRow>, StoreError> {
        let opened = self.current().await?;
        self.rows(&opened, sql, values).await
    }

    async fn change(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<SqliteRow>, StoreError> {
        let opened = self.current().await?;
        let changed = self.rows(&opened, sql, values).await;
        // First, because a missing file explains a failure and undoes a success.
        match opened.found().await {
            Found::Same => changed,
            Found::Nothing | Found::Another => Err(StoreError::Gone),
        }
    }

    async fn close(&self) {
        self.shared.opened.read().await.pool.close().await;
    }
}
