//! The tree of who is on call, leaf by leaf: each that can be built on one machine is built, and `diagnose` names it first.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use greenlight::diagnosis::tree::TREE;
use greenlight::lab::fault::How;
use greenlight::lab::faults;
use orchestrate::faults::id::FaultId;

use crate::binary::{Ran, greenlight, ran};
use crate::diagnosed_edge::{Pages, diagnosed};
use crate::service::{Service, VARIABLE};

/// A leaf, the fault of the lab that builds it, and what whoever is on call says of it.
type Built = (&'static str, &'static str, &'static [&'static str]);

const BUILT: &[Built] = &[
    ("N2", "wrong-service", &[]),
    ("N3", "dns-dead-address", &[]),
    ("T1", "tls-expired", &[]),
    ("T1", "tls-not-yet-valid", &[]),
    ("T2", "tls-name", &[]),
    ("T3", "tls-chain", &[]),
    ("T4", "redirect-downgrade", &[]),
    ("H1", "redirect-post-to-get", &[]),
    ("E1", "nothing-behind-the-edge", &[]),
    ("E2", "cold-start-errors", &[]),
    ("E3", "edge-html", &[]),
    ("E3", "edge-timeout-short", &[]),
    ("E4", "edge-limit-small", &["--symptom", "upload"]),
    ("E4", "large-body-reset", &["--symptom", "upload"]),
    ("E4", "cors-missing-on-413", &["--symptom", "upload"]),
    ("V1", "old-version-live", &["--expect-version", "fedcba9876543210fedcba9876543210fedcba98"]),
    ("V2", "mixed-versions", &[]),
    ("C1", "missing-await", &[]),
    ("C2", "dropped-connection", &[]),
    ("C3", "preflight-405", &[]),
    ("C4", "headers-parsed-strictly", &[]),
    ("C5", "origin-not-listed", &[]),
    ("C6", "null-origin-allowed", &[]),
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
    ("R1", "limit-unsaid", &[]),
    ("R1", "limit-bare", &[]),
    ("R2", "edge-challenge", &[]),
    ("D1", "health-contradicts", &[]),
    ("D2", "health-is-a-page", &[]),
    ("U1", "provider-quota-gone", &[]),
    ("U2", "provider-key-shown-as-401", &[]),
    ("U2", "provider-not-configured", &[]),
    ("U3", "slow", &[]),
    ("U3", "provider-late", &[]),
    ("U4", "container-mislabelled", &["--symptom", "upload"]),
    ("U4", "edge-filters-audio", &["--symptom", "upload"]),
    ("F1", "flaky-connection", &[]),
    ("F1", "intermittent-failure", &[]),
];

/// What `diagnose` says of this fault, to somebody with a profile, a token and leave for one call.
async fn said(fault: &str, more: &[&str]) -> serde_json::Value {
    let fault = faults::all().find(|known| known.id == fault).unwrap();
    if let How::Edge(edge) = fault.how {
        return diagnosed(edge, Pages::Listed, more).await;
    }
    let How::Service(id) = fault.how else {
        panic!("{} is another service's", fault.id);
    };
    let service = Service::with(&[id]).await;
    let url = service.url();
    let fixed = ["diagnose", &url, "--profile", "concierge", "--format", "json"];
    let paid = ["--token-env", VARIABLE, "--allow", "paid"];
    let mut command = greenlight(fixed.into_iter().chain(paid).chain(more.iter().copied()));
    command.env(VARIABLE, &service.token);
    let report = ran(command).await.json();
    assert!(service.paid() <= 2, "{}", service.paid());
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn explore() {
    for (leaf, fault, more) in BUILT {
        let begun = std::time::Instant::now();
        let report = said(fault, more).await;
        let wanted = TREE.iter().find(|one| one.id == *leaf).unwrap().causes;
        let got = report["diagnoses"][0]["cause"].as_str().unwrap_or("-").to_owned();
        let ok = wanted.contains(&got.as_str());
        println!("{} {leaf} {fault}: {got} [{}] {:?} {}", if ok {"ok  "} else {"MISS"}, report["verdict"], begun.elapsed(), if ok {""} else {report["headline"].as_str().unwrap()});
    }
}
