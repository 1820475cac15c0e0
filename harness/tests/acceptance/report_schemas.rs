//! What a run writes is what the committed schemas promise, says the same when it is replayed, and holds no credential.

use std::path::Path;

use orchestrate::faults::id::FaultId;
use serde_json::Value;

use crate::binary::{greenlight_in, ran};
use crate::counting::{Counting, Manner};
use crate::service::{Service, VARIABLE};

fn schema(name: &str) -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../contracts")
        .join(name);
    let text = std::fs::read_to_string(path).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn assert_valid(schema: &jsonschema::Validator, text: &str, what: &str) {
    let value: Value = serde_json::from_str(text).unwrap();
    let errors: Vec<String> = schema
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .take(5)
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

/// The forms in which a token may be written down.
fn forms(token: &str) -> Vec<String> {
    use base64::Engine as _;
    let parts = token.split('.').filter(|part| part.len() > 12);
    let mut forms: Vec<String> = parts.map(str::to_owned).collect();
    forms.push(base64::engine::general_purpose::STANDARD.encode(token));
    forms.push(token.to_owned());
    forms
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_and_recordings_are_valid_replayable_and_free_of_credentials() {
    let (report_schema, recording_schema) = (schema("report.schema.json"), schema("recording.schema.json"));
    let some = [
        None,
        Some(FaultId::MissingAwait),
        Some(FaultId::EdgeHtml),
        Some(FaultId::DroppedConnection),
        Some(FaultId::SecretLeak),
        Some(FaultId::StackTraceLeak),
        Some(FaultId::AuthCrashes),
        Some(FaultId::CorsMissingEverywhere),
        Some(FaultId::ContractDiffers),
    ];
    for fault in some {
        let service = Service::with(fault.as_slice()).await;
        let environments: &[&str] = match fault {
            None | Some(FaultId::MissingAwait) => &["local", "production"],
            Some(_) => &["local"],
        };
        for environment in environments {
            let what = format!("{fault:?} as {environment}");
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path();
            let url = service.url();
            let arguments = [
                "verify",
                &url,
                "--profile",
                "concierge",
                "--environment",
                environment,
                "--token-env",
                VARIABLE,
                "--verbose",
                "--record",
                "run.json",
                "--format",
                "json",
                "--format",
                "junit=report.xml",
                "--format",
                "human=report.txt",
            ];
            let mut command = greenlight_in(path, arguments);
            command.env(VARIABLE, &service.token);
            let live = ran(command).await;
            let read = |name: &str| std::fs::read_to_string(path.join(name)).unwrap();
            assert_valid(&report_schema, &live.out, &what);
            assert_valid(&recording_schema, &read("run.json"), &what);

            let again = ran(greenlight_in(path, ["replay", "run.json", "--format", "json"])).await;
            assert_eq!(again.out, live.out, "{what}: replayed otherwise");
            assert_eq!(again.code, live.code, "{what}");

            let written = [
                live.out,
                live.err,
                read("run.json"),
                read("report.xml"),
                read("report.txt"),
            ];
            for form in forms(&service.token) {
                for text in &written {
                    assert!(!text.contains(&form), "{what}: a credential was written down");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_the_service_repeats_is_written_down_nowhere() {
    const CANARY: &str = "canary/that-looks-like-nothing-a-scanner-knows";
    const PROFILE: &str = "[auth]\nkind = \"bearer\"\ntoken_env = \"CANARY\"\n\n[service]\nhealth = \"/health\"\n\n\
                           [[prove]]\ncall = \"POST /notes\"\nbody = { text = \"hello\" }\neffect = \"write\"\n";
    let server = Counting::start(Manner::EchoesCredentials).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    std::fs::write(path.join("p.toml"), PROFILE).unwrap();
    let url = server.url();
    let arguments = [
        "verify",
        &url,
        "--profile",
        "p.toml",
        "--environment",
        "local",
        "--verbose",
        "--keep-bodies",
        "--record",
        "run.json",
        "--format",
        "json",
        "--format",
        "junit=report.xml",
        "--format",
        "human=report.txt",
    ];
    let mut command = greenlight_in(path, arguments);
    command.env("CANARY", CANARY);
    let live = ran(command).await;
    assert_eq!(live.code, 1, "{live:#?}");
    assert!(server.credentials() > 0, "the credential was never sent");
    let read = |name: &str| std::fs::read_to_string(path.join(name)).unwrap();
    let recording = read("run.json");
    assert!(
        recording.contains("/next?token="),
        "the answer that repeats it is not kept"
    );
    for form in forms(CANARY)
        .into_iter()
        .chain([CANARY.replace('/', "%2F"), CANARY.replace('/', "\\/")])
    {
        for text in [
            &live.out,
            &live.err,
            &recording,
            &read("report.xml"),
            &read("report.txt"),
        ] {
            assert!(!text.contains(&form), "{form} was written down");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schemas_refuse_what_is_no_report_and_no_recording() {
    let empty = serde_json::json!({"schema": "greenlight.report/1"});
    assert!(!schema("report.schema.json").is_valid(&empty));
    assert!(!schema("recording.schema.json").is_valid(&empty));
}
