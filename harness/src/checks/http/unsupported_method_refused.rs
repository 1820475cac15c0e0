//! A method that nobody wrote must not be a success.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Mutation, Probe};
use crate::model::target::{Call, Environment};

/// The check.
pub struct UnsupportedMethodRefused;

static SPEC: Spec = Spec {
    id: "http/unsupported-method-refused",
    layer: Layer::Http,
    title: "A method that a route does not have is answered 405",
    severity: Severity::Minor,
    suites: &[Suite::Contract, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A client with the wrong method learns it from 405 and Allow (RFC 9110 §15.5.6). A success tells it that \
                  something was done, a 404 that the route is gone. It is asked with a body that no server accepts, so \
                  nothing can happen; a 4xx about that body says that the route has the method after all.",
    hint: "Route by method, and let the router answer 405 with Allow for the others.",
};

impl Check for UnsupportedMethodRefused {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let wanted = probe(view).filter(|_| view.target.environment != Environment::Production);
        wanted.into_iter().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if view.target.environment == Environment::Production {
            let reason = "production is not asked with methods that it may not have";
            return Judgement::skipped(reason, Some("--environment staging"));
        }
        let Some(probe) = probe(view) else {
            return Judgement::NotApplicable("no operation is known that has a method to spare".into());
        };
        let mut tally = Tally::new(view);
        if let Some((exchange, reply)) = tally.answer(&probe) {
            let operation = probe.operation();
            let severity = match reply.status {
                200..300 => Severity::Minor,
                // Several frameworks answer so, and hide nothing by it.
                404 => Severity::Advisory,
                _ => return tally.done(),
            };
            let found = SPEC
                .finds(
                    &operation,
                    format!("{operation}, which there is not, is HTTP {}", reply.status),
                )
                .expected("HTTP 405 with Allow")
                .actual(format!("HTTP {}", reply.status))
                .severity(severity);
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

/// The first operation with an effect, asked with a method that it does not have and a body that nobody accepts.
fn probe(view: &View<'_>) -> Option<Probe> {
    let target = view.target;
    let proofs = target.proofs.iter().map(|proof| &proof.call);
    let mut calls = proofs.chain(target.transcription.iter().map(|role| &role.call));
    let call = calls.find(|call| !asks::is_safe(call) && !call.path.contains('{'))?;
    let taken = |method: &str| {
        let own = |other: &Call| other.path == call.path && other.method == method;
        let used = target
            .clients
            .iter()
            .flat_map(|client| &client.calls)
            .any(|made| own(&made.call));
        let documented = view.contract.is_some_and(|contract| {
            let found = contract.find(method, &call.path, target.base_path());
            found.is_ok()
        });
        call.method == method || used || documented
    };
    let method = ["PUT", "PATCH"].into_iter().find(|method| !taken(method))?;
    let other = Call {
        method: method.into(),
        path: call.path.clone(),
    };
    let mutation = asks::is_protected(target, call).then_some(Mutation::AsIs);
    Some(asks::inert(target, &other, mutation))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;
    use crate::model::probe::Effect;

    fn found(status: u16) -> Vec<Severity> {
        let target = target();
        let probe = probe(&View::new(&target, None, &[], &[])).unwrap();
        assert_eq!((probe.method.as_str(), probe.effect), ("PUT", Effect::Inert));
        let seen = [answered(1, &probe, status, &[], "{}")];
        let found = findings(&UnsupportedMethodRefused, &target, &seen);
        found.into_iter().map(|finding| finding.severity).collect()
    }

    #[test]
    fn a_success_is_found_and_a_404_remarked() {
        assert_eq!(found(200), [Severity::Minor]);
        assert_eq!(found(404), [Severity::Advisory]);
    }

    #[test]
    fn spares_405_and_whoever_asks_first_for_a_credential_or_looks_at_the_body() {
        for status in [405, 501, 401, 403, 400, 415, 422] {
            assert_eq!(found(status), [], "{status}");
        }
    }
}
