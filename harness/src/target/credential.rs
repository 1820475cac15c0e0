//! Where the credentials of a run come from: names, never values. Whoever runs things fetches the values.

use crate::model::probe::SecretName;
use crate::model::target::{
    Auth, CredentialFacts, Login, OTHER, READER, Renewal, SESSION, SPARE, Scheme, TokenForm,
};
use crate::target::fault::Fault;
use crate::target::profile::{self, AuthKind};
use crate::target::settings::Overrides;
use crate::target::site::Names;
use crate::target::words::{Pointer, Variable};

/// The name of the credential that is expected to be accepted.
pub const GOOD: &str = "good";

/// The name of the credential that is known to have expired.
pub const EXPIRED: &str = "expired";

/// The name of the refresh token.
pub const REFRESH: &str = "refresh";

/// The name under which the secret is fetched that signs tokens. It is never sent.
pub const SIGNING: &str = "signing-secret";

/// Where one value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Supply {
    /// An environment variable.
    Variable(String),
    /// Two environment variables: a user's name and a password (RFC 7617).
    Pair {
        /// The variable that holds the name.
        user: String,
        /// The variable that holds the password.
        password: String,
    },
    /// A token that an authorization server gives to a client (RFC 6749 §4.4).
    Client {
        /// The token endpoint.
        url: String,
        /// The variable that holds the client's id.
        id: String,
        /// The variable that holds its secret.
        secret: String,
        /// The scopes to ask for.
        scope: Option<String>,
    },
    /// What a command prints, without the line break at its end.
    Command(String),
    /// A person types it.
    Prompt,
}

impl std::fmt::Display for Supply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Supply::Variable(name) => write!(f, "environment variable {name}"),
            Supply::Pair { user, password } => write!(f, "environment variables {user} and {password}"),
            Supply::Client { url, .. } => write!(f, "token endpoint {url}"),
            Supply::Command(command) => write!(f, "command `{}`", crate::target::mask::mask(command, &[])),
            Supply::Prompt => f.write_str("the prompt"),
        }
    }
}

/// A credential to be fetched before the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name in the target: [`GOOD`], [`EXPIRED`], [`OTHER`], [`READER`], [`SPARE`], [`REFRESH`],
    /// [`SESSION`] or [`SIGNING`].
    pub name: SecretName,
    /// Whether it is known to have expired.
    pub expired: bool,
    /// Where its value comes from.
    pub origin: Supply,
}

impl Wanted {
    /// The facts of this credential once its value was fetched.
    pub fn found(&self, jwt: bool) -> CredentialFacts {
        CredentialFacts {
            name: self.name.clone(),
            expired: self.expired,
            jwt,
            from: self.origin.to_string(),
        }
    }
}

/// How callers prove who they are, and what is to be fetched. The target's list of credentials is still empty.
pub fn resolve(
    profile: Option<&profile::Auth>,
    layers: [&Overrides; 2],
) -> Result<Option<(Auth, Vec<Wanted>)>, Fault> {
    let [flags, _] = layers;
    let given = layers.into_iter().find_map(given).map(|(supply, _)| supply);
    let Some(scheme) = scheme(profile, given.is_some() || flags.test_issuer)? else {
        return Ok(None);
    };
    if flags.test_issuer {
        // What another issuer gave is no good at a service that believes in this one, and none of its business.
        return Ok(Some((
            auth(scheme, "--test-issuer".to_owned(), "--test-issuer".to_owned()),
            Vec::new(),
        )));
    }
    if given.is_some() && scheme == Scheme::Basic {
        let why = "this profile's [auth] is basic, which needs a name and a password";
        return Err(Fault::new(
            "a token flag cannot supply basic credentials",
            why,
            "export the two variables it names",
        ));
    }
    let good = given.or_else(|| profile.and_then(of_profile));
    let expired = profile.and_then(expired);
    let supply = match &good {
        Some(Supply::Variable(name)) => format!("export {name}=…, or --token-env VAR"),
        Some(Supply::Client { id, secret, .. }) => {
            format!("export {id}=… and {secret}=…, or --token-env VAR")
        }
        Some(origin) => format!("{origin}, or --token-env VAR"),
        None if profile.is_some_and(|auth| auth.test_issuer.is_some()) => {
            "--spawn CMD --test-issuer, or --token-env VAR".to_owned()
        }
        None => "--token-env VAR".to_owned(),
    };
    let supply_expired = match &expired {
        Some(Supply::Variable(name)) => format!("export {name}=…"),
        Some(origin) => origin.to_string(),
        None => "`expired_env` or `expired_command` under [auth] of the profile".to_owned(),
    };
    let of_variable = |key: fn(&profile::Auth) -> Option<&Variable>| {
        let name = profile.and_then(key)?;
        Some(Supply::Variable(name.0.clone()))
    };
    let wanted = |name: &'static str, expired| {
        move |origin| Wanted {
            name: SecretName(name.to_owned()),
            expired,
            origin,
        }
    };
    let all = good
        .map(wanted(GOOD, false))
        .into_iter()
        .chain(expired.map(wanted(EXPIRED, true)))
        .chain(of_variable(|auth| auth.other_env.as_ref()).map(wanted(OTHER, false)))
        .chain(of_variable(|auth| auth.reader_env.as_ref()).map(wanted(READER, false)))
        .chain(of_variable(|auth| auth.spare_env.as_ref()).map(wanted(SPARE, false)))
        .chain(of_variable(|auth| auth.refresh_env.as_ref()).map(wanted(REFRESH, false)))
        .chain(
            of_variable(|auth| auth.renewal.as_ref().map(|one| &one.token_env)).map(wanted(SESSION, false)),
        )
        .chain(of_variable(|auth| auth.signing_secret_env.as_ref()).map(wanted(SIGNING, false)))
        .collect();
    let mut auth = auth(scheme, supply, supply_expired);
    auth.logout = profile
        .and_then(|auth| auth.logout.as_ref())
        .map(|logout| logout.0.clone());
    auth.renewal = profile.and_then(|auth| auth.renewal.as_ref()).map(renewal);
    let login = profile.and_then(|auth| auth.login.as_ref());
    auth.login = login.map(|login| Login {
        call: login.call.0.clone(),
        body: login.body.clone().unwrap_or_default(),
    });
    Ok(Some((auth, all)))
}

