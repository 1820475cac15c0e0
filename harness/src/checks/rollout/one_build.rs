//! Two builds behind one address make every other verdict a matter of luck.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::replicas::{build, counted, excluded, instance, needed, samples, wanted};
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
                  nothing about the others. The cheapest read that tells the build is asked on new connections: on as many as \
                  meet one of the replicas that the profile names with 95 %, else on eight, which meet one of three, as long \
                  as connections are spread over them.",
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
                && let Some(build) = build(view.target, exchange, reply)
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
        if let Some(reason) = may_be_missed(view, told.len()) {
            tally.missing(reason, Some("replicas = N under [env.NAME] in the profile"));
        }
        tally.done()
    }
}

/// What so many samples may have missed; `None` when they meet every process of those that are known with 95 %, or when the
/// only one is our own.
fn may_be_missed(view: &View<'_>, told: usize) -> Option<String> {
    let wanted = usize::from(wanted(view.target));
    let enough = match view.target.replicas {
        Some(replicas) => told >= usize::from(needed(replicas)),
        None => view.target.ours && told >= wanted,
    };
    let instances = view.answers().filter_map(|(_, reply)| instance(reply));
    if enough || counted(instances).len() > 1 && told >= wanted {
        return None;
    }
    Some(format!(
        "{told} of {wanted} samples told their build; at 95 % that excludes another build on {} % of the processes or more, \
         and not on fewer",
        excluded(told)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::replicas::SAMPLES;
    use crate::check::testing::{answered, target};
    use crate::check::trial::judgement;
    use crate::model::target::Target;

    fn judged(builds: &[&str]) -> Judgement {
        judged_of(&target(), builds)
    }

    fn judged_of(target: &Target, builds: &[&str]) -> Judgement {
        let probes = samples(&View::new(target, None, &[], &[]));
        let seen: Vec<Exchange> = probes
            .iter()
            .zip(1..)
            .zip(builds.iter().cycle())
            .map(|((probe, id), build)| answered(id, probe, 200, &[("x-app-version", build)], "{}"))
            .collect();
        judgement(&OneBuild, target, &seen)
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

    #[test]
    fn what_may_have_been_missed_is_said() {
        let reasons = |replicas, ours| {
            let target = Target {
                replicas,
                ours,
                ..target()
            };
            match judged_of(&target, &["1.4.0"]) {
                Judgement::Judged { unseen, findings, .. } if findings.is_empty() => unseen,
                other => panic!("{other:?}"),
            }
        };
        let unsaid = reasons(None, false);
        assert!(unsaid[0].reason.contains("8 of 8"), "{}", unsaid[0].reason);
        assert!(
            unsaid[0].reason.contains("on 31 % of the processes or more"),
            "{}",
            unsaid[0].reason
        );
        assert!(unsaid[0].on_purpose);
        assert_eq!(reasons(Some(3), false), []);
        assert_eq!(reasons(Some(10), false), []);
        assert!(reasons(Some(100), false)[0].reason.contains("59 of 59"));
        assert_eq!(reasons(None, true), []);
    }
}
