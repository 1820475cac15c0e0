//! Days of use, on every database.

use jiff::civil::{Date, date};
use orchestrate::domain::data::usage::{DayOfUse, Used};

use crate::fixture::Fixture;

on_every_database! {
    all: [
        sums_up_by_day_and_subject,
        counts_whatever_it_is_told,
    ],
    shared: [],
}

fn used(day: Date, subject: &str, audio_ms: u64) -> Used {
    Used {
        day,
        subject: subject.into(),
        audio_ms,
        failed: false,
        refused: false,
    }
}

async fn sums_up_by_day_and_subject(fixture: Fixture) {
    let data = fixture.open().await;
    let (first, second, third) = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 10, 1));
    let failed = Used {
        failed: true,
        ..used(second, "ana", 0)
    };
    let refused = Used {
        refused: true,
        ..used(second, "ana", 0)
    };
    let all = [
        used(third, "ana", 5),
        used(second, "ana", 1_500),
        failed,
        refused.clone(),
        refused,
        used(second, "ana", 500),
        used(first, "ana", 0),
        used(second, "bob", 9),
    ];
    for used in &all {
        data.record(used).await.unwrap();
    }
    let of_second = DayOfUse {
        day: second,
        requests: 5,
        failed: 1,
        refused: 2,
        audio_ms: 2_000,
    };
    assert_eq!(data.days("ana", second, second).await, Ok(vec![of_second]));
    let days = data.days("ana", first, third).await.unwrap();
    let days: Vec<_> = days.iter().map(|day| day.day).collect();
    assert_eq!(days, [first, second, third]);
    assert_eq!(data.days("ana", third, first).await, Ok(vec![]));
    assert_eq!(data.days("ana", Date::MIN, first).await.unwrap().len(), 1);
    assert_eq!(data.days("nobody", Date::MIN, Date::MAX).await, Ok(vec![]));
}

async fn counts_whatever_it_is_told(fixture: Fixture) {
    let data = fixture.open().await;
    let day = date(2026, 3, 1);
    for _ in 0..3 {
        data.record(&used(day, "a\0na", u64::MAX)).await.unwrap();
    }
    let days = data.days("a\0na", day, day).await.unwrap();
    assert_eq!((days[0].requests, days[0].audio_ms), (3, 3 << 40));
}