fn renewal(written: &profile::Renewal) -> Renewal {
    let at = |pointer: &Pointer| pointer.0.clone();
    Renewal {
        call: written.call.0.clone(),
        form: match &written.member {
            Some(member) => TokenForm::Json {
                member: member.clone(),
            },
            None => TokenForm::OAuth,
        },
        access_at: written
            .access_at
            .as_ref()
            .map_or_else(|| "/access_token".to_owned(), at),
        next_at: written.next_at.as_ref().map(at),
    }
}

/// How callers prove who they are, with nothing at hand yet.
fn auth(scheme: Scheme, supply: String, supply_expired: String) -> Auth {
    Auth {
        scheme,
        credentials: Vec::new(),
        supply,
        supply_expired,
        signing: None,
        refresh: None,
        renewal: None,
        session: None,
        logout: None,
        login: None,
        issuer: None,
    }
}

/// What this layer says the good credential comes from, and the names of the setting that says it.
pub fn given(layer: &Overrides) -> Option<(Supply, Names)> {
    if let Some(name) = &layer.token_env {
        return Some((
            Supply::Variable(name.0.clone()),
            ("--token-env", "GREENLIGHT_TOKEN_ENV"),
        ));
    }
    if let Some(command) = &layer.token_command {
        return Some((
            Supply::Command(command.0.clone()),
            ("--token-command", "GREENLIGHT_TOKEN_COMMAND"),
        ));
    }
    layer
        .token_prompt
        .then_some((Supply::Prompt, ("--token-prompt", "")))
}

fn scheme(profile: Option<&profile::Auth>, given: bool) -> Result<Option<Scheme>, Fault> {
    let Some(auth) = profile else {
        return Ok(given.then_some(Scheme::Bearer));
    };
    Ok(Some(match (auth.kind, &auth.header) {
        (AuthKind::Bearer | AuthKind::Command | AuthKind::Oauth2ClientCredentials, _) => Scheme::Bearer,
        (AuthKind::Basic, _) => Scheme::Basic,
        (AuthKind::ApiKey, Some(header)) => Scheme::ApiKey {
            header: header.0.clone(),
        },
        (AuthKind::ApiKey, None) => {
            return Err(Fault::new(
                "this [auth] cannot be used",
                "its kind is incomplete",
                "name the header that carries the key",
            ));
        }
    }))
}

fn of_profile(auth: &profile::Auth) -> Option<Supply> {
    if let Some(command) = &auth.command {
        return Some(Supply::Command(command.0.clone()));
    }
    if let (Some(url), Some(client)) = (&auth.token_url, &auth.client) {
        return Some(Supply::Client {
            url: url.0.clone(),
            id: client.id_env.0.clone(),
            secret: client.secret_env.0.clone(),
            scope: auth.scope.clone(),
        });
    }
    if let (Some(user), Some(password)) = (&auth.user_env, &auth.password_env) {
        return Some(Supply::Pair {
            user: user.0.clone(),
            password: password.0.clone(),
        });
    }
    auth.token_env
        .as_ref()
        .or(auth.key_env.as_ref())
        .map(|name| Supply::Variable(name.0.clone()))
}

fn expired(auth: &profile::Auth) -> Option<Supply> {
    let variable = auth
        .expired_env
        .as_ref()
        .map(|name| Supply::Variable(name.0.clone()));
    variable.or_else(|| {
        auth.expired_command
            .as_ref()
            .map(|command| Supply::Command(command.0.clone()))
    })
}
