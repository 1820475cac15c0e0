//! Hand-made recordings for the tests of checks, rules and causes. No network, no clock.

use std::sync::Arc;

use jiff::Timestamp;

use crate::model::capture::Captured;
use crate::model::exchange::{Exchange, Outcome, Phase, Phases, Reply, Sent, WireError, WireFault, Xid};
use crate::model::heard::Heard;
use crate::model::probe::{Body, Effect, Mode, Nature, Origin, Probe, SecretName};
use crate::model::spawned::{LogLine, Output, Spawned};
use crate::model::target::{
    Auth, Call, Client, ClientCall, CredentialFacts, Environment, Expect, Expectation, Login, Proof, Routes,
    Scheme, Target,
};

/// The origin of the page in [`target`].
pub(crate) const ORIGIN: &str = "https://app.example";

/// `POST /summaries`, the operation that [`target`] is for.
pub(crate) fn call() -> Call {
    Call {
        method: "POST".into(),
        path: "/summaries".into(),
    }
}

/// A local target with one page, a bearer credential `good` (a JWT), a health route and one paid proof.
pub(crate) fn target() -> Target {
    let made = ClientCall {
        call: call(),
        headers: vec!["authorization".into(), "content-type".into()],
    };
    let credential = CredentialFacts {
        name: SecretName("good".into()),
        expired: false,
        jwt: true,
        from: "environment variable GREENLIGHT_TOKEN".into(),
    };
    Target {
        name: Some("notes".into()),
        environment: Environment::Local,
        ours: true,
        clients: vec![Client {
            origin: Origin(ORIGIN.into()),
            credentials: Mode::Include,
            calls: vec![made],
            page: None,
        }],
        auth: Some(Auth {
            scheme: Scheme::Bearer,
            credentials: vec![credential],
            supply: "--token-env GREENLIGHT_TOKEN".into(),
            supply_expired: "GREENLIGHT_EXPIRED_TOKEN".into(),
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
            call: call(),
            body: Body::Json {
                value: serde_json::json!({"text": "hello"}),
                inserts: vec![],
            },
            expect: vec![],
            nature: Nature::Paid,
            protected: true,
            key: None,
        }],
        allow: vec![Effect::Paid, Effect::Writes, Effect::Hostile],
        ..Target::bare("http://notes.example")
    }
}

/// The same with a login that must be refused.
pub(crate) fn logging_in() -> Target {
    let mut target = target();
    if let Some(auth) = &mut target.auth {
        auth.login = Some(Login {
            call: Call {
                method: "POST".into(),
                path: "/session".into(),
            },
            body: serde_json::json!({"user": "nobody", "password": "wrong"}),
        });
    }
    target
}

/// The same target, whose operation creates something and answers with its id.
pub(crate) fn creating() -> Target {
    let mut target = target();
    target.proofs[0].nature = Nature::Write;
    target.proofs[0].expect = vec![Expectation {
        at: "/id".into(),
        expect: Expect::Nonempty,
    }];
    target
}

/// The headers with which a healthy service answers the page in [`target`].
pub(crate) fn cors() -> Vec<(&'static str, &'static str)> {
    vec![
        ("access-control-allow-origin", ORIGIN),
        ("access-control-allow-credentials", "true"),
        ("vary", "Origin"),
    ]
}

/// A first attempt at a probe, answered so.
pub(crate) fn answered(
    id: u32,
    probe: &Probe,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) -> Exchange {
    let reply = Reply {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
        body: Captured::complete(body.to_owned()),
        version: "HTTP/1.1".into(),
    };
    exchange(id, probe, Outcome::Answered(reply))
}

/// A first attempt at a probe, to which nothing came back.
pub(crate) fn failed(id: u32, probe: &Probe, phase: Phase, fault: WireFault) -> Exchange {
    exchange(
        id,
        probe,
        Outcome::Failed(WireError {
            phase,
            fault,
            detail: "as the test has it".into(),
        }),
    )
}

/// A first attempt at a probe whose bytes were written by hand, to which this came back.
pub(crate) fn heard(id: u32, probe: &Probe, heard: Heard) -> Exchange {
    exchange(id, probe, Outcome::Heard(heard))
}

fn exchange(id: u32, probe: &Probe, reply: Outcome) -> Exchange {
    Exchange {
        id: Xid(id),
        probe: Arc::new(probe.clone()),
        askers: vec![],
        step: 0,
        copy: 0,
        attempt: 1,
        at: Timestamp::UNIX_EPOCH,
        conn: Some(id),
        sent: Some(Sent {
            url: format!("http://notes.example{}", probe.path_text()),
            headers: vec![],
            body_length: 0,
            claims: None,
        }),
        reply,
        phases: Phases {
            wait: Some(9_000),
            ..Phases::default()
        },
        redacted: vec![],
    }
}

/// A service that the run started, that listened and that wrote these lines.
pub(crate) fn spawned(lines: &[&str]) -> Spawned {
    let line = |text: &&str| LogLine {
        at: Timestamp::UNIX_EPOCH,
        output: Output::Stderr,
        text: (*text).to_owned(),
    };
    Spawned {
        command: "serve --port $PORT".into(),
        port: 8000,
        listened_after_ms: Some(20),
        exit: None,
        lines: lines.iter().map(line).collect(),
        lines_lost: 0,
    }
}
