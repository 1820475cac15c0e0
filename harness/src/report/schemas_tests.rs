//! The committed JSON Schemas say what the types say, and every report keeps to them.

use std::path::PathBuf;

use schemars::Schema;
use serde_json::Value;

use crate::model::capture::{Captured, Octets};
use crate::model::exchange::{
    Asker, Claims, Exchange, Outcome, Phase, Phases, Place, Redacted, Reply, SecretKind, Sent, WireError,
    WireFault, Xid,
};
use crate::model::probe::{Body, Conn, Insert, Mode, Mutation, Nature, Origin, Probe, SecretName};
use crate::model::recording::{Certificate, Connection, ContractText, Recording, Tool};
use crate::model::refusal::{Refusal, Why};
use crate::model::run::Run;
use crate::model::target::{Bounds, Environment, Routes, Target};
use crate::report::{fixtures, json};

fn contracts(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../contracts")
        .join(file)
}

/// The schema as it is committed: named, and with the constant that tells readers what they hold.
fn document(schema: Schema, id: &str, title: &str) -> String {
    let mut schema = schema.to_value();
    schema["title"] = title.into();
    schema["properties"]["schema"]["const"] = id.into();
    serde_json::to_string_pretty(&schema).unwrap() + "\n"
}

/// Compares a committed schema with the types, or writes it when asked to.
fn assert_committed(file: &str, current: &str) {
    let path = contracts(file);
    if std::env::var_os("GREENLIGHT_BLESS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, current).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == current,
        "contracts/{file} is not what the types say. If the change is meant, and only adds, write it again with\n    \
         GREENLIGHT_BLESS=1 cargo test -p greenlight --lib schemas\nand commit it."
    );
}

fn report_schema() -> String {
    document(
        schemars::schema_for!(Run),
        crate::model::run::SCHEMA,
        "A report of Greenlight",
    )
}

fn recording_schema() -> String {
    let schema = schemars::schema_for!(Recording);
    document(
        schema,
        crate::model::recording::SCHEMA,
        "A recording of Greenlight",
    )
}

