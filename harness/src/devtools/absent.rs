//! What an export does not hold, or was not judged of it: said plainly, since what is absent looks like what is good.

use crate::check::text::clean;
use crate::cors::request::needs_preflight;
use crate::devtools::entry::{Became, became};
use crate::devtools::har::Har;
use crate::devtools::pick::Picked;
use crate::devtools::recording::{MOST, Made, set_by_page};
use crate::report::text::count;

/// Requests that are told one by one.
const TOLD: usize = 5;

/// What the export does not hold, or what was not judged of it.
pub(crate) fn absent(har: &Har, picked: &Picked<'_>, made: &[Made<'_>]) -> Vec<String> {
    let mut told: Vec<String> = made.iter().filter_map(|call| missing(call, made)).collect();
    let more = told.len().saturating_sub(TOLD);
    told.truncate(TOLD);
    if more > 0 {
        told.push(format!(
            "and {} without an answer",
            count(more as u64, "more call", "more calls")
        ));
    }
    let bare = |call: &&Made<'_>| {
        let response = call.entry.response.as_ref();
        call.entry.status().is_some() && response.is_some_and(|response| response.headers.is_empty())
    };
    let bare = made.iter().filter(bare).count();
    if bare > 0 {
        told.push(format!(
            "{} without its headers, so what a browser lets a page read of it is not known",
            count(bare as u64, "answer", "answers")
        ));
    }
    let unnamed = made.iter().filter(|call| call.origin.is_none()).count();
    if unnamed == made.len() {
        told.push(
            "it does not say which page called, so nothing is known of what a browser lets it read: --origin says it"
                .to_owned(),
        );
    }
    let over = picked.calls.len().saturating_sub(MOST) + har.log.entries.more;
    if over > 0 {
        told.push(format!(
            "{} beyond those that are read of one export",
            count(over as u64, "request", "requests")
        ));
    }
    if !picked.others.is_empty() {
        let calls: usize = picked.others.iter().map(|(_, calls)| calls).sum();
        let hosts: Vec<String> = picked
            .others
            .iter()
            .take(3)
            .map(|(root, _)| clean(root, 100))
            .collect();
        told.push(format!(
            "{} to other hosts, not judged ({}); name a URL of one to judge those instead",
            count(calls as u64, "call", "calls"),
            hosts.join(", ")
        ));
    }
    told
}

/// What is not known of a call, when its answer is not there.
fn missing(call: &Made<'_>, made: &[Made<'_>]) -> Option<String> {
    let request = &call.entry.request;
    let path = call.path.split('?').next().unwrap_or_default();
    let named = clean(&format!("{} {path}", request.method), 120);
    let error = clean(call.entry.error().unwrap_or("status 0"), 60);
    let preflight = made.iter().find(|other| {
        other.path == call.path
            && other
                .entry
                .request
                .header("access-control-request-method")
                .is_some_and(|method| method == request.method)
    });
    match became(call.entry) {
        Became::Answered | Became::Failed(..) => None,
        Became::Blocked => Some(format!(
            "{named} never left the browser ({error}): an extension, a policy of the page or a lost network stopped it"
        )),
        Became::GivenUp => Some(format!(
            "{named} was given up by the page before an answer came ({error})"
        )),
        // A refused preflight is judged itself.
        Became::Hidden if preflight.is_some_and(|sent| sent.entry.status().is_some()) => None,
        Became::Hidden => {
            let asks = needs(call) && preflight.is_none();
            let besides = if asks {
                "; its preflight is not in the export either"
            } else {
                ""
            };
            Some(format!(
                "{named} has no answer in the export ({error}): the browser hides whether it was refused for CORS or never \
                 answered{besides}"
            ))
        }
    }
}

/// Whether a browser asks before it sends this call.
fn needs(call: &Made<'_>) -> bool {
    let headers = set_by_page(&call.entry.request);
    needs_preflight(&call.entry.request.method, &headers).is_some()
}
