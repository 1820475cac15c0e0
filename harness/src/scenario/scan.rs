//! Reads the characters of an expression, by itself or inside a condition, where it ends with the first character that no
//! operand holds.

use crate::scenario::expression::{Access, Component, Expression, Misread, Root, Side, Source};

/// Where an expression ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// With its text.
    WithTheText,
    /// Before the next operator of a condition, or white space.
    BeforeAnOperator,
}

/// The longest text of a message's own, in characters.
const SHORT: usize = 40;

/// What expressions begin with, as the specification spells it.
const ROOTS: &[&str] = &[
    "$url",
    "$method",
    "$statusCode",
    "$self",
    "$request",
    "$response",
    "$inputs",
    "$outputs",
    "$steps",
    "$workflows",
    "$sourceDescriptions",
    "$components",
];

/// The expression that begins at this byte, and where it ends.
pub(super) fn expression(text: &str, begin: usize, ends: Ends) -> Result<(Expression, usize), Misread> {
    let mut scanner = Scanner {
        text,
        at: begin,
        ends,
    };
    let word = scanner.word();
    let root = match word {
        "$url" => Root::Url,
        "$method" => Root::Method,
        "$statusCode" => Root::StatusCode,
        "$self" => Root::Itself,
        "$request" => Root::Request(scanner.source("$request")?),
        "$response" => Root::Response(scanner.source("$response")?),
        "$inputs" => Root::Input(scanner.name("$inputs.", "NAME")?),
        "$outputs" => Root::Output(scanner.name("$outputs.", "NAME")?),
        "$steps" => scanner.step()?,
        "$workflows" => scanner.workflow()?,
        "$sourceDescriptions" => scanner.source_description()?,
        "$components" => scanner.component()?,
        "$message" => {
            let why = "`$message` is of AsyncAPI, and only HTTP is spoken here";
            return Err(Misread::new(
                begin,
                word.len(),
                why,
                "name a part of `$request` or `$response`",
            ));
        }
        unknown => return Err(unknown_root(unknown, begin)),
    };
    let mut expression = Expression::of(root);
    if may_be_entered(&expression.root) {
        expression.pointer = scanner.pointer()?;
        expression.way = scanner.way()?;
    }
    Ok((expression, scanner.at))
}

/// Whether a value of many parts may stand there.
fn may_be_entered(root: &Root) -> bool {
    match root {
        Root::Request(source) | Root::Response(source) => *source == Source::Body,
        Root::Input(_) | Root::Output(_) | Root::StepOutput { .. } | Root::Workflow { .. } => true,
        _ => false,
    }
}

fn unknown_root(word: &str, at: usize) -> Misread {
    let nearest = ROOTS
        .iter()
        .map(|root| (strsim::damerau_levenshtein(root, word), *root))
        .min();
    let next = match nearest {
        Some((far, root)) if far <= 3 && far < word.len() => format!("did you mean `{root}`?"),
        _ => format!("expressions begin with {}", ROOTS.join(", ")),
    };
    Misread::new(
        at,
        word.len(),
        format!("{:?} begins no runtime expression", shortened(word)),
        next,
    )
}

/// A text for a message.
pub(super) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(SHORT).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Whether a member of this name can be written after a dot.
pub(super) fn is_member(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| is_identifier(c) && c != '.')
}

