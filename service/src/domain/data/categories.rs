//! The categories of concepts that each kind of entity has: configuration as data, seeded once and edited ever after.

use futures_util::future::BoxFuture;

use crate::domain::store::StoreError;

/// The kind whose categories every kind without its own has.
pub const EVERY_OTHER: &str = "*";

/// The most categories that one kind of entity may have.
pub const MOST_CATEGORIES: usize = 32;

/// The longest name of a category, in characters.
pub const LONGEST_CATEGORY: usize = 40;

/// A kind of entity and its categories, in the order in which a provider is told of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityCategories {
    /// What kind of entity, such as `restaurant`; [`EVERY_OTHER`] stands for all that have none of their own.
    pub entity_type: String,
    /// 1 to [`MOST_CATEGORIES`] names in lower snake case, each once.
    pub categories: Vec<String>,
}

/// Keeps categories.
pub trait Categories: Send + Sync {
    /// All of them, by kind.
    fn all(&self) -> BoxFuture<'_, Result<Vec<EntityCategories>, StoreError>>;

    /// Those of a kind of its own; none when it has none.
    fn of<'a>(&'a self, entity_type: &'a str) -> BoxFuture<'a, Result<Option<EntityCategories>, StoreError>>;

    /// Puts these in the place of what there was.
    fn put<'a>(&'a self, categories: &'a EntityCategories) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Takes a kind's own away, and says whether there were any.
    fn remove<'a>(&'a self, entity_type: &'a str) -> BoxFuture<'a, Result<bool, StoreError>>;
}
