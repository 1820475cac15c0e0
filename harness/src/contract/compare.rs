//! Two contracts: what a client of the pinned one would notice if the served one held.
//!
//! The comparison is of meaning: the order of keys, descriptions, examples, servers, and whether a schema is written
//! in place or by reference make no difference.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::compare_schema::SchemaComparison;
use crate::contract::load::Contract;
use crate::contract::operation::{MediaSpec, Operation, Parameter, RequestBody, ResponseSpec};
use crate::contract::place::Place;
use crate::contract::schema::Direction;
use crate::contract::security::{SchemeKind, Security};
use crate::contract::text;

/// The most differences that are kept.
pub const MAX_DIFFERENCES: usize = 1_000;

/// One way in which the served contract is not the pinned one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// A stable identifier of the kind of change, such as `response-field-removed`.
    pub rule: &'static str,
    /// JSON Pointer into the pinned document, or into the served one for what only that has.
    pub pointer: String,
    /// Whether a client that keeps to the pinned contract can break.
    pub breaking: bool,
    /// The change as a sentence of at most 200 characters, control characters escaped.
    pub message: String,
}

/// What changed from `pinned` to `served`: breaking changes first, then by place. Empty when they mean the same. At
/// most [`MAX_DIFFERENCES`].
pub fn compare(pinned: &Contract, served: &Contract) -> Vec<Difference> {
    let mut comparison = Comparison {
        pinned,
        served,
        found: Vec::new(),
    };
    comparison.versions();
    comparison.operations();
    let mut found = comparison.found;
    let key = |difference: &Difference| {
        (
            !difference.breaking,
            difference.pointer.clone(),
            difference.rule,
            difference.message.clone(),
        )
    };
    found.sort_by_cached_key(key);
    found.dedup();
    found.truncate(MAX_DIFFERENCES);
    found
}

/// Whether a change can break a client.
pub(crate) const BREAKING: bool = true;
/// It cannot.
pub(crate) const HARMLESS: bool = false;

struct Comparison<'a> {
    pinned: &'a Contract,
    served: &'a Contract,
    found: Vec<Difference>,
}

/// What identifies an operation to a client: its method, and its path whatever the parameters are called.
fn identity(operation: &Operation) -> (String, String) {
    let segments = operation.template.split('/').map(|segment| {
        let mut out = String::new();
        let mut inside = false;
        for character in segment.chars() {
            match character {
                '{' => inside = true,
                '}' => {
                    inside = false;
                    out.push_str("{}");
                }
                other if !inside => out.push(other),
                _ => {}
            }
        }
        out
    });
    (segments.collect::<Vec<_>>().join("/"), operation.method.clone())
}

/// Things by the key under which two of them are the same: `(key, pinned, served)`, sorted by key.
fn pair<'t, T, K: Ord>(
    pinned: &'t [T],
    served: &'t [T],
    key: impl Fn(&T) -> K,
) -> Vec<(K, Option<&'t T>, Option<&'t T>)> {
    let mut pairs: BTreeMap<K, (Option<&T>, Option<&T>)> = BTreeMap::new();
    for thing in pinned {
        pairs.entry(key(thing)).or_default().0 = Some(thing);
    }
    for thing in served {
        pairs.entry(key(thing)).or_default().1 = Some(thing);
    }
    pairs
        .into_iter()
        .map(|(key, (pinned, served))| (key, pinned, served))
        .collect()
}

impl<'a> Comparison<'a> {
    fn add(&mut self, rule: &'static str, breaking: bool, pointer: &str, message: &str) {
        let message = text::message(message);
        self.found.push(Difference {
            rule,
            pointer: pointer.to_owned(),
            breaking,
            message,
        });
    }

    fn versions(&mut self) {
        let (pinned, served) = (self.pinned.version(), self.served.version());
        if pinned != served {
            let name = |version: Option<String>| version.unwrap_or_else(|| "none".to_owned());
            let message = format!(
                "the document's version is {}, pinned is {}",
                name(served),
                name(pinned)
            );
            self.add("info-version-changed", HARMLESS, "/info/version", &message);
        }
    }

    fn operations(&mut self) {
        for (_, pinned, served) in pair(self.pinned.operations(), self.served.operations(), identity) {
            match (pinned, served) {
                (Some(pinned), Some(served)) => self.operation(pinned, served),
                (Some(gone), None) => {
                    let message = format!("{} is gone", gone.name());
                    self.add("operation-removed", BREAKING, &gone.pointer, &message);
                }
                (None, Some(new)) => {
                    let message = format!("{} is new", new.name());
                    self.add("operation-added", HARMLESS, &new.pointer, &message);
                }
                (None, None) => {}
            }
        }
    }

    fn operation(&mut self, pinned: &'a Operation, served: &'a Operation) {
        self.security(pinned, served);
        self.parameters(pinned, served);
        self.request_body(pinned, served);
        for (status, old, new) in pair(&pinned.responses, &served.responses, |response| response.status) {
            match (old, new) {
                (Some(old), Some(new)) => self.response(&format!("{} {status}", pinned.name()), old, new),
                (Some(old), None) => {
                    let message = format!("{} no longer documents {status}", pinned.name());
                    self.add("response-status-removed", BREAKING, &old.pointer, &message);
                }
                (None, Some(new)) => {
                    let message = format!("{} now documents {status}", pinned.name());
                    self.add("response-status-added", HARMLESS, &new.pointer, &message);
                }
                (None, None) => {}
            }
        }
    }

