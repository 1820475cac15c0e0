//! The check of credentials fails on what it should refuse: a stranger can crash a request with one header, and clients
//! with an old token see a server error instead of "log in again".

use crate::check::asks;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::crashes::{self, Sender, sender};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::target::Call;

/// The cause.
pub struct AuthCrashes;

/// Whose calls crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victims {
    /// Those with a credential that should be refused.
    Bad,
    /// All with any credential.
    Everyone,
    /// Those without one.
    Nobody,
}

impl Cause for AuthCrashes {
    fn id(&self) -> &'static str {
        "auth-crashes"
    }

    fn about(&self) -> &'static str {
        "A credential that should be refused crashes the service."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Crash,
            blames: &[Blame::Deploy],
            needs: "A 5xx to a bad or missing credential, where a good call of the same operation fares better.",
            likely: &[
                "The verifier raises something else than the exception that is caught (a decode error, a missing kid, base64 padding)",
                "The Authorization header is split or indexed before anybody looks whether it is there",
                "The key server cannot be reached, or the signing key is not set in this deploy",
                "The user of the token is looked up and is None",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let hit = calls(case).into_iter();
        let hit: Vec<(Call, Victims)> = hit
            .filter_map(|call| victims(case, &call).map(|victims| (call, victims)))
            .collect();
        let (call, victims) = hit.first()?;
        // One guard stands before all that it hits in the same way.
        let alike = |exchange: &&Exchange| {
            let mut hit = hit.iter().filter(|(_, others)| others == victims);
            hit.any(|(call, _)| crashes::is_to(exchange, call))
        };
        let mut crashed: Vec<&Exchange> = crashes::all(case).into_iter().filter(alike).collect();
        crashed.sort_by_key(|exchange| !crashes::is_to(exchange, call));
        let first = crashed.first()?;
        let (who, confidence, mend) = match *victims {
            Victims::Bad => (
                "A credential that should be refused",
                Confidence::Certain,
                "Catch every error of the credential's parser and verifier, and answer 401",
            ),
            Victims::Everyone => (
                "Any credential, good or bad,",
                Confidence::Likely,
                "See whether the signing key, or the address of the key server, is set in this deploy",
            ),
            Victims::Nobody => (
                "A call without a credential",
                Confidence::Certain,
                "Answer 401 when there is no Authorization header",
            ),
        };
        let mut evidence = words::seen(&crashed);
        evidence.extend(fares_better(case, call));
        let log = format!(
            "Read the service's log at {}{}: the exception is there",
            words::clock(first),
            words::request_id(first)
        );
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("{who} crashes {call} (HTTP {})", first.status()?),
            blame: Blame::Deploy,
            confidence,
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![log, mend.to_owned()],
            explains: explained(crashes::about(case, &crashed)),
        })
    }
}

/// The operations where a crash may be the guard's: those that a bad credential was tried at, and the protected ones.
fn calls(case: &Case<'_>) -> Vec<Call> {
    let target = case.view.target;
    let mut calls = asks::protected(target);
    for exchange in crashes::all(case) {
        let call = Call {
            method: exchange.probe.method.clone(),
            path: exchange.probe.path_text().to_owned(),
        };
        if sender(target, &exchange.probe) == Sender::Bad && !calls.contains(&call) {
            calls.push(call);
        }
    }
    calls
}

/// Whose calls crash at this operation, when it is the guard that crashes.
fn victims(case: &Case<'_>, call: &Call) -> Option<Victims> {
    let fares = |who| fares(case, call, who);
    let broken = |who| fares(who).is_some_and(|(crashed, _)| crashed > 0);
    let always = |who| fares(who).is_some_and(|(crashed, answered)| crashed > 0 && answered == 0);
    let never = |who| fares(who).is_none_or(|(crashed, _)| crashed == 0);
    let good_works = fares(Sender::Good).is_some() && never(Sender::Good);
    match (broken(Sender::Bad), broken(Sender::Nobody)) {
        (true, _) if good_works => Some(Victims::Bad),
        (true, false) if fares(Sender::Good).is_none() => Some(Victims::Bad),
        (true, false) if always(Sender::Good) && always(Sender::Bad) && fares(Sender::Nobody).is_some() => {
            Some(Victims::Everyone)
        }
        (false, true) if good_works => Some(Victims::Nobody),
        _ => None,
    }
}

