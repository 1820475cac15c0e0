//! Two schemas of one body: which change of it a client would notice.
//!
//! Answers and requests mirror each other. What a server may newly send, a client may not understand; what a server
//! no longer takes, a client may still send.

use std::collections::{BTreeSet, VecDeque};

use crate::contract::compare::{BREAKING, Difference, HARMLESS};
use crate::contract::load::Contract;
use crate::contract::place::Place;
use crate::contract::schema::Direction;
use crate::contract::shape::{Shape, shape};
use crate::contract::text;

/// How deep into a body schemas are compared.
const MAX_DEPTH: usize = 64;

/// Rules that have one name for answers and one for requests.
#[derive(Clone, Copy)]
struct Names {
    answer: &'static str,
    request: &'static str,
}

const TYPE: Names = Names {
    answer: "response-field-type-changed",
    request: "request-field-type-changed",
};
const FORMAT: Names = Names {
    answer: "response-field-format-changed",
    request: "request-field-format-changed",
};
const NULLABLE: Names = Names {
    answer: "response-field-nullable-now",
    request: "request-field-nullable-now",
};
const NOT_NULL: Names = Names {
    answer: "response-field-never-null-now",
    request: "request-field-never-null-now",
};
const REMOVED: Names = Names {
    answer: "response-field-removed",
    request: "request-field-removed",
};
const ADDED: Names = Names {
    answer: "response-field-added",
    request: "request-field-added",
};
const OPTIONAL: Names = Names {
    answer: "response-field-optional-now",
    request: "request-field-optional-now",
};
const REQUIRED: Names = Names {
    answer: "response-field-required-now",
    request: "request-field-required",
};
const VALUE_ADDED: Names = Names {
    answer: "response-enum-value-added",
    request: "request-enum-value-added",
};
const VALUE_REMOVED: Names = Names {
    answer: "response-enum-value-removed",
    request: "request-enum-value-removed",
};
const DEFAULT: Names = Names {
    answer: "response-default-changed",
    request: "request-default-changed",
};
const VARIANT_ADDED: Names = Names {
    answer: "response-variant-added",
    request: "request-variant-added",
};
const VARIANT_REMOVED: Names = Names {
    answer: "response-variant-removed",
    request: "request-variant-removed",
};

/// A comparison under way.
pub(crate) struct SchemaComparison<'a, 's> {
    pinned: &'a Contract,
    served: &'a Contract,
    direction: Direction,
    subject: &'s str,
    found: Vec<Difference>,
    /// Pairs of places that were compared, so that recursive schemas end.
    seen: BTreeSet<(String, String)>,
}

/// A pair of schemas, and which value of the body they are for.
struct Pair<'a> {
    old: Place<'a>,
    new: Place<'a>,
    path: String,
    depth: usize,
}

