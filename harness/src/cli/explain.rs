//! `greenlight explain`: one check, rule or cause, derived from its declaration.

use crate::cli::args::ExplainArgs;
use crate::cli::complaint::Complaint;
use crate::cli::output::Screen;
use crate::cli::session;
use crate::diagnosis::case::Cause;
use crate::diagnosis::registry::CAUSES;
use crate::model::exit;
use crate::target::fault::nearest;

/// Explains an id.
pub fn explain(arguments: &ExplainArgs, screen: &Screen) -> Result<u8, Complaint> {
    let specs = session::specs();
    if let Some(spec) = specs.iter().find(|spec| spec.id == arguments.id) {
        let suites: Vec<&str> = spec.suites.iter().map(|suite| suite.name()).collect();
        let needs = if spec.needs.is_empty() {
            "nothing".to_owned()
        } else {
            spec.needs.join(", ")
        };
        let must_run = if spec.must_run {
            "\nmust run  without it the run is unproven, exit 3"
        } else {
            ""
        };
        screen.print(&format!(
            "{}\n{}\n\n{}\n\nif it fails  {}\n\nseverity  {}\nsuites    {}\nneeds     {needs}{must_run}\n",
            spec.id,
            spec.title,
            textwrap::fill(spec.explanation, 100),
            spec.hint,
            spec.severity.word(),
            suites.join(", "),
        ))?;
        return Ok(exit::PASS);
    }
    if let Some(cause) = CAUSES.iter().find(|cause| cause.id() == arguments.id) {
        screen.print(&of_cause(*cause))?;
        return Ok(exit::PASS);
    }
    let known: Vec<&str> = specs
        .iter()
        .map(|spec| spec.id)
        .chain(CAUSES.iter().map(|cause| cause.id()))
        .collect();
    let next = match nearest(&arguments.id, known) {
        Some(near) => format!("did you mean `{near}`? `greenlight list` shows all"),
        None => "`greenlight list` shows every check and rule".to_owned(),
    };
    Err(Complaint::usage(
        format_args!("`{}` is no check, rule or cause", arguments.id),
        "no such id",
        next,
    ))
}

/// The width of what is explained.
const WIDTH: usize = 100;
/// The width of the labels on its left.
const LABEL: usize = 10;

/// What is known of a cause before anything was seen.
fn of_cause(cause: &dyn Cause) -> String {
    let leaf = cause.leaf();
    let blames: Vec<&str> = leaf.blames.iter().map(|blame| blame.word()).collect();
    let mut page = format!("{}\n{}\n\n", cause.id(), textwrap::fill(cause.about(), WIDTH));
    page.push_str(&labelled("asks", leaf.stage.title()));
    page.push_str(&labelled("needs", leaf.needs));
    for (at, likely) in leaf.likely.iter().enumerate() {
        let label = if at == 0 { "likely" } else { "" };
        let lead = format!("{label:<LABEL$}{}  ", at + 1);
        page.push_str(&wrapped(&lead, likely));
    }
    page.push_str(&labelled(
        "at fault",
        &format!("usually {}", blames.join(", or ")),
    ));
    page
}

/// A text beside its label.
fn labelled(label: &str, text: &str) -> String {
    wrapped(&format!("{label:<LABEL$}"), text)
}

/// A text beside what leads it, wrapped under itself.
fn wrapped(lead: &str, text: &str) -> String {
    let under = " ".repeat(lead.len());
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(lead)
        .subsequent_indent(&under);
    textwrap::fill(text, options) + "\n"
}
