//! What goes wrong between the browser and the service, each built on this machine, and named first by `diagnose`, which is
//! told an address, an origin and a credential.

use greenlight::lab::edge::{Edge, HOST};
use greenlight::lab::fault::How;
use greenlight::lab::faults::FAMILIES;
use greenlight::lab::subject::concierge;
use orchestrate::auth::mint::{TokenRequest, mint};
use serde_json::Value;

use crate::binary::{greenlight, ran};
use crate::service::{Pages, VARIABLE, admitting};

/// What `diagnose` says of a service behind this edge.
pub(crate) async fn diagnosed(edge: Edge, pages: Pages, more: &[&str]) -> Value {
    let mut subject = concierge().unwrap();
    let settings = admitting(pages);
    let token = mint(&settings.auth, &TokenRequest::access("acceptance")).unwrap();
    let standing = edge.start(settings, &mut subject).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let ca = directory.path().join("ca.pem");
    let base = subject.target.base.clone();
    let mut command = greenlight(["diagnose", &base, "--profile", "concierge", "--format", "json"]);
    for address in &subject.pins[HOST] {
        command.args(["--resolve", &format!("{HOST}:{address}")]);
    }
    if let Some(pem) = &subject.ca_pem {
        std::fs::write(&ca, pem).unwrap();
        command.arg("--cacert").arg(&ca);
    }
    command
        .args(["--token-env", VARIABLE, "--allow", "paid"])
        .args(more)
        .env(VARIABLE, token);
    let report = ran(command).await.json();
    standing.stop().await;
    report
}

/// Faults of the edge that `diagnose` does not name first, and why.
const NOT_FIRST: &[(&str, &str)] = &[
    ("edge-limit-small", LARGE),
    ("small-limit-and-unreadable", LARGE),
    ("large-body-reset", LARGE),
    ("edge-filters-audio", "the one paid call is made with a text"),
    ("length-over-chunks", MALFORMED),
    ("first-length-believed", MALFORMED),
    ("last-length-believed", MALFORMED),
    ("idle-connections-reset", "no connection is kept idle"),
    ("cold-start-slow", "slow and right is no failure"),
    ("first-call-fails", ONCE),
    ("worker-timeout", ONCE),
    ("intermittent-failure", ONCE),
    ("replica-config", ONCE),
    ("replica-secret", ONCE),
];
const LARGE: &str = "nothing large is sent to production";
const MALFORMED: &str = "nothing malformed is sent to production";
const ONCE: &str = "the paid call is made once, so that what it is now and then is not seen";

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_the_edge_that_it_can_see_is_named_first() {
    let faults = FAMILIES.iter().flat_map(|family| family.faults.iter());
    let edges = faults.filter_map(|fault| match (fault.how, fault.cause, fault.prepare) {
        (How::Edge(edge), Some(cause), None) => Some((fault.id, edge, cause)),
        _ => None,
    });
    let edges: Vec<_> = edges.collect();
    for (id, _) in NOT_FIRST {
        assert!(
            edges.iter().any(|(known, ..)| known == id),
            "{id} is no such fault"
        );
    }
    let mut missed = Vec::new();
    let seen = edges
        .iter()
        .filter(|(id, ..)| !NOT_FIRST.iter().any(|(not, _)| not == id));
    for (id, edge, cause) in seen {
        let report = diagnosed(*edge, Pages::Listed, &[]).await;
        if report["diagnoses"][0]["cause"] != *cause {
            missed.push(format!("{id}: {} instead of {cause}", report["headline"]));
        }
    }
    assert_eq!(missed, Vec::<String>::new());
}

/// Nobody is told of it by a browser: a page on https never gets to send a call to http.
#[tokio::test(flavor = "multi_thread")]
async fn an_api_without_tls_is_named_by_what_it_means_for_its_page() {
    let faults = FAMILIES.iter().flat_map(|family| family.faults.iter());
    let mut bare = faults.filter(|fault| fault.id == "http-only");
    let fault = bare.next().unwrap();
    let How::Edge(edge) = fault.how else {
        panic!("it is a fault of the edge");
    };
    let report = diagnosed(edge, Pages::Listed, &[]).await;
    let first = report["diagnoses"][0]["cause"].as_str();
    assert_eq!(first, fault.cause, "{}", report["headline"]);
}

/// A lighter fault of an earlier layer is there as well: it is named, and not in place of what failed.
#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_named_before_what_is_only_not_as_it_should_be() {
    let faults = FAMILIES.iter().flat_map(|family| family.faults.iter());
    let mut stripped = faults.filter(|fault| fault.id == "edge-strips-authorization");
    let How::Edge(edge) = stripped.next().unwrap().how else {
        panic!("it is a fault of the edge");
    };
    let report = diagnosed(edge, Pages::Development, &[]).await;
    let causes: Vec<&str> = report["diagnoses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["cause"].as_str().unwrap())
        .collect();
    assert_eq!(causes.first(), Some(&"credential-stripped"), "{causes:?}");
    assert!(causes.contains(&"development-origin-trusted"), "{causes:?}");
}
