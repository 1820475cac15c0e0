//! What is kept, on every database: SQLite in memory, SQLite in a file, PostgreSQL.
//!
//! PostgreSQL is Debian's, started by `scripts/postgres` for these tests alone. Where it is not installed its tests skip aloud,
//! and fail when `GREENLIGHT_REQUIRE` names `postgres`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should say so and stop"
)]

/// Each test on each kind of database. Those of `all` run in memory too, in a database that nobody else can open.
macro_rules! on_every_database {
    (all: [$($test:ident),* $(,)?], shared: [$($shared:ident),* $(,)?] $(,)?) => {
        mod sqlite_in_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::fixture::Fixture::in_memory()).await;
            })*
        }
        mod sqlite_in_a_file {
            on_every_database! { @one in_a_file: $($test,)* $($shared,)* }
        }
        mod postgresql {
            on_every_database! { @one in_postgresql: $($test,)* $($shared,)* }
        }
    };
    (@one $fixture:ident: $($test:ident,)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            // None where there is no PostgreSQL.
            if let Some(fixture) = crate::fixture::Fixture::$fixture().await {
                super::$test(fixture).await;
            }
        })*
    };
}

mod cluster;
mod credentials;
mod curations;
mod damage;
mod fixture;
mod gone;
mod killed;
mod opening;
mod races;
mod replays;
mod served;
mod sums;
