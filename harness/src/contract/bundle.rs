//! One schema and all that it refers to, gathered into a self-contained JSON Schema 2020-12.
//!
//! Gathering, rather than handing the library the whole document, does three things at once: schemas of OpenAPI 3.0
//! are rewritten into the dialect that the library knows, only keywords with a meaning here get through (so a hostile
//! `$id` or `$schema` has none), and what a schema costs is known before it is compiled.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::contract::load::SpecVersion;
use crate::contract::place::{BadReference, Place, push, target};
use crate::contract::schema::{Direction, Unusable};

/// The most schemas that one schema may reach by reference.
const MAX_SCHEMAS: usize = 5_000;
/// The most schema objects in all of them together.
const MAX_OBJECTS: usize = 50_000;
/// The longest chain of references that apply to one and the same value. Validation recurses along it.
const MAX_IN_PLACE: usize = 32;
/// The most ways in which such chains may branch and meet again. Validation walks each.
const MAX_WAYS: usize = 10_000;
/// The formats that are asserted; all others stay annotations, as OpenAPI and JSON Schema have them.
const ASSERTED_FORMATS: [&str; 3] = ["date-time", "uri", "uuid"];

/// How a keyword holds subschemas.
#[derive(Clone, Copy)]
enum Holds {
    One,
    Many,
    Named,
}

/// How `keyword` holds subschemas, and whether these apply to the very value that the schema applies to.
fn holds(keyword: &str) -> Option<(Holds, bool)> {
    match keyword {
        "not" | "if" | "then" | "else" => Some((Holds::One, true)),
        "allOf" | "anyOf" | "oneOf" => Some((Holds::Many, true)),
        "dependentSchemas" => Some((Holds::Named, true)),
        "items"
        | "additionalProperties"
        | "contains"
        | "propertyNames"
        | "unevaluatedItems"
        | "unevaluatedProperties" => Some((Holds::One, false)),
        "prefixItems" => Some((Holds::Many, false)),
        "properties" | "patternProperties" => Some((Holds::Named, false)),
        _ => None,
    }
}

/// Keywords that assert something about a value and hold no subschema.
fn asserts(keyword: &str) -> bool {
    matches!(
        keyword,
        "type"
            | "enum"
            | "const"
            | "multipleOf"
            | "maximum"
            | "exclusiveMaximum"
            | "minimum"
            | "exclusiveMinimum"
            | "maxLength"
            | "minLength"
            | "pattern"
            | "maxItems"
            | "minItems"
            | "uniqueItems"
            | "maxContains"
            | "minContains"
            | "maxProperties"
            | "minProperties"
            | "required"
            | "dependentRequired"
    )
}

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

/// Which definitions apply to the same value, and in how many ways each.
type InPlace = BTreeMap<usize, usize>;

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

/// The keywords that OpenAPI 3.0 has of its own, in the words of 2020-12. `nullable` is read as its writers mean it:
/// also beside `enum`, `allOf` and `$ref`, where the specification's letter gives it no effect.
fn from_3_0(original: &Map<String, Value>, mut out: Map<String, Value>) -> Value {
    for (limit, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        if let Some(Value::Bool(is_exclusive)) = original.get(exclusive) {
            out.remove(exclusive);
            if *is_exclusive && let Some(value) = out.remove(limit) {
                out.insert(exclusive.to_owned(), value);
            }
        }
    }
    if original.get("nullable") != Some(&Value::Bool(true)) {
        return Value::Object(out);
    }
    if let Some(Value::Array(values)) = out.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    let simple = !["$ref", "allOf", "anyOf", "oneOf", "not"]
        .iter()
        .any(|keyword| out.contains_key(*keyword));
    match out.get("type") {
        Some(Value::String(kind)) if simple => {
            let kinds = json!([kind, "null"]);
            out.insert("type".to_owned(), kinds);
            Value::Object(out)
        }
        _ if simple => Value::Object(out),
        // Not `anyOf`: under `else`, what is violated is still named by its own place.
        _ => json!({"if": {"type": "null"}, "then": true, "else": out}),
    }
}

/// Bounds what validating one value by one definition can cost: how deep references lead without taking a step into
/// the value, and in how many ways.
fn bound_in_place(reached: &[InPlace]) -> Result<(), String> {
    let mut known = vec![None; reached.len()];
    (0..reached.len()).try_for_each(|number| ways(number, reached, &mut known, 0).map(|_| ()))
}

fn ways(
    number: usize,
    reached: &[InPlace],
    known: &mut [Option<(usize, usize)>],
    above: usize,
) -> Result<(usize, usize), String> {
    if let Some(Some(found)) = known.get(number) {
        return Ok(*found);
    }
    if above > MAX_IN_PLACE {
        return Err(format!(
            "a schema applies itself to its own value, or {MAX_IN_PLACE} others in a row"
        ));
    }
    let (mut depth, mut total) = (0, 1_usize);
    for (next, times) in reached.get(number).into_iter().flatten() {
        let (below, paths) = ways(*next, reached, known, above + 1)?;
        depth = depth.max(below + 1);
        total = total.saturating_add(paths.saturating_mul(*times));
    }
    if depth > MAX_IN_PLACE || total > MAX_WAYS {
        return Err(format!(
            "its references reach one value in more than {MAX_WAYS} ways or {MAX_IN_PLACE} steps"
        ));
    }
    if let Some(slot) = known.get_mut(number) {
        *slot = Some((depth, total));
    }
    Ok((depth, total))
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
