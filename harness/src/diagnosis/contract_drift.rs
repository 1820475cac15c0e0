//! The service no longer keeps what the contract promises, in its answers or in the document that it serves.

use crate::check::transcript::{Heard, heard};
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::finding::Finding;

/// The cause.
pub struct ContractDrift;

impl Cause for ContractDrift {
    fn id(&self) -> &'static str {
        "contract-drift"
    }

    fn about(&self) -> &'static str {
        "A field, type or operation is not what the contract promises; clients that keep to it break behind a 200."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "Answers, or the served document, held against the pinned contract.",
            likely: &[
                "A field was renamed, made null or given another type without a new version",
                "The serialiser changed with a library: dates, decimals, enums, camel case",
                "The pinned contract is older than an agreed change",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let fails = |finding: &&Finding| finding.fails();
        let answers: Vec<&Finding> = case
            .of("contract/responses-conform")
            .into_iter()
            .filter(fails)
            .collect();
        let document: Vec<&Finding> = case
            .of("contract/served-is-pinned")
            .into_iter()
            .filter(fails)
            .collect();
        let first = answers.first().or(document.first())?;
        let statement = match (answers.is_empty(), document.is_empty()) {
            (false, false) => format!(
                "Answers and served contract are not what was promised: {}",
                first.title
            ),
            (false, true) => first.title.clone(),
            (true, _) => first.title.clone(),
        };
        let drifted: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| {
                answers
                    .iter()
                    .any(|finding| finding.exchanges.contains(&exchange.id))
            })
            .collect();
        // What a proof or a transcript misses in the same answer is the same fault.
        let missed = case.about(&drifted).into_iter().filter(|finding| {
            let journey = finding.check.starts_with("journey/") && !is_empty_speech(case, finding);
            journey || finding.check.starts_with("contract/")
        });
        let mut evidence: Vec<String> = answers
            .iter()
            .chain(&document)
            .take(3)
            .map(|finding| format!("{}: {}", finding.subject, finding.actual))
            .collect();
        if answers.is_empty() {
            evidence.push("every answer of this run kept the pinned contract".to_owned());
        }
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement,
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                format!(
                    "curl -s {}{} | diff PINNED - shows every change of the document",
                    case.view.target.base,
                    case.view.target.routes.contract.as_deref().unwrap_or("/openapi.json")
                ),
                "Restore the old field beside the new one, or agree the change with every client and pin the new contract".to_owned(),
            ],
            explains: explained(answers.into_iter().chain(document).chain(missed)),
        })
    }
}

/// Whether speech gave a text that is where it belongs, with nothing in it: no drift makes that.
fn is_empty_speech(case: &Case<'_>, finding: &Finding) -> bool {
    let role = case.view.target.transcription.as_ref();
    let shown = case
        .shown(finding)
        .and_then(|exchange| Some((exchange, exchange.answer()?)));
    let blank = role
        .zip(shown)
        .map(|(role, (exchange, reply))| heard(role, exchange, reply) == Heard::Blank);
    finding.check == "journey/speech-is-transcribed" && blank == Some(true)
}

#[cfg(test)]
mod tests {
    use crate::check::asks;
    use crate::check::testing::{answered, cors, target};
    use crate::diagnosis::whole_tests::{causes, first, judged_with, unexplained};
    use crate::model::run::Run;
    use crate::model::target::{Expect, Expectation};

    const PINNED: &str = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {/summaries: {post: {responses: {'200': \
                          {description: '', content: {application/json: {schema: {type: object, required: [summary]}}}}}}}}";

    fn run(status: u16, body: &str) -> Run {
        let mut target = target();
        target.proofs[0].expect = vec![Expectation {
            at: "/summary".into(),
            expect: Expect::Nonempty,
        }];
        let mut headers = cors();
        headers.push(("content-type", "application/json"));
        let seen = [
            answered(1, &asks::read("/health"), 200, &headers, r#"{"status":"ok"}"#),
            answered(
                2,
                &asks::proof(&target, &target.proofs[0]),
                status,
                &headers,
                body,
            ),
        ];
        judged_with(&target, PINNED, &seen)
    }

    #[test]
    fn a_renamed_field_is_named_and_explains_the_proof_that_missed_it() {
        let run = run(200, r#"{"summaryText":"x"}"#);
        assert_eq!(first(&run).cause, "contract-drift");
        assert_eq!(unexplained(&run), Vec::<String>::new());
    }

    #[test]
    fn a_crash_is_not_drift() {
        assert!(!causes(&run(500, "{}")).contains(&"contract-drift"));
        assert_eq!(causes(&run(200, r#"{"summary":"x"}"#)), Vec::<&str>::new());
    }
}
