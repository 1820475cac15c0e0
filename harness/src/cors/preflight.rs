//! Whether the answer to a CORS-preflight request lets the page's call through (Fetch §4.8).

use std::fmt;

use crate::cors::check::check;
use crate::cors::header::HeaderList;
use crate::cors::refusal::{At, MissingHeader, Refusal, Unlisted};
use crate::cors::request::{
    PreflightNeed, is_cors_non_wildcard_request_header_name, is_cors_safelisted_method,
};
use crate::model::capture::Octets;
use crate::model::probe::{Mode, Origin};

/// What a good preflight allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// `Access-Control-Allow-Methods`, as listed.
    pub methods: Vec<String>,
    /// `Access-Control-Allow-Headers`, as listed.
    pub headers: Vec<String>,
    /// How long a browser may keep the answer.
    pub max_age: MaxAge,
}

/// Every reason why a preflight fails, the one that a browser shows first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What DevTools shows.
    pub shown: Refusal,
    /// What would fail next if that were mended.
    pub hidden: Vec<Refusal>,
}

impl Refused {
    /// All reasons, the shown one first.
    pub fn reasons(&self) -> impl Iterator<Item = &Refusal> {
        std::iter::once(&self.shown).chain(&self.hidden)
    }

    /// Whether the standard alone refuses: nothing is wrong but that `*` is to cover `Authorization`, which Chromium 156 lets
    /// through. Such a call works today and stops when browsers catch up.
    pub fn only_by_the_standard(&self) -> bool {
        self.reasons().all(|refusal| match refusal {
            Refusal::HeaderDisallowedByPreflightResponse { missing, .. } => missing
                .iter()
                .all(|header| header.why == Unlisted::WildcardLeavesItOut),
            _ => false,
        })
    }

    fn of(mut reasons: Vec<Refusal>) -> Option<Refused> {
        let shown = (!reasons.is_empty()).then(|| reasons.remove(0))?;
        Some(Refused {
            shown,
            hidden: reasons,
        })
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.shown)?;
        self.hidden.iter().try_for_each(|refusal| write!(f, " {refusal}"))
    }
}

/// `Access-Control-Max-Age` of a preflight's answer (Fetch §4.8, steps 7.8 to 7.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MaxAge {
    /// Not there: browsers keep the answer 5 seconds.
    Absent,
    /// Not a number of seconds, or there more than once. The standard says 5 seconds; Chromium takes a negative number for
    /// 0. The combined value.
    Invalid(String),
    /// This many seconds, before any browser's limit. Larger numbers are taken for the largest (RFC 9111 §1.2.2).
    Seconds(u32),
}

/// What a browser assumes without a valid `Access-Control-Max-Age`, in seconds (Fetch §4.8, step 7.9).
pub const DEFAULT_MAX_AGE: u32 = 5;

impl MaxAge {
    /// For how many seconds the standard lets a browser keep the answer, before the browser's own limit.
    pub fn seconds(&self) -> u32 {
        match self {
            MaxAge::Absent | MaxAge::Invalid(_) => DEFAULT_MAX_AGE,
            MaxAge::Seconds(seconds) => *seconds,
        }
    }
}

/// Judges the answer to a CORS-preflight request for the call behind `need` (Fetch §4.8, steps 7 and 8). `mode` is that of
/// the call itself, though no preflight ever carries credentials.
///
/// A redirect, a failed CORS check and a bad status are looked for first; only an answer without them has its lists read,
/// and then everything that is missing is told at once.
pub fn judge(
    need: &PreflightNeed,
    origin: &Origin,
    mode: Mode,
    status: u16,
    headers: &[(Octets, Octets)],
) -> Result<Granted, Refused> {
    let list = HeaderList(headers);
    if is_redirect_status(status) {
        let location = list.get("location");
        return Err(Refused {
            shown: Refusal::PreflightDisallowedRedirect { status, location },
            hidden: Vec::new(),
        });
    }
    let mut reasons: Vec<Refusal> = check(At::Preflight, origin, mode, headers)
        .err()
        .into_iter()
        .collect();
    if !is_ok_status(status) {
        reasons.push(Refusal::PreflightInvalidStatus { status });
    }
    match Refused::of(reasons) {
        Some(refused) => Err(refused),
        None => judge_lists(need, mode, list),
    }
}

