//! Two builds behind one address make every other verdict a matter of luck.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::replicas::{SAMPLES, build, counted, instance, samples};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct OneBuild;

static SPEC: Spec = Spec {
    id: "rollout/one-build",
    layer: Layer::Version,
    title: "Every process behind the address runs the same build",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A replica that was not updated answers its share of the calls with yesterday's code, and one success proves \
                  nothing about the others. The cheapest read that tells the build is asked on eight new connections, which \
                  meets one of three replicas with 95 %, as long as connections are spread over them.",
    hint: "Look for an instance that the deploy did not replace; while a deploy is still under way, wait and ask again.",
};

impl Check for OneBuild {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        samples(view).into_iter().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        let mut told: Vec<(String, &Exchange)> = Vec::new();
        for sample in samples(view) {
            if let Some((exchange, reply)) = tally.answer(&sample)
                && let Some(build) = build(view, exchange, reply)
            {
                told.push((build, exchange));
            }
        }
        if told.is_empty() {
            return Judgement::NotApplicable("no answer says which build it is".to_owned());
        }
        let builds = counted(told.iter().map(|(build, _)| build.clone()));
        if builds.len() > 1 {
            let list: Vec<String> = builds
                .iter()
                .map(|(build, count)| format!("{}: {count} of {}", clean(build, 60), told.len()))
                .collect();
            let mut shown = told.clone();
            shown.dedup_by(|a, b| a.0 == b.0);
            let finding = SPEC
                .finds(
                    "builds",
                    format!("Different builds answer at one address ({})", list.join(", ")),
                )
                .expected("one build")
                .actual(list.join(", "));
            tally.find(finding.shown_by(shown.iter().map(|(_, exchange)| *exchange)));
        }
        let instances = view.answers().filter_map(|(_, reply)| instance(reply));
        let met = counted(instances).len();
        if met == 1 && told.len() < usize::from(SAMPLES) {
            tally.missing(
                format!(
                    "{} of {SAMPLES} samples were answered, so a replica may have been missed",
                    told.len()
                ),
                None,
            );
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::judgement;

    fn judged(builds: &[&str]) -> Judgement {
        let target = target();
        let probes = samples(&View::new(&target, None, &[], &[]));
        let seen: Vec<Exchange> = probes
            .iter()
            .zip(1..)
            .zip(builds.iter().cycle())
            .map(|((probe, id), build)| answered(id, probe, 200, &[("x-app-version", build)], "{}"))
            .collect();
        judgement(&OneBuild, &target, &seen)
    }

    #[test]
    fn two_builds_are_counted_and_one_is_not_found() {
        let Judgement::Judged {
            findings, exchanges, ..
        } = judged(&["1.4.0+abc1234", "1.3.9+0dd5eed"])
        else {
            panic!("not judged")
        };
        assert_eq!(
            findings[0].title,
            "Different builds answer at one address (1.3.9+0dd5eed: 4 of 8, 1.4.0+abc1234: 4 of 8)"
        );
        assert_eq!(exchanges.len(), usize::from(SAMPLES));
        assert!(matches!(judged(&["1.4.0"]), Judgement::Judged { findings, .. } if findings.is_empty()));
        assert!(matches!(judged(&["unknown"]), Judgement::NotApplicable(_)));
    }
}