/// How many of somebody's calls crashed, and how many were answered. `None` when there was none.
fn fares(case: &Case<'_>, call: &Call, who: Sender) -> Option<(usize, usize)> {
    let target = case.view.target;
    let theirs =
        |exchange: &&Exchange| crashes::is_to(exchange, call) && sender(target, &exchange.probe) == who;
    let answers = case.view.answers().map(|(exchange, _)| exchange);
    let (crashed, answered): (Vec<_>, Vec<_>) = answers
        .filter(theirs)
        .partition(|exchange| crashes::is_crash(exchange));
    (crashed.len() + answered.len() > 0).then_some((crashed.len(), answered.len()))
}

/// Who is answered below 500 at the same operation.
fn fares_better(case: &Case<'_>, call: &Call) -> Vec<String> {
    let line = |who: Sender, name: &str| {
        let target = case.view.target;
        let (exchange, reply) = case.view.answers().find(|(exchange, reply)| {
            crashes::is_to(exchange, call) && sender(target, &exchange.probe) == who && reply.status < 500
        })?;
        Some(format!(
            "{} {name} answers {}",
            exchange.probe.operation(),
            reply.status
        ))
    };
    let lines = [
        line(Sender::Nobody, "without a credential"),
        line(Sender::Good, "with a good one"),
    ];
    lines.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::target;
    use crate::diagnosis::tests::{diagnose, good, inert, proof};
    use crate::model::probe::Mutation::{Garbage, Truncated};

    fn statement(seen: &[Exchange]) -> Option<String> {
        diagnose(&AuthCrashes, &target(), seen).map(|diagnosis| diagnosis.statement)
    }

    #[test]
    fn a_made_up_token_that_crashes_it_is_named() {
        let seen = [
            inert(1, None, 401, "{}"),
            good(2, 400, "{}"),
            inert(3, Some(Garbage), 500, "{}"),
            inert(4, Some(Truncated), 401, "{}"),
            proof(5, 200, "{}"),
        ];
        let diagnosis = diagnose(&AuthCrashes, &target(), &seen).unwrap();
        assert_eq!(
            diagnosis.statement,
            "A credential that should be refused crashes POST /summaries (HTTP 500)"
        );
        assert_eq!(diagnosis.explains[0].check, "errors/no-server-error");
    }

    #[test]
    fn a_guard_that_crashes_at_every_credential_is_told_apart() {
        let seen = [
            inert(1, None, 401, "{}"),
            good(2, 500, "{}"),
            inert(3, Some(Garbage), 500, "{}"),
            proof(4, 500, "{}"),
        ];
        assert_eq!(
            statement(&seen).unwrap(),
            "Any credential, good or bad, crashes POST /summaries (HTTP 500)"
        );
    }

    #[test]
    fn a_call_without_a_credential_that_crashes_it_is_told_apart() {
        let seen = [
            inert(1, None, 500, "{}"),
            good(2, 400, "{}"),
            inert(3, Some(Garbage), 401, "{}"),
        ];
        assert_eq!(
            statement(&seen).unwrap(),
            "A call without a credential crashes POST /summaries (HTTP 500)"
        );
    }

    #[test]
    fn a_guard_is_not_blamed_where_good_calls_crash_now_and_then_too() {
        let seen = [
            inert(1, None, 401, "{}"),
            good(2, 400, "{}"),
            inert(3, Some(Garbage), 500, "{}"),
            inert(4, Some(Truncated), 401, "{}"),
            proof(5, 500, "{}"),
        ];
        assert_eq!(statement(&seen), None);
    }

    #[test]
    fn a_crash_of_good_calls_or_of_everybodys_is_another_cause() {
        let handler = [inert(1, None, 401, "{}"), good(2, 400, "{}"), proof(3, 500, "{}")];
        assert_eq!(statement(&handler), None);
        let input = [inert(1, None, 401, "{}"), good(2, 500, "{}"), proof(3, 200, "{}")];
        assert_eq!(statement(&input), None);
        let all = [
            inert(1, None, 500, "{}"),
            good(2, 500, "{}"),
            inert(3, Some(Garbage), 500, "{}"),
        ];
        assert_eq!(statement(&all), None);
        let gateway = [inert(1, None, 401, "{}"), inert(2, Some(Garbage), 502, "{}")];
        assert_eq!(statement(&gateway), None);
    }
}
