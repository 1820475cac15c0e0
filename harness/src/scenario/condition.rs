//! Simple conditions (Arazzo 1.1 §Criterion Object): literals, runtime expressions and operators, read into a tree that can
//! be judged with what is known, and printed again.

use std::fmt;

use serde_json::Value;

use crate::scenario::expression::{Expression, Misread};
use crate::scenario::scan::{self, Ends};
use crate::scenario::{parser, truth};

pub use crate::scenario::truth::{Known, Truth};

/// The longest condition, in bytes.
pub const MOST: usize = 16 << 10;

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
            let why = format!(
                "a condition of {} bytes is longer than the {MOST} that are read",
                text.len()
            );
            return Err(Misread::new(
                0,
                1,
                why,
                "divide it into several criteria: all of them must hold",
            ));
        }
        parser::read(text)
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
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| part.collect(found))
            }
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

    pub(super) fn sign(self) -> &'static str {
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

#[cfg(test)]
#[path = "condition_tests.rs"]
mod tests;
