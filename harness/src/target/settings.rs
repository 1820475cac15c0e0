//! What was set outside the profile, and where each setting came from.

use std::fmt;

use crate::model::probe::Effect;
use crate::model::target::Environment;
use crate::target::duration::Millis;
use crate::target::fault::{Fault, quote, suggest};
use crate::target::origin::PageOrigin;
use crate::target::size::Bytes;
use crate::target::words::{BaseUrl, Command, ContractPlace, Route, Variable};

/// One layer of settings above the profile: the flags, or the `GREENLIGHT_*` variables. What is absent is not set.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overrides {
    /// The base URL. Excludes `spawn`.
    pub url: Option<BaseUrl>,
    /// What starts the service on `$PORT`.
    pub spawn: Option<Command>,
    /// `spawn`: the path of the base URL, when it is not the root.
    pub base: Option<Route>,
    /// The environment: how careful the run is, and which `[env.…]` is meant.
    pub environment: Option<Environment>,
    /// Origins of pages. Any at all replaces those of the profile.
    pub origins: Vec<PageOrigin>,
    /// The variable that holds the good credential.
    pub token_env: Option<Variable>,
    /// What prints the good credential.
    pub token_command: Option<Command>,
    /// Whether a person types the good credential.
    pub token_prompt: bool,
    /// Whether the run is itself the issuer that the service believes.
    pub test_issuer: bool,
    /// The pinned contract.
    pub contract: Option<ContractPlace>,
    /// The build that must answer.
    pub expect_version: Option<String>,
    /// Effects that the run may have. Layers add up.
    pub allow: Vec<Effect>,
    /// How many requests may go out in all.
    pub requests: Option<u32>,
    /// How many paid requests may go out.
    pub paid: Option<u32>,
    /// How many bytes of request bodies may go out.
    pub bytes: Option<Bytes>,
    /// How long the service may take to warm up before anything is judged.
    pub cold_start: Option<Millis>,
    /// Deadline of the whole run.
    pub run: Option<Millis>,
    /// How many instances answer.
    pub replicas: Option<u16>,
    /// Keep success bodies as they are.
    pub keep_bodies: bool,
}

/// Where a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// A flag, as typed: `--origin`.
    Flag(&'static str),
    /// A variable: `GREENLIGHT_ORIGIN`.
    Variable(&'static str),
    /// A profile.
    Profile {
        /// Its file.
        file: String,
        /// The line, counted from 1.
        line: usize,
    },
    /// Nobody set it.
    Default,
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Provenance::Flag(name) => f.write_str(name),
            Provenance::Variable(name) => write!(f, "environment variable {name}"),
            Provenance::Profile { file, line } => write!(f, "{file}:{line}"),
            Provenance::Default => f.write_str("default"),
        }
    }
}

/// One resolved setting, for `--verbose`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name, as the profile spells it: `bounds.deadline`.
    pub name: String,
    /// Its value, for people. Never a secret.
    pub value: String,
    /// Where it came from.
    pub from: Provenance,
}

/// Names of the variables that [`Overrides::of_variables`] reads, for help and documentation.
pub const VARIABLES: [&str; 15] = [
    "GREENLIGHT_URL",
    "GREENLIGHT_SPAWN",
    "GREENLIGHT_BASE",
    "GREENLIGHT_ENVIRONMENT",
    "GREENLIGHT_ORIGIN",
    "GREENLIGHT_TOKEN_ENV",
    "GREENLIGHT_TOKEN_COMMAND",
    "GREENLIGHT_CONTRACT",
    "GREENLIGHT_EXPECT_VERSION",
    "GREENLIGHT_ALLOW",
    "GREENLIGHT_REQUESTS",
    "GREENLIGHT_COLD_START",
    "GREENLIGHT_RUN",
    "GREENLIGHT_REPLICAS",
    "GREENLIGHT_KEEP_BODIES",
];

