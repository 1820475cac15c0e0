//! What workflows are given: inputs from flags, a file, variables and the defaults of their schemas, held to those schemas
//! before anything is sent.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::cli::books::{Library, Place};
use crate::cli::complaint::Complaint;
use crate::cli::inputs;
use crate::cli::run::RunArgs;
use crate::drive::scenario::Wanted;
use crate::drive::scenario::secrets::{Secrets, is_credential};
use crate::drive::scenario::values::Worths;
use crate::runner::curl::input_variable;
use crate::scenario::call::Book;
use crate::scenario::source;
use crate::target::fault::suggest;

/// References in a row that are followed.
const HOPS: usize = 16;

/// Where a value came from.
#[derive(Debug, Clone)]
enum Got {
    /// A text, to be read as its schema says.
    Text(String),
    /// A value.
    Whole(Value),
}

/// The inputs that somebody gave, by name.
#[derive(Debug, Default)]
pub struct Given {
    values: BTreeMap<String, Got>,
    secret: Vec<String>,
}

impl Given {
    /// Reads the flags and the file.
    pub fn gather(arguments: &RunArgs) -> Result<Given, Complaint> {
        let mut given = Given::default();
        if let Some(path) = &arguments.inputs {
            let name = path.display().to_string();
            let next = "give a map of inputs, as JSON or YAML";
            let text = inputs::text_file("the file of inputs", &name, next)?;
            let unread = |why: &str| Complaint::usage(format_args!("{name} holds no inputs"), why, next);
            let node = source::read(&text).map_err(|error| unread(&error.why))?;
            let Value::Object(members) = node.value() else {
                return Err(unread("it is no map"));
            };
            let whole = members.into_iter().map(|(name, value)| (name, Got::Whole(value)));
            given.values.extend(whole);
        }
        for (name, value) in &arguments.input {
            given.values.insert(name.clone(), Got::Text(value.clone()));
        }
        for (name, variable) in &arguments.secret_input {
            let value = std::env::var(variable).map_err(|_| {
                Complaint::usage(
                    format_args!("--secret-input {name}: there is no variable `{variable}`"),
                    "nothing in the environment has this name",
                    format_args!("export {variable}=…, or name the variable that holds the value"),
                )
            })?;
            given.values.insert(name.clone(), Got::Text(value));
            given.secret.push(name.clone());
        }
        Ok(given)
    }

    /// What was given under this name: by a flag or in a file, else in the environment.
    fn value(&self, name: &str) -> Option<Got> {
        self.values
            .get(name)
            .cloned()
            .or_else(|| std::env::var(input_variable(name)).ok().map(Got::Text))
    }
}

/// The workflows with their inputs. All that is wrong with these is said at once.
pub fn wanted<'b>(
    library: &'b Library,
    chosen: &[Place],
    given: &Given,
    secrets: &mut Secrets,
) -> Result<Vec<Wanted<'b>>, Complaint> {
    let mut wrong: Vec<String> = Vec::new();
    let mut wanted = Vec::new();
    let mut known: Vec<String> = Vec::new();
    let mut open = false;
    for place in chosen {
        let Some((book, workflow)) = library.books.get(place.0).zip(library.workflow(place)) else {
            continue;
        };
        let schema = workflow
            .inputs
            .as_ref()
            .map(|node| whole_schema(book, node.value()));
        let declared = schema.as_ref().map(declared).unwrap_or_default();
        known.extend(declared.keys().cloned());
        open |= schema.as_ref().is_some_and(|_| declared.is_empty());
        let inputs = Inputs {
            given,
            secrets: &mut *secrets,
            wrong: &mut wrong,
            workflow: &place.1,
        };
        wanted.push(Wanted {
            book: place.0,
            workflow,
            inputs: inputs.of(schema.as_ref(), &declared),
            needs: needs(library, chosen, place),
        });
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let unknown = given
        .values
        .keys()
        .filter(|name| !open && !known.contains(&name.as_str()));
    for name in unknown {
        wrong.push(format!(
            "no workflow that is run has an input `{name}`; {}",
            suggest(name, &known)
        ));
    }
    if wrong.is_empty() {
        return Ok(wanted);
    }
    wrong.dedup();
    Err(Complaint::usage(
        "the inputs are not what the workflows need",
        wrong.join("\n        "),
        "give each with --input NAME=VALUE, in a file with --inputs FILE, or as GREENLIGHT_INPUT_NAME",
    ))
}

fn needs(library: &Library, chosen: &[Place], place: &Place) -> Vec<usize> {
    let needs = library.needs(place);
    let at = |need: &Place| chosen.iter().position(|other| other == need);
    needs.iter().filter_map(at).collect()
}

/// The schema with what its references lead to.
fn whole_schema(book: &Book, schema: Value) -> Value {
    let components = book.document.components.inputs.iter();
    let inputs: Map<String, Value> = components
        .map(|(name, node)| (name.value.clone(), node.value()))
        .collect();
    match schema {
        Value::Object(mut members) => {
            members.insert("components".to_owned(), json!({ "inputs": inputs }));
            Value::Object(members)
        }
        other => other,
    }
}

/// The properties that a schema lists, by name.
fn declared(schema: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    collect(schema, schema, &mut found, HOPS);
    found
}

