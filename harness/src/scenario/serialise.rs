//! Parameters as they stand in a request (OpenAPI 3.1 §Style Values, RFC 6570): what a value is spelt like in a path, a
//! query, a header field or a cookie.

use serde_json::Value;

use crate::contract::load::Contract;
use crate::contract::operation::{Operation, Parameter};
use crate::scenario::document::Place;
use crate::scenario::template::embedded;

/// How a parameter's value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The word of the specification.
    pub word: StyleWord,
    /// Whether members and elements are spelt apart.
    pub explode: bool,
    /// Whether characters that have a meaning in URLs stay as they are.
    pub allow_reserved: bool,
}

/// The styles of OpenAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StyleWord {
    /// `3,4,5`
    Simple,
    /// `.3.4.5`
    Label,
    /// `;id=3,4,5`
    Matrix,
    /// `id=3&id=4`
    Form,
    /// `id=3%204`
    SpaceDelimited,
    /// `id=3|4`
    PipeDelimited,
    /// `id[a]=3&id[b]=4`
    DeepObject,
    /// The value as JSON: the parameter has a `content` in place of a schema.
    Json,
}

impl Style {
    /// What holds in a place when nobody says otherwise.
    pub fn of(place: Place) -> Style {
        let word = match place {
            Place::Path | Place::Header => StyleWord::Simple,
            Place::Query | Place::QueryString | Place::Cookie => StyleWord::Form,
        };
        Style {
            word,
            explode: word == StyleWord::Form,
            allow_reserved: false,
        }
    }

    /// What the contract says of this parameter of an operation.
    pub fn promised(contract: &Contract, operation: &Operation, name: &str, place: Place) -> Style {
        let is_it = |parameter: &&Parameter| {
            let same = match place {
                Place::Header => parameter.name.eq_ignore_ascii_case(name),
                _ => parameter.name == name,
            };
            same && parameter.location == place.word()
        };
        let described = operation.parameters.iter().find(is_it);
        let described = described.and_then(|parameter| contract.document().pointer(&parameter.pointer));
        described.map_or(Style::of(place), |described| Style::read(described, place))
    }

    fn read(parameter: &Value, place: Place) -> Style {
        let default = Style::of(place);
        if parameter.get("content").is_some() {
            return Style {
                word: StyleWord::Json,
                ..default
            };
        }
        let word = match parameter.get("style").and_then(Value::as_str) {
            Some("simple") => StyleWord::Simple,
            Some("label") => StyleWord::Label,
            Some("matrix") => StyleWord::Matrix,
            Some("form" | "cookie") => StyleWord::Form,
            Some("spaceDelimited") => StyleWord::SpaceDelimited,
            Some("pipeDelimited") => StyleWord::PipeDelimited,
            Some("deepObject") => StyleWord::DeepObject,
            _ => default.word,
        };
        let flag = |key: &str| parameter.get(key).and_then(Value::as_bool);
        Style {
            word,
            explode: flag("explode").unwrap_or(word == StyleWord::Form),
            allow_reserved: flag("allowReserved").unwrap_or(false),
        }
    }

    /// How one text of the value is spelt there.
    pub fn spelt(self, place: Place, text: &str) -> String {
        match place {
            Place::Path | Place::Query | Place::QueryString => encoded(text, self.allow_reserved),
            Place::Header | Place::Cookie => text.to_owned(),
        }
    }
}

/// Text in a path or a query: all but the unreserved characters (RFC 3986 §2.3) percent-encoded; with `reserved`, those that
/// delimit stay too, as far as they do not end the place.
pub fn encoded(text: &str, reserved: bool) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    const RESERVED: &AsciiSet = &PLAIN
        .remove(b':')
        .remove(b'/')
        .remove(b'?')
        .remove(b'@')
        .remove(b'!')
        .remove(b'$')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')')
        .remove(b'*')
        .remove(b',')
        .remove(b';');
    utf8_percent_encode(text, if reserved { RESERVED } else { PLAIN }).to_string()
}

/// The texts of a value, in order, and the names of members.
enum Parts {
    One(String),
    Several(Vec<String>),
    Members(Vec<(String, String)>),
}

fn parts(value: &Value, spelt: impl Fn(&str) -> String) -> Parts {
    match value {
        Value::Array(items) => Parts::Several(items.iter().map(|item| spelt(&embedded(item))).collect()),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| (spelt(name), spelt(&embedded(value)));
            Parts::Members(members.iter().map(member).collect())
        }
        one => Parts::One(spelt(&embedded(one))),
    }
}

