//! `greenlight lint`: what is wrong with scenarios before anything is sent. Only files are read; what is on the network is
//! left there.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use url::Url;

use crate::cli::complaint::Complaint;
use crate::cli::inputs;
use crate::cli::output::Screen;
use crate::contract::load::MAX_DOCUMENT;
use crate::model::exit;
use crate::model::lint::Lint;
use crate::report::lint as report;
use crate::scenario::call::beside;
use crate::scenario::document::SourceDescription;
use crate::scenario::lint::given::Source;
use crate::scenario::lint::{Read, Sources};
use crate::target::fault::suggest;

/// Arguments of `lint`.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// Arazzo documents, as YAML or JSON
    #[arg(required = true)]
    pub file: Vec<PathBuf>,
    /// Count warnings as errors
    #[arg(long)]
    pub strict: bool,
    /// Read the source of this name from another file, such as notes=openapi.yaml. May be given again
    #[arg(long, value_name = "NAME=FILE", value_parser = remapped)]
    pub source: Vec<(String, PathBuf)>,
    /// Print as human, json or github
    #[arg(long, value_enum, value_name = "NAME", default_value_t = LintFormat::Human)]
    pub format: LintFormat,
    /// Say the headline and nothing else
    #[arg(long, short)]
    pub quiet: bool,
}

/// How remarks are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    /// For people at a terminal
    Human,
    /// For machines: `greenlight.lint/1`
    Json,
    /// As annotations of GitHub Actions
    Github,
}

const NEXT: &str = "name Arazzo documents, such as scenarios/*.arazzo.yaml";

/// Reads the documents and their sources, says what is wrong, and returns the exit code: 1 when there is an error.
pub fn lint(arguments: &LintArgs, screen: &Screen) -> Result<u8, Complaint> {
    let mut read = Vec::new();
    for path in &arguments.file {
        let name = path.display().to_string();
        let text = inputs::text_file("the scenario", &name, NEXT)?;
        read.push((path, name, Read::of(&text)));
    }
    let named: Vec<&SourceDescription> = read.iter().flat_map(|(_, _, read)| read.sources()).collect();
    every_source_is_named(&arguments.source, &named)?;
    let files = read.into_iter().map(|(path, name, mut read)| {
        every_file_is_there(&name, &mut read);
        let sources = sources(path, read.sources(), &arguments.source);
        read.judged(&name, &sources, arguments.strict)
    });
    let lint = Lint::of(files.collect(), arguments.strict);
    let text = match arguments.format {
        LintFormat::Human => report::human(&lint, screen.style(false)),
        LintFormat::Json => report::json(&lint),
        LintFormat::Github => report::github(&lint),
    };
    screen.print(&text)?;
    Ok(if lint.fails() { exit::FAIL } else { exit::PASS })
}

/// `NAME=FILE`.
pub fn remapped(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.into())),
        _ => Err(format!("`{text}` is not NAME=FILE, such as notes=openapi.yaml")),
    }
}

/// A name that no document has is a typo, and would leave a source unread.
pub fn every_source_is_named(
    remapped: &[(String, PathBuf)],
    named: &[&SourceDescription],
) -> Result<(), Complaint> {
    let known: Vec<&str> = named.iter().map(|source| source.name.value.as_str()).collect();
    match remapped.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(Complaint::usage(
            format_args!("no source of these documents is called `{name}`"),
            "--source names one of their `sourceDescriptions`",
            suggest(name, &known),
        )),
        None => Ok(()),
    }
}

/// Says which files that the steps of a document send cannot be read.
pub fn every_file_is_there(document: &str, read: &mut Read) {
    for file in read.files() {
        let path = beside(document, &file.value);
        let why = match std::fs::metadata(&path) {
            Err(error) => format!("{path}: {error}"),
            Ok(facts) if !facts.is_file() => format!("{path} is no file"),
            Ok(facts) if facts.len() > inputs::LARGEST => {
                let bytes = facts.len();
                format!(
                    "{path} has {bytes} bytes, and at most {} are sent",
                    inputs::LARGEST
                )
            }
            Ok(_) => continue,
        };
        read.unread_file(&file, &why);
    }
}

/// The sources of a document, as far as they are files.
pub fn sources(document: &Path, named: &[SourceDescription], remapped: &[(String, PathBuf)]) -> Sources {
    let known = named.iter().map(|source| {
        let name = &source.name.value;
        let source = match file_of(document, source, remapped) {
            Some(path) => opened(&path, source),
            None => Source::Remote,
        };
        (name.clone(), source)
    });
    known.collect()
}

/// The file of a source: the one that was named for it, else what its URL names.
pub(super) fn file_of(
    document: &Path,
    source: &SourceDescription,
    remapped: &[(String, PathBuf)],
) -> Option<PathBuf> {
    let given = remapped.iter().rev().find(|(name, _)| *name == source.name.value);
    given
        .map(|(_, file)| file.clone())
        .or_else(|| local(document, &source.url.value))
}

/// The file that a URL names, seen from the document; `None` when it is on the network.
fn local(document: &Path, url: &str) -> Option<PathBuf> {
    if let Ok(url) = Url::parse(url) {
        return (url.scheme() == "file")
            .then(|| url.to_file_path().ok())
            .flatten();
    }
    let path = url.split(['#', '?']).next().unwrap_or_default();
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    Some(document.parent().unwrap_or(Path::new("")).join(path.as_ref()))
}

fn opened(path: &Path, source: &SourceDescription) -> Source {
    let name = path.display().to_string();
    match std::fs::metadata(path) {
        Err(error) => return Source::Missing(format!("{name}: {error}")),
        Ok(facts) if !facts.is_file() => return Source::Missing(format!("{name} is no file")),
        Ok(facts) if facts.len() > MAX_DOCUMENT as u64 => {
            return Source::Missing(format!(
                "{name} has {} bytes, and at most {MAX_DOCUMENT} are read",
                facts.len()
            ));
        }
        Ok(_) => {}
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Source::read(&text, &name, source.kind),
        Err(error) => Source::Missing(format!("{name}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_file_beside_the_document_or_is_left_where_it_is() {
        let document = Path::new("scenarios/a.arazzo.yaml");
        for (url, path) in [
            ("./openapi.yaml", Some("scenarios/./openapi.yaml")),
            ("../api/my%20api.json#/x", Some("scenarios/../api/my api.json")),
            ("/etc/openapi.yaml", Some("/etc/openapi.yaml")),
            ("file:///etc/openapi.yaml", Some("/etc/openapi.yaml")),
            ("https://api.example/openapi.yaml", None),
            ("urn:x", None),
        ] {
            assert_eq!(local(document, url), path.map(PathBuf::from), "{url}");
        }
        assert_eq!(local(Path::new("a.yaml"), "b.yaml"), Some("b.yaml".into()));
    }

    #[test]
    fn a_remapping_is_a_name_and_a_file() {
        assert_eq!(remapped("a=b=c"), Ok(("a".to_owned(), "b=c".into())));
        for wrong in ["a", "=b", "a="] {
            assert!(remapped(wrong).is_err(), "{wrong}");
        }
    }
}
