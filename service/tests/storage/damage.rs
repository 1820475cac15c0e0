//! Rows that are not as they should be, a table that is gone, and a database that somebody holds on to.

use std::time::{Duration, Instant};

use orchestrate::domain::data::categories::Categories;
use orchestrate::domain::data::curations::Filter;
use orchestrate::domain::store::StoreError;

use crate::fixture::{DEADLINE, Fixture, curation};

on_every_database! {
    all: [],
    shared: [
        a_damaged_curation_costs_nobody_the_others,
        a_page_goes_on_after_a_damaged_curation,
        a_missing_table_fails,
        a_database_that_is_held_is_slow_and_well_again,
    ],
}

async fn a_damaged_curation_costs_nobody_the_others(fixture: Fixture) {
    let data = fixture.open().await;
    let mut raw = fixture.raw().await;
    for id in ["1", "2", "3", "4", "5"] {
        data.save(&curation(id)).await.unwrap();
    }
    raw.execute("UPDATE curations SET concepts = 'no JSON' WHERE id = '2'")
        .await;
    raw.execute("UPDATE curations SET created_at = 'yesterday' WHERE id = '3'")
        .await;
    raw.execute("UPDATE curations SET audio_ms = -1 WHERE id = '4'")
        .await;
    let owner = "ana@example.com";
    let page = data.list(owner, &Filter::default(), None, 9).await.unwrap();
    let ids: Vec<_> = page.curations.iter().map(|one| &*one.id).collect();
    assert_eq!((ids, page.next), (vec!["5", "1"], None));
    for id in ["2", "3", "4"] {
        assert_eq!(data.get(owner, id).await, Err(StoreError::Failed), "{id}");
        assert_eq!(data.find(id).await, Err(StoreError::Failed), "{id}");
        assert_eq!(data.get("bob", id).await, Ok(None), "{id}");
        // Whoever wants to be rid of it may.
        assert_eq!(data.delete(owner, id).await, Ok(true), "{id}");
    }
}

async fn a_page_goes_on_after_a_damaged_curation(fixture: Fixture) {
    let data = fixture.open().await;
    let mut raw = fixture.raw().await;
    for id in ["1", "2", "3"] {
        data.save(&curation(id)).await.unwrap();
    }
    raw.execute("UPDATE curations SET concepts = '{}' WHERE id > '1'")
        .await;
    let list = async |after: Option<&str>| {
        let page = data
            .list("ana@example.com", &Filter::default(), after, 1)
            .await
            .unwrap();
        (page.curations.len(), page.next)
    };
    assert_eq!(list(None).await, (0, Some("3".to_owned())));
    assert_eq!(list(Some("3")).await, (0, Some("2".to_owned())));
    assert_eq!(list(Some("2")).await, (1, None));
}

async fn a_missing_table_fails(fixture: Fixture) {
    let data = fixture.open().await;
    fixture.raw().await.execute("DROP TABLE curations").await;
    assert_eq!(data.check().await, Err(StoreError::Failed));
    assert_eq!(data.save(&curation("1")).await, Err(StoreError::Failed));
    // Whatever does not need it goes on.
    assert!(Categories::all(&*data).await.is_ok());
}

async fn a_database_that_is_held_is_slow_and_well_again(fixture: Fixture) {
    let data = fixture.open_within(Duration::from_millis(500)).await;
    let mut raw = fixture.raw().await;
    raw.hold_curations().await;
    assert_eq!(data.save(&curation("1")).await, Err(StoreError::Slow));
    raw.execute("ROLLBACK").await;
    let begun = Instant::now();
    while data.save(&curation("2")).await.is_err() {
        assert!(begun.elapsed() < DEADLINE, "it is never well again");
    }
    assert_eq!(fixture.open().await.find("2").await, Ok(Some(curation("2"))));
}
