//! A server that exists only as a function, for the tests of causes: the checks run against it, and the whole registry of causes
//! judges what they saw.

use jiff::Timestamp;

use crate::check::Check;
use crate::check::driver::{Driver as _, News, Next};
use crate::check::testing::{ORIGIN, answered, failed, target};
use crate::checks::registry::{CHECKS, RULES};
use crate::diagnosis::registry::CAUSES;
use crate::drive::rounds::Rounds;
use crate::model::exchange::{Exchange, Phase, WireFault};
use crate::model::probe::{Ask, Body, Probe};
use crate::model::recording::Recording;
use crate::model::run::Run;
use crate::model::target::Target;
use crate::runner::judge::{Bench, judge};

pub(crate) const ACAO: &str = "access-control-allow-origin";
pub(crate) const ACAC: &str = "access-control-allow-credentials";
pub(crate) const ACAH: &str = "access-control-allow-headers";

/// An answer; status 0 closes the connection without one.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: &'static str,
}

impl Answer {
    pub(crate) fn without(mut self, name: &str) -> Answer {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Answer {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn set(self, name: &'static str, value: &str) -> Answer {
        self.without(name).with(name, value)
    }

    /// Without a trace of CORS.
    pub(crate) fn bare(self) -> Answer {
        let cors = [ACAO, ACAC, ACAH, "access-control-allow-methods", "vary"];
        cors.into_iter().fold(self, |answer, name| answer.without(name))
    }
}

pub(crate) fn origin(probe: &Probe) -> Option<&str> {
    probe.page.as_ref().map(|page| page.origin.0.as_str())
}

/// What the service says, before CORS.
pub(crate) fn plain(probe: &Probe) -> Answer {
    let path = probe.path_text();
    let path = path.split('?').next().unwrap_or(path);
    let (status, body) = match (probe.method.as_str(), path) {
        ("OPTIONS", _) if probe.page.is_some() => (204, ""),
        ("OPTIONS", _) => (405, ""),
        ("GET", "/health") => (200, r#"{"status":"healthy","version":"1.4.0"}"#),
        ("POST", "/summaries") if probe.who.is_none() => (401, r#"{"detail":"missing token"}"#),
        ("POST", "/summaries") if probe.body == Body::BrokenJson => (400, r#"{"detail":"not JSON"}"#),
        ("POST", "/summaries") => (200, r#"{"summary":"hello"}"#),
        ("GET", "/summaries") => (405, r#"{"detail":"wrong method"}"#),
        _ => (404, r#"{"detail":"not found"}"#),
    };
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ];
    if status == 405 {
        headers.push(("allow", "POST, OPTIONS".to_owned()));
    }
    if status == 401 {
        headers.push(("www-authenticate", "Bearer".to_owned()));
    }
    Answer {
        status,
        headers,
        body,
    }
}

/// The CORS headers of a layer that allows these origins.
pub(crate) fn layered(probe: &Probe, answer: Answer, allowed: impl Fn(&str) -> bool) -> Answer {
    let answer = answer.with("vary", "Origin");
    let Some(origin) = origin(probe).filter(|origin| allowed(origin)) else {
        return answer;
    };
    let answer = answer.with(ACAO, origin).with(ACAC, "true");
    if probe.is_preflight() {
        return answer
            .with(ACAH, "authorization, content-type")
            .with("access-control-max-age", "600");
    }
    answer
}

/// A sound service with a list of one.
pub(crate) fn good(probe: &Probe) -> Answer {
    layered(probe, plain(probe), |origin| origin == ORIGIN)
}

/// The checks of CORS, and what they rest on.
fn checks() -> Vec<&'static dyn Check> {
    let mine = |id: &str| id.starts_with("cors/") || id == "reach/answers" || id == "journey/proofs";
    CHECKS
        .iter()
        .copied()
        .filter(|check| mine(check.spec().id))
        .collect()
}

/// Runs the checks against this server until none wants more.
pub(crate) fn record(target: &Target, server: &dyn Fn(&Probe) -> Answer) -> Recording {
    let checks = checks();
    let mut driver = Rounds::new(target, None, checks);
    let mut all: Vec<Exchange> = Vec::new();
    let mut seen = 0;
    loop {
        let news = News {
            exchanges: &all[seen..],
            refused: &[],
            raw: &[],
        };
        let next = driver.next(news, Timestamp::UNIX_EPOCH);
        seen = all.len();
        let Next::Ask(asked) = next else { break };
        for asked in asked {
            let Ask::One(probe) = asked.ask else {
                panic!("only single probes")
            };
            if all.iter().any(|exchange| *exchange.probe == probe) {
                continue;
            }
            let id = u32::try_from(all.len()).unwrap();
            let answer = server(&probe);
            let headers: Vec<_> = answer
                .headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            all.push(match answer.status {
                0 => failed(id, &probe, Phase::Wait, WireFault::ClosedWithoutAnswer),
                status => answered(id, &probe, status, &headers, answer.body),
            });
        }
    }
    Recording::of(target.clone(), all, Timestamp::UNIX_EPOCH)
}

pub(crate) fn run_with(target: &Target, server: &dyn Fn(&Probe) -> Answer) -> Run {
    let bench = Bench {
        checks: &checks(),
        rules: RULES,
        causes: CAUSES,
    };
    judge(&record(target, server), bench)
}

pub(crate) fn run(server: impl Fn(&Probe) -> Answer) -> Run {
    run_with(&target(), &server)
}

/// The failing checks, sorted, each once.
pub(crate) fn failing(run: &Run) -> Vec<&str> {
    let mut ids: Vec<&str> = run
        .findings
        .iter()
        .filter(|finding| finding.fails())
        .map(|finding| finding.check.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The causes that were named.
pub(crate) fn causes(run: &Run) -> Vec<&str> {
    run.diagnoses
        .iter()
        .map(|diagnosis| diagnosis.cause.as_str())
        .collect()
}

/// This cause alone is named, it explains every failure, and these checks fail.
#[track_caller]
pub(crate) fn named(run: &Run, cause: &str, checks: &[&str]) {
    assert_eq!(
        (causes(run), failing(run)),
        (vec![cause], checks.to_vec()),
        "{:#?}",
        run.findings
    );
    let left: Vec<_> = run
        .findings
        .iter()
        .filter(|finding| finding.fails() && finding.explained_by.is_none())
        .collect();
    assert!(left.is_empty(), "{left:#?}");
    assert_eq!(run.headline, run.diagnoses[0].statement);
}
