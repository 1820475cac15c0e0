//! `greenlight list`: every check and rule, derived from its declaration.

use crate::check::spec::Suite;
use crate::cli::args::ListArgs;
use crate::cli::complaint::Complaint;
use crate::cli::output::Screen;
use crate::cli::session;
use crate::model::exit;

/// Lists the checks and rules of the suites that were named, by layer.
pub fn list(arguments: &ListArgs, screen: &Screen) -> Result<u8, Complaint> {
    let suites: Vec<Suite> = arguments.suite.iter().map(|suite| (*suite).into()).collect();
    let checks = session::checks(&suites).into_iter().map(|check| check.spec());
    let rules = session::rules(&suites).into_iter().map(|rule| rule.spec());
    let mut specs: Vec<_> = checks.chain(rules).collect();
    specs.sort_by_key(|spec| (spec.layer, spec.id));
    let width = specs.iter().map(|spec| spec.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    let mut layer = None;
    for spec in specs {
        if layer != Some(spec.layer) {
            let gap = if layer.is_some() { "\n" } else { "" };
            text.push_str(&format!("{gap}{}\n", spec.layer.title()));
            layer = Some(spec.layer);
        }
        let must_run = if spec.must_run { "  (must run)" } else { "" };
        let severity = spec.severity.word();
        text.push_str(&format!(
            "  {:width$}  {severity:8}  {}{must_run}\n",
            spec.id, spec.title
        ));
    }
    screen.print(&text)?;
    Ok(exit::PASS)
}
