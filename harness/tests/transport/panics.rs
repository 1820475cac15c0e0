//! A run that panics leaves no service behind.

use std::path::Path;
use std::time::Duration;

use greenlight::check::driver::{Driver as _, News};
use greenlight::runner::spawn::Started;

use crate::support::drivers::{Endless, Scripted, one};
use crate::support::server::{Request, Server, answer};
use crate::support::{get, target};

fn alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

/// What stands in a file, as soon as something does.
async fn written(path: &Path) -> String {
    loop {
        match std::fs::read_to_string(path) {
            Ok(text) if text.ends_with('\n') => return text.trim().to_owned(),
            _ => tokio::task::yield_now().await,
        }
    }
}

#[test]
fn a_run_that_panics_takes_the_service_and_all_its_children_along() {
    let directory = tempfile::tempdir().unwrap();
    let (leader, child) = (directory.path().join("leader"), directory.path().join("child"));
    let command = format!(
        "echo $$ > {}; sleep 300 & echo $! > {}; wait",
        leader.display(),
        child.display()
    );
    // As the binary runs it, and catches it.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().build().unwrap();
    let mut group = Vec::new();
    let run = std::panic::AssertUnwindSafe(|| {
        runtime.block_on(async {
            let _started = Started::start(&command, &[], &[]).await.unwrap();
            group = vec![written(&leader).await, written(&child).await];
            let server = Server::answering(|_: &Request| answer("200 OK", &[], "ok")).await;
            // One round goes well; what looks at it panics.
            let mut rounds = Scripted::new([vec![one("a", &get("/health"))]]);
            let mut driver = Endless(|news: News<'_>, now| {
                assert!(news.exchanges.is_empty(), "a panic on purpose");
                rounds.next(news, now)
            });
            crate::support::drivers::run(&target(&server.base()), &mut driver).await;
        });
    });
    assert!(std::panic::catch_unwind(run).is_err());
    let gone = async {
        while group.iter().any(|pid| alive(pid)) {
            tokio::task::yield_now().await;
        }
    };
    let gone = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), gone).await });
    assert!(group.len() == 2 && gone.is_ok(), "one of {group:?} survived");
}
