//! The `orchestrate` binary.

use std::process::ExitCode;

use clap::Parser;
use orchestrate::cli::{self, Cli};

fn main() -> ExitCode {
    cli::run(Cli::parse())
}
