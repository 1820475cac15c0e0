//! `orchestrate config check`: the configuration as `serve` would read it, and where each setting comes from.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::{CommandError, say, variable};
use crate::config::keys::KEYS;
use crate::config::read::{Configuration, Typed};
use crate::config::sources::{File, strays};

/// Where the configuration is read from, beside the environment.
#[derive(Debug, Clone, Args)]
pub struct Source {
    /// For development: public secret, database in memory, simulated provider unless a key is set
    #[arg(long)]
    pub dev: bool,
    /// A TOML file with settings, else the one that $ORCHESTRATE_CONFIG names; variables of the environment win over it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// The variable that names the file.
const FILE: &str = "ORCHESTRATE_CONFIG";

/// What is named like a setting and is read by others: by the build of the image, which some platforms give the same variables.
const NOT_OURS: &str = "ORCHESTRATE_COMMIT";

impl Source {
    /// Reads everything, and refuses nothing yet. A variable that is named like one of ours and is none is told.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&self, typed: Typed) -> Result<Configuration, CommandError> {
        let named = || {
            let path = variable(FILE)?;
            (!path.trim().is_empty()).then(|| PathBuf::from(path))
        };
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let settings = KEYS.iter().flat_map(|key| key.variables).copied();
        let known: Vec<&str> = settings.chain([FILE, NOT_OURS]).collect();
        for stray in strays(names, &known) {
            say(&format!("warning: {stray}"));
        }
        let Some(path) = self.config.clone().or_else(named) else {
            return Ok(Configuration::read(&variable, None, typed));
        };
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|source| CommandError::File {
            path: name.clone(),
            source,
        })?;
        let file = File {
            name: &name,
            text: &text,
        };
        Ok(Configuration::read(&variable, Some(file), typed))
    }
}

/// What to do with it.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print every setting, its value without secrets, and where it comes from; exit 2 when one is refused
    Check(Source),
}

impl Config {
    /// Looks at it.
    ///
    /// # Errors
    /// With every mistake.
    pub fn run(self) -> Result<(), CommandError> {
        let Self::Check(source) = self;
        let typed = Typed {
            dev: source.dev,
            ..Typed::default()
        };
        let shown = source.read(typed)?.checked()?.shown();
        let width =
            |of: fn(&(&'static str, String, String)) -> usize| shown.iter().map(of).max().unwrap_or_default();
        let (names, values) = (width(|line| line.0.len()), width(|line| line.1.chars().count()));
        let mut out = std::io::stdout();
        for (name, value, place) in &shown {
            writeln!(out, "{name:names$}  {value:values$}  {place}")?;
        }
        Ok(())
    }
}
