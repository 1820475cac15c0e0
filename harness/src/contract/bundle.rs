//! One schema and all that it refers to, gathered into a self-contained JSON Schema 2020-12.
//!
//! Gathering, rather than handing the library the whole document, does three things at once: schemas of OpenAPI 3.0
//! are rewritten into the dialect that the library knows, only keywords with a meaning here get through (so a hostile
//! `$id` or `$schema` has none), and what a schema costs is known before it is compiled.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::contract::dialect::{ASSERTED_FORMATS, Holds, asserts, from_3_0, holds};
use crate::contract::in_place::{InPlace, bound_in_place};
use crate::contract::load::SpecVersion;
use crate::contract::place::{BadReference, Place, push, target};
use crate::contract::schema::{Direction, Unusable};
use crate::contract::steps;

/// The most schemas that one schema may reach by reference.
const MAX_SCHEMAS: usize = 5_000;
/// The most schema objects in all of them together.
const MAX_OBJECTS: usize = 50_000;

/// The direct subschemas of a schema.
fn subschemas<'a>(schema: &Place<'a>) -> Vec<Place<'a>> {
    let held = schema
        .members()
        .into_iter()
        .filter_map(|(keyword, place)| Some((holds(keyword)?.0, place)));
    held.flat_map(|(how, place)| match how {
        Holds::One => vec![place],
        Holds::Many => place.items(),
        Holds::Named => place.members().into_iter().map(|(_, place)| place).collect(),
    })
    .collect()
}

/// Sees that every reference that `schema` reaches leads somewhere. Places in `seen` are known to.
pub(crate) fn visit_references<'a>(
    document: &'a Value,
    schema: Place<'a>,
    seen: &mut BTreeSet<String>,
) -> Result<(), BadReference> {
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        if !seen.insert(schema.pointer.clone()) {
            continue;
        }
        if let Some(reference) = schema.text("$ref") {
            open.push(target(document, reference, &schema.pointer)?);
        }
        open.extend(subschemas(&schema));
    }
    Ok(())
}

/// A self-contained schema.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// JSON Schema 2020-12, its definitions under `$defs/s0`, `$defs/s1` and so on.
    pub(crate) schema: Value,
    /// Where each definition stands in the document, by its number.
    pub(crate) origins: Vec<String>,
}

/// Gathers the schema at `pointer` for a body going in `direction`.
pub(crate) fn gather(
    document: &Value,
    spec: SpecVersion,
    pointer: &str,
    direction: Direction,
) -> Result<Bundle, Unusable> {
    let mut gatherer = Gatherer {
        document,
        spec,
        direction,
        numbers: BTreeMap::new(),
        open: Vec::new(),
        objects: 0,
    };
    gatherer.number(pointer)?;
    let mut definitions = Map::new();
    let mut reached = Vec::new();
    while let Some(pointer) = gatherer.open.get(reached.len()).cloned() {
        let value = document
            .pointer(&pointer)
            .ok_or_else(|| Unusable::new(&pointer, "nothing stands there"))?;
        let mut in_place = BTreeMap::new();
        let schema = gatherer.rewrite(&Place { pointer, value }, Some(&mut in_place))?;
        definitions.insert(format!("s{}", reached.len()), schema);
        reached.push(in_place);
    }
    bound_in_place(&reached).map_err(|why| Unusable::new(pointer, why))?;
    let schema = json!({"$ref": "#/$defs/s0", "$defs": definitions});
    Ok(Bundle {
        schema,
        origins: gatherer.open,
    })
}

struct Gatherer<'a> {
    document: &'a Value,
    spec: SpecVersion,
    direction: Direction,
    numbers: BTreeMap<String, usize>,
    /// The places of the definitions, in order of their numbers.
    open: Vec<String>,
    objects: usize,
}

impl<'a> Gatherer<'a> {
    fn number(&mut self, pointer: &str) -> Result<usize, Unusable> {
        if let Some(number) = self.numbers.get(pointer) {
            return Ok(*number);
        }
        let number = self.open.len();
        if number >= MAX_SCHEMAS {
            return Err(Unusable::new(
                pointer,
                format!("more than {MAX_SCHEMAS} schemas are reached"),
            ));
        }
        self.numbers.insert(pointer.to_owned(), number);
        self.open.push(pointer.to_owned());
        Ok(number)
    }

