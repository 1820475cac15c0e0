//! A store in PostgreSQL.
//!
//! What is particular to it: it may be away for a while (it restarts, it fails over), and comes back. So a connection is tried
//! before it is used, a new one is made when it does not answer, and nothing of this needs a restart of ours.

use std::time::{Duration, Instant};

use futures_util::FutureExt;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Postgres as Driver};
use tokio::time::{sleep, timeout};

use crate::domain::store::StoreError;
use crate::storage::engine::{Engine, SqlStore, Value, statement, told};
use crate::storage::settings::PostgresUrl;
use crate::storage::{Cause, OpenError, migration};

/// For how long a server that does not listen yet is waited for at the start: platforms start both at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it is left alone meanwhile.
const PAUSE: Duration = Duration::from_millis(50);

/// PostgreSQL.
pub struct Postgres {
    pool: PgPool,
}

/// A store in PostgreSQL.
pub type PostgresStore = SqlStore<Postgres>;

impl SqlStore<Postgres> {
    /// Opens the database and brings its tables up to date, one service at a time. Every later question has `deadline`.
    ///
    /// # Errors
    /// When nobody listens there for ten seconds, we are refused, or the database is not ours.
    pub async fn open(url: &PostgresUrl, connections: u32, deadline: Duration) -> Result<Self, OpenError> {
        let pool = open(url, connections, deadline).await;
        let pool = pool.map_err(|source| OpenError {
            place: url.to_string(),
            source,
            hint: "Is the server there, and may this user make tables in that database?",
        })?;
        Ok(Self {
            engine: Postgres { pool },
            deadline,
        })
    }
}

async fn open(url: &PostgresUrl, connections: u32, deadline: Duration) -> Result<PgPool, Cause> {
    let options = url.options()?;
    let mut connection = reached(&options).await?;
    let encoding: String = sqlx::query_scalar("SHOW server_encoding")
        .fetch_one(&mut connection)
        .await?;
    if encoding != "UTF8" {
        // It would refuse some of the texts that clients send, one at a time.
        return Err(format!("its encoding is {encoding}, and only UTF8 can keep every text").into());
    }
    // A connection of its own: bringing tables up to date may take longer than any question.
    // Not `run`, whose future the compiler does not believe can be sent to another thread.
    migrator().run_direct(None, &mut connection, false).await?;
    connection.close().await?;
    // Whoever asked has gone by then; the server should not go on for nobody.
    let give_up = format!(
        "SET statement_timeout = {}",
        deadline.as_millis().saturating_mul(2).max(1)
    );
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(deadline)
        .after_connect(move |connection, _| {
            let give_up = AssertSqlSafe(give_up.clone());
            async move { connection.execute(give_up).await.map(drop) }.boxed()
        })
        .connect_lazy_with(options);
    Ok(pool)
}

/// A connection to a server that may just be starting.
async fn reached(options: &PgConnectOptions) -> Result<PgConnection, Cause> {
    let begun = Instant::now();
    loop {
        let left = PATIENCE.saturating_sub(begun.elapsed());
        match timeout(left, options.connect()).await {
            Err(_) => return Err("it does not answer".into()),
            Ok(Err(error)) if is_starting(&error) && !left.is_zero() => sleep(PAUSE.min(left)).await,
            Ok(connected) => return Ok(connected?),
        }
    }
}

fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(refusal) => refusal.code().as_deref() == Some("57P03"),
        _ => false,
    }
}

fn migrator() -> Migrator {
    Migrator::with_migrations(vec![
        migration(1, "begin", include_str!("migrations/postgres/0001_begin.sql")),
        migration(2, "work", include_str!("migrations/postgres/0002_work.sql")),
    ])
}

/// What PostgreSQL means by a code (its manual, appendix A).
fn by_code(code: &str) -> StoreError {
    match code {
        // It is being stopped, it has crashed, or it is starting.
        "57P01" | "57P02" | "57P03" => StoreError::Gone,
        // Given up by the time that statements have.
        "57014" => StoreError::Slow,
        _ => StoreError::Failed,
    }
}

impl Postgres {
    async fn rows(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<PgRow>, StoreError> {
        let rows = statement!(Driver, sql, values).fetch_all(&self.pool).await;
        rows.map_err(|error| told(&error, by_code))
    }
}

impl Engine for Postgres {
    type Row = PgRow;

    async fn ask(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<PgRow>, StoreError> {
        self.rows(sql, values).await
    }

    async fn change(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<PgRow>, StoreError> {
        self.rows(sql, values).await
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
