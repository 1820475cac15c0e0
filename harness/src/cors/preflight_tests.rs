//! Preflight answers, good and bad, one row each.

use proptest::prelude::*;

use super::*;
use crate::cors::check::tests::{any_headers, list};

const APP: &str = "https://app.example";
const OK: (&str, &str) = ("access-control-allow-origin", APP);
const CRED: (&str, &str) = ("access-control-allow-credentials", "true");

fn need(method: &str, names: &[&str]) -> PreflightNeed {
    PreflightNeed {
        method: method.into(),
        header_names: names.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn verdict(
    need: &PreflightNeed,
    mode: Mode,
    status: u16,
    pairs: &[(&str, &str)],
) -> Result<Granted, Refused> {
    judge(need, &Origin(APP.into()), mode, status, &list(pairs))
}

fn labels(verdict: &Result<Granted, Refused>) -> Vec<&'static str> {
    verdict
        .as_ref()
        .err()
        .map(|refused| refused.reasons().map(Refusal::label).collect())
        .unwrap_or_default()
}

/// Mode, status and headers of answers to the preflight of a `PUT` with `authorization` and `content-type`, and the labels of
/// all reasons to refuse. `me` is the page's origin, `ok` allows both headers by name.
const ANSWERS: &str = "
omit    200  origin: me | methods: PUT | ok               -> granted
omit    204  origin: me | methods: GET | methods: PUT | ok -> granted
omit    299  origin: me | methods: * | ok                 -> granted
omit    200  origin: *  | methods: * | ok                 -> granted
include 200  origin: me | credentials: true | methods: PUT | ok -> granted
omit    200  origin: me | methods: PUT | headers: *, AUTHORIZATION -> granted

omit    401                                               -> PreflightMissingAllowOriginHeader PreflightInvalidStatus
omit    405  origin: me | methods: PUT | ok               -> PreflightInvalidStatus
omit    199  origin: me                                   -> PreflightInvalidStatus
omit    300  origin: me                                   -> PreflightInvalidStatus
omit    304  origin: me                                   -> PreflightInvalidStatus
omit    500  origin: me                                   -> PreflightInvalidStatus
omit    307  origin: me | location: /x/                   -> PreflightDisallowedRedirect
omit    301                                               -> PreflightDisallowedRedirect
omit    200                                               -> PreflightMissingAllowOriginHeader
omit    200  origin: me | origin: me                      -> PreflightMultipleAllowOriginValues
omit    200  origin: https://app.example/                 -> PreflightAllowOriginMismatch
omit    200  origin: app.example                          -> PreflightInvalidAllowOriginValue
include 200  origin: me | methods: PUT | ok               -> PreflightInvalidAllowCredentials
include 200  origin: *  | credentials: true               -> PreflightWildcardOriginNotAllowed

omit    200  origin: me | methods: PUT POST | ok          -> InvalidAllowMethodsPreflightResponse
omit    200  origin: me | methods: PUT | headers: a b     -> InvalidAllowHeadersPreflightResponse
omit    200  origin: me | methods: [PUT] | headers: a:b   -> InvalidAllowMethodsPreflightResponse InvalidAllowHeadersPreflightResponse
omit    200  origin: me | methods: put | ok               -> MethodDisallowedByPreflightResponse
omit    200  origin: me | ok                              -> MethodDisallowedByPreflightResponse
include 200  origin: me | credentials: true | methods: * | ok -> MethodDisallowedByPreflightResponse
omit    200  origin: me | methods: PUT | headers: *       -> HeaderDisallowedByPreflightResponse
include 200  origin: me | credentials: true | methods: PUT | headers: *,authorization -> HeaderDisallowedByPreflightResponse
omit    200  origin: me                                   -> MethodDisallowedByPreflightResponse HeaderDisallowedByPreflightResponse
";

/// The headers of one row of [`ANSWERS`].
fn row_headers(text: &str) -> Vec<(Octets, Octets)> {
    let text = text.replace("ok", "headers: Authorization, Content-Type");
    let pairs = text
        .split('|')
        .filter_map(|header| header.trim().split_once(": "));
    let full = |name: &str| match name {
        "location" => name.to_owned(),
        name => format!("Access-Control-Allow-{name}"),
    };
    pairs
        .map(|(name, value)| {
            (
                full(name).as_str().into(),
                value.replace("me", APP).as_str().into(),
            )
        })
        .collect()
}

#[test]
fn judges_each_answer_as_a_browser_does() {
    let call = need("PUT", &["authorization", "content-type"]);
    let mut rows = 0;
    for row in ANSWERS.lines().filter(|line| !line.is_empty()) {
        let (answer, expected) = row.split_once("->").unwrap();
        let mode = if answer.starts_with("include") {
            Mode::Include
        } else {
            Mode::Omit
        };
        let status = answer[8..11].parse().unwrap();
        let verdict = judge(
            &call,
            &Origin(APP.into()),
            mode,
            status,
            &row_headers(&answer[11..]),
        );
        let found = if verdict.is_ok() {
            vec!["granted"]
        } else {
            labels(&verdict)
        };
        assert_eq!(found, expected.split_whitespace().collect::<Vec<_>>(), "{row}");
        rows += 1;
    }
    assert_eq!(rows, 29);
}

#[test]
fn needs_no_listing_for_a_safelisted_method() {
    for method in ["GET", "HEAD", "POST"] {
        assert_eq!(
            labels(&verdict(&need(method, &[]), Mode::Include, 200, &[OK, CRED])),
            Vec::<&str>::new()
        );
    }
}

#[test]
fn compares_methods_with_their_case() {
    let headers = [OK, ("access-control-allow-methods", "PATCH")];
    assert_eq!(
        labels(&verdict(&need("patch", &[]), Mode::Omit, 200, &headers)),
        ["MethodDisallowedByPreflightResponse"]
    );
}

#[test]
fn names_every_missing_header_and_how_the_wildcard_fails_it() {
    let call = need("POST", &["authorization", "idempotency-key", "x-api-key"]);
    let missing = |mode, pairs: &[(&str, &str)]| match verdict(&call, mode, 200, pairs).unwrap_err().shown {
        Refusal::HeaderDisallowedByPreflightResponse { missing, .. } => missing
            .into_iter()
            .map(|header| (header.name, header.why))
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let acah = "access-control-allow-headers";
    let pair = |name: &str, why| (name.to_owned(), why);
    assert_eq!(
        missing(Mode::Omit, &[OK, (acah, "X-API-Key")]),
        [
            pair("authorization", Unlisted::NotListed),
            pair("idempotency-key", Unlisted::NotListed)
        ]
    );
    assert_eq!(
        missing(Mode::Omit, &[OK, (acah, "*")]),
        [pair("authorization", Unlisted::WildcardLeavesItOut)]
    );
    assert_eq!(
        missing(Mode::Include, &[OK, CRED, (acah, "*,authorization")]),
        [
            pair("idempotency-key", Unlisted::WildcardIsLiteral),
            pair("x-api-key", Unlisted::WildcardIsLiteral)
        ]
    );
}

#[test]
fn tells_what_the_standard_alone_refuses() {
    let call = need("PUT", &["authorization"]);
    let by_standard = |mode, pairs: &[(&str, &str)]| {
        verdict(&call, mode, 200, pairs)
            .unwrap_err()
            .only_by_the_standard()
    };
    let (acam, star) = (
        ("access-control-allow-methods", "PUT"),
        ("access-control-allow-headers", "*"),
    );
    assert!(by_standard(Mode::Omit, &[OK, acam, star]));
    assert!(!by_standard(Mode::Omit, &[OK, star]), "the method is missing too");
    assert!(!by_standard(Mode::Omit, &[OK, acam]), "there is no star");
    assert!(
        !by_standard(Mode::Include, &[OK, CRED, acam, star]),
        "with credentials it is a literal name"
    );
}

#[test]
fn with_credentials_a_star_allows_only_what_is_called_star() {
    let headers = [
        OK,
        CRED,
        ("access-control-allow-methods", "*"),
        ("access-control-allow-headers", "*"),
    ];
    assert!(verdict(&need("*", &["*"]), Mode::Include, 200, &headers).is_ok());
}

#[test]
fn reads_max_age_as_seconds_and_falls_back_to_five() {
    let name = "access-control-max-age";
    for (values, expected, seconds) in [
        (vec![], MaxAge::Absent, 5),
        (vec!["600"], MaxAge::Seconds(600), 600),
        (vec!["0"], MaxAge::Seconds(0), 0),
        (vec![" 10 "], MaxAge::Seconds(10), 10),
        (vec!["99999999999999999999"], MaxAge::Seconds(u32::MAX), u32::MAX),
        (vec!["-1"], MaxAge::Invalid("-1".into()), 5),
        (vec!["+5"], MaxAge::Invalid("+5".into()), 5),
        (vec!["1.5"], MaxAge::Invalid("1.5".into()), 5),
        (vec!["10m"], MaxAge::Invalid("10m".into()), 5),
        (vec![""], MaxAge::Invalid(String::new()), 5),
        (vec!["5", "6"], MaxAge::Invalid("5, 6".into()), 5),
    ] {
        let mut headers = vec![OK];
        headers.extend(values.iter().map(|value| (name, *value)));
        let granted = verdict(&need("POST", &[]), Mode::Omit, 200, &headers).unwrap();
        assert_eq!(
            (granted.max_age.seconds(), granted.max_age),
            (seconds, expected),
            "{values:?}"
        );
    }
}

#[test]
fn tells_all_reasons_in_the_order_of_a_browser() {
    let refused = verdict(&need("POST", &["authorization"]), Mode::Omit, 401, &[]).unwrap_err();
    insta::assert_snapshot!(refused);
}

/// What of a verdict may not depend on the order of headers: labels and missing names, or what is granted.
fn essence(verdict: &Result<Granted, Refused>) -> (Vec<&'static str>, Vec<String>) {
    let mut names = match verdict {
        Ok(granted) => granted
            .methods
            .iter()
            .chain(&granted.headers)
            .map(|name| name.to_ascii_lowercase())
            .collect(),
        Err(refused) => refused
            .reasons()
            .filter_map(|refusal| match refusal {
                Refusal::HeaderDisallowedByPreflightResponse { missing, .. } => Some(missing),
                _ => None,
            })
            .flatten()
            .map(|header| header.name.clone())
            .collect::<Vec<_>>(),
    };
    names.sort();
    (labels(verdict), names)
}

proptest! {
    #[test]
    fn order_and_case_of_names_change_no_verdict(
        raw in any_headers(),
        grant in any::<bool>(),
        include: bool,
        rotate in 0_usize..8,
        status in proptest::sample::select(vec![200_u16, 204, 301, 401, 500]),
    ) {
        let mut raw = raw;
        if grant {
            raw.retain(|(name, _)| !name.0.to_ascii_lowercase().starts_with(b"access-control-allow-"));
            raw.extend(list(&[OK, CRED, ("access-control-allow-methods", "PUT"), ("Access-Control-Allow-Headers", "x-api-key")]));
        }
        let mode = if include { Mode::Include } else { Mode::Omit };
        let (call, origin) = (need("PUT", &["authorization", "x-api-key"]), Origin(APP.into()));
        let mut other: Vec<_> = raw
            .iter()
            .map(|(name, value)| (Octets(name.0.to_ascii_uppercase().into()), value.clone()))
            .collect();
        let by = if other.is_empty() { 0 } else { rotate % other.len() };
        other.rotate_left(by);
        let (one, two) = (judge(&call, &origin, mode, status, &raw), judge(&call, &origin, mode, status, &other));
        prop_assert_eq!(essence(&one), essence(&two));
        if one.is_ok() {
            prop_assert!(is_ok_status(status) && check(At::Preflight, &origin, mode, &raw).is_ok());
        }
        if let Err(refused) = one {
            prop_assert!(refused.to_string().chars().all(|c| c == '…' || (' '..='~').contains(&c)));
        }
    }
}
