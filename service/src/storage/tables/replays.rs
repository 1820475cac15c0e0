//! Answers of requests with an `Idempotency-Key`.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::domain::data::replays::{Begun, Replays, Slot, StoredAnswer};
use crate::domain::store::StoreError;
use crate::storage::engine::{Cells, Engine, SqlStore, Value, damaged};

/// Takes the slot when it is free: nobody's, expired, or left by somebody whose lease is over. One row when it was, with the id
/// of the work: that of an earlier attempt, if there was one for the same body.
const TAKE: &str = "INSERT INTO replays (credential, operation, key, fingerprint, leased_until, expires_at, work) \
    VALUES ($1, $2, $3, $4, $6, $7, $8) ON CONFLICT (credential, operation, key) DO UPDATE SET \
    work = CASE WHEN replays.expires_at > $5 AND replays.fingerprint = excluded.fingerprint \
    THEN COALESCE(replays.work, excluded.work) ELSE excluded.work END, \
    fingerprint = excluded.fingerprint, leased_until = excluded.leased_until, expires_at = excluded.expires_at, \
    status = NULL, headers = NULL, body = NULL \
    WHERE replays.expires_at <= $5 OR (replays.status IS NULL AND replays.leased_until <= $5) RETURNING work";

const LOOK: &str = "SELECT fingerprint, status, headers, body FROM replays \
    WHERE credential = $1 AND operation = $2 AND key = $3";

const FINISH: &str = "UPDATE replays SET status = $5, headers = $6, body = $7 \
    WHERE credential = $1 AND operation = $2 AND key = $3 AND leased_until = $4 AND status IS NULL";

/// A lease that was over before there were any.
const RELEASE: &str = "UPDATE replays SET leased_until = 0 \
    WHERE credential = $1 AND operation = $2 AND key = $3 AND leased_until = $4 AND status IS NULL";

const SWEEP: &str = "DELETE FROM replays WHERE expires_at <= $1";

/// How often it is looked again when a slot was freed between two looks. Whoever is told that somebody is at it asks again.
const LOOKS: usize = 3;

impl<E: Engine> Replays for SqlStore<E> {
    fn begin<'a>(
        &'a self,
        slot: &'a Slot,
        fingerprint: &'a str,
        work: &'a str,
        now: Timestamp,
        leased: Timestamp,
        expires: Timestamp,
    ) -> BoxFuture<'a, Result<Begun, StoreError>> {
        async move {
            let [credential, operation, key] = named(slot);
            let take = [
                credential,
                operation,
                key,
                Value::text(fingerprint),
                Value::time(now),
                Value::time(leased),
                Value::time(expires),
                Value::text(work),
            ];
            for _ in 0..LOOKS {
                if let Some(taken) = self.change(TAKE, &take).await?.first() {
                    let work = taken.text("work")?;
                    self.sweep(SWEEP, &[Value::time(now)]).await;
                    return Ok(Begun::Ours(work));
                }
                let rows = self.ask(LOOK, &named(slot)).await?;
                if let Some(row) = rows.first() {
                    return begun(row, fingerprint);
                }
            }
            Ok(Begun::Running)
        }
        .boxed()
    }

    fn finish<'a>(
        &'a self,
        slot: &'a Slot,
        leased: Timestamp,
        answer: &'a StoredAnswer,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let [credential, operation, key] = named(slot);
            let values = [
                credential,
                operation,
                key,
                Value::time(leased),
                Value::count(answer.status.into()),
                Value::json(&answer.headers)?,
                Value::Bytes(Some(&answer.body)),
            ];
            self.change(FINISH, &values).await.map(drop)
        }
        .boxed()
    }

    fn release<'a>(&'a self, slot: &'a Slot, leased: Timestamp) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let [credential, operation, key] = named(slot);
            let values = [credential, operation, key, Value::time(leased)];
            self.change(RELEASE, &values).await.map(drop)
        }
        .boxed()
    }
}

fn named(slot: &Slot) -> [Value<'_>; 3] {
    [
        Value::text(&slot.credential),
        Value::text(&slot.operation),
        Value::text(&slot.key),
    ]
}

fn begun(row: &impl Cells, fingerprint: &str) -> Result<Begun, StoreError> {
    if row.text("fingerprint")? != fingerprint {
        return Ok(Begun::OtherBody);
    }
    let Some(status) = row.maybe_count("status")? else {
        return Ok(Begun::Running);
    };
    Ok(Begun::Done(StoredAnswer {
        status: status.try_into().map_err(|error| damaged(&error))?,
        headers: row.json("headers")?,
        body: row.bytes("body")?,
    }))
}
