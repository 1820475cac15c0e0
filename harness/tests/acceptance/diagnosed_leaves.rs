//! The tree of who is on call, leaf by leaf: each that can be built on one machine is built, and `diagnose` names it first.

use std::collections::BTreeSet;

use greenlight::diagnosis::tree::TREE;
use greenlight::lab::fault::How;
use greenlight::lab::faults;
use orchestrate::app::Running;
use orchestrate::auth::AuthSettings;
use orchestrate::auth::mint::{TokenRequest, mint};
use serde_json::{Value, json};
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::binary::{greenlight, ran};
use crate::diagnosed_edge::diagnosed;
use crate::service::{Pages, VARIABLE, admitting};

/// A recording that is taken, beside one that is not, tells that it is not the work.
const RECORDINGS: &[&str] = &["--symptom", "upload", "--budget", "paid=2"];

/// A leaf, the fault of the lab that builds it, and what whoever is on call says of it.
type Built = (&'static str, &'static str, &'static [&'static str]);

const BUILT: &[Built] = &[
    ("N3", "dns-dead-address", &[]),
    ("T1", "tls-expired", &[]),
    ("T1", "tls-not-yet-valid", &[]),
    ("T2", "tls-name", &[]),
    ("T3", "tls-chain", &[]),
    ("T3", "tls-self-signed", &[]),
    ("T4", "redirect-downgrade", &[]),
    ("H1", "redirect-post-to-get", &[]),
    ("E1", "nothing-behind-the-edge", &[]),
    ("E2", "cold-start-errors", &[]),
    ("E3", "edge-html", &[]),
    ("E3", "edge-timeout-short", &[]),
    ("E4", "edge-limit-small", &["--symptom", "upload"]),
    ("E4", "large-body-reset", &["--symptom", "upload"]),
    ("E4", "cors-missing-on-413", &["--symptom", "upload"]),
    (
        "V1",
        "old-version-live",
        &["--expect-version", "fedcba9876543210fedcba9876543210fedcba98"],
    ),
    ("V2", "mixed-versions", &[]),
    ("C1", "missing-await", &[]),
    ("C2", "dropped-connection", &[]),
    ("C3", "preflight-405", &[]),
    ("C4", "headers-parsed-strictly", &[]),
    ("C5", "origin-not-listed", &[]),
    ("C7", "wildcard-with-credentials", &[]),
    ("C7", "credentials-misspelt", &[]),
    ("C8", "origin-sent-twice", &[]),
    ("C9", "vary-missing", &[]),
    ("C9", "cached-for-first-origin", &[]),
    ("C10", "origin-reflected", &[]),
    ("C10", "origin-by-suffix", &[]),
    ("C11", "cors-missing-on-401", &[]),
    ("A3", "clock-off", &[]),
    ("A4", "auth-crashes", &[]),
    ("A4", "auth-not-enforced", &[]),
    ("R2", "edge-challenge", &[]),
    ("D1", "health-contradicts", &[]),
    ("D2", "health-is-a-page", &[]),
    ("U1", "provider-quota-gone", &[]),
    ("U2", "provider-key-shown-as-401", &[]),
    ("U2", "provider-not-configured", &[]),
    ("U3", "provider-late", &[]),
    ("U4", "container-mislabelled", RECORDINGS),
    ("U4", "edge-filters-audio", RECORDINGS),
    ("F1", "flaky-connection", &[]),
];

/// What stands beside a leaf: not what the tree says of it, and named by one of its causes.
const BESIDE: &[Built] = &[
    // The name is right, and who answers at it is not.
    ("N2", "wrong-service", &[]),
    // The leaf is an origin null that is refused.
    ("C6", "null-origin-allowed", &[]),
];

/// Leaves that are not built here, and why.
const OTHERWISE: &[(&str, &str)] = &[
    ("N1", "`diagnosed_names` builds it, with resolvers of its own"),
    (
        "N2",
        "`diagnosed_names` builds it, with a resolver that leads to where somebody else is, or nobody",
    ),
    (
        "C6",
        "a page that reports null is refused by a service that is right, and no diagnosis is told of an origin null: it is a \
         wrong origin before any packet. Built is what goes wrong when it is let in",
    ),
    (
        "V3",
        "from outside it looks like V1: only the platform knows which step of the deploy failed",
    ),
];

/// What `diagnose` says of this fault, to somebody with a profile, a token and leave for one call.
async fn said(fault: &str, more: &[&str]) -> Value {
    let fault = faults::all().find(|known| known.id == fault).unwrap();
    if let How::Edge(edge) = fault.how {
        return diagnosed(edge, Pages::Listed, more).await;
    }
    let How::Service(id) = fault.how else {
        panic!("{} is another service's", fault.id);
    };
    let mut settings = admitting(Pages::Listed);
    settings.faults = [id].into_iter().collect();
    let token = mint(&settings.auth, &TokenRequest::access("acceptance")).unwrap();
    let running = Running::start(settings).await.unwrap();
    let url = running.base_url();
    let fixed = ["diagnose", &url, "--profile", "concierge", "--format", "json"];
    let paid = ["--token-env", VARIABLE, "--allow", "paid"];
    let mut command = greenlight(fixed.into_iter().chain(paid).chain(more.iter().copied()));
    command.env(VARIABLE, token);
    ran(command).await.json()
}

