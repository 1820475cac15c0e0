//! Paying once for a build: `verify --wait --expect-version` makes its paid call under an Idempotency-Key where the service
//! documents one, so that the pipeline may be run again for the same build.

use crate::check::once;
use crate::check::spec::Suite;
use crate::cli::args::VerifyArgs;
use crate::cli::inputs::Inputs;
use crate::cli::interrupt::Interrupt;
use crate::drive::served::Reading;
use crate::model::exchange::Exchange;
use crate::runner::execute::Runner;
use crate::transport::http::Transport;

/// Gives each paid proof its key, and tells what was sent to find out whether the service takes one. Where no contract is
/// pinned the served one is read, while nothing has been paid yet.
pub async fn keyed(
    inputs: &mut Inputs,
    arguments: &VerifyArgs,
    transport: &Transport,
    seed: u64,
    interrupt: &Interrupt,
) -> Vec<Exchange> {
    if arguments.wait.is_none() || !once::pays_once(&inputs.resolved.target) {
        return Vec::new();
    }
    let mut sent = Vec::new();
    let mut served = None;
    if inputs.parsed.is_none() {
        let target = awake(inputs);
        let mut reading = Reading::new(&target);
        let runner = Runner::new(&target, transport, seed.wrapping_add(1), |_| {});
        sent = runner.run(&mut reading, interrupt.asked()).await.exchanges;
        served = reading.found();
    }
    let Some(contract) = inputs.parsed.as_ref().or(served.as_ref()) else {
        return sent;
    };
    let suites: Vec<&str> = arguments
        .suite
        .iter()
        .map(|suite| Suite::from(*suite).name())
        .collect();
    let target = &mut inputs.resolved.target;
    for (at, key) in once::keys(target, contract, &suites) {
        if let Some(proof) = target.proofs.get_mut(at) {
            proof.key = Some(key);
        }
    }
    let spent = u32::try_from(sent.len()).unwrap_or(u32::MAX);
    target.bounds.requests = target.bounds.requests.saturating_sub(spent).max(1);
    sent
}

/// The target as a service that was waited for: nobody wakes it again.
fn awake(inputs: &Inputs) -> crate::model::target::Target {
    let mut target = inputs.resolved.target.clone();
    target.bounds.cold_start_ms = 0;
    target
}
