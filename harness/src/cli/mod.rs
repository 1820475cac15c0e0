//! The command line: arguments as typed, settings as resolved, one file a command. Here, and nowhere else, files and
//! variables are read, reports are written and the exit code is chosen.

pub mod accept;
pub mod args;
pub mod baseline;
pub mod books;
pub mod bundle;
pub mod choices;
pub mod client;
pub mod complaint;
pub mod completions;
pub mod credentials;
pub mod diagnose;
pub mod diff;
pub mod doctor;
pub mod explain;
pub mod exported;
pub mod first_look;
pub mod first_word;
pub mod given;
pub mod hooks;
pub mod init;
pub mod inputs;
pub mod interrupt;
pub mod lint;
pub mod list;
pub mod locate;
pub mod new;
pub mod oauth;
pub mod once;
pub mod output;
pub mod pages;
pub mod plan;
pub mod progress;
pub mod replay;
pub mod resolvers;
pub mod run;
pub mod session;
pub mod terminal;
pub mod typed;
pub mod verify;
pub mod wait;

use std::ffi::OsString;

use clap::{CommandFactory as _, Parser as _};

use crate::cli::args::{Cli, Command};
use crate::cli::complaint::Complaint;
use crate::cli::output::Screen;
use crate::model::exit;

/// Runs one command and returns its exit code; see [`exit::TABLE`].
pub async fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let screen = Screen::of_this_process();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return unread(&error, &arguments, &screen),
    };
    let screen = screen.quieted(is_quiet(&cli.command));
    let done = match cli.command {
        Command::Verify(arguments) => verify::verify(*arguments, &screen).await,
        Command::Wait(arguments) => wait::wait(&arguments, &screen).await,
        Command::Diagnose(arguments) => diagnose::diagnose(&arguments, &screen).await,
        Command::Doctor(arguments) => doctor::doctor(&arguments, &screen).await,
        Command::Replay(arguments) => replay::replay(&arguments, &screen),
        Command::Diff(arguments) => diff::diff(&arguments, &screen),
        Command::Lint(arguments) => lint::lint(&arguments, &screen),
        Command::New(arguments) => new::new(&arguments, &screen),
        Command::Run(arguments) => run::run(&arguments, &screen).await,
        Command::Init(arguments) => init::init(&arguments, &screen),
        Command::Completions(arguments) => completions::completions(&arguments, &screen),
        Command::Accept(arguments) => accept::accept(&arguments, &screen),
        Command::List(arguments) => list::list(&arguments, &screen),
        Command::Explain(arguments) => explain::explain(&arguments, &screen),
        #[cfg(feature = "lab")]
        Command::Lab(arguments) => crate::cli::lab::lab(&arguments, &screen).await,
    };
    match done {
        Ok(code) => code,
        Err(Complaint { text, code }) => {
            screen.tell(&format!("{}\n", text.trim_end()));
            code
        }
    }
}

/// Whether somebody wants the headline and nothing else.
fn is_quiet(command: &Command) -> bool {
    match command {
        Command::Verify(arguments) => arguments.report.quiet,
        Command::Diagnose(arguments) => arguments.report.quiet,
        Command::Replay(arguments) => arguments.report.quiet,
        Command::Wait(arguments) => arguments.quiet,
        Command::Diff(arguments) => arguments.quiet,
        Command::Lint(arguments) => arguments.quiet,
        Command::Run(arguments) => arguments.report.quiet,
        _ => false,
    }
}

/// Answers a command line that asks for help, or says what is wrong with it.
fn unread(error: &clap::Error, arguments: &[OsString], screen: &Screen) -> u8 {
    let typed = arguments.get(1).and_then(|first| first.to_str());
    let command = Cli::command();
    let command = typed.filter(|typed| command.find_subcommand(typed).is_some());
    if let Some(Complaint { text, code }) = typed::complaint(error, command) {
        screen.tell(&format!("{text}\n"));
        return code;
    }
    let of = if error.use_stderr() {
        screen.err
    } else {
        screen.out
    };
    let text = if of.color {
        error.render().ansi().to_string()
    } else {
        error.render().to_string()
    };
    if error.use_stderr() {
        screen.tell(&text);
        return exit::USAGE;
    }
    match screen.print(&text) {
        Ok(()) => exit::PASS,
        Err(lost) => lost.code,
    }
}

#[cfg(feature = "lab")]
pub mod lab;
