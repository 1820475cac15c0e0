//! The command that asks a browser's call again, live.

use crate::check::text::{shell_quoted, shell_word};

/// The command. `token` is the flag that supplies the credential, when the call carried one.
pub fn live(address: &str, origin: Option<&str>, call: Option<&str>, token: Option<&str>) -> String {
    let mut command = format!("greenlight diagnose {}", shell_word(address));
    if let Some(origin) = origin {
        command.push_str(&format!(" --origin {}", shell_word(origin)));
    }
    if let Some(call) = call {
        command.push_str(&format!(" --request {}", shell_quoted(call)));
    }
    if let Some(token) = token {
        command.push_str(&format!(" {token}"));
    }
    command
}