fn judge_lists(need: &PreflightNeed, mode: Mode, headers: HeaderList<'_>) -> Result<Granted, Refused> {
    let methods = headers.extract_tokens("access-control-allow-methods");
    let names = headers.extract_tokens("access-control-allow-headers");
    let bad_methods = methods.as_ref().err().map(|bad| &bad.value);
    let bad_names = names.as_ref().err().map(|bad| &bad.value);
    let malformed = bad_methods
        .map(|value| Refusal::InvalidAllowMethodsPreflightResponse { value: value.clone() })
        .into_iter()
        .chain(bad_names.map(|value| Refusal::InvalidAllowHeadersPreflightResponse { value: value.clone() }));
    if let Some(refused) = Refused::of(malformed.collect()) {
        return Err(refused);
    }
    let methods = methods.ok().flatten().unwrap_or_default();
    let names = names.ok().flatten().unwrap_or_default();
    let reasons = method_refusal(&need.method, mode, &methods)
        .into_iter()
        .chain(header_refusal(need, mode, &names));
    match Refused::of(reasons.collect()) {
        Some(refused) => Err(refused),
        None => Ok(granted(methods, names, headers)),
    }
}

fn granted(methods: Vec<String>, headers: Vec<String>, list: HeaderList<'_>) -> Granted {
    Granted {
        methods,
        headers,
        max_age: max_age(list),
    }
}

/// Fetch §4.8, step 7.5. Methods compare with regard to case: `patch` is not `PATCH`.
fn method_refusal(method: &str, mode: Mode, allowed: &[String]) -> Option<Refusal> {
    let wildcard = mode == Mode::Omit && contains(allowed, "*");
    let fine =
        is_cors_safelisted_method(method) || wildcard || allowed.iter().any(|allowed| allowed == method);
    (!fine).then(|| Refusal::MethodDisallowedByPreflightResponse {
        method: method.to_owned(),
        allowed: allowed.to_vec(),
    })
}

/// Fetch §4.8, steps 7.6 and 7.7, but for every name instead of the first.
fn header_refusal(need: &PreflightNeed, mode: Mode, allowed: &[String]) -> Option<Refusal> {
    let wildcard = contains(allowed, "*");
    let unlisted = |name: &str| {
        if contains(allowed, name) {
            None
        } else if !wildcard {
            Some(Unlisted::NotListed)
        } else if mode == Mode::Include {
            Some(Unlisted::WildcardIsLiteral)
        } else {
            is_cors_non_wildcard_request_header_name(name).then_some(Unlisted::WildcardLeavesItOut)
        }
    };
    let missing: Vec<MissingHeader> = need
        .header_names
        .iter()
        .filter_map(|name| {
            unlisted(name).map(|why| MissingHeader {
                name: name.clone(),
                why,
            })
        })
        .collect();
    (!missing.is_empty()).then(|| Refusal::HeaderDisallowedByPreflightResponse {
        missing,
        allowed: allowed.to_vec(),
    })
}

fn contains(allowed: &[String], name: &str) -> bool {
    allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
}

fn max_age(headers: HeaderList<'_>) -> MaxAge {
    match headers.get("access-control-max-age") {
        None => MaxAge::Absent,
        Some(value) if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
            // Only digits: what does not parse is too large.
            MaxAge::Seconds(value.parse().unwrap_or(u32::MAX))
        }
        Some(value) => MaxAge::Invalid(value),
    }
}

/// Whether this is an ok status: 200 to 299 (Fetch §2.2.3).
pub fn is_ok_status(status: u16) -> bool {
    (200..=299).contains(&status)
}

/// Whether this is a redirect status: 301, 302, 303, 307 or 308 (Fetch §2.2.3).
pub fn is_redirect_status(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

#[cfg(test)]
#[path = "preflight_tests.rs"]
mod tests;
