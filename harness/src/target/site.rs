//! Where the service is and how careful a run there must be. Never inferred: that something is not production.

use crate::model::target::Environment;
use crate::target::fault::{Fault, list};
use crate::target::profile::{Document, Env, EnvName};
use crate::target::settings::{Overrides, Provenance};
use crate::target::words::Route;

/// Where the service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At this base URL, without a trailing slash.
    Url(String),
    /// Started by us through the shell, on a port that we choose.
    Spawn {
        /// The command.
        command: String,
        /// The path of the base URL, empty for the root.
        base: String,
    },
    /// The reference service that is part of this binary.
    Embedded,
}

impl Place {
    /// The base URL once the service listens on this port of the loopback address. The embedded service says its own.
    pub fn listening(&self, port: u16) -> String {
        match self {
            Place::Url(url) => url.clone(),
            Place::Spawn { base, .. } => format!("http://127.0.0.1:{port}{base}"),
            Place::Embedded => format!("http://127.0.0.1:{port}"),
        }
    }
}

/// A place, chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Where.
    pub place: Place,
    /// What said so.
    pub place_from: Said,
    /// How careful.
    pub environment: Environment,
    /// What said so.
    pub environment_from: Said,
    /// The profile's words on this environment, when they apply.
    pub entry: Option<(EnvName, Env)>,
}

/// What a choice came from, before lines are looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A flag or a variable, or nobody.
    Known(Provenance),
    /// An entry of the profile, by JSON Pointer.
    Entry(String),
}

/// Names of a setting in both layers: the flag and the variable.
pub type Names = (&'static str, &'static str);

/// What the upper layers say about one setting: flags before variables.
pub fn layered<T>(
    flags: &Overrides,
    variables: &Overrides,
    names: Names,
    get: impl Fn(&Overrides) -> Option<T>,
) -> Option<(T, Provenance)> {
    let flag = get(flags).map(|value| (value, Provenance::Flag(names.0)));
    flag.or_else(|| get(variables).map(|value| (value, Provenance::Variable(names.1))))
}

/// Chooses the place and the environment.
pub fn choose(document: &Document, flags: &Overrides, variables: &Overrides) -> Result<Site, Fault> {
    let named = layered(
        flags,
        variables,
        ("--environment", "GREENLIGHT_ENVIRONMENT"),
        |layer| layer.environment,
    );
    let given = match given(flags, ("URL", "--spawn"), Provenance::Flag)? {
        Some(given) => Some(given),
        None => given_by(variables)?,
    };
    let (place, place_from) = match given {
        Some((place, from)) => (place, Said::Known(from)),
        None => of_profile(document, named.as_ref().map(|(environment, _)| *environment))?,
    };
    let ours = !matches!(place, Place::Url(_));
    let (environment, environment_from) = match named {
        Some((environment, from)) => (environment, Said::Known(from)),
        None if ours => (Environment::Local, Said::Known(Provenance::Default)),
        None => (Environment::Production, Said::Known(Provenance::Default)),
    };
    let chosen = matches!(place_from, Said::Entry(_)) || environment_from != Said::Known(Provenance::Default);
    let entry = document.env.get_key_value(&EnvName::from(environment));
    let entry = entry.filter(|(_, env)| {
        chosen
            || env
                .url
                .as_ref()
                .is_some_and(|url| place == Place::Url(url.0.clone()))
    });
    let entry = entry.map(|(name, env)| (*name, env.clone()));
    Ok(Site {
        place,
        place_from,
        environment,
        environment_from,
        entry,
    })
}

fn given_by(variables: &Overrides) -> Result<Option<(Place, Provenance)>, Fault> {
    given(
        variables,
        ("GREENLIGHT_URL", "GREENLIGHT_SPAWN"),
        Provenance::Variable,
    )
}

fn given(
    layer: &Overrides,
    (url_name, spawn_name): Names,
    from: fn(&'static str) -> Provenance,
) -> Result<Option<(Place, Provenance)>, Fault> {
    match (&layer.url, &layer.spawn) {
        (Some(_), Some(_)) => {
            let what = format!("{url_name} and {spawn_name} are both given");
            Err(Fault::new(
                what,
                "what we start is on a port of ours, never at a URL",
                "leave one out",
            ))
        }
        (Some(url), None) => Ok(Some((Place::Url(url.0.clone()), from(url_name)))),
        (None, Some(command)) => {
            let place = Place::Spawn {
                command: command.0.clone(),
                base: path(layer.base.as_ref()),
            };
            Ok(Some((place, from(spawn_name))))
        }
        (None, None) => Ok(None),
    }
}

/// The path of a base URL, empty for the root.
fn path(base: Option<&Route>) -> String {
    base.map_or("", |base| base.0.trim_end_matches('/')).to_owned()
}

fn of_profile(document: &Document, named: Option<Environment>) -> Result<(Place, Said), Fault> {
    let entries: Vec<(&EnvName, &Env)> = document.env.iter().collect();
    let known: Vec<&str> = entries
        .iter()
        .map(|(name, _)| Environment::from(**name).name())
        .collect();
    let choice = match (named, entries.as_slice()) {
        (_, []) => return Ok((Place::Embedded, Said::Known(Provenance::Default))),
        (Some(environment), _) => {
            let name = EnvName::from(environment);
            let what = format!("the profile has no [env.{}]", environment.name());
            let fault = || {
                Fault::new(
                    what,
                    format!("it has {}", list(&known)),
                    "name one of these, or give a URL",
                )
            };
            (name, document.env.get(&name).ok_or_else(fault)?)
        }
        (None, [(name, env)]) if env.spawn.is_some() || **name == EnvName::Production => (**name, *env),
        (None, _) => {
            let why = format!("the profile has {}", list(&known));
            let next = format!("add --environment {}, or give a URL", known.join("|"));
            return Err(Fault::new("it is not said which environment is meant", why, next));
        }
    };
    let (name, env) = choice;
    let at = format!("/env/{}", Environment::from(name).name());
    match (&env.url, &env.spawn) {
        (Some(url), _) => Ok((Place::Url(url.0.clone()), Said::Entry(format!("{at}/url")))),
        (None, Some(command)) => {
            let place = Place::Spawn {
                command: command.0.clone(),
                base: path(env.base.as_ref()),
            };
            Ok((place, Said::Entry(format!("{at}/spawn"))))
        }
        (None, None) => {
            let what = format!(
                "[env.{}] has neither `url` nor `spawn`",
                Environment::from(name).name()
            );
            Err(Fault::new(
                what,
                "nobody knows where it is",
                "add one of them, or give a URL",
            ))
        }
    }
}
