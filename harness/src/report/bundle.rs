//! A run as one file to hand on: the report for people, browsers and programs, the recording that `greenlight replay` judges again,
//! the exchanges as HAR and as text, and where the run was made. It holds what the recording holds, and no more: that is redacted.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use crate::model::recording::Tool;
use crate::report::encode;
use crate::report::format::{self, Finished, Format};
use crate::report::human::page::Style;
use crate::report::waterfall;

/// The directory within the archive.
pub const ROOT: &str = "greenlight-bundle";
/// The entry that is judged again.
pub const RECORDING: &str = "greenlight-bundle/recording.json";

/// Where and how a run was made. Names alone: what they are set to may be a secret.
#[derive(Debug, Serialize)]
pub struct Environment {
    /// The build.
    pub tool: Tool,
    /// The operating system and the processor.
    pub system: String,
    /// The command, its options without their values.
    pub command: Vec<String>,
    /// Variables that the run looks at and that are set, by name.
    pub variables: Vec<String>,
}

/// The archive, as a gzip-compressed tar. Only the recording's own encoding can fail.
pub fn render(finished: Finished<'_>, environment: &Environment) -> std::io::Result<Vec<u8>> {
    let style = Style {
        verbose: true,
        ..Style::default()
    };
    let of = |format: Format| format::render(format, finished, style).into_bytes();
    let files = [
        ("report.txt", of(Format::Human)),
        ("report.json", of(Format::Json)),
        ("report.html", of(Format::Html)),
        ("incident.md", of(Format::Incident)),
        ("recording.json", serde_json::to_vec(finished.recording)?),
        ("exchanges.har", of(Format::Har)),
        (
            "waterfall.txt",
            waterfall::render(finished.recording).into_bytes(),
        ),
        (
            "environment.json",
            encode::pretty(environment).unwrap_or_default().into_bytes(),
        ),
    ];
    let mtime = u64::try_from(finished.run.started_at.as_second()).unwrap_or_default();
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(mtime);
        archive.append_data(&mut header, format!("{ROOT}/{name}"), &*bytes)?;
    }
    let mut packed = archive.into_inner()?;
    packed.flush()?;
    packed.finish()
}
