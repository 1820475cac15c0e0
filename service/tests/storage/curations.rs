//! Kept runs and the categories, on every database.

use orchestrate::domain::concepts::default_categories;
use orchestrate::domain::data::categories::{Categories, EVERY_OTHER, EntityCategories};
use orchestrate::domain::data::curations::{FULL_PAGE, Filter};
use orchestrate::domain::data::database::Database;
use orchestrate::domain::store::Curation;

use crate::fixture::{Fixture, curation};

on_every_database! {
    all: [
        finds_what_it_saved_and_nothing_else,
        keeps_any_text,
        lists_newest_first_page_by_page,
    ends_a_page_that_is_full_before_it_has_as_many_as_were_wanted,
        filters_a_list_by_what_is_exactly_so,
        another_owner_sees_and_deletes_nothing,
        another_attempt_takes_the_place_of_the_one_before_and_nobody_elses,
        categories_are_seeded_as_the_service_has_them,
        categories_are_put_and_removed,
    ],
    shared: [
        is_there_when_it_is_opened_again,
    ],
}

async fn finds_what_it_saved_and_nothing_else(fixture: Fixture) {
    let data = fixture.open().await;
    let written = Curation {
        entity_id: None,
        place_id: None,
        curator_id: Some("c1".into()),
        concepts: Vec::new(),
        audio_ms: None,
        ..curation("2")
    };
    for curation in [curation("1"), written] {
        data.save(&curation).await.unwrap();
        assert_eq!(data.find(&curation.id).await, Ok(Some(curation.clone())));
        assert_eq!(
            data.get(&curation.subject, &curation.id).await,
            Ok(Some(curation))
        );
    }
    assert_eq!(data.find("3").await, Ok(None));
    assert_eq!(data.check().await, Ok(()));
}

async fn keeps_any_text(fixture: Fixture) {
    let data = fixture.open().await;
    let long = "peixe 🐟 ".repeat(12_000);
    for (number, text) in [
        "",
        "'; DROP TABLE curations; --",
        "%_\\ $1 ?1",
        "\u{202E}é\u{301}\u{FFFF}",
        &long,
    ]
    .into_iter()
    .enumerate()
    {
        let mut odd = curation(&format!("odd-{number}"));
        (odd.text, odd.subject, odd.entity_id) = (text.into(), text.into(), Some(text.into()));
        odd.concepts[0].value = format!("{text}\0");
        // What PostgreSQL indexes has a largest size; no credential has a subject of that size.
        odd.subject.truncate(odd.subject.floor_char_boundary(256));
        odd.entity_id
            .as_mut()
            .unwrap()
            .truncate(text.floor_char_boundary(256));
        data.save(&odd).await.unwrap();
        assert_eq!(data.get(&odd.subject, &odd.id).await, Ok(Some(odd)));
    }
    let nul = Curation {
        text: "a\0b".into(),
        curator_id: Some("\0".into()),
        ..curation("n\0l")
    };
    data.save(&nul).await.unwrap();
    let kept = data.find("n\0l").await.unwrap().unwrap();
    assert_eq!(
        (&*kept.id, &*kept.text, kept.curator_id.as_deref()),
        ("n\u{FFFD}l", "a\u{FFFD}b", Some("\u{FFFD}"))
    );
    let filter = Filter {
        entity_id: Some("\0".into()),
        ..Filter::default()
    };
    assert!(
        data.list("\0", &filter, Some("\0"), 1)
            .await
            .unwrap()
            .curations
            .is_empty()
    );
    assert_eq!(data.get("\0", "\0").await, Ok(None));
    assert_eq!(data.delete("\0", "\0").await, Ok(false));
    assert_eq!(data.of("\0").await, Ok(None));
}

/// The ids of a page, and what comes after it.
async fn page(
    data: &dyn Database,
    filter: &Filter,
    after: Option<&str>,
    most: u32,
) -> (Vec<String>, Option<String>) {
    let page = data.list("ana@example.com", filter, after, most).await.unwrap();
    (page.curations.into_iter().map(|one| one.id).collect(), page.next)
}

async fn lists_newest_first_page_by_page(fixture: Fixture) {
    let data = fixture.open().await;
    let all = Filter::default();
    assert_eq!(page(&*data, &all, None, 3).await, (vec![], None));
    // By their bytes, in which capitals come first.
    for id in ["B", "a", "0", "c", "A", "b"] {
        data.save(&curation(id)).await.unwrap();
    }
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let (ids, next) = page(&*data, &all, after.as_deref(), 2).await;
        pages.push(ids);
        // It need not be there any more.
        if let Some(next) = &next {
            assert_eq!(data.delete("ana@example.com", next).await, Ok(true));
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages, [["c", "b"], ["a", "B"], ["A", "0"]]);
    assert_eq!(page(&*data, &all, None, 100).await.0, ["c", "a", "A", "0"]);
}