/// What `diagnose` says at this address, with this variable set.
async fn said_at(url: &str, (name, value): (&str, &str), more: &[&str]) -> Value {
    let fixed = ["diagnose", url, "--format", "json"];
    let mut command = greenlight(fixed.into_iter().chain(more.iter().copied()));
    command.env(name, value);
    ran(command).await.json()
}

/// What it says of a healthy service to somebody with a token that was minted so.
async fn said_with_token(change: impl FnOnce(&mut AuthSettings), request: TokenRequest) -> Value {
    let settings = admitting(Pages::Listed);
    let mut minting = settings.auth.clone();
    change(&mut minting);
    let token = mint(&minting, &request).unwrap();
    let running = Running::start(settings).await.unwrap();
    let more = [
        "--profile",
        "concierge",
        "--token-env",
        VARIABLE,
        "--allow",
        "paid",
    ];
    said_at(&running.base_url(), (VARIABLE, &token), &more).await
}

/// The causes, the first of them first.
fn causes(report: &Value) -> Vec<&str> {
    let diagnoses = report["diagnoses"].as_array().unwrap().iter();
    diagnoses.map(|one| one["cause"].as_str().unwrap()).collect()
}

/// Whether the first cause is one of the leaf's.
fn is_of(leaf: &str, report: &Value) -> bool {
    let leaf = TREE.iter().find(|known| known.id == leaf).unwrap();
    causes(report)
        .first()
        .is_some_and(|first| leaf.causes.contains(first))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_leaf_that_the_lab_can_build_is_named_first() {
    let mut missed = Vec::new();
    for (leaf, fault, more) in BUILT.iter().chain(BESIDE) {
        let report = said(fault, more).await;
        if !is_of(leaf, &report) {
            missed.push(format!(
                "{leaf} {fault}: {:?}, {}",
                causes(&report),
                report["headline"]
            ));
        }
    }
    assert_eq!(missed, Vec::<String>::new());
}

/// What is said of the leaf of an origin null, before any packet.
#[tokio::test]
async fn an_origin_null_is_no_page_that_a_diagnosis_could_ask_for() {
    let ran = ran(greenlight(["diagnose", "http://127.0.0.1:9", "--origin", "null"])).await;
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("null"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_cause_was_reproduced_though_it_is_in_doubt() {
    let report = said("clock-off", &[]).await;
    assert_eq!(report["verdict"], "inconclusive");
    assert_eq!(report["diagnoses"][0]["blame"], "unknown", "{report:#}");
    assert_eq!(report["headline"], report["diagnoses"][0]["statement"]);
    assert_eq!(report.get("hypotheses"), None, "{report:#}");
}

#[tokio::test]
async fn a_checker_without_a_way_out_says_so_and_nothing_of_the_service() {
    let (_held, nobody) = vacant();
    let report = said_at("http://api.acme.example/v1", ("http_proxy", &nobody), &[]).await;
    assert!(is_of("X1", &report), "{report:#}");
    assert_eq!(report["verdict"], "inconclusive");
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_unreachable() {
    let (_held, nobody) = vacant();
    let report = said_at(&nobody, ("LANG", "C"), &[]).await;
    assert!(is_of("N3", &report), "{report:#}");
}

#[tokio::test]
async fn a_token_that_has_expired_is_told_from_a_service_that_refuses_everybody() {
    let report = said_with_token(|_| {}, TokenRequest::access("acceptance").expired()).await;
    assert!(is_of("A1", &report), "{report:#}");
    assert_eq!(report["diagnoses"][0]["blame"], "credential", "{report:#}");
    assert!(
        report["headline"].as_str().unwrap().contains("expired"),
        "{report:#}"
    );
}

#[tokio::test]
async fn a_token_for_another_audience_is_refused_and_both_are_told() {
    let other = |auth: &mut AuthSettings| auth.audience = "staging".to_owned();
    let report = said_with_token(other, TokenRequest::access("acceptance")).await;
    assert!(is_of("A2", &report), "{report:#}");
    assert!(report.to_string().contains("staging"), "{report:#}");
}

#[tokio::test]
async fn a_service_that_refuses_the_checker_as_too_much_is_left_alone() {
    let server = MockServer::start().await;
    let limited = ResponseTemplate::new(429)
        .insert_header("retry-after", "60")
        .set_body_json(json!({"detail": "too many requests"}));
    let healthy = ResponseTemplate::new(200).set_body_json(json!({"status": "healthy"}));
    Mock::given(path("/health"))
        .respond_with(healthy)
        .up_to_n_times(2)
        .mount(&server)
        .await;
    Mock::given(any()).respond_with(limited).mount(&server).await;
    let report = said_at(&server.uri(), ("LANG", "C"), &["--origin", "https://app.example"]).await;
    assert!(is_of("R1", &report), "{report:#}");
    let sent = server.received_requests().await.unwrap().len();
    assert!(sent < 12, "{sent} requests to a service that had refused them");
}

/// Every leaf is built here, or it is said why not.
#[test]
fn no_leaf_is_forgotten() {
    let built = BUILT.iter().map(|(leaf, ..)| *leaf);
    let built: BTreeSet<&str> = built
        .chain(["X1", "A1", "A2", "R1"])
        .chain(OTHERWISE.iter().map(|(leaf, _)| *leaf))
        .collect();
    let known: BTreeSet<&str> = TREE.iter().map(|leaf| leaf.id).collect();
    assert_eq!(built, known);
}

/// The URL of a port on which nobody listens, nor comes to listen while the socket is held.
fn vacant() -> (tokio::net::TcpSocket, String) {
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", held.local_addr().unwrap());
    (held, url)
}