impl<'a, 's> SchemaComparison<'a, 's> {
    /// A comparison of two schemas for a body going in `direction`; `subject` says whose.
    pub(crate) fn new(
        pinned: &'a Contract,
        served: &'a Contract,
        direction: Direction,
        subject: &'s str,
    ) -> Self {
        SchemaComparison {
            pinned,
            served,
            direction,
            subject,
            found: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    /// Compares, until `room` differences are found.
    pub(crate) fn run(mut self, old: Place<'a>, new: Place<'a>, room: usize) -> Vec<Difference> {
        // Breadth first, so that a change is told at the shallowest of the places where it shows.
        let mut open = VecDeque::from([Pair {
            old,
            new,
            path: String::new(),
            depth: 0,
        }]);
        while let Some(pair) = open.pop_front() {
            let is_new = self
                .seen
                .insert((pair.old.pointer.clone(), pair.new.pointer.clone()));
            if is_new && pair.depth <= MAX_DEPTH && self.found.len() < room {
                open.extend(self.pair(&pair));
            }
        }
        self.found
    }

    fn pair(&mut self, pair: &Pair<'a>) -> Vec<Pair<'a>> {
        // A reference is followed before it is compared, so that a cycle comes back to the same places.
        let (old, new) = (shape(self.pinned, &pair.old), shape(self.served, &pair.new));
        self.types(pair, &old, &new);
        self.values(pair, &old, &new);
        self.default(pair, &old, &new);
        let mut below = self.properties(pair, &old, &new);
        below.extend(self.variants(pair, &old, &new));
        if let (Some(old), Some(new)) = (old.items, new.items) {
            below.push(Pair {
                old,
                new,
                path: format!("{}/*", pair.path),
                depth: pair.depth + 1,
            });
        }
        below
    }

    /// Records a change. `narrower` says whether the served schema lets through less than the pinned one, which breaks
    /// requests; letting through more breaks those who read answers.
    fn change(&mut self, names: Names, narrower: bool, pointer: &str, what: &str) {
        let breaking = match self.direction {
            Direction::Request => narrower,
            Direction::Response => !narrower,
        };
        self.record(names, breaking, pointer, what);
    }

    fn record(&mut self, names: Names, breaking: bool, pointer: &str, what: &str) {
        let rule = match self.direction {
            Direction::Request => names.request,
            Direction::Response => names.answer,
        };
        let message = text::message(&format!("{}: {what}", self.subject));
        self.found.push(Difference {
            rule,
            pointer: pointer.to_owned(),
            breaking,
            message,
        });
    }

    fn types(&mut self, pair: &Pair<'a>, old: &Shape<'a>, new: &Shape<'a>) {
        let (at, name) = (&pair.old.pointer, field(&pair.path));
        if old.types != new.types {
            let narrower = is_within(&new.types, &old.types);
            let wider = is_within(&old.types, &new.types);
            let what = format!(
                "{name} changed from {} to {}",
                kinds(&old.types),
                kinds(&new.types)
            );
            // When neither holds the other, both readers and writers break.
            if narrower || wider {
                self.change(TYPE, narrower, at, &what);
            } else {
                self.record(TYPE, BREAKING, at, &what);
            }
        }
        match (old.nullable, new.nullable) {
            (false, true) => self.change(NULLABLE, false, at, &format!("{name} may now be null")),
            (true, false) => self.change(NOT_NULL, true, at, &format!("{name} may no longer be null")),
            _ => {}
        }
        if old.format != new.format {
            let of = |format: Option<&str>| format.unwrap_or("none").to_owned();
            let what = format!(
                "{name} changed its format from {} to {}",
                of(old.format),
                of(new.format)
            );
            self.record(FORMAT, HARMLESS, at, &what);
        }
    }

    fn values(&mut self, pair: &Pair<'a>, old: &Shape<'a>, new: &Shape<'a>) {
        let (at, name) = (&pair.old.pointer, field(&pair.path));
        match (&old.values, &new.values) {
            (Some(old), Some(new)) => {
                for value in new.difference(old) {
                    self.change(VALUE_ADDED, false, at, &format!("{name} may now be {value}"));
                }
                for value in old.difference(new) {
                    self.change(VALUE_REMOVED, true, at, &format!("{name} is no longer {value}"));
                }
            }
            (Some(_), None) => self.change(VALUE_ADDED, false, at, &format!("{name} may now have any value")),
            (None, Some(_)) => self.change(VALUE_REMOVED, true, at, &format!("{name} is now one of a set")),
            (None, None) => {}
        }
    }

    /// Whoever leaves a field out gets the default: with another one the same request means something else.
    fn default(&mut self, pair: &Pair<'a>, old: &Shape<'a>, new: &Shape<'a>) {
        if let (Some(was), Some(is)) = (old.default, new.default)
            && was != is
        {
            let name = field(&pair.path);
            let value = |value: &serde_json::Value| text::safe(&value.to_string(), 40);
            let what = format!(
                "the default of {name} changed from {} to {}",
                value(was),
                value(is)
            );
            let breaking = self.direction == Direction::Request;
            self.record(DEFAULT, breaking, &pair.old.pointer, &what);
        }
    }

    fn properties(&mut self, pair: &Pair<'a>, old: &Shape<'a>, new: &Shape<'a>) -> Vec<Pair<'a>> {
        let mut below = Vec::new();
        let names: BTreeSet<&str> = old
            .properties
            .keys()
            .chain(new.properties.keys())
            .copied()
            .collect();
        for name in names {
            let path = format!("{}/{name}", pair.path);
            let subject = field(&path);
            match (old.properties.get(name), new.properties.get(name)) {
                (Some(was), Some(is)) => {
                    below.push(Pair {
                        old: was.clone(),
                        new: is.clone(),
                        path,
                        depth: pair.depth + 1,
                    });
                }
                (Some(was), None) => {
                    // A client may leave an optional field of an answer unread; what it sends has no effect any more.
                    let breaking = self.direction == Direction::Request || old.required.contains(name);
                    self.record(REMOVED, breaking, &was.pointer, &format!("{subject} is gone"));
                }
                (None, Some(is)) => {
                    self.record(ADDED, HARMLESS, &is.pointer, &format!("{subject} is new"));
                }
                (None, None) => {}
            }
        }
        self.required(pair, old, new);
        below
    }

    fn required(&mut self, pair: &Pair<'a>, old: &Shape<'a>, new: &Shape<'a>) {
        for name in new.required.difference(&old.required) {
            let place = new
                .properties
                .get(name)
                .map_or(&pair.new.pointer, |place| &place.pointer);
            let what = format!("{} is now required", field(&format!("{}/{name}", pair.path)));
            // A new field that answers always have is an addition, which is said already.
            if self.direction == Direction::Request || old.properties.contains_key(name) {
                self.change(REQUIRED, true, place, &what);
            }
        }
        for name in old
            .required
            .difference(&new.required)
            .filter(|name| new.properties.contains_key(*name))
        {
            let place = old
                .properties
                .get(name)
                .map_or(&pair.old.pointer, |place| &place.pointer);
            let what = format!(
                "{} is no longer required",
                field(&format!("{}/{name}", pair.path))
            );
            self.change(OPTIONAL, false, place, &what);
        }
    }

    fn variants(&mut self, pair: &Pair<'a>, old: &Shape<'a>, new: &Shape<'a>) -> Vec<Pair<'a>> {
        let mut below = Vec::new();
        let at = field(&pair.path);
        let names: BTreeSet<&String> = old.variants.keys().chain(new.variants.keys()).collect();
        for name in names {
            match (old.variants.get(name), new.variants.get(name)) {
                (Some(was), Some(is)) => {
                    let path = pair.path.clone();
                    below.push(Pair {
                        old: was.clone(),
                        new: is.clone(),
                        path,
                        depth: pair.depth + 1,
                    });
                }
                (Some(was), None) => {
                    let what = format!("{at} is no longer {}", text::safe(name, 60));
                    self.change(VARIANT_REMOVED, true, &was.pointer, &what);
                }
                (None, Some(is)) => {
                    let what = format!("{at} may now be {}", text::safe(name, 60));
                    self.change(VARIANT_ADDED, false, &is.pointer, &what);
                }
                (None, None) => {}
            }
        }
        below
    }
}

/// How a value of the body is called in a message.
fn field(path: &str) -> String {
    if path.is_empty() {
        "the body".to_owned()
    } else {
        text::safe(path, 80)
    }
}

fn kinds(types: &BTreeSet<&str>) -> String {
    let named = types
        .iter()
        .map(|kind| text::safe(kind, 20))
        .collect::<Vec<_>>()
        .join(" or ");
    if named.is_empty() {
        "any type".to_owned()
    } else {
        named
    }
}

/// Whether every value of the one set of types is of the other. No type means any; an integer is a number.
fn is_within(inner: &BTreeSet<&str>, outer: &BTreeSet<&str>) -> bool {
    let fits = |kind: &&str| outer.contains(kind) || (*kind == "integer" && outer.contains("number"));
    outer.is_empty() || (!inner.is_empty() && inner.iter().all(fits))
}
