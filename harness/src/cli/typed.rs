//! What is said when the command line itself cannot be read: what clap found, in the form of every other complaint.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::complaint::Complaint;

/// The complaint about a command line, given the name of its command when it has one. `None` when this is no error, or
/// the help itself is the answer.
pub fn complaint(error: &clap::Error, command: Option<&str>) -> Option<Complaint> {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return None;
    }
    let reason = error.source().map(ToString::to_string);
    let what = what(error, reason.as_deref());
    let why = reason.unwrap_or_else(|| why(error));
    Some(Complaint::usage(what, why, next(error, command)))
}

/// The first paragraph of clap's own text, without what is said below.
fn what(error: &clap::Error, reason: Option<&str>) -> String {
    let text = error.render().to_string();
    let first = text.split("\n\n").next().unwrap_or_default();
    let first = first.split("\n  [possible values").next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    let first = match reason {
        Some(reason) => first.trim_end().trim_end_matches(reason).trim_end_matches(": "),
        None => first,
    };
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn why(error: &clap::Error) -> String {
    if let Some(values) = several(error, ContextKind::ValidValue) {
        return format!("it is one of: {values}");
    }
    match error.kind() {
        ErrorKind::UnknownArgument => "there is no such flag here".to_owned(),
        ErrorKind::InvalidSubcommand => "there is no such command".to_owned(),
        ErrorKind::ArgumentConflict => "only one of the two can be meant".to_owned(),
        ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand => {
            "without it there is nothing to do".to_owned()
        }
        kind => kind.to_string(),
    }
}

fn next(error: &clap::Error, command: Option<&str>) -> String {
    let suggested = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let help = command.map_or_else(
        || "greenlight --help".to_owned(),
        |name| format!("greenlight {name} --help"),
    );
    match suggested.into_iter().find_map(|kind| several(error, kind)) {
        Some(near) => format!("did you mean `{near}`? `{help}` shows them all"),
        None => format!("`{help}` shows what can be said"),
    }
}

fn several(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(one) => Some(one.clone()),
        ContextValue::Strings(several) if !several.is_empty() => Some(several.join(", ")),
        _ => None,
    }
}
