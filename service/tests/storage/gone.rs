//! A database that disappears, and returns.

use std::fs;

use orchestrate::domain::data::categories::{Categories, EntityCategories};
use orchestrate::domain::data::database::Database;
use orchestrate::domain::store::StoreError;

use crate::fixture::{Fixture, curation};

async fn is_gone(data: &dyn Database) {
    assert_eq!(data.check().await, Err(StoreError::Gone));
    assert_eq!(data.find("1").await, Err(StoreError::Gone));
    // SQLite itself would say that it was saved.
    assert_eq!(data.save(&curation("lost")).await, Err(StoreError::Gone));
}

/// A copy of the database as it is now, in a file beside it.
async fn copy(fixture: &Fixture) -> std::path::PathBuf {
    let copy = fixture.beside("copy.db");
    let into = format!("VACUUM INTO '{}'", copy.display());
    fixture.raw().await.execute(&into).await;
    copy
}

#[tokio::test]
async fn a_deleted_file_is_gone_and_is_not_made_again() {
    let fixture = Fixture::file();
    let data = fixture.open().await;
    data.save(&curation("1")).await.unwrap();
    fs::remove_file(fixture.path()).unwrap();
    is_gone(&*data).await;
    assert!(!fixture.path().exists(), "an empty database would hide the loss");
}

#[tokio::test]
async fn a_file_that_is_moved_away_and_back_is_well_again() {
    let fixture = Fixture::file();
    let data = fixture.open().await;
    data.save(&curation("1")).await.unwrap();
    fs::rename(fixture.path(), fixture.beside("away.db")).unwrap();
    is_gone(&*data).await;
    fs::rename(fixture.beside("away.db"), fixture.path()).unwrap();
    assert_eq!(data.check().await, Ok(()));
    data.save(&curation("2")).await.unwrap();
    assert_eq!(fixture.open().await.find("2").await, Ok(Some(curation("2"))));
}

#[tokio::test]
async fn a_restored_file_is_opened_and_what_was_left_of_the_other_does_it_no_harm() {
    let fixture = Fixture::file();
    let data = fixture.open().await;
    data.save(&curation("1")).await.unwrap();
    let copy = copy(&fixture).await;
    // All of this is in the journal of the file that will be deleted, and none of it in the copy.
    for number in 0..50 {
        data.save(&curation(&format!("after the copy {number}")))
            .await
            .unwrap();
    }
    let journal = fixture.beside("kept.db-wal");
    assert!(fs::metadata(&journal).unwrap().len() > 0);
    fs::remove_file(fixture.path()).unwrap();
    is_gone(&*data).await;
    fs::rename(copy, fixture.path()).unwrap();
    assert_eq!(data.check().await, Ok(()));
    assert_eq!(data.find("1").await, Ok(Some(curation("1"))));
    assert_eq!(data.find("after the copy 1").await, Ok(None));
    data.save(&curation("2")).await.unwrap();
    let mut raw = fixture.raw().await;
    raw.execute("PRAGMA wal_checkpoint(FULL)").await;
    let intact = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'";
    assert_eq!(raw.number(intact).await, 1);
    assert_eq!(raw.number("SELECT count(*) FROM curations").await, 2);
}

#[tokio::test]
async fn a_file_of_an_older_version_is_brought_up_to_date_when_it_is_restored() {
    let fixture = Fixture::file();
    let older = Fixture::file();
    let data = fixture.open().await;
    older.raw().await.execute(include_str!("migration-1.sql")).await;
    fs::rename(older.path(), fixture.path()).unwrap();
    assert_eq!(data.check().await, Ok(()));
    let gin = EntityCategories {
        entity_type: "bar".into(),
        categories: vec!["gin".into()],
    };
    Categories::put(&*data, &gin).await.unwrap();
    assert_eq!(
        fixture.raw().await.number("SELECT count(*) FROM curations").await,
        2
    );
}

#[tokio::test]
async fn a_copy_that_is_under_way_is_not_touched() {
    let fixture = Fixture::file();
    let data = fixture.open().await;
    data.save(&curation("1")).await.unwrap();
    let copy = fs::read(copy(&fixture).await).unwrap();
    fs::remove_file(fixture.path()).unwrap();
    for part in [0, 50, 100, 4_096, copy.len() - 1] {
        fs::write(fixture.path(), &copy[..part]).unwrap();
        is_gone(&*data).await;
        assert_eq!(fs::read(fixture.path()).unwrap(), copy[..part], "{part}");
    }
    fs::write(fixture.path(), &copy).unwrap();
    assert_eq!(data.check().await, Ok(()));
    assert_eq!(data.find("1").await, Ok(Some(curation("1"))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_file_is_opened_once_however_many_ask() {
    let fixture = Fixture::file();
    let data = fixture.open().await;
    data.save(&curation("1")).await.unwrap();
    let copy = copy(&fixture).await;
    fs::rename(copy, fixture.path()).unwrap();
    let saves = (0..32).map(|number| {
        let data = data.clone();
        tokio::spawn(async move { data.save(&curation(&format!("new {number}"))).await })
    });
    for saved in futures_util::future::join_all(saves).await {
        assert_eq!(saved.unwrap(), Ok(()));
    }
    assert_eq!(
        fixture.raw().await.number("SELECT count(*) FROM curations").await,
        33
    );
}
