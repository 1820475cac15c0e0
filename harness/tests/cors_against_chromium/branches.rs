//! The branches of the standard's algorithms, told from what went in and what came out. The cases must go through every one.
//!
//! Lines are not counted here: that takes a second, instrumented build. `cargo llvm-cov --test cors_against_chromium` counts
//! them where it is installed.

use std::collections::BTreeSet;

use greenlight::cors::header::HeaderList;
use greenlight::cors::preflight::{Granted, MaxAge};
use greenlight::cors::redirect::Leg;
use greenlight::cors::refusal::{At, Refusal, Unlisted};
use greenlight::cors::request::{PreflightNeed, is_cors_safelisted_method, is_forbidden_request_header};
use greenlight::cors::response::Readable;
use greenlight::model::capture::Octets;
use greenlight::model::probe::Mode;

use crate::case::{Answer, Call, Case, Credentials};
use crate::redirected::method_after_redirect;

/// Every branch that a case can go through.
pub(crate) const EVERY: [&str; 76] = [
    // What the cases are made of.
    "case: a sandboxed frame",
    "case: credentials of the same origin only",
    "case: an informational answer first",
    "case: octets outside ASCII",
    "case: space around a value",
    "case: a name in several lines",
    "case: a header that no page may set",
    // Fetch §5.4 and §4.1, step 12: whether a call goes out, and how.
    "request: forbidden method",
    "mode: refused elsewhere",
    "mode: no such method",
    "mode: opaque",
    "mode: same origin",
    // Fetch §4.1, step 12, and §4.4, step 4.1: whether to ask first.
    "preflight: not needed",
    "preflight: for the method",
    "preflight: for headers",
    "preflight: for method and headers",
    "remembered: spared",
    // Fetch §4.8, step 7: status and CORS check of the preflight's answer.
    "preflight: redirected",
    "preflight: bad status",
    "preflight: no origin",
    "preflight: * with credentials",
    "preflight: several origins",
    "preflight: no origin at all",
    "preflight: another origin",
    "preflight: no credentials",
    "preflight: other credentials",
    // Steps 7.3 to 7.7: its lists.
    "preflight: malformed methods",
    "preflight: malformed headers",
    "preflight: method not allowed",
    "preflight: header not listed",
    "preflight: header not covered by *",
    "preflight: header and a literal *",
    "granted: safelisted method",
    "granted: method by name",
    "granted: method by *",
    "granted: header by name",
    "granted: header by *",
    // Steps 7.8 to 7.10.
    "max-age: absent",
    "max-age: invalid",
    "max-age: zero",
    "max-age: seconds",
    // Fetch §4.10: the CORS check of an answer.
    "answer: asks for a proxy",
    "answer: no origin",
    "answer: * with credentials",
    "answer: several origins",
    "answer: no origin at all",
    "answer: another origin",
    "answer: no credentials",
    "answer: other credentials",
    "shared: by *",
    "shared: by origin",
    "shared: by null",
    "shared: with credentials",
    // Fetch §2.2.6 and §4.1, step 14: what of it is read.
    "expose: nothing said",
    "expose: names",
    "expose: *",
    "expose: a literal *",
    "expose: malformed",
    "hidden: a cookie",
    "hidden: an unexposed header",
    "read: 2xx",
    "read: 3xx",
    "read: 4xx",
    "read: 5xx",
    // Fetch §4.5.
    "redirect: followed",
    "redirect: leaves the page's origin",
    "redirect: between foreign origins",
    "redirect: back to the page",
    "redirect: tainted already",
    "redirect: authorization dropped",
    "redirect: becomes GET",
    "redirect: keeps its method",
    "redirect: no URL",
    "redirect: no web scheme",
    "redirect: with credentials",
    "redirect: too many",
];

type Seen = BTreeSet<&'static str>;

