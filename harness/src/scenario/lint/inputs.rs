//! Which inputs a workflow declares (JSON Schema 2020-12, as far as it lists properties).

use crate::scenario::document::{Document, Workflow};
use crate::scenario::lint::Judge;
use crate::scenario::lint::resolve::instead;
use crate::scenario::rule;
use crate::scenario::source::{Node, Tree};
use crate::target::fault::quote;

/// How many references in a row are followed.
const HOPS: usize = 16;
/// Where a schema of inputs that is used in several places stands.
const COMPONENT: &str = "#/components/inputs/";
/// Keywords that bring in properties which are not listed.
const OPENING: &[&str] = &[
    "anyOf",
    "oneOf",
    "if",
    "patternProperties",
    "$dynamicRef",
    "dependentSchemas",
];

/// The inputs that a schema lists.
#[derive(Debug, Default)]
pub(in crate::scenario) struct Declared<'s> {
    /// Their names.
    pub(in crate::scenario) names: Vec<&'s str>,
    /// Those that must be given.
    pub(in crate::scenario) required: Vec<&'s str>,
    /// Whether there may be others that it does not list.
    pub(in crate::scenario) open: bool,
}

/// The inputs of a workflow; `None` when it declares none.
pub(in crate::scenario) fn declared<'s>(
    document: &'s Document,
    workflow: &'s Workflow,
) -> Option<Declared<'s>> {
    let mut declared = Declared::default();
    collect(document, workflow.inputs.as_ref()?, &mut declared, HOPS);
    declared.open |= declared.names.is_empty();
    Some(declared)
}

fn collect<'s>(document: &'s Document, schema: &'s Node, declared: &mut Declared<'s>, hops: usize) {
    let opening = |keyword: &&str| schema.member(keyword).is_some();
    let more = schema.member("additionalProperties");
    let more = more.is_some_and(|member| member.node.tree != Tree::Bool(false));
    declared.open |= hops == 0 || more || OPENING.iter().any(opening);
    if hops == 0 {
        return;
    }
    if let Some(reference) = schema.member("$ref") {
        match reference.node.text().and_then(|text| component(document, text)) {
            Some(schema) => collect(document, schema, declared, hops - 1),
            None => declared.open = true,
        }
    }
    let properties = schema
        .member("properties")
        .and_then(|member| member.node.members());
    for property in properties.into_iter().flatten() {
        let default = property.node.member("default").is_some();
        declared.names.push(&property.key);
        if default {
            declared.required.retain(|required| *required != property.key);
        }
    }
    let required = schema.member("required").map(|member| &member.node.tree);
    if let Some(Tree::List(required)) = required {
        let without_default = |name: &&str| {
            let own = properties
                .into_iter()
                .flatten()
                .find(|property| property.key == **name);
            own.is_none_or(|property| property.node.member("default").is_none())
        };
        declared
            .required
            .extend(required.iter().filter_map(Node::text).filter(without_default));
    }
    if let Some(Tree::List(parts)) = schema.member("allOf").map(|member| &member.node.tree) {
        for part in parts.iter().take(HOPS) {
            collect(document, part, declared, hops - 1);
        }
    }
}

/// The schema that a reference into this document's components names.
fn component<'s>(document: &'s Document, reference: &str) -> Option<&'s Node> {
    let name = reference.strip_prefix(COMPONENT)?;
    let inputs = &document.components.inputs;
    inputs
        .iter()
        .find(|(known, _)| known.value == name)
        .map(|(_, schema)| schema)
}

impl<'s> Judge<'s, '_> {
    /// Every reference in a schema of inputs leads somewhere.
    pub(in crate::scenario) fn input_references(&mut self) {
        let document = self.document;
        let workflows = document
            .workflows
            .iter()
            .filter_map(|workflow| workflow.inputs.as_ref());
        let components = document.components.inputs.iter().map(|(_, schema)| schema);
        for schema in workflows.chain(components) {
            self.references_in(schema);
        }
    }

    fn references_in(&mut self, schema: &'s Node) {
        match &schema.tree {
            Tree::Map(members) => {
                for member in members {
                    let reference = member.node.text().filter(|_| member.key == "$ref");
                    if let Some(name) = reference.and_then(|text| text.strip_prefix(COMPONENT))
                        && component(self.document, &format!("{COMPONENT}{name}")).is_none()
                        && !name.contains('/')
                    {
                        let known = self
                            .document
                            .components
                            .inputs
                            .iter()
                            .map(|(name, _)| name.value.as_str());
                        let what = format!("the components' inputs have no {}", quote(name));
                        let next = instead(name, known);
                        self.remarks.add(
                            &rule::UNKNOWN_REFERENCE,
                            member.node.at,
                            what,
                            "what it names is not there",
                            next,
                        );
                    }
                    self.references_in(&member.node);
                }
            }
            Tree::List(items) => items.iter().for_each(|item| self.references_in(item)),
            _ => {}
        }
    }
}

/// Whether one of these is the name, or what it begins with before a dot: names may hold dots, and members come after one.
pub(in crate::scenario) fn has<'n>(mut known: impl Iterator<Item = &'n str>, name: &str) -> bool {
    known.any(|known| name == known || name.strip_prefix(known).is_some_and(|rest| rest.starts_with('.')))
}
