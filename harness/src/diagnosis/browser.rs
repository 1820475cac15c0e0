//! What browsers met, as the causes of CORS faults look at it: refused preflights, answers that no page can read, and every
//! origin that the service was seen to allow.

use crate::check::pages::{self, Preflight};
use crate::check::text::shell_quoted;
use crate::cors::preflight::Refused;
use crate::cors::refusal::Refusal;
use crate::cors::response::readable;
use crate::cors::sentence::plain;
use crate::diagnosis::case::Case;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::Finding;
use crate::model::probe::Origin;

/// A preflight of a client that a browser refuses.
#[derive(Debug)]
pub struct Stopped<'c> {
    /// The preflight.
    pub preflight: Preflight<'c>,
    /// Its exchange.
    pub exchange: &'c Exchange,
    /// Its answer.
    pub reply: &'c Reply,
    /// Why a browser refuses it.
    pub refused: Refused,
}

/// The clients' preflights that browsers refuse, those left out that Chromium lets through.
pub fn stopped<'c>(case: &Case<'c>) -> Vec<Stopped<'c>> {
    pages::preflights(case.view.target)
        .into_iter()
        .filter_map(|preflight| {
            let (exchange, reply) = case.view.answer(&preflight.probe)?;
            let refused = preflight.judge(reply).err()?;
            (!refused.only_by_the_standard()).then_some(Stopped {
                preflight,
                exchange,
                reply,
                refused,
            })
        })
        .collect()
}

/// An answer to a client's page, and whether the page can read it.
#[derive(Debug)]
pub struct Met<'c> {
    /// The exchange.
    pub exchange: &'c Exchange,
    /// The page's origin.
    pub origin: &'c Origin,
    /// The answer.
    pub reply: &'c Reply,
    /// Why the page cannot read it, when it cannot.
    pub refusal: Option<Refusal>,
}

/// Every answer to a client's page.
pub fn met<'c>(case: &Case<'c>) -> Vec<Met<'c>> {
    pages::answers(case.view)
        .map(|(exchange, page, reply)| Met {
            exchange,
            origin: &page.origin,
            reply,
            refusal: readable(reply.status, &reply.headers, &page.origin, page.mode).err(),
        })
        .collect()
}

/// The reasons for which pages are stopped, on preflights and answers alike, each with the exchange that shows it. Server errors
/// to a page are left out: there the error is the fault, and its bareness a consequence.
pub fn refusals<'c>(case: &Case<'c>) -> Vec<(&'c Exchange, Refusal)> {
    let preflights = stopped(case).into_iter().flat_map(|stopped| {
        let exchange = stopped.exchange;
        let reasons: Vec<Refusal> = stopped.refused.reasons().cloned().collect();
        reasons.into_iter().map(move |refusal| (exchange, refusal))
    });
    let answers = met(case)
        .into_iter()
        .filter(|met| met.reply.status < 500)
        .filter_map(|met| met.refusal.map(|refusal| (met.exchange, refusal)));
    preflights.chain(answers).collect()
}

/// The exchanges that were refused for such a reason, each once.
pub fn refused_for<'c>(case: &Case<'c>, reason: impl Fn(&Refusal) -> bool) -> Vec<&'c Exchange> {
    let mut found: Vec<&Exchange> = Vec::new();
    for (exchange, refusal) in refusals(case) {
        if reason(&refusal) && found.iter().all(|known| known.id != exchange.id) {
            found.push(exchange);
        }
    }
    found
}

/// The values of `Access-Control-Allow-Origin` on an answer, field line by field line.
pub fn allowed(reply: &Reply) -> Vec<String> {
    reply
        .values("access-control-allow-origin")
        .map(|value| value.trim().to_owned())
        .collect()
}

/// Whether the service named this origin, or everybody, to anything that came from there.
pub fn is_named(case: &Case<'_>, origin: &Origin) -> bool {
    case.view
        .answers()
        .filter(|(exchange, _)| comes_from(exchange, origin))
        .any(|(_, reply)| {
            allowed(reply)
                .iter()
                .any(|value| *value == origin.0 || value == "*")
        })
}

/// Whether an exchange was caused by a page at this origin, preflights included.
pub fn comes_from(exchange: &Exchange, origin: &Origin) -> bool {
    exchange
        .probe
        .page
        .as_ref()
        .is_some_and(|page| page.origin == *origin)
}

/// What says that pages are stopped at these exchanges: the findings of the two checks that judge for a browser.
pub fn blocked<'c>(case: &Case<'c>, exchanges: &[&Exchange]) -> Vec<&'c Finding> {
    case.about(exchanges)
        .into_iter()
        .filter(|finding| matches!(finding.check.as_str(), "cors/readable" | "cors/preflight-allowed"))
        .collect()
}

/// The exchanges that findings point at.
pub fn shown<'c>(case: &Case<'c>, findings: &[&Finding]) -> Vec<&'c Exchange> {
    case.view
        .exchanges
        .iter()
        .filter(|exchange| {
            findings
                .iter()
                .any(|finding| finding.exchanges.contains(&exchange.id))
        })
        .collect()
}

/// A command that sends the same read or preflight, for a shell.
pub fn curl(case: &Case<'_>, exchange: &Exchange) -> Option<String> {
    let probe = &exchange.probe;
    let page = probe.page.as_ref()?;
    let how = match probe.method.as_str() {
        "GET" => "",
        "OPTIONS" => "-X OPTIONS ",
        _ => return None,
    };
    let word = |text: String| shell_quoted(&plain(&text));
    let mut command = format!(
        "curl -i {how}{}",
        word(format!("{}{}", case.view.target.base, probe.path_text()))
    );
    command.push_str(&format!(" -H {}", word(format!("Origin: {}", page.origin))));
    let asked = probe
        .headers
        .iter()
        .filter(|(name, _)| name.starts_with("access-control-"));
    for (name, value) in asked {
        command.push_str(&format!(
            " -H {}",
            word(format!("{name}: {}", value.literal().unwrap_or_default()))
        ));
    }
    Some(command)
}

/// Statuses in a row, sorted, each once.
pub fn statuses(of: impl IntoIterator<Item = u16>) -> String {
    let mut all: Vec<u16> = of.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    let all: Vec<String> = all.iter().map(ToString::to_string).collect();
    all.join(", ")
}
