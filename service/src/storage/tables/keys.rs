//! API keys.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::domain::data::keys::{KeyRecord, Keys};
use crate::domain::store::StoreError;
use crate::storage::engine::{Cells, Engine, SqlStore, Value};

macro_rules! columns {
    () => {
        "id, name, subject, hash, prefix, scopes, created_at, expires_at, revoked_at, last_used_at"
    };
}

const ADD: &str = concat!(
    "INSERT INTO api_keys (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);

const BY_HASH: &str = concat!("SELECT ", columns!(), " FROM api_keys WHERE hash = $1");

const ALL: &str = concat!("SELECT ", columns!(), " FROM api_keys ORDER BY created_at, id");

const REVOKE: &str = "UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id";

/// At most one change a minute, however often a key is used.
const USED: &str =
    "UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";

const MINUTE: i64 = 60_000;

impl<E: Engine> Keys for SqlStore<E> {
    fn add<'a>(&'a self, key: &'a KeyRecord) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let values = [
                Value::text(&key.id),
                Value::text(&key.name),
                Value::text(&key.subject),
                Value::text(&key.hash),
                Value::text(&key.prefix),
                Value::json(&key.scopes)?,
                Value::time(key.created_at),
                Value::maybe_time(key.expires_at),
                Value::maybe_time(key.revoked_at),
                Value::maybe_time(key.last_used_at),
            ];
            self.change(ADD, &values).await.map(drop)
        }
        .boxed()
    }

    fn by_hash<'a>(&'a self, hash: &'a str) -> BoxFuture<'a, Result<Option<KeyRecord>, StoreError>> {
        async move {
            let rows = self.ask(BY_HASH, &[Value::text(hash)]).await?;
            rows.first().map(key).transpose()
        }
        .boxed()
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<KeyRecord>, StoreError>> {
        async move { self.ask(ALL, &[]).await?.iter().map(key).collect() }.boxed()
    }

    fn revoke<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<bool, StoreError>> {
        async move {
            let revoked = self.change(REVOKE, &[Value::text(id), Value::time(now)]).await?;
            Ok(!revoked.is_empty())
        }
        .boxed()
    }

    fn used<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let now = now.as_millisecond();
            let minute = Value::Number(Some(now - now.rem_euclid(MINUTE)));
            self.change(USED, &[Value::text(id), minute]).await.map(drop)
        }
        .boxed()
    }
}

fn key(row: &impl Cells) -> Result<KeyRecord, StoreError> {
    Ok(KeyRecord {
        id: row.text("id")?,
        name: row.text("name")?,
        subject: row.text("subject")?,
        hash: row.text("hash")?,
        prefix: row.text("prefix")?,
        scopes: row.json("scopes")?,
        created_at: row.time("created_at")?,
        expires_at: row.maybe_time("expires_at")?,
        revoked_at: row.maybe_time("revoked_at")?,
        last_used_at: row.maybe_time("last_used_at")?,
    })
}
