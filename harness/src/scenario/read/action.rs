//! Criteria, and what is done when they hold.

use crate::scenario::document::{Action, Criterion, Does, Language, Reusable, Target, Word};
use crate::scenario::read::fields::{Object, Reader, Shape};
use crate::scenario::rule;
use crate::scenario::source::Node;
use crate::target::fault::quote;

const CRITERION: Shape = Shape {
    what: "a criterion",
    fields: &["context", "condition", "type"],
    newer: &[],
    required: &["condition"],
    ours: &[],
};
const LANGUAGE: Shape = Shape {
    what: "an expression type",
    fields: &["type", "version"],
    newer: &[],
    required: &["type", "version"],
    ours: &[],
};
const SUCCESS_ACTION: Shape = Shape {
    what: "a success action",
    fields: &["name", "type", "workflowId", "stepId", "criteria"],
    newer: &["parameters"],
    required: &["name", "type"],
    ours: &[],
};
const FAILURE_ACTION: Shape = Shape {
    what: "a failure action",
    fields: &[
        "name",
        "type",
        "workflowId",
        "stepId",
        "retryAfter",
        "retryLimit",
        "criteria",
    ],
    newer: &["parameters"],
    required: &["name", "type"],
    ours: &[],
};

/// The version that a document of 1.0 has to name.
const DRAFT: &str = "draft-goessner-dispatch-jsonpath-00";

impl Reader<'_> {
    pub(in crate::scenario) fn criterion(&mut self, node: &Node) -> Option<Criterion> {
        let object = self.object(node, &CRITERION)?;
        let language = object
            .get("type")
            .map(|member| self.language(&member.node, "type"));
        let language = language.unwrap_or(Language::Simple);
        let context = self.text(&object, "context");
        let condition = self.text(&object, "condition")?;
        if context.is_none() && !matches!(language, Language::Simple | Language::Unspoken) {
            let why = "without a context there is nothing that the condition is applied to";
            let next = "add `context: $response.body`, or what else is meant";
            self.remarks.add(
                &rule::MISSING_FIELD,
                object.at,
                "the criterion has no `context`",
                why,
                next,
            );
        }
        Some(Criterion {
            context,
            condition,
            language,
        })
    }

    /// The language of a condition, a selector or a target.
    pub(in crate::scenario) fn language(&mut self, node: &Node, field: &str) -> Language {
        let (word, version) = match node.members() {
            Some(_) => {
                let Some(object) = self.object(node, &LANGUAGE) else {
                    return Language::Unspoken;
                };
                (self.text(&object, "type"), self.text(&object, "version"))
            }
            None => (self.word(node, field), None),
        };
        let Some(word) = word else {
            return Language::Unspoken;
        };
        let simple = field == "type" && node.members().is_none();
        match word.value.as_str() {
            "simple" if simple => Language::Simple,
            "regex" if simple => Language::Regex,
            "jsonpath" => {
                self.draft(version);
                Language::JsonPath
            }
            "jsonpointer" => Language::JsonPointer,
            "xpath" => {
                let why = "XML is not looked into here";
                let next = "write a `regex` criterion on `$response.body`, or ask for JSON";
                self.remarks
                    .add(&rule::NOT_SUPPORTED, word.at, "XPath is not supported", why, next);
                Language::Unspoken
            }
            other => {
                let what = format!("`{field}` cannot be {}", quote(other));
                let next = "write `simple`, `regex` or `jsonpath`";
                self.remarks.add(
                    &rule::WRONG_VALUE,
                    word.at,
                    what,
                    "no such language is known",
                    next,
                );
                Language::Unspoken
            }
        }
    }

    /// Says that a query is read by the standard, where the document asks for the draft of it.
    fn draft(&mut self, version: Option<Word>) {
        if let Some(version) = version.filter(|version| version.value == DRAFT) {
            let what = "the draft of JSONPath is not spoken";
            let why = "it is read as RFC 9535, which the draft became and does not always agree with";
            let next = "write `type: jsonpath` and the query as RFC 9535 has it";
            self.remarks.add(&rule::SPELLING, version.at, what, why, next);
        }
    }

    /// The actions of a step or a workflow.
    pub(in crate::scenario) fn actions(
        &mut self,
        object: &Object<'_>,
        field: &str,
        failure: bool,
    ) -> Vec<Reusable<Action>> {
        let items = self.list(object, field);
        let read = items.iter().filter_map(|item| match item.member("reference") {
            Some(_) => self.reference(item),
            None => self.action(item, failure).map(Reusable::Here),
        });
        read.collect()
    }

    pub(in crate::scenario) fn action(&mut self, node: &Node, failure: bool) -> Option<Action> {
        let (shape, types): (_, &[&str]) = match failure {
            true => (&FAILURE_ACTION, &["end", "goto", "retry"]),
            false => (&SUCCESS_ACTION, &["end", "goto"]),
        };
        let object = self.object(node, shape)?;
        let does = self.one_of(&object, "type", types);
        let after = self.number(&object, "retryAfter").unwrap_or(0.0);
        let limit = self.whole(&object, "retryLimit").unwrap_or(1);
        let does = match does? {
            0 => Does::End,
            1 => Does::Goto,
            _ => Does::Retry { after, limit },
        };
        let target = self.target(&object, &does);
        let criteria = self.list(&object, "criteria");
        Some(Action {
            name: self.text(&object, "name")?,
            target,
            criteria: criteria
                .iter()
                .filter_map(|criterion| self.criterion(criterion))
                .collect(),
            parameters: self.parameters(&object),
            does,
        })
    }

    fn target(&mut self, object: &Object<'_>, does: &Does) -> Option<Target> {
        let step = self.text(object, "stepId").map(Target::Step);
        let workflow = self.text(object, "workflowId").map(Target::Workflow);
        let mut fault = |field: &str, what: &str, why: &str, next: &str| {
            self.remarks
                .add(&rule::ACTION, object.place(field), what, why, next);
        };
        match (does, &step, &workflow) {
            (_, Some(_), Some(_)) => {
                fault(
                    "workflowId",
                    "the action leads to two places",
                    "only one can be meant",
                    "keep `stepId` or `workflowId`",
                );
            }
            (Does::Goto, None, None) => {
                let why = "a `goto` goes on with a step or a workflow";
                fault(
                    "type",
                    "the action leads nowhere",
                    why,
                    "add `stepId` or `workflowId`",
                );
            }
            (Does::End, Some(_), _) => {
                fault(
                    "stepId",
                    "an action that ends the workflow leads nowhere",
                    "`stepId` has no effect here",
                    "write `type: goto`, or take it away",
                );
            }
            (Does::End, _, Some(_)) => {
                fault(
                    "workflowId",
                    "an action that ends the workflow leads nowhere",
                    "`workflowId` has no effect here",
                    "write `type: goto`, or take it away",
                );
            }
            _ => {}
        }
        self.retries(object, does);
        step.or(workflow)
    }

    fn retries(&mut self, object: &Object<'_>, does: &Does) {
        let Does::Retry { limit, .. } = does else {
            for member in ["retryAfter", "retryLimit"]
                .iter()
                .filter_map(|field| object.get(field))
            {
                let what = format!("`{}` has no effect here", member.key);
                let next = "write `type: retry`, or take it away";
                self.remarks
                    .add(&rule::ACTION, member.at, what, "the action does not retry", next);
            }
            return;
        };
        if *limit == 0 {
            let (what, why) = ("the action retries nothing", "its `retryLimit` is 0");
            let next = "write how often, or `type: end`";
            self.remarks
                .add(&rule::ACTION, object.place("retryLimit"), what, why, next);
        }
    }
}
