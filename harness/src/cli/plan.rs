//! `greenlight verify --plan`: what would be sent first, by whom, under which effect, and what would be refused. Nothing
//! is sent, so what depends on answers is not in it.

use jiff::Timestamp;

use crate::check::spec::Suite;
use crate::check::text::clean;
use crate::check::view::View;
use crate::cli::args::VerifyArgs;
use crate::cli::inputs::Inputs;
use crate::cli::pages;
use crate::cli::session;
use crate::model::probe::{Ask, Effect, Mutation, Probe};
use crate::runner::budget::Budget;
use crate::transport::http::Transport;

/// So many characters of a method, a path or a reason are shown.
const LONGEST: usize = 300;

/// The plan as text.
pub fn plan(inputs: &Inputs, arguments: &VerifyArgs, transport: &Transport) -> String {
    let target = &inputs.resolved.target;
    let suites: Vec<Suite> = arguments.suite.iter().map(|suite| (*suite).into()).collect();
    let view = View::new(target, inputs.parsed.as_ref(), &[], &[]);
    let mut planned: Vec<(Probe, Vec<&str>)> = Vec::new();
    for check in session::checks(&suites) {
        for probe in check.ask(&view).iter().flat_map(Ask::probes) {
            match planned.iter_mut().find(|(known, _)| known == probe) {
                Some((_, askers)) if askers.contains(&check.spec().id) => {}
                Some((_, askers)) => askers.push(check.spec().id),
                None => planned.push((probe.clone(), vec![check.spec().id])),
            }
        }
    }
    planned.sort_by_key(|(probe, _)| probe.effect);
    let mut budget = Budget::new(target, transport);
    let mut text = format!("{} ({})\n", target.base, target.environment.name());
    if let Some(issuer) = &inputs.resolved.test_issuer {
        text.push_str(&format!("credentials from {}\n", issuer.told()));
    }
    let (mut sent, mut refused) = (0, 0);
    for (probe, askers) in &planned {
        let denied = match budget.admit(probe, 1, Timestamp::UNIX_EPOCH) {
            Err(denied) => Some(
                denied
                    .flag
                    .map_or_else(|| clean(&denied.reason, LONGEST), |flag| format!("needs {flag}")),
            ),
            Ok(()) if transport.lacks(probe).is_some() => Some("its credential is not at hand".to_owned()),
            Ok(()) => None,
        };
        let mark = if denied.is_some() { "not sent" } else { "send" };
        if denied.is_some() {
            refused += 1
        } else {
            sent += 1
        }
        let why = denied.map(|why| format!("  ({why})")).unwrap_or_default();
        let effect = effect(probe);
        text.push_str(&format!("{mark:8}  {effect:9}  {}{why}\n", line(probe)));
        text.push_str(&format!("{:19}  for {}\n", "", askers.join(", ")));
    }
    for page in pages::planned(target, &arguments.suite) {
        sent += 1;
        let url = clean(page.url.as_str(), LONGEST);
        text.push_str(&format!(
            "{:8}  {:9}  GET {url} and its scripts, without a credential\n",
            "send", "read"
        ));
        text.push_str(&format!("{:19}  for page/*\n", ""));
    }
    let more = "More may follow where an answer leaves a question open.";
    text.push_str(&format!(
        "{sent} would be sent, {refused} would not. {more} Nothing was sent.\n"
    ));
    text
}

fn line(probe: &Probe) -> String {
    let page = probe
        .page
        .as_ref()
        .map(|page| format!(" from {}", page.origin))
        .unwrap_or_default();
    let who = probe.who.as_ref().map(|who| match who.mutation {
        Mutation::AsIs => format!(" with credential `{}`", who.secret.0),
        spoilt => format!(" with credential `{}` spoilt: {spoilt:?}", who.secret.0),
    });
    // A contract may name its paths as it likes, and so may whoever serves it.
    let (method, path) = (clean(&probe.method, LONGEST), clean(probe.path_text(), LONGEST));
    format!("{method} {path}{page}{}", who.unwrap_or_default())
}

fn effect(probe: &Probe) -> &'static str {
    match probe.effect {
        _ if probe.is_preflight() => "preflight",
        Effect::Read => "read",
        Effect::Inert => "inert",
        Effect::Writes => "writes",
        Effect::Paid => "paid",
        Effect::Hostile => "hostile",
    }
}