async fn ends_a_page_that_is_full_before_it_has_as_many_as_were_wanted(fixture: Fixture) {
    let data = fixture.open().await;
    let all = Filter::default();
    let half = usize::try_from(FULL_PAGE / 2).unwrap();
    // In bytes, not in letters, of which the largest alone is more than a page.
    for (id, text) in [
        ("1", "a".into()),
        ("2", "\u{1f41f}".repeat(half)),
        ("3", "a".repeat(half)),
        ("4", "a".repeat(half + 1)),
        ("5", "a".into()),
    ] {
        let text: String = text;
        data.save(&Curation { text, ..curation(id) }).await.unwrap();
    }
    let next = |id: &str| Some(id.to_owned());
    assert_eq!(
        page(&*data, &all, None, 100).await,
        (vec!["5".into(), "4".into(), "3".into()], next("3"))
    );
    assert_eq!(
        page(&*data, &all, Some("3"), 100).await,
        (vec!["2".into()], next("2"))
    );
    assert_eq!(page(&*data, &all, Some("2"), 100).await, (vec!["1".into()], None));
    assert_eq!(
        page(&*data, &all, None, 3).await,
        (vec!["5".into(), "4".into(), "3".into()], next("3"))
    );
}

async fn filters_a_list_by_what_is_exactly_so(fixture: Fixture) {
    let data = fixture.open().await;
    for (id, entity_id, entity_type) in [
        ("1", Some("e1"), "restaurant"),
        ("2", Some("E1"), "restaurant"),
        ("3", None, "bar"),
        ("4", Some("e1"), "bar"),
        ("5", Some("%"), "_ar"),
    ] {
        let entity_id = entity_id.map(str::to_owned);
        let entity_type = entity_type.to_owned();
        let one = Curation {
            entity_id,
            entity_type,
            ..curation(id)
        };
        data.save(&one).await.unwrap();
    }
    for (entity_id, entity_type, ids) in [
        (Some("e1"), None, &["4", "1"][..]),
        (None, Some("bar"), &["4", "3"]),
        (Some("e1"), Some("bar"), &["4"]),
        (Some("%"), None, &["5"]),
        (None, Some("_ar"), &["5"]),
        (Some(""), None, &[]),
    ] {
        let filter = Filter {
            entity_id: entity_id.map(str::to_owned),
            entity_type: entity_type.map(str::to_owned),
        };
        assert_eq!(page(&*data, &filter, None, 9).await.0, ids, "{filter:?}");
    }
}

async fn another_owner_sees_and_deletes_nothing(fixture: Fixture) {
    let data = fixture.open().await;
    data.save(&curation("1")).await.unwrap();
    assert_eq!(data.get("bob", "1").await, Ok(None));
    assert_eq!(data.delete("bob", "1").await, Ok(false));
    assert!(
        data.list("bob", &Filter::default(), None, 9)
            .await
            .unwrap()
            .curations
            .is_empty()
    );
    assert_eq!(data.delete("ana@example.com", "1").await, Ok(true));
    assert_eq!(data.delete("ana@example.com", "1").await, Ok(false));
    assert_eq!(data.find("1").await, Ok(None));
}

fn of(entity_type: &str, categories: &[&str]) -> EntityCategories {
    EntityCategories {
        entity_type: entity_type.into(),
        categories: categories.iter().map(|name| (*name).to_owned()).collect(),
    }
}

async fn categories_are_seeded_as_the_service_has_them(fixture: Fixture) {
    let data = fixture.open().await;
    let seeded = ["*", "bar", "cafe", "hotel", "restaurant"];
    assert_eq!(
        Categories::all(&*data).await.unwrap(),
        seeded.map(|kind| of(kind, default_categories(kind)))
    );
    assert_eq!(EVERY_OTHER, seeded[0]);
    assert_eq!(data.of("museum").await, Ok(None));
}

async fn categories_are_put_and_removed(fixture: Fixture) {
    let data = fixture.open().await;
    for names in [&["art"][..], &["shop", "art"]] {
        let museum = of("Museum", names);
        Categories::put(&*data, &museum).await.unwrap();
        assert_eq!(data.of("Museum").await, Ok(Some(museum)));
    }
    let kinds: Vec<_> = Categories::all(&*data).await.unwrap();
    let kinds: Vec<_> = kinds.iter().map(|kind| &*kind.entity_type).collect();
    assert_eq!(kinds, ["*", "Museum", "bar", "cafe", "hotel", "restaurant"]);
    assert_eq!(data.remove("Museum").await, Ok(true));
    assert_eq!(data.remove("Museum").await, Ok(false));
    assert_eq!(data.of("Museum").await, Ok(None));
}

async fn is_there_when_it_is_opened_again(fixture: Fixture) {
    let data = fixture.open().await;
    data.save(&curation("1")).await.unwrap();
    Categories::put(&*data, &of("bar", &["gin"])).await.unwrap();
    drop(data);
    let data = fixture.open().await;
    assert_eq!(data.find("1").await, Ok(Some(curation("1"))));
    // Seeded once, and edited ever after.
    assert_eq!(data.of("bar").await, Ok(Some(of("bar", &["gin"]))));
}

async fn another_attempt_takes_the_place_of_the_one_before_and_nobody_elses(fixture: Fixture) {
    let data = fixture.open().await;
    let again = Curation {
        text: "Peixe muito bom.".into(),
        audio_ms: Some(3_000),
        ..curation("1")
    };
    let stolen = Curation {
        subject: "bob".into(),
        ..again.clone()
    };
    data.save(&curation("1")).await.unwrap();
    data.save(&again).await.unwrap();
    assert_eq!(data.find("1").await, Ok(Some(again.clone())));
    assert!(
        data.save(&stolen).await.is_err(),
        "nothing was kept, and that is said"
    );
    assert_eq!(data.find("1").await, Ok(Some(again)));
}
