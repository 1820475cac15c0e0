//! What the checks ask, all of them beside each other.

use super::*;
use crate::check::testing::{answered, cors};
use crate::check::view::View;
use crate::checks::transcription::speech_tests::speaking;
use crate::contract::load::Contract;
use crate::model::exchange::Exchange;
use crate::model::probe::{Body, Nature, SecretName};
use crate::model::target::{Call, CredentialFacts, OTHER, Proof, Routes, Target, VersionPlace};

const CONTRACT: &str = include_str!("../../../contracts/orchestrate.openapi.yaml");

/// How many times the checks are shown what came of their last asks.
const ROUNDS: u32 = 4;

/// Checks that ask nothing here. They wait for what this target does not have or these answers do not show: TLS, several
/// addresses, a spawned process, a web page, a browser's login, a record that was made, a failure, a header. The lab and their own tests
/// show them at work.
const SILENT: &[&str] = &[
    "process/keeps-running",
    "reach/http2-works",
    "reach/resolvers-agree",
    "reach/every-address-answers",
    "tls/certificate-lasts",
    "tls/only-tls",
    "tls/old-versions-refused",
    "rollout/first-answer-in-time",
    "page/calls-this-api",
    "page/no-mixed-content",
    "page/policy-allows-api",
    "page/microphone-allowed",
    "auth/claims-checked",
    "auth/readers-cannot-write",
    "auth/refresh-renews",
    "auth/refresh-refuses",
    "auth/refresh-reuse-noticed",
    "auth/logout-ends-session",
    "auth/guessing-limited",
    "auth/limit-not-evaded",
    "cors/preflight-does-no-work",
    "cors/json-needs-preflight",
    "contract/good-requests-accepted",
    "contract/extra-fields-ignored",
    "exposure/debug-routes",
    "http/get-has-no-effect",
    "caching/validators-follow-content",
    "transcription/real-model-answers",
    "transcription/one-call-each",
    "errors/addresses-not-fetched",
    "errors/second-create-survives",
    "journey/kept-is-found",
    "journey/kept-is-unaltered",
    "journey/deleted-is-gone",
    "journey/preview-keeps-nothing",
    "http/idempotency-kept",
    "http/idempotency-scoped",
    "rollout/kept-everywhere",
    "journey/writes-cleaned-up",
    "auth/objects-guarded",
    "process/log-tells-no-crash",
    "rollout/replicas-agree",
    "rollout/same-every-time",
    "rollout/light-beside-heavy",
    "edge/vary-on-encoding",
];

/// A target with a route for everything, a second user and an expired credential, built as this commit.
fn full() -> Target {
    let mut target = speaking();
    let another = |name: &str, expired| CredentialFacts {
        name: SecretName(name.into()),
        expired,
        ..target.auth.as_ref().unwrap().credentials[0].clone()
    };
    let credentials = [another(OTHER, false), another("expired", true)];
    target.auth.as_mut().unwrap().credentials.extend(credentials);
    let read = Proof {
        call: Call {
            method: "GET".into(),
            path: "/auth/verify".into(),
        },
        body: Body::Empty,
        nature: Nature::Read,
        ..target.proofs[0].clone()
    };
    target.proofs.push(read);
    target.replicas = Some(2);
    target.expect_version = Some("4f5a6b7".into());
    target.routes = Routes {
        health: Some("/health".into()),
        ready: Some("/ready".into()),
        ai_health: Some("/ai/health".into()),
        contract: Some("/openapi.json".into()),
        version: Some(VersionPlace {
            route: "/health".into(),
            pointer: "/commit".into(),
        }),
        ..Routes::default()
    };
    target
}

/// The ids of the checks that asked something in any round.
fn asking(target: &Target, contract: &Contract) -> Vec<&'static str> {
    let mut asking = Vec::new();
    let mut seen: Vec<Exchange> = Vec::new();
    let mut id = 0;
    for _ in 0..ROUNDS {
        let view = View::new(target, Some(contract), &seen, &[]);
        let asks: Vec<_> = CHECKS
            .iter()
            .map(|check| (check.spec().id, check.ask(&view)))
            .collect();
        let headers = [&[("content-type", "application/json")], &cors()[..]].concat();
        for (check, ask) in asks
            .iter()
            .flat_map(|(check, asks)| asks.iter().map(move |ask| (*check, ask)))
        {
            asking.push(check);
            for probe in ask.probes() {
                if seen.iter().all(|exchange| *exchange.probe != *probe) {
                    id += 1;
                    seen.push(answered(id, probe, 200, &headers, "{}"));
                }
            }
        }
    }
    asking
}

#[test]
fn every_check_that_has_what_it_needs_asks() {
    let contract = Contract::parse(CONTRACT, "the test").unwrap();
    let asking = asking(&full(), &contract);
    let silent: Vec<&str> = CHECKS
        .iter()
        .map(|check| check.spec().id)
        .filter(|id| !asking.contains(id))
        .collect();
    assert_eq!(silent, SILENT);
}
