//! What the validator says about a body, in the words of the contract's reader.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{ErrorIterator, ValidationError};
use serde_json::Value;

use crate::contract::place::{push, tokens};
use crate::contract::text;

/// The most errors of the validator that are looked at for one body.
const MAX_ERRORS: usize = 2_000;

/// One way in which a body breaks its schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    pub(crate) pointer: String,
    pub(crate) rule: &'static str,
    pub(crate) schema_pointer: String,
    pub(crate) expected: String,
    pub(crate) actual: String,
    /// In how many further places the same keyword is broken in the same way.
    pub(crate) repeats: usize,
}

/// Translates errors of the validator. The same keyword broken at many places (each item of a list) is one violation.
pub(crate) fn collect(
    errors: ErrorIterator<'_>,
    redacted: &[String],
    origin: &dyn Fn(&str) -> String,
) -> Vec<Violation> {
    let mut all: Vec<Violation> = Vec::new();
    for error in errors.take(MAX_ERRORS) {
        translate(&error, redacted, origin, &mut all);
    }
    keep_types(&mut all);
    all.sort_by(|a, b| (natural(&a.pointer), a).cmp(&(natural(&b.pointer), b)));
    let mut first: BTreeMap<(&'static str, String, String), usize> = BTreeMap::new();
    let mut kept: Vec<Violation> = Vec::new();
    for violation in all {
        // Below a list only the field counts; two fields of one object stay two violations.
        let field = violation.pointer.rsplit('/').next().unwrap_or_default();
        let field = if field.bytes().all(|byte| byte.is_ascii_digit()) {
            ""
        } else {
            field
        };
        let key = (violation.rule, violation.schema_pointer.clone(), field.to_owned());
        match first.get(&key).and_then(|index| kept.get_mut(*index)) {
            Some(known) => known.repeats += 1,
            None => {
                first.insert(key, kept.len());
                kept.push(violation);
            }
        }
    }
    kept
}

/// A value of the wrong type is outside an `enum` as well; that goes without saying.
fn keep_types(all: &mut Vec<Violation>) {
    let by_type = |violation: &Violation| violation.schema_pointer.ends_with("/type");
    let wrong: BTreeSet<String> = all
        .iter()
        .filter(|v| by_type(v))
        .map(|v| v.pointer.clone())
        .collect();
    let implied =
        |v: &Violation| matches!(v.rule, "field-enum" | "field-nullable") && wrong.contains(&v.pointer);
    all.retain(|violation| by_type(violation) || !implied(violation));
}

/// Sorts `/items/2` before `/items/10`.
fn natural(pointer: &str) -> Vec<(usize, String)> {
    tokens(pointer)
        .map(|token| (token.parse().unwrap_or(usize::MAX), token))
        .collect()
}

fn translate(
    error: &ValidationError<'_>,
    redacted: &[String],
    origin: &dyn Fn(&str) -> String,
    out: &mut Vec<Violation>,
) {
    let at = error.instance_path().as_str();
    if is_excused(error, redacted) {
        return;
    }
    match error.kind() {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            return translate_union(error, context, redacted, origin, out);
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let schema_pointer = origin(error.schema_path().as_str());
            out.extend(unexpected.iter().map(|name| {
                Violation {
                    pointer: push(at, name),
                    rule: "field-unexpected",
                    schema_pointer: schema_pointer.clone(),
                    expected: "no field beyond those that are documented".to_owned(),
                    actual: error
                        .instance()
                        .get(name)
                        .map_or_else(|| "present".to_owned(), text::describe),
                    repeats: 0,
                }
            }));
            return;
        }
        // The schema could not be applied; that says nothing about the body.
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } | Kind::Referencing(_) => {
            return;
        }
        _ => {}
    }
    let (rule, pointer, expected, actual) = match error.kind() {
        Kind::Required { property } => required(error, property),
        kind => {
            let (rule, expected) = plain(kind, error);
            (rule, at.to_owned(), expected, text::describe(error.instance()))
        }
    };
    let schema_pointer = origin(error.schema_path().as_str());
    out.push(Violation {
        pointer,
        rule,
        schema_pointer,
        expected,
        actual,
        repeats: 0,
    });
}

/// A missing field, or one that is there under another spelling.
fn required(error: &ValidationError<'_>, property: &Value) -> (&'static str, String, String, String) {
    let name = property.as_str().unwrap_or_default();
    let pointer = push(error.instance_path().as_str(), name);
    let expected = format!("the required field `{}`", text::safe(name, 60));
    let spelt = |name: &str| {
        name.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase()
    };
    let members = error.instance().as_object();
    let other = members.and_then(|members| members.keys().find(|key| spelt(key) == spelt(name)));
    match other {
        Some(other) => (
            "field-renamed",
            pointer,
            expected,
            format!("a field `{}`", text::safe(other, 60)),
        ),
        None => ("field-removed", pointer, expected, "no such field".to_owned()),
    }
}

