//! Failures that belong to one of several processes or builds alone.

use crate::diagnosis::case::Case;
use crate::model::exchange::{Exchange, Reply, Xid};
use crate::model::finding::Finding;

/// The answers under an id that a finding is about. The steps of a sequence share one: where the finding is about one of their
/// operations, it is about no other step.
fn meant<'c>(case: &Case<'c>, finding: &Finding, id: Xid) -> Vec<(&'c Exchange, &'c Reply)> {
    let of_id = || case.view.answers().filter(move |(exchange, _)| exchange.id == id);
    let named = |exchange: &Exchange| {
        let rest = finding.subject.strip_prefix(&exchange.probe.operation());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let meant: Vec<_> = of_id().filter(|(exchange, _)| named(exchange)).collect();
    if meant.is_empty() {
        of_id().collect()
    } else {
        meant
    }
}

/// The failures of a run, when one of several sides wrote every answer that they are about; none when they are on both.
pub fn one_sided<'c>(
    case: &Case<'c>,
    side: impl Fn(&Exchange, &Reply) -> Option<String>,
) -> Vec<&'c Finding> {
    let mut of: Vec<(&Finding, String)> = Vec::new();
    for finding in case.findings.iter().filter(|finding| finding.fails()) {
        let mut sides: Vec<String> = Vec::new();
        for id in &finding.exchanges {
            let mut of_one: Vec<String> = meant(case, finding, *id)
                .into_iter()
                .filter_map(|(exchange, reply)| side(exchange, reply))
                .collect();
            of_one.sort();
            of_one.dedup();
            // The copies of a burst share an id: where they met several sides, which of them failed is not said.
            if let [one] = of_one.as_slice() {
                sides.push(one.clone());
            }
        }
        sides.sort();
        sides.dedup();
        if let [one] = sides.as_slice() {
            of.push((finding, one.clone()));
        }
    }
    let first = of.first().map(|(_, side)| side.clone());
    if of.iter().any(|(_, side)| Some(side) != first.as_ref()) {
        return Vec::new();
    }
    of.into_iter().map(|(finding, _)| finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::spec::{Spec, Suite};
    use crate::check::testing::{answered, target};
    use crate::check::view::View;
    use crate::model::finding::{Layer, Severity};

    static SPEC: Spec = Spec {
        id: "x/y",
        layer: Layer::Http,
        title: "",
        severity: Severity::Major,
        suites: Suite::ALL,
        needs: &[],
        must_run: false,
        explanation: "",
        hint: "",
    };

    #[test]
    fn of_a_sequence_over_two_processes_the_step_counts_that_the_finding_is_about() {
        let target = target();
        let step = |step, path: &str, process: &str| Exchange {
            step,
            ..answered(1, &asks::read(path), 200, &[("x-instance-id", process)], "{}")
        };
        let seen = [step(0, "/runs/7", "a"), step(1, "/runs", "b")];
        let view = View::new(&target, None, &seen, &[]);
        let one_sided_of = |subject: &str| {
            let findings = [SPEC.finds(subject, "it is wrong").shown_by(&seen)];
            let case = Case {
                view: &view,
                findings: &findings,
            };
            one_sided(&case, |_, reply| reply.header("x-instance-id")).len()
        };
        assert_eq!(one_sided_of("GET /runs/7 200"), 1);
        assert_eq!(one_sided_of("GET /runs"), 1);
        assert_eq!(one_sided_of("every answer"), 0);
    }
}
