//! `greenlight completions`: what a shell needs to complete the command line, from the command line's own declaration.

use clap::{Args, CommandFactory as _};

use crate::cli::args::Cli;
use crate::cli::complaint::Complaint;
use crate::cli::output::Screen;
use crate::model::exit;

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Prints the script for a shell.
pub fn completions(arguments: &CompletionsArgs, screen: &Screen) -> Result<u8, Complaint> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "greenlight", &mut script);
    screen.print(&String::from_utf8_lossy(&script))?;
    Ok(exit::PASS)
}
