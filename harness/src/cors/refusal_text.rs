//! A refusal as one plain sentence, with the values that were really there.

use std::fmt;

use crate::cors::refusal::{At, MissingHeader, Refusal, Unlisted};
use crate::cors::sentence::{listed, plain, quoted};
use crate::model::probe::Origin;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::MissingAllowOriginHeader { at, origin } => {
                write!(
                    f,
                    "{} carries no Access-Control-Allow-Origin, so {}",
                    answer(*at),
                    effect(*at, origin)
                )
            }
            Refusal::WildcardOriginNotAllowed { at, origin } => write!(
                f,
                "{} allows any origin with \"*\", which does not count for a call with credentials, so {}",
                answer(*at),
                effect(*at, origin)
            ),
            Refusal::MultipleAllowOriginValues { at, origin, value } => write!(
                f,
                "{} gives several values in Access-Control-Allow-Origin, {}, where only one counts, so {}",
                answer(*at),
                quoted(value),
                effect(*at, origin)
            ),
            Refusal::InvalidAllowOriginValue { at, origin, value } => write!(
                f,
                "{} says {} in Access-Control-Allow-Origin, which is no origin, so {}",
                answer(*at),
                quoted(value),
                effect(*at, origin)
            ),
            Refusal::AllowOriginMismatch { at, origin, value } => write!(
                f,
                "{} allows the origin {} alone, compared byte for byte, so {}",
                answer(*at),
                quoted(value),
                effect(*at, origin)
            ),
            Refusal::InvalidAllowCredentials {
                at,
                origin,
                value: None,
            } => write!(
                f,
                "{} carries no Access-Control-Allow-Credentials, and the call goes with credentials, so {}",
                answer(*at),
                effect(*at, origin)
            ),
            Refusal::InvalidAllowCredentials {
                at,
                origin,
                value: Some(value),
            } => write!(
                f,
                "{} says {} in Access-Control-Allow-Credentials, where only \"true\" counts, so {}",
                answer(*at),
                quoted(value),
                effect(*at, origin)
            ),
            preflight => preflight_sentence(preflight, f),
        }
    }
}

fn preflight_sentence(refusal: &Refusal, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match refusal {
        Refusal::PreflightInvalidStatus { status } => {
            write!(
                f,
                "The preflight was answered {status}, and only 200 to 299 lets a browser send the call."
            )
        }
        Refusal::PreflightDisallowedRedirect {
            status,
            location: Some(location),
        } => {
            write!(
                f,
                "The preflight was redirected ({status}) to {}, and browsers follow none.",
                quoted(location)
            )
        }
        Refusal::PreflightDisallowedRedirect {
            status,
            location: None,
        } => {
            write!(
                f,
                "The preflight was answered with a redirect ({status}), and browsers follow none."
            )
        }
        Refusal::InvalidAllowMethodsPreflightResponse { value } => write!(
            f,
            "Access-Control-Allow-Methods of the preflight's answer is no comma-separated list of methods: {}.",
            quoted(value)
        ),
        Refusal::InvalidAllowHeadersPreflightResponse { value } => write!(
            f,
            "Access-Control-Allow-Headers of the preflight's answer is no comma-separated list of header names: {}.",
            quoted(value)
        ),
        Refusal::MethodDisallowedByPreflightResponse { method, allowed } => write!(
            f,
            "The preflight's answer does not allow the method {}; it allows {}.",
            plain(method),
            these(allowed, "no method by name")
        ),
        Refusal::HeaderDisallowedByPreflightResponse { missing, allowed } => {
            headers_sentence(missing, allowed, f)
        }
        redirect => redirect_sentence(redirect, f),
    }
}

fn headers_sentence(
    missing: &[MissingHeader],
    allowed: &[String],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let names: Vec<&str> = missing.iter().map(|header| header.name.as_str()).collect();
    let noun = if names.len() == 1 { "header" } else { "headers" };
    write!(
        f,
        "The preflight's answer does not allow the request {noun} {}; it allows {}",
        listed(&names),
        these(allowed, "none by name")
    )?;
    if missing
        .iter()
        .any(|header| header.why == Unlisted::WildcardIsLiteral)
    {
        write!(f, ", and with credentials \"*\" stands for itself alone")?;
    } else if missing
        .iter()
        .any(|header| header.why == Unlisted::WildcardLeavesItOut)
    {
        write!(
            f,
            ", and by the standard \"*\" never covers authorization, which must be listed by name"
        )?;
    }
    write!(f, ".")
}

fn redirect_sentence(refusal: &Refusal, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match refusal {
        Refusal::RedirectContainsCredentials { location } => write!(
            f,
            "The redirect to {} holds a user name or password, and browsers follow none such across origins.",
            quoted(location)
        ),
        Refusal::InvalidRedirect { location } => {
            write!(f, "The redirect points to {}, which is no URL.", quoted(location))
        }
        Refusal::UnsafeRedirect { scheme } => {
            write!(
                f,
                "The redirect points to a URL of scheme {}, and browsers follow only http and https.",
                quoted(scheme)
            )
        }
        Refusal::ProxyAuthenticationAsked => write!(
            f,
            "The answer is HTTP 407, which asks the user of a proxy for a password: no browser lets a page read it, and a \
             service that misses a credential answers 401."
        ),
        _ => write!(
            f,
            "The call was redirected more than 20 times, which is where browsers give up."
        ),
    }
}

fn answer(at: At) -> &'static str {
    match at {
        At::Preflight => "The preflight's answer",
        At::Response => "The answer",
    }
}

/// What the refusal means for the page. An opaque origin has no name that one could look for.
fn effect(at: At, origin: &Origin) -> String {
    let page = match origin.0.as_str() {
        "null" => "a page of an opaque origin (null)".to_owned(),
        origin => format!("a page at {}", plain(origin)),
    };
    match at {
        At::Preflight => format!("the browser never sends the call of {page}."),
        At::Response => format!("{page} may not read it."),
    }
}

fn these(allowed: &[String], nothing: &str) -> String {
    if allowed.is_empty() {
        nothing.to_owned()
    } else {
        listed(allowed)
    }
}