pub(crate) fn of_case(case: &Case, seen: &mut Seen) {
    let answers = || case.hops.iter().flat_map(|hop| [&hop.preflight, &hop.answer]);
    let values = || answers().flat_map(|answer| answer.headers.iter().map(|(_, value)| value));
    let doubled = |answer: &Answer| {
        let names: BTreeSet<_> = answer
            .headers
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .collect();
        names.len() < answer.headers.len()
    };
    let mut sent = case.calls.iter().flat_map(Call::octets);
    for (is, branch) in [
        (case.sandboxed, "case: a sandboxed frame"),
        (
            case.calls
                .iter()
                .any(|call| call.credentials == Credentials::SameOrigin),
            "case: credentials of the same origin only",
        ),
        (
            answers().any(|answer| answer.early.is_some()),
            "case: an informational answer first",
        ),
        (
            values().any(|value| !value.is_ascii()),
            "case: octets outside ASCII",
        ),
        (
            values().any(|value| value.trim() != value),
            "case: space around a value",
        ),
        (answers().any(doubled), "case: a name in several lines"),
        (
            sent.any(|(name, value)| is_forbidden_request_header(&name, &value)),
            "case: a header that no page may set",
        ),
    ] {
        if is {
            seen.insert(branch);
        }
    }
}

pub(crate) fn of_need(need: &PreflightNeed, seen: &mut Seen) {
    let method = !is_cors_safelisted_method(&need.method);
    seen.insert(match (method, need.header_names.is_empty()) {
        (true, true) => "preflight: for the method",
        (false, _) => "preflight: for headers",
        (true, false) => "preflight: for method and headers",
    });
}

pub(crate) fn of_grant(need: &PreflightNeed, granted: &Granted, mode: Mode, seen: &mut Seen) {
    seen.insert(if is_cors_safelisted_method(&need.method) {
        "granted: safelisted method"
    } else if granted.methods.contains(&need.method) {
        "granted: method by name"
    } else {
        assert_eq!(
            mode,
            Mode::Omit,
            "only without credentials is `*` more than a name"
        );
        "granted: method by *"
    });
    for name in &need.header_names {
        let by_name = granted
            .headers
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(name));
        seen.insert(if by_name {
            "granted: header by name"
        } else {
            "granted: header by *"
        });
    }
    seen.insert(match granted.max_age {
        MaxAge::Absent => "max-age: absent",
        MaxAge::Invalid(_) => "max-age: invalid",
        MaxAge::Seconds(0) => "max-age: zero",
        MaxAge::Seconds(_) => "max-age: seconds",
    });
}

pub(crate) fn of_refusals<'a>(refusals: impl IntoIterator<Item = &'a Refusal>, seen: &mut Seen) {
    for refusal in refusals {
        let branch = of_refusal(refusal, seen);
        seen.insert(branch);
    }
}

