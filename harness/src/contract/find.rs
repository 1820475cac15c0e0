//! From the path of a request to the operation that it is for (OpenAPI §4.8.8, path templating).

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::load::Contract;
use crate::contract::operation::Operation;

/// The operation that a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// The values of its path parameters, percent-decoded.
    pub path_params: BTreeMap<String, String>,
}

/// Why no operation was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFound {
    /// No documented path matches.
    UnknownPath,
    /// The path is documented, and this method of it is not.
    OtherMethods {
        /// The template that matches best.
        template: String,
        /// The methods that it documents, sorted.
        methods: Vec<String>,
    },
}

impl Contract {
    /// Finds the operation for a method and a path. `base_path` is the path of the target's base URL, such as
    /// `/api/v3`, or `""`; `path` may be a full one (`/api/v3/notes`) or one below the base (`/notes`). Both find the
    /// operation, whether the document writes the prefix into its server URLs, into its paths, or nowhere.
    ///
    /// A path with fewer parameters wins, so that `/notes/mine` is not taken for `/notes/{id}`. `HEAD` falls back to
    /// `GET` (RFC 9110 §9.3.2). A query or fragment is ignored.
    ///
    /// # Errors
    /// [`NotFound`] says whether it is the path that is unknown, or only the method.
    pub fn find(&self, method: &str, path: &str, base_path: &str) -> Result<Match<'_>, NotFound> {
        let readings = readings(path, base_path);
        let mut found: Vec<Candidate<'_>> = self
            .operations()
            .iter()
            .filter_map(|operation| candidate(operation, &readings))
            .collect();
        found.sort_by(|a, b| a.rank.cmp(&b.rank));
        let named = |name: &str| found.iter().find(|candidate| candidate.operation.method == name);
        // Methods are case-sensitive (RFC 9110 §9.1).
        let chosen = named(method).or_else(|| (method == "HEAD").then(|| named("GET")).flatten());
        match (chosen, found.first()) {
            (Some(candidate), _) => Ok(Match {
                operation: candidate.operation,
                path_params: candidate.path_params.clone(),
            }),
            (None, None) => Err(NotFound::UnknownPath),
            (None, Some(best)) => {
                let template = best.operation.template.clone();
                let same = found
                    .iter()
                    .filter(|candidate| candidate.operation.template == template);
                let methods: BTreeSet<String> =
                    same.map(|candidate| candidate.operation.method.clone()).collect();
                Err(NotFound::OtherMethods {
                    template,
                    methods: methods.into_iter().collect(),
                })
            }
        }
    }
}

/// The ways in which a path may be meant, likeliest first: as it is, without the base, below the base.
fn readings(path: &str, base_path: &str) -> Vec<String> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let base = base_path.trim_end_matches('/');
    let mut readings = vec![path.to_owned()];
    if !base.is_empty() {
        match strip(path, base) {
            Some(rest) => readings.push(rest.to_owned()),
            None => readings.push(format!("{base}{path}")),
        }
    }
    readings
}

/// What follows `prefix` in `path`, where the prefix ends at a segment.
fn strip<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    path.strip_prefix(prefix).filter(|rest| rest.starts_with('/'))
}

/// How well an operation's path fits; less is better. Parameters first, then the reading, then which segments are
/// parameters, then the template, so that the order never depends on the document's.
type Rank<'a> = (usize, usize, Vec<bool>, &'a str);

struct Candidate<'a> {
    operation: &'a Operation,
    rank: Rank<'a>,
    path_params: BTreeMap<String, String>,
}

fn candidate<'a>(operation: &'a Operation, readings: &[String]) -> Option<Candidate<'a>> {
    let shape: Vec<bool> = operation
        .template
        .split('/')
        .map(|segment| segment.contains('{'))
        .collect();
    let parameters = shape.iter().filter(|is_parameter| **is_parameter).count();
    // Below its server's path first: that is what a template means.
    let stripped = readings.iter().flat_map(|reading| {
        operation
            .server_paths
            .iter()
            .filter(|prefix| !prefix.is_empty())
            .filter_map(|prefix| strip(reading, prefix))
    });
    let plain = readings.iter().map(String::as_str);
    let (reading, path_params) = stripped
        .chain(plain)
        .enumerate()
        .find_map(|(index, path)| Some((index, match_path(&operation.template, path)?)))?;
    Some(Candidate {
        operation,
        rank: (parameters, reading, shape, &operation.template),
        path_params,
    })
}

/// The values of a template's parameters in a path that it matches.
fn match_path(template: &str, path: &str) -> Option<BTreeMap<String, String>> {
    if template.matches('/').count() != path.matches('/').count() {
        return None;
    }
    let mut values = BTreeMap::new();
    for (pattern, segment) in template.split('/').zip(path.split('/')) {
        let segment = decode(segment);
        if pattern.contains('{') {
            match_segment(pattern, &segment, &mut values)?;
        } else if decode(pattern) != segment {
            return None;
        }
    }
    Some(values)
}

fn decode(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment)
        .decode_utf8_lossy()
        .into_owned()
}

/// One segment, which may mix text and parameters, as in `{name}.{extension}`. A parameter is never empty, and takes
/// as little as the text after it allows.
fn match_segment(pattern: &str, segment: &str, values: &mut BTreeMap<String, String>) -> Option<()> {
    let mut rest = segment;
    let mut pattern = pattern;
    while let Some((literal, tail)) = pattern.split_once('{') {
        let (name, tail) = tail.split_once('}')?;
        rest = rest.strip_prefix(literal)?;
        let next = tail.split('{').next().unwrap_or_default();
        let end = match (next.is_empty(), tail.contains('{')) {
            (true, _) => rest.len(),
            (false, false) => rest.len().checked_sub(next.len())?,
            (false, true) => {
                let first = rest.chars().next()?.len_utf8();
                first + rest.get(first..)?.find(next)?
            }
        };
        let value = rest.get(..end).filter(|value| !value.is_empty())?;
        values.insert(name.to_owned(), value.to_owned());
        rest = rest.get(end..)?;
        pattern = tail;
    }
    (rest == pattern).then_some(())
}
