//! The categories of each kind of entity.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::domain::data::categories::{Categories, EntityCategories};
use crate::domain::store::StoreError;
use crate::storage::engine::{Cells, Engine, SqlStore, Value};

const ALL: &str = "SELECT entity_type, names FROM categories ORDER BY entity_type";

const OF: &str = "SELECT entity_type, names FROM categories WHERE entity_type = $1";

const PUT: &str = "INSERT INTO categories (entity_type, names) VALUES ($1, $2) \
    ON CONFLICT (entity_type) DO UPDATE SET names = excluded.names";

const REMOVE: &str = "DELETE FROM categories WHERE entity_type = $1 RETURNING entity_type";

impl<E: Engine> Categories for SqlStore<E> {
    fn all(&self) -> BoxFuture<'_, Result<Vec<EntityCategories>, StoreError>> {
        async move { self.ask(ALL, &[]).await?.iter().map(categories).collect() }.boxed()
    }

    fn of<'a>(&'a self, entity_type: &'a str) -> BoxFuture<'a, Result<Option<EntityCategories>, StoreError>> {
        async move {
            let rows = self.ask(OF, &[Value::text(entity_type)]).await?;
            rows.first().map(categories).transpose()
        }
        .boxed()
    }

    fn put<'a>(&'a self, categories: &'a EntityCategories) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let values = [
                Value::text(&categories.entity_type),
                Value::json(&categories.categories)?,
            ];
            self.change(PUT, &values).await.map(drop)
        }
        .boxed()
    }

    fn remove<'a>(&'a self, entity_type: &'a str) -> BoxFuture<'a, Result<bool, StoreError>> {
        async move {
            let removed = self.change(REMOVE, &[Value::text(entity_type)]).await?;
            Ok(!removed.is_empty())
        }
        .boxed()
    }
}

fn categories(row: &impl Cells) -> Result<EntityCategories, StoreError> {
    Ok(EntityCategories {
        entity_type: row.text("entity_type")?,
        categories: row.json("names")?,
    })
}