/// Names and values in a row.
fn flat(members: &[(String, String)], between: &str) -> String {
    let flat: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{name}{between}{value}"))
        .collect();
    flat.join(",")
}

/// A value in a path, where its template has the parameter's name, in a header field, or in a cookie behind its name.
pub fn one(name: &str, value: &Value, place: Place, style: Style) -> String {
    let spelt = |text: &str| style.spelt(place, text);
    if style.word == StyleWord::Json {
        return spelt(&value.to_string());
    }
    let parts = parts(value, spelt);
    let name = spelt(name);
    match style.word {
        StyleWord::Label => label(parts, style.explode),
        StyleWord::Matrix => matrix(&name, parts, style.explode),
        _ => match parts {
            Parts::One(text) => text,
            Parts::Several(texts) => texts.join(","),
            Parts::Members(members) if style.explode => flat(&members, "="),
            Parts::Members(members) => flat(&members, ","),
        },
    }
}

fn label(parts: Parts, explode: bool) -> String {
    let dotted = |texts: Vec<String>| {
        let texts: Vec<String> = texts.into_iter().map(|text| format!(".{text}")).collect();
        texts.concat()
    };
    match (parts, explode) {
        (Parts::One(text), _) => format!(".{text}"),
        (Parts::Several(texts), true) => dotted(texts),
        (Parts::Several(texts), false) => format!(".{}", texts.join(",")),
        (Parts::Members(members), true) => dotted(
            members
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect(),
        ),
        (Parts::Members(members), false) => format!(".{}", flat(&members, ",")),
    }
}

fn matrix(name: &str, parts: Parts, explode: bool) -> String {
    match (parts, explode) {
        (Parts::One(text), _) => format!(";{name}={text}"),
        (Parts::Several(texts), true) => texts.iter().map(|text| format!(";{name}={text}")).collect(),
        (Parts::Several(texts), false) => format!(";{name}={}", texts.join(",")),
        (Parts::Members(members), true) => members
            .iter()
            .map(|(name, value)| format!(";{name}={value}"))
            .collect(),
        (Parts::Members(members), false) => format!(";{name}={}", flat(&members, ",")),
    }
}

/// A value in a query: its members, without `?` and with `&` between them. Nothing for an empty list or object.
pub fn query(name: &str, value: &Value, style: Style) -> String {
    let spelt = |text: &str| style.spelt(Place::Query, text);
    let name = spelt(name);
    if style.word == StyleWord::Json {
        return format!("{name}={}", spelt(&value.to_string()));
    }
    let between = match style.word {
        StyleWord::SpaceDelimited => "%20",
        StyleWord::PipeDelimited => "%7C",
        _ => ",",
    };
    match (parts(value, spelt), style.word) {
        (Parts::One(text), _) => format!("{name}={text}"),
        (Parts::Several(texts), _) if texts.is_empty() => String::new(),
        (Parts::Several(texts), _) if style.explode => {
            let each: Vec<String> = texts.iter().map(|text| format!("{name}={text}")).collect();
            each.join("&")
        }
        (Parts::Several(texts), _) => format!("{name}={}", texts.join(between)),
        (Parts::Members(members), _) if members.is_empty() => String::new(),
        (Parts::Members(members), StyleWord::DeepObject) => {
            let each: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{name}%5B{key}%5D={value}"))
                .collect();
            each.join("&")
        }
        (Parts::Members(members), _) if style.explode => {
            let each: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            each.join("&")
        }
        (Parts::Members(members), _) => {
            let flat: Vec<String> = members
                .into_iter()
                .flat_map(|(key, value)| [key, value])
                .collect();
            format!("{name}={}", flat.join(between))
        }
    }
}

