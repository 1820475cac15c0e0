//! Judging hand-made recordings with every check, rule and cause, so that each cause is tested against its neighbours.

use jiff::Timestamp;

use crate::checks::registry::{CHECKS, RULES};
use crate::diagnosis::registry::CAUSES;
use crate::model::diagnosis::{Blame, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::recording::{ContractText, Recording};
use crate::model::run::Run;
use crate::model::target::Target;
use crate::runner::judge::{Bench, judge};

/// The run that these exchanges make.
pub(crate) fn judged(target: &Target, seen: &[Exchange]) -> Run {
    run(target, None, seen)
}

/// The run that these exchanges make, held against this contract.
pub(crate) fn judged_with(target: &Target, contract: &str, seen: &[Exchange]) -> Run {
    run(target, Some(contract), seen)
}

fn run(target: &Target, contract: Option<&str>, seen: &[Exchange]) -> Run {
    let recording = Recording {
        contract: contract.map(|text| ContractText {
            source: "pinned.yaml".into(),
            text: text.into(),
        }),
        ..Recording::of(target.clone(), seen.to_vec(), Timestamp::UNIX_EPOCH)
    };
    let bench = Bench {
        checks: CHECKS,
        rules: RULES,
        causes: CAUSES,
    };
    let run = judge(&recording, bench);
    blames_are_known(&run);
    run
}

/// A diagnosis blames nobody whom its cause does not know, and says where such a thing comes from.
pub(crate) fn blames_are_known(run: &Run) {
    for diagnosis in &run.diagnoses {
        let cause = CAUSES.iter().find(|cause| cause.id() == diagnosis.cause);
        let leaf = cause
            .unwrap_or_else(|| panic!("{} is no cause", diagnosis.cause))
            .leaf();
        assert!(
            diagnosis.blame == Blame::Unknown || leaf.blames.contains(&diagnosis.blame),
            "{} blames {:?}",
            diagnosis.cause,
            diagnosis.blame
        );
        assert!(!diagnosis.likely_causes.is_empty(), "{}", diagnosis.cause);
    }
}

/// The first cause. Panics, with what was found, when there is none.
pub(crate) fn first(run: &Run) -> &Diagnosis {
    run.diagnoses
        .first()
        .unwrap_or_else(|| panic!("no cause for {:#?}", run.findings))
}

/// The ids of the causes, the likeliest first.
pub(crate) fn causes(run: &Run) -> Vec<&str> {
    run.diagnoses
        .iter()
        .map(|diagnosis| diagnosis.cause.as_str())
        .collect()
}

/// Failures that no cause explains.
pub(crate) fn unexplained(run: &Run) -> Vec<String> {
    run.findings
        .iter()
        .filter(|finding| finding.fails() && finding.explained_by.is_none())
        .map(|finding| format!("{} {}", finding.check, finding.subject))
        .collect()
}
