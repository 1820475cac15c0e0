//! The report for machines: schema `greenlight.report/1`, see `contracts/report.schema.json`. Every value is kept whole.

use serde::Serialize;

use crate::model::run::{Run, SCHEMA};
use crate::report::encode;

/// The report of a run, indented, with a newline at its end.
pub fn render(run: &Run) -> String {
    document(run, SCHEMA)
}

/// Any document of ours in the same form.
pub fn document(document: &impl Serialize, schema: &str) -> String {
    // A run holds no map with keys that are not text, so that this is not reached; an empty report would be a lie.
    encode::pretty(document).unwrap_or_else(|| {
        format!(
            "{}\n",
            serde_json::json!({"schema": schema, "verdict": "inconclusive", "error": "the report has no JSON"})
        )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::{fixtures, text};

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
