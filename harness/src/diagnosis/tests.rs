//! Hand-made answers at the operation of [`crate::check::testing::target`], judged by every check and rule, for the tests
//! of causes.

use jiff::Timestamp;

use crate::check::asks;
use crate::check::testing::{answered, call, cors, target};
use crate::checks::registry::{CHECKS, RULES};
use crate::diagnosis::case::Cause;
use crate::diagnosis::registry::CAUSES;
use crate::diagnosis::whole_tests::blames_are_known;
use crate::model::diagnosis::Diagnosis;
use crate::model::exchange::Exchange;
use crate::model::probe::{Mutation, Probe};
use crate::model::recording::Recording;
use crate::model::run::Run;
use crate::model::target::Target;
use crate::runner::judge::{Bench, judge};

/// An answer that the page can read, JSON.
pub(crate) fn readable(id: u32, probe: &Probe, status: u16, body: &str) -> Exchange {
    let mut headers = cors();
    headers.push(("content-type", "application/json"));
    if status == 401 {
        headers.push(("www-authenticate", "Bearer error=\"invalid_token\""));
    }
    answered(id, probe, status, &headers, body)
}

/// The health route, well.
pub(crate) fn health() -> Exchange {
    readable(
        1,
        &asks::read("/health"),
        200,
        r#"{"status":"healthy","version":"1.4.0"}"#,
    )
}

/// The inert request with this credential, or none.
pub(crate) fn inert(id: u32, mutation: Option<Mutation>, status: u16, body: &str) -> Exchange {
    readable(id, &asks::inert(&target(), &call(), mutation), status, body)
}

/// The inert request with the good credential.
pub(crate) fn good(id: u32, status: u16, body: &str) -> Exchange {
    inert(id, Some(Mutation::AsIs), status, body)
}

/// The call that must work.
pub(crate) fn proof(id: u32, status: u16, body: &str) -> Exchange {
    let target = target();
    readable(id, &asks::proof(&target, &target.proofs[0]), status, body)
}

/// The whole judgement of what was seen. The health route is added when it is not there, since everything needs it.
pub(crate) fn judged(target: &Target, seen: &[Exchange]) -> Run {
    judged_by(target, seen, CAUSES)
}

/// What one cause makes of what was seen, as if there were no other.
pub(crate) fn diagnose(cause: &'static dyn Cause, target: &Target, seen: &[Exchange]) -> Option<Diagnosis> {
    judged_by(target, seen, &[cause]).diagnoses.into_iter().next()
}

fn judged_by(target: &Target, seen: &[Exchange], causes: &[&'static dyn Cause]) -> Run {
    let mut exchanges = seen.to_vec();
    if !exchanges
        .iter()
        .any(|exchange| exchange.probe.path_text() == "/health")
    {
        exchanges.push(readable(
            99,
            &asks::read("/health"),
            200,
            r#"{"status":"healthy","version":"1.4.0"}"#,
        ));
    }
    let recording = Recording {
        seed: 7,
        ..Recording::of(target.clone(), exchanges, Timestamp::UNIX_EPOCH)
    };
    let run = judge(
        &recording,
        Bench {
            checks: CHECKS,
            rules: RULES,
            causes,
        },
    );
    blames_are_known(&run);
    run
}
