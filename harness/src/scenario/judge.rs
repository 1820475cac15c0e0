//! Criteria judged with what is known once an answer is there, and told part by part when they do not hold.

use serde_json::Value;

use crate::contract::stack;
use crate::scenario::condition::{Condition, Known, Truth};
use crate::scenario::document::{Criterion, Language};
use crate::scenario::expression::Expression;
use crate::scenario::lint::criteria::{pattern, query_of};
use crate::scenario::template::{self, Piece, embedded};

/// How much of a value is told, in characters.
const SHOWN: usize = 120;

/// What expressions stand for: to compute with, and to be told.
pub trait Look {
    /// What an expression stands for; `None` when what it names is not there.
    fn value(&self, expression: &Expression) -> Option<Value>;

    /// The same as it may be shown; `None` when it may not be.
    fn shown(&self, expression: &Expression) -> Option<Value>;
}

/// What a criterion comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Whether it holds.
    pub holds: bool,
    /// What each of its expressions was, in the order in which they stand.
    pub parts: Vec<String>,
}

/// Judges a criterion.
pub fn criterion(criterion: &Criterion, look: &dyn Look) -> Judged {
    let context = criterion
        .context
        .as_ref()
        .and_then(|context| Expression::parse(&context.value).ok());
    let written = &criterion.condition.value;
    match criterion.language {
        Language::Simple => simple(written, look),
        Language::Regex => {
            let holds = context.as_ref().is_some_and(|context| {
                let value = look.value(context);
                let pattern = filled(written, look, |text| regex::escape(&text));
                let pattern = pattern.and_then(|pattern| pattern_of(&pattern));
                value
                    .zip(pattern)
                    .is_some_and(|(value, pattern)| pattern.is_match(&embedded(&value)))
            });
            told(holds, context.as_ref(), written, look)
        }
        Language::JsonPath => {
            let holds = context.as_ref().is_some_and(|context| {
                let query = filled(written, look, |text| text.replace('\'', "\\'"));
                let value = look.value(context);
                value
                    .zip(query)
                    .is_some_and(|(value, query)| !selected(&value, &query).is_empty())
            });
            told(holds, context.as_ref(), written, look)
        }
        Language::JsonPointer | Language::Unspoken => Judged {
            holds: false,
            parts: Vec::new(),
        },
    }
}

fn pattern_of(written: &str) -> Option<regex::Regex> {
    pattern(written).ok()
}

/// A condition and what its expressions were, whether it holds or not.
fn simple(written: &str, look: &dyn Look) -> Judged {
    let Ok(reading) = Condition::parse(written) else {
        return Judged {
            holds: false,
            parts: vec!["it cannot be read".to_owned()],
        };
    };
    let value = |expression: &Expression| Known::Value(look.value(expression).unwrap_or(Value::Null));
    Judged {
        holds: reading.condition.holds(&value) == Truth::True,
        parts: reading
            .condition
            .expressions()
            .into_iter()
            .map(|expression| part(expression, look))
            .collect(),
    }
}

/// What the context and the expressions within a text were.
fn told(holds: bool, context: Option<&Expression>, written: &str, look: &dyn Look) -> Judged {
    let pieces = template::parse(written).unwrap_or_default();
    let within = pieces.iter().filter_map(|piece| match piece {
        Piece::Expression(expression) => Some(expression),
        Piece::Text(_) => None,
    });
    Judged {
        holds,
        parts: context
            .into_iter()
            .chain(within)
            .map(|expression| part(expression, look))
            .collect(),
    }
}

/// What an expression was, in a few words.
pub fn part(expression: &Expression, look: &dyn Look) -> String {
    let Some(_) = look.value(expression) else {
        return format!("{expression} is absent");
    };
    match look.shown(expression) {
        Some(value) => {
            let text = value.to_string();
            let mut short: String = text.chars().take(SHOWN).collect();
            if short.len() < text.len() {
                short.push('…');
            }
            format!("{expression} is {short}")
        }
        None => format!("{expression} is there, and is not shown"),
    }
}

/// A text with what its expressions stand for.
fn filled(written: &str, look: &dyn Look, spelt: impl Fn(String) -> String) -> Option<String> {
    let pieces = template::parse(written).ok()?;
    let pieces = pieces.into_iter().map(|piece| match piece {
        Piece::Text(text) => Some(text),
        Piece::Expression(expression) => look.value(&expression).map(|value| spelt(embedded(&value))),
    });
    pieces.collect()
}

/// What a query selects of a value; nothing when it is none.
pub fn selected(value: &Value, query: &str) -> Vec<Value> {
    let Ok(query) = query_of(query) else {
        return Vec::new();
    };
    let found = stack::deep(|| query.query(value).all().into_iter().cloned().collect());
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scenario::document::Placed;
    use crate::scenario::expression::Root;
    use crate::scenario::source::Span;

    struct World(u16, Value);

    impl Look for World {
        fn value(&self, expression: &Expression) -> Option<Value> {
            match expression.root {
                Root::StatusCode => Some(self.0.into()),
                Root::Input(_) => Some(json!("it's")),
                _ => expression.follow(&self.1).cloned(),
            }
        }

        fn shown(&self, expression: &Expression) -> Option<Value> {
            self.value(expression).filter(|value| *value != json!("secret"))
        }
    }

    fn judged(language: Language, context: Option<&str>, condition: &str, world: &World) -> Judged {
        let word = |text: &str| Placed {
            value: text.to_owned(),
            at: Span::default(),
        };
        let written = Criterion {
            context: context.map(word),
            condition: word(condition),
            language,
        };
        criterion(&written, world)
    }

    #[test]
    fn a_condition_that_does_not_hold_shows_each_of_its_parts() {
        let world = World(500, json!({"id": 3, "token": "secret"}));
        let condition = "$statusCode == 200 && $response.body#/ok == true && $response.body#/token != null";
        let judged = judged(Language::Simple, None, condition, &world);
        assert!(!judged.holds);
        assert_eq!(
            judged.parts,
            [
                "$statusCode is 500",
                "$response.body#/ok is absent",
                "$response.body#/token is there, and is not shown"
            ]
        );
    }

    #[test]
    fn patterns_and_queries_are_applied_to_their_context() {
        let world = World(200, json!({"items": [{"name": "it's"}], "state": "done"}));
        let body = Some("$response.body");
        for (language, context, condition, holds) in [
            (Language::Regex, Some("$statusCode"), "^2\\d\\d$", true),
            (Language::Regex, Some("$response.body#/state"), "^open$", false),
            (Language::Regex, Some("$response.body#/missing"), ".*", false),
            (
                Language::JsonPath,
                body,
                "$.items[?@.name == '{$inputs.name}']",
                true,
            ),
            (Language::JsonPath, body, "$.items[?@.name == 'x']", false),
            (Language::JsonPath, body, "$[", false),
        ] {
            assert_eq!(
                judged(language, context, condition, &world).holds,
                holds,
                "{condition}"
            );
        }
        assert_eq!(
            judged(Language::Regex, Some("$statusCode"), "^3", &world).parts,
            ["$statusCode is 200"]
        );
    }
}
