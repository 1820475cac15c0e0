//! An answer as it came, held against the document: the status, every header, the body.

use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use super::document::{Document, Operation};

/// Header fields that no operation documents: those of messages as such, and of the CORS protocol.
const NOT_OURS: [&str; 5] = [
    "content-type",
    "content-length",
    "date",
    "connection",
    "transfer-encoding",
];
const CORS: &str = "access-control-";

/// An answer.
pub(super) struct Seen {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Value,
}

impl Seen {
    pub(super) async fn of(request: RequestBuilder) -> Self {
        Self::read(request.send().await.unwrap()).await
    }

    async fn read(response: Response) -> Self {
        let status = response.status().as_u16();
        let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect();
        let bytes = response.bytes().await.unwrap();
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes).unwrap(),
        };
        Self {
            status,
            headers,
            body,
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Everything about it that the document does not say.
    pub(super) fn objections(&self, document: &Document, operation: &Operation) -> Vec<String> {
        let Some(answer) = document.answer(operation, self.status) else {
            return vec![format!("{} is not documented: {}", self.status, self.body)];
        };
        let mut wrong = self.about_headers(document, &answer);
        let Some(content) = answer["content"].as_object() else {
            if !self.body.is_null() {
                wrong.push(format!("a body where none is documented: {}", self.body));
            }
            return wrong;
        };
        let kind = self.header("content-type").unwrap_or_default();
        match content.get(kind) {
            Some(media) => wrong.extend(document.objections(&media["schema"], &self.body)),
            None => wrong.push(format!("the media type {kind:?} is not documented")),
        }
        wrong
    }

    fn about_headers(&self, document: &Document, answer: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        let documented = answer["headers"].as_object().unwrap();
        for (name, value) in &self.headers {
            if NOT_OURS.contains(&name.as_str()) || name.starts_with(CORS) {
                continue;
            }
            let Some((_, header)) = documented
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
            else {
                wrong.push(format!("the header {name} is not documented"));
                continue;
            };
            let schema = &document.follow(header)["schema"];
            let value = match schema["type"].as_str() {
                Some("integer" | "boolean") => {
                    serde_json::from_str(value).unwrap_or_else(|_| value.clone().into())
                }
                _ => Value::from(value.clone()),
            };
            wrong.extend(
                document
                    .objections(schema, &value)
                    .into_iter()
                    .map(|why| format!("{name}: {why}")),
            );
        }
        for (name, header) in documented {
            if document.follow(header)["required"] == true && self.header(name).is_none() {
                wrong.push(format!("the header {name} is missing"));
            }
        }
        wrong
    }
}

/// The same members, with values of the same types, all the way down; of lists the first entries.
pub(super) fn same_shape(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, value)| other.get(name).is_some_and(|other| same_shape(value, other)))
        }
        (Value::Array(one), Value::Array(other)) => match (one.first(), other.first()) {
            (Some(one), Some(other)) => same_shape(one, other),
            _ => true,
        },
        (Value::String(_), Value::String(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_))
        | (Value::Null, Value::Null) => true,
        _ => false,
    }
}

#[test]
fn an_answer_that_is_not_as_documented_is_objected_to() {
    let document = Document::committed();
    let livez = document.operation("livez");
    let plain = [
        ("content-type", "application/json; charset=utf-8"),
        ("x-request-id", "1"),
        ("x-app-version", "1"),
        ("x-instance-id", "1"),
    ];
    let seen = |status, more: &[(&str, &str)], without: &str, body: Value| {
        let headers = plain.iter().chain(more).filter(|(name, _)| *name != without);
        let headers = headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let seen = Seen {
            status,
            headers: headers.collect(),
            body,
        };
        seen.objections(&document, &livez)
    };
    let alive = || serde_json::json!({"status": "alive"});
    assert_eq!(
        seen(200, &[("vary", "Origin"), ("date", "now")], "", alive()),
        [""; 0]
    );
    assert_eq!(seen(204, &[], "", Value::Null).len(), 1, "a status");
    assert_eq!(seen(200, &[("x-new", "1")], "", alive()).len(), 1, "a header");
    assert_eq!(
        seen(200, &[("cache-control", "public")], "", alive()).len(),
        1,
        "a header's value"
    );
    assert_eq!(seen(200, &[], "x-request-id", alive()).len(), 1, "no header");
    assert_eq!(seen(200, &[], "content-type", alive()).len(), 1, "no media type");
    assert_eq!(
        seen(200, &[], "", serde_json::json!({"status": 1})).len(),
        1,
        "a body"
    );
}
