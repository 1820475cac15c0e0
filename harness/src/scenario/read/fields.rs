//! The fields of an object: which there may be, which there must be, and of what kind.

use crate::scenario::document::{Version, Word};
use crate::scenario::remark::Remarks;
use crate::scenario::rule;
use crate::scenario::source::{Member, Node, Span, Tree};
use crate::target::fault::{nearest, quote, suggest};

/// What begins the names of Greenlight's own extensions.
const OURS: &str = "x-greenlight-";

/// What an object of the specification looks like.
pub(in crate::scenario) struct Shape {
    /// What it is called in a message, such as "a step".
    pub(in crate::scenario) what: &'static str,
    /// Its fields.
    pub(in crate::scenario) fields: &'static [&'static str],
    /// Fields that it has since 1.1.
    pub(in crate::scenario) newer: &'static [&'static str],
    /// Fields that it must have.
    pub(in crate::scenario) required: &'static [&'static str],
    /// Greenlight's own extensions that mean something here.
    pub(in crate::scenario) ours: &'static [&'static str],
}

/// An object whose fields were seen to be its own.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) struct Object<'n> {
    /// Where it begins.
    pub(in crate::scenario) at: Span,
    members: &'n [Member],
}

impl<'n> Object<'n> {
    /// The field of this name.
    pub(in crate::scenario) fn get(&self, field: &str) -> Option<&'n Member> {
        self.members.iter().find(|member| member.key == field)
    }

    /// Where this field's name stands, or where the object begins.
    pub(in crate::scenario) fn place(&self, field: &str) -> Span {
        self.get(field).map_or(self.at, |member| member.at)
    }
}

/// A reading under way.
pub(in crate::scenario) struct Reader<'r> {
    /// The specification that the document says it follows.
    pub(in crate::scenario) version: Version,
    /// What is wrong.
    pub(in crate::scenario) remarks: &'r mut Remarks,
}

