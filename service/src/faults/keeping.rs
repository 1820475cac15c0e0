//! A database that is handled wrongly by whoever is above it: what is kept, deleted, renewed or repeated is not what they think.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::data::categories::{Categories, EntityCategories};
use crate::domain::data::curations::{Curations, Filter, Page};
use crate::domain::data::database::Database;
use crate::domain::data::keys::{KeyRecord, Keys};
use crate::domain::data::once::Once;
use crate::domain::data::replays::{Begun, Replays, Slot, StoredAnswer};
use crate::domain::data::sessions::{Rotation, Session, Sessions};
use crate::domain::data::usage::{DayOfUse, Usage, Used};
use crate::domain::store::{Curation, Store, StoreError};
use crate::faults::Faults;
use crate::faults::id::FaultId;
use crate::faults::look_alike::LookAlike;

/// The longest text that a column of a careless schema holds, in characters.
const COLUMN: usize = 24;

/// How often what was just kept is not seen yet, where replicas lag.
const LAGS: u32 = 2;

/// The database, or one that is handled wrongly.
#[must_use]
pub fn data(inner: Arc<dyn Database>, faults: &Faults) -> Arc<dyn Database> {
    let habits = [
        (FaultId::KeptNowhere, Habit::KeepsNothing),
        (FaultId::KeptFieldLost, Habit::LosesTheEntity),
        (FaultId::KeptTextCut, Habit::CutsTexts),
        (FaultId::KeptOffList, Habit::ListsNothing),
        (FaultId::DeleteKeeps, Habit::DeletesNothing),
        (FaultId::RefreshReusable, Habit::CrossesNothingOut),
        (FaultId::RefreshTheftForgiven, Habit::ForgivesThieves),
        (FaultId::KeyNotKept, Habit::ForgetsKeys),
        (FaultId::KeyWithoutBody, Habit::ForgetsBodies),
        (FaultId::KeyWithoutCaller, Habit::ForgetsCallers),
    ];
    let habit = habits.into_iter().find(|(fault, _)| faults.has(*fault));
    let habit = habit.map(|(_, habit)| habit).or(match faults.look_alike {
        Some(LookAlike::RefreshStays) => Some(Habit::CrossesNothingOut),
        Some(LookAlike::NoKeys) => Some(Habit::ForgetsKeys),
        Some(LookAlike::KeptAMomentLater) => Some(Habit::Lags),
        _ => None,
    });
    match habit {
        Some(habit) => Arc::new(Handled {
            inner,
            habit,
            current: Mutex::default(),
            looks: Mutex::default(),
        }),
        None => inner,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    KeepsNothing,
    LosesTheEntity,
    CutsTexts,
    ListsNothing,
    DeletesNothing,
    CrossesNothingOut,
    ForgivesThieves,
    ForgetsKeys,
    ForgetsBodies,
    ForgetsCallers,
    Lags,
}

struct Handled {
    inner: Arc<dyn Database>,
    habit: Habit,
    /// The good refresh token of each session, for who takes any other in its place, or does not say that one was shown.
    current: Mutex<HashMap<String, String>>,
    /// How often each thing was looked for.
    looks: Mutex<HashMap<String, u32>>,
}

impl Handled {
    fn is(&self, habit: Habit) -> bool {
        self.habit == habit
    }
}

impl Store for Handled {
    fn save<'a>(&'a self, curation: &'a Curation) -> BoxFuture<'a, Result<(), StoreError>> {
        let mut kept = curation.clone();
        match self.habit {
            // The transaction is begun and never committed.
            Habit::KeepsNothing => return async { Ok(()) }.boxed(),
            // It is called `entityId` where it is read.
            Habit::LosesTheEntity => kept.entity_id = None,
            Habit::CutsTexts => kept.text = kept.text.chars().take(COLUMN).collect(),
            _ => {}
        }
        async move { self.inner.save(&kept).await }.boxed()
    }

    fn find<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Curation>, StoreError>> {
        self.inner.find(id)
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.check()
    }
}

impl Curations for Handled {
    fn list<'a>(
        &'a self,
        owner: &'a str,
        filter: &'a Filter,
        after: Option<&'a str>,
        most: u32,
    ) -> BoxFuture<'a, Result<Page, StoreError>> {
        if self.is(Habit::ListsNothing) {
            let page = Page {
                curations: Vec::new(),
                next: None,
            };
            return async { Ok(page) }.boxed();
        }
        self.inner.list(owner, filter, after, most)
    }

    fn get<'a>(&'a self, owner: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Curation>, StoreError>> {
        if self.is(Habit::Lags) {
            let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
            let looked = looks.entry(id.to_owned()).or_default();
            *looked += 1;
            if *looked <= LAGS {
                return async { Ok(None) }.boxed();
            }
        }
        self.inner.get(owner, id)
    }

    fn delete<'a>(&'a self, owner: &'a str, id: &'a str) -> BoxFuture<'a, Result<bool, StoreError>> {
        if self.is(Habit::DeletesNothing) {
            // It is looked up, and what should follow was commented out.
            return async move { Ok(self.inner.get(owner, id).await?.is_some()) }.boxed();
        }
        self.inner.delete(owner, id)
    }
}

