//! Where each value stands in the text that it was read from. Types stay plain; whoever finds something wrong names
//! a pointer, and the place is looked up.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// The spans of one entry, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spans {
    /// The key, or the value again in an array.
    pub key: Range<usize>,
    /// The value; for a table under a `[header]`, the header.
    pub value: Range<usize>,
}

/// Every entry of a TOML document by its JSON Pointer (RFC 6901): `/client/0/origin`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index(BTreeMap<String, Spans>);

impl Index {
    /// Notes where everything is.
    pub fn of(table: &DeTable<'_>) -> Index {
        let mut index = Index::default();
        index.table(String::new(), table);
        index
    }

    fn table(&mut self, at: String, table: &DeTable<'_>) {
        for (key, value) in table {
            self.value(join(&at, key.get_ref()), key.span(), value);
        }
    }

    fn value(&mut self, at: String, key: Range<usize>, value: &Spanned<DeValue<'_>>) {
        self.0.insert(
            at.clone(),
            Spans {
                key,
                value: value.span(),
            },
        );
        match value.get_ref() {
            DeValue::Table(inner) => self.table(at, inner),
            DeValue::Array(items) => {
                for (position, item) in items.iter().enumerate() {
                    self.value(format!("{at}/{position}"), item.span(), item);
                }
            }
            _ => {}
        }
    }

    /// Where this entry stands, or else the nearest entry around it that is in the text.
    pub fn find(&self, pointer: &str) -> Option<&Spans> {
        let mut pointer = pointer;
        loop {
            if let Some(spans) = self.0.get(pointer) {
                return Some(spans);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }

    /// Whether the text has this very entry.
    pub fn has(&self, pointer: &str) -> bool {
        self.0.contains_key(pointer)
    }

    /// The entry whose value has exactly this span.
    pub fn at(&self, span: &Range<usize>) -> Option<&str> {
        self.0
            .iter()
            .find(|(_, spans)| spans.value == *span)
            .map(|(pointer, _)| pointer.as_str())
    }

    /// Every entry.
    pub fn pointers(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// The pointer to a member of what `at` points to.
pub fn join(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The pointer as people read a profile: `client[0].origin`.
pub fn spoken(pointer: &str) -> String {
    let mut spoken = String::new();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        match part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty() {
            true => spoken.push_str(&format!("[{part}]")),
            false if spoken.is_empty() => spoken.push_str(&part),
            false => spoken.push_str(&format!(".{part}")),
        }
    }
    spoken
}

/// What [`prune`] took away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pruned {
    /// The span of the table or array that held it; `None` for the document itself.
    pub parent: Option<Range<usize>>,
    /// The span of the value that went.
    pub value: Range<usize>,
}

/// Takes the innermost entry out whose key or value has exactly this span.
pub fn prune(table: &mut DeTable<'_>, span: &Range<usize>, parent: Option<Range<usize>>) -> Option<Pruned> {
    for (_, value) in table.iter_mut() {
        let pruned = prune_inside(value, span);
        if pruned.is_some() {
            return pruned;
        }
    }
    let entry = table
        .iter()
        .find(|(key, value)| key.span() == *span || value.span() == *span);
    let (key, value) = entry.map(|(key, value)| (key.clone(), value.span()))?;
    table.remove(&key);
    Some(Pruned { parent, value })
}

fn prune_inside(holder: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<Pruned> {
    let parent = Some(holder.span());
    match holder.get_mut() {
        DeValue::Table(table) => prune(table, span, parent),
        DeValue::Array(items) => {
            if let Some(pruned) = items.iter_mut().find_map(|item| prune_inside(item, span)) {
                return Some(pruned);
            }
            let position = items.iter().position(|item| item.span() == *span)?;
            let kept = std::mem::replace(items, DeArray::new())
                .into_iter()
                .enumerate()
                .filter(|(index, _)| *index != position);
            *items = kept.map(|(_, item)| item).collect();
            Some(Pruned {
                parent,
                value: span.clone(),
            })
        }
        _ => None,
    }
}
