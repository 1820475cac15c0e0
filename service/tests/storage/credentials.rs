//! API keys, sessions and what is good once, on every database.

use orchestrate::domain::data::keys::{KeyRecord, Keys};
use orchestrate::domain::data::once::Once;
use orchestrate::domain::data::sessions::{Rotation, Session, Sessions};

use crate::fixture::{Fixture, at};

on_every_database! {
    all: [
        a_key_is_found_by_its_hash_and_revoked_once,
        the_use_of_a_key_is_noted_to_the_minute,
        a_key_that_is_there_is_not_added_twice,
        a_session_rotates_and_ends_when_a_token_is_shown_again,
        a_session_ends_once_or_by_itself,
        what_is_good_once_is_taken_once_and_in_time,
    ],
    shared: [
        what_has_expired_is_cleared_away,
    ],
}

fn key(id: &str) -> KeyRecord {
    KeyRecord {
        id: id.into(),
        name: "ci".into(),
        subject: "ana".into(),
        hash: format!("hash of {id}"),
        prefix: "ok_1".into(),
        scopes: vec!["read".into(), "write".into()],
        created_at: at(0),
        expires_at: Some(at(50)),
        revoked_at: None,
        last_used_at: None,
    }
}

async fn a_key_is_found_by_its_hash_and_revoked_once(fixture: Fixture) {
    let data = fixture.open().await;
    let mut newer = key("0");
    (newer.created_at, newer.expires_at, newer.scopes) = (at(1), None, vec![]);
    for key in [&newer, &key("2"), &key("1")] {
        data.add(key).await.unwrap();
    }
    assert_eq!(data.by_hash("hash of 1").await, Ok(Some(key("1"))));
    assert_eq!(data.by_hash("hash of 9").await, Ok(None));
    assert_eq!(Keys::all(&*data).await, Ok(vec![key("1"), key("2"), newer]));
    assert_eq!(data.revoke("1", at(7)).await, Ok(true));
    assert_eq!(data.revoke("1", at(8)).await, Ok(false));
    assert_eq!(data.revoke("9", at(8)).await, Ok(false));
    let revoked = data.by_hash("hash of 1").await.unwrap().unwrap();
    assert_eq!(revoked.revoked_at, Some(at(7)));
}

async fn the_use_of_a_key_is_noted_to_the_minute(fixture: Fixture) {
    let data = fixture.open().await;
    data.add(&key("1")).await.unwrap();
    let minute = |second| second - at(second).as_second().rem_euclid(60);
    for (now, noted) in [(100, minute(100)), (400, minute(400)), (100, minute(400))] {
        data.used("1", at(now)).await.unwrap();
        let used = data.by_hash("hash of 1").await.unwrap().unwrap();
        assert_eq!(used.last_used_at, Some(at(noted)));
    }
    data.used("9", at(0)).await.unwrap();
}

async fn a_key_that_is_there_is_not_added_twice(fixture: Fixture) {
    let data = fixture.open().await;
    data.add(&key("1")).await.unwrap();
    let mut same = key("2");
    same.hash = key("1").hash;
    assert!(data.add(&same).await.is_err());
    assert_eq!(Keys::all(&*data).await.unwrap().len(), 1);
}

fn session(id: &str) -> Session {
    Session {
        id: id.into(),
        subject: "ana".into(),
        scopes: vec!["read".into()],
        current: "t1".into(),
        created_at: at(0),
        expires_at: at(100),
        ended_at: None,
    }
}

async fn a_session_rotates_and_ends_when_a_token_is_shown_again(fixture: Fixture) {
    let data = fixture.open().await;
    Sessions::begin(&*data, &session("s")).await.unwrap();
    Sessions::begin(&*data, &session("other")).await.unwrap();
    let mut rotated = session("s");
    rotated.current = "t2".into();
    assert_eq!(
        data.rotate("s", "t1", "t2", at(1)).await,
        Ok(Rotation::Rotated(rotated))
    );
    assert_eq!(data.goes_on("s", at(1)).await, Ok(true));
    assert_eq!(data.rotate("s", "t1", "t3", at(2)).await, Ok(Rotation::Reused));
    assert_eq!(data.goes_on("s", at(2)).await, Ok(false));
    // The good one is good no more, and the other session does not care.
    assert_eq!(data.rotate("s", "t2", "t3", at(3)).await, Ok(Rotation::Ended));
    assert_eq!(data.rotate("none", "t1", "t2", at(3)).await, Ok(Rotation::Ended));
    assert_eq!(data.goes_on("other", at(3)).await, Ok(true));
}

async fn a_session_ends_once_or_by_itself(fixture: Fixture) {
    let data = fixture.open().await;
    for id in ["ended", "expired"] {
        Sessions::begin(&*data, &session(id)).await.unwrap();
    }
    assert_eq!(data.end("ended", at(1)).await, Ok(true));
    assert_eq!(data.end("ended", at(2)).await, Ok(false));
    assert_eq!(data.rotate("ended", "t1", "t2", at(2)).await, Ok(Rotation::Ended));
    assert_eq!(data.goes_on("expired", at(99)).await, Ok(true));
    assert_eq!(data.goes_on("expired", at(100)).await, Ok(false));
    assert_eq!(
        data.rotate("expired", "t1", "t2", at(100)).await,
        Ok(Rotation::Ended)
    );
    assert_eq!(data.end("expired", at(100)).await, Ok(false));
}

async fn what_is_good_once_is_taken_once_and_in_time(fixture: Fixture) {
    let data = fixture.open().await;
    for (kind, key, value) in [("state", "k", "old"), ("state", "k", "new"), ("code", "k", "x")] {
        Once::put(&*data, kind, key, value, at(0), at(10)).await.unwrap();
    }
    assert_eq!(data.take("state", "other", at(1)).await, Ok(None));
    assert_eq!(data.take("state", "k", at(9)).await, Ok(Some("new".into())));
    assert_eq!(data.take("state", "k", at(9)).await, Ok(None));
    assert_eq!(data.take("code", "k", at(10)).await, Ok(None));
}

async fn what_has_expired_is_cleared_away(fixture: Fixture) {
    let data = fixture.open().await;
    let mut raw = fixture.raw().await;
    for key in ["1", "2"] {
        Once::put(&*data, "state", key, "v", at(0), at(10)).await.unwrap();
        Sessions::begin(&*data, &session(key)).await.unwrap();
    }
    Once::put(&*data, "state", "3", "v", at(10), at(20))
        .await
        .unwrap();
    let mut later = session("3");
    (later.created_at, later.expires_at) = (at(100), at(200));
    Sessions::begin(&*data, &later).await.unwrap();
    assert_eq!(raw.number("SELECT count(*) FROM good_once").await, 1);
    assert_eq!(raw.number("SELECT count(*) FROM sessions").await, 1);
}
