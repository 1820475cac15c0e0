//! Fetching credentials from where the profile or a flag says they are. Values go from here into the vault and nowhere
//! else.

use std::ffi::OsString;
use std::time::Duration;

use jiff::Timestamp;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use crate::cli::complaint::Complaint;
use crate::cli::oauth;
use crate::model::probe::SecretName;
use crate::model::target::{Auth, CredentialFacts, SESSION, Scheme};
use crate::target::credential::{GOOD, REFRESH, SIGNING, Supply, Wanted};
use crate::target::test_issuer::TestIssuer;
use crate::transport::secret::{Secret, Vault};

/// The name under which the vault keeps an OAuth client's secret.
const CLIENT: &str = "oauth-client";

/// How long a credential command may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// No credential is longer than so many bytes; a command that prints more prints something else.
const LARGEST: usize = 64 * 1024;

/// Fetches every credential that is wanted and to be had, tells the target of them, and fills a vault. An expired credential
/// that is not there is no error: its check is skipped aloud. Nor is a good one: then the run is unproven.
/// With `send` off, as for a plan, nothing leaves: what an authorization server would give is only said to be there.
pub async fn fetch(auth: Option<&mut Auth>, wanted: &[Wanted], send: bool) -> Result<Vault, Complaint> {
    let Some(auth) = auth else {
        return Ok(Vault::empty());
    };
    let mut vault = Vault::new(auth.scheme.clone());
    let mut signing = None;
    for one in wanted {
        let Some(secret) = value(&one.origin, send).await? else {
            continue;
        };
        if let Supply::Client { secret, .. } = &one.origin
            && let Some(client) = variable(secret)
        {
            // Never sent to the service, and known to the redactor.
            vault = vault.with(SecretName(CLIENT.to_owned()), Secret::new(&client));
        }
        if one.name.0 == SIGNING {
            signing = Some((secret, one.origin.to_string()));
            continue;
        }
        usable(&secret, &one.origin, &auth.scheme)?;
        let found = one.found(secret.is_jwt());
        match one.name.0.as_str() {
            REFRESH => auth.refresh = Some(found),
            SESSION => auth.session = Some(found),
            _ => auth.credentials.push(found),
        }
        vault = vault.with(one.name.clone(), secret);
    }
    let good = auth.good().filter(|good| good.jwt).map(|good| good.name.clone());
    if let (Some((secret, from)), Some(good)) = (signing, good) {
        vault = vault.signing(&good, secret, Timestamp::now());
        auth.signing = Some(from);
    }
    Ok(vault)
}

/// Where the tokens of the run's own issuer come from.
const ISSUED: &str = "the test issuer of this run";

/// Tells the target of what the run's own issuer has minted.
pub fn issued(auth: Option<&mut Auth>, issuer: &TestIssuer) {
    let Some(auth) = auth else { return };
    auth.credentials.push(CredentialFacts {
        name: good(),
        expired: false,
        jwt: true,
        from: ISSUED.to_owned(),
    });
    auth.signing = Some(ISSUED.to_owned());
    auth.issuer = Some(issuer.facts());
}

/// The name of the credential that is expected to be accepted.
pub fn good() -> SecretName {
    SecretName(GOOD.to_owned())
}

