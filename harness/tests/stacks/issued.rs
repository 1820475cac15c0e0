//! `--test-issuer` against FastAPI with PyJWT: the whole family of authentication is judged, green where it is right and red
//! with the right cause where it is not, and no secret is handed to anybody.

use serde_json::Value;

use crate::app::verify_issued;

/// Every check of the family. Each must have judged something, or the issuer proves less than it promises.
const FAMILY: [&str; 14] = [
    "auth/challenge",
    "auth/claims-checked",
    "auth/credential-before-input",
    "auth/credential-not-in-url",
    "auth/expired-credential-refused",
    "auth/good-credential-accepted",
    "auth/headers-grant-nothing",
    "auth/lower-case-scheme-accepted",
    "auth/missing-credential-refused",
    "auth/no-development-login",
    "auth/path-variants-refused",
    "auth/published-key-is-no-secret",
    "auth/refusal-says-little",
    "auth/spoilt-credential-refused",
];

fn of_the_family(report: &Value) -> Vec<(&str, &str, u64)> {
    let checks = report["checks"].as_array().unwrap().iter();
    checks
        .map(|check| {
            let judged = check["judged"].as_u64().unwrap_or_default();
            (
                check["check"].as_str().unwrap(),
                check["outcome"].as_str().unwrap(),
                judged,
            )
        })
        .filter(|(id, ..)| id.starts_with("auth/"))
        .collect()
}

/// Checks of the layer that are about more than one token: a second user, a login that redirects, a session that is renewed. The
/// application has none of them.
const APART: &[&str] = &[
    "auth/guessing-limited",
    "auth/limit-not-evaded",
    "auth/login-returns-home",
    "auth/logout-ends-session",
    "auth/objects-guarded",
    "auth/readers-cannot-write",
    "auth/refresh-refuses",
    "auth/refresh-renews",
    "auth/refresh-reuse-noticed",
];

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_verifies_is_green_with_every_check_judged() {
    for algorithm in ["RS256", "ES256"] {
        let Some(report) = verify_issued(algorithm, "correct").await else {
            return;
        };
        assert_eq!(report["exit_code"], 0, "{algorithm}: {report:#}");
        let family = of_the_family(&report);
        let (apart, family): (Vec<_>, Vec<_>) = family.into_iter().partition(|(id, ..)| APART.contains(id));
        assert!(
            apart.iter().all(|(_, outcome, _)| *outcome == "skipped"),
            "{apart:?}"
        );
        let ids: Vec<&str> = family.iter().map(|(id, ..)| *id).collect();
        assert_eq!(ids, FAMILY, "{algorithm}");
        for (id, outcome, judged) in family {
            assert!(
                outcome == "pass" && judged > 0,
                "{algorithm} {id}: {outcome}, {judged}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_verified_is_named() {
    let costs = [
        ("audience", "claims-unchecked", "another audience"),
        ("issuer", "claims-unchecked", "another issuer"),
        ("no-expiry", "claims-unchecked", "without an expiry"),
        ("expiry", "expired-accepted", "has expired"),
        ("refresh", "refresh-accepted", "a refresh token"),
        (
            "foreign-key",
            "signature-unchecked",
            "under the name (kid) of the issuer's",
        ),
        (
            "unknown-key",
            "signature-unchecked",
            "that its issuer never published",
        ),
    ];
    for (variant, cause, title) in costs {
        let Some(report) = verify_issued("RS256", variant).await else {
            return;
        };
        let first = &report["diagnoses"][0]["cause"];
        assert_eq!(
            (first, &report["exit_code"]),
            (&cause.into(), &1.into()),
            "{variant}: {report:#}"
        );
        let mut findings = report["findings"].as_array().unwrap().iter();
        assert!(
            findings.any(|finding| finding["title"].as_str().unwrap().contains(title)),
            "{variant}: {report:#}"
        );
    }
}
