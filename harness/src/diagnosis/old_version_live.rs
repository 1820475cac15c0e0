//! The deploy did not take: another build answers, and everything else in the report is about that one.

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
            stage: Stage::Version,
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
        let others = case.findings.iter().filter(|finding| finding.fails()).count() - 1;
        let mut evidence = vec![format!("seen {}, expected {}", first.actual, first.expected)];
        if others > 0 {
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
            next_steps: vec![
                "Look at the platform's list of deploys: did this one build, start, pass its health check and become live?".to_owned(),
                "If it is still being swapped: greenlight wait URL --expect-version …".to_owned(),
                "See whether the version route itself is cached".to_owned(),
            ],
            explains: explained(found),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::diagnosis::whole_tests::{causes, judged};

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
        assert_eq!(causes(&old)[0], "old-version-live");
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
}
