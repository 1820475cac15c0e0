//! Steps, and what they send.

use crate::scenario::document::{
    Call, Enclosed, Language, Ours, Parameter, Place, Replacement, RequestBody, Reusable, Step, Version, Word,
};
use crate::scenario::read::fields::{Object, Reader, Shape};
use crate::scenario::rule;
use crate::scenario::source::{Node, Tree};

const STEP: Shape = Shape {
    what: "a step",
    fields: &[
        "stepId",
        "description",
        "operationId",
        "operationPath",
        "workflowId",
        "parameters",
        "requestBody",
        "successCriteria",
        "onSuccess",
        "onFailure",
        "outputs",
    ],
    newer: &["timeout", "dependsOn", "channelPath", "correlationId", "action"],
    required: &["stepId"],
    ours: &["effect", "origin", "cleanup", "expect-5xx"],
};
const PARAMETER: Shape = Shape {
    what: "a parameter",
    fields: &["name", "in", "value"],
    newer: &[],
    required: &["name", "value"],
    ours: &[],
};
const REUSABLE: Shape = Shape {
    what: "a reference",
    fields: &["reference", "value"],
    newer: &[],
    required: &["reference"],
    ours: &[],
};
const BODY: Shape = Shape {
    what: "a request body",
    fields: &["contentType", "payload", "replacements"],
    newer: &[],
    required: &[],
    ours: &["file"],
};
const REPLACEMENT: Shape = Shape {
    what: "a replacement",
    fields: &["target", "value"],
    newer: &["targetSelectorType"],
    required: &["target", "value"],
    ours: &[],
};
const FILE: Shape = Shape {
    what: "`x-greenlight-file`",
    fields: &["path", "target", "contentType"],
    newer: &[],
    required: &["path"],
    ours: &[],
};
const DIRECT: Shape = Shape {
    what: "`x-operation`",
    fields: &["method", "url"],
    newer: &[],
    required: &["method", "url"],
    ours: &[],
};
/// What tells a step what it calls.
const CALLS: &[&str] = &["operationId", "operationPath", "workflowId", "x-operation"];

