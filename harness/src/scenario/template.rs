//! Texts with expressions embedded in braces (Arazzo 1.1 §Runtime Expressions, `expression-string`): `https://{$inputs.host}/`.

use serde_json::Value;

use crate::scenario::expression::{Expression, Misread};

/// A piece of such a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it is written.
    Text(String),
    /// What an expression names.
    Expression(Expression),
}

/// Reads a text with embedded expressions. One begins with `{$`: other braces are text, since the bodies that hold them are
/// mostly JSON.
///
/// # Errors
/// When what stands in such braces is no expression, or they are never closed.
pub fn parse(text: &str) -> Result<Vec<Piece>, Misread> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("{$")) {
        let open = at + found;
        push_text(&mut pieces, text.get(at..open));
        let inside = text.get(open + 1..).unwrap_or_default();
        let Some(length) = inside.find('}') else {
            let next = "write `}` where the expression ends";
            return Err(Misread::new(open, 1, "this expression is never closed", next));
        };
        let written = inside.get(..length).unwrap_or_default();
        let expression = Expression::parse(written).map_err(|misread| Misread {
            at: misread.at + open + 1,
            ..misread
        })?;
        pieces.push(Piece::Expression(expression));
        at = open + length + 2;
    }
    push_text(&mut pieces, text.get(at..));
    Ok(pieces)
}

fn push_text(pieces: &mut Vec<Piece>, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

/// A value as it stands in a text: texts as they are, `null`, numbers and booleans as JSON writes them, and so objects and
/// arrays.
pub fn embedded(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The text again, as [`parse`] reads it.
pub fn written(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Expression(expression) => format!("{{{expression}}}"),
    };
    pieces.iter().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn expressions_stand_among_text_and_other_braces_are_text() {
        let pieces = parse(r#"{"id": "{$inputs.pet_id}", "list": {"a": 1}} {$response.body#/x}"#).unwrap();
        let expressions: Vec<String> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Expression(expression) => Some(expression.to_string()),
                Piece::Text(_) => None,
            })
            .collect();
        assert_eq!(expressions, ["$inputs.pet_id", "$response.body#/x"]);
        assert_eq!(pieces[0], Piece::Text(r#"{"id": ""#.into()));
        assert_eq!(pieces[2], Piece::Text(r#"", "list": {"a": 1}} "#.into()));
    }

    #[test]
    fn what_is_no_expression_in_its_braces_is_said_where_it_stands() {
        let misread = parse("a {$input.x}").unwrap_err();
        assert_eq!((misread.at, misread.length), (3, 6));
        assert!(misread.next.contains("$inputs"), "{misread}");
        let misread = parse("é {$inputs.x").unwrap_err();
        assert_eq!(misread.at, 3);
        assert!(misread.why.contains("never closed"));
    }

    #[test]
    fn values_are_embedded_as_the_specification_says() {
        for (value, text) in [
            (serde_json::json!("a \"b\""), "a \"b\""),
            (serde_json::json!(null), "null"),
            (serde_json::json!(1.5), "1.5"),
            (serde_json::json!({"a": ["b"]}), r#"{"a":["b"]}"#),
        ] {
            assert_eq!(embedded(&value), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_read_again_as_the_same(text in r#"([a-z{}$. "é]|\{\$inputs\.[a-z]{1,3}\}|\{\$statusCode\}){0,12}"#) {
            if let Ok(pieces) = parse(&text) {
                prop_assert_eq!(written(&pieces), text);
            }
        }

        #[test]
        fn nothing_panics(text in any::<String>()) {
            let _ = parse(&text);
            let _ = parse(&format!("{{${text}"));
        }
    }
}
