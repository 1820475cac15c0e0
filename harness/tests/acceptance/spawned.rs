//! `--spawn`: the service is started for the run, must stay, is listened to, and is gone afterwards.

use std::path::Path;

use crate::binary::{Ran, greenlight, greenlight_in, ran, redacted, with_hangup, write_service};

/// A service of a few lines. `/health` answers well; `/broken` fails and says why in the log; `/forgotten` answers 200 and
/// forgets to await; `/dies` answers 200 and ends; `/replaced` does so and leaves its socket to another process,
/// `/held` to one that answers nobody.
const SERVICE: &str = r#"
import http.server, os, plain, socket, subprocess, sys

async def save():
    pass

class Service(plain.Plain):
    def do_GET(self):
        status, body = 200, b'{"status": "healthy"}'
        if self.path == "/broken":
            status, body = 500, b"Internal Server Error"
            print("Traceback: NameError in broken(), key " + os.environ.get("NOTES_KEY", ""), file=sys.stderr, flush=True)
        if self.path == "/forgotten":
            save()
        if self.path == "/replaced":
            door = self.server.fileno()
            subprocess.Popen([sys.executable, sys.argv[0], str(door)], pass_fds=[door])
        if self.path == "/held":
            subprocess.Popen(["sleep", "600"], pass_fds=[self.server.fileno()])
        self.answer(status, body, "application/json" if status == 200 else "text/plain")
        if self.path in ("/dies", "/replaced", "/held"):
            os._exit(3)

open("pid", "w").write(str(os.getpid()))
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Service, len(sys.argv) == 1)
if len(sys.argv) > 1:
    server.socket = socket.socket(fileno=int(sys.argv[1]))
server.serve_forever()
"#;

/// A profile whose proof is one read.
fn profile(route: &str) -> String {
    format!("[service]\nhealth = \"/health\"\n\n[[prove]]\ncall = \"GET {route}\"\n")
}

async fn verify(directory: &Path, route: &str, more: &[&str]) -> Ran {
    write_service(directory, SERVICE);
    std::fs::write(directory.join("p.toml"), profile(route)).unwrap();
    let arguments = ["verify", "--spawn", "python3 service.py", "--profile", "p.toml"];
    ran(greenlight_in(directory, arguments.iter().chain(more).copied())).await
}

