//! What poem-openapi writes another way than people do: header names in capitals, whole numbers with a point, defaults that
//! say nothing, and sentences broken where the source code is.

use serde_json::{Map, Value};

/// Members that say nothing when they have this value.
const NOISE: &[(&str, Value)] = &[
    ("deprecated", Value::Bool(false)),
    // It means something to lists and objects alone, and no parameter of ours is one.
    ("explode", Value::Bool(true)),
];

pub(super) fn apply(document: &mut Value) {
    walk(document);
}

fn walk(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, noise) in NOISE {
                if members.get(*name) == Some(noise) {
                    members.remove(*name);
                }
            }
            if let Some(Value::Object(headers)) = members.get_mut("headers") {
                let named = std::mem::take(headers);
                headers.extend(named.into_iter().map(|(name, header)| (spelled(&name), header)));
            }
            if let Some(Value::String(words)) = members.get_mut("description") {
                *words = unbroken(words);
            }
            members.values_mut().for_each(walk);
            plain_reference(members);
        }
        Value::Array(items) => items.iter_mut().for_each(walk),
        Value::Number(number) => {
            if let Some(whole) = number
                .as_f64()
                .filter(|real| number.is_f64() && real.fract() == 0.0)
                && let Ok(whole) = format!("{whole}").parse::<u64>()
            {
                *number = whole.into();
            }
        }
        _ => {}
    }
}

/// A header's name as it is usually written: `X-REQUEST-ID` is `X-Request-Id`.
fn spelled(name: &str) -> String {
    let word = |word: &str| match word {
        "WWW" => word.to_owned(),
        _ => {
            let (first, rest) = word.split_at(1.min(word.len()));
            format!("{}{}", first.to_ascii_uppercase(), rest.to_ascii_lowercase())
        }
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

/// The same words, in one line for each paragraph.
fn unbroken(words: &str) -> String {
    let paragraphs: Vec<String> = words
        .split("\n\n")
        .map(|paragraph| paragraph.split('\n').collect::<Vec<_>>().join(" "))
        .collect();
    paragraphs.join("\n\n")
}

/// A description beside a reference is said twice: once is enough.
fn plain_reference(members: &mut Map<String, Value>) {
    let said = members.get("description").cloned();
    if let (Some(said), Some(Value::Array(all))) = (said, members.get_mut("allOf")) {
        all.retain(|part| {
            let words = part.as_object().filter(|part| part.len() == 1);
            words.and_then(|part| part.get("description")) != Some(&said)
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn writes_names_numbers_and_sentences_as_people_do() {
        let mut value = json!({
            "headers": {"X-REQUEST-ID": {"deprecated": false}, "WWW-AUTHENTICATE": {}},
            "maximum": 100.0, "ratio": 0.5,
            "description": "One\nsentence.\n\nAnother.",
            "allOf": [{"$ref": "#/x"}, {"description": "One sentence.\n\nAnother."}],
        });
        apply(&mut value);
        assert_eq!(
            value,
            json!({
                "headers": {"X-Request-Id": {}, "WWW-Authenticate": {}},
                "maximum": 100, "ratio": 0.5,
                "description": "One sentence.\n\nAnother.",
                "allOf": [{"$ref": "#/x"}],
            })
        );
    }
}
