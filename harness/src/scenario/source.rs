//! A document's text as a tree in which every key and value knows where it stands, so that what is wrong with one can be
//! shown there. YAML and JSON are read alike, under the bounds of [`crate::contract::tree`].

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::{Location, Spanned};

use crate::contract::stack;
use crate::contract::tree::{self, Trust};

/// The longest document, in bytes. Nobody writes more by hand, and 2,000 steps take a quarter of it.
pub const MOST: usize = 4 << 20;

/// A part of the text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Where it begins.
    pub begin: usize,
    /// Where it ends, exclusively.
    pub end: usize,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where: of a text its whole, of a map or a list of YAML at least its beginning.
    pub at: Span,
    /// What stands there.
    pub tree: Tree,
}

/// A value whose parts know where they stand.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the text.
    Map(Vec<Member>),
}

/// A member of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its key.
    pub key: String,
    /// Where the key stands.
    pub at: Span,
    /// Its value.
    pub node: Node,
}

/// Why a text could not be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1, in characters.
    pub column: usize,
    /// What is wrong, in words.
    pub why: String,
    /// What to do.
    pub next: &'static str,
}

impl Unread {
    fn whole(why: impl Into<String>, next: &'static str) -> Unread {
        Unread {
            line: 1,
            column: 1,
            why: why.into(),
            next,
        }
    }
}

impl Node {
    /// The members, when it is a map.
    pub fn members(&self) -> Option<&[Member]> {
        match &self.tree {
            Tree::Map(members) => Some(members),
            _ => None,
        }
    }

    /// The member of this name, when it is a map that has one.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members()?.iter().find(|member| member.key == key)
    }

    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.tree {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What kind of value it is, for a message.
    pub fn kind(&self) -> &'static str {
        match &self.tree {
            Tree::Null => "nothing",
            Tree::Bool(_) => "a boolean",
            Tree::Number(_) => "a number",
            Tree::Text(_) => "a text",
            Tree::List(_) => "a list",
            Tree::Map(_) => "a map",
        }
    }

    /// The value without its places.
    pub fn value(&self) -> Value {
        match &self.tree {
            Tree::Null => Value::Null,
            Tree::Bool(value) => Value::Bool(*value),
            Tree::Number(number) => Value::Number(number.clone()),
            Tree::Text(text) => Value::String(text.clone()),
            Tree::List(items) => items.iter().map(Node::value).collect(),
            Tree::Map(members) => {
                let members = members
                    .iter()
                    .map(|member| (member.key.clone(), member.node.value()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    /// A value whose places nobody knows.
    fn placeless(value: Value) -> Node {
        let tree = match value {
            Value::Null => Tree::Null,
            Value::Bool(value) => Tree::Bool(value),
            Value::Number(number) => Tree::Number(number),
            Value::String(text) => Tree::Text(text),
            Value::Array(items) => Tree::List(items.into_iter().map(Node::placeless).collect()),
            Value::Object(members) => {
                let member = |(key, value)| Member {
                    key,
                    at: Span::default(),
                    node: Node::placeless(value),
                };
                Tree::Map(members.into_iter().map(member).collect())
            }
        };
        Node {
            at: Span::default(),
            tree,
        }
    }
}

/// Reads a document, without its byte order mark.
///
/// # Errors
/// When it is neither YAML nor JSON, longer than [`MOST`], or larger as a tree than its bounds.
pub fn read(text: &str) -> Result<Node, Unread> {
    const GIVE_ONE: &str = "give an Arazzo document, as YAML or JSON";
    if text.len() > MOST {
        let why = format!("it is {} bytes long, and at most {MOST} are read", text.len());
        return Err(Unread::whole(why, "divide it into several documents"));
    }
    match text.trim_start().chars().next() {
        None => return Err(Unread::whole("it is empty", GIVE_ONE)),
        Some('<') => return Err(Unread::whole("it is a page of HTML or XML", GIVE_ONE)),
        Some(_) => {}
    }
    let braced = text.trim_start().strip_prefix('{').map(str::trim_start);
    if braced.is_some_and(|inside| inside.starts_with(['"', '}'])) {
        let value = tree::json(text, Trust::Served).map_err(|error| not_json(&error))?;
        // A tab between the tokens of JSON is none of YAML's indentation, and cannot stand in a text of JSON.
        return Ok(placed(&text.replace('\t', " ")).unwrap_or_else(|| Node::placeless(value)));
    }
    let gave_up = || Unread::whole("the YAML parser gave up on it", "give the document as JSON");
    let value = tree::yaml(text, Trust::Served).ok_or_else(gave_up)?;
    let value = value.map_err(|error| not_yaml(&error))?;
    Ok(placed(text).unwrap_or_else(|| Node::placeless(value)))
}

/// The tree of a text that was seen to keep the bounds. `None` where only the places could not be told.
fn placed(text: &str) -> Option<Node> {
    let read = stack::deep(|| serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, tree::options()));
    Some(node(read?.ok()?))
}

fn not_json(error: &serde_json::Error) -> Unread {
    let full = error.to_string();
    let suffix = format!(" at line {} column {}", error.line(), error.column());
    Unread {
        line: error.line().max(1),
        column: error.column().max(1),
        why: format!("it is not JSON: {}", full.strip_suffix(&suffix).unwrap_or(&full)),
        next: "correct the document there",
    }
}

fn not_yaml(error: &serde_saphyr::Error) -> Unread {
    let place = |part: fn(&Location) -> u64| {
        let part = error.location().map_or(1, |location| part(&location));
        usize::try_from(part).unwrap_or(1).max(1)
    };
    let full = error.without_snippet().to_string();
    let why = full.split(" at line ").next().unwrap_or(&full);
    // The parser tells its caller how to let it pass.
    let why = why.split(", set DuplicateKeyPolicy").next().unwrap_or(why);
    let why = why.replace("no served document gets", "no scenario gets");
    Unread {
        line: place(Location::line),
        column: place(Location::column),
        why: format!("it is not YAML: {why}"),
        next: "correct the document there",
    }
}

/// A tree as the parser gives it.
struct Raw(Tree);

fn node(read: Spanned<Raw>) -> Node {
    Node {
        at: span(&read.referenced),
        tree: read.value.0,
    }
}

fn span(location: &Location) -> Span {
    let bytes = |count: Option<u64>| count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
    let begin = bytes(location.span().byte_offset());
    Span {
        begin,
        end: begin.saturating_add(bytes(location.span().byte_len())),
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(Growing).map(Raw)
    }
}

struct Growing;

impl<'de> Visitor<'de> for Growing {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can carry")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Tree, E> {
        let number = Number::from_f64(value).map(Tree::Number);
        number.ok_or_else(|| E::custom("JSON has no infinity and no NaN"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Raw>>()? {
            list.push(node(item));
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = entries.next_key::<Spanned<String>>()? {
            let value = entries.next_value::<Spanned<Raw>>()?;
            members.push(Member {
                at: span(&key.referenced),
                key: key.value,
                node: node(value),
            });
        }
        Ok(Tree::Map(members))
    }
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
