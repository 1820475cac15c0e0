//! A name is looked up by whatever resolver a caller happens to have. One that does not know the name, or leads somewhere else,
//! is an outage for everybody who asks it, and nobody else sees anything.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::names::{Astray, Told, astray, line, resolver};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::check::wire::plain;
use crate::model::finding::{Finding, Layer, Severity, Verdict};
use crate::model::names::{Lookup, Said};
use crate::model::probe::Ask;

/// The check.
pub struct ResolversAgree;

static SPEC: Spec = Spec {
    id: "reach/resolvers-agree",
    layer: Layer::Reach,
    title: "Every resolver leads to the service",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A record that was changed is old in some resolvers and new in others, a broken signature (DNSSEC) stops those \
                  that verify it, and a company's own resolver may know another zone than the internet's. `diagnose` asks each \
                  resolver of this machine by itself, and those named with --resolver; addresses that only one of them gives \
                  are dialled too. Other addresses are no fault, since many services give each place its own: an unknown name \
                  is, and so are addresses at which this service is not. A resolver that does not answer is no fault of the \
                  service.",
    hint: "Compare what the resolvers give with the record as it should be; ask the zone's own name servers (dig +trace).",
};

impl Check for ResolversAgree {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        Vec::new()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let told = Told::of(view);
        if told.is_empty() {
            return Judgement::NotApplicable(
                "no resolver was asked: `diagnose` asks them, where a name is neither pinned nor left to a proxy".to_owned(),
            );
        }
        let by_the_machine = view
            .names
            .iter()
            .any(|lookup| !lookup.said.addresses().is_empty());
        if told.give.is_empty() && (told.deny.is_empty() || by_the_machine) {
            let why = if told.deny.is_empty() {
                "no resolver could be asked by itself"
            } else {
                "this machine goes by a list of hosts of its own, and no resolver knows the name"
            };
            return Judgement::NotApplicable(why.to_owned());
        }
        let mut tally = Tally::new(view);
        view.exchanges.iter().for_each(|exchange| tally.judged(exchange));
        if told.give.is_empty() {
            tally.find(unknown(view, &told));
        } else {
            let denied = told.deny.iter().map(|lookup| denied(view, &told, lookup));
            denied.for_each(|finding| tally.find(finding));
        }
        let astray = astray(view);
        let astray = astray.iter().map(|one| elsewhere(view, &told, one));
        astray.for_each(|finding| tally.find(finding));
        tally.done()
    }
}

/// The name under which the target is looked up.
fn host<'v>(view: &View<'v>) -> &'v str {
    let base = &view.target.base;
    let rest = base.split_once("://").map_or(base.as_str(), |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or(rest)
}

/// Nobody gives an address.
fn unknown(view: &View<'_>, told: &Told<'_>) -> Finding {
    let lines: Vec<String> = told.deny.iter().map(|lookup| line(lookup)).collect();
    let finding = SPEC
        .finds(
            host(view),
            format!("No resolver gives an address of {}", host(view)),
        )
        .expected("an address")
        .actual(clean(&lines.join("; "), 300))
        .outcome(if told.is_settled_denial() {
            Verdict::Fail
        } else {
            Verdict::Inconclusive
        });
    finding.shown_by(view.exchanges)
}

/// One gives none, and others do.
fn denied(view: &View<'_>, told: &Told<'_>, lookup: &Lookup) -> Finding {
    let host = host(view);
    let what = match lookup.said {
        Said::NoSuchName => format!("knows no name {host}"),
        Said::NoAddress => format!("knows no address of {host}"),
        _ => format!("fails to resolve {host}"),
    };
    let resolver = resolver(lookup);
    // For how long an answer may be kept counts down, so the title does not hold it.
    let gives = told.give.first();
    let other = gives.map_or_else(|| "another".to_owned(), |other| clean(&other.resolver, 80));
    let finding = SPEC
        .finds(
            &resolver,
            format!("The resolver {resolver} {what}, and {other} gives an address of it"),
        )
        .expected(gives.map_or_else(
            || "the addresses that other resolvers give".to_owned(),
            |other| clean(&line(other), 160),
        ))
        .actual(clean(&line(lookup), 160))
        .outcome(if told.is_internal() {
            Verdict::Degraded
        } else {
            Verdict::Fail
        });
    finding.shown_by([])
}

/// One leads to where the service is not, and others to where it is.
fn elsewhere(view: &View<'_>, told: &Told<'_>, one: &Astray<'_>) -> Finding {
    let resolver = resolver(one.lookup);
    let finding = SPEC
        .finds(
            &resolver,
            format!(
                "The resolver {resolver} leads {} to {}, where {}, while others lead to where the service answers",
                host(view),
                one.address,
                met(one)
            ),
        )
        .expected("an address at which the service answers")
        .actual(clean(&one.error.detail, 200))
        .outcome(if told.is_split() {
            Verdict::Degraded
        } else {
            Verdict::Fail
        });
    finding.shown_by(one.lost.iter().copied().take(1).chain([one.good]))
}

/// What was met there, as the end of a sentence.
fn met(one: &Astray<'_>) -> &'static str {
    if one.error.detail.contains("not valid for name") {
        "a server shows a certificate for another name"
    } else if one.error.detail.contains("certificate") {
        "a server shows a certificate that is not good for it"
    } else {
        plain(one.error)
    }
}
