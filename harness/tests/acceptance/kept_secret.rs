//! Secrets that nobody told the run about: those around a service that it starts, and those that were put where an
//! address belongs.

use crate::binary::{greenlight_in, ran, run};
use crate::service::Service;

const SECRET: &str = "supersecrettokenvalue1234567890abc";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_environment_of_a_spawned_service_holds_is_in_no_report() {
    let directory = tempfile::tempdir().unwrap();
    let recording = directory.path().join("r.json");
    let shell = "echo \"up with $NOTES_API_TOKEN and ${GREENLIGHT_TOKEN:-nothing}\"; exit 3";
    let mut command = greenlight_in(
        directory.path(),
        ["verify", "--spawn", shell, "--record", "r.json"],
    );
    command
        .env("NOTES_API_TOKEN", SECRET)
        .env("GREENLIGHT_TOKEN", "another-secret-of-ours-alone");
    let run = ran(command).await;
    assert_eq!(run.code, 1, "{run:#?}");
    let kept = std::fs::read_to_string(&recording).unwrap();
    for text in [&run.out, &run.err, &kept] {
        assert!(!text.contains(SECRET), "{text}");
        assert!(!text.contains("another-secret-of-ours-alone"), "{text}");
    }
    assert!(
        run.out.contains("up with [credential:34] and nothing"),
        "{}",
        run.out
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_a_word_of_the_address_is_refused() {
    let service = Service::healthy().await;
    let mut command = service.verify(&["--environment", "local"]);
    command.env("GREENLIGHT_TOKEN", "concierge");
    let refused = ran(command).await;
    assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{refused:#?}");
    assert!(refused.err.contains("holds a credential"), "{}", refused.err);
    assert!(!refused.err.contains("concierge"), "{}", refused.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_copied_with_its_scheme_is_refused() {
    let service = Service::healthy().await;
    let mut command = service.verify(&["--environment", "local"]);
    command.env("GREENLIGHT_TOKEN", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln");
    let refused = ran(command).await;
    assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{refused:#?}");
    assert!(
        refused.err.contains("begins with the name of a scheme"),
        "{}",
        refused.err
    );
    assert!(!refused.err.contains("eyJ"), "{}", refused.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_nobody_set_is_a_slip_of_the_pen() {
    let service = Service::healthy().await;
    let mut command = service.verify(&["--token-env", "NOTES_TOKN"]);
    command.env("NOTES_TOKEN", "x");
    let refused = ran(command).await;
    assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{refused:#?}");
    assert!(
        refused.err.contains("did you mean `NOTES_TOKEN`?"),
        "{}",
        refused.err
    );
}

#[tokio::test]
async fn what_a_credential_command_says_besides_stays_with_it() {
    let command = "echo canary-$((40 + 2))-of-a-shell >&2; echo a-token-0123456789";
    let told = run([
        "verify",
        "http://127.0.0.1:9",
        "--token-command",
        command,
        "--verbose",
    ])
    .await;
    assert_ne!(told.code, 2, "{}", told.err);
    let told = format!("{}{}", told.out, told.err);
    assert!(!told.contains("canary-42-of-a-shell"), "{told}");
}
