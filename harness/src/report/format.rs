//! The formats by name.

use std::str::FromStr;

use crate::model::about::About;
use crate::model::recording::Recording;
use crate::model::run::Run;
use crate::report::ci::{self, Guise};
use crate::report::human::page::Style;
use crate::report::pages::Pages;
use crate::report::{
    code_quality, github, har, html, human, json, jsonl, junit, markdown, sarif, short, tap,
};

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people at a terminal.
    Human,
    /// For people who want a few lines.
    Short,
    /// For machines: `greenlight.report/1`.
    Json,
    /// For log pipelines: `greenlight.events/1`.
    Jsonl,
    /// For the dashboards of CI systems.
    Junit,
    /// For TAP harnesses.
    Tap,
    /// For code scanning.
    Sarif,
    /// For GitHub Actions.
    Github,
    /// For GitLab's merge requests.
    CodeQuality,
    /// For comments, wikis and job summaries.
    Markdown,
    /// For a browser, whole in one file.
    Html,
    /// For a browser's developer tools.
    Har,
    /// For the channel and the ticket of an incident.
    Incident,
    /// For the log of deployments.
    DeploymentNote,
}

/// A finished run and what it was judged from: all that a format is given.
#[derive(Debug, Clone, Copy)]
pub struct Finished<'r> {
    /// The judged run.
    pub run: &'r Run,
    /// What was asked, sent and seen.
    pub recording: &'r Recording,
    /// What is known of the checks beyond their titles.
    pub about: &'r [About],
    /// Where more is told of them.
    pub pages: Pages<'r>,
}

impl<'r> Finished<'r> {
    /// A run of checks of which nothing more is known.
    pub fn new(run: &'r Run, recording: &'r Recording) -> Finished<'r> {
        Finished {
            run,
            recording,
            about: &[],
            pages: Pages::PUBLISHED,
        }
    }

    /// What is known of a check.
    pub fn about(&self, check: &str) -> Option<&'r About> {
        self.about.iter().find(|about| about.check == check)
    }
}

/// A name that no format has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no report format {name:?}; the formats are {}", names())]
pub struct UnknownFormat {
    /// The name as given.
    pub name: String,
}

impl Format {
    /// All of them.
    pub const ALL: &[Format] = &[
        Format::Human,
        Format::Short,
        Format::Json,
        Format::Jsonl,
        Format::Junit,
        Format::Tap,
        Format::Sarif,
        Format::Github,
        Format::CodeQuality,
        Format::Markdown,
        Format::Html,
        Format::Har,
        Format::Incident,
        Format::DeploymentNote,
    ];

    /// The name as flags spell it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Human => "human",
            Format::Short => "short",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Junit => "junit",
            Format::Tap => "tap",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::CodeQuality => "code-quality",
            Format::Markdown => "markdown",
            Format::Html => "html",
            Format::Har => "har",
            Format::Incident => "incident",
            Format::DeploymentNote => "deployment-note",
        }
    }

    /// What it is, in one line.
    pub fn what(self) -> &'static str {
        match self {
            Format::Human => "for people at a terminal: the cause, what was seen, what to do next",
            Format::Short => "the verdict, and one line for each check that is not good",
            Format::Json => "for programs: one document, schema greenlight.report/1",
            Format::Jsonl => "for log pipelines: one event a line, schema greenlight.events/1",
            Format::Junit => "for the dashboards of CI systems: JUnit XML, one case a check",
            Format::Tap => "for TAP harnesses: version 14, one test point a check",
            Format::Sarif => "for code scanning: SARIF 2.1.0",
            Format::Github => {
                "for GitHub Actions: at most ten annotations, and a job summary when $GITHUB_STEP_SUMMARY names a file"
            }
            Format::CodeQuality => "for GitLab's merge requests: a code-quality report",
            Format::Markdown => "for comments, wikis and job summaries",
            Format::Html => {
                "for a browser: one file with every exchange, which needs no network and no script"
            }
            Format::Har => "for a browser's developer tools: HAR 1.2",
            Format::Incident => "for the channel and the ticket of an incident: Markdown",
            Format::DeploymentNote => {
                "for the log of deployments: what was proven and what was not, in Markdown"
            }
        }
    }

    /// How it writes what a CI system would obey; annotations are meant to be obeyed, and see to their texts themselves.
    fn guise(self) -> Option<Guise> {
        match self {
            // Not every reader of JUnit knows numeric entities.
            Format::Human
            | Format::Junit
            | Format::Short
            | Format::Markdown
            | Format::Incident
            | Format::DeploymentNote => Some(Guise::Escape),
            Format::Json
            | Format::Jsonl
            | Format::Tap
            | Format::Sarif
            | Format::CodeQuality
            | Format::Har => Some(Guise::Json),
            Format::Html => Some(Guise::Entity),
            Format::Github => None,
        }
    }

    /// Whether it takes the place of the report for people: one of these is printed, whatever else is.
    pub fn is_for_people(self) -> bool {
        matches!(self, Format::Human | Format::Short)
    }
}

/// Every name, in a row.
pub fn names() -> String {
    let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
    names.join(", ")
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
pub fn render(format: Format, finished: Finished<'_>, style: Style) -> String {
    let run = finished.run;
    let text = match format {
        Format::Human => human::render(run, style),
        Format::Short if style.quiet => human::render(run, style),
        Format::Short => short::render(run),
        Format::Json => json::render(run),
        Format::Jsonl => jsonl::render(finished),
        Format::Junit => junit::render(run),
        Format::Tap => tap::render(run),
        Format::Sarif => sarif::render(finished),
        Format::Github => github::render(run),
        Format::CodeQuality => code_quality::render(finished),
        Format::Markdown => markdown::report::linked(run, finished.pages),
        Format::Html => html::render(finished),
        Format::Har => har::render(finished),
        Format::Incident => markdown::incident::render(finished),
        Format::DeploymentNote => markdown::deployment::render(finished),
    };
    match format.guise() {
        Some(guise) => ci::disarm(text, guise),
        None => text,
    }
}

#[cfg(test)]
#[path = "format_says_tests.rs"]
mod says;
#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
