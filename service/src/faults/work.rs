//! A handler that crashes: what a missing `await` did to every accepted request, whatever was in it.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::domain::budget::Budget;
use crate::domain::language::Language;
use crate::domain::orchestrate::{Failure, Outcome, Work};
use crate::domain::request::OrchestrateRequest;
use crate::faults::Faults;
use crate::faults::id::FaultId;

/// The faults in which the handler crashes; they differ in who answers then, and how.
pub const CRASHES: [FaultId; 5] = [
    FaultId::MissingAwait,
    FaultId::ServerErrorWithCors,
    FaultId::ErrorHandlerEchoesOrigin,
    FaultId::StackTraceLeak,
    FaultId::HandlerOutsideCors,
];

/// The work, or a crash in its place.
#[must_use]
pub fn wrap(work: Arc<dyn Work>, faults: &Faults) -> Arc<dyn Work> {
    if faults.any(&CRASHES) {
        Arc::new(Crashing)
    } else {
        work
    }
}

/// Work that never gets to its first line.
struct Crashing;

impl Work for Crashing {
    fn run<'a>(
        &'a self,
        _: OrchestrateRequest,
        _: Language,
        _: &'a str,
        _: Budget,
    ) -> BoxFuture<'a, Result<Outcome, Failure>> {
        async {
            tracing::error!("RuntimeWarning: coroutine 'get_orchestrator' was never awaited");
            // Without the panic hook: a lab that crashes on purpose should not fill the terminal.
            std::panic::resume_unwind(Box::new("object dict can't be used in 'await' expression"))
        }
        .boxed()
    }
}