impl Reader<'_> {
    pub(in crate::scenario) fn step(&mut self, node: &Node) -> Option<Step> {
        let object = self.object(node, &STEP)?;
        let id = self.text(&object, "stepId");
        if let Some(id) = &id {
            self.id(id);
        }
        self.messages(&object);
        let id = id.unwrap_or_else(|| Word {
            value: String::new(),
            at: object.at,
        });
        let criteria = self.full_list(&object, "successCriteria");
        Some(Step {
            call: self.call(&object),
            parameters: self.parameters(&object),
            body: object
                .get("requestBody")
                .and_then(|member| self.body(&member.node)),
            criteria: criteria
                .iter()
                .filter_map(|criterion| self.criterion(criterion))
                .collect(),
            on_success: self.actions(&object, "onSuccess", false),
            on_failure: self.actions(&object, "onFailure", true),
            outputs: self.outputs(&object),
            depends_on: self.texts(&object, "dependsOn"),
            timeout: self.whole(&object, "timeout"),
            ours: self.ours(&object),
            id,
        })
    }

    /// Refuses what only a step of AsyncAPI has.
    fn messages(&mut self, object: &Object<'_>) {
        let asynchronous = ["channelPath", "correlationId", "action"];
        let found = asynchronous.iter().find_map(|field| object.get(field));
        if let Some(member) = found.filter(|_| self.version >= Version::V1_1) {
            let what = format!("`{}` is of AsyncAPI, which is not supported", member.key);
            let next = "move the workflows that send messages into a document of their own";
            self.remarks.add(
                &rule::NOT_SUPPORTED,
                member.at,
                what,
                "only HTTP is spoken here",
                next,
            );
        }
    }

    fn call(&mut self, object: &Object<'_>) -> Option<Call> {
        let said: Vec<&str> = CALLS
            .iter()
            .copied()
            .filter(|field| object.get(field).is_some())
            .collect();
        match said.as_slice() {
            ["operationId"] => self.text(object, "operationId").map(Call::OperationId),
            ["operationPath"] => self.text(object, "operationPath").map(Call::OperationPath),
            ["workflowId"] => self.text(object, "workflowId").map(Call::Workflow),
            ["x-operation"] => {
                let member = object.get("x-operation")?;
                let direct = self.object(&member.node, &DIRECT)?;
                Some(Call::Direct {
                    method: self.text(&direct, "method")?,
                    url: self.text(&direct, "url")?,
                })
            }
            [] if object.get("channelPath").is_some() => None,
            [] => {
                let why = "a step calls an operation or a workflow";
                let next = "add one of `operationId`, `operationPath` and `workflowId`";
                self.remarks.add(
                    &rule::MISSING_FIELD,
                    object.place("stepId"),
                    "the step calls nothing",
                    why,
                    next,
                );
                None
            }
            [_, second, ..] => {
                let why = format!("only one of them can be meant: {}", said.join(", "));
                let what = "the step calls several things";
                self.remarks.add(
                    &rule::WRONG_VALUE,
                    object.place(second),
                    what,
                    why,
                    "make a step of each",
                );
                None
            }
            [_] => None,
        }
    }

    fn ours(&mut self, object: &Object<'_>) -> Ours {
        let text = |field: &str| {
            let node = &object.get(field)?.node;
            Some(Word {
                value: node.text()?.to_owned(),
                at: node.at,
            })
        };
        let node = |field: &str| object.get(field).map(|member| member.node.clone());
        Ours {
            effect: text("x-greenlight-effect"),
            origin: text("x-greenlight-origin"),
            cleanup: object
                .get("x-greenlight-cleanup")
                .is_some_and(|member| member.node.tree == Tree::Bool(true)),
            expect_5xx: text("x-greenlight-expect-5xx"),
            server_url: self.text(object, "x-serverUrl"),
            security: node("x-security"),
        }
    }

    /// The parameters of a step, a workflow or an action.
    pub(in crate::scenario) fn parameters(&mut self, object: &Object<'_>) -> Vec<Reusable<Parameter>> {
        let items = self.list(object, "parameters");
        let read = items.iter().filter_map(|item| match item.member("reference") {
            Some(_) => self.reference(item),
            None => self.parameter(item).map(Reusable::Here),
        });
        read.collect()
    }

    /// The name of an object among the components.
    pub(in crate::scenario) fn reference<T>(&mut self, node: &Node) -> Option<Reusable<T>> {
        let object = self.object(node, &REUSABLE)?;
        Some(Reusable::Named {
            reference: self.text(&object, "reference")?,
            value: object.get("value").map(|member| member.node.clone()),
        })
    }

    pub(in crate::scenario) fn parameter(&mut self, node: &Node) -> Option<Parameter> {
        const PLACES: &[Place] = &[
            Place::Path,
            Place::Query,
            Place::Header,
            Place::Cookie,
            Place::QueryString,
        ];
        let object = self.object(node, &PARAMETER)?;
        let place = match object.get("in").and_then(|member| member.node.text()) {
            Some("body") => {
                let at = object.get("in").map_or(object.at, |member| member.node.at);
                let why = "the body of a request is no parameter";
                let next = "write it as the step's `requestBody`";
                self.remarks
                    .add(&rule::WRONG_VALUE, at, "`in` cannot be `body`", why, next);
                None
            }
            _ => {
                let known = if self.version >= Version::V1_1 {
                    PLACES.len()
                } else {
                    PLACES.len() - 1
                };
                let words: Vec<&str> = PLACES.iter().take(known).map(|place| place.word()).collect();
                self.one_of(&object, "in", &words)
                    .and_then(|at| PLACES.get(at).copied())
            }
        };
        Some(Parameter {
            name: self.text(&object, "name")?,
            place,
            value: object.get("value")?.node.clone(),
        })
    }

    fn body(&mut self, node: &Node) -> Option<RequestBody> {
        let object = self.object(node, &BODY)?;
        let replacements = self.list(&object, "replacements");
        Some(RequestBody {
            content_type: self.text(&object, "contentType"),
            payload: object.get("payload").map(|member| member.node.clone()),
            replacements: replacements
                .iter()
                .filter_map(|item| self.replacement(item))
                .collect(),
            files: self.files(&object),
        })
    }

    /// The files of a body: the path of one that is the whole body, one, or a list of them.
    fn files(&mut self, body: &Object<'_>) -> Vec<Enclosed> {
        let Some(member) = body.get("x-greenlight-file") else {
            return Vec::new();
        };
        let files: Vec<Enclosed> = match &member.node.tree {
            Tree::List(items) => items.iter().filter_map(|item| self.file(item)).collect(),
            _ => self.file(&member.node).into_iter().collect(),
        };
        let others = body.get("payload").is_some() || files.len() > 1;
        if let Some(whole) = files.iter().find(|file| file.target.is_none()).filter(|_| others) {
            self.remarks.add(
                &rule::WRONG_VALUE,
                whole.path.at,
                "the file has no place in the body",
                "without `target` it is the whole body, and there is more in this one",
                "say where it goes, such as `target: /audio_file`",
            );
        }
        files
    }

    fn file(&mut self, node: &Node) -> Option<Enclosed> {
        if node.text().is_some() {
            return Some(Enclosed {
                path: self.word(node, "x-greenlight-file")?,
                target: None,
                content_type: None,
            });
        }
        let object = self.object(node, &FILE)?;
        let target = self.text(&object, "target");
        if let Some(target) = target.as_ref().filter(|target| !target.value.starts_with('/')) {
            let next = format!(
                "write `/{}`",
                target.value.trim_start_matches(['#', '$', '.', '/'])
            );
            self.remarks.add(
                &rule::WRONG_VALUE,
                target.at,
                "`target` is no JSON Pointer to a member",
                "the pointers of RFC 6901 begin with `/`",
                next,
            );
        }
        Some(Enclosed {
            path: self.text(&object, "path")?,
            target,
            content_type: self.text(&object, "contentType"),
        })
    }

    fn replacement(&mut self, node: &Node) -> Option<Replacement> {
        let object = self.object(node, &REPLACEMENT)?;
        let target = self.text(&object, "target")?;
        let language = object
            .get("targetSelectorType")
            .map(|member| self.language(&member.node, "targetSelectorType"));
        Some(Replacement {
            target,
            language: language.unwrap_or(Language::JsonPointer),
            value: object.get("value")?.node.clone(),
        })
    }
}
