//! The preflight is refused as browsers write it, and allowed as people do: whoever answers it looks header names up with regard
//! to case, or splits their list at `, `.

use crate::check::pages::{self, Preflight};
use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct PreflightParsedStrictly;

impl Cause for PreflightParsedStrictly {
    fn id(&self) -> &'static str {
        "preflight-parsed-strictly"
    }

    fn about(&self) -> &'static str {
        "The preflight's list of headers is read only in a spelling that no browser sends."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Deploy],
            needs: "Two preflights that differ in spelling alone: as browsers write it, refused; with capitals and spaces, allowed.",
            likely: &[
                "A hand-written handler compares Access-Control-Request-Headers as one string",
                "Header names are compared with regard to case",
                "A gateway's rule matches the list by a pattern made from curl examples",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let stopped = browser::stopped(case);
        let passing = stopped
            .iter()
            .find_map(|one| Some((one, passes_otherwise(case, &one.preflight)?)));
        let (first, otherwise) = passing?;
        // The others were not tried in the other spelling; the same reader refused them in the same way.
        let alike: Vec<&Exchange> = stopped
            .iter()
            .filter(|one| one.reply.status == first.reply.status)
            .map(|one| one.exchange)
            .collect();
        let names = first.preflight.need.header_names.join(",");
        let mut evidence = vec![format!(
            "Access-Control-Request-Headers: {names} is refused, as every browser sends it"
        )];
        evidence.push(format!(
            "the same names with capitals and spaces pass (HTTP {})",
            otherwise.status().unwrap_or_default()
        ));
        evidence.extend(words::seen(&alike));
        let mut next_steps = vec![
            "Split Access-Control-Request-Headers at commas, trim each name, and compare without regard to case".to_owned(),
        ];
        next_steps.extend(browser::curl(case, first.exchange));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "The preflight of {} is read in a spelling that no browser sends: lower-case names without spaces are refused",
                first.preflight.made.call
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: vec!["the list of headers: it holds the page's, in another spelling".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(browser::blocked(case, &alike)),
        })
    }
}

/// The answer to the same preflight in another spelling, when that lets the call through.
fn passes_otherwise<'c>(case: &Case<'c>, preflight: &Preflight<'_>) -> Option<&'c Exchange> {
    let probe = pages::spelt_by_people(preflight)?;
    let (exchange, reply) = case.view.answer(&probe)?;
    preflight.judge(reply).is_ok().then_some(exchange)
}