/// One branch per reason; a reason that is added to the judge does not compile here until it has one.
fn of_refusal(refusal: &Refusal, seen: &mut Seen) -> &'static str {
    let at = |at: At, preflight, answer| if at == At::Preflight { preflight } else { answer };
    match refusal {
        Refusal::MissingAllowOriginHeader { at: here, .. } => {
            at(*here, "preflight: no origin", "answer: no origin")
        }
        Refusal::WildcardOriginNotAllowed { at: here, .. } => at(
            *here,
            "preflight: * with credentials",
            "answer: * with credentials",
        ),
        Refusal::MultipleAllowOriginValues { at: here, .. } => {
            at(*here, "preflight: several origins", "answer: several origins")
        }
        Refusal::InvalidAllowOriginValue { at: here, .. } => {
            at(*here, "preflight: no origin at all", "answer: no origin at all")
        }
        Refusal::AllowOriginMismatch { at: here, .. } => {
            at(*here, "preflight: another origin", "answer: another origin")
        }
        Refusal::InvalidAllowCredentials {
            at: here,
            value: None,
            ..
        } => at(*here, "preflight: no credentials", "answer: no credentials"),
        Refusal::InvalidAllowCredentials {
            at: here,
            value: Some(_),
            ..
        } => at(*here, "preflight: other credentials", "answer: other credentials"),
        Refusal::PreflightInvalidStatus { .. } => "preflight: bad status",
        Refusal::PreflightDisallowedRedirect { .. } => "preflight: redirected",
        Refusal::InvalidAllowMethodsPreflightResponse { .. } => "preflight: malformed methods",
        Refusal::InvalidAllowHeadersPreflightResponse { .. } => "preflight: malformed headers",
        Refusal::MethodDisallowedByPreflightResponse { .. } => "preflight: method not allowed",
        Refusal::HeaderDisallowedByPreflightResponse { missing, .. } => {
            let branches = missing.iter().map(|header| match header.why {
                Unlisted::NotListed => "preflight: header not listed",
                Unlisted::WildcardLeavesItOut => "preflight: header not covered by *",
                Unlisted::WildcardIsLiteral => "preflight: header and a literal *",
            });
            branches.fold("", |_, branch| {
                seen.insert(branch);
                branch
            })
        }
        Refusal::RedirectContainsCredentials { .. } => "redirect: with credentials",
        Refusal::InvalidRedirect { .. } => "redirect: no URL",
        Refusal::UnsafeRedirect { .. } => "redirect: no web scheme",
        Refusal::TooManyRedirects => "redirect: too many",
        Refusal::ProxyAuthenticationAsked => "answer: asks for a proxy",
    }
}

pub(crate) fn of_redirect(from: &Leg, to: &Leg, status: u16, method: &str, seen: &mut Seen) {
    seen.insert("redirect: followed");
    let back = to.url.origin().ascii_serialization() == to.page.0;
    for (is, branch) in [
        (!from.cors && to.cors, "redirect: leaves the page's origin"),
        (
            !from.tainted && to.tainted && !back,
            "redirect: between foreign origins",
        ),
        (from.cors && back, "redirect: back to the page"),
        (from.tainted, "redirect: tainted already"),
        (
            !from.dropped_authorization && to.dropped_authorization,
            "redirect: authorization dropped",
        ),
        (method_after_redirect(status, method).1, "redirect: becomes GET"),
        (
            !method_after_redirect(status, method).1,
            "redirect: keeps its method",
        ),
    ] {
        if is {
            seen.insert(branch);
        }
    }
}

pub(crate) fn of_answer(headers: &[(Octets, Octets)], read: &Readable, mode: Mode, seen: &mut Seen) {
    seen.insert(
        match HeaderList(headers).get("access-control-allow-origin").as_deref() {
            Some("*") => "shared: by *",
            Some("null") => "shared: by null",
            _ => "shared: by origin",
        },
    );
    if mode == Mode::Include {
        seen.insert("shared: with credentials");
    }
    let expose = HeaderList(headers).get("access-control-expose-headers");
    let star = expose
        .as_ref()
        .is_some_and(|expose| expose.split(',').any(|name| name.trim() == "*"));
    seen.insert(match (expose, &read.malformed_expose) {
        (None, _) => "expose: nothing said",
        (_, Some(_)) => "expose: malformed",
        _ if star && mode == Mode::Omit => "expose: *",
        _ if star => "expose: a literal *",
        _ => "expose: names",
    });
    for (hidden, branch) in [
        (
            read.hidden.iter().any(|name| name == "set-cookie"),
            "hidden: a cookie",
        ),
        (
            read.hidden.iter().any(|name| name == "x-request-id"),
            "hidden: an unexposed header",
        ),
    ] {
        if hidden {
            seen.insert(branch);
        }
    }
    seen.insert(match read.status / 100 {
        2 => "read: 2xx",
        3 => "read: 3xx",
        4 => "read: 4xx",
        _ => "read: 5xx",
    });
}
