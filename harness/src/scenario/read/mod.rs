//! From the tree of a text to the objects of the specification. What cannot be read is told and left out, so that the rest
//! can be judged all the same.

mod action;
mod fields;
mod step;

use crate::scenario::document::{
    Components, Document, Output, SourceDescription, SourceKind, Version, Word, Workflow,
};
use crate::scenario::read::fields::{Object, Reader, Shape};
use crate::scenario::remark::Remarks;
use crate::scenario::rule;
use crate::scenario::source::{Node, Tree};
use crate::target::fault::quote;

const DOCUMENT: Shape = Shape {
    what: "an Arazzo document",
    fields: &["arazzo", "info", "sourceDescriptions", "workflows", "components"],
    newer: &["$self"],
    required: &["info", "sourceDescriptions", "workflows"],
    ours: &["suite", "origin"],
};
const INFO: Shape = Shape {
    what: "`info`",
    fields: &["title", "summary", "description", "version"],
    newer: &[],
    required: &["title", "version"],
    ours: &[],
};
const SOURCE: Shape = Shape {
    what: "a source description",
    fields: &["name", "url", "type"],
    newer: &[],
    required: &["name", "url"],
    ours: &[],
};
const WORKFLOW: Shape = Shape {
    what: "a workflow",
    fields: &[
        "workflowId",
        "summary",
        "description",
        "inputs",
        "dependsOn",
        "steps",
        "successActions",
        "failureActions",
        "outputs",
        "parameters",
    ],
    newer: &[],
    required: &["workflowId", "steps"],
    ours: &["effect", "suite", "origin"],
};
const COMPONENTS: Shape = Shape {
    what: "`components`",
    fields: &["inputs", "parameters", "successActions", "failureActions"],
    newer: &[],
    required: &[],
    ours: &[],
};

/// Reads a document. `None` when it is none of a version that is understood.
pub fn document(root: &Node, remarks: &mut Remarks) -> Option<Document> {
    let version = version(root, remarks)?;
    let mut reader = Reader { version, remarks };
    let object = reader.object(root, &DOCUMENT)?;
    reader.info(&object);
    let sources = reader.full_list(&object, "sourceDescriptions");
    let sources = sources
        .iter()
        .filter_map(|source| reader.source(source))
        .collect();
    let workflows = reader.full_list(&object, "workflows");
    let workflows = workflows
        .iter()
        .filter_map(|workflow| reader.workflow(workflow))
        .collect();
    let workflows: Vec<Workflow> = workflows;
    let origin = own_text(&object, "x-greenlight-origin");
    let suite = own_text(&object, "x-greenlight-suite");
    let workflows = workflows.into_iter().map(|workflow| Workflow {
        suite: workflow.suite.clone().or_else(|| suite.clone()),
        ..inherited(workflow, origin.as_ref(), None)
    });
    let workflows = workflows.collect();
    let components = object
        .get("components")
        .map(|member| reader.components(&member.node));
    Some(Document {
        version,
        sources,
        workflows,
        components: components.unwrap_or_default(),
    })
}

/// An extension of our own that is a text.
fn own_text(object: &Object<'_>, field: &str) -> Option<Word> {
    let node = &object.get(field)?.node;
    Some(Word {
        value: node.text()?.to_owned(),
        at: node.at,
    })
}

/// What is said of a workflow, or of the document, holds for each of its steps that says nothing else.
fn inherited(mut workflow: Workflow, origin: Option<&Word>, effect: Option<&Word>) -> Workflow {
    for step in &mut workflow.steps {
        let ours = &mut step.ours;
        ours.origin = ours.origin.take().or_else(|| origin.cloned());
        ours.effect = ours.effect.take().or_else(|| effect.cloned());
    }
    workflow
}

/// The version that a document says it follows.
fn version(root: &Node, remarks: &mut Remarks) -> Option<Version> {
    const WHAT: &str = "this is no Arazzo document of a version that is understood";
    let Some(member) = root.member("arazzo") else {
        let why = match root.member("openapi").or_else(|| root.member("swagger")) {
            Some(_) => "it is an OpenAPI document",
            None => "it has no field `arazzo` that names the version",
        };
        let next = "begin the document with `arazzo: 1.0.1` or `arazzo: 1.1.0`";
        remarks.add(
            &rule::VERSION,
            root.members()
                .and_then(<[_]>::first)
                .map_or(root.at, |first| first.at),
            WHAT,
            why,
            next,
        );
        return None;
    };
    let text = match &member.node.tree {
        Tree::Text(text) => text.clone(),
        Tree::Number(number) => number.to_string(),
        _ => member.node.kind().to_owned(),
    };
    let mut parts = text.split('.');
    match (parts.next(), parts.next()) {
        (Some("1"), Some("0")) => Some(Version::V1_0),
        (Some("1"), Some("1")) => Some(Version::V1_1),
        _ => {
            let why = format!("its version is {}, and 1.0 and 1.1 are understood", quote(&text));
            remarks.add(
                &rule::VERSION,
                member.node.at,
                WHAT,
                why,
                "write `arazzo: 1.0.1` or `arazzo: 1.1.0`",
            );
            None
        }
    }
}

