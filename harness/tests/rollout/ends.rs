//! Each way that waiting ends, over real sockets.

use crate::nginx::{self, Nginx};
use crate::waiting::{NEW, OLD, free, port, service, wait, wait_and_then, wait_at};

#[tokio::test]
async fn a_single_build_settles_and_its_instance_is_named() {
    let service = service(Some(NEW)).await;
    let (code, report, err) = wait(port(&service), &["--for", "30s"]).await;
    assert_eq!(code, 0, "{err}");
    assert_eq!(report["schema"], "greenlight.wait/1");
    assert_eq!(report["headline"], "fedcba987 is the only build that answers");
    assert!(report["streak"].as_u64() >= report["needed"].as_u64());
    assert!(report["excluded_percent"].as_u64().unwrap() <= 10);
    assert!(err.contains("SETTLED"), "{err}");
    let instances = instances(&report);
    assert_eq!(instances.len(), 1, "{err}");
    assert!(err.contains(&format!("instances   {}", instances[0])), "{err}");
}

/// The instances that were seen, as they name themselves.
fn instances(report: &serde_json::Value) -> Vec<&str> {
    let seen = report["instances"].as_array().unwrap().iter();
    seen.map(|instance| instance.as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_old_build_alone_is_a_deploy_that_never_came() {
    let service = service(Some(OLD)).await;
    let (code, report, err) = wait(port(&service), &["--for", "3s"]).await;
    assert_eq!(
        (code, report["ended"].as_str()),
        (5, Some("not-deployed")),
        "{err}"
    );
    let said = "NOT SETTLED  fedcba987 is not deployed: 0123456789ab answers";
    assert!(err.contains(said), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_instance_that_stays_is_told_with_its_share() {
    if !nginx::is_here() {
        return;
    }
    let (old, new) = (service(Some(OLD)).await, service(Some(NEW)).await);
    let door = free(1).await[0];
    let _nginx = Nginx::in_turn(&[(door, vec![(port(&old), 1), (port(&new), 1)])]).await;
    let (code, report, err) = wait(door, &["--for", "4s"]).await;
    assert_eq!(
        (code, report["ended"].as_str()),
        (5, Some("old-still-live")),
        "{err}"
    );
    assert!(
        err.contains("An old build is still live: 0123456789ab answered"),
        "{err}"
    );
    assert_eq!(report["builds"].as_array().unwrap().len(), 2);
    let instances = instances(&report);
    assert!(
        instances.len() == 2 && instances[0] != instances[1],
        "{instances:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_takes_the_place_of_the_expected_one_supersedes_it() {
    if !nginx::is_here() {
        return;
    }
    let other = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let (old, new, newer) = (
        service(Some(OLD)).await,
        service(Some(NEW)).await,
        service(Some(other)).await,
    );
    let door = free(1).await[0];
    let nginx = Nginx::start(&[(door, vec![(port(&old), 1), (port(&new), 1)])]).await;
    let url = format!("http://127.0.0.1:{door}/api/v3");
    let arguments = [
        "--profile",
        "concierge",
        "--expect-version",
        &NEW[..9],
        "--for",
        "60s",
    ];
    let swap = || nginx.reload(&[(door, vec![(port(&newer), 1)])]);
    let (code, report, err) = wait_and_then(&url, &arguments, "fedcba987 answered", swap).await;
    assert_eq!((code, report["ended"].as_str()), (5, Some("superseded")), "{err}");
    assert!(
        err.contains("fedcba987 was superseded: aaaaaaaaaaaa answers in its place"),
        "{err}"
    );
}

#[tokio::test]
async fn a_service_that_names_no_build_fails_closed_and_is_told_the_lines() {
    let app = express_like().await;
    let url = format!("http://127.0.0.1:{app}");
    let (code, report, err) = wait_at(&url, &["--expect-version", &NEW[..9], "--for", "3s"]).await;
    assert_eq!(
        (code, report["ended"].as_str()),
        (5, Some("none-served")),
        "{err}"
    );
    assert_eq!(report["remedy"]["framework"], "Express", "{err}");
    assert!(err.contains("in Express, these lines serve it:"), "{err}");
    assert!(err.contains("process.env.GIT_COMMIT"), "{err}");
}

/// A server that answers everything as Express does and names no build.
async fn express_like() -> u16 {
    const OK: &str = "HTTP/1.1 200 OK\r\nx-powered-by: Express\r\ncontent-type: application/json\r\n\
                      content-length: 15\r\nconnection: close\r\n\r\n{\"status\":\"ok\"}";
    answering(|_| OK).await
}

/// A server that gives its nth connection this answer.
async fn answering(answer: fn(usize) -> &'static str) -> u16 {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut nth = 0;
        while let Ok((mut stream, _)) = listener.accept().await {
            nth += 1;
            let answer = answer(nth);
            tokio::spawn(async move {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                if answer.is_empty() {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn nobody_who_answers_is_waited_for_and_told() {
    let port = free(1).await[0];
    let (code, report, err) = wait(port, &["--for", "2s"]).await;
    assert_eq!(
        (code, report["ended"].as_str()),
        (5, Some("unreachable")),
        "{err}"
    );
    assert!(
        err.contains("Nothing gives a good answer: the connection is refused"),
        "{err}"
    );
    // One line for the stage, and none more within ten seconds.
    assert_eq!(
        err.lines().filter(|line| line.contains("warming  ")).count(),
        1,
        "{err}"
    );
}

#[tokio::test]
async fn a_dead_address_beside_a_live_one_keeps_it_from_settling() {
    let service = service(Some(NEW)).await;
    let port = port(&service);
    let url = format!("http://api.acme.example:{port}/api/v3");
    let pins = [
        "--resolve",
        "api.acme.example:127.0.0.1",
        "--resolve",
        "api.acme.example:127.0.0.2",
    ];
    let about = [
        "--profile",
        "concierge",
        "--expect-version",
        &NEW[..9],
        "--for",
        "3s",
    ];
    let (code, report, err) = wait_at(&url, &[&pins[..], &about[..]].concat()).await;
    assert_eq!((code, report["ended"].as_str()), (5, Some("unsteady")), "{err}");
    assert!(err.contains("127.0.0.2 ("), "{err}");
    let (code, _, err) = wait_at(&url, &[&pins[..2], &about[..]].concat()).await;
    assert_eq!(code, 0, "{err}");
}

#[tokio::test]
async fn a_wait_that_makes_no_sense_is_refused_before_anything_is_sent() {
    for (arguments, said) in [
        (vec!["--expect-version", "abc"], "--expect-version"),
        (
            vec!["--expect-version", "abcdef0", "--for", "soon"],
            "--for: `soon` is not a duration",
        ),
        (
            vec!["--expect-version", "abcdef0", "--replicas", "no"],
            "--replicas",
        ),
    ] {
        let done = tokio::process::Command::new(env!("CARGO_BIN_EXE_greenlight"))
            .args(["wait", "http://127.0.0.1:9"])
            .args(arguments)
            .env_clear()
            .output()
            .await
            .unwrap();
        let err = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2), "{err}");
        assert!(err.contains(said), "{err}");
    }
}

/// `greenlight verify` with these arguments: its exit code, and all that it printed.
async fn ran(arguments: &[&str]) -> (i32, String) {
    let done = tokio::process::Command::new(env!("CARGO_BIN_EXE_greenlight"))
        .arg("verify")
        .args(arguments)
        .args(["--expect-version", &NEW[..9]])
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .env_clear()
        .output()
        .await
        .unwrap();
    let text = [done.stdout, done.stderr].concat();
    (done.status.code().unwrap_or(-1), String::from_utf8(text).unwrap())
}

/// The same of the reference service, without a token: what is not proven is accepted.
async fn verify(port: u16, arguments: &[&str]) -> (i32, String) {
    let url = format!("http://127.0.0.1:{port}/api/v3");
    let fixed = ["--profile", "concierge", "--suite", "smoke"];
    let accepted = ["auth/good-credential-accepted", "journey/proofs"];
    let accepted = accepted.iter().flat_map(|id| ["--accept-unproven", id]);
    let all: Vec<&str> = [url.as_str()]
        .into_iter()
        .chain(fixed)
        .chain(accepted)
        .chain(arguments.iter().copied())
        .collect();
    ran(&all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_waits_for_the_deploy_and_then_judges_it() {
    if !nginx::is_here() {
        return;
    }
    let (old, new) = (service(Some(OLD)).await, service(Some(NEW)).await);
    let door = free(1).await[0];
    let nginx = Nginx::start(&[(door, vec![(port(&old), 1)])]).await;
    let verifying = tokio::spawn(async move { verify(door, &["--wait", "60s"]).await });
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    nginx.reload(&[(door, vec![(port(&new), 1)])]);
    let (code, told) = verifying.await.unwrap();
    assert_eq!(code, 0, "{told}");
    assert!(told.starts_with("PASS"), "{told}");
    assert!(told.contains("waited      "), "{told}");
}

#[tokio::test]
async fn verify_of_a_deploy_that_never_came_checks_nothing() {
    let service = service(Some(OLD)).await;
    let (code, told) = verify(port(&service), &["--wait", "2s"]).await;
    assert_eq!(code, 5, "{told}");
    assert!(
        told.starts_with("NOT SETTLED  fedcba987 is not deployed: 0123456789ab answers"),
        "{told}"
    );
    assert!(
        told.contains("nothing: no verdict on another build would be one on this deploy"),
        "{told}"
    );
}

/// The new build, and nothing else.
const WELL: &str = "HTTP/1.1 200 OK\r\nx-commit: fedcba9876543210\r\ncontent-type: application/json\r\n\
                    content-length: 15\r\nconnection: close\r\n\r\n{\"status\":\"ok\"}";

/// The new build crashes once while it is waited for, and is well from then on.
fn crashes_once(nth: usize) -> &'static str {
    match nth {
        5 => "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        _ => WELL,
    }
}

/// A proxy has nobody behind it once.
fn is_swapped_once(nth: usize) -> &'static str {
    match nth {
        5 => "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        _ => WELL,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_the_new_build_counts_though_it_was_well_afterwards_and_a_swap_does_not() {
    let found = |told: &str| told.contains("GET /health answers HTTP 500");
    let (code, told) = verify_at(answering(crashes_once).await).await;
    assert!(code == 1 && found(&told), "{code}: {told}");
    let (_, told) = verify_at(answering(is_swapped_once).await).await;
    assert!(
        told.contains("waited      ") && !told.contains("HTTP 502"),
        "{told}"
    );
}

/// `verify --wait` of a service about which nothing is known.
async fn verify_at(port: u16) -> (i32, String) {
    ran(&[&format!("http://127.0.0.1:{port}"), "--wait", "60s", "--verbose"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_keeps_everybody_waiting_at_first_is_not_given_up() {
    // An empty answer is none: the connection stays open until the deadline of the sample.
    let port = answering(|nth| if nth <= 5 { "" } else { WELL }).await;
    let directory = tempfile::tempdir().unwrap();
    let profile = directory.path().join("p.toml");
    // Waiting takes longer than a run may.
    std::fs::write(&profile, "[bounds]\ndeadline = \"200ms\"\nrun = \"1s\"\n").unwrap();
    let url = format!("http://127.0.0.1:{port}");
    let arguments = [
        "--profile",
        profile.to_str().unwrap(),
        "--expect-version",
        &NEW[..9],
        "--for",
        "30s",
    ];
    let (code, report, err) = wait_at(&url, &arguments).await;
    assert_eq!(code, 0, "{err}");
    let misses = &report["misses"][0];
    assert_eq!(
        misses["what"], "it accepts the connection and does not answer in time",
        "{err}"
    );
    assert!(misses["samples"].as_u64() >= Some(5), "{err}");
    assert!(report["duration_ms"].as_u64() > Some(1_000), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waiting_takes_is_not_taken_from_the_run_that_follows() {
    let port = answering(|nth| if nth <= 3 { "" } else { WELL }).await;
    let directory = tempfile::tempdir().unwrap();
    let profile = directory.path().join("p.toml");
    std::fs::write(&profile, "[bounds]\ndeadline = \"2s\"\nrun = \"5s\"\n").unwrap();
    let url = format!("http://127.0.0.1:{port}");
    let (_, told) = ran(&[
        &url,
        "--wait",
        "60s",
        "--format",
        "json",
        "--profile",
        profile.to_str().unwrap(),
    ])
    .await;
    // The report for people follows on standard error.
    let mut report = serde_json::Deserializer::from_str(&told).into_iter::<serde_json::Value>();
    let report = report.next().unwrap().unwrap();
    let rollout = &report["rollout"];
    assert_eq!(rollout["ended"], "settled", "{told}");
    assert!(rollout["duration_ms"].as_u64() > Some(5_000), "{rollout:#}");
    let checks = report["checks"].as_array().unwrap();
    let answers = checks
        .iter()
        .find(|check| check["check"] == "reach/answers")
        .unwrap();
    assert_eq!(answers["outcome"], "pass", "the run had its own time: {told}");
}