impl Overrides {
    /// Reads the layer of `GREENLIGHT_*` variables through `variable`, which looks one up. An empty one is not set.
    /// Every fault is told, with the variable it is about.
    pub fn of_variables(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Overrides, Vec<(&'static str, Fault)>> {
        let mut reader = Reader {
            variable,
            faults: Vec::new(),
        };
        let overrides = Overrides {
            url: reader.read("GREENLIGHT_URL", BaseUrl::parse),
            spawn: reader.read("GREENLIGHT_SPAWN", Command::parse),
            base: reader.read("GREENLIGHT_BASE", Route::parse),
            environment: reader.read("GREENLIGHT_ENVIRONMENT", environment),
            origins: reader
                .read("GREENLIGHT_ORIGIN", |text| each(text, PageOrigin::parse))
                .unwrap_or_default(),
            token_env: reader.read("GREENLIGHT_TOKEN_ENV", Variable::parse),
            token_command: reader.read("GREENLIGHT_TOKEN_COMMAND", Command::parse),
            token_prompt: false,
            test_issuer: false,
            contract: reader.read("GREENLIGHT_CONTRACT", ContractPlace::parse),
            expect_version: reader.read("GREENLIGHT_EXPECT_VERSION", build),
            allow: reader
                .read("GREENLIGHT_ALLOW", |text| each(text, effect))
                .unwrap_or_default(),
            requests: reader.read("GREENLIGHT_REQUESTS", count),
            paid: None,
            bytes: None,
            cold_start: reader.read("GREENLIGHT_COLD_START", Millis::parse),
            run: reader.read("GREENLIGHT_RUN", Millis::parse),
            replicas: reader.read("GREENLIGHT_REPLICAS", count),
            keep_bodies: reader.read("GREENLIGHT_KEEP_BODIES", truth).unwrap_or_default(),
        };
        match reader.faults.is_empty() {
            true => Ok(overrides),
            false => Err(reader.faults),
        }
    }
}

struct Reader<F> {
    variable: F,
    faults: Vec<(&'static str, Fault)>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    fn read<T>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        let text = (self.variable)(name).filter(|text| !text.trim().is_empty())?;
        parse(text.trim())
            .map_err(|fault| self.faults.push((name, fault)))
            .ok()
    }
}

fn each<T>(text: &str, parse: impl Fn(&str) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(parse)
        .collect()
}

/// Reads `local`, `staging` or `production`.
pub fn environment(text: &str) -> Result<Environment, Fault> {
    let all = [Environment::Local, Environment::Staging, Environment::Production];
    let known = all.map(Environment::name);
    all.into_iter()
        .find(|environment| environment.name() == text)
        .ok_or_else(|| {
            let why = "there are local, staging and production";
            Fault::new(
                format!("{} is not an environment", quote(text)),
                why,
                suggest(text, &known),
            )
        })
}

/// Reads `paid`, `writes` or `hostile`: an effect that needs leave.
pub fn effect(text: &str) -> Result<Effect, Fault> {
    match text {
        "paid" => Ok(Effect::Paid),
        "writes" => Ok(Effect::Writes),
        "hostile" => Ok(Effect::Hostile),
        _ => {
            let why = "there are paid, writes and hostile";
            let next = suggest(text, &["paid", "writes", "hostile"]);
            Err(Fault::new(
                format!("{} is not an effect that can be allowed", quote(text)),
                why,
                next,
            ))
        }
    }
}

/// Characters of a commit from which on it can be told from others.
const SHORTEST_COMMIT: usize = 7;

/// Reads the build that must answer: a commit of seven characters or more, or any other name of a build.
pub fn build(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    let wrong = |why: &str| {
        let next = "give what `git rev-parse HEAD` prints, or the name of the build as the service serves it";
        Err(Fault::new(format!("{} names no build", quote(text)), why, next))
    };
    if text.is_empty() {
        return wrong("it is empty");
    }
    let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hexadecimal && text.len() < SHORTEST_COMMIT {
        return wrong("fewer than seven characters of a commit fit several builds");
    }
    Ok(text.to_owned())
}

/// Reads a count of at least one.
pub fn count<N: std::str::FromStr + PartialOrd + std::convert::From<u8>>(text: &str) -> Result<N, Fault> {
    let read = text.parse::<N>().ok().filter(|number| *number >= N::from(1));
    let fault = || {
        Fault::new(
            format!("{} is not a count", quote(text)),
            "",
            "write a whole number, 1 or more",
        )
    };
    read.ok_or_else(fault)
}

fn truth(text: &str) -> Result<bool, Fault> {
    match text {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(Fault::new(
            format!("{} is neither yes nor no", quote(text)),
            "",
            "write 1 or 0",
        )),
    }
}
