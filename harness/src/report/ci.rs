//! Lines that a CI system would obey. GitHub's runner, and Azure's and TeamCity's, read commands out of whatever a job prints:
//! `::error::…` at the beginning of a line, `##[…]` and `##vso[…]` anywhere in one. A service under test must not be able to write one.

/// How a character is written where it must not stand as itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guise {
    /// For people: `\u{3a}`.
    Escape,
    /// In XML, HTML and Markdown: `&#58;`.
    Entity,
    /// In JSON strings: `\u003a`.
    Json,
}

impl Guise {
    fn write(self, c: char, out: &mut String) {
        let code = u32::from(c);
        out.push_str(&match self {
            Guise::Escape => format!("\\u{{{code:x}}}"),
            Guise::Entity => format!("&#{code};"),
            Guise::Json => format!("\\u{code:04x}"),
        });
    }
}

/// The text with no line that is a command.
pub fn disarm(text: String, guise: Guise) -> String {
    if !text.contains("::") && !text.contains("##") {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        let begins = line.len() - line.trim_start().len();
        let (blank, rest) = line.split_at(begins);
        out.push_str(blank);
        let rest = match rest.strip_prefix("::") {
            Some(rest) => {
                guise.write(':', &mut out);
                out.push(':');
                rest
            }
            None => rest,
        };
        brackets(rest, guise, &mut out);
    }
    out
}

/// Copies a text whose `##[` and `##vso[` are commands no longer.
fn brackets(mut rest: &str, guise: Guise, out: &mut String) {
    while let Some(at) = rest.find("##") {
        let (before, hashes) = rest.split_at(at);
        out.push_str(before);
        let armed = |c: char| c == '[' || c.is_ascii_alphabetic();
        out.push('#');
        // The second one may be the first of the next pair.
        if hashes[2..].starts_with(armed) {
            guise.write('#', out);
            rest = &hashes[2..];
        } else {
            rest = &hashes[1..];
        }
    }
    out.push_str(rest);
}

/// Whether a CI system would obey this line: GitHub's `ActionCommand.TryParseV2` looks at its beginning, and the older
/// `##[` is looked for everywhere.
#[cfg(test)]
pub(crate) fn obeyed(line: &str) -> bool {
    let old = line.match_indices("##").any(|(at, _)| {
        let rest = &line[at + 2..];
        rest.starts_with('[')
            || rest
                .split_once('[')
                .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic()))
    });
    old || line.trim_start().starts_with("::")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_be_obeyed_is_shown() {
        let text = "fine\n  ::error::owned\nsee ##[error]owned ##vso[task.complete] ###[x\n".to_owned();
        assert_eq!(
            disarm(text.clone(), Guise::Escape),
            "fine\n  \\u{3a}:error::owned\nsee #\\u{23}[error]owned #\\u{23}vso[task.complete] ##\\u{23}[x\n"
        );
        assert!(disarm(text, Guise::Entity).contains("&#58;:error::owned"));
    }

    #[test]
    fn addresses_paths_and_headings_are_left_alone() {
        for text in ["see [::1]:80 and std::fs", "## Heading", "a ## b", "#", "##"] {
            assert_eq!(disarm(text.to_owned(), Guise::Escape), text);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_obeyed(text in "([ \t\n]|::|##|#|\\[|vso|error|.){0,40}") {
            for guise in [Guise::Escape, Guise::Entity, Guise::Json] {
                let shown = disarm(text.clone(), guise);
                prop_assert!(!shown.lines().any(obeyed), "{shown:?}");
            }
        }
    }
}