impl Sessions for Handled {
    fn begin<'a>(&'a self, session: &'a Session) -> BoxFuture<'a, Result<(), StoreError>> {
        Sessions::begin(&*self.inner, session)
    }

    fn rotate<'a>(
        &'a self,
        id: &'a str,
        shown: &'a str,
        next: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Rotation, StoreError>> {
        if !matches!(self.habit, Habit::CrossesNothingOut | Habit::ForgivesThieves) {
            return self.inner.rotate(id, shown, next, now);
        }
        let good = {
            let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
            let used = current.get(id).is_some_and(|good| good != shown);
            if used && self.is(Habit::ForgivesThieves) {
                return async { Ok(Rotation::Reused) }.boxed();
            }
            current.insert(id.to_owned(), next.to_owned())
        };
        async move {
            let shown = good.as_deref().unwrap_or(shown);
            self.inner.rotate(id, shown, next, now).await
        }
        .boxed()
    }

    fn end<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.inner.end(id, now)
    }

    fn goes_on<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.inner.goes_on(id, now)
    }
}

impl Replays for Handled {
    fn begin<'a>(
        &'a self,
        slot: &'a Slot,
        fingerprint: &'a str,
        now: Timestamp,
        leased: Timestamp,
        expires: Timestamp,
    ) -> BoxFuture<'a, Result<Begun, StoreError>> {
        if self.is(Habit::ForgetsKeys) {
            return async { Ok(Begun::Ours) }.boxed();
        }
        let fingerprint = if self.is(Habit::ForgetsBodies) {
            "a body"
        } else {
            fingerprint
        };
        let slot = self.slot(slot);
        async move { Replays::begin(&*self.inner, &slot, fingerprint, now, leased, expires).await }.boxed()
    }

    fn finish<'a>(
        &'a self,
        slot: &'a Slot,
        leased: Timestamp,
        answer: &'a StoredAnswer,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let slot = self.slot(slot);
        async move { self.inner.finish(&slot, leased, answer).await }.boxed()
    }

    fn release<'a>(&'a self, slot: &'a Slot, leased: Timestamp) -> BoxFuture<'a, Result<(), StoreError>> {
        let slot = self.slot(slot);
        async move { self.inner.release(&slot, leased).await }.boxed()
    }
}

impl Handled {
    /// What an answer is kept under.
    fn slot(&self, slot: &Slot) -> Slot {
        let mut slot = slot.clone();
        if self.is(Habit::ForgetsCallers) {
            slot.credential = "anybody".to_owned();
        }
        slot
    }
}

impl Categories for Handled {
    fn all(&self) -> BoxFuture<'_, Result<Vec<EntityCategories>, StoreError>> {
        Categories::all(&*self.inner)
    }

    fn of<'a>(&'a self, entity_type: &'a str) -> BoxFuture<'a, Result<Option<EntityCategories>, StoreError>> {
        self.inner.of(entity_type)
    }

    fn put<'a>(&'a self, categories: &'a EntityCategories) -> BoxFuture<'a, Result<(), StoreError>> {
        Categories::put(&*self.inner, categories)
    }

    fn remove<'a>(&'a self, entity_type: &'a str) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.inner.remove(entity_type)
    }
}

impl Usage for Handled {
    fn record<'a>(&'a self, used: &'a Used) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.record(used)
    }

    fn days<'a>(
        &'a self,
        subject: &'a str,
        from: Date,
        to: Date,
    ) -> BoxFuture<'a, Result<Vec<DayOfUse>, StoreError>> {
        self.inner.days(subject, from, to)
    }
}

impl Keys for Handled {
    fn add<'a>(&'a self, key: &'a KeyRecord) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.add(key)
    }

    fn by_hash<'a>(&'a self, hash: &'a str) -> BoxFuture<'a, Result<Option<KeyRecord>, StoreError>> {
        self.inner.by_hash(hash)
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<KeyRecord>, StoreError>> {
        Keys::all(&*self.inner)
    }

    fn revoke<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.inner.revoke(id, now)
    }

    fn used<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.used(id, now)
    }
}

impl Once for Handled {
    fn put<'a>(
        &'a self,
        kind: &'a str,
        key: &'a str,
        value: &'a str,
        now: Timestamp,
        expires: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Once::put(&*self.inner, kind, key, value, now, expires)
    }

    fn take<'a>(
        &'a self,
        kind: &'a str,
        key: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        self.inner.take(kind, key, now)
    }
}
