//! Makes a disagreement as small as it gets, and tells it so that somebody can repeat it: one `curl`, one `fetch`.

use std::fmt::Write as _;

use proptest::strategy::ValueTree;

use crate::case::{Answer, Case, Place, Sent, World, mode_text};

/// No disagreement is worth more questions than these.
const STEPS: usize = 400;

/// The smallest case that still disagrees, walking from one that does. `disagrees` says how, or `None`.
pub(crate) fn smallest<T>(
    tree: &mut dyn ValueTree<Value = Case>,
    mut disagrees: impl FnMut(&Case) -> Option<T>,
) -> Option<(Case, T)> {
    let mut best = disagrees(&tree.current()).map(|found| (tree.current(), found))?;
    let mut left = STEPS;
    while left > 0 && tree.simplify() {
        loop {
            left = left.saturating_sub(1);
            if let Some(found) = disagrees(&tree.current()) {
                best = (tree.current(), found);
                break;
            }
            if left == 0 || !tree.complicate() {
                return Some(best);
            }
        }
    }
    Some(best)
}

/// The case as a `curl` line for the request that decided it, a `fetch` line for each call, and what the server answers.
pub(crate) fn told(case: &Case, number: usize, world: &World, sent: &[Sent]) -> String {
    let mut out = String::new();
    let mut place = Place::first(case, number, world);
    let url = place.url(0);
    if let Some(last) = sent.last() {
        let _ = writeln!(out, "  {}", curl(case, last, &place.url(last.hop)));
    }
    for call in &case.calls {
        let init = serde_json::json!({
            "method": call.method, "mode": mode_text(call.mode), "credentials": call.credentials.text(),
            "headers": call.headers,
        });
        let page = if case.sandboxed {
            "a sandboxed frame of "
        } else {
            ""
        };
        let _ = writeln!(out, "  fetch('{url}', {init})   // from {page}{}", world.page);
    }
    for (hop, stop) in case.hops.iter().enumerate() {
        place.hop = hop;
        let _ = writeln!(out, "  hop {hop}: preflight {}", answer(&place, &stop.preflight));
        let _ = writeln!(out, "         call      {}", answer(&place, &stop.answer));
    }
    out
}

/// A request as the server saw it; the headers of the call itself are those of the first one.
fn curl(case: &Case, sent: &Sent, url: &str) -> String {
    let origin = sent.origin.as_deref().map(|origin| ("origin", origin));
    let method = sent.asked_method.as_deref();
    let method = method.map(|method| ("access-control-request-method", method));
    let names = sent.asked_headers.as_deref();
    let names = names.map(|names| ("access-control-request-headers", names));
    let call = case.calls.first().filter(|_| method.is_none());
    let own = call.into_iter().flat_map(|call| &call.headers);
    let own = own.map(|(name, value)| (name.as_str(), value.as_str()));
    let mut line = format!("curl -i -X {}", sent.method);
    for (name, value) in origin.into_iter().chain(method).chain(names).chain(own) {
        let _ = write!(line, " -H '{name}: {}'", value.replace('\'', "'\\''"));
    }
    format!("{line} '{url}'")
}

fn answer(place: &Place<'_>, answer: &Answer) -> String {
    let mut line = answer.early.map(|early| format!("{early} ")).unwrap_or_default();
    let _ = write!(line, "{}", answer.status);
    for (name, value) in &answer.headers {
        let _ = write!(line, " | {name}: {}", place.resolve(value).escape_default());
    }
    line
}

/// Requests in one line.
pub(crate) fn row(sent: &[Sent]) -> String {
    let one = |sent: &Sent| {
        let mut line = format!(
            "{}@{} from {:?}",
            sent.method,
            sent.hop,
            sent.origin.as_deref().unwrap_or("any")
        );
        if let Some(method) = &sent.asked_method {
            let _ = write!(
                line,
                " for {method} [{}]",
                sent.asked_headers.as_deref().unwrap_or("")
            );
        }
        if sent.authorization {
            line.push_str(" with authorization");
        }
        line
    };
    sent.iter().map(one).collect::<Vec<_>>().join(" · ")
}