    fn security(&mut self, pinned: &Operation, served: &Operation) {
        let (old, new) = (wire(&pinned.security), wire(&served.security));
        if old == new {
            return;
        }
        let name = pinned.name();
        let (rule, breaking, message) = match (
            pinned.security.allows_anonymous(),
            served.security.allows_anonymous(),
        ) {
            (true, false) => (
                "security-added",
                BREAKING,
                format!("{name} now demands a credential"),
            ),
            (false, true) => (
                "security-removed",
                HARMLESS,
                format!("{name} no longer demands a credential"),
            ),
            _ => {
                let narrower = !old.is_subset(&new) && !served.security.allows_anonymous();
                (
                    "security-changed",
                    narrower,
                    format!("{name} takes other credentials"),
                )
            }
        };
        self.add(rule, breaking, &pinned.pointer, &message);
    }

    fn parameters(&mut self, pinned: &'a Operation, served: &'a Operation) {
        // Path parameters are the path itself, and their names do not go over the wire.
        let listed = |operation: &'a Operation| -> Vec<Parameter> {
            operation
                .parameters
                .iter()
                .filter(|parameter| parameter.location != "path")
                .cloned()
                .collect()
        };
        let key = |parameter: &Parameter| {
            let header = parameter.location == "header";
            let name = if header {
                parameter.name.to_ascii_lowercase()
            } else {
                parameter.name.clone()
            };
            (parameter.location.clone(), name)
        };
        for ((location, name), old, new) in pair(&listed(pinned), &listed(served), key) {
            let subject = format!("{}: the {location} parameter `{name}`", pinned.name());
            match (old, new) {
                (Some(old), None) => {
                    self.add(
                        "request-parameter-removed",
                        BREAKING,
                        &old.pointer,
                        &format!("{subject} is gone"),
                    );
                }
                (old, Some(new)) if new.required && !old.is_some_and(|old| old.required) => {
                    let message = format!("{subject} is now required");
                    self.add("request-parameter-required", BREAKING, &new.pointer, &message);
                }
                (None, Some(new)) => {
                    self.add(
                        "request-parameter-added",
                        HARMLESS,
                        &new.pointer,
                        &format!("{subject} is new"),
                    );
                }
                _ => {}
            }
            if let (Some(old), Some(new)) = (old, new) {
                let schemas = (old.schema.as_deref(), new.schema.as_deref());
                self.schemas(&subject, Direction::Request, schemas.0, schemas.1);
            }
        }
    }

    fn request_body(&mut self, pinned: &'a Operation, served: &'a Operation) {
        let subject = format!("{} request", pinned.name());
        let required = |body: &Option<RequestBody>| body.as_ref().is_some_and(|body| body.required);
        if required(&served.request_body) && !required(&pinned.request_body) {
            let message = format!("{} now needs a body", pinned.name());
            self.add("request-body-required", BREAKING, &pinned.pointer, &message);
        }
        let media =
            |body: &'a Option<RequestBody>| body.as_ref().map_or(&[][..], |body| body.media.as_slice());
        self.media(
            &subject,
            Direction::Request,
            media(&pinned.request_body),
            media(&served.request_body),
        );
    }

    fn response(&mut self, subject: &str, pinned: &'a ResponseSpec, served: &'a ResponseSpec) {
        self.media(subject, Direction::Response, &pinned.media, &served.media);
        for header in pinned.headers.iter().filter(|header| header.required) {
            let same = served
                .headers
                .iter()
                .find(|new| new.name.eq_ignore_ascii_case(&header.name));
            if !same.is_some_and(|new| new.required) {
                let message = format!("{subject}: the header `{}` is no longer promised", header.name);
                self.add("response-header-removed", BREAKING, &header.pointer, &message);
            }
        }
    }

    fn media(
        &mut self,
        subject: &str,
        direction: Direction,
        pinned: &'a [MediaSpec],
        served: &'a [MediaSpec],
    ) {
        let (removed, added) = match direction {
            Direction::Request => ("request-media-type-removed", "request-media-type-added"),
            Direction::Response => ("response-media-type-removed", "response-media-type-added"),
        };
        let key = |media: &MediaSpec| media.media_type.to_ascii_lowercase();
        for (media_type, old, new) in pair(pinned, served, key) {
            match (old, new) {
                (Some(old), Some(new)) => {
                    self.schemas(subject, direction, old.schema.as_deref(), new.schema.as_deref());
                }
                (Some(old), None) => {
                    let message = format!("{subject}: {media_type} is gone");
                    self.add(removed, BREAKING, &old.pointer, &message);
                }
                (None, Some(new)) => {
                    let message = format!("{subject}: {media_type} is new");
                    self.add(added, HARMLESS, &new.pointer, &message);
                }
                (None, None) => {}
            }
        }
    }

    fn schemas(&mut self, subject: &str, direction: Direction, pinned: Option<&str>, served: Option<&str>) {
        let place = |contract: &'a Contract, pointer: Option<&str>| {
            let pointer = pointer?.to_owned();
            let value = contract.document().pointer(&pointer)?;
            Some(Place { pointer, value })
        };
        let (Some(old), Some(new)) = (place(self.pinned, pinned), place(self.served, served)) else {
            return;
        };
        let room = MAX_DIFFERENCES.saturating_sub(self.found.len());
        self.found
            .extend(SchemaComparison::new(self.pinned, self.served, direction, subject).run(old, new, room));
    }
}

/// The alternatives as they are on the wire, whatever the schemes are called.
fn wire(security: &Security) -> BTreeSet<BTreeSet<(SchemeKind, Vec<String>)>> {
    let alternative = |schemes: &Vec<_>| {
        let scheme =
            |scheme: &crate::contract::security::SchemeUse| (scheme.kind.clone(), scheme.scopes.clone());
        schemes.iter().map(scheme).collect()
    };
    let mut alternatives: BTreeSet<_> = security.alternatives.iter().map(alternative).collect();
    if alternatives.is_empty() {
        alternatives.insert(BTreeSet::new());
    }
    alternatives
}
