//! What is good once.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::domain::data::once::Once;
use crate::domain::store::StoreError;
use crate::storage::engine::{Cells, Engine, SqlStore, Value};

const PUT: &str = "INSERT INTO good_once (kind, key, value, expires_at) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at";

/// One row for whoever comes first.
const TAKE: &str = "DELETE FROM good_once WHERE kind = $1 AND key = $2 AND expires_at > $3 RETURNING value";

const SWEEP: &str = "DELETE FROM good_once WHERE expires_at <= $1";

impl<E: Engine> Once for SqlStore<E> {
    fn put<'a>(
        &'a self,
        kind: &'a str,
        key: &'a str,
        value: &'a str,
        now: Timestamp,
        expires: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let values = [
                Value::text(kind),
                Value::text(key),
                Value::text(value),
                Value::time(expires),
            ];
            self.change(PUT, &values).await?;
            self.sweep(SWEEP, &[Value::time(now)]).await;
            Ok(())
        }
        .boxed()
    }

    fn take<'a>(
        &'a self,
        kind: &'a str,
        key: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        async move {
            let values = [Value::text(kind), Value::text(key), Value::time(now)];
            let taken = self.change(TAKE, &values).await?;
            taken.first().map(|row| row.text("value")).transpose()
        }
        .boxed()
    }
}
