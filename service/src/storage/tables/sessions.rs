//! Sessions.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::domain::data::sessions::{Rotation, Session, Sessions};
use crate::domain::store::StoreError;
use crate::storage::engine::{Cells, Engine, SqlStore, Value};

macro_rules! columns {
    () => {
        "id, subject, scopes, current_token, created_at, expires_at, ended_at"
    };
}

const BEGIN: &str = concat!(
    "INSERT INTO sessions (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7)"
);

/// One row when the token that was shown is the good one of a session that goes on.
const ROTATE: &str = concat!(
    "UPDATE sessions SET current_token = $3 ",
    "WHERE id = $1 AND current_token = $2 AND ended_at IS NULL AND expires_at > $4 RETURNING ",
    columns!()
);

const END: &str = "UPDATE sessions SET ended_at = $2 \
    WHERE id = $1 AND ended_at IS NULL AND expires_at > $2 RETURNING id";

const GOES_ON: &str = "SELECT id FROM sessions WHERE id = $1 AND ended_at IS NULL AND expires_at > $2";

const SWEEP: &str = "DELETE FROM sessions WHERE expires_at <= $1";

impl<E: Engine> Sessions for SqlStore<E> {
    fn begin<'a>(&'a self, session: &'a Session) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let values = [
                Value::text(&session.id),
                Value::text(&session.subject),
                Value::json(&session.scopes)?,
                Value::text(&session.current),
                Value::time(session.created_at),
                Value::time(session.expires_at),
                Value::maybe_time(session.ended_at),
            ];
            self.change(BEGIN, &values).await?;
            // One that has expired and one that never was are the same to everybody.
            self.sweep(SWEEP, &[Value::time(session.created_at)]).await;
            Ok(())
        }
        .boxed()
    }

    fn rotate<'a>(
        &'a self,
        id: &'a str,
        shown: &'a str,
        next: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Rotation, StoreError>> {
        async move {
            let values = [
                Value::text(id),
                Value::text(shown),
                Value::text(next),
                Value::time(now),
            ];
            if let Some(row) = self.change(ROTATE, &values).await?.first() {
                return Ok(Rotation::Rotated(session(row)?));
            }
            // Only tokens that we signed are shown here, so this one was good once.
            Ok(if self.end(id, now).await? {
                Rotation::Reused
            } else {
                Rotation::Ended
            })
        }
        .boxed()
    }

    fn end<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<bool, StoreError>> {
        async move {
            let ended = self.change(END, &[Value::text(id), Value::time(now)]).await?;
            Ok(!ended.is_empty())
        }
        .boxed()
    }

    fn goes_on<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<bool, StoreError>> {
        async move {
            let found = self.ask(GOES_ON, &[Value::text(id), Value::time(now)]).await?;
            Ok(!found.is_empty())
        }
        .boxed()
    }
}

fn session(row: &impl Cells) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.text("id")?,
        subject: row.text("subject")?,
        scopes: row.json("scopes")?,
        current: row.text("current_token")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        ended_at: row.maybe_time("ended_at")?,
    })
}
