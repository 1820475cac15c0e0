//! Criteria can be read, can hold, can fail to, and take no server error for a success. What is not known before a run may
//! be anything; of the status it is known that it is one of five hundred.

use std::rc::Rc;

use regex::RegexBuilder;
use serde_json_path::JsonPath;

use crate::contract::stack;
use crate::scenario::condition::{Condition, Known, Truth};
use crate::scenario::document::{Call, Criterion, Language, Step, Word};
use crate::scenario::expression::{Expression, Misread, Root};
use crate::scenario::lint::Judge;
use crate::scenario::lint::values::Standing;
use crate::scenario::rule;
use crate::scenario::source::Span;
use crate::scenario::template::{self, Piece};
use crate::scenario::truth;
use crate::target::fault::quote;

/// The statuses that an answer can have (RFC 9110 §15).
const STATUSES: std::ops::Range<u16> = 100..600;
/// Those of server errors.
const SERVER_ERRORS: std::ops::Range<u16> = 500..600;
/// How much a regular expression may take once it is compiled, in bytes.
const PATTERN: usize = 1 << 20;
/// The longest query, in bytes, and how deep its brackets may nest: the parser tries each of them in several ways.
const QUERY: usize = 4 << 10;
const DEEPEST: usize = 6;
/// What takes the place of an expression in a pattern or a query: it may stand alone or in quotes.
const STAND_IN: &str = "0";

/// What a criterion means, as far as that is known before a run.
#[derive(Debug)]
pub(in crate::scenario) enum Meaning {
    /// It depends on the status, and holds so for each of [`STATUSES`].
    OfStatus(Vec<Truth>),
    /// It does not depend on the status.
    OfOthers(Truth),
}

impl Meaning {
    /// Whether it holds of an answer with this status.
    fn at(&self, status: u16) -> Truth {
        match self {
            Meaning::OfOthers(truth) => *truth,
            Meaning::OfStatus(truths) => {
                let at = usize::from(status.saturating_sub(STATUSES.start));
                truths.get(at).copied().unwrap_or(Truth::Unknown)
            }
        }
    }

    /// Whether it always is so.
    fn is_always(&self, truth: Truth) -> bool {
        match self {
            Meaning::OfOthers(known) => *known == truth,
            Meaning::OfStatus(truths) => truths.iter().all(|known| *known == truth),
        }
    }

    fn tabled(holds: impl Fn(u16) -> Truth) -> Meaning {
        Meaning::OfStatus(STATUSES.map(holds).collect())
    }
}