impl Reader<'_> {
    /// The fields of a value that should be such an object.
    pub(in crate::scenario) fn object<'n>(&mut self, node: &'n Node, shape: &Shape) -> Option<Object<'n>> {
        let Some(members) = node.members() else {
            let what = format!("{} is wanted here, and this is {}", shape.what, node.kind());
            let next = format!("its fields are {}", listed(shape.fields));
            self.remarks.add(
                &rule::WRONG_VALUE,
                node.at,
                what,
                "it cannot be read as one",
                next,
            );
            return None;
        };
        let object = Object {
            at: members.first().map_or(node.at, |member| member.at),
            members,
        };
        members.iter().for_each(|member| self.field(member, shape));
        for field in shape.required {
            if object.get(field).is_none() {
                let what = format!("{} has no `{field}`", shape.what);
                let next = format!("add `{field}`");
                self.remarks
                    .add(&rule::MISSING_FIELD, object.at, what, "Arazzo requires it", next);
            }
        }
        Some(object)
    }

    fn field(&mut self, member: &Member, shape: &Shape) {
        let key = member.key.as_str();
        let newer = shape.newer.contains(&key);
        if shape.fields.contains(&key) || (newer && self.version >= Version::V1_1) {
            return;
        }
        if key.starts_with(OURS) {
            return self.own(member, shape);
        }
        if key.starts_with("x-") {
            return;
        }
        let (why, next) = match newer {
            true => (
                "the field is one of Arazzo 1.1, and this document says 1.0".to_owned(),
                "write `arazzo: 1.1.0`".to_owned(),
            ),
            false => {
                let known: Vec<&str> = shape.fields.iter().chain(shape.newer).copied().collect();
                (
                    "nothing reads it, so it would have no effect".to_owned(),
                    suggest(key, &known),
                )
            }
        };
        self.remarks.add(
            &rule::UNKNOWN_FIELD,
            member.at,
            format!("{} has no field {}", shape.what, quote(key)),
            why,
            next,
        );
    }

    /// An extension of Greenlight's own: nobody else's typo, so it is checked as strictly as a field.
    fn own(&mut self, member: &Member, shape: &Shape) {
        let name = member.key.strip_prefix(OURS).unwrap_or_default();
        if !shape.ours.contains(&name) {
            let next = match nearest(name, shape.ours.iter().copied()) {
                Some(near) => format!("did you mean `{OURS}{near}`?"),
                None if shape.ours.is_empty() => "take it away".to_owned(),
                None => format!(
                    "known here: {}",
                    shape
                        .ours
                        .iter()
                        .map(|name| format!("`{OURS}{name}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            };
            let what = format!("{} has no extension {}", shape.what, quote(&member.key));
            return self.remarks.add(
                &rule::UNKNOWN_FIELD,
                member.at,
                what,
                "nothing reads it here, so it would have no effect",
                next,
            );
        }
        let text = member.node.text();
        let next = match name {
            "effect" if !text.is_some_and(|text| ["read", "write", "paid"].contains(&text)) => {
                "write read, write or paid"
            }
            "suite" if !text.is_some_and(|text| ["smoke", "contract", "integration"].contains(&text)) => {
                "write smoke, contract or integration"
            }
            "cleanup" if !matches!(member.node.tree, Tree::Bool(_)) => "write true or false",
            "origin" if !text.is_some_and(|text| text.contains("://") || text.starts_with(['$', '{'])) => {
                "write an origin, such as https://app.acme.example"
            }
            "expect-5xx" if text.is_none_or(|text| text.trim().is_empty()) => "write the reason, in words",
            _ => return,
        };
        let what = format!("{} cannot be {}", quote(&member.key), shown(&member.node));
        self.remarks.add(
            &rule::WRONG_VALUE,
            member.node.at,
            what,
            "it means nothing there",
            next,
        );
    }

    /// The text of a field.
    pub(in crate::scenario) fn text(&mut self, object: &Object<'_>, field: &str) -> Option<Word> {
        let member = object.get(field)?;
        self.word(&member.node, field)
    }

    /// A value that should be a text that is not empty.
    pub(in crate::scenario) fn word(&mut self, node: &Node, field: &str) -> Option<Word> {
        match node.text() {
            Some(text) if !text.trim().is_empty() => Some(Word {
                value: text.to_owned(),
                at: node.at,
            }),
            Some(_) => self.wrong(
                node,
                field,
                "a text that is not empty is wanted",
                "write what is meant",
            ),
            None => self.wrong(
                node,
                field,
                "a text is wanted",
                "write a text; what looks like something else takes quotes",
            ),
        }
    }

    fn wrong<T>(&mut self, node: &Node, field: &str, why: &str, next: &str) -> Option<T> {
        let what = format!("`{field}` cannot be {}", shown(node));
        self.remarks.add(&rule::WRONG_VALUE, node.at, what, why, next);
        None
    }

    /// The text of a field that is one of these, by its place among them.
    pub(in crate::scenario) fn one_of(
        &mut self,
        object: &Object<'_>,
        field: &str,
        words: &[&str],
    ) -> Option<usize> {
        let word = self.text(object, field)?;
        let found = words.iter().position(|known| *known == word.value);
        if found.is_none() {
            let what = format!("`{field}` cannot be {}", quote(&word.value));
            let why = format!("it is one of {}", listed(words));
            self.remarks.add(
                &rule::WRONG_VALUE,
                word.at,
                what,
                why,
                suggest(&word.value, words),
            );
        }
        found
    }

    /// The number of a field, when it is none below zero.
    pub(in crate::scenario) fn number(&mut self, object: &Object<'_>, field: &str) -> Option<f64> {
        let member = object.get(field)?;
        let number = match &member.node.tree {
            Tree::Number(number) => number.as_f64().filter(|number| *number >= 0.0),
            _ => None,
        };
        number.or_else(|| {
            self.wrong(
                &member.node,
                field,
                "a number is wanted that is not negative",
                "write such a number",
            )
        })
    }

    /// The whole number of a field, when it is none below zero.
    pub(in crate::scenario) fn whole(&mut self, object: &Object<'_>, field: &str) -> Option<u64> {
        let member = object.get(field)?;
        let number = match &member.node.tree {
            Tree::Number(number) => number.as_u64(),
            _ => None,
        };
        number.or_else(|| {
            self.wrong(
                &member.node,
                field,
                "a whole number is wanted that is not negative",
                "write such a number",
            )
        })
    }

    /// The items of a field, none when it is not there.
    pub(in crate::scenario) fn list<'n>(&mut self, object: &Object<'n>, field: &str) -> &'n [Node] {
        match object.get(field).map(|member| &member.node) {
            None => &[],
            Some(Node {
                tree: Tree::List(items),
                ..
            }) => items,
            Some(node) => {
                self.wrong::<()>(node, field, "a list is wanted", "begin each item with `- `");
                &[]
            }
        }
    }

    /// The items of a field that may not be an empty list.
    pub(in crate::scenario) fn full_list<'n>(&mut self, object: &Object<'n>, field: &str) -> &'n [Node] {
        let items = self.list(object, field);
        if let Some(member) = object.get(field)
            && matches!(&member.node.tree, Tree::List(items) if items.is_empty())
        {
            let what = format!("`{field}` is empty");
            self.remarks.add(
                &rule::MISSING_FIELD,
                member.at,
                what,
                "Arazzo asks for one at least",
                "add one",
            );
        }
        items
    }

    /// The texts of a field that is a list of them.
    pub(in crate::scenario) fn texts(&mut self, object: &Object<'_>, field: &str) -> Vec<Word> {
        let items = self.list(object, field);
        items.iter().filter_map(|item| self.word(item, field)).collect()
    }

    /// The members of a field that is a map of named things, each name seen to be fit for an expression.
    pub(in crate::scenario) fn named<'n>(
        &mut self,
        object: &Object<'n>,
        field: &str,
    ) -> Vec<(Word, &'n Node)> {
        let Some(member) = object.get(field) else {
            return Vec::new();
        };
        let Some(members) = member.node.members() else {
            self.wrong::<()>(
                &member.node,
                field,
                "a map of names is wanted",
                "write `NAME: …` below it",
            );
            return Vec::new();
        };
        let named = members.iter().map(|member| {
            let name = Word {
                value: member.key.clone(),
                at: member.at,
            };
            self.name(&name);
            (name, &member.node)
        });
        named.collect()
    }

    /// Holds a name to the letters that an expression can spell.
    pub(in crate::scenario) fn name(&mut self, name: &Word) {
        let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if !name.value.chars().all(fit) {
            let what = format!("{} cannot be named in an expression", quote(&name.value));
            let why = "names hold letters, digits, `.`, `-` and `_` (Arazzo 1.1 §Runtime Expressions)";
            self.remarks
                .add(&rule::NAME, name.at, what, why, "choose such a name");
        }
    }
}

fn listed(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn shown(node: &Node) -> String {
    match &node.tree {
        Tree::Text(text) => quote(text),
        Tree::Bool(value) => format!("`{value}`"),
        Tree::Number(number) => format!("`{number}`"),
        _ => node.kind().to_owned(),
    }
}
