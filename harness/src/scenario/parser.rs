//! Reads conditions: what binds stronger stands deeper in the tree, and what cannot be read is refused where it goes wrong.

use serde_json::Value;

use crate::scenario::condition::{Comparison, Condition, Reading};
use crate::scenario::expression::{Expression, Misread};
use crate::scenario::scan::{self, Ends};

/// The deepest nesting of groups and negations.
const DEEPEST: usize = 64;

/// Reads a text that is a condition and nothing else.
pub(super) fn read(text: &str) -> Result<Reading, Misread> {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        oddities: Vec::new(),
    };
    let condition = parser.any()?;
    parser.ended()?;
    Ok(Reading {
        condition,
        oddities: parser.oddities,
    })
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    oddities: Vec<Misread>,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Takes this, after white space, when it comes next.
    fn eats(&mut self, expected: &str) -> bool {
        self.skip();
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    /// What comes next, up to white space, for a message.
    fn next_word(&self) -> &'t str {
        self.rest().split_whitespace().next().unwrap_or_default()
    }

    fn any(&mut self) -> Result<Condition, Misread> {
        let mut parts = vec![self.all()?];
        while self.eats("||") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, Misread> {
        let mut parts = vec![self.equality()?];
        while self.eats("&&") {
            parts.push(self.equality()?);
        }
        Ok(one_or(parts, Condition::All))
    }

    fn equality(&mut self) -> Result<Condition, Misread> {
        const SIGNS: &[Comparison] = &[Comparison::Equal, Comparison::Unequal];
        let left = self.relation()?;
        self.compared(left, SIGNS, Self::relation)
    }

    fn relation(&mut self) -> Result<Condition, Misread> {
        // The longer signs first, since the shorter ones begin them.
        const SIGNS: &[Comparison] = &[
            Comparison::AtMost,
            Comparison::AtLeast,
            Comparison::Less,
            Comparison::More,
        ];
        let left = self.operand()?;
        self.compared(left, SIGNS, Self::operand)
    }

    fn compared(
        &mut self,
        left: Condition,
        signs: &[Comparison],
        operand: fn(&mut Self) -> Result<Condition, Misread>,
    ) -> Result<Condition, Misread> {
        let Some(how) = self.sign(signs) else {
            return Ok(left);
        };
        let right = operand(self)?;
        if let Some(again) = self.sign(signs) {
            let next = "join two comparisons by `&&`, as in `1 < $x && $x < 5`";
            let why = "a comparison of a comparison is seldom what is meant";
            return Err(Misread::new(
                self.at - again.sign().len(),
                again.sign().len(),
                why,
                next,
            ));
        }
        Ok(Condition::Compare {
            left: Box::new(left),
            how,
            right: Box::new(right),
        })
    }

    fn sign(&mut self, signs: &[Comparison]) -> Option<Comparison> {
        signs.iter().copied().find(|how| self.eats(how.sign()))
    }

    fn operand(&mut self) -> Result<Condition, Misread> {
        self.skip();
        let begin = self.at;
        self.depth += 1;
        if self.depth > DEEPEST {
            let why = format!("it is nested deeper than {DEEPEST}");
            return Err(Misread::new(
                begin,
                1,
                why,
                "divide it into several criteria: all of them must hold",
            ));
        }
        let rest = self.rest();
        let read = match rest.chars().next() {
            Some('!') => {
                self.at += 1;
                self.operand().map(|inner| Condition::Not(Box::new(inner)))
            }
            Some('(') => self.group(')'),
            Some('{') => self.braced(),
            Some('$') => self.expression(),
            Some('\'' | '"') => self.text(),
            Some(c) if c.is_ascii_digit() || c == '-' => self.number(),
            _ => self.word(),
        };
        self.depth -= 1;
        read
    }

    fn group(&mut self, close: char) -> Result<Condition, Misread> {
        let begin = self.at;
        self.at += 1;
        let inner = self.any()?;
        if self.eats(&close.to_string()) {
            return Ok(inner);
        }
        let next = format!("write `{close}` where the group ends");
        Err(Misread::new(begin, 1, "this group is never closed", next))
    }

    /// An expression in braces, which may hold any character but braces, or a condition in them.
    fn braced(&mut self) -> Result<Condition, Misread> {
        let inside = self.rest().get(1..).unwrap_or_default();
        if let Some(end) = inside.find(['{', '}'])
            && let Ok(expression) = Expression::parse(inside.get(..end).unwrap_or_default())
            && inside.get(end..).is_some_and(|rest| rest.starts_with('}'))
        {
            self.at += end + 2;
            return Ok(Condition::Expression(expression));
        }
        self.group('}')
    }

    fn expression(&mut self) -> Result<Condition, Misread> {
        let (expression, end) = scan::expression(self.text, self.at, Ends::BeforeAnOperator)?;
        self.at = end;
        Ok(Condition::Expression(expression))
    }

    fn text(&mut self) -> Result<Condition, Misread> {
        let begin = self.at;
        let rest = self.rest();
        let unclosed = || {
            Misread::new(
                begin,
                1,
                "this text is never closed",
                "write `'` where it ends, and `''` for a `'` in it",
            )
        };
        if let Some((text, length)) = scan::quoted(rest) {
            self.at += length;
            return Ok(Condition::Literal(Value::String(text)));
        }
        let inside = rest.strip_prefix('"').ok_or_else(unclosed)?;
        let text = inside
            .get(..inside.find('"').ok_or_else(unclosed)?)
            .unwrap_or_default();
        self.at += text.len() + 2;
        let next = format!("write '{}'", scan::shortened(&text.replace('\'', "''")));
        let why = "a text stands in single quotes (Arazzo 1.1 §Literals)";
        self.oddities.push(Misread::new(begin, text.len() + 2, why, next));
        Ok(Condition::Literal(Value::String(text.to_owned())))
    }

    fn number(&mut self) -> Result<Condition, Misread> {
        let begin = self.at;
        let rest = self.rest();
        let of_number = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_');
        let length = rest.find(|c| !of_number(c)).unwrap_or(rest.len());
        let written = rest.get(..length).unwrap_or_default();
        match serde_json::from_str::<serde_json::Number>(written) {
            Ok(number) => {
                self.at += length;
                Ok(Condition::Literal(Value::Number(number)))
            }
            Err(_) => {
                let why = format!("{:?} is no number", scan::shortened(written));
                Err(Misread::new(
                    begin,
                    length,
                    why,
                    "write it as JSON does, or in single quotes if it is a text",
                ))
            }
        }
    }

    fn word(&mut self) -> Result<Condition, Misread> {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-'))
            .unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default();
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "" => return Err(self.no_value()),
            other => {
                let why = format!(
                    "{:?} is neither a literal nor an expression",
                    scan::shortened(other)
                );
                let next = format!("a text stands in single quotes: '{}'", scan::shortened(other));
                return Err(Misread::new(self.at, length, why, next));
            }
        };
        self.at += length;
        Ok(Condition::Literal(value))
    }

    fn no_value(&self) -> Misread {
        const NEXT: &str = "write an expression such as `$statusCode`, a literal, or a group in parentheses";
        match self.next_word() {
            "" => Misread::new(self.at, 1, "a value is missing at the end", NEXT),
            word => {
                let why = format!("a value is missing before {:?}", scan::shortened(word));
                Misread::new(self.at, word.len(), why, NEXT)
            }
        }
    }

    fn ended(&mut self) -> Result<(), Misread> {
        self.skip();
        let word = self.next_word();
        let next = match word {
            "" => return Ok(()),
            word if word.starts_with("===") || word.starts_with("!==") => "write `==` or `!=`",
            word if word.starts_with('=') => "write `==` to compare",
            word if word.starts_with('&') || word.eq_ignore_ascii_case("and") => "write `&&`",
            word if word.starts_with('|') || word.eq_ignore_ascii_case("or") => "write `||`",
            word if word.starts_with(')') || word.starts_with('}') => {
                "take it away, or open the group before it"
            }
            _ => "write an operator before it: ==, !=, <, <=, >, >=, && or ||",
        };
        let why = format!("the condition is over before {:?}", scan::shortened(word));
        Err(Misread::new(self.at, word.len(), why, next))
    }
}

fn one_or(mut parts: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}
