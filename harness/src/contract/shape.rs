//! What a schema lets through, as far as two of them are compared: references followed, `allOf` merged, a union with
//! null read as "may be null", words and order of keys left out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::contract::load::{Contract, SpecVersion};
use crate::contract::place::{Place, target};

/// How many references and `allOf`s are merged into one shape.
const MAX_PARTS: usize = 200;

/// What a schema lets through.
#[derive(Debug, Default, Clone)]
pub(crate) struct Shape<'a> {
    /// The types that are allowed, without `null`; empty when any is.
    pub(crate) types: BTreeSet<&'a str>,
    /// Whether null is allowed by name.
    pub(crate) nullable: bool,
    /// The values that are allowed, as JSON; `None` when there is no such list.
    pub(crate) values: Option<BTreeSet<String>>,
    /// The fields, each with its schema.
    pub(crate) properties: BTreeMap<&'a str, Place<'a>>,
    /// The fields that must be there.
    pub(crate) required: BTreeSet<&'a str>,
    /// The schema of an array's items.
    pub(crate) items: Option<Place<'a>>,
    /// The branches of `oneOf` and `anyOf`, by a name that says which is which.
    pub(crate) variants: BTreeMap<String, Place<'a>>,
    /// The format, of those that are asserted.
    pub(crate) format: Option<&'a str>,
    /// What a field that is left out stands for.
    pub(crate) default: Option<&'a Value>,
}

/// The shape of the schema at `place`.
pub(crate) fn shape<'a>(contract: &'a Contract, place: &Place<'a>) -> Shape<'a> {
    let mut shape = Shape::default();
    let mut seen = BTreeSet::new();
    let mut open = vec![place.clone()];
    while let Some(part) = open.pop() {
        if seen.len() >= MAX_PARTS || !seen.insert(part.pointer.clone()) {
            continue;
        }
        if let Some(reference) = part.text("$ref") {
            open.extend(target(contract.document(), reference, &part.pointer).ok());
        }
        // In 3.0 what stands beside a reference is ignored, but for `nullable`, as in `bundle`.
        let nullable_3_0 = contract.spec() == SpecVersion::V3_0 && part.flag("nullable");
        shape.nullable |= nullable_3_0;
        if contract.spec() > SpecVersion::V3_0 || part.text("$ref").is_none() {
            open.extend(shape.add(&part));
        }
    }
    shape
}

impl<'a> Shape<'a> {
    /// Takes in what one schema object says itself, and gives the parts that apply to the same value.
    fn add(&mut self, part: &Place<'a>) -> Vec<Place<'a>> {
        self.add_types(part);
        let enumerated = part.member("enum").map(|list| list.items()).unwrap_or_default();
        let constant = part.member("const");
        if !enumerated.is_empty() || constant.is_some() {
            let values = enumerated
                .iter()
                .chain(&constant)
                .filter(|place| !place.value.is_null());
            self.values
                .get_or_insert_default()
                .extend(values.map(|place| place.value.to_string()));
        }
        for (name, property) in part
            .member("properties")
            .map(|list| list.members())
            .unwrap_or_default()
        {
            self.properties.entry(name).or_insert(property);
        }
        let required = part
            .member("required")
            .map(|list| list.items())
            .unwrap_or_default();
        self.required
            .extend(required.iter().filter_map(|name| name.value.as_str()));
        self.items = self.items.take().or_else(|| part.member("items"));
        self.format = self.format.or_else(|| part.text("format"));
        self.default = self
            .default
            .or_else(|| part.member("default").map(|place| place.value));
        let mut parts = part.member("allOf").map(|list| list.items()).unwrap_or_default();
        parts.extend(self.add_union(part));
        parts
    }

    fn add_types(&mut self, part: &Place<'a>) {
        let listed = part.member("type").map(|kind| kind.items()).unwrap_or_default();
        let kinds = listed
            .iter()
            .filter_map(|kind| kind.value.as_str())
            .chain(part.text("type"));
        for kind in kinds {
            if kind == "null" {
                self.nullable = true;
            } else {
                self.types.insert(kind);
            }
        }
    }

    /// A union of one schema and null is that schema, and null allowed. Any other keeps its branches.
    fn add_union(&mut self, part: &Place<'a>) -> Vec<Place<'a>> {
        let unions = ["anyOf", "oneOf"]
            .iter()
            .filter_map(|keyword| part.member(keyword));
        let branches: Vec<Place<'a>> = unions.flat_map(|list| list.items()).collect();
        let count = branches.len();
        let mut rest: Vec<Place<'a>> = branches
            .into_iter()
            .filter(|branch| branch.text("type") != Some("null"))
            .collect();
        self.nullable |= rest.len() < count;
        if rest.len() == 1 {
            return rest;
        }
        for branch in rest.drain(..) {
            self.variants.insert(name(&branch), branch);
        }
        Vec::new()
    }
}

/// What a branch is called: by the schema that it refers to, its title, its type, or in the last resort its text.
fn name(branch: &Place<'_>) -> String {
    let referred = branch
        .text("$ref")
        .and_then(|reference| reference.rsplit('/').next());
    let named = referred.or_else(|| branch.text("title"));
    let simple = branch
        .text("type")
        .filter(|kind| *kind != "object" && *kind != "array");
    named
        .or(simple)
        .map_or_else(|| canonical(branch.value), str::to_owned)
}

/// JSON with its keys sorted, whatever order the map keeps.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<&String, String> = members
                .iter()
                .map(|(key, value)| (key, canonical(value)))
                .collect();
            let members: Vec<String> = sorted
                .iter()
                .map(|(key, value)| format!("{key:?}:{value}"))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        scalar => scalar.to_string(),
    }
}