impl<'s> Judge<'s, '_> {
    /// Holds each of these criteria to what a criterion must be.
    pub(in crate::scenario) fn criteria(&mut self, criteria: &'s [Criterion], standing: Standing<'s>) {
        for criterion in criteria {
            if let Some(context) = &criterion.context {
                self.expression(context, standing, "the context is no runtime expression");
            }
            self.condition(criterion, standing);
            let meaning = self.meaning(criterion);
            for (always, what, next) in [
                (
                    Truth::True,
                    "the condition can never be false",
                    "compare with what is expected, or take it away",
                ),
                (
                    Truth::False,
                    "the condition can never be true",
                    "compare with what can come",
                ),
            ] {
                if meaning.is_always(always) {
                    let why = "it decides nothing, whatever the service answers";
                    self.remarks
                        .add(&rule::CONSTANT_CONDITION, criterion.condition.at, what, why, next);
                }
            }
        }
    }

    /// Holds a condition to the language that it is written in.
    fn condition(&mut self, criterion: &'s Criterion, standing: Standing<'s>) {
        let word = &criterion.condition;
        match criterion.language {
            Language::Simple => match Condition::parse(&word.value) {
                Ok(reading) => {
                    for oddity in &reading.oddities {
                        self.remarks.misread(
                            &rule::SPELLING,
                            word,
                            "the condition is spelt in a way of its own",
                            oddity,
                        );
                    }
                    for expression in reading.condition.expressions() {
                        self.known(expression, word, standing);
                    }
                }
                Err(misread) => {
                    self.remarks
                        .misread(&rule::CONDITION, word, "the condition cannot be read", &misread)
                }
            },
            Language::Regex => self.regex(word, standing),
            Language::JsonPath => {
                if word.value.contains("{$") {
                    self.text(word, standing);
                }
                self.jsonpath(word);
            }
            Language::JsonPointer => {
                let next = "write `type: jsonpath`, or `context: $response.body#/…` and a simple condition";
                self.remarks.add(
                    &rule::WRONG_VALUE,
                    word.at,
                    "a JSON Pointer is no condition",
                    "it names a value and judges nothing",
                    next,
                );
            }
            Language::Unspoken => {}
        }
    }

    fn regex(&mut self, word: &Word, standing: Standing<'s>) {
        self.text(word, standing);
        if let Err(error) = pattern(&stood_in(&word.value)) {
            let what = "the regular expression cannot be read";
            let next = "correct it; look-around and back-references are not supported";
            self.remarks.add(&rule::REGEX, word.at, what, error, next);
        }
    }

    /// Holds a query to RFC 9535.
    pub(in crate::scenario) fn jsonpath(&mut self, word: &Word) {
        let query = stood_in(&word.value);
        if let Err(misread) = query_of(&query) {
            // Where something stood for an expression, the places are no longer those of the text.
            let misread = match query == word.value {
                true => misread,
                false => Misread::new(0, word.value.len(), misread.why, misread.next),
            };
            self.remarks.misread(
                &rule::JSONPATH,
                word,
                "this is no JSONPath query (RFC 9535)",
                &misread,
            );
        }
    }

    fn meaning(&mut self, criterion: &Criterion) -> Rc<Meaning> {
        let context = criterion
            .context
            .as_ref()
            .map_or("", |context| context.value.as_str());
        let key = format!(
            "{:?} {context}\n{}",
            criterion.language, criterion.condition.value
        );
        let known = self
            .meanings
            .entry(key)
            .or_insert_with(|| Rc::new(meaning(criterion)));
        Rc::clone(known)
    }

    /// What the criteria of a step admit, taken together.
    pub(in crate::scenario) fn step_criteria(&mut self, step: &'s Step) {
        let meanings: Vec<Rc<Meaning>> = step
            .criteria
            .iter()
            .map(|criterion| self.meaning(criterion))
            .collect();
        if meanings.is_empty() {
            return self.without_criterion(step);
        }
        let all = |status| truth::all(meanings.iter().map(|meaning| meaning.at(status)));
        let alone = meanings.iter().any(|meaning| meaning.is_always(Truth::False));
        let admitted = SERVER_ERRORS.clone().find(|status| all(*status) != Truth::False);
        let Some(first) = step
            .criteria
            .iter()
            .zip(&meanings)
            .find(|(_, meaning)| matches!(***meaning, Meaning::OfStatus(_)))
        else {
            return;
        };
        let at = first.0.condition.at;
        if !alone && STATUSES.clone().all(|status| all(status) == Truth::False) {
            let what = format!(
                "the criteria of step {} exclude each other",
                quote(&step.id.value)
            );
            let why = "all of them must hold, and no status satisfies all";
            let next = "join what may come by `||` in one condition";
            return self.remarks.add(&rule::CONSTANT_CONDITION, at, what, why, next);
        }
        self.server_errors(step, at, admitted);
    }

    /// Says whether a server error passes that nobody expects, or is expected and cannot pass.
    fn server_errors(&mut self, step: &'s Step, at: Span, admitted: Option<u16>) {
        match (admitted, &step.ours.expect_5xx) {
            (Some(status), None) => {
                let what = format!(
                    "the criteria of step {} take a {status} for a success",
                    quote(&step.id.value)
                );
                let why = "a server error is never what a client asked for";
                let next =
                    "add `&& $statusCode < 500`, or say why it is right: `x-greenlight-expect-5xx: reason`";
                self.remarks.add(&rule::ADMITS_5XX, at, what, why, next);
            }
            (None, Some(reason)) => {
                let what = format!("step {} expects no server error", quote(&step.id.value));
                let why = "its criteria exclude every one, so the exception excuses nothing";
                self.remarks.add(
                    &rule::UNUSED_EXCEPTION,
                    reason.at,
                    what,
                    why,
                    "take `x-greenlight-expect-5xx` away",
                );
            }
            _ => {}
        }
    }

    fn without_criterion(&mut self, step: &'s Step) {
        // A step that calls a workflow succeeds as the workflow does, and an answer is asked for by the others alone.
        if matches!(step.call, Some(Call::Workflow(_)) | None) {
            return;
        }
        let what = format!("step {} has no success criterion", quote(&step.id.value));
        let why = "whatever is answered passes, so the step proves nothing";
        let next = "add `successCriteria: [{condition: $statusCode == 200}]`";
        self.remarks.add(&rule::NO_CRITERION, step.id.at, what, why, next);
    }
}

