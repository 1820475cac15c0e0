//! Days of use.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::civil::Date;

use crate::domain::data::usage::{DayOfUse, Usage, Used};
use crate::domain::store::StoreError;
use crate::storage::engine::{Cells, Engine, SqlStore, Value, damaged};

const RECORD: &str = "INSERT INTO days_of_use (subject, day, requests, failed, refused, audio_ms) \
    VALUES ($1, $2, 1, $3, $4, $5) ON CONFLICT (subject, day) DO UPDATE SET \
    requests = days_of_use.requests + 1, failed = days_of_use.failed + excluded.failed, \
    refused = days_of_use.refused + excluded.refused, audio_ms = days_of_use.audio_ms + excluded.audio_ms";

const DAYS: &str = "SELECT day, requests, failed, refused, audio_ms FROM days_of_use \
    WHERE subject = $1 AND day >= $2 AND day <= $3 ORDER BY day";

/// The most that one request adds, in milliseconds: a sum of them stays countable. It is more than thirty years.
const MOST_AUDIO: u64 = 1 << 40;

impl<E: Engine> Usage for SqlStore<E> {
    fn record<'a>(&'a self, used: &'a Used) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let day = used.day.to_string();
            let values = [
                Value::text(&used.subject),
                Value::text(&day),
                Value::count(used.failed.into()),
                Value::count(used.refused.into()),
                Value::count(used.audio_ms.min(MOST_AUDIO)),
            ];
            self.change(RECORD, &values).await.map(drop)
        }
        .boxed()
    }

    fn days<'a>(
        &'a self,
        subject: &'a str,
        from: Date,
        to: Date,
    ) -> BoxFuture<'a, Result<Vec<DayOfUse>, StoreError>> {
        async move {
            let (from, to) = (from.to_string(), to.to_string());
            let values = [Value::text(subject), Value::text(&from), Value::text(&to)];
            self.ask(DAYS, &values).await?.iter().map(day).collect()
        }
        .boxed()
    }
}

fn day(row: &impl Cells) -> Result<DayOfUse, StoreError> {
    let day = row.text("day")?;
    Ok(DayOfUse {
        day: day.parse().map_err(|error: jiff::Error| damaged(&error))?,
        requests: row.count("requests")?,
        failed: row.count("failed")?,
        refused: row.count("refused")?,
        audio_ms: row.count("audio_ms")?,
    })
}
