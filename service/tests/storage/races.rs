//! What exactly one is told, when sixteen ask at once through two services on the same database.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::civil::{Date, date};
use orchestrate::domain::data::database::Database;
use orchestrate::domain::data::keys::KeyRecord;
use orchestrate::domain::data::once::Once;
use orchestrate::domain::data::replays::{Begun, Replays, Slot};
use orchestrate::domain::data::sessions::{Rotation, Session, Sessions};
use orchestrate::domain::data::usage::Used;
use tokio::sync::Barrier;

use crate::fixture::{Fixture, at};

on_every_database! {
    all: [],
    shared: [
        one_begins,
        one_rotates_and_one_ends_it,
        one_takes,
        one_revokes,
        every_request_is_counted,
        all_open_a_fresh_database,
    ],
}

const RACERS: usize = 16;

/// What each of them is told.
async fn race<T, F>(fixture: &Fixture, ask: impl Fn(Arc<dyn Database>, usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let stores = [fixture.open().await, fixture.open().await];
    let ready = Arc::new(Barrier::new(RACERS));
    let racers = (0..RACERS).map(|racer| {
        let (asked, ready) = (ask(stores[racer % 2].clone(), racer), ready.clone());
        tokio::spawn(async move {
            ready.wait().await;
            asked.await
        })
    });
    let told = join_all(racers).await;
    told.into_iter().map(Result::unwrap).collect()
}

fn count<T: PartialEq>(told: &[T], what: &T) -> usize {
    told.iter().filter(|one| *one == what).count()
}

async fn one_begins(fixture: Fixture) {
    // Never begun; then left by one whose lease is over; then expired.
    for now in [0, 10, 110] {
        let told = race(&fixture, |data, _| async move {
            let slot = Slot {
                credential: "k".into(),
                operation: "o".into(),
                key: "1".into(),
            };
            Replays::begin(&*data, &slot, "f", "w", at(now), at(now + 10), at(now + 100))
                .await
                .unwrap()
        })
        .await;
        assert_eq!(count(&told, &Begun::Ours("w".into())), 1, "{now}: {told:?}");
        assert_eq!(count(&told, &Begun::Running), RACERS - 1, "{now}: {told:?}");
    }
}

async fn one_rotates_and_one_ends_it(fixture: Fixture) {
    let session = Session {
        id: "s".into(),
        subject: "ana".into(),
        scopes: vec![],
        current: "t1".into(),
        created_at: at(0),
        expires_at: at(100),
        ended_at: None,
    };
    Sessions::begin(&*fixture.open().await, &session).await.unwrap();
    let told = race(&fixture, |data, racer| async move {
        let next = format!("next of {racer}");
        data.rotate("s", "t1", &next, at(1)).await.unwrap()
    })
    .await;
    let rotated = told.iter().filter(|one| matches!(one, Rotation::Rotated(_)));
    assert_eq!(rotated.count(), 1, "{told:?}");
    assert_eq!(count(&told, &Rotation::Reused), 1, "{told:?}");
    assert_eq!(count(&told, &Rotation::Ended), RACERS - 2, "{told:?}");
}

async fn one_takes(fixture: Fixture) {
    let data = fixture.open().await;
    Once::put(&*data, "state", "k", "v", at(0), at(10)).await.unwrap();
    let told = race(&fixture, |data, _| async move {
        data.take("state", "k", at(1)).await.unwrap()
    })
    .await;
    assert_eq!(count(&told, &Some("v".to_owned())), 1, "{told:?}");
    assert_eq!(count(&told, &None), RACERS - 1, "{told:?}");
}

async fn one_revokes(fixture: Fixture) {
    let key = KeyRecord {
        id: "1".into(),
        name: "ci".into(),
        subject: "ana".into(),
        hash: "h".into(),
        prefix: "p".into(),
        scopes: vec![],
        created_at: at(0),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    };
    fixture.open().await.add(&key).await.unwrap();
    let told = race(&fixture, |data, _| async move {
        data.revoke("1", at(1)).await.unwrap()
    })
    .await;
    assert_eq!(count(&told, &true), 1, "{told:?}");
}

async fn every_request_is_counted(fixture: Fixture) {
    let told = race(&fixture, |data, _| async move {
        for _ in 0..5 {
            let used = Used {
                day: date(2026, 3, 1),
                subject: "ana".into(),
                audio_ms: 7,
                failed: false,
                refused: true,
            };
            data.record(&used).await.unwrap();
        }
    })
    .await;
    assert_eq!(told.len(), RACERS);
    let days = fixture
        .open()
        .await
        .days("ana", Date::MIN, Date::MAX)
        .await
        .unwrap();
    assert_eq!(
        (days[0].requests, days[0].refused, days[0].audio_ms),
        (80, 80, 560)
    );
}

async fn all_open_a_fresh_database(fixture: Fixture) {
    let opened = join_all((0..RACERS).map(|_| fixture.open())).await;
    for data in opened {
        assert_eq!(data.check().await, Ok(()));
    }
}