fn meaning(criterion: &Criterion) -> Meaning {
    let of_status = |expression: &Expression| expression.root == Root::StatusCode;
    match criterion.language {
        Language::Simple => {
            let Ok(reading) = Condition::parse(&criterion.condition.value) else {
                return Meaning::OfOthers(Truth::Unknown);
            };
            let condition = reading.condition;
            let nothing = |_: &Expression| Known::Unknown;
            match condition.expressions().into_iter().any(of_status) {
                false => Meaning::OfOthers(condition.holds(&nothing)),
                true => Meaning::tabled(|status| {
                    condition.holds(&|expression| match expression.root {
                        Root::StatusCode => Known::Value(status.into()),
                        _ => Known::Unknown,
                    })
                }),
            }
        }
        Language::Regex => {
            let context = criterion
                .context
                .as_ref()
                .and_then(|context| Expression::parse(&context.value).ok());
            let whole = !criterion.condition.value.contains("{$");
            match context.filter(of_status) {
                Some(_) => match pattern(&criterion.condition.value) {
                    Ok(pattern) if whole => {
                        Meaning::tabled(|status| pattern.is_match(&status.to_string()).into())
                    }
                    _ => Meaning::tabled(|_| Truth::Unknown),
                },
                None => Meaning::OfOthers(Truth::Unknown),
            }
        }
        Language::JsonPath | Language::JsonPointer | Language::Unspoken => Meaning::OfOthers(Truth::Unknown),
    }
}

/// A pattern or a query with something in place of the expressions in it.
fn stood_in(written: &str) -> String {
    let Ok(pieces) = template::parse(written) else {
        return written.to_owned();
    };
    let pieces = pieces.into_iter().map(|piece| match piece {
        Piece::Text(text) => text,
        Piece::Expression(_) => STAND_IN.to_owned(),
    });
    pieces.collect()
}

pub(in crate::scenario) fn pattern(written: &str) -> Result<regex::Regex, String> {
    let built = RegexBuilder::new(written).size_limit(PATTERN).build();
    built.map_err(|error| {
        let full = error.to_string();
        // The last line says what is wrong, those before it draw where.
        let last = full.lines().last().unwrap_or(&full).trim();
        last.strip_prefix("error: ").unwrap_or(last).to_owned()
    })
}

/// Reads a query.
pub(in crate::scenario) fn query_of(written: &str) -> Result<JsonPath, Misread> {
    const NEXT: &str = "write one, such as `$.items[?@.state == 'done']`; it holds when it selects something";
    let mut depth = 0_usize;
    let deepest = written.chars().fold(0, |deepest, c| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth.max(deepest)
    });
    if deepest > DEEPEST || written.len() > QUERY {
        let why = format!("it is longer than {QUERY} bytes, or nested deeper than {DEEPEST}");
        return Err(Misread::new(
            0,
            written.len(),
            why,
            "divide it into several criteria",
        ));
    }
    let gave_up = || Misread::new(0, written.len(), "the parser gave up on it", NEXT);
    stack::deep(|| JsonPath::parse(written))
        .ok_or_else(gave_up)?
        .map_err(|error| {
            let at = written.floor_char_boundary(error.position().min(written.len()));
            let rest = written.get(at..).unwrap_or_default();
            let blanks = rest.len() - rest.trim_start().len();
            let at = if blanks < rest.len() { at + blanks } else { at };
            let why = format!("it cannot be read from here on ({})", error.message());
            Misread::new(at, written.len() - at, why, NEXT)
        })
}
