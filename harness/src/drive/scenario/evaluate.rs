//! From what a document writes to a value: expressions, texts with expressions in them, selectors, and trees of all these.

use serde_json::{Map, Value};

use crate::drive::scenario::values::{Form, Scene};
use crate::scenario::expression::{Expression, Root};
use crate::scenario::judge::selected;
use crate::scenario::source::{Node, Tree};
use crate::scenario::template::{self, Piece, embedded};

/// What stands for a value that is there and may not be shown.
const HIDDEN: &str = "[not shown]";

/// A value that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The expression that names it.
    pub expression: String,
    /// Whether it is an input that nobody had to give.
    pub is_input: bool,
}

impl Missing {
    fn of(expression: &Expression) -> Missing {
        Missing {
            expression: expression.to_string(),
            is_input: matches!(expression.root, Root::Input(_)),
        }
    }
}

/// The value that a node stands for.
pub fn value(node: &Node, scene: &Scene<'_>, form: Form) -> Result<Value, Missing> {
    match &node.tree {
        Tree::Text(text) => text_value(text, scene, form),
        Tree::List(items) => {
            let mut values = Vec::new();
            for item in items {
                match value(item, scene, form) {
                    Err(missing) if missing.is_input => {}
                    other => values.push(other?),
                }
            }
            Ok(Value::Array(values))
        }
        Tree::Map(_) if selector(node).is_some() => select(node, scene, form),
        Tree::Map(members) => {
            let mut values = Map::new();
            for member in members {
                match value(&member.node, scene, form) {
                    Err(missing) if missing.is_input => {}
                    other => {
                        values.insert(member.key.clone(), other?);
                    }
                }
            }
            Ok(Value::Object(values))
        }
        Tree::Null | Tree::Bool(_) | Tree::Number(_) => Ok(node.value()),
    }
}

/// What a text stands for: a value of any kind when it is an expression, else a text.
pub fn text_value(text: &str, scene: &Scene<'_>, form: Form) -> Result<Value, Missing> {
    if Expression::is_meant(text)
        && let Ok(expression) = Expression::parse(text)
    {
        return look(&expression, scene, form);
    }
    if !text.contains("{$") {
        return Ok(text.into());
    }
    let mut whole = String::new();
    for piece in template::parse(text).unwrap_or_default() {
        match piece {
            Piece::Text(text) => whole.push_str(&text),
            Piece::Expression(expression) => whole.push_str(&embedded(&look(&expression, scene, form)?)),
        }
    }
    Ok(whole.into())
}

/// What an expression stands for. What is there and may not be shown is a placeholder in that form.
pub fn look(expression: &Expression, scene: &Scene<'_>, form: Form) -> Result<Value, Missing> {
    let missing = || Missing::of(expression);
    match form {
        Form::Raw => scene.look(expression, Form::Raw).ok_or_else(missing),
        Form::Shown => {
            let raw = scene.look(expression, Form::Raw).ok_or_else(missing)?;
            let shown = scene.look(expression, Form::Shown);
            let hidden = || match raw {
                Value::Null => Value::Null,
                _ => HIDDEN.into(),
            };
            Ok(shown.unwrap_or_else(hidden))
        }
    }
}

/// The context, the selector and its language, when a map is a Selector Object (Arazzo 1.1).
fn selector(node: &Node) -> Option<(&str, &str, &str)> {
    let text = |key: &str| node.member(key)?.node.text();
    let context = text("context").filter(|context| context.starts_with('$'))?;
    let kind = &node.member("type")?.node;
    let language = kind.text().or_else(|| kind.member("type")?.node.text())?;
    Some((context, text("selector")?, language))
}

fn select(node: &Node, scene: &Scene<'_>, form: Form) -> Result<Value, Missing> {
    let (context, query, language) = selector(node).unwrap_or_default();
    let begin = text_value(context, scene, form)?;
    let none = || Missing {
        expression: format!("{context}, {query}"),
        is_input: false,
    };
    match language {
        "jsonpointer" => begin.pointer(query).cloned().ok_or_else(none),
        _ => {
            let mut found = selected(&begin, query);
            match found.len() {
                0 => Err(none()),
                1 => Ok(found.remove(0)),
                _ => Ok(Value::Array(found)),
            }
        }
    }
}
