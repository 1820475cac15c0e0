//! Server and checker disagree about the time.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};
use crate::model::finding::Verdict;

/// The cause.
pub struct ClockOff;

const DIRECT: Direct = Direct {
    cause: "clock-off",
    check: "health/fresh",
    blame: Blame::Deploy,
    next: &[
        "Compare the host's clock with NTP (timedatectl, chronyc tracking)",
        "Tokens that were issued meanwhile carry wrong times: let them expire",
    ],
    whole_answers: false,
};

impl Cause for ClockOff {
    fn id(&self) -> &'static str {
        "clock-off"
    }

    fn about(&self) -> &'static str {
        "The server's clock is off, so tokens, caches and logs go by another time."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Later,
            blames: &[Blame::Deploy, Blame::Checker],
            needs: "The Date or body time of health answers, more than a minute away from the run's clock.",
            likely: &[
                "The host's time service does not run, or a virtual machine was resumed",
                "The checker's own clock is off",
                "Local time is written where UTC is meant",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut found = case.of(DIRECT.check);
        found.retain(|finding| {
            finding.outcome >= Verdict::Inconclusive && finding.subject.ends_with(" clock")
        });
        let sure = found.iter().any(|finding| finding.fails());
        let diagnosis = direct::of(case, &DIRECT, found)?;
        // Two clocks differ, and unless the service runs beside the checker nobody knows which of them is wrong.
        Some(Diagnosis {
            blame: if sure { diagnosis.blame } else { Blame::Unknown },
            ..diagnosis
        })
    }
}
