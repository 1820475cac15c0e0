//! Who is let in, end to end over sockets: one small service whose guard stands before or behind its parser, and has one
//! hole at a time. Each hole must be found and named, the healthy ones spared, and nothing paid where nothing may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenlight::checks::registry::{CHECKS, RULES};
use greenlight::diagnosis::registry::CAUSES;
use greenlight::drive::rounds::Rounds;
use greenlight::model::finding::Verdict;
use greenlight::model::probe::{Body, Effect, Mode, Nature, Origin, SecretName};
use greenlight::model::recording::Recording;
use greenlight::model::run::Run;
use greenlight::model::target::{
    Auth, Bounds, Call, Client, CredentialFacts, Environment, Proof, Routes, Scheme, Target,
};
use greenlight::runner::execute::Runner;
use greenlight::runner::judge::{Bench, judge};
use greenlight::transport::http::{Settings, Transport};
use greenlight::transport::secret::{Secret, Vault};
use jiff::Timestamp;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const ORIGIN: &str = "https://app.example";

/// What is wrong with the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    Sound,
    Absent,
    LooksForPresence,
    AcceptsUnsigned,
    ForgetsToVerify,
    NeverExpires,
    RefusesEverybody,
    CrashesOnGarbage,
}

/// A service that turns text into summaries, and counts what it was paid for.
struct Notes {
    guard: Guard,
    parses_first: bool,
    paid: Arc<AtomicUsize>,
}

fn token(signature: &str, expires: i64) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({"alg": "HS256", "typ": "JWT"}));
    format!(
        "{header}.{}.{signature}",
        part(json!({"sub": "me", "exp": expires}))
    )
}

fn good() -> String {
    token("c2lnbmF0dXJlLW9mLXRoZS1nb29k", 4_000_000_000)
}

fn expired() -> String {
    token("c2lnbmF0dXJlLW9mLXRoZS1vbGQt", 1_000_000_000)
}

fn answer(status: u16, body: Value) -> ResponseTemplate {
    let template = ResponseTemplate::new(status)
        .set_body_json(body)
        .insert_header("access-control-allow-origin", ORIGIN)
        .insert_header("vary", "Origin");
    if status == 401 {
        return template.insert_header("www-authenticate", "Bearer error=\"invalid_token\"");
    }
    template
}

impl Notes {
    /// What the guard says: nothing, or a refusal.
    fn admit(&self, request: &Request) -> Option<ResponseTemplate> {
        let header = request
            .headers
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        let (scheme, given) = header.and_then(|value| value.split_once(' ')).unwrap_or_default();
        let given = if scheme.eq_ignore_ascii_case("bearer") {
            given
        } else {
            ""
        };
        let parts: Vec<&str> = given.split('.').collect();
        let unsigned = parts.len() == 3 && parts[2].is_empty();
        let same_payload = parts.get(1) == good().split('.').collect::<Vec<_>>().get(1);
        let admitted = match self.guard {
            Guard::Sound => given == good(),
            Guard::Absent => true,
            Guard::LooksForPresence => !given.is_empty(),
            Guard::AcceptsUnsigned => given == good() || unsigned,
            Guard::ForgetsToVerify => parts.len() == 3 && same_payload,
            Guard::NeverExpires => given == good() || given == expired(),
            Guard::RefusesEverybody => false,
            Guard::CrashesOnGarbage if !given.is_empty() && parts.len() != 3 => {
                return Some(answer(500, json!({"detail": "Internal error"})));
            }
            Guard::CrashesOnGarbage => given == good(),
        };
        (!admitted).then(|| answer(401, json!({"detail": "Not authenticated"})))
    }

    fn summarise(&self, request: &Request) -> ResponseTemplate {
        let parsed: Result<Value, _> = serde_json::from_slice(&request.body);
        let refused = || {
            answer(
                422,
                json!({"detail": [{"type": "json_invalid", "msg": "JSON decode error"}]}),
            )
        };
        if self.parses_first && parsed.is_err() {
            return refused();
        }
        if let Some(refusal) = self.admit(request) {
            return refusal;
        }
        let is_json = request
            .headers
            .get("content-type")
            .is_some_and(|value| value == "application/json");
        let text = parsed
            .ok()
            .and_then(|body| Some(body.get("text")?.as_str()?.to_owned()));
        match text {
            Some(_) if is_json => {
                self.paid.fetch_add(1, Ordering::SeqCst);
                answer(200, json!({"summary": "It closes at ten."}))
            }
            _ => refused(),
        }
    }
}

impl Respond for Notes {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        match (request.method.as_str(), request.url.path()) {
            ("GET", "/health") => answer(200, json!({"status": "healthy"})),
            ("POST", "/summaries") => self.summarise(request),
            _ => answer(404, json!({"detail": "There is no such route"})),
        }
    }
}

fn target(base: String, environment: Environment, allow: &[Effect]) -> Target {
    let credential = |name: &str, expired: bool| CredentialFacts {
        name: SecretName(name.into()),
        expired,
        jwt: true,
        from: "the test".into(),
    };
    Target {
        name: Some("notes".into()),
        environment,
        clients: vec![Client {
            page: None,
            origin: Origin(ORIGIN.into()),
            credentials: Mode::Omit,
            calls: vec![],
        }],
        auth: Some(Auth {
            scheme: Scheme::Bearer,
            credentials: vec![credential("good", false), credential("expired", true)],
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
            call: Call {
                method: "POST".into(),
                path: "/summaries".into(),
            },
            body: Body::Json {
                value: json!({"text": "The kitchen closes at ten."}),
                inserts: vec![],
            },
            expect: vec![],
            nature: Nature::Paid,
            protected: true,
            key: None,
        }],
        allow: allow.to_vec(),
        bounds: Bounds::of(environment),
        ..Target::bare(base)
    }
}

