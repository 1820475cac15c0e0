//! Kept runs.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::domain::data::curations::{Curations, FULL_PAGE, Filter, Page};
use crate::domain::store::{Curation, Store, StoreError};
use crate::storage::engine::{Cells, Engine, SqlStore, Value, damaged};

macro_rules! columns {
    () => {
        "id, subject, workflow, curator_id, entity_id, entity_type, place_id, language, text, concepts, created_at, audio_ms"
    };
}

/// The same id again is another attempt at the same request, and what it says now goes before what it said; nobody else's id
/// can be the same.
const PUT: &str = concat!(
    "INSERT INTO curations (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO UPDATE SET \
     text = excluded.text, concepts = excluded.concepts, created_at = excluded.created_at, audio_ms = excluded.audio_ms \
     WHERE curations.subject = excluded.subject RETURNING id"
);

const BY_ID: &str = concat!("SELECT ", columns!(), " FROM curations WHERE id = $1");

const OF_OWNER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM curations WHERE id = $1 AND subject = $2"
);

/// Whole texts are read only of those that the page will hold: it ends with the one that passes so many bytes ($6), and `found`
/// tells whether there are more.
const PAGE: &str = concat!(
    "WITH newest AS (SELECT id, OCTET_LENGTH(text) AS size FROM curations WHERE subject = $1 ",
    "AND ($2 IS NULL OR entity_id = $2) AND ($3 IS NULL OR entity_type = $3) AND ($4 IS NULL OR id < $4) ",
    "ORDER BY id DESC LIMIT $5), ",
    "measured AS (SELECT id, COUNT(*) OVER () AS found, SUM(size) OVER (ORDER BY id DESC) - size AS ahead FROM newest) ",
    "SELECT ",
    columns!(),
    ", found FROM measured JOIN curations USING (id) WHERE ahead < $6 ORDER BY id DESC"
);

const DELETE: &str = "DELETE FROM curations WHERE id = $1 AND subject = $2 RETURNING id";

const ANY: &str = "SELECT id FROM curations LIMIT 1";

impl<E: Engine> Store for SqlStore<E> {
    fn save<'a>(&'a self, curation: &'a Curation) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let created_at = curation.created_at.to_string();
            let values = [
                Value::text(&curation.id),
                Value::text(&curation.subject),
                Value::text(&curation.workflow),
                Value::maybe(curation.curator_id.as_deref()),
                Value::maybe(curation.entity_id.as_deref()),
                Value::text(&curation.entity_type),
                Value::maybe(curation.place_id.as_deref()),
                Value::text(&curation.language),
                Value::text(&curation.text),
                Value::json(&curation.concepts)?,
                Value::text(&created_at),
                curation.audio_ms.map_or(Value::Number(None), Value::count),
            ];
            match self.change(PUT, &values).await?.is_empty() {
                false => Ok(()),
                true => Err(damaged(&"this id is another subject's")),
            }
        }
        .boxed()
    }

    fn find<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Curation>, StoreError>> {
        async move {
            let rows = self.ask(BY_ID, &[Value::text(id)]).await?;
            rows.first().map(curation).transpose()
        }
        .boxed()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        async move { self.ask(ANY, &[]).await.map(drop) }.boxed()
    }
}

impl<E: Engine> Curations for SqlStore<E> {
    fn list<'a>(
        &'a self,
        owner: &'a str,
        filter: &'a Filter,
        after: Option<&'a str>,
        most: u32,
    ) -> BoxFuture<'a, Result<Page, StoreError>> {
        async move {
            // One more than is wanted, to see whether there is another page.
            let limit = u64::from(most) + 1;
            let values = [
                Value::text(owner),
                Value::maybe(filter.entity_id.as_deref()),
                Value::maybe(filter.entity_type.as_deref()),
                Value::maybe(after),
                Value::count(limit),
                Value::count(FULL_PAGE),
            ];
            let mut rows = self.ask(PAGE, &values).await?;
            rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            let found = rows.first().map(|row| row.count("found")).transpose()?;
            let more = found.unwrap_or(0) > u64::try_from(rows.len()).unwrap_or(u64::MAX);
            let last = rows.last().map(|row| row.text("id")).transpose()?;
            Ok(Page {
                // The damage is in the log; it costs nobody the others.
                curations: rows.iter().filter_map(|row| curation(row).ok()).collect(),
                next: last.filter(|_| more),
            })
        }
        .boxed()
    }

    fn get<'a>(&'a self, owner: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Curation>, StoreError>> {
        async move {
            let rows = self.ask(OF_OWNER, &[Value::text(id), Value::text(owner)]).await?;
            rows.first().map(curation).transpose()
        }
        .boxed()
    }

    fn delete<'a>(&'a self, owner: &'a str, id: &'a str) -> BoxFuture<'a, Result<bool, StoreError>> {
        async move {
            let deleted = self
                .change(DELETE, &[Value::text(id), Value::text(owner)])
                .await?;
            Ok(!deleted.is_empty())
        }
        .boxed()
    }
}

fn curation(row: &impl Cells) -> Result<Curation, StoreError> {
    let id = row.text("id")?;
    read(row, &id).inspect_err(|_| tracing::error!(id, "this curation is damaged"))
}

fn read(row: &impl Cells, id: &str) -> Result<Curation, StoreError> {
    let created_at = row.text("created_at")?;
    Ok(Curation {
        id: id.to_owned(),
        subject: row.text("subject")?,
        workflow: row.text("workflow")?,
        curator_id: row.maybe_text("curator_id")?,
        entity_id: row.maybe_text("entity_id")?,
        entity_type: row.text("entity_type")?,
        place_id: row.maybe_text("place_id")?,
        language: row.text("language")?,
        text: row.text("text")?,
        concepts: row.json("concepts")?,
        created_at: created_at.parse().map_err(|error: jiff::Error| damaged(&error))?,
        audio_ms: row.maybe_count("audio_ms")?,
    })
}
