//! Judging 10,000 exchanges: every check, every rule, every cause, from a recording in memory to a finished run.
//!
//! `cargo bench -p greenlight --bench judge`. The promise is well under a second.

#![expect(missing_docs, reason = "criterion's macros write undocumented functions")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use greenlight::check::view::View;
use greenlight::checks::registry::{CHECKS, RULES};
use greenlight::diagnosis::registry::CAUSES;
use greenlight::drive::rounds::Rounds;
use greenlight::model::capture::Captured;
use greenlight::model::exchange::{Asker, Exchange, Outcome, Phases, Reply, Sent, Xid};
use greenlight::model::probe::{Ask, Body, Mode, Nature, Origin, Probe, SecretName};
use greenlight::model::recording::Recording;
use greenlight::model::target::{
    Auth, Bounds, Call, Client, ClientCall, CredentialFacts, Environment, Expect, Expectation, Proof, Routes,
    Scheme, Target,
};
use greenlight::runner::judge::{Bench, judge};
use jiff::Timestamp;

/// What is judged.
const EXCHANGES: usize = 10_000;

/// How a service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Good,
    /// Every answer is a crash without CORS headers, so that every rule finds something and every cause is tried.
    Crashing,
}

fn call(method: &str, path: &str) -> Call {
    Call {
        method: method.into(),
        path: path.into(),
    }
}

fn target() -> Target {
    let credential = |name: &str, expired| CredentialFacts {
        name: SecretName(name.into()),
        expired,
        jwt: true,
        from: "environment variable TOKEN".into(),
    };
    let proof = |method: &str, path: &str, body| Proof {
        call: call(method, path),
        body,
        expect: vec![Expectation {
            at: "/id".into(),
            expect: Expect::Nonempty,
        }],
        nature: Nature::Write,
        protected: true,
        key: None,
    };
    let note = Body::Json {
        value: serde_json::json!({"text": "hello"}),
        inserts: vec![],
    };
    Target {
        name: Some("notes".into()),
        environment: Environment::Local,
        clients: vec![Client {
            page: None,
            origin: Origin("https://app.example".into()),
            credentials: Mode::Include,
            calls: vec![ClientCall {
                call: call("POST", "/notes"),
                headers: vec!["authorization".into(), "content-type".into()],
            }],
        }],
        auth: Some(Auth {
            scheme: Scheme::Bearer,
            credentials: vec![credential("good", false), credential("expired", true)],
            supply: "--token-env TOKEN".into(),
            signing: None,
            refresh: None,
            renewal: None,
            session: None,
            logout: None,
            login: None,
            issuer: None,
            supply_expired: "EXPIRED".into(),
        }),
        routes: Routes {
            health: Some("/health".into()),
            ready: Some("/ready".into()),
            ..Routes::default()
        },
        proofs: vec![proof("GET", "/me", Body::Empty), proof("POST", "/notes", note)],
        expect_version: Some("0123456789".into()),
        bounds: Bounds::of(Environment::Local),
        ..Target::bare("https://notes.example/api")
    }
}

fn reply(probe: &Probe, health: Health) -> Reply {
    let mut headers = vec![
        ("content-type", "application/json"),
        ("server", "notes"),
        ("x-request-id", "7f3a"),
    ];
    let (status, body) = match (health, probe.who.is_some()) {
        (Health::Crashing, _) => (
            500,
            r#"{"detail":"object NoneType can't be used in 'await' expression"}"#,
        ),
        (Health::Good, true) => (
            200,
            r#"{"id":"0123456789","status":"healthy","commit":"0123456789"}"#,
        ),
        (Health::Good, false) => (401, r#"{"detail":"no credential was given"}"#),
    };
    if health == Health::Good {
        headers.extend([
            ("access-control-allow-origin", "https://app.example"),
            ("access-control-allow-credentials", "true"),
            ("vary", "Origin"),
            ("www-authenticate", "Bearer"),
        ]);
    }
    Reply {
        status,
        headers: headers
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        body: Captured::complete(body),
        version: "HTTP/1.1".into(),
    }
}

fn exchange(id: usize, probe: &Probe, health: Health) -> Exchange {
    Exchange {
        id: Xid(u32::try_from(id).unwrap_or(u32::MAX)),
        probe: Arc::new(probe.clone()),
        askers: vec![Asker("bench".into())],
        step: 0,
        copy: 0,
        attempt: 1,
        at: Timestamp::UNIX_EPOCH,
        conn: Some(0),
        sent: Some(Sent {
            url: format!("https://notes.example/api{}", probe.path_text()),
            headers: vec![("host".into(), "notes.example".into())],
            body_length: 0,
            claims: None,
        }),
        reply: Outcome::Answered(reply(probe, health)),
        phases: Phases {
            wait: Some(9_000),
            ..Phases::default()
        },
        redacted: vec![],
    }
}

/// What the checks ask, over and over, and calls of many operations besides.
fn recording(health: Health) -> Recording {
    let target = target();
    let view = View::new(&target, None, &[], &[]);
    let asked: Vec<Ask> = CHECKS.iter().flat_map(|check| check.ask(&view)).collect();
    let mut probes: Vec<Probe> = asked.iter().flat_map(Ask::probes).cloned().collect();
    for n in 0..200 {
        let name = SecretName("good".into());
        let page = Origin("https://app.example".into());
        let call = Probe::get(format!("/notes/{n}").as_str()).page(&page, Mode::Include);
        probes.push(call.who(&name, greenlight::model::probe::Mutation::AsIs).build());
    }
    let exchanges = (0..EXCHANGES)
        .map(|id| {
            let again = u16::try_from(id / probes.len()).unwrap_or(u16::MAX);
            exchange(id, &probes[id % probes.len()].repeat(again), health)
        })
        .collect();
    Recording {
        seed: 7,
        ..Recording::of(target, exchanges, Timestamp::UNIX_EPOCH)
    }
}

fn judging(criterion: &mut Criterion) {
    let bench = Bench {
        checks: CHECKS,
        rules: RULES,
        causes: CAUSES,
    };
    let mut group = criterion.benchmark_group("10,000 exchanges");
    group.sample_size(10);
    for (name, health) in [
        ("judge, healthy", Health::Good),
        ("judge, crashing", Health::Crashing),
    ] {
        let recording = recording(health);
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(judge(black_box(&recording), bench)))
        });
    }
    let recording = recording(Health::Good);
    group.bench_function("read a recording from JSON", |bencher| {
        let text = serde_json::to_string(&recording).unwrap_or_default();
        bencher.iter(|| black_box(serde_json::from_str::<Recording>(&text).is_ok()));
    });
    group.bench_function("one round of asking", |bencher| {
        use greenlight::check::driver::{Driver as _, News};
        bencher.iter_batched(
            || Rounds::new(&recording.target, None, CHECKS.to_vec()),
            |mut driver| {
                let news = News {
                    exchanges: &recording.exchanges,
                    refused: &[],
                    raw: &[],
                };
                black_box(driver.next(news, Timestamp::UNIX_EPOCH));
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, judging);
criterion_main!(benches);
