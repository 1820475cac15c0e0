//! Is it the build that was deployed? Every other verdict is about whatever answers.

use crate::check::Check;
use crate::check::build::{self, Told, is_build, is_commit};
use crate::check::health;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct Expected;

static SPEC: Spec = Spec {
    id: "version/expected",
    layer: Layer::Version,
    title: "The build that was deployed is the one that answers",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A build that failed, automatic deploys that are off, a wrong branch, a version route behind a cache: the old \
                  build goes on answering, every check is green, and none of it is about the code that was deployed.",
    hint: "Look at the platform's list of deploys: did this one build, start and become the live one?",
};

impl Check for Expected {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        if view.target.expect_version.is_none() {
            return Vec::new();
        }
        let named = build::probe(view);
        health::probes(view)
            .into_iter()
            .chain(named)
            .map(Ask::One)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(expected) = &view.target.expect_version else {
            return Judgement::NotApplicable("no build was named with --expect-version".to_owned());
        };
        let mut tally = Tally::new(view);
        if let Some(probe) = build::probe(view)
            && tally.answer(&probe).is_none()
        {
            return tally.done();
        }
        let told: Vec<Told<'_>> = match build::probe(view) {
            Some(_) => build::named(view).into_iter().collect(),
            None => build::conventional(view),
        };
        let unlike = |told: &Told<'_>| is_commit(expected) && !is_commit(&told.build);
        let guessed = build::probe(view).is_none();
        if told.is_empty() || (guessed && told.iter().all(unlike)) {
            return Judgement::Unable(crate::check::judgement::Unseen {
                reason: "the service does not say which build it is".to_owned(),
                flag: Some(
                    "--profile FILE with version = { route = \"/…\", pointer = \"/…\" } under [service]"
                        .to_owned(),
                ),
                on_purpose: false,
            });
        }
        told.iter().for_each(|told| tally.judged(told.exchange));
        if !told.iter().any(|told| is_build(&told.build, expected)) {
            let seen: Vec<String> = told.iter().map(|told| clean(&told.build, 60)).collect();
            let expected = clean(expected, 60);
            let found = SPEC
                .finds(
                    "build",
                    format!(
                        "Another build answers: {}, where {expected} was deployed",
                        seen.join(", ")
                    ),
                )
                .expected(expected)
                .actual(
                    told.iter()
                        .map(|told| format!("{} at {}", clean(&told.build, 60), told.place))
                        .collect::<Vec<_>>()
                        .join(", "),
                );
            tally.find(found.shown_by(told.iter().take(1).map(|told| told.exchange)));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::check::trial::judgement;
    use crate::model::target::VersionPlace;

    fn judged(expected: &str, info: &str) -> Judgement {
        let mut target = target();
        target.expect_version = Some(expected.into());
        target.routes.version = Some(VersionPlace {
            route: "/info".into(),
            pointer: "/commit".into(),
        });
        judgement(
            &Expected,
            &target,
            &[answered(1, &asks::read("/info"), 200, &[], info)],
        )
    }

    fn titles(judgement: Judgement) -> Vec<String> {
        match judgement {
            Judgement::Judged { findings, .. } => findings.into_iter().map(|found| found.title).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_old_build_is_found() {
        let titles = titles(judged("fedcba9876", r#"{"commit":"abc1234"}"#));
        assert_eq!(
            titles,
            ["Another build answers: abc1234, where fedcba9876 was deployed"]
        );
    }

    #[test]
    fn spares_the_expected_build_and_needs_one_to_be_told() {
        assert_eq!(
            titles(judged("abc1234def", r#"{"commit":"abc1234"}"#)),
            Vec::<String>::new()
        );
        for info in [r#"{"commit":null}"#, r#"{"commit":"dev"}"#, "<html>"] {
            assert!(
                matches!(judged("abc1234", info), Judgement::Unable(unseen) if !unseen.on_purpose),
                "{info}"
            );
        }
    }

    #[test]
    fn a_guessed_place_that_holds_no_commit_proves_nothing() {
        let mut target = target();
        target.expect_version = Some("abc1234".into());
        let told = |body| {
            judgement(
                &Expected,
                &target,
                &[answered(1, &asks::read("/health"), 200, &[], body)],
            )
        };
        assert!(matches!(told(r#"{"version":"3.0.0"}"#), Judgement::Unable(_)));
        assert_eq!(titles(told(r#"{"commit":"1234abc","version":"3.0.0"}"#)).len(), 1);
        assert_eq!(
            titles(told(r#"{"commit":"abc1234","version":"3.0.0"}"#)),
            Vec::<String>::new()
        );
        target.expect_version = None;
        assert!(matches!(
            judgement(&Expected, &target, &[]),
            Judgement::NotApplicable(_)
        ));
    }
}