fn collect(schema: &Value, root: &Value, found: &mut BTreeMap<String, Value>, hops: usize) {
    if hops == 0 {
        return;
    }
    if let Some(schema) = followed(schema, root) {
        collect(schema, root, found, hops - 1);
    }
    for (name, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let property = followed(property, root).unwrap_or(property);
        found.entry(name.clone()).or_insert_with(|| property.clone());
    }
    for part in schema
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        collect(part, root, found, hops - 1);
    }
}

/// What a schema's reference leads to within the document.
fn followed<'v>(schema: &Value, root: &'v Value) -> Option<&'v Value> {
    let reference = schema.get("$ref")?.as_str()?;
    root.pointer(reference.strip_prefix('#')?)
}

/// The inputs of one workflow in the making.
struct Inputs<'i> {
    given: &'i Given,
    secrets: &'i mut Secrets,
    wrong: &'i mut Vec<String>,
    workflow: &'i str,
}

impl Inputs<'_> {
    fn of(self, schema: Option<&Value>, declared: &BTreeMap<String, Value>) -> Worths {
        let mut worths = Worths::default();
        let Some(schema) = schema else { return worths };
        let mut names: Vec<&String> = declared.keys().collect();
        if declared.is_empty() {
            names.extend(self.given.values.keys());
        }
        for name in names {
            let property = declared.get(name).unwrap_or(&Value::Null);
            let value = match self.given.value(name) {
                Some(Got::Whole(value)) => value,
                Some(Got::Text(text)) => match read(&text, property) {
                    Ok(value) => value,
                    Err(why) => {
                        self.wrong.push(format!("`{name}` of {}: {why}", self.workflow));
                        continue;
                    }
                },
                None => match property.get("default") {
                    Some(value) => value.clone(),
                    None => continue,
                },
            };
            if is_secret(name, property) || self.given.secret.contains(name) {
                let called = format!("inputs.{name}");
                self.secrets.origin(&value, called.clone());
                self.secrets.hide(&value, &called);
                worths.put(name, value, None);
            } else {
                worths.put(name, value.clone(), Some(value));
            }
        }
        self.wrong.extend(
            faults(schema, &worths)
                .into_iter()
                .map(|fault| format!("{}: {fault}", self.workflow)),
        );
        worths
    }
}

/// What of the inputs their schema does not allow, without their values.
fn faults(schema: &Value, worths: &Worths) -> Vec<String> {
    let built = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .offline()
        .build(schema);
    let validator = match built {
        Ok(validator) => validator,
        Err(error) => return vec![format!("the schema of its inputs cannot be used: {error}")],
    };
    let instance = Value::Object(worths.all().clone());
    let faults = validator.iter_errors(&instance);
    faults
        .map(|fault| {
            let place = fault.instance_path().to_string();
            let said = fault.masked_with("the value").to_string();
            match place.strip_prefix('/') {
                Some(name) => format!("`{name}`: {said}"),
                None => said.replace("the value has", "it has"),
            }
        })
        .collect()
}

/// A text as a value of the type that its schema wants.
fn read(text: &str, schema: &Value) -> Result<Value, String> {
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if types.is_empty() || types.contains(&"string") {
        return Ok(Value::String(text.to_owned()));
    }
    serde_json::from_str(text)
        .map_err(|_| format!("it is to be of type {}, as JSON writes it", types.join(" or ")))
}

/// Whether nobody may see an input.
fn is_secret(name: &str, schema: &Value) -> bool {
    let password = schema.get("format").and_then(Value::as_str) == Some("password");
    let write_only = schema.get("writeOnly") == Some(&Value::Bool(true));
    password || write_only || is_credential(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_its_schema_says() {
        assert_eq!(read("5", &json!({"type": "string"})), Ok(json!("5")));
        assert_eq!(read("5", &json!({})), Ok(json!("5")));
        assert_eq!(read("5", &json!({"type": "integer"})), Ok(json!(5)));
        assert_eq!(read("[1]", &json!({"type": ["array", "null"]})), Ok(json!([1])));
        assert!(read("x", &json!({"type": "boolean"})).is_err());
    }

    #[test]
    fn properties_are_found_behind_references_and_parts() {
        let schema = json!({
            "allOf": [{"$ref": "#/components/inputs/base"}],
            "properties": {"own": {"$ref": "#/components/inputs/pin"}},
            "components": {"inputs": {
                "base": {"properties": {"id": {"type": "integer"}}},
                "pin": {"format": "password"}
            }}
        });
        let declared = declared(&schema);
        assert_eq!(declared.keys().collect::<Vec<_>>(), ["id", "own"]);
        assert!(is_secret("own", &declared["own"]) && !is_secret("id", &declared["id"]));
    }

    #[test]
    fn what_is_wrong_with_a_secret_is_said_without_it() {
        let schema = json!({"required": ["a"], "properties": {"pin": {"type": "string", "maxLength": 3}}});
        let mut worths = Worths::default();
        worths.put("pin", json!("hunter2"), None);
        let told = faults(&schema, &worths).join("; ");
        assert!(
            told.contains("`pin`") && told.contains("\"a\"") && !told.contains("hunter2"),
            "{told}"
        );
    }
}
