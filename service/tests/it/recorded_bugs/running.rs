//! Where it listens, and whether anybody waits for somebody else's work.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::panics::Crashing;
use crate::support::{settings, start_over};

#[test]
fn bug_34_it_listens_on_the_port_that_the_platform_names() {
    // One that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut child = Command::new(env!("CARGO_BIN_EXE_orchestrate"))
        .args(["serve", "--dev"])
        .env_clear()
        .env("PORT", port.to_string())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = BufReader::new(child.stderr.take().unwrap());
    let ready = log
        .lines()
        .map_while(Result::ok)
        .find(|line| line.starts_with("ready: "));
    let _ = child.kill();
    child.wait().unwrap();
    let ready = ready.expect("it ended before it was ready");
    assert!(ready.contains(&format!(":{port}/")), "{ready}");
}

/// How many wait for the provider.
const WAITING: u32 = 64;

/// The service has a runtime of its own: were it blocked, this test would go on and say so.
#[test]
fn bug_38_a_light_route_answers_while_many_wait_for_the_provider() {
    let runtime = |threads| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(threads).enable_all().build().unwrap()
    };
    let (service_s, test_s) = (runtime(1), runtime(1));
    let provider = Arc::new(Crashing::default());
    let service = service_s.block_on(start_over(settings(), provider.clone()));
    let held = test_s.block_on(async {
        let waiting: Vec<_> = (0..WAITING)
            .map(|number| {
                tokio::spawn(
                    service
                        .orchestrate(&json!({"text": format!("Quiet {number}.")}))
                        .send(),
                )
            })
            .collect();
        let light = async {
            provider.arrived.acquire_many(WAITING).await.unwrap().forget();
            for path in ["/livez", "/ready", "/health", "/info", "/openapi.json"] {
                let answer = service.request("GET", path).send().await.unwrap();
                assert_eq!(answer.status(), 200, "{path}");
            }
        };
        let answered = tokio::time::timeout(Duration::from_secs(60), light).await;
        provider.answers.add_permits(WAITING as usize);
        answered.expect("nobody is answered while others wait");
        waiting
    });
    for one in held {
        let answer = test_s.block_on(one).unwrap().unwrap();
        assert_eq!(answer.status(), 200);
    }
}