fn validator(schema: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(schema).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn complaints(validator: &jsonschema::Validator, document: &Value) -> Vec<String> {
    let errors = validator.iter_errors(document);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn the_committed_report_schema_is_what_the_types_say() {
    assert_committed("report.schema.json", &report_schema());
}

#[test]
fn the_committed_wait_schema_is_what_the_types_say() {
    let schema = schemars::schema_for!(crate::model::rollout::Waited);
    let schema = document(
        schema,
        crate::model::rollout::SCHEMA,
        "What `greenlight wait` saw",
    );
    assert_committed("wait.schema.json", &schema);
}

#[test]
fn the_committed_recording_schema_is_what_the_types_say() {
    assert_committed("recording.schema.json", &recording_schema());
}

#[test]
fn every_report_keeps_to_its_schema() {
    let validator = validator(&report_schema());
    for (name, run) in fixtures::all() {
        let report: Value = serde_json::from_str(&json::render(&run)).unwrap();
        assert_eq!(complaints(&validator, &report), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_recording_keeps_to_its_schema() {
    let recording = serde_json::to_value(recording()).unwrap();
    assert_eq!(
        complaints(&validator(&recording_schema()), &recording),
        Vec::<String>::new()
    );
}

#[test]
fn what_is_no_report_does_not_pass_for_one() {
    let good = serde_json::to_value(fixtures::broken::missing_await()).unwrap();
    let validator = validator(&report_schema());
    let spoil: [fn(&mut Value); 4] = [
        |report| report["schema"] = "greenlight.report/2".into(),
        |report| report["verdict"] = "green".into(),
        |report| report["findings"][0]["severity"] = Value::Null,
        |report| drop(report.as_object_mut().map(|members| members.remove("exit_code"))),
    ];
    for spoil in spoil {
        let mut report = good.clone();
        spoil(&mut report);
        assert!(!validator.is_valid(&report), "{report}");
    }
}

#[test]
fn a_later_report_with_more_members_still_passes() {
    let mut report = serde_json::to_value(fixtures::healthy()).unwrap();
    report["added_later"] = true.into();
    assert!(validator(&report_schema()).is_valid(&report));
}

fn target() -> Target {
    Target {
        name: None,
        base: "https://api.acme.example/api/v3".into(),
        environment: Environment::Production,
        ours: false,
        clients: vec![],
        auth: None,
        routes: Routes::default(),
        proofs: vec![],
        transcription: None,
        guarded: vec![],
        natures: vec![],
        expect_version: None,
        allow: vec![],
        replicas: None,
        bounds: Bounds::of(Environment::Production),
        keep_bodies: false,
        assumed: vec![],
    }
}

/// A call with a credential, from a page, with a sample in its body.
fn paid() -> Probe {
    let secret = SecretName("main".into());
    let body = Body::Json {
        value: serde_json::json!({"audio": null}),
        inserts: vec![Insert {
            change: crate::model::probe::Change::None,
            at: "/audio".into(),
            sample: "kitchen.wav".into(),
        }],
    };
    Probe::request("POST", "/ai/orchestrate")
        .body(body)
        .nature(Some(Nature::Paid))
        .who(&secret, Mutation::AsIs)
        .page(&Origin("https://app.acme.example".into()), Mode::Include)
        .build()
}

/// An answer that is no UTF-8, and a failure.
fn exchanges(at: jiff::Timestamp) -> Vec<Exchange> {
    let held = Probe::get("/health")
        .conn(Conn::Hold { lane: 1, idle: 50 })
        .build();
    let reply = Reply {
        status: 500,
        headers: vec![("x-raw".into(), Octets(b"\xff\x00".as_slice().into()))],
        body: Captured::complete(b"\xffInternal Server Error".as_slice()),
        version: "HTTP/1.1".into(),
    };
    let answered = Exchange {
        id: Xid(1),
        probe: paid().into(),
        askers: vec![Asker("journey/proofs".into())],
        step: 0,
        copy: 0,
        attempt: 1,
        at,
        conn: Some(1),
        sent: Some(Sent {
            url: "https://api.acme.example/api/v3/ai/orchestrate".into(),
            headers: vec![("authorization".into(), "Bearer <redacted>".into())],
            body_length: 91_204,
            claims: Some(Claims::default()),
        }),
        reply: Outcome::Answered(reply),
        phases: Phases::default(),
        redacted: vec![Redacted {
            place: Place::SentHeader("authorization".into()),
            kind: SecretKind::Own,
            length: 200,
        }],
    };
    let failed = Exchange {
        id: Xid(2),
        probe: held.into(),
        reply: Outcome::Failed(WireError {
            phase: Phase::Send,
            fault: WireFault::ReusedClosed,
            detail: "closed".into(),
        }),
        sent: None,
        ..answered.clone()
    };
    vec![answered, failed]
}

/// A recording with an answer, a failure and a refusal, and something in every optional place.
fn recording() -> Recording {
    let at = "2026-03-01T02:01:14.25Z".parse().unwrap();
    Recording {
        spawned: None,
        rollout: None,
        schema: crate::model::recording::SCHEMA.into(),
        tool: Tool::this(),
        target: target(),
        contract: Some(ContractText {
            source: "openapi.json".into(),
            text: "{}".into(),
        }),
        suites: vec!["smoke".into()],
        seed: u64::MAX,
        started_at: at,
        ended_at: at,
        interrupted: false,
        strict: true,
        accept_unproven: vec![],
        connections: vec![Connection {
            id: 1,
            address: "192.0.2.7:443".into(),
            dead: vec!["192.0.2.6:443: refused".into()],
            tls: Some("TLSv1.3".into()),
            alpn: None,
            certificates: vec![Certificate {
                subject: "CN=api.acme.example".into(),
                issuer: "CN=Example CA".into(),
                names: vec!["api.acme.example".into()],
                not_before: 0,
                not_after: i64::MAX,
            }],
        }],
        exchanges: exchanges(at),
        refused: vec![Refusal {
            probe: paid(),
            askers: vec![],
            why: Why::Paid,
            reason: "the budget of paid calls is spent".into(),
            flag: Some("--allow paid".into()),
        }],
    }
}
