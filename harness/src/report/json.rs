//! The report for machines: schema `greenlight.report/1`, see `contracts/report.schema.json`.
//!
//! Every value is kept whole. What could steer a terminal is written as a `\u` escape, which means the same to a parser
//! and nothing to a terminal.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use crate::model::run::{Run, SCHEMA};
use crate::report::text;

/// The report of a run, indented, with a newline at its end.
pub fn render(run: &Run) -> String {
    document(run, SCHEMA)
}

/// Any document of ours in the same form.
pub fn document(document: &impl Serialize, schema: &str) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, Escaping(PrettyFormatter::new()));
    let written = document.serialize(&mut serializer);
    match (written, String::from_utf8(out)) {
        (Ok(()), Ok(text)) => text + "\n",
        // A run holds no map with keys that are not text, so that this is not reached; an empty report would be a lie.
        (written, _) => {
            let error = written.err().map(|error| error.to_string());
            let error = error.unwrap_or_else(|| "the report is not UTF-8".to_owned());
            format!(
                "{}\n",
                serde_json::json!({"schema": schema, "verdict": "inconclusive", "error": error})
            )
        }
    }
}

/// Indents, and escapes every character that does not only show itself.
struct Escaping(PrettyFormatter<'static>);

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c| !text::is_plain(c)) {
            let (plain, tail) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let Some(c) = tail.chars().next() else { break };
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &tail[c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::fixtures;

    #[test]
    fn every_run_reads_back_as_it_was() {
        for (name, run) in fixtures::all() {
            let text = render(&run);
            assert!(text.ends_with("}\n"), "{name}");
            assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), run, "{name}");
        }
    }

    #[test]
    fn looks_as_serde_json_prints_it_when_nothing_needs_an_escape() {
        let run = fixtures::healthy();
        assert_eq!(render(&run), serde_json::to_string_pretty(&run).unwrap() + "\n");
    }

    #[test]
    fn a_report_of_a_run() {
        insta::assert_snapshot!(render(&fixtures::broken::unreachable()));
    }

    proptest! {
        #[test]
        fn any_text_survives_and_steers_nothing(headline in "(?s).{0,200}") {
            let run = Run { headline, ..fixtures::healthy() };
            let text = render(&run);
            prop_assert!(text.chars().all(|c| c == '\n' || text::is_plain(c)));
            prop_assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), run);
        }
    }
}
