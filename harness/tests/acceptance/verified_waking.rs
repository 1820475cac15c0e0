//! `verify` of a deploy that sleeps: whoever comes first is held until the new build is awake. It is woken before anything is
//! judged, what is paid comes after that, and what waking took is no latency of the service.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use orchestrate::faults::Faults;
use serde_json::Value;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::baseline::{NEW, OLD};
use crate::binary::{Ran, greenlight_in, ran};
use crate::service::{Service, VARIABLE};

/// How long it takes to wake: longer than a sample of waiting may, which is 5 s.
const TAKES: Duration = Duration::from_secs(6);

/// What stands behind a platform's door.
#[derive(Debug, Default)]
struct Behind {
    /// Where the service listens.
    service: String,
    /// Whether the next who comes has to wake it.
    sleeps: bool,
    /// When it is awake, once somebody came.
    wakes: Option<Instant>,
}

/// A platform that puts what is deployed there to sleep.
struct Platform {
    url: String,
    behind: Arc<Mutex<Behind>>,
}

impl Platform {
    async fn start() -> Platform {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/v3", listener.local_addr().unwrap());
        let behind = Arc::new(Mutex::new(Behind::default()));
        let shared = behind.clone();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (service, wakes) = {
                    let mut behind = shared.lock().unwrap();
                    if std::mem::take(&mut behind.sleeps) {
                        behind.wakes = Some(Instant::now() + TAKES);
                    }
                    (behind.service.clone(), behind.wakes)
                };
                tokio::spawn(async move {
                    if let Some(wakes) = wakes {
                        tokio::time::sleep_until(wakes).await;
                    }
                    if let Ok(mut service) = TcpStream::connect(service).await {
                        let _ = copy_bidirectional(&mut client, &mut service).await;
                    }
                });
            }
        });
        Platform { url, behind }
    }

    /// Puts a service there, asleep or awake.
    fn deploy(&self, service: &Service, sleeps: bool) {
        let url = service.url();
        let (host, _) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        *self.behind.lock().unwrap() = Behind {
            service: host.to_owned(),
            sleeps,
            wakes: None,
        };
    }

    async fn verify(&self, directory: &Path, token: &str, more: &[&str]) -> Ran {
        let fixed = [
            "verify",
            &self.url,
            "--profile",
            "concierge",
            "--profile",
            "sleeps.toml",
        ];
        let production = [
            "--environment",
            "production",
            "--allow",
            "paid",
            "--format",
            "json",
        ];
        let all = fixed.into_iter().chain(production).chain(more.iter().copied());
        let mut command = greenlight_in(directory, all);
        command.args(["--token-env", VARIABLE]).env(VARIABLE, token);
        ran(command).await
    }
}

/// Every exchange of a recording.
fn exchanges(directory: &Path, file: &str) -> Vec<Value> {
    let recording: Value = serde_json::from_slice(&std::fs::read(directory.join(file)).unwrap()).unwrap();
    recording["exchanges"].as_array().unwrap().clone()
}

fn at(exchange: &Value) -> jiff::Timestamp {
    exchange["at"].as_str().unwrap().parse().unwrap()
}

/// Green, paid once and only once it was awake, at this time; and not slower than the build before.
fn well(run: &Ran, service: &Service, exchanges: &[Value], awake: jiff::Timestamp) {
    let report = run.json();
    assert_eq!((run.code, service.paid()), (0, 1), "{run:#?}");
    let paid: Vec<&Value> = exchanges
        .iter()
        .filter(|exchange| exchange["probe"]["effect"] == "paid")
        .collect();
    assert!(paid.len() == 1 && at(paid[0]) >= awake, "{awake} {paid:#?}");
    let slept = i64::try_from(TAKES.as_micros()).unwrap() - 1_000_000;
    let judged = exchanges
        .iter()
        .filter(|exchange| exchange["askers"] != serde_json::json!(["warm-up"]));
    for exchange in judged {
        let waited = exchange["phases"]["wait"].as_i64();
        assert!(waited.is_none_or(|waited| waited < slept), "{exchange:#}");
    }
    let compared = &report["baseline"]["compared"];
    assert_eq!(compared["changes"], serde_json::json!([]), "{compared:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deploy_that_sleeps_is_woken_first_and_its_start_is_no_latency() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    std::fs::write(
        path.join("sleeps.toml"),
        "[env.production]\ncold_start = \"60s\"\n",
    )
    .unwrap();
    let platform = Platform::start().await;
    let old = Service::built(Some(OLD), Faults::default()).await;
    platform.deploy(&old, false);
    let before = platform
        .verify(path, &old.token, &["--record", "before.json"])
        .await;
    assert_eq!(before.code, 0, "{before:#?}");

    let new = Service::built(Some(NEW), Faults::default()).await;
    platform.deploy(&new, true);
    let compared = ["--baseline", "before.json", "--record", "woken.json"];
    let woken = platform.verify(path, &new.token, &compared).await;
    let seen = exchanges(path, "woken.json");
    assert_eq!(seen[0]["askers"], serde_json::json!(["warm-up"]), "{:#}", seen[0]);
    let begun = at(&seen[0]);
    let awake =
        begun + jiff::SignedDuration::try_from(TAKES).unwrap() - jiff::SignedDuration::from_millis(100);
    well(&woken, &new, &seen, awake);

    let new = Service::built(Some(NEW), Faults::default()).await;
    platform.deploy(&new, true);
    let wait = [
        "--wait",
        "5m",
        "--expect-version",
        NEW,
        "--baseline",
        "before.json",
    ];
    let wait = [&wait[..], &["--record", "waited.json"]].concat();
    let waited = platform.verify(path, &new.token, &wait).await;
    let rollout = &waited.json()["rollout"];
    assert_eq!(rollout["ended"], "settled", "{waited:#?}");
    assert_eq!(rollout["stages"][0]["stage"], "warming", "{rollout:#}");
    let took = rollout["duration_ms"].as_i64().unwrap();
    assert!(took >= 5_900, "nobody waited for it: {rollout:#}");
    let begun: jiff::Timestamp = rollout["begun_at"].as_str().unwrap().parse().unwrap();
    let settled = begun + jiff::SignedDuration::from_millis(took);
    well(&waited, &new, &exchanges(path, "waited.json"), settled);
}
