//! Answers of requests with an `Idempotency-Key`, on every database.

use orchestrate::domain::data::database::Database;
use orchestrate::domain::data::replays::{Begun, Replays, Slot, StoredAnswer};

use crate::fixture::{Fixture, at};

on_every_database! {
    all: [
        is_ours_then_running_then_done,
        another_credential_operation_or_key_is_another_slot,
        is_free_again_when_it_is_released_or_has_expired,
        is_free_when_its_lease_is_over,
        whoever_lost_the_lease_changes_nothing,
        every_attempt_at_one_body_is_the_same_work,
    ],
    shared: [
        what_has_expired_is_cleared_away,
    ],
}

fn slot() -> Slot {
    Slot {
        credential: "k1".into(),
        operation: "orchestrate".into(),
        key: "%_'\u{7F}".into(),
    }
}

fn answer(body: &str) -> StoredAnswer {
    StoredAnswer {
        status: 201,
        headers: vec![
            ("content-type".into(), "text/plain".into()),
            ("etag".into(), "\"é\"".into()),
        ],
        body: [body.as_bytes(), &[0, 255]].concat(),
    }
}

/// Begins at a second, with a lease of ten and a life of a hundred.
async fn begin(data: &dyn Database, slot: &Slot, fingerprint: &str, now: i64) -> Begun {
    begin_as(data, slot, fingerprint, "w", now).await
}

/// The same, where this id is offered for the work.
async fn begin_as(data: &dyn Database, slot: &Slot, fingerprint: &str, work: &str, now: i64) -> Begun {
    Replays::begin(
        data,
        slot,
        fingerprint,
        work,
        at(now),
        at(now + 10),
        at(now + 100),
    )
    .await
    .unwrap()
}

fn ours() -> Begun {
    Begun::Ours("w".into())
}

async fn is_ours_then_running_then_done(fixture: Fixture) {
    let data = fixture.open().await;
    assert_eq!(begin(&*data, &slot(), "f", 0).await, ours());
    assert_eq!(begin(&*data, &slot(), "f", 1).await, Begun::Running);
    assert_eq!(begin(&*data, &slot(), "g", 1).await, Begun::OtherBody);
    data.finish(&slot(), at(10), &answer("x")).await.unwrap();
    assert_eq!(begin(&*data, &slot(), "f", 50).await, Begun::Done(answer("x")));
    assert_eq!(begin(&*data, &slot(), "g", 50).await, Begun::OtherBody);
}

async fn another_credential_operation_or_key_is_another_slot(fixture: Fixture) {
    let data = fixture.open().await;
    assert_eq!(begin(&*data, &slot(), "f", 0).await, ours());
    let mut others = [slot(), slot(), slot()];
    others[0].credential = "k2".into();
    others[1].operation = "other".into();
    others[2].key = "other".into();
    for other in others {
        assert_eq!(begin(&*data, &other, "f", 0).await, ours(), "{other:?}");
    }
}

async fn is_free_again_when_it_is_released_or_has_expired(fixture: Fixture) {
    let data = fixture.open().await;
    assert_eq!(begin(&*data, &slot(), "f", 0).await, ours());
    data.release(&slot(), at(10)).await.unwrap();
    assert_eq!(begin(&*data, &slot(), "g", 1).await, ours());
    data.finish(&slot(), at(11), &answer("x")).await.unwrap();
    // What is done stays until it expires, whoever asks to free it.
    data.release(&slot(), at(11)).await.unwrap();
    assert_eq!(begin(&*data, &slot(), "g", 100).await, Begun::Done(answer("x")));
    assert_eq!(begin(&*data, &slot(), "f", 101).await, ours());
    assert_eq!(begin(&*data, &slot(), "f", 101).await, Begun::Running);
}

async fn is_free_when_its_lease_is_over(fixture: Fixture) {
    let data = fixture.open().await;
    assert_eq!(begin(&*data, &slot(), "f", 0).await, ours());
    assert_eq!(begin(&*data, &slot(), "f", 9).await, Begun::Running);
    assert_eq!(begin(&*data, &slot(), "f", 10).await, ours());
    assert_eq!(begin(&*data, &slot(), "f", 10).await, Begun::Running);
}

async fn whoever_lost_the_lease_changes_nothing(fixture: Fixture) {
    let data = fixture.open().await;
    assert_eq!(begin(&*data, &slot(), "f", 0).await, ours());
    assert_eq!(begin(&*data, &slot(), "g", 10).await, ours());
    data.finish(&slot(), at(10), &answer("late")).await.unwrap();
    data.release(&slot(), at(10)).await.unwrap();
    assert_eq!(begin(&*data, &slot(), "g", 11).await, Begun::Running);
    data.finish(&slot(), at(20), &answer("x")).await.unwrap();
    data.finish(&slot(), at(20), &answer("twice")).await.unwrap();
    assert_eq!(begin(&*data, &slot(), "g", 12).await, Begun::Done(answer("x")));
}

async fn every_attempt_at_one_body_is_the_same_work(fixture: Fixture) {
    let data = fixture.open().await;
    let work = |id: &str| Begun::Ours(id.into());
    assert_eq!(begin_as(&*data, &slot(), "f", "1", 0).await, work("1"));
    data.release(&slot(), at(10)).await.unwrap();
    assert_eq!(begin_as(&*data, &slot(), "f", "2", 1).await, work("1"));
    // Nobody heard the end of it.
    assert_eq!(begin_as(&*data, &slot(), "f", "3", 11).await, work("1"));
    data.release(&slot(), at(21)).await.unwrap();
    assert_eq!(begin_as(&*data, &slot(), "g", "4", 12).await, work("4"));
    data.release(&slot(), at(22)).await.unwrap();
    assert_eq!(begin_as(&*data, &slot(), "f", "5", 13).await, work("5"));
    // A key that has expired is another one.
    assert_eq!(begin_as(&*data, &slot(), "f", "6", 113).await, work("6"));
}

async fn what_has_expired_is_cleared_away(fixture: Fixture) {
    let data = fixture.open().await;
    let mut raw = fixture.raw().await;
    for key in ["1", "2", "3"] {
        let key = key.into();
        let slot = Slot { key, ..slot() };
        assert_eq!(begin(&*data, &slot, "f", 0).await, ours());
    }
    assert_eq!(raw.number("SELECT count(*) FROM replays").await, 3);
    assert_eq!(begin(&*data, &slot(), "f", 100).await, ours());
    assert_eq!(raw.number("SELECT count(*) FROM replays").await, 1);
}
