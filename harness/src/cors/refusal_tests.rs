//! Every refusal, read as a person reads it.

use super::*;

fn missing(name: &str, why: Unlisted) -> MissingHeader {
    MissingHeader {
        name: name.into(),
        why,
    }
}

/// One refusal of every kind, and twins where the sentence differs.
fn every() -> Vec<Refusal> {
    let origin = || Origin("https://app.example".into());
    let mut all = Vec::new();
    for at in [At::Response, At::Preflight] {
        let value = || "https://app.example, *".to_owned();
        all.extend([
            Refusal::MissingAllowOriginHeader { at, origin: origin() },
            Refusal::WildcardOriginNotAllowed { at, origin: origin() },
            Refusal::MultipleAllowOriginValues {
                at,
                origin: origin(),
                value: value(),
            },
            Refusal::InvalidAllowOriginValue {
                at,
                origin: origin(),
                value: "app.example\x1b[0m".into(),
            },
            Refusal::AllowOriginMismatch {
                at,
                origin: Origin("null".into()),
                value: "https://app.example/".into(),
            },
            Refusal::InvalidAllowCredentials {
                at,
                origin: origin(),
                value: Some("True".into()),
            },
            Refusal::InvalidAllowCredentials {
                at,
                origin: origin(),
                value: None,
            },
        ]);
    }
    all.extend(of_preflights());
    all.extend(of_redirects());
    all
}

fn of_preflights() -> Vec<Refusal> {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    vec![
        Refusal::PreflightInvalidStatus { status: 405 },
        Refusal::PreflightDisallowedRedirect {
            status: 307,
            location: Some("/notes/".into()),
        },
        Refusal::PreflightDisallowedRedirect {
            status: 301,
            location: None,
        },
        Refusal::InvalidAllowMethodsPreflightResponse {
            value: "GET POST".into(),
        },
        Refusal::InvalidAllowHeadersPreflightResponse {
            value: "x".repeat(200),
        },
        Refusal::MethodDisallowedByPreflightResponse {
            method: "PATCH".into(),
            allowed: list(&["GET", "PUT"]),
        },
        Refusal::MethodDisallowedByPreflightResponse {
            method: "PATCH".into(),
            allowed: vec![],
        },
        Refusal::HeaderDisallowedByPreflightResponse {
            missing: vec![
                missing("content-type", Unlisted::NotListed),
                missing("x-api-key", Unlisted::NotListed),
            ],
            allowed: list(&["authorization"]),
        },
        Refusal::HeaderDisallowedByPreflightResponse {
            missing: vec![missing("authorization", Unlisted::WildcardLeavesItOut)],
            allowed: list(&["*"]),
        },
        Refusal::HeaderDisallowedByPreflightResponse {
            missing: vec![missing("x-api-key", Unlisted::WildcardIsLiteral)],
            allowed: list(&["*"]),
        },
        Refusal::HeaderDisallowedByPreflightResponse {
            missing: vec![missing("x-api-key", Unlisted::NotListed)],
            allowed: vec![],
        },
    ]
}

fn of_redirects() -> Vec<Refusal> {
    vec![
        Refusal::RedirectContainsCredentials {
            location: "https://b.example/".into(),
        },
        Refusal::InvalidRedirect {
            location: "http://[".into(),
        },
        Refusal::UnsafeRedirect { scheme: "ftp".into() },
        Refusal::TooManyRedirects,
        Refusal::ProxyAuthenticationAsked,
    ]
}

#[test]
fn says_each_reason_in_one_sentence() {
    let text: Vec<String> = every()
        .iter()
        .map(|refusal| format!("{} ({})\n    {refusal}", refusal.label(), refusal.section()))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn ends_every_sentence_once_and_keeps_it_on_one_line() {
    for refusal in every() {
        let text = refusal.to_string();
        assert!(text.ends_with('.') && !text.ends_with(".."), "{text}");
        assert!(
            text.chars().all(|c| c == '…' || (' '..='~').contains(&c)),
            "{text}"
        );
    }
}

#[test]
fn labels_are_those_of_the_devtools_protocol() {
    // The DevTools protocol's Network.CorsError, as far as it concerns CORS headers, and net errors of redirects.
    const KNOWN: [&str; 23] = [
        "WildcardOriginNotAllowed",
        "MissingAllowOriginHeader",
        "MultipleAllowOriginValues",
        "InvalidAllowOriginValue",
        "AllowOriginMismatch",
        "InvalidAllowCredentials",
        "PreflightInvalidStatus",
        "PreflightDisallowedRedirect",
        "PreflightWildcardOriginNotAllowed",
        "PreflightMissingAllowOriginHeader",
        "PreflightMultipleAllowOriginValues",
        "PreflightInvalidAllowOriginValue",
        "PreflightAllowOriginMismatch",
        "PreflightInvalidAllowCredentials",
        "InvalidAllowMethodsPreflightResponse",
        "InvalidAllowHeadersPreflightResponse",
        "MethodDisallowedByPreflightResponse",
        "HeaderDisallowedByPreflightResponse",
        "RedirectContainsCredentials",
        "ERR_INVALID_REDIRECT",
        "ERR_UNSAFE_REDIRECT",
        "ERR_TOO_MANY_REDIRECTS",
        "ERR_UNEXPECTED_PROXY_AUTH",
    ];
    let mut seen: Vec<&str> = every().iter().map(Refusal::label).collect();
    seen.sort_unstable();
    seen.dedup();
    let mut known = KNOWN.to_vec();
    known.sort_unstable();
    assert_eq!(seen, known);
}
