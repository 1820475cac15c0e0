//! Where everything is kept: in SQLite or in PostgreSQL, through sqlx, with queries that need no database at build time.
//!
//! Only this room knows SQL, and there is one text of each statement for both databases ([`tables`]); what differs is how a
//! database is reached, what its refusals mean, and how its tables are made (`migrations`). It tells the rest what went wrong in
//! fixed words; the driver's own go to the log.

use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType};

use crate::domain::data::database::Database;

use self::postgres::PostgresStore;
use self::settings::{DatabasePlace, DatabaseSettings};
use self::sqlite::SqliteStore;

pub mod engine;
pub mod postgres;
pub mod settings;
pub mod sqlite;
mod sqlite_file;
mod tables;

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the database {place}: {source}. {hint}")]
pub struct OpenError {
    place: String,
    source: Cause,
    hint: &'static str,
}

/// What a driver says of a failure.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// One step of bringing tables up to date. Once deployed it is never edited: databases remember its very bytes.
fn migration(version: i64, name: &'static str, sql: &'static str) -> Migration {
    let sql = sql.into_sql_str();
    Migration::new(version, name.into(), MigrationType::Simple, sql, false)
}

/// Opens the database and brings its tables up to date; two services may do so at once. Every later question has `deadline`.
///
/// # Errors
/// When it cannot be opened, or is not ours.
pub async fn open(settings: &DatabaseSettings, deadline: Duration) -> Result<Arc<dyn Database>, OpenError> {
    let connections = settings.connections();
    Ok(match &settings.place {
        DatabasePlace::Sqlite(location) => {
            Arc::new(SqliteStore::open_with(location, connections, deadline).await?)
        }
        DatabasePlace::Postgres(url) => Arc::new(PostgresStore::open(url, connections, deadline).await?),
    })
}
