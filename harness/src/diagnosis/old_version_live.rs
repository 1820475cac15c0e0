//! The deploy did not take: another build answers, and everything else in the report is about that one.

use crate::check::build;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct OldVersionLive;

impl Cause for OldVersionLive {
    fn id(&self) -> &'static str {
        "old-version-live"
    }

    fn about(&self) -> &'static str {
        "Another build than the deployed one answers, so every other verdict of the run is about that build."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Build,
            blames: &[Blame::Deploy],
            needs: "The version that answers names, and the one that --expect-version asked for.",
            likely: &[
                "The build or the release step failed, and the platform kept the deploy before",
                "Automatic deploys are off: a rollback in the dashboard of Render or Heroku turns them off",
                "The pipeline deployed another branch, tag or image than it tested",
                "The version route is cached, or its value is baked in at another step than the build",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        // When some processes run the deployed build and others do not, that is the news.
        if case.of("rollout/one-build").iter().any(|finding| finding.fails()) {
            return None;
        }
        let found = case.of("version/expected");
        let first = found.iter().find(|finding| finding.fails())?;
        let everything = !deployed_was_met(case);
        let others = case.findings.iter().filter(|finding| finding.fails()).count() - 1;
        let mut evidence = vec![format!("seen {}, expected {}", first.actual, first.expected)];
        if everything && others > 0 {
            evidence.push(format!(
                "the {others} other failures are about the build that answers, not about the deployed one"
            ));
        }
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: first.title.clone(),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Look at the platform's list of deploys: did this one build, start, pass its health check and become live?".to_owned(),
                format!(
                    "When it is said to be live: greenlight verify {} --expect-version {}",
                    case.view.target.base, first.expected
                ),
                "See whether the version route itself is cached".to_owned(),
            ],
            explains: if everything {
                explained(case.findings.iter().filter(|finding| finding.fails()))
            } else {
                explained(found)
            },
        })
    }
}

/// Whether any answer of the run came from the build that was deployed. If one did, a failure may be that build's own.
fn deployed_was_met(case: &Case<'_>) -> bool {
    let Some(expected) = &case.view.target.expect_version else {
        return true;
    };
    let told = case.view.answers().filter_map(|(_, reply)| build::said(reply));
    told.into_iter().any(|told| build::is_build(&told, expected))
}

#[cfg(test)]
mod tests {
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::diagnosis::whole_tests::{causes, judged, unexplained};

    #[test]
    fn another_build_is_named_before_anything_else() {
        let mut target = target();
        target.expect_version = Some("fedcba98".into());
        let told = |body| {
            let health = answered(1, &asks::read("/health"), 200, &[], body);
            let work = answered(2, &asks::proof(&target, &target.proofs[0]), 500, &[], "");
            judged(&target, &[health, work])
        };
        let old = told(r#"{"status":"ok","commit":"abc1234"}"#);
        assert_eq!(
            causes(&old),
            ["old-version-live"],
            "everything else is about the old build"
        );
        let crash = old
            .findings
            .iter()
            .find(|finding| finding.check == "errors/no-server-error");
        assert_eq!(crash.unwrap().explained_by.as_deref(), Some("old-version-live"));
        assert_eq!(unexplained(&old), Vec::<String>::new());
        assert!(
            old.headline.starts_with("Another build answers"),
            "{}",
            old.headline
        );
        assert_eq!(
            causes(&told(r#"{"status":"ok","commit":"fedcba98"}"#))[0],
            "masked-server-error"
        );
        assert!(!causes(&told(r#"{"status":"ok"}"#)).contains(&"old-version-live"));
    }

    #[test]
    fn a_failure_stays_its_own_when_the_deployed_build_was_met_too() {
        let mut target = target();
        target.expect_version = Some("fedcba98".into());
        let deployed = [("x-commit", "fedcba98")];
        let seen = [
            answered(
                1,
                &asks::read("/health"),
                200,
                &[],
                r#"{"status":"ok","commit":"abc1234"}"#,
            ),
            answered(2, &asks::proof(&target, &target.proofs[0]), 500, &deployed, ""),
        ];
        let run = judged(&target, &seen);
        assert!(causes(&run).len() > 1, "{:?}", causes(&run));
        let crash = run
            .findings
            .iter()
            .find(|finding| finding.check == "errors/no-server-error");
        assert_ne!(crash.unwrap().explained_by.as_deref(), Some("old-version-live"));
    }
}