/// A whole run against such a service: the report, and how often it was paid.
async fn verify(
    guard: Guard,
    parses_first: bool,
    environment: Environment,
    allow: &[Effect],
) -> (Run, usize) {
    let server = MockServer::start().await;
    let paid = Arc::new(AtomicUsize::new(0));
    let notes = Notes {
        guard,
        parses_first,
        paid: paid.clone(),
    };
    Mock::given(any()).respond_with(notes).mount(&server).await;
    let target = target(server.uri(), environment, allow);
    let vault = Vault::new(Scheme::Bearer)
        .with(SecretName("good".into()), Secret::new(&good()))
        .with(SecretName("expired".into()), Secret::new(&expired()));
    let settings = Settings {
        vault,
        ..Settings::default()
    };
    let Ok(transport) = Transport::new(target.clone(), settings) else {
        panic!("no transport");
    };
    let started_at = Timestamp::now();
    let mut driver = Rounds::new(&target, None, CHECKS.to_vec());
    let runner = Runner::new(&target, &transport, 7, |_| {});
    let done = runner.run(&mut driver, std::future::pending()).await;
    let recording = Recording {
        seed: 7,
        ended_at: Timestamp::now(),
        interrupted: done.interrupted,
        connections: transport.connections(),
        refused: done.refused,
        ..Recording::of(target, done.exchanges, started_at)
    };
    let bench = Bench {
        checks: CHECKS,
        rules: RULES,
        causes: CAUSES,
    };
    (judge(&recording, bench), paid.load(Ordering::SeqCst))
}

const ALL: &[Effect] = &[Effect::Paid, Effect::Writes];

#[tokio::test]
async fn a_sound_guard_is_spared_wherever_it_stands() {
    for parses_first in [false, true] {
        let (run, _) = verify(Guard::Sound, parses_first, Environment::Local, ALL).await;
        let wrong: Vec<_> = run.findings.iter().filter(|finding| finding.fails()).collect();
        assert!(wrong.is_empty(), "parses first: {parses_first}, {wrong:#?}");
        // The others need a signing secret, a key set, or a guard that stands before the parser.
        let always = [
            "auth/good-credential-accepted",
            "auth/missing-credential-refused",
            "auth/spoilt-credential-refused",
            "auth/expired-credential-refused",
            "auth/lower-case-scheme-accepted",
            "auth/no-development-login",
            "auth/credential-before-input",
        ];
        let auth = run
            .checks
            .iter()
            .filter(|check| always.contains(&check.check.as_str()));
        assert_eq!(auth.clone().count(), always.len());
        for check in auth {
            assert!(check.judged > 0, "parses first: {parses_first}, {check:#?}");
        }
    }
}

#[tokio::test]
async fn every_hole_is_found_and_named() {
    let holes = [
        (Guard::Absent, "auth-not-enforced"),
        (Guard::LooksForPresence, "any-token-accepted"),
        (Guard::AcceptsUnsigned, "signature-unchecked"),
        (Guard::ForgetsToVerify, "signature-unchecked"),
        (Guard::NeverExpires, "expired-accepted"),
        (Guard::RefusesEverybody, "credential-refused"),
        (Guard::CrashesOnGarbage, "auth-crashes"),
    ];
    for (guard, cause) in holes {
        for parses_first in [false, true] {
            let (run, _) = verify(guard, parses_first, Environment::Local, ALL).await;
            let causes: Vec<&str> = run
                .diagnoses
                .iter()
                .map(|diagnosis| diagnosis.cause.as_str())
                .collect();
            assert_eq!(
                (run.verdict, causes),
                (Verdict::Fail, vec![cause]),
                "{guard:?}, parses first: {parses_first}: {:#?}",
                run.findings
            );
        }
    }
}

#[tokio::test]
async fn where_nothing_may_be_paid_nothing_is_whatever_the_guard() {
    for guard in [Guard::Absent, Guard::LooksForPresence] {
        for parses_first in [false, true] {
            for environment in [Environment::Production, Environment::Staging] {
                let (run, paid) = verify(guard, parses_first, environment, &[]).await;
                assert_eq!(paid, 0, "{guard:?} in {environment:?}");
                assert_ne!(run.verdict, Verdict::Pass, "{guard:?} in {environment:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_hole_behind_a_guard_that_comes_first_is_found_without_paying() {
    let (run, paid) = verify(Guard::LooksForPresence, false, Environment::Production, &[]).await;
    assert_eq!(paid, 0);
    assert_eq!(
        (run.verdict, run.diagnoses[0].cause.as_str()),
        (Verdict::Fail, "any-token-accepted")
    );
}

#[tokio::test]
async fn production_gets_no_more_than_it_must() {
    let (run, _) = verify(Guard::Sound, false, Environment::Production, &[]).await;
    assert!(run.sent.inert <= 5, "{:?}", run.sent);
}