/// The rule and the expectation of an error that is about one value alone.
fn plain(kind: &Kind, error: &ValidationError<'_>) -> (&'static str, String) {
    let null = error.instance().is_null();
    match kind {
        Kind::Type { kind } => (
            if null { "field-nullable" } else { "field-type" },
            types(kind).join(" or "),
        ),
        Kind::Enum { options } => (
            if null { "field-nullable" } else { "field-enum" },
            one_of(options),
        ),
        Kind::Constant { expected_value } => ("field-enum", text::literal(expected_value)),
        Kind::Format { format } => ("field-format", format!("format {}", text::safe(format, 60))),
        Kind::Pattern { pattern } => ("field-pattern", format!("pattern {}", text::safe(pattern, 60))),
        Kind::Maximum { limit } => ("field-bounds", format!("at most {limit}")),
        Kind::Minimum { limit } => ("field-bounds", format!("at least {limit}")),
        Kind::ExclusiveMaximum { limit } => ("field-bounds", format!("less than {limit}")),
        Kind::ExclusiveMinimum { limit } => ("field-bounds", format!("more than {limit}")),
        Kind::MultipleOf { multiple_of } => ("field-bounds", format!("a multiple of {multiple_of}")),
        Kind::MaxLength { limit } => ("field-bounds", format!("at most {limit} characters")),
        Kind::MinLength { limit } => ("field-bounds", format!("at least {limit} characters")),
        Kind::MaxItems { limit } => ("field-bounds", format!("at most {limit} items")),
        Kind::MinItems { limit } => ("field-bounds", format!("at least {limit} items")),
        Kind::MaxProperties { limit } => ("field-bounds", format!("at most {limit} fields")),
        Kind::MinProperties { limit } => ("field-bounds", format!("at least {limit} fields")),
        Kind::UniqueItems => ("field-bounds", "items that differ from each other".to_owned()),
        Kind::OneOfMultipleValid { .. } => (
            "field-variant",
            "exactly one of the documented variants".to_owned(),
        ),
        _ => (
            "field-variant",
            format!("what `{}` allows", text::safe(kind.keyword(), 60)),
        ),
    }
}

fn types(kind: &TypeKind) -> Vec<String> {
    match kind {
        TypeKind::Single(kind) => vec![kind.to_string()],
        TypeKind::Multiple(kinds) => kinds.iter().map(|kind| kind.to_string()).collect(),
    }
}

fn one_of(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let shown = options
        .iter()
        .take(8)
        .map(text::literal)
        .collect::<Vec<_>>()
        .join(", ");
    let more = if options.len() > 8 { ", …" } else { "" };
    format!("one of {shown}{more}")
}

type Branches = [Vec<ValidationError<'static>>];

/// No branch of a union fits. What helps is the branch that was meant: the one whose own kind fits the value.
fn translate_union(
    error: &ValidationError<'_>,
    branches: &Branches,
    redacted: &[String],
    origin: &dyn Fn(&str) -> String,
    out: &mut Vec<Violation>,
) {
    let at = error.instance_path().as_str();
    let excused =
        |branch: &Vec<ValidationError<'static>>| branch.iter().all(|error| is_excused(error, redacted));
    if branches.iter().any(excused) {
        return;
    }
    let is_kind = |error: &ValidationError<'static>| {
        error.instance_path().as_str() == at && matches!(error.kind(), Kind::Type { .. })
    };
    let mut meant: Vec<_> = branches
        .iter()
        .filter(|branch| !branch.iter().any(is_kind))
        .collect();
    meant.sort_by_key(|branch| branch.len());
    let unclear = meant
        .get(1)
        .is_some_and(|second| meant.first().is_some_and(|first| first.len() == second.len()));
    if let (Some(first), false) = (meant.first(), unclear) {
        return first
            .iter()
            .for_each(|error| translate(error, redacted, origin, out));
    }
    let kinds: Vec<String> = branches
        .iter()
        .flatten()
        .filter(|error| is_kind(error))
        .flat_map(|error| match error.kind() {
            Kind::Type { kind } => types(kind),
            _ => Vec::new(),
        })
        .collect();
    let (rule, expected) = match (meant.is_empty(), error.instance().is_null()) {
        (true, true) => ("field-nullable", kinds.join(" or ")),
        (true, false) => ("field-type", kinds.join(" or ")),
        (false, _) => (
            "field-variant",
            format!("one of {} documented variants", branches.len()),
        ),
    };
    out.push(Violation {
        pointer: at.to_owned(),
        rule,
        schema_pointer: origin(error.schema_path().as_str()),
        expected,
        actual: text::describe(error.instance()),
        repeats: 0,
    });
}

/// Whether an error may come from a placeholder alone. Placeholders keep a value's kind and length and nothing else.
fn is_excused(error: &ValidationError<'_>, redacted: &[String]) -> bool {
    let at = error.instance_path().as_str();
    match error.kind() {
        Kind::Type { .. } | Kind::MaxLength { .. } | Kind::MinLength { .. } => false,
        Kind::Enum { .. }
        | Kind::Constant { .. }
        | Kind::Pattern { .. }
        | Kind::Format { .. }
        | Kind::Maximum { .. }
        | Kind::Minimum { .. }
        | Kind::ExclusiveMaximum { .. }
        | Kind::ExclusiveMinimum { .. }
        | Kind::MultipleOf { .. }
        | Kind::UniqueItems
        | Kind::Not { .. }
        | Kind::Contains
        | Kind::OneOfMultipleValid { .. } => redacted.iter().any(|pointer| covers(at, pointer)),
        _ => false,
    }
}

/// Whether `pointer` is at or below `at`.
fn covers(at: &str, pointer: &str) -> bool {
    pointer
        .strip_prefix(at)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
