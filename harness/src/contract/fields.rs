//! Where a field of a given name belongs in an answer, and what stands there.

use serde_json::Value;

use crate::contract::load::Contract;
use crate::contract::place::{Place, push};
use crate::contract::shape::shape;

/// How deep into an answer a field is looked for.
const MAX_DEPTH: usize = 8;

impl Contract {
    /// Every place of `body` in which the schema at `schema` has a field called `name`, as a JSON Pointer, with what stands
    /// there. An object without any member is left out: it says nothing of its fields.
    pub fn places_of(&self, schema: &str, body: &Value, name: &str) -> Vec<(String, Option<Value>)> {
        let Some(value) = self.document().pointer(schema) else {
            return Vec::new();
        };
        let place = Place {
            pointer: schema.to_owned(),
            value,
        };
        let mut found = Vec::new();
        self.look(&place, body, name, String::new(), &mut found);
        found
    }

    fn look(
        &self,
        schema: &Place<'_>,
        body: &Value,
        name: &str,
        at: String,
        found: &mut Vec<(String, Option<Value>)>,
    ) {
        let Some(members) = body.as_object().filter(|members| !members.is_empty()) else {
            return;
        };
        if at.matches('/').count() >= MAX_DEPTH {
            return;
        }
        let shape = shape(self, schema);
        for (field, inner) in &shape.properties {
            let here = push(&at, field);
            if *field == name {
                found.push((here, members.get(*field).cloned()));
            } else if let Some(value) = members.get(*field) {
                self.look(inner, value, name, here, found);
            }
        }
    }
}
