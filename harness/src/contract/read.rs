//! From the document's tree to its operations, every reference on the way followed.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::contract::bundle;
use crate::contract::load::Problem;
use crate::contract::operation::{
    HeaderSpec, MediaSpec, Operation, Parameter, RequestBody, ResponseSpec, StatusKey,
};
use crate::contract::place::Place;
use crate::contract::security;
use crate::contract::server::server_paths;

/// The fixed methods of a Path Item Object; `query` came with OpenAPI 3.2.
const METHODS: [&str; 9] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace", "query",
];

/// Every operation of the document, sorted by template and method.
pub(crate) fn operations(document: &Value) -> Result<Vec<Operation>, Problem> {
    let mut reader = Reader {
        document,
        seen: BTreeSet::new(),
    };
    let mut operations = Vec::new();
    let Some(paths) = Place::root(document).member("paths") else {
        return Ok(operations);
    };
    object(&paths, "`paths` must be an object")?;
    for (template, item) in paths.members() {
        if template.starts_with('/') {
            reader.path_item(template, item, &mut operations)?;
        }
    }
    operations.sort_by(|a, b| (&a.template, &a.method).cmp(&(&b.template, &b.method)));
    Ok(operations)
}

struct Reader<'a> {
    document: &'a Value,
    /// Schemas whose references were already seen to lead somewhere.
    seen: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn path_item(
        &mut self,
        template: &str,
        item: Place<'a>,
        operations: &mut Vec<Operation>,
    ) -> Result<(), Problem> {
        let item = item.follow(self.document)?;
        object(&item, "a path must be an object of operations")?;
        for method in METHODS {
            if let Some(place) = item.member(method) {
                operations.push(self.operation(method.to_ascii_uppercase(), template, &item, &place)?);
            }
        }
        // OpenAPI 3.2 §4.9: methods that have no field of their own, spelt as they go over the wire.
        let additional = item
            .member("additionalOperations")
            .map(|place| place.members())
            .unwrap_or_default();
        for (method, place) in additional {
            operations.push(self.operation(method.to_owned(), template, &item, &place)?);
        }
        Ok(())
    }

    fn operation(
        &mut self,
        method: String,
        template: &str,
        item: &Place<'a>,
        place: &Place<'a>,
    ) -> Result<Operation, Problem> {
        object(place, "an operation must be an object")?;
        Ok(Operation {
            method,
            template: template.to_owned(),
            operation_id: place.text("operationId").map(str::to_owned),
            deprecated: place.flag("deprecated"),
            security: security::read(self.document, place),
            parameters: self.parameters(item, place)?,
            request_body: place
                .member("requestBody")
                .map(|body| self.request_body(body))
                .transpose()?,
            responses: self.responses(place)?,
            server_paths: server_paths(self.document, item, place),
            pointer: place.pointer.clone(),
        })
    }

    /// The operation's parameters and those of its path item that it does not override (OpenAPI §4.8.10).
    fn parameters(&mut self, item: &Place<'a>, operation: &Place<'a>) -> Result<Vec<Parameter>, Problem> {
        let mut parameters: Vec<Parameter> = Vec::new();
        for list in [operation, item]
            .into_iter()
            .filter_map(|place| place.member("parameters"))
        {
            for place in list.items() {
                let parameter = self.parameter(place)?;
                let same =
                    |known: &Parameter| known.location == parameter.location && known.name == parameter.name;
                if !parameters.iter().any(same) {
                    parameters.push(parameter);
                }
            }
        }
        parameters.sort_by(|a, b| (&a.location, &a.name).cmp(&(&b.location, &b.name)));
        Ok(parameters)
    }

    fn parameter(&mut self, place: Place<'a>) -> Result<Parameter, Problem> {
        let place = place.follow(self.document)?;
        let (Some(name), Some(location)) = (place.text("name"), place.text("in")) else {
            return Err(Problem::shape(&place, "a parameter must have `name` and `in`"));
        };
        Ok(Parameter {
            name: name.to_owned(),
            location: location.to_owned(),
            required: location == "path" || place.flag("required"),
            schema: self.schema(&place)?,
            pointer: place.pointer,
        })
    }

    fn request_body(&mut self, place: Place<'a>) -> Result<RequestBody, Problem> {
        let place = place.follow(self.document)?;
        Ok(RequestBody {
            required: place.flag("required"),
            media: self.media(&place)?,
            pointer: place.pointer,
        })
    }

    fn responses(&mut self, operation: &Place<'a>) -> Result<Vec<ResponseSpec>, Problem> {
        let Some(list) = operation.member("responses") else {
            return Ok(Vec::new());
        };
        object(&list, "`responses` must be an object")?;
        let mut responses = Vec::new();
        for (key, place) in list
            .members()
            .into_iter()
            .filter(|(key, _)| !key.starts_with("x-"))
        {
            let status = StatusKey::parse(key).ok_or_else(|| {
                Problem::shape(
                    &place,
                    format!("`{key}` is no status code, no range like 2XX and not `default`"),
                )
            })?;
            responses.push(self.response(status, place)?);
        }
        responses.sort_by_key(|response| response.status);
        Ok(responses)
    }

    fn response(&mut self, status: StatusKey, place: Place<'a>) -> Result<ResponseSpec, Problem> {
        let place = place.follow(self.document)?;
        object(&place, "a response must be an object")?;
        let mut headers = Vec::new();
        for (name, header) in place
            .member("headers")
            .map(|list| list.members())
            .unwrap_or_default()
        {
            let header = header.follow(self.document)?;
            if !name.eq_ignore_ascii_case("content-type") {
                let required = header.flag("required");
                headers.push(HeaderSpec {
                    name: name.to_owned(),
                    required,
                    pointer: header.pointer,
                });
            }
        }
        Ok(ResponseSpec {
            status,
            media: self.media(&place)?,
            headers,
            pointer: place.pointer,
        })
    }

    fn media(&mut self, place: &Place<'a>) -> Result<Vec<MediaSpec>, Problem> {
        let mut media = Vec::new();
        for (media_type, place) in place
            .member("content")
            .map(|list| list.members())
            .unwrap_or_default()
        {
            let place = place.follow(self.document)?;
            let schema = self.schema(&place)?;
            media.push(MediaSpec {
                media_type: media_type.to_owned(),
                schema,
                pointer: place.pointer,
            });
        }
        Ok(media)
    }

    /// The place of a `schema` member, once everything that it reaches is known to be there.
    fn schema(&mut self, holder: &Place<'a>) -> Result<Option<String>, Problem> {
        let Some(schema) = holder.member("schema") else {
            return Ok(None);
        };
        let pointer = schema.pointer.clone();
        bundle::visit_references(self.document, schema, &mut self.seen)?;
        Ok(Some(pointer))
    }
}