    /// The schema in the dialect of JSON Schema 2020-12. `in_place` counts the references that apply to the same value
    /// as the definition itself, and is absent below a step into the value.
    fn rewrite(&mut self, schema: &Place<'a>, mut in_place: Option<&mut InPlace>) -> Result<Value, Unusable> {
        self.objects += 1;
        if self.objects > MAX_OBJECTS {
            return Err(Unusable::new(
                &schema.pointer,
                format!("more than {MAX_OBJECTS} schemas are reached"),
            ));
        }
        let object = match schema.value {
            Value::Bool(_) => return Ok(schema.value.clone()),
            Value::Object(object) => object,
            _ => {
                return Err(Unusable::new(
                    &schema.pointer,
                    "a schema must be an object or a boolean",
                ));
            }
        };
        let mut out = Map::new();
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            let number = self.refer(reference, schema, in_place.as_deref_mut())?;
            out.insert("$ref".to_owned(), Value::String(format!("#/$defs/s{number}")));
        }
        // In OpenAPI 3.0 what stands beside a `$ref` is ignored (OpenAPI 3.0 §4.7.23).
        if self.spec > SpecVersion::V3_0 || !out.contains_key("$ref") {
            for (keyword, place) in schema.members() {
                let value = self.keyword(schema, keyword, &place, in_place.as_deref_mut())?;
                out.extend(value.map(|value| (keyword.to_owned(), value)));
            }
        }
        if out
            .keys()
            .any(|keyword| keyword == "$ref" || holds(keyword).is_some())
        {
            out.insert(steps::KEYWORD.to_owned(), Value::Bool(true));
        }
        Ok(if self.spec == SpecVersion::V3_0 {
            from_3_0(object, out)
        } else {
            Value::Object(out)
        })
    }

    fn refer(
        &mut self,
        reference: &str,
        schema: &Place<'a>,
        in_place: Option<&mut InPlace>,
    ) -> Result<usize, Unusable> {
        let target = target(self.document, reference, &schema.pointer)
            .map_err(|bad| Unusable::new(&bad.at, bad.why()))?;
        let number = self.number(&target.pointer)?;
        if let Some(counts) = in_place {
            *counts.entry(number).or_default() += 1;
        }
        Ok(number)
    }

    /// What becomes of one keyword; nothing, when it asserts nothing.
    fn keyword(
        &mut self,
        schema: &Place<'a>,
        keyword: &str,
        place: &Place<'a>,
        in_place: Option<&mut InPlace>,
    ) -> Result<Option<Value>, Unusable> {
        if let Some((how, same_value)) = holds(keyword) {
            return self.held(how, place, in_place.filter(|_| same_value)).map(Some);
        }
        match (keyword, place.value) {
            ("$dynamicRef" | "$recursiveRef", _) => Err(Unusable::new(
                &place.pointer,
                "dynamic references are not understood",
            )),
            ("format", Value::String(format)) if ASSERTED_FORMATS.contains(&format.as_str()) => {
                Ok(Some(place.value.clone()))
            }
            ("required", Value::Array(names)) => Ok(Some(self.required(schema, names))),
            _ => Ok(asserts(keyword).then(|| place.value.clone())),
        }
    }

    fn held(
        &mut self,
        how: Holds,
        place: &Place<'a>,
        mut in_place: Option<&mut InPlace>,
    ) -> Result<Value, Unusable> {
        match how {
            Holds::One => self.rewrite(place, in_place),
            Holds::Many => {
                let items = place.items();
                let rewritten = items
                    .iter()
                    .map(|item| self.rewrite(item, in_place.as_deref_mut()));
                rewritten.collect::<Result<_, _>>().map(Value::Array)
            }
            Holds::Named => {
                let mut out = Map::new();
                for (name, member) in place.members() {
                    out.insert(name.to_owned(), self.rewrite(&member, in_place.as_deref_mut())?);
                }
                Ok(Value::Object(out))
            }
        }
    }

    /// `required` without the properties that never go in this direction: a `writeOnly` one is required of requests
    /// alone, a `readOnly` one of responses alone (OpenAPI 3.0 §4.7.24).
    fn required(&self, schema: &Place<'a>, names: &[Value]) -> Value {
        let barred = match self.direction {
            Direction::Response => "writeOnly",
            Direction::Request => "readOnly",
        };
        let is_barred = |name: &Value| {
            let property = schema
                .member("properties")
                .and_then(|list| list.member(name.as_str()?));
            property.is_some_and(|place| {
                place.flag(barred) || place.follow(self.document).is_ok_and(|place| place.flag(barred))
            })
        };
        Value::Array(names.iter().filter(|name| !is_barred(name)).cloned().collect())
    }
}

/// The place in the document of what a bundle's `path` names. Steps that rewriting put in are left out.
pub(crate) fn origin(document: &Value, origins: &[String], path: &str) -> String {
    let mut tokens = crate::contract::place::tokens(path);
    let (_, number) = (tokens.next(), tokens.next());
    let index = number.and_then(|number| number.strip_prefix('s')?.parse::<usize>().ok());
    let Some(start) = index.and_then(|index| origins.get(index)) else {
        return String::new();
    };
    let mut pointer = start.clone();
    for token in tokens {
        let longer = push(&pointer, &token);
        if document.pointer(&longer).is_some() {
            pointer = longer;
        }
    }
    pointer
}
