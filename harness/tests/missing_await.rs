//! The incident, end to end: one server whose authenticated call crashes without CORS headers, caught, named, and judged
//! again from its file with the same report.

#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]

use std::collections::BTreeMap;

use greenlight::check::spec::Suite;
use greenlight::checks::registry::{CHECKS, RULES};
use greenlight::diagnosis::registry::CAUSES;
use greenlight::drive::rounds::Rounds;
use greenlight::model::finding::Verdict;
use greenlight::model::probe::{Body, Effect, Mode, Nature, Origin, SecretName};
use greenlight::model::recording::Recording;
use greenlight::model::run::Run;
use greenlight::model::target::{
    Auth, Bounds, Call, Client, ClientCall, CredentialFacts, Environment, Proof, Routes, Scheme, Target,
};
use greenlight::runner::execute::Runner;
use greenlight::runner::judge::{Bench, judge};
use greenlight::transport::http::{Settings, Transport};
use greenlight::transport::secret::{Secret, Vault};
use jiff::Timestamp;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const ORIGIN: &str = "https://app.example";
const TOKEN: &str = "a-good-token-that-nobody-may-see";

fn call() -> Call {
    Call {
        method: "POST".into(),
        path: "/summaries".into(),
    }
}

fn target(base: String) -> Target {
    let name = SecretName("good".into());
    let credential = CredentialFacts {
        name,
        expired: false,
        jwt: false,
        from: "the test".into(),
    };
    let call = call();
    let made = ClientCall {
        call: call.clone(),
        headers: vec!["authorization".into(), "content-type".into()],
    };
    Target {
        name: Some("notes".into()),
        environment: Environment::Local,
        ours: true,
        clients: vec![Client {
            page: None,
            origin: Origin(ORIGIN.into()),
            credentials: Mode::Include,
            calls: vec![made],
        }],
        auth: Some(Auth {
            scheme: Scheme::Bearer,
            credentials: vec![credential],
            supply: "--token-env".into(),
            supply_expired: "expired_env".into(),
            signing: None,
            refresh: None,
            renewal: None,
            session: None,
            logout: None,
            login: None,
            issuer: None,
        }),
        routes: Routes {
            health: Some("/health".into()),
            ..Routes::default()
        },
        proofs: vec![Proof {
            call,
            body: Body::Json {
                value: serde_json::json!({"text": "hello"}),
                inserts: vec![],
            },
            expect: vec![],
            nature: Nature::Paid,
            protected: true,
            key: None,
        }],
        allow: vec![Effect::Paid, Effect::Writes],
        bounds: Bounds::of(Environment::Local),
        ..Target::bare(base)
    }
}

/// A server that is healthy, refuses strangers readably, and crashes bare for everybody else.
async fn faulty() -> MockServer {
    let server = MockServer::start().await;
    let cors = |template: ResponseTemplate| {
        template
            .insert_header("access-control-allow-origin", ORIGIN)
            .insert_header("access-control-allow-credentials", "true")
            .insert_header("access-control-allow-headers", "authorization, content-type")
            .insert_header("vary", "origin")
    };
    let healthy = ResponseTemplate::new(200).set_body_json(serde_json::json!({"status": "healthy"}));
    Mock::given(method("GET"))
        .and(path("/health"))
        .respond_with(cors(healthy))
        .mount(&server)
        .await;
    Mock::given(method("OPTIONS"))
        .respond_with(cors(ResponseTemplate::new(204)))
        .mount(&server)
        .await;
    let crash = ResponseTemplate::new(500).set_body_raw("Internal Server Error", "text/plain; charset=utf-8");
    Mock::given(method("POST"))
        .and(header("authorization", format!("Bearer {TOKEN}")))
        .respond_with(crash)
        .mount(&server)
        .await;
    let refusal = ResponseTemplate::new(401)
        .set_body_json(serde_json::json!({"detail": "Missing authorization token"}))
        .insert_header("www-authenticate", "Bearer");
    Mock::given(method("POST"))
        .respond_with(cors(refusal))
        .mount(&server)
        .await;
    server
}

async fn record(target: Target) -> Recording {
    let vault = Vault::new(Scheme::Bearer).with(SecretName("good".into()), Secret::new(TOKEN));
    let settings = Settings {
        vault,
        samples: BTreeMap::new(),
        ..Settings::default()
    };
    let transport = Transport::new(target.clone(), settings).unwrap();
    let started_at = Timestamp::now();
    let mut driver = Rounds::new(&target, None, CHECKS.to_vec());
    let runner = Runner::new(&target, &transport, 7, |_| {});
    let done = runner.run(&mut driver, std::future::pending()).await;
    Recording {
        suites: Suite::ALL.iter().map(|suite| suite.name().to_owned()).collect(),
        seed: 7,
        ended_at: Timestamp::now(),
        interrupted: done.interrupted,
        connections: transport.connections(),
        refused: done.refused,
        ..Recording::of(target, done.exchanges, started_at)
    }
}

fn judged(recording: &Recording) -> Run {
    judge(
        recording,
        Bench {
            checks: CHECKS,
            rules: RULES,
            causes: CAUSES,
        },
    )
}

#[tokio::test]
async fn the_incident_is_caught_named_and_replayed_from_its_file() {
    let server = faulty().await;
    let recording = record(target(server.uri())).await;
    let run = judged(&recording);

    assert_eq!((run.verdict, run.exit_code), (Verdict::Fail, 1));
    assert_eq!(
        run.headline,
        "A server error (HTTP 500) is what browsers here report as a CORS error"
    );
    assert_eq!(run.diagnoses[0].cause, "masked-server-error");
    let unexplained: Vec<_> = run
        .findings
        .iter()
        .filter(|finding| finding.fails() && finding.explained_by.is_none())
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    let found: Vec<_> = run
        .findings
        .iter()
        .map(|finding| finding.check.as_str())
        .collect();
    for check in ["cors/readable", "errors/no-server-error", "journey/proofs"] {
        assert!(found.contains(&check), "{check} is missing from {found:?}");
    }

    let file = serde_json::to_string(&recording).unwrap();
    assert!(!file.contains(TOKEN), "the recording holds the token");
    let replayed = judged(&serde_json::from_str(&file).unwrap());
    assert_eq!(
        serde_json::to_string(&replayed).unwrap(),
        serde_json::to_string(&run).unwrap()
    );
}
