//! Something that is not the CORS layer answers the preflight: authentication, the router, a redirect, a proxy, a crash. The page's
//! call is never sent.

use crate::cors::refusal::Refusal;
use crate::cors::sentence::quoted;
use crate::diagnosis::browser::{self, Stopped};
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct PreflightRefused;

/// What a refused preflight says of who answered it.
struct Reading {
    statement: String,
    step: &'static str,
    blame: Blame,
    confidence: Confidence,
}

impl Cause for PreflightRefused {
    fn id(&self) -> &'static str {
        "preflight-refused"
    }

    fn about(&self) -> &'static str {
        "The preflight is answered by something in front of the CORS layer, so browsers never send the call."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Deploy, Blame::Edge],
            needs: "A preflight with a bad status, a redirect, or a good one without CORS headers, where the call itself would be allowed.",
            likely: &[
                "Authentication runs before CORS, so that OPTIONS without a token gets 401",
                "The router has no OPTIONS route, and the CORS layer is not around it: 404 or 405",
                "A redirect to https, to www or to a slash at the end answers OPTIONS too",
                "A firewall or a CSRF filter refuses OPTIONS",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let read: Vec<(Stopped<'_>, Reading)> = browser::stopped(case)
            .into_iter()
            .filter_map(|stopped| reading(case, &stopped).map(|reading| (stopped, reading)))
            .collect();
        let exchanges: Vec<&Exchange> = read.iter().map(|(stopped, _)| stopped.exchange).collect();
        let first = *exchanges.first()?;
        let crashed: Vec<&Exchange> = exchanges
            .iter()
            .copied()
            .filter(|exchange| exchange.is_server_error())
            .collect();
        let explains = browser::blocked(case, &exchanges)
            .into_iter()
            .chain(case.about(&crashed));
        let explains = explained(explains);
        let (
            _,
            Reading {
                statement,
                step,
                blame,
                confidence,
            },
        ) = read.into_iter().next()?;
        let mut next_steps = vec![step.to_owned()];
        next_steps.extend(browser::curl(case, first));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement,
            blame,
            confidence,
            evidence: words::seen(&exchanges),
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains,
        })
    }
}

/// Who answered instead of the CORS layer; `None` when the CORS layer did.
fn reading(case: &Case<'_>, stopped: &Stopped<'_>) -> Option<Reading> {
    let call = &stopped.preflight.made.call;
    let told = |statement: String, step: &'static str| {
        Some(Reading {
            statement,
            step,
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
        })
    };
    let challenged = stopped.reply.header("www-authenticate").is_some();
    let status = stopped
        .refused
        .reasons()
        .find_map(status)
        .or_else(|| bare(stopped))?;
    match status {
        (status, Some(location)) => told(
            format!(
                "The preflight of {call} is redirected (HTTP {status}) to {}, and browsers follow none",
                quoted(&location)
            ),
            "Let the page call the address behind the redirect: scheme, host and slash at the end; or keep redirects off OPTIONS",
        ),
        (status @ 300..400, None) => told(
            format!("The preflight of {call} is redirected (HTTP {status}), and browsers follow none"),
            "Keep redirects off OPTIONS",
        ),
        (status, None) if status == 401 || challenged => told(
            format!(
                "The preflight of {call} is asked for credentials (HTTP {status}), which it never carries: authentication is in front of CORS"
            ),
            "Put the CORS layer in front of authentication, or let OPTIONS through it",
        ),
        (status @ (404 | 405 | 501), None) => told(
            format!(
                "The preflight of {call} reaches the router (HTTP {status}): CORS is not mounted on this path"
            ),
            "Mount the CORS layer in front of the router, for this path too",
        ),
        (status @ 500.., None) => told(
            format!("The preflight of {call} itself crashes (HTTP {status})"),
            "Read the service's log for the error in the CORS layer",
        ),
        (200..300, None) => answered_by_another(case, stopped),
        (status, None) => Some(Reading {
            statement: format!(
                "The preflight of {call} is refused with HTTP {status} before any CORS rule names a reason"
            ),
            step: "Find what answers OPTIONS there: a firewall, a gateway, a filter against forged requests",
            blame: Blame::Unknown,
            confidence: Confidence::Likely,
        }),
    }
}

/// A good status without CORS headers, though the page's origin is named elsewhere: OPTIONS never reaches the CORS layer.
fn answered_by_another(case: &Case<'_>, stopped: &Stopped<'_>) -> Option<Reading> {
    let named = browser::is_named(case, &stopped.preflight.client.origin);
    named.then(|| Reading {
        statement: format!(
            "The preflight of {} is answered HTTP {} by something that adds no CORS headers; other answers carry them",
            stopped.preflight.made.call, stopped.reply.status
        ),
        step: "Let the proxy or gateway pass OPTIONS on to the service, or answer it with the service's CORS headers",
        blame: Blame::Edge,
        confidence: Confidence::Likely,
    })
}

/// The status of an answer that carries no CORS header at all.
fn bare(stopped: &Stopped<'_>) -> Option<(u16, Option<String>)> {
    matches!(stopped.refused.shown, Refusal::MissingAllowOriginHeader { .. })
        .then_some((stopped.reply.status, None))
}

/// The status for which a preflight is refused, and where it is redirected to.
fn status(refusal: &Refusal) -> Option<(u16, Option<String>)> {
    match refusal {
        Refusal::PreflightDisallowedRedirect { status, location } => Some((*status, location.clone())),
        Refusal::PreflightInvalidStatus { status } => Some((*status, None)),
        _ => None,
    }
}
