//! Simple conditions (Arazzo 1.1 §Criterion Object): literals, runtime expressions and operators, read into a tree that can
//! be judged with what is known, and printed again.

use std::fmt;

use serde_json::Value;

use crate::scenario::expression::{Expression, Misread};
use crate::scenario::scan::{self, Ends};
use crate::scenario::truth;

pub use crate::scenario::truth::{Known, Truth};

/// The longest condition, in bytes.
pub const MOST: usize = 16 << 10;
/// The deepest nesting of groups and negations.
const DEEPEST: usize = 64;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// A literal.
    Literal(Value),
    /// What an expression names.
    Expression(Expression),
    /// `!a`.
    Not(Box<Condition>),
    /// `a == b` and the like.
    Compare {
        /// What stands on the left.
        left: Box<Condition>,
        /// How the two are compared.
        how: Comparison,
        /// What stands on the right.
        right: Box<Condition>,
    },
    /// `a && b && …`, of two at least.
    All(Vec<Condition>),
    /// `a || b || …`, of two at least.
    Any(Vec<Condition>),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// A condition as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// What it says.
    pub condition: Condition,
    /// What is understood here though the specification has no such spelling.
    pub oddities: Vec<Misread>,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// When it is none, or longer than [`MOST`], or nested too deep, with the place and what to write instead.
    pub fn parse(text: &str) -> Result<Reading, Misread> {
        if text.len() > MOST {
            let why = format!("a condition of {} bytes is longer than the {MOST} that are read", text.len());
            return Err(Misread::new(0, 1, why, "divide it into several criteria: all of them must hold"));
        }
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

    /// Whether it holds, as far as that is known. `lookup` tells what an expression stands for; what it names and is not
    /// there is `null`.
    pub fn holds(&self, lookup: &dyn Fn(&Expression) -> Known) -> Truth {
        match self {
            Condition::Literal(_) | Condition::Expression(_) => self.value(lookup).truth(),
            Condition::Not(inner) => inner.holds(lookup).not(),
            Condition::All(parts) => truth::all(parts.iter().map(|part| part.holds(lookup))),
            Condition::Any(parts) => truth::any(parts.iter().map(|part| part.holds(lookup))),
            Condition::Compare { left, how, right } if left == right => match how {
                Comparison::Equal => Truth::True,
                Comparison::Unequal => Truth::False,
                _ => truth::compared(&left.value(lookup), *how, &right.value(lookup)),
            },
            Condition::Compare { left, how, right } => {
                truth::compared(&left.value(lookup), *how, &right.value(lookup))
            }
        }
    }

    /// What it stands for where a value is wanted.
    fn value(&self, lookup: &dyn Fn(&Expression) -> Known) -> Known {
        match self {
            Condition::Literal(value) => Known::Value(value.clone()),
            Condition::Expression(expression) => lookup(expression),
            compound => match compound.holds(lookup) {
                Truth::True => Known::Value(Value::Bool(true)),
                Truth::False => Known::Value(Value::Bool(false)),
                Truth::Unknown => Known::Unknown,
            },
        }
    }

    /// The expressions in it, in the order in which they stand, each once.
    pub fn expressions(&self) -> Vec<&Expression> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'c>(&'c self, found: &mut Vec<&'c Expression>) {
        match self {
            Condition::Literal(_) => {}
            Condition::Expression(expression) => {
                if !found.contains(&expression) {
                    found.push(expression);
                }
            }
            Condition::Not(inner) => inner.collect(found),
            Condition::Compare { left, right, .. } => {
                left.collect(found);
                right.collect(found);
            }
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| part.collect(found)),
        }
    }

    /// How strongly it binds: what binds no more than what it stands in takes parentheses.
    fn strength(&self) -> u8 {
        match self {
            Condition::Any(_) => 0,
            Condition::All(_) => 1,
            Condition::Compare { how, .. } if how.is_equality() => 2,
            Condition::Compare { .. } => 3,
            Condition::Not(_) => 4,
            Condition::Literal(_) | Condition::Expression(_) => 5,
        }
    }

    fn within(&self, strength: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.strength() > strength {
            true => write!(f, "{self}"),
            false => write!(f, "({self})"),
        }
    }
}

impl Comparison {
    fn is_equality(self) -> bool {
        matches!(self, Comparison::Equal | Comparison::Unequal)
    }

    fn sign(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::Unequal => "!=",
            Comparison::Less => "<",
            Comparison::AtMost => "<=",
            Comparison::More => ">",
            Comparison::AtLeast => ">=",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |parts: &[Condition], sign: &str, strength: u8, f: &mut fmt::Formatter<'_>| {
            parts.iter().enumerate().try_for_each(|(place, part)| {
                if place > 0 {
                    f.write_str(sign)?;
                }
                part.within(strength, f)
            })
        };
        match self {
            Condition::Literal(Value::String(text)) => write!(f, "'{}'", text.replace('\'', "''")),
            Condition::Literal(value) => write!(f, "{value}"),
            Condition::Expression(expression) => write!(f, "{}", written(expression)),
            Condition::Not(inner) => {
                f.write_str("!")?;
                inner.within(3, f)
            }
            Condition::Compare { left, how, right } => {
                left.within(self.strength(), f)?;
                write!(f, " {} ", how.sign())?;
                right.within(self.strength(), f)
            }
            Condition::All(parts) => joined(parts, " && ", 1, f),
            Condition::Any(parts) => joined(parts, " || ", 0, f),
        }
    }
}

/// An expression as it stands in a condition: in braces where it would end too early without them.
fn written(expression: &Expression) -> String {
    let bare = expression.to_string();
    match scan::expression(&bare, 0, Ends::BeforeAnOperator) {
        Ok((read, end)) if end == bare.len() && read == *expression => bare,
        _ => format!("{{{bare}}}"),
    }
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
        let Some(how) = self.sign(signs) else { return Ok(left) };
        let right = operand(self)?;
        if let Some(again) = self.sign(signs) {
            let next = "join two comparisons by `&&`, as in `1 < $x && $x < 5`";
            let why = "a comparison of a comparison is seldom what is meant";
            return Err(Misread::new(self.at - again.sign().len(), again.sign().len(), why, next));
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
            return Err(Misread::new(begin, 1, why, "divide it into several criteria: all of them must hold"));
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
        let unclosed = || Misread::new(begin, 1, "this text is never closed", "write `'` where it ends, and `''` for a `'` in it");
        if let Some((text, length)) = scan::quoted(rest) {
            self.at += length;
            return Ok(Condition::Literal(Value::String(text)));
        }
        let inside = rest.strip_prefix('"').ok_or_else(unclosed)?;
        let text = inside.get(..inside.find('"').ok_or_else(unclosed)?).unwrap_or_default();
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
                Err(Misread::new(begin, length, why, "write it as JSON does, or in single quotes if it is a text"))
            }
        }
    }

    fn word(&mut self) -> Result<Condition, Misread> {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-')).unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default();
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "" => return Err(self.no_value()),
            other => {
                let why = format!("{:?} is neither a literal nor an expression", scan::shortened(other));
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
            word if word.starts_with(')') || word.starts_with('}') => "take it away, or open the group before it",
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

#[cfg(test)]
#[path = "condition_tests.rs"]
mod tests;
