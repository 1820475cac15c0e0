//! More than a hundred swaps with old shares of 1/2, 1/3 and 1/10: each settles, and not before the old instance is gone.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::nginx::{self, Nginx, Weighted};
use crate::waiting::{NEW, OLD, free, port, service, wait};

/// Swaps at once.
const AT_ONCE: usize = 17;
/// Batches of them for each share.
const BATCHES: usize = 2;
/// How long both builds answer: a part of the swap, and many times what a streak takes.
const SWAP: Duration = Duration::from_millis(2_500);

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_one_swap_of_twenty_settles_too_early() {
    if !nginx::is_here() {
        return;
    }
    let (old, new) = (service(Some(OLD)).await, service(Some(NEW)).await);
    let (old, new) = (port(&old), port(&new));
    let (mut swaps, mut early) = (0, 0);
    for replicas in [2, 3, 10] {
        for _ in 0..BATCHES {
            early += batch(replicas, (old, new)).await;
            swaps += AT_ONCE;
        }
    }
    assert!(swaps > 100);
    assert!(early * 20 <= swaps, "{early} of {swaps} were settled too early");
}

/// Swaps side by side, one of so many instances old; how many were called settled too early.
async fn batch(replicas: u16, (old, new): (u16, u16)) -> usize {
    let doors = free(AT_ONCE).await;
    let all = |instances: &[Weighted]| -> Vec<(u16, Vec<Weighted>)> {
        doors.iter().map(|door| (*door, instances.to_vec())).collect()
    };
    let nginx = Nginx::start(&all(&[(old, 1), (new, u32::from(replicas) - 1)])).await;
    let replicas = replicas.to_string();
    let begun = Instant::now();
    let waits: Vec<_> = doors
        .iter()
        .map(|door| {
            let (door, replicas) = (*door, replicas.clone());
            tokio::spawn(async move {
                let (code, report, err) = wait(door, &["--replicas", &replicas, "--for", "60s"]).await;
                assert_eq!((code, report["ended"].as_str()), (0, Some("settled")), "{err}");
                begun.elapsed()
            })
        })
        .collect();
    sleep(SWAP).await;
    let swapped = begun.elapsed();
    nginx.reload(&all(&[(new, 1)]));
    let mut early = 0;
    for wait in waits {
        early += usize::from(wait.await.unwrap() < swapped);
    }
    early
}
