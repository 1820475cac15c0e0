//! A run that panics leaves no service behind.

use std::path::Path;
use std::time::Duration;

use greenlight::check::driver::Next;
use greenlight::runner::spawn::Started;

use crate::support::drivers::{Endless, Scripted, one, run};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_panics_takes_the_service_and_all_its_children_along() {
    let directory = tempfile::tempdir().unwrap();
    let (leader, child) = (directory.path().join("leader"), directory.path().join("child"));
    let command = format!(
        "echo $$ > {}; sleep 300 & echo $! > {}; wait",
        leader.display(),
        child.display()
    );
    let started = Started::start(&command, &[], &[]).await.unwrap();
    let group = [written(&leader).await, written(&child).await];
    assert!(group.iter().all(|pid| alive(pid)));
    let server = Server::answering(|_: &Request| answer("200 OK", &[], "ok")).await;
    let target = target(&server.base());
    let panics = async move {
        let _started = started;
        // One round goes well; what judges it panics.
        let mut rounds = Scripted::new([vec![one("a", &get("/health"))]]);
        let mut driver = Endless(|news: greenlight::check::driver::News<'_>, now| {
            assert!(news.exchanges.is_empty(), "a panic on purpose");
            greenlight::check::driver::Driver::next(&mut rounds, news, now)
        });
        run(&target, &mut driver).await;
        Next::Done
    };
    let done = tokio::spawn(panics).await;
    assert!(done.is_err_and(|error| error.is_panic()));
    let gone = async {
        while group.iter().any(|pid| alive(pid)) {
            tokio::task::yield_now().await;
        }
    };
    let gone = tokio::time::timeout(Duration::from_secs(20), gone).await;
    assert!(gone.is_ok(), "one of {group:?} survived");
}