/// A form (WHATWG URL §5.2): the members of an object, lists repeated.
pub fn form(value: &Value) -> String {
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Array(items) => items.iter().for_each(|item| {
                out.append_pair(name, &embedded(item));
            }),
            other => {
                out.append_pair(name, &embedded(other));
            }
        }
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn style(word: StyleWord, explode: bool) -> Style {
        Style {
            word,
            explode,
            allow_reserved: false,
        }
    }

    /// The table of OpenAPI 3.1 §Style Examples.
    #[test]
    fn values_are_spelt_as_the_specification_shows() {
        let array = json!(["blue", "black", "brown"]);
        // Members come in the order of their names here.
        let object = json!({"B": 150, "G": 200, "R": 100});
        let path = |value: &Value, word, explode| one("color", value, Place::Path, style(word, explode));
        let in_query = |value: &Value, word, explode| query("color", value, style(word, explode));
        for (spelt, expected) in [
            (path(&json!("blue"), StyleWord::Matrix, false), ";color=blue"),
            (path(&array, StyleWord::Matrix, false), ";color=blue,black,brown"),
            (
                path(&array, StyleWord::Matrix, true),
                ";color=blue;color=black;color=brown",
            ),
            (
                path(&object, StyleWord::Matrix, false),
                ";color=B,150,G,200,R,100",
            ),
            (path(&object, StyleWord::Matrix, true), ";B=150;G=200;R=100"),
            (path(&json!("blue"), StyleWord::Label, false), ".blue"),
            (path(&array, StyleWord::Label, true), ".blue.black.brown"),
            (path(&object, StyleWord::Label, true), ".B=150.G=200.R=100"),
            (path(&array, StyleWord::Simple, false), "blue,black,brown"),
            (path(&object, StyleWord::Simple, false), "B,150,G,200,R,100"),
            (path(&object, StyleWord::Simple, true), "B=150,G=200,R=100"),
            (in_query(&json!(""), StyleWord::Form, false), "color="),
            (in_query(&array, StyleWord::Form, false), "color=blue,black,brown"),
            (
                in_query(&array, StyleWord::Form, true),
                "color=blue&color=black&color=brown",
            ),
            (
                in_query(&object, StyleWord::Form, false),
                "color=B,150,G,200,R,100",
            ),
            (in_query(&object, StyleWord::Form, true), "B=150&G=200&R=100"),
            (
                in_query(&array, StyleWord::SpaceDelimited, false),
                "color=blue%20black%20brown",
            ),
            (
                in_query(&array, StyleWord::PipeDelimited, false),
                "color=blue%7Cblack%7Cbrown",
            ),
            (
                in_query(&object, StyleWord::DeepObject, true),
                "color%5BB%5D=150&color%5BG%5D=200&color%5BR%5D=100",
            ),
            (
                in_query(&json!({"a": 1}), StyleWord::Json, false),
                "color=%7B%22a%22%3A1%7D",
            ),
            (in_query(&json!([]), StyleWord::Form, true), ""),
        ] {
            assert_eq!(spelt, expected);
        }
        assert_eq!(
            one("x", &json!("a/b c"), Place::Path, Style::of(Place::Path)),
            "a%2Fb%20c"
        );
        assert_eq!(
            one("x", &json!("a/b c"), Place::Header, Style::of(Place::Header)),
            "a/b c"
        );
        assert_eq!(form(&json!({"a": "b c&d", "l": [1, 2]})), "a=b+c%26d&l=1&l=2");
    }

    #[test]
    fn the_contract_says_how_a_parameter_is_spelt() {
        let text = r#"{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/x":{"get":{"parameters":[
            {"name":"ids","in":"query","style":"pipeDelimited","explode":false,"schema":{"type":"array"}},
            {"name":"q","in":"query","allowReserved":true,"schema":{}}],
            "responses":{"200":{"description":"x"}}}}}}"#;
        let contract = Contract::parse(text, "x").unwrap();
        let operation = &contract.operations()[0];
        let spelt = |name: &str, value: Value| {
            query(
                name,
                &value,
                Style::promised(&contract, operation, name, Place::Query),
            )
        };
        assert_eq!(spelt("ids", json!([1, 2])), "ids=1%7C2");
        assert_eq!(spelt("q", json!("a/b&c")), "q=a/b%26c");
        assert_eq!(spelt("other", json!([1, 2])), "other=1&other=2");
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_place(text in any::<String>(), reserved in any::<bool>()) {
            let style = Style { allow_reserved: reserved, ..Style::of(Place::Query) };
            let spelt = query("q", &json!(text), style);
            prop_assert!(!spelt.contains(['&', '#', ' ', '\n']), "{}", spelt);
            let decoded = percent_encoding::percent_decode_str(&spelt[2..]).decode_utf8().unwrap();
            prop_assert_eq!(decoded, text.as_str());
            let spelt = one("q", &json!(text), Place::Path, Style::of(Place::Path));
            prop_assert!(!spelt.contains(['/', '?', '#', ' ', '\n']), "{}", spelt);
        }
    }
}
