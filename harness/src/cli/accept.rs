//! `greenlight accept`: somebody answers for a failure, for a time. The waiver is written into the profile, where everybody
//! who reviews it sees it.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Serialize;

use crate::cli::complaint::Complaint;
use crate::cli::inputs::{self, FOUND};
use crate::cli::output::{self, Screen};
use crate::cli::session;
use crate::model::exit;
use crate::model::waiver::Waiver;
use crate::target::fault::{Fault, nearest, quote};
use crate::target::read::read;
use crate::target::waiver::{Day, reaches_too_far};

/// Arguments of `accept`.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// Id of the check that fails, such as cors/vary-on-origin
    pub check: String,
    /// What it fails for, as the report names it, such as "GET /me"
    #[arg(long)]
    pub subject: String,
    /// Why that may stand until then
    #[arg(long)]
    pub reason: String,
    /// Who answers for it
    #[arg(long)]
    pub owner: String,
    /// The last day (UTC), such as 2026-12-31, at most 90 days away. 30 days from today when it is not said
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// The profile to write it into; it is created when it is not there
    #[arg(long, value_name = "FILE", default_value = FOUND)]
    pub profile: PathBuf,
}

/// So many days a waiver stands when nobody says how long.
const DAYS: i64 = 30;

/// Appends a waiver to the profile. Nothing else in the file changes.
pub fn accept(arguments: &AcceptArgs, screen: &Screen) -> Result<u8, Complaint> {
    if let Some(fault) = not_waivable(&arguments.check) {
        return Err(Complaint::about("", &fault));
    }
    let today = today();
    let until = match &arguments.until {
        Some(text) => Day::parse(text).map_err(|fault| Complaint::about("--until: ", &fault))?,
        None => Day(today.checked_add(Span::new().days(DAYS)).unwrap_or(Date::MAX)),
    };
    let over = (until.0 < today).then(|| {
        Fault::new(
            format!("{} is over", until.0),
            "a waiver whose last day is over waives nothing",
            format!("name a day from {today} on"),
        )
    });
    if let Some(fault) = over.or_else(|| reaches_too_far(until, today)) {
        return Err(Complaint::about("--until: ", &fault));
    }
    let waiver = Waiver {
        check: arguments.check.clone(),
        subject: arguments.subject.clone(),
        reason: arguments.reason.clone(),
        owner: arguments.owner.clone(),
        until: until.0.to_string(),
    };
    let path = &arguments.profile;
    let (name, before) = (path.display().to_string(), text(path)?);
    let whole = format!("{before}{}{}", gap(&before), entry(&waiver)?);
    // As it will be read: what is wrong with it, or was before, is said instead of written.
    read(&name, &whole).map_err(|error| Complaint::told(error.render(screen.err.color)))?;
    output::write(path, &whole)?;
    screen.print(&format!(
        "{} on {} is waived until the end of {until} (UTC), and {} answers for it\nwritten to {name}; every report shows it\n",
        waiver.check,
        waiver.subject,
        waiver.owner,
        until = waiver.until,
    ))?;
    Ok(exit::PASS)
}

/// The profile as it is; none yet is an empty one.
fn text(path: &Path) -> Result<String, Complaint> {
    if !path.exists() {
        return Ok(String::new());
    }
    inputs::text_file("the profile", &path.display().to_string(), "name a TOML file")
}

/// What goes between two entries.
fn gap(before: &str) -> &'static str {
    match before {
        "" => "",
        text if text.ends_with("\n\n") => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    }
}

/// The waiver as TOML. A table of an array may stand at the end of any document (TOML §Array of Tables).
fn entry(waiver: &Waiver) -> Result<String, Complaint> {
    #[derive(Serialize)]
    struct Entry<'w> {
        waiver: [&'w Waiver; 1],
    }
    toml::to_string(&Entry { waiver: [waiver] }).map_err(|error| Complaint::told(format!("error: {error}")))
}

/// The day, as waivers count it.
pub fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}

/// Why a check cannot be waived, when it cannot.
pub fn not_waivable(id: &str) -> Option<Fault> {
    let specs = session::specs();
    match specs.iter().find(|spec| spec.id == id) {
        Some(spec) if spec.may_be_waived() => None,
        Some(_) => Some(Fault::new(
            format!("{} cannot be waived", quote(id)),
            "nobody can answer for a server error, a door that stands open, or a call that was not seen to work",
            "mend it; `--accept-unproven` goes without a proof for one run",
        )),
        None => Some(Fault::new(
            format!("there is no check {}", quote(id)),
            "a waiver names the check whose failure it stands for",
            match nearest(id, specs.iter().map(|spec| spec.id)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`greenlight list` shows every check and rule".to_owned(),
            },
        )),
    }
}