fn is_identifier(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// `tchar` of RFC 9110 §5.6.2.
fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    ends: Ends,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Takes this, when it comes next.
    fn eats(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    /// Takes the characters that come next as long as they are such.
    fn takes(&mut self, of: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let operator = |at: usize| {
            self.ends == Ends::BeforeAnOperator && is_operator(rest.get(at..).unwrap_or_default())
        };
        let over = rest.char_indices().find(|(at, c)| !of(*c) || operator(*at));
        let end = over.map_or(rest.len(), |(at, _)| at);
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// `$` and the letters after it.
    fn word(&mut self) -> &'t str {
        let begin = self.at;
        self.eats("$");
        self.takes(|c| c.is_ascii_alphabetic());
        self.text.get(begin..self.at).unwrap_or_default()
    }

    fn misread(&self, why: impl Into<String>, next: impl Into<String>) -> Misread {
        Misread::new(
            self.at,
            self.rest().chars().next().map_or(1, char::len_utf8),
            why,
            next,
        )
    }

    fn dot(&mut self, example: &str) -> Result<(), Misread> {
        if self.eats(".") {
            return Ok(());
        }
        Err(self.misread("a name is missing here", format!("write `{example}`")))
    }

    /// A name that is not empty, after a dot.
    fn name(&mut self, before: &str, example: &str) -> Result<String, Misread> {
        let example = format!("{before}{example}");
        self.dot(&example)?;
        self.identifier(&example, is_identifier)
    }

    fn identifier(&mut self, example: &str, of: impl Fn(char) -> bool) -> Result<String, Misread> {
        match self.takes(of) {
            "" => Err(self.misread("a name is missing here", format!("write `{example}`"))),
            name => Ok(name.to_owned()),
        }
    }

    fn source(&mut self, of: &str) -> Result<Source, Misread> {
        self.dot(&format!("{of}.body"))?;
        let at = self.at;
        let word = self.takes(|c| c.is_ascii_alphabetic());
        match word {
            "header" => {
                let example = format!("{of}.header.NAME");
                self.dot(&example)?;
                Ok(Source::Header(self.identifier(&example, is_token)?))
            }
            "query" => Ok(Source::Query(self.any_name(&format!("{of}.query.NAME"))?)),
            "path" => Ok(Source::Path(self.any_name(&format!("{of}.path.NAME"))?)),
            // The specification has both words; over HTTP they mean one thing.
            "body" | "payload" => Ok(Source::Body),
            other => Err(Misread::new(
                at,
                other.len(),
                format!("{:?} is no part of it", shortened(other)),
                format!("write {of}.header.NAME, {of}.query.NAME, {of}.path.NAME or {of}.body"),
            )),
        }
    }

    /// A name of any characters but the braces that end an embedded expression.
    fn any_name(&mut self, example: &str) -> Result<String, Misread> {
        self.dot(example)?;
        self.identifier(example, |c| !matches!(c, '{' | '}'))
    }

    fn step(&mut self) -> Result<Root, Misread> {
        const EXAMPLE: &str = "$steps.STEP.outputs.NAME";
        let (step, name) = self.divided(EXAMPLE, &[".outputs."])?;
        Ok(Root::StepOutput { step, name: name.1 })
    }

    fn workflow(&mut self) -> Result<Root, Misread> {
        const EXAMPLE: &str = "$workflows.WORKFLOW.outputs.NAME";
        let (workflow, (divider, name)) = self.divided(EXAMPLE, &[".outputs.", ".inputs."])?;
        let side = match divider {
            ".inputs." => Side::Inputs,
            _ => Side::Outputs,
        };
        Ok(Root::Workflow { workflow, side, name })
    }

    /// Two names with one of these between them. The first may hold dots: ids should not, and yet may.
    fn divided(
        &mut self,
        example: &str,
        dividers: &[&'static str],
    ) -> Result<(String, (&'static str, String)), Misread> {
        self.dot(example)?;
        let at = self.at;
        let both = self.takes(is_identifier);
        let first = dividers
            .iter()
            .filter_map(|divider| Some((both.find(divider)?, *divider)))
            .min();
        let parts = first.and_then(|(end, divider)| {
            let (id, rest) = both.split_at_checked(end)?;
            let name = rest.strip_prefix(divider)?;
            (!id.is_empty() && !name.is_empty()).then(|| (id.to_owned(), (divider, name.to_owned())))
        });
        parts.ok_or_else(|| {
            let why = format!("{:?} does not say which value of it", shortened(both));
            Misread::new(at, both.len(), why, format!("write `{example}`"))
        })
    }

    fn source_description(&mut self) -> Result<Root, Misread> {
        const EXAMPLE: &str = "$sourceDescriptions.NAME.OPERATION";
        self.dot(EXAMPLE)?;
        let source = self.identifier(EXAMPLE, |c| is_identifier(c) && c != '.')?;
        let reference = self.any_name(EXAMPLE)?;
        Ok(Root::SourceDescription { source, reference })
    }

    fn component(&mut self) -> Result<Root, Misread> {
        const EXAMPLE: &str = "$components.parameters.NAME";
        self.dot(EXAMPLE)?;
        let at = self.at;
        let kind = match self.takes(|c| c.is_ascii_alphabetic()) {
            "parameters" => Component::Parameters,
            "successActions" => Component::SuccessActions,
            "failureActions" => Component::FailureActions,
            other => {
                let why = format!("no expression leads to {:?} of the components", shortened(other));
                let next = match other {
                    "inputs" => "refer to a schema of inputs by `$ref: '#/components/inputs/NAME'`",
                    _ => "write $components.parameters.NAME, .successActions.NAME or .failureActions.NAME",
                };
                return Err(Misread::new(at, other.len(), why, next));
            }
        };
        let name = self.name(&format!("$components.{kind}."), "NAME")?;
        Ok(Root::Component { kind, name })
    }

    /// `#` and a JSON Pointer (RFC 6901 §3), as it is written.
    fn pointer(&mut self) -> Result<Option<String>, Misread> {
        if !self.eats("#") {
            return Ok(None);
        }
        let begin = self.at;
        let element = |rest: &str| self.ends == Ends::BeforeAnOperator && element(rest).is_some();
        let rest = self.rest();
        let until = rest
            .char_indices()
            .find(|(at, _)| element(rest.get(*at..).unwrap_or_default()));
        let until = begin + until.map_or(rest.len(), |(at, _)| at);
        let text = self.text;
        let pointer = self.takes(|c| !matches!(c, '{' | '}'));
        self.at = self.at.min(until);
        let pointer = pointer.get(..self.at - begin).unwrap_or(pointer);
        if !pointer.is_empty() && !pointer.starts_with('/') {
            let next = format!("write `#/{}`", shortened(pointer));
            return Err(Misread::new(
                begin,
                pointer.len(),
                "a JSON Pointer begins with `/`",
                next,
            ));
        }
        let bytes = pointer.as_bytes();
        let spoilt = |(at, _): &(usize, &str)| !matches!(bytes.get(at + 1), Some(b'0' | b'1'));
        if let Some((at, _)) = pointer.match_indices('~').find(spoilt) {
            let why = "`~` in a JSON Pointer is followed by 0 or 1 (RFC 6901 §3)";
            return Err(Misread::new(
                begin + at,
                1,
                why,
                "write `~0` for `~` and `~1` for `/`",
            ));
        }
        debug_assert!(text.is_char_boundary(self.at));
        Ok(Some(pointer.to_owned()))
    }

    /// Members and elements: `.name`, `[0]`, `['any name']`.
    fn way(&mut self) -> Result<Vec<Access>, Misread> {
        let mut way = Vec::new();
        loop {
            let rest = self.rest();
            if let Some((access, length)) = element(rest) {
                self.at += length;
                way.push(access);
            } else if let Some(after) = rest.strip_prefix('.') {
                self.at += 1;
                match self.takes(|c| is_identifier(c) && c != '.') {
                    "" => {
                        self.at -= usize::from(!after.is_empty());
                        return Err(self.misread(
                            "a member's name is missing after the dot",
                            "write `.NAME` or `['NAME']`",
                        ));
                    }
                    name => way.push(Access::Member(name.to_owned())),
                }
            } else {
                return Ok(way);
            }
        }
    }
}

/// `[0]` or `['name']` at the beginning of a text, and how many bytes it takes.
fn element(rest: &str) -> Option<(Access, usize)> {
    let inside = rest.strip_prefix('[')?;
    let digits = inside.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        let index = inside.get(..digits)?.parse().ok()?;
        inside.get(digits..)?.starts_with(']').then_some(())?;
        return Some((Access::Element(index), digits + 2));
    }
    let (name, length) = quoted(inside)?;
    inside.get(length..)?.starts_with(']').then_some(())?;
    Some((Access::Member(name), length + 2))
}

/// A text in single quotes, in which two stand for one, and how many bytes it takes with its quotes.
pub(super) fn quoted(text: &str) -> Option<(String, usize)> {
    let mut name = String::new();
    let mut characters = text.strip_prefix('\'')?.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        match (c, characters.peek()) {
            ('\'', Some((_, '\''))) => {
                characters.next();
                name.push('\'');
            }
            ('\'', _) => return Some((name, at + 2)),
            _ => name.push(c),
        }
    }
    None
}

/// Whether a condition goes on here with something that is no part of an operand.
fn is_operator(rest: &str) -> bool {
    let two = ["==", "!=", "&&", "||"];
    rest.starts_with(|c: char| c.is_whitespace() || "()<>{}".contains(c))
        || two.iter().any(|two| rest.starts_with(two))
}
