//! The command line: arguments as typed, settings as resolved, one file a command. Here, and nowhere else, files and
//! variables are read, reports are written and the exit code is chosen.

pub mod args;
pub mod complaint;
pub mod credentials;
pub mod explain;
pub mod inputs;
pub mod interrupt;
pub mod list;
pub mod output;
pub mod plan;
pub mod progress;
pub mod replay;
pub mod session;
pub mod verify;

use std::ffi::OsString;

use clap::Parser as _;

use crate::cli::args::{Cli, Command};
use crate::cli::complaint::Complaint;
use crate::cli::output::Screen;
use crate::model::exit;

/// Runs one command and returns its exit code; see [`exit::TABLE`].
pub async fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let screen = Screen::of_this_process();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let asked_for_help = !error.use_stderr();
            let text = if screen.color {
                error.render().ansi().to_string()
            } else {
                error.render().to_string()
            };
            screen.say(asked_for_help, &text);
            return if asked_for_help { exit::PASS } else { exit::USAGE };
        }
    };
    let done = match cli.command {
        Command::Verify(arguments) => verify::verify(*arguments, &screen).await,
        Command::Replay(arguments) => replay::replay(&arguments, &screen),
        Command::List(arguments) => list::list(&arguments, &screen),
        Command::Explain(arguments) => explain::explain(&arguments, &screen),
        #[cfg(feature = "lab")]
        Command::Lab(arguments) => crate::cli::lab::lab(&arguments, &screen).await,
    };
    match done {
        Ok(code) => code,
        Err(Complaint { text, code }) => {
            screen.say(false, &format!("{}\n", text.trim_end()));
            code
        }
    }
}

#[cfg(feature = "lab")]
pub mod lab;
