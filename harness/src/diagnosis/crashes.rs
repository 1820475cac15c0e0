//! What the causes behind crashes have in common: which answers are crashes, and which of a crash's findings it explains.

use crate::check::asks;
use crate::check::traces;
use crate::diagnosis::case::Case;
use crate::model::exchange::Exchange;
use crate::model::finding::Finding;
use crate::model::probe::{Mutation, Probe};
use crate::model::target::{Call, OTHER, Target};

/// Whether the application itself failed. 502, 503 and 504 are what proxies and services say of somebody behind them.
pub fn is_crash(exchange: &Exchange) -> bool {
    exchange.is_server_error() && !matches!(exchange.status(), Some(502..=504))
}

/// Every crash, in the order of the recording.
pub fn all<'c>(case: &Case<'c>) -> Vec<&'c Exchange> {
    let exchanges = case.view.exchanges.iter();
    exchanges.filter(|exchange| is_crash(exchange)).collect()
}

/// What of the findings about these crashes goes away with them. A secret or a stack trace that was shown does not: the
/// next crash shows it again.
pub fn about<'c>(case: &Case<'c>, crashed: &[&Exchange]) -> Vec<&'c Finding> {
    let stays = |finding: &&Finding| {
        finding.fails()
            && matches!(
                finding.check.as_str(),
                "errors/no-secret" | "errors/no-stack-trace"
            )
    };
    let found = case.about(crashed).into_iter();
    found.filter(|finding| !stays(finding)).collect()
}

/// Whether this is one of the calls that must work.
pub fn is_good_call(target: &Target, probe: &Probe) -> bool {
    let first = probe.repeat(0);
    let proof = target
        .proofs
        .iter()
        .any(|proof| asks::proof(target, proof) == first);
    let spoken = target.transcription.as_ref().is_some_and(|role| {
        let samples = role.samples.iter();
        samples
            .map(|sample| asks::transcribe(target, role, sample))
            .any(|probe| probe == first)
    });
    proof || spoken
}

/// Whether the call is to this operation.
pub fn is_to(exchange: &Exchange, call: &Call) -> bool {
    exchange.probe.method == call.method
        && exchange.probe.path_text() == call.path
        && !exchange.probe.is_preflight()
}

/// Who sent a probe, as far as authentication goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// Nobody in particular.
    Nobody,
    /// Somebody with a good credential: the first user, or the second.
    Good,
    /// Somebody with a credential that must be refused.
    Bad,
}

/// Who sent a probe.
pub fn sender(target: &Target, probe: &Probe) -> Sender {
    let good = target.auth.as_ref().and_then(|auth| auth.good());
    match &probe.who {
        None => Sender::Nobody,
        Some(who) => match who.mutation {
            Mutation::AsIs | Mutation::LowerCaseScheme
                if good.is_some_and(|good| good.name == who.secret) || who.secret.0 == OTHER =>
            {
                Sender::Good
            }
            _ => Sender::Bad,
        },
    }
}

/// What a crash says of itself, when it says that something was awaited wrongly.
pub fn await_in(exchange: &Exchange) -> Option<String> {
    let text = exchange.answer()?.body.text();
    traces::is_about_await(&text).then(|| {
        let found = traces::find(&text).map(|found| crate::check::text::clean(found.text.trim(), 100));
        let words = found.unwrap_or_else(|| "an exception about `await`".to_owned());
        format!("the answer itself says what broke: {words}")
    })
}
