//! The formats by name.

use std::str::FromStr;

use crate::model::run::Run;
use crate::report::human::page::Style;
use crate::report::{human, json, junit};

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people.
    Human,
    /// For machines: `greenlight.report/1`.
    Json,
    /// For the dashboards of CI systems.
    Junit,
}

/// A name that no format has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no report format {name:?}; the formats are human, json and junit")]
pub struct UnknownFormat {
    /// The name as given.
    pub name: String,
}

impl Format {
    /// All of them.
    pub const ALL: &[Format] = &[Format::Human, Format::Json, Format::Junit];

    /// The name as flags spell it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Human => "human",
            Format::Json => "json",
            Format::Junit => "junit",
        }
    }

    /// Whether programs read it. On standard output it then stands alone, and text for people goes to standard error.
    pub fn is_machine(self) -> bool {
        self != Format::Human
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = Format::ALL.iter().find(|format| format.name() == name);
        known.copied().ok_or_else(|| UnknownFormat {
            name: name.to_owned(),
        })
    }
}

/// The report of a run in this format. Only the human one has a style.
pub fn render(format: Format, run: &Run, style: Style) -> String {
    match format {
        Format::Human => human::render(run, style),
        Format::Json => json::render(run),
        Format::Junit => junit::render(run),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures;

    #[test]
    fn every_format_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(*format));
        }
    }

    #[test]
    fn names_the_formats_when_asked_for_another() {
        let error = "HTML".parse::<Format>().unwrap_err().to_string();
        for format in Format::ALL {
            assert!(error.contains(format.name()), "{error}");
        }
        assert!(error.contains("HTML"));
    }

    #[test]
    fn each_format_is_its_own() {
        let run = fixtures::healthy();
        let begin = |format| {
            render(format, &run, Style::default())
                .chars()
                .take(4)
                .collect::<String>()
        };
        let begins: Vec<_> = Format::ALL.iter().map(|format| begin(*format)).collect();
        assert_eq!(begins, ["PASS", "{\n  ", "<?xm"]);
    }
}
