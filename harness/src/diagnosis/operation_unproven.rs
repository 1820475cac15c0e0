//! Nobody has shown that an operation works which must.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct OperationUnproven;

const DIRECT: Direct = Direct {
    cause: "operation-unproven",
    check: "contract/operations-succeed",
    blame: Blame::Checker,
    next: &[
        "Let the run prove it: a [[prove]] table of the profile with its call, and leave for what it costs (--allow)",
        "If it was called and refused, give the run a credential that it takes (--token-env VAR)",
        "If it is gone, take it out of the contract with its clients",
    ],
    whole_answers: false,
};

impl Cause for OperationUnproven {
    fn id(&self) -> &'static str {
        "operation-unproven"
    }

    fn about(&self) -> &'static str {
        "An operation that must be seen to succeed was not: it may work, and nobody has shown it."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Limits,
            blames: &[Blame::Checker],
            needs: "A run with --require-success or --min-coverage, and an operation of the contract that nobody was seen to call with success.",
            likely: &[
                "The operation is new, and no proof of it was written",
                "The run had no credential, or no leave to pay or to write",
                "It needs an id or an input that only a profile can give",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
