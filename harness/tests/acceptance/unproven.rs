//! Unproven is not green (law 2): without a token, without leave to pay, without a profile, the healthy service and the
//! one that is broken behind its authentication both end 3 or 1, and the report says what would prove it.

use orchestrate::faults::id::FaultId;
use serde_json::Value;
use tokio::process::Command;

use crate::binary::{Ran, greenlight, ran, run};
use crate::service::{Service, VARIABLE};

/// One way of not proving anything, and the flag that would.
struct Way {
    name: &'static str,
    command: fn(&Service, &[&str]) -> Command,
    flag: &'static str,
}

const WAYS: &[Way] = &[
    Way {
        name: "no token, local",
        command: |service, more| service.verify(&[&["--environment", "local"], more].concat()),
        flag: "--token-env",
    },
    Way {
        name: "no token, production",
        command: |service, more| service.verify(more),
        flag: "--token-env",
    },
    Way {
        name: "a token, production, no leave to pay",
        command: |service, more| service.verify_with_token(more),
        flag: "--allow paid",
    },
    Way {
        name: "a token, staging, no leave to pay",
        command: |service, more| service.verify_with_token(&[&["--environment", "staging"], more].concat()),
        flag: "--allow paid",
    },
    Way {
        name: "a URL and no profile",
        command: |service, more| {
            let url = service.url();
            greenlight(
                ["verify", &url, "--environment", "local"]
                    .into_iter()
                    .chain(more.iter().copied()),
            )
        },
        flag: "--profile",
    },
    Way {
        name: "a URL and a token, no profile",
        command: |service, more| {
            let url = service.url();
            let arguments = ["verify", &url, "--environment", "local", "--token-env", VARIABLE];
            let mut command = greenlight(arguments.into_iter().chain(more.iter().copied()));
            command.env(VARIABLE, &service.token);
            command
        },
        flag: "--profile",
    },
];

/// The proofs of a report that were not seen, with the flags that would show them.
fn open(report: &Value) -> Vec<(String, String)> {
    let proofs = report["proofs"].as_array().expect("a report lists its proofs");
    let open = proofs.iter().filter(|proof| proof["proven"] == false);
    open.map(|proof| {
        let text = |key: &str| proof[key].as_str().unwrap_or_default().to_owned();
        (text("id"), text("flag"))
    })
    .collect()
}