fn object(place: &Place<'_>, why: &str) -> Result<(), Problem> {
    if place.value.is_object() {
        Ok(())
    } else {
        Err(Problem::shape(place, why))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_operation_overrides_the_parameters_and_security_that_it_inherits() {
        let document = json!({
            "security": [{"token": []}],
            "paths": {"/a/{id}": {
                "parameters": [{"name": "id", "in": "path"}, {"name": "q", "in": "query", "required": true}],
                "get": {"parameters": [{"name": "q", "in": "query"}], "security": []},
                "post": {}
            }}
        });
        let operations = operations(&document).unwrap();
        let required = |index: usize| {
            let list = &operations[index].parameters;
            list.iter()
                .map(|p| (p.name.as_str(), p.required))
                .collect::<Vec<_>>()
        };
        assert_eq!(required(0), [("id", true), ("q", false)]);
        assert_eq!(required(1), [("id", true), ("q", true)]);
        assert!(operations[0].security.allows_anonymous());
        assert!(!operations[1].security.allows_anonymous());
    }

    #[test]
    fn reads_the_methods_that_openapi_3_2_added() {
        let document =
            json!({"openapi": "3.2.0", "paths": {"/a": {"query": {}, "additionalOperations": {"COPY": {}}}}});
        let names: Vec<String> = operations(&document)
            .unwrap()
            .iter()
            .map(Operation::name)
            .collect();
        assert_eq!(names, ["COPY /a", "QUERY /a"]);
    }
}