impl Reader<'_> {
    fn info(&mut self, document: &Object<'_>) {
        let Some(info) = document
            .get("info")
            .and_then(|member| self.object(&member.node, &INFO))
        else {
            return;
        };
        self.text(&info, "title");
        // YAML writers forget the quotes of a version.
        if !info
            .get("version")
            .is_some_and(|member| matches!(member.node.tree, Tree::Number(_)))
        {
            self.text(&info, "version");
        }
    }

    fn source(&mut self, node: &Node) -> Option<SourceDescription> {
        let object = self.object(node, &SOURCE)?;
        let kind = match object.get("type").and_then(|member| member.node.text()) {
            Some("asyncapi") => {
                let at = object.get("type").map_or(object.at, |member| member.node.at);
                let why = "only HTTP is spoken here";
                let next = "move the workflows that send messages into a document of their own";
                self.remarks.add(
                    &rule::NOT_SUPPORTED,
                    at,
                    "AsyncAPI sources are not supported",
                    why,
                    next,
                );
                None
            }
            _ => match self.one_of(&object, "type", &["openapi", "arazzo"]) {
                Some(0) => Some(SourceKind::OpenApi),
                Some(_) => Some(SourceKind::Arazzo),
                None => None,
            },
        };
        let name = self.text(&object, "name");
        if let Some(name) = &name {
            self.id(name);
        }
        Some(SourceDescription {
            name: name?,
            url: self.text(&object, "url")?,
            kind,
        })
    }

    /// Holds the id of a source, a workflow or a step to the letters that an expression can spell; a dot ends it there.
    pub(in crate::scenario) fn id(&mut self, id: &Word) {
        self.name(id);
        if id.value.contains('.') {
            let what = format!("{} cannot be named in every expression", quote(&id.value));
            let why =
                "the id of a source, a workflow or a step ends at the dot (Arazzo 1.1 §Runtime Expressions)";
            self.remarks.add(
                &rule::NAME,
                id.at,
                what,
                why,
                "write `-` or `_` in place of the dot",
            );
        }
    }

    fn workflow(&mut self, node: &Node) -> Option<Workflow> {
        let object = self.object(node, &WORKFLOW)?;
        let id = self.text(&object, "workflowId");
        if let Some(id) = &id {
            self.id(id);
        }
        let steps = self.full_list(&object, "steps");
        let workflow = Workflow {
            id: id.unwrap_or_else(|| Word {
                value: String::new(),
                at: object.at,
            }),
            inputs: object.get("inputs").map(|member| member.node.clone()),
            depends_on: self.texts(&object, "dependsOn"),
            steps: steps.iter().filter_map(|step| self.step(step)).collect(),
            success_actions: self.actions(&object, "successActions", false),
            failure_actions: self.actions(&object, "failureActions", true),
            outputs: self.outputs(&object),
            parameters: self.parameters(&object),
            suite: own_text(&object, "x-greenlight-suite"),
        };
        let (origin, effect) = (
            own_text(&object, "x-greenlight-origin"),
            own_text(&object, "x-greenlight-effect"),
        );
        Some(inherited(workflow, origin.as_ref(), effect.as_ref()))
    }

    /// The outputs of a step or a workflow.
    pub(in crate::scenario) fn outputs(&mut self, object: &Object<'_>) -> Vec<Output> {
        let outputs = self.named(object, "outputs");
        let output = |(name, value): (Word, &Node)| Output {
            name,
            value: value.clone(),
        };
        outputs.into_iter().map(output).collect()
    }

    fn components(&mut self, node: &Node) -> Components {
        let Some(object) = self.object(node, &COMPONENTS) else {
            return Components::default();
        };
        let inputs = self.named(&object, "inputs");
        let parameters = self.named(&object, "parameters");
        let success = self.named(&object, "successActions");
        let failure = self.named(&object, "failureActions");
        Components {
            inputs: inputs
                .into_iter()
                .map(|(name, schema)| (name, schema.clone()))
                .collect(),
            parameters: parameters
                .into_iter()
                .filter_map(|(name, node)| Some((name, self.parameter(node)?)))
                .collect(),
            success_actions: success
                .into_iter()
                .filter_map(|(name, node)| Some((name, self.action(node, false)?)))
                .collect(),
            failure_actions: failure
                .into_iter()
                .filter_map(|(name, node)| Some((name, self.action(node, true)?)))
                .collect(),
        }
    }
}