/// Whether the service that wrote its number into this directory still runs.
fn runs(directory: &Path) -> bool {
    let pid = std::fs::read_to_string(directory.join("pid")).unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

#[tokio::test]
async fn a_healthy_service_is_verified_as_local_and_is_gone_afterwards() {
    let directory = tempfile::tempdir().unwrap();
    let ran = verify(directory.path(), "/health", &["--format", "json"]).await;
    let report = ran.json();
    assert_eq!(report["target"]["environment"], "local");
    let kept = report["checks"].as_array().unwrap().iter();
    let outcomes: Vec<_> = kept
        .filter(|check| check["check"].as_str().unwrap().starts_with("process/"))
        .map(|check| check["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["pass", "pass"], "{ran:#?}");
    assert!(!runs(directory.path()));
}

#[tokio::test]
async fn a_server_error_is_shown_with_what_the_service_wrote_meanwhile_and_without_its_secrets() {
    let directory = tempfile::tempdir().unwrap();
    write_service(directory.path(), SERVICE);
    std::fs::write(directory.path().join("p.toml"), profile("/broken")).unwrap();
    let arguments = [
        "verify",
        "--spawn",
        "python3 service.py",
        "--profile",
        "p.toml",
        "--token-env",
        "NOTES_KEY",
        "--record",
        "run.json",
    ];
    let mut command = greenlight_in(directory.path(), arguments);
    command.env("NOTES_KEY", "canary-4711-canary");
    let broken = ran(command).await;
    assert_eq!(broken.code, 1, "{broken:#?}");
    assert!(
        broken.out.contains("Traceback: NameError in broken()"),
        "{}",
        broken.out
    );
    let recording = std::fs::read_to_string(directory.path().join("run.json")).unwrap();
    for text in [&broken.out, &broken.err, &recording] {
        assert!(!text.contains("canary-4711"), "{text}");
    }
    let replayed = ran(greenlight_in(directory.path(), ["replay", "run.json"])).await;
    assert_eq!((replayed.code, replayed.out), (broken.code, broken.out));
}

#[tokio::test]
async fn a_coroutine_that_nobody_awaited_is_red_behind_a_200() {
    let directory = tempfile::tempdir().unwrap();
    let ran = verify(directory.path(), "/forgotten", &[]).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(
        ran.out.starts_with("FAIL  A coroutine was never awaited"),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn a_service_that_ends_after_a_good_answer_is_red_whatever_answers_then() {
    for route in ["/dies", "/replaced"] {
        let directory = tempfile::tempdir().unwrap();
        let ran = verify(directory.path(), route, &[]).await;
        assert_eq!(ran.code, 1, "{route}: {ran:#?}");
        let said = "FAIL  The service ended while it was verified (exit status: 3)";
        assert!(ran.out.starts_with(said), "{route}: {}", ran.out);
        assert!(!runs(directory.path()), "{route}");
    }
}

#[tokio::test]
async fn once_the_service_has_ended_nothing_more_is_asked() {
    let directory = tempfile::tempdir().unwrap();
    let ran = verify(directory.path(), "/held", &["--record", "run.json"]).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    let said = "FAIL  The service ended while it was verified (exit status: 3)";
    assert!(ran.out.starts_with(said), "{}", ran.out);
    // Whoever is asked now keeps everybody waiting, and nobody waits for him.
    let recording = std::fs::read_to_string(directory.path().join("run.json")).unwrap();
    assert!(recording.contains("the run was interrupted"), "{}", ran.out);
    assert!(!recording.contains("timed-out"), "{}", ran.out);
}

#[tokio::test]
async fn a_service_that_ends_is_not_waited_for() {
    // It is told that it listens by one connection; the next is the first sample.
    let answers_nobody = "import os,socket; s=socket.create_server(('127.0.0.1', int(os.environ['PORT']))); s.accept(); s.accept(); os._exit(3)";
    let while_waited_for = format!("exec python3 -c \"{answers_nobody}\"");
    for (command, said) in [
        (
            while_waited_for.as_str(),
            "while it was verified (exit status: 3)",
        ),
        ("exit 4", "before it listened (exit status: 4)"),
    ] {
        // The test's own patience is shorter than this.
        let wait = ["--wait", "15m", "--expect-version", "abcdef012"];
        let ran = ran(greenlight(["verify", "--spawn", command].into_iter().chain(wait))).await;
        assert_eq!(ran.code, 1, "{ran:#?}");
        assert!(
            ran.out.starts_with(&format!("FAIL  The service ended {said}")),
            "{}",
            ran.out
        );
    }
}

#[tokio::test]
async fn a_service_that_ends_before_it_listens_is_red_with_its_last_words() {
    let command = "echo \"ModuleNotFoundError: No module named 'notes'\" >&2; exit 1";
    let ran = ran(greenlight(["verify", "--spawn", command])).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    insta::assert_snapshot!(redacted(&ran.out).lines().take(6).collect::<Vec<_>>().join("\n"));
}

#[tokio::test]
async fn a_service_that_ignores_its_port_is_red() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("p.toml"),
        "[bounds]\ncold_start = \"100ms\"\n",
    )
    .unwrap();
    let ran = ran(greenlight_in(
        directory.path(),
        ["verify", "--spawn", "exec sleep 60", "--profile", "p.toml"],
    ))
    .await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(ran.out.contains("never listened on port"), "{}", ran.out);
}

#[tokio::test]
async fn an_interrupt_stops_the_service_too() {
    for signal in with_hangup(&["-INT", "-TERM"]) {
        let directory = tempfile::tempdir().unwrap();
        // It listens only after its number is written, and never answers.
        let service = "import os,socket,time; s=socket.create_server(('127.0.0.1', int(os.environ['PORT']))); open('pid','w').write(str(os.getpid())); time.sleep(600)";
        let spawn = format!("exec python3 -c \"{service}\"");
        let child = greenlight_in(directory.path(), ["verify", "--spawn", &spawn])
            .spawn()
            .unwrap();
        while !std::fs::read_to_string(directory.path().join("pid")).is_ok_and(|pid| !pid.is_empty()) {
            tokio::task::yield_now().await;
        }
        let id = child.id().unwrap().to_string();
        let sent = tokio::process::Command::new("kill")
            .args([signal, &id])
            .status()
            .await
            .unwrap();
        assert!(sent.success());
        let done = child.wait_with_output().await.unwrap();
        assert_eq!(
            done.status.code(),
            Some(130),
            "{signal}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        assert!(!runs(directory.path()), "{signal}");
    }
}

#[tokio::test]
async fn a_url_and_a_command_exclude_each_other() {
    let ran = ran(greenlight(["verify", "http://127.0.0.1:1", "--spawn", "true"])).await;
    assert_eq!(ran.code, 2, "{ran:#?}");
}
