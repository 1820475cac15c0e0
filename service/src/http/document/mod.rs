//! The API document as it is served: what poem-openapi knows of the operations, completed with what it cannot express.
//!
//! A row of passes over one JSON tree, each in a file of its own. Pure: the same code gives the same document, byte for byte.
//! What an operation means stands at the operation; here stands what all of them have because of the layers around them
//! (`layers`, `headers`), what reading a request does to each (`requests`), how they lead to each other (`links`), and how all
//! of it looks (`examples`, `refusals`). No sentence about one operation's work belongs here.

use serde_json::Value;

use crate::http::api;
use crate::http::document::order::Ordered;

mod examples;
mod headers;
mod layers;
mod links;
mod order;
mod refusals;
mod requests;
mod shared;
mod tidy;

/// The media type of the document as YAML (RFC 9512 §2.1).
pub const YAML_MEDIA_TYPE: &str = "application/yaml";

/// The document as JSON (RFC 8259), pretty.
#[must_use]
pub fn json() -> String {
    // A tree of strings, numbers, lists and maps can always be written.
    serde_json::to_string_pretty(&Ordered(&tree())).unwrap_or_default()
}

/// The document as YAML (1.2, of which JSON is a part).
#[must_use]
pub fn yaml() -> String {
    serde_saphyr::to_string(&Ordered(&tree())).unwrap_or_default()
}

/// The document as a page for people.
#[must_use]
pub fn page() -> String {
    api::page(&json())
}

fn tree() -> Value {
    // What poem-openapi wrote a moment ago is JSON.
    let mut document: Value = serde_json::from_str(&api::bare()).unwrap_or_default();
    document["openapi"] = "3.0.3".into();
    tidy::apply(&mut document);
    requests::apply(&mut document);
    layers::apply(&mut document);
    headers::apply(&mut document);
    links::apply(&mut document);
    examples::apply(&mut document);
    refusals::apply(&mut document);
    shared::apply(&mut document);
    document
}

/// One operation of a document.
struct Operation<'a> {
    path: &'a str,
    name: String,
    value: &'a mut Value,
}

impl Operation<'_> {
    /// Whether it wants a credential.
    fn is_secured(&self) -> bool {
        let schemes = self.value.get("security").and_then(Value::as_array);
        schemes.is_some_and(|schemes| !schemes.is_empty())
    }

    fn has_body(&self) -> bool {
        self.value.get("requestBody").is_some()
    }

    /// Its answers, by status.
    fn answers(&mut self) -> impl Iterator<Item = (u16, &mut Value)> {
        let answers = self.value["responses"].as_object_mut();
        let numbered = |(status, answer)| {
            let status: &String = status;
            Some((status.parse().ok()?, answer))
        };
        answers.into_iter().flatten().filter_map(numbered)
    }
}

/// Does something to every operation, in the order of paths and methods.
fn each_operation(document: &mut Value, mut with: impl FnMut(&mut Operation<'_>)) {
    let paths = document["paths"].as_object_mut();
    for (path, item) in paths.into_iter().flatten() {
        for (_, value) in item.as_object_mut().into_iter().flatten() {
            let name = value["operationId"].as_str().unwrap_or_default().to_owned();
            with(&mut Operation { path, name, value });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_and_json_say_the_same() {
        let read: Value = serde_saphyr::from_str(&yaml()).unwrap();
        assert_eq!(read, serde_json::from_str::<Value>(&json()).unwrap());
        assert_eq!(read, tree());
        assert!(yaml().starts_with("openapi: "));
    }

    #[test]
    fn the_page_shows_the_whole_document() {
        assert!(page().contains(&json().replace('<', "\\u003c")));
    }

    #[test]
    fn no_text_of_the_document_ends_the_script_that_it_stands_in() {
        let text = r#"{"description": "</script><!-- <script>"}"#;
        let page = api::page(text);
        assert!(page.contains(r#""\u003c/script>\u003c!-- \u003cscript>""#));
        let ends = |page: &str| page.matches("</script").count();
        assert_eq!(ends(&page), ends(&api::page("{}")));
    }
}
