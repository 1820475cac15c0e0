use super::*;
use crate::domain::concepts::Concept;

const DEADLINE: Duration = Duration::from_secs(5);

fn example() -> Curation {
    Curation {
        id: "c1".into(),
        subject: "ana@example.com".into(),
        workflow: "audio_only".into(),
        curator_id: None,
        entity_id: Some("e1".into()),
        entity_type: "restaurant".into(),
        place_id: None,
        language: "pt-BR".into(),
        text: "Peixe bom.".into(),
        concepts: vec![Concept {
            category: "menu".into(),
            value: "peixe".into(),
        }],
    }
}

async fn in_file(path: &Path) -> SqliteStore {
    SqliteStore::open(&Location::File(path.to_owned()), DEADLINE)
        .await
        .unwrap()
}

#[tokio::test]
async fn finds_what_it_saved_and_nothing_else() {
    let store = SqliteStore::open(&Location::Memory, DEADLINE).await.unwrap();
    store.save(&example()).await.unwrap();
    assert_eq!(store.find("c1").await.unwrap(), Some(example()));
    assert_eq!(store.find("c2").await.unwrap(), None);
}

#[tokio::test]
async fn each_memory_database_is_its_own() {
    let one = SqliteStore::open(&Location::Memory, DEADLINE).await.unwrap();
    let other = SqliteStore::open(&Location::Memory, DEADLINE).await.unwrap();
    one.save(&example()).await.unwrap();
    assert_eq!(other.find("c1").await.unwrap(), None);
}

#[tokio::test]
async fn keeps_curations_when_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept.db");
    let store = in_file(&path).await;
    store.save(&example()).await.unwrap();
    store.close().await;
    assert_eq!(in_file(&path).await.find("c1").await.unwrap(), Some(example()));
}

#[tokio::test]
async fn notices_that_its_file_was_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone.db");
    let store = in_file(&path).await;
    assert_eq!(store.check().await, Ok(()));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(store.check().await, Err(StoreError::Gone));
    assert_eq!(
        store.save(&example()).await,
        Err(StoreError::Gone),
        "SQLite itself would say it was saved"
    );
}

#[tokio::test]
async fn notices_that_another_file_took_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("swapped.db");
    let other = folder.path().join("other.db");
    let store = in_file(&path).await;
    in_file(&other).await.close().await;
    std::fs::rename(&other, &path).unwrap();
    assert_eq!(store.check().await, Err(StoreError::Gone));
}

#[tokio::test]
async fn notices_that_its_table_is_missing() {
    let store = SqliteStore::open(&Location::Memory, DEADLINE).await.unwrap();
    sqlx::query("DROP TABLE curations")
        .execute(&store.pool)
        .await
        .unwrap();
    assert_eq!(store.check().await, Err(StoreError::Failed));
}

#[tokio::test]
async fn refuses_to_open_where_no_folder_is() {
    let location = Location::File("/nowhere/at/all/x.db".into());
    let error = SqliteStore::open(&location, DEADLINE)
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("/nowhere/at/all/x.db"), "{error}");
    assert!(error.contains("folder"), "{error}");
}
