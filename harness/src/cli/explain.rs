//! `greenlight explain`: one check, rule or cause, derived from its declaration.

use crate::cli::args::ExplainArgs;
use crate::cli::complaint::Complaint;
use crate::cli::output::Screen;
use crate::cli::session;
use crate::diagnosis::registry::CAUSES;
use crate::model::exit;
use crate::target::fault::nearest;

/// Explains an id.
pub fn explain(arguments: &ExplainArgs, screen: &Screen) -> Result<u8, Complaint> {
    let checks = session::checks(&[]).into_iter().map(|check| check.spec());
    let specs: Vec<_> = checks
        .chain(session::rules(&[]).into_iter().map(|rule| rule.spec()))
        .collect();
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
        screen.print(&format!("{}\n{}\n", cause.id(), cause.about()))?;
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
