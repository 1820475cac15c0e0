//! Names and texts of a draft: what a name may hold, what would be taken for an expression, and the documents as YAML.

use serde::Serialize;

use crate::draft::document::{Criterion, Info, Inputs, Scenario, Source, Step, Workflow};
use crate::draft::maker::Maker;
use crate::draft::{Draft, NoDraft, Setting};
use crate::scenario::expression::Expression;

/// What drafts call their contract.
pub(super) const SOURCE: &str = "api";

/// A text as a name: of what is allowed in one alone.
pub(super) fn name_of(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    let name = name.trim_matches('-').to_owned();
    match name.chars().any(|c| c.is_ascii_alphabetic()) {
        true => name,
        false => format!("value{name}"),
    }
}

/// Whether a text would not be taken for itself where expressions may stand.
pub(super) fn is_written_like_an_expression(text: &str) -> bool {
    Expression::is_meant(text) || text.contains("{$")
}

/// An id for an operation: `postNotesById`.
pub(super) fn operation_id(method: &str, template: &str) -> String {
    let mut id = method.to_ascii_lowercase();
    for segment in template.split('/').filter(|segment| !segment.is_empty()) {
        if segment.starts_with('{') {
            id.push_str("By");
        }
        let words = segment.split(|c: char| !c.is_ascii_alphanumeric());
        for word in words.filter(|word| !word.is_empty()) {
            let mut chars = word.chars();
            id.extend(chars.next().map(|c| c.to_ascii_uppercase()));
            id.push_str(chars.as_str());
        }
    }
    id
}

/// The criteria of a step whose success is this status, or any that is one.
pub(super) fn criteria(status: Option<u16>) -> Vec<Criterion> {
    let conditions = match status {
        Some(status) => vec![format!("$statusCode == {status}")],
        None => vec!["$statusCode >= 200".to_owned(), "$statusCode < 300".to_owned()],
    };
    conditions
        .into_iter()
        .map(|condition| Criterion { condition })
        .collect()
}

/// The finished draft.
pub(super) fn draft(
    maker: &Maker,
    setting: &Setting<'_>,
    origin: Option<String>,
    contract: Option<String>,
    notes: Vec<String>,
) -> Result<Draft, NoDraft> {
    let inputs = maker.inputs();
    let needs: Vec<String> = inputs
        .iter()
        .filter(|(_, input)| input.default.is_none())
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let info = || Info {
        title: setting.title,
        version: "1.0.0",
    };
    let first = maker
        .steps
        .first()
        .map_or("", |step: &Step| step.step_id.as_str());
    let scenario = Scenario {
        arazzo: "1.0.1",
        info: info(),
        source_descriptions: [Source {
            name: SOURCE,
            url: setting.source,
            kind: "openapi",
        }],
        origin,
        workflows: [Workflow {
            workflow_id: if maker.steps.len() == 1 {
                format!("{first}Works")
            } else {
                "journey".to_owned()
            },
            inputs: (!inputs.is_empty()).then(|| Inputs {
                kind: "object",
                required: inputs
                    .iter()
                    .filter(|(_, input)| input.default.is_none())
                    .map(|(name, _)| *name)
                    .collect(),
                properties: inputs,
            }),
            steps: &maker.steps,
        }],
    };
    Ok(Draft {
        scenario: yaml(&scenario)?,
        contract,
        steps: maker.steps.len(),
        needs,
        server: None,
        notes,
    })
}

/// A document as YAML.
pub(super) fn yaml(document: &impl Serialize) -> Result<String, NoDraft> {
    serde_saphyr::to_string(document).map_err(|error| NoDraft {
        what: "the draft cannot be written as YAML".to_owned(),
        why: error.to_string(),
        next: "leave out the call with the odd value".to_owned(),
    })
}