async fn value(origin: &Supply, send: bool) -> Result<Option<Secret>, Complaint> {
    match origin {
        Supply::Client {
            url,
            id,
            secret,
            scope,
        } => {
            let Some((id, secret)) = variable(id).zip(variable(secret)) else {
                return Ok(None);
            };
            if !send {
                return Ok(Some(Secret::new("would-be-asked-for")));
            }
            let client = oauth::Client {
                id: Secret::new(&id),
                secret: Secret::new(&secret),
            };
            oauth::token(url, &client, scope.as_deref()).await.map(Some)
        }
        Supply::Variable(name) => Ok(variable(name).map(|value| Secret::new(&value))),
        Supply::Pair { user, password } => {
            let pair = variable(user).zip(variable(password));
            Ok(pair.map(|(user, password)| Secret::new(&format!("{user}:{password}"))))
        }
        Supply::Command(command) => output(command).await.map(Some),
        Supply::Prompt => prompt().map(Some),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// What a command prints, through the shell. Its own words go to our standard error, its output never does.
async fn output(command: &str) -> Result<Secret, Complaint> {
    let wrong = |why: String| {
        Complaint::usage(
            format_args!("the credential command `{command}` gave no credential"),
            why,
            "run it by hand and look",
        )
    };
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(command)
        .kill_on_drop(true)
        .stdin(std::process::Stdio::null());
    // What it says besides may hold what it works with, and would stand in a log.
    shell.stderr(std::process::Stdio::null());
    let done = tokio::time::timeout(PATIENCE, printed(shell)).await;
    let done = done.map_err(|_| wrong(format!("it took longer than {} s", PATIENCE.as_secs())))?;
    let (status, printed) = done.map_err(|error| wrong(error.to_string()))?;
    if printed.len() > LARGEST {
        return Err(wrong(format!("it printed more than {LARGEST} bytes")));
    }
    if !status.success() {
        return Err(wrong(format!("it ended with {status}")));
    }
    let text = std::str::from_utf8(&printed).map_err(|_| wrong("its output is not UTF-8".into()))?;
    let secret = Secret::new(text);
    if secret.is_empty() {
        Err(wrong("it printed nothing".into()))
    } else {
        Ok(secret)
    }
}

/// How a command ended, and what it printed: no more than is read of a credential, and one byte to show that there is more.
async fn printed(
    mut shell: Command,
) -> std::io::Result<(std::process::ExitStatus, zeroize::Zeroizing<Vec<u8>>)> {
    let mut child = shell.stdout(std::process::Stdio::piped()).spawn()?;
    let mut printed = zeroize::Zeroizing::new(Vec::with_capacity(LARGEST + 1));
    if let Some(output) = child.stdout.take() {
        let mut output = output.take(LARGEST as u64 + 1);
        output.read_to_end(&mut printed).await?;
    }
    if printed.len() > LARGEST {
        child.start_kill()?;
    }
    Ok((child.wait().await?, printed))
}

fn prompt() -> Result<Secret, Complaint> {
    let typed = rpassword::prompt_password("credential (not shown): ");
    let typed = typed.map(zeroize::Zeroizing::new).map_err(|error| {
        Complaint::usage(
            "no credential could be typed",
            error,
            "run at a terminal, or use --token-env or --token-command",
        )
    })?;
    Ok(Secret::new(&typed))
}

/// Words in the names of variables that hold what nobody else may see.
const SECRET_NAMES: &[&str] = &[
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "API_KEY",
    "APIKEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
];

/// Whether a variable of this name holds what nobody else may see.
pub fn is_secret_by_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET_NAMES.iter().any(|word| name.contains(word))
}

/// Shorter values are words that may stand anywhere: hiding them would hide what is judged.
const SHORTEST_HIDDEN: usize = 12;

/// The names of the variables that are this program's alone. What it knows is not for a service that it starts: it would be
/// a credential in a log.
pub fn ours() -> Vec<OsString> {
    let names = std::env::vars_os().map(|(name, _)| name);
    names
        .filter(|name| name.to_string_lossy().starts_with("GREENLIGHT_"))
        .collect()
}

/// What the environment of a service that we start holds and no report may show, by the names of its variables.
pub fn around() -> Vec<Secret> {
    let named = std::env::vars_os().filter(|(name, _)| is_secret_by_name(&name.to_string_lossy()));
    let values = named.filter_map(|(_, value)| value.into_string().ok());
    values
        .map(zeroize::Zeroizing::new)
        .filter(|value| value.trim().len() >= SHORTEST_HIDDEN)
        .map(|value| Secret::new(&value))
        .collect()
}

/// A credential with a line break or control character in it cannot be sent; better said before anything is.
fn usable(secret: &Secret, origin: &Supply, scheme: &Scheme) -> Result<(), Complaint> {
    if matches!(scheme, Scheme::Bearer) && secret.names_a_scheme() {
        return Err(Complaint::usage(
            format_args!("the credential from {origin} begins with the name of a scheme"),
            "the token alone is wanted; `Bearer` is written in front of it when it is sent (RFC 6750 section 2.1)",
            "supply what follows the word",
        ));
    }
    if matches!(scheme, Scheme::Basic) || secret.fits_a_header() {
        return Ok(());
    }
    Err(Complaint::usage(
        format_args!("the credential from {origin} cannot stand in a header"),
        "it holds a line break or another control character",
        "supply the credential alone, on one line",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_command_that_prints_without_end_is_ended_and_nothing_of_it_is_shown() {
        for command in ["yes canary-password", "head -c 65537 /dev/zero"] {
            let error = output(command).await.unwrap_err();
            assert!(error.text.contains("more than 65536 bytes"), "{}", error.text);
            assert_eq!(
                error.text.matches("canary-password").count(),
                command.matches("canary").count()
            );
        }
        let longest = output("printf %065536d 7").await.unwrap();
        assert_eq!(longest.expose().len(), LARGEST);
    }
}