async fn both_formats(way: &Way, service: &Service, more: &[&str]) -> (Ran, Ran) {
    let human = ran((way.command)(service, more)).await;
    let json = ran((way.command)(service, &[&["--format", "json"], more].concat())).await;
    (human, json)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_service_that_was_not_proven_ends_three_and_names_the_flag() {
    let service = Service::healthy().await;
    for way in WAYS {
        let (human, json) = both_formats(way, &service, &[]).await;
        let report = json.json();
        assert_eq!((human.code, json.code), (3, 3), "{}: {human:#?}", way.name);
        assert_eq!(report["verdict"], "inconclusive", "{}", way.name);
        assert_eq!(report["exit_code"], 3, "{}", way.name);
        let open = open(&report);
        assert!(
            open.iter().any(|(_, flag)| flag.contains(way.flag)),
            "{}: {open:?}",
            way.name
        );
        assert!(human.out.contains(way.flag), "{}: {}", way.name, human.out);
        assert!(!human.out.starts_with("PASS"), "{}: {}", way.name, human.out);
    }
    assert_eq!(service.paid(), 0, "nothing here had leave to pay");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_service_that_was_not_proven_is_never_green() {
    let service = Service::with(&[FaultId::MissingAwait]).await;
    for way in WAYS {
        let (human, json) = both_formats(way, &service, &[]).await;
        let report = json.json();
        assert!([1, 3].contains(&human.code), "{}: {human:#?}", way.name);
        assert_eq!(human.code, json.code, "{}", way.name);
        let told = open(&report).iter().any(|(_, flag)| flag.contains(way.flag));
        assert!(
            human.code == 1 || told && human.out.contains(way.flag),
            "{}: {}",
            way.name,
            human.out
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn going_without_a_proof_is_green_only_when_the_headline_says_so() {
    let service = Service::healthy().await;
    for way in WAYS {
        let report = ran((way.command)(&service, &["--format", "json"])).await.json();
        let ids: Vec<String> = open(&report).into_iter().map(|(id, _)| id).collect();
        assert!(!ids.is_empty(), "{}", way.name);
        let flags: Vec<&str> = ids
            .iter()
            .flat_map(|id| ["--accept-unproven", id.as_str()])
            .collect();
        let (human, json) = both_formats(way, &service, &flags).await;
        let report = json.json();
        assert_eq!((human.code, json.code), (0, 0), "{}: {human:#?}", way.name);
        let headline = report["headline"].as_str().unwrap();
        let first_line = human.out.lines().next().unwrap();
        for id in &ids {
            assert!(headline.contains(id.as_str()), "{}: {headline}", way.name);
            assert!(human.out.contains(id.as_str()), "{}: {first_line}", way.name);
        }
        assert!(headline.contains("without proof"), "{}: {headline}", way.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_proof_must_be_given_up_by_name() {
    let service = Service::healthy().await;
    let report = ran(service.verify(&["--format", "json"])).await.json();
    let ids: Vec<String> = open(&report).into_iter().map(|(id, _)| id).collect();
    for id in ids.iter().filter(|_| ids.len() > 1) {
        let one = ran(service.verify(&["--accept-unproven", id])).await;
        assert_eq!(one.code, 3, "{id} alone is not all of {ids:?}: {one:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_nobody_knows_cannot_be_given_up() {
    let service = Service::healthy().await;
    for id in ["nope", "cors/readable", "journey/proof", ""] {
        let refused = ran(service.verify(&["--accept-unproven", id])).await;
        assert_eq!(refused.code, 2, "{id:?}: {refused:#?}");
        assert!(refused.err.contains("journey/proofs"), "{}", refused.err);
        assert_eq!(refused.out, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_is_not_set_is_no_token() {
    let service = Service::healthy().await;
    let mut command = service.verify(&["--environment", "local", "--token-env", "NOBODY_SET_THIS"]);
    command.env("NOBODY_SET_THIS", "  ");
    let unproven = ran(command).await;
    assert_eq!(unproven.code, 3, "{unproven:#?}");
    assert!(unproven.out.contains("NOBODY_SET_THIS"), "{}", unproven.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_is_no_proof() {
    let service = Service::with(&[FaultId::GoodTokenRefused]).await;
    let refused = ran(service.verify_with_token(&["--environment", "local"])).await;
    assert_eq!(refused.code, 1, "{refused:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_and_leave_to_pay_make_the_healthy_service_green() {
    let service = Service::healthy().await;
    let local = ran(service.verify_with_token(&["--environment", "local"])).await;
    assert_eq!(local.code, 0, "{local:#?}");
    assert!(local.out.starts_with("PASS"), "{}", local.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn production_pays_exactly_once() {
    let service = Service::healthy().await;
    let production = service.verify_with_token(&[
        "--environment",
        "production",
        "--allow",
        "paid",
        "--format",
        "json",
    ]);
    let production = ran(production).await;
    let report = production.json();
    assert_eq!(production.code, 0, "{production:#?}");
    assert_eq!(service.paid(), 1, "{report:#}");
    assert_eq!(report["sent"]["paid"], 1);
    assert_eq!(report["sent"]["writes"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broken_service_fails_as_soon_as_it_may_be_called() {
    let service = Service::with(&[FaultId::MissingAwait]).await;
    for more in [["--environment", "local"], ["--allow", "paid"]] {
        let broken = ran(service.verify_with_token(&more)).await;
        assert_eq!(broken.code, 1, "{broken:#?}");
        let headline = broken.out.lines().next().unwrap();
        assert!(
            headline.contains("server error (HTTP 500)") && headline.contains("CORS error"),
            "{headline}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_of_what_anybody_may_call_do_not_prove_a_protected_service() {
    let service = Service::healthy().await;
    let directory = tempfile::tempdir().unwrap();
    let profile = directory.path().join("public.toml");
    let text = "[auth]\nkind = \"bearer\"\ntoken_env = \"UNSET\"\n\n[[prove]]\ncall = \"GET /health\"\nprotected = false\neffect = \"read\"\n";
    std::fs::write(&profile, text).unwrap();
    let url = service.url();
    let arguments = [
        "verify",
        &url,
        "--environment",
        "local",
        "--profile",
        profile.to_str().unwrap(),
    ];
    let unproven = run(arguments).await;
    assert_eq!(unproven.code, 3, "{unproven:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_build_than_the_expected_one_fails_and_is_named() {
    let service = Service::healthy().await;
    let expected = ["--environment", "local", "--expect-version", "0123456789abcdef"];
    let other = ran(service.verify_with_token(&expected)).await;
    assert_eq!(other.code, 1, "{other:#?}");
    assert!(other.out.contains("0123456789abcdef"), "{}", other.out);
}
