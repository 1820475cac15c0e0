//! What both databases are asked through: a statement and its values in, rows out, within a deadline.
//!
//! One text of SQL serves both, so a value here is one of the three kinds that both have: text, a whole number, bytes. What is
//! particular to one database stays in its own file.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{ColumnIndex, Decode, Row, Type};
use tokio::time::timeout;

use crate::domain::store::StoreError;

/// A value of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'v> {
    /// A text without U+0000, or none.
    Text(Option<Cow<'v, str>>),
    /// A whole number, or none.
    Number(Option<i64>),
    /// Bytes, or none.
    Bytes(Option<&'v [u8]>),
}

impl<'v> Value<'v> {
    /// A text. U+0000, which PostgreSQL cannot keep, becomes U+FFFD: in both databases, so that nothing depends on which one it
    /// is, and where something is kept as well as where it is looked for.
    pub(super) fn text(text: &'v str) -> Self {
        Self::Text(Some(without_nul(text)))
    }

    /// A text, if there is one.
    pub(super) fn maybe(text: Option<&'v str>) -> Self {
        Self::Text(text.map(without_nul))
    }

    /// A number. What is more than a database can count is as much as it can.
    pub(super) fn count(count: u64) -> Self {
        Self::Number(Some(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    /// A time, in milliseconds since 1970.
    pub(super) fn time(time: Timestamp) -> Self {
        Self::Number(Some(time.as_millisecond()))
    }

    /// A time, if there is one.
    pub(super) fn maybe_time(time: Option<Timestamp>) -> Self {
        Self::Number(time.map(Timestamp::as_millisecond))
    }

    /// Anything, as JSON.
    pub(super) fn json(value: &impl Serialize) -> Result<Self, StoreError> {
        let text = serde_json::to_string(value).map_err(|error| damaged(&error))?;
        Ok(Self::Text(Some(Cow::Owned(text))))
    }
}

fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{FFFD}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// How one database is asked.
pub trait Engine: Send + Sync {
    /// A row of an answer.
    type Row: Cells + Send;

    /// Asks for rows, and changes nothing.
    fn ask(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> impl Future<Output = Result<Vec<Self::Row>, StoreError>> + Send;

    /// Changes something, as one transaction. Only when this is `Ok` has it come to stay. The rows are those of `RETURNING`.
    fn change(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> impl Future<Output = Result<Vec<Self::Row>, StoreError>> + Send;

    /// Closes every connection.
    fn close(&self) -> impl Future<Output = ()> + Send;
}

/// The cells of a row, by the name of their column. A cell that is not as it should be is told in the log.
pub trait Cells {
    /// A text.
    ///
    /// # Errors
    /// When it is none.
    fn text(&self, column: &str) -> Result<String, StoreError>;

    /// A text that may be absent.
    ///
    /// # Errors
    /// When it is something else.
    fn maybe_text(&self, column: &str) -> Result<Option<String>, StoreError>;

    /// A number that may be absent.
    ///
    /// # Errors
    /// When it is something else.
    fn maybe_number(&self, column: &str) -> Result<Option<i64>, StoreError>;

    /// Bytes.
    ///
    /// # Errors
    /// When there are none.
    fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError>;

    /// A count.
    ///
    /// # Errors
    /// When it is none.
    fn count(&self, column: &str) -> Result<u64, StoreError> {
        self.maybe_count(column)?.ok_or_else(|| damaged(&column))
    }

    /// A count that may be absent.
    ///
    /// # Errors
    /// When it is something else.
    fn maybe_count(&self, column: &str) -> Result<Option<u64>, StoreError> {
        let number = self.maybe_number(column)?;
        number
            .map(|number| u64::try_from(number).map_err(|error| damaged(&error)))
            .transpose()
    }

    /// A time.
    ///
    /// # Errors
    /// When it is none.
    fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        self.maybe_time(column)?.ok_or_else(|| damaged(&column))
    }

    /// A time that may be absent.
    ///
    /// # Errors
    /// When it is something else.
    fn maybe_time(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        let number = self.maybe_number(column)?;
        number
            .map(|number| Timestamp::from_millisecond(number).map_err(|error| damaged(&error)))
            .transpose()
    }

    /// Anything that was kept as JSON.
    ///
    /// # Errors
    /// When it is something else.
    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|error| damaged(&error))
    }
}

impl<R: Row> Cells for R
where
    for<'n> &'n str: ColumnIndex<R>,
    for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn text(&self, column: &str) -> Result<String, StoreError> {
        self.try_get(column).map_err(|error| damaged(&error))
    }

    fn maybe_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        self.try_get(column).map_err(|error| damaged(&error))
    }

    fn maybe_number(&self, column: &str) -> Result<Option<i64>, StoreError> {
        self.try_get(column).map_err(|error| damaged(&error))
    }

    fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        self.try_get(column).map_err(|error| damaged(&error))
    }
}

/// What a value that is not as it should be means to the rest. The log has what is wrong with it.
pub(super) fn damaged(why: &dyn std::fmt::Display) -> StoreError {
    tracing::error!(%why, "what the database holds is damaged");
    StoreError::Failed
}

/// A store in a database of either kind.
pub struct SqlStore<E> {
    pub(super) engine: E,
    pub(super) deadline: Duration,
}

impl<E: Engine> SqlStore<E> {
    /// Closes the database: what was kept is kept, and every later question fails.
    pub async fn close(&self) {
        self.engine.close().await;
    }

    /// Asks for rows, within the deadline.
    pub(super) async fn ask(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<E::Row>, StoreError> {
        self.within(self.engine.ask(sql, values)).await
    }

    /// Changes something, within the deadline.
    pub(super) async fn change(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<E::Row>, StoreError> {
        self.within(self.engine.change(sql, values)).await
    }

    /// Clears away what nobody asks for any more. That it could not be cleared away costs nobody an answer.
    pub(super) async fn sweep(&self, sql: &'static str, values: &[Value<'_>]) {
        if let Err(error) = self.change(sql, values).await {
            tracing::warn!(why = error.word(), "what has expired was not cleared away");
        }
    }

    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        timeout(self.deadline, work).await.unwrap_or_else(|_| {
            tracing::error!(deadline = ?self.deadline, "the database does not answer in time");
            Err(StoreError::Slow)
        })
    }
}

/// A statement of sqlx with its values.
macro_rules! statement {
    ($database:ty, $sql:expr, $values:expr) => {
        $values
            .iter()
            .fold(sqlx::query::<$database>($sql), |query, value| match value {
                Value::Text(text) => query.bind(text.as_deref()),
                Value::Number(number) => query.bind(*number),
                Value::Bytes(bytes) => query.bind(*bytes),
            })
    };
}
pub(super) use statement;

/// The fixed words for what a driver said, which goes to the log. `by_code` reads a database's own codes.
pub(super) fn told(error: &sqlx::Error, by_code: fn(&str) -> StoreError) -> StoreError {
    tracing::error!(%error, "the database failed");
    match error {
        sqlx::Error::PoolTimedOut => StoreError::Slow,
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) => StoreError::Gone,
        sqlx::Error::Database(refusal) => refusal.code().map_or(StoreError::Failed, |code| by_code(&code)),
        _ => StoreError::Failed,
    }
}
