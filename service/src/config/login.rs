//! How logging in is configured, and what is refused of it.

use url::Url;

use crate::config::sources::{Key, Sources};
use crate::config::{DEVELOPMENT_ORIGINS, Environment, Settings, keys, read};
use crate::login::{Admitted, LoginSettings, ProviderAt};
use crate::providers::dev_oidc::CLIENT_ID;
use crate::secret::Secret;

/// What must not be configured so. Each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoginMistake {
    /// The embedded provider in production.
    #[error(
        "production refuses the login provider of development, which believes everybody: set login.issuer, or leave login out"
    )]
    Embedded,
    /// Half a provider.
    #[error("logging in needs {0}: set it, or leave login.issuer out")]
    Missing(&'static str),
    /// An issuer that is no address of the kind.
    #[error(
        "the login provider's issuer (login.issuer) must be an address that begins with {0}, without query and fragment"
    )]
    Issuer(&'static str),
    /// Our callback must be reached safely.
    #[error(
        "our callback (login.callback) must be an address that begins with https:// and ends with /auth/callback"
    )]
    Callback,
    /// A redirect that could never match, or must not be.
    #[error(
        "{0:?} among login.redirects cannot end a login: write a whole address as browsers do, https:// in production, without \
         a fragment"
    )]
    Redirect(String),
    /// An ID token that would open the API.
    #[error(
        "login.client_id is also the audience of foreign access tokens (auth.jwks_audience): ID tokens of the provider would \
         pass for access tokens. Give the API an audience of its own"
    )]
    Audience,
}

/// The embedded provider, for the usual local pages.
#[must_use]
pub fn development() -> LoginSettings {
    LoginSettings {
        provider: ProviderAt::Embedded,
        client_id: CLIENT_ID.to_owned(),
        client_secret: None,
        callback: None,
        redirects: DEVELOPMENT_ORIGINS.map(|origin| format!("{origin}/")).to_vec(),
        admitted: Admitted::everybody(),
    }
}

/// What is wrong with a login, for a service of these settings.
#[must_use]
pub fn mistakes(login: &LoginSettings, settings: &Settings) -> Vec<LoginMistake> {
    let production = settings.environment == Environment::Production;
    let mut mistakes = Vec::new();
    match &login.provider {
        ProviderAt::Embedded if production => mistakes.push(LoginMistake::Embedded),
        ProviderAt::Embedded => {}
        ProviderAt::Issuer(issuer) => {
            let plain = |url: &Url| !production && url.scheme() == "http";
            let good = Url::parse(issuer).is_ok_and(|url| {
                (url.scheme() == "https" || plain(&url)) && url.query().is_none() && url.fragment().is_none()
            });
            if !good {
                let wanted = if production {
                    "https://"
                } else {
                    "https:// or http://"
                };
                mistakes.push(LoginMistake::Issuer(wanted));
            }
        }
    }
    let callback = login.callback.as_ref();
    if production
        && callback.is_none_or(|url| url.scheme() != "https" || !url.path().ends_with("/auth/callback"))
    {
        mistakes.push(LoginMistake::Callback);
    }
    for (missing, name) in [
        (login.client_id.is_empty(), "login.client_id"),
        (login.redirects.is_empty(), "login.redirects"),
        (
            login.admitted.is_empty(),
            "login.admitted (addresses, @domains, or * for everybody)",
        ),
    ] {
        mistakes.extend(missing.then_some(LoginMistake::Missing(name)));
    }
    let odd = |address: &&String| {
        !Url::parse(address).is_ok_and(|url| {
            (url.scheme() == "https" || (!production && url.scheme() == "http"))
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.as_str() == **address
        })
    };
    mistakes.extend(
        login
            .redirects
            .iter()
            .filter(odd)
            .cloned()
            .map(LoginMistake::Redirect),
    );
    let foreign = settings.auth.foreign.as_ref();
    if foreign.is_some_and(|foreign| foreign.audience == login.client_id) {
        mistakes.push(LoginMistake::Audience);
    }
    mistakes
}

/// The settings that a mistake is about, the likeliest first.
pub(super) fn subjects(mistake: &LoginMistake) -> &'static [Key] {
    match mistake {
        LoginMistake::Embedded | LoginMistake::Missing(_) | LoginMistake::Issuer(_) => &[keys::LOGIN_ISSUER],
        LoginMistake::Callback => &[keys::LOGIN_CALLBACK, keys::LOGIN_ISSUER],
        LoginMistake::Redirect(_) => &[keys::LOGIN_REDIRECTS],
        LoginMistake::Audience => &[keys::LOGIN_CLIENT],
    }
}

/// Reads it. Without an issuer development has the embedded provider, and production none.
pub(super) fn read(sources: &mut Sources<'_>, settings: &mut Settings) {
    let issuer = sources.read(keys::LOGIN_ISSUER, None, read::own);
    let client_id = sources.read(keys::LOGIN_CLIENT, None, read::own);
    let secret = sources.read(keys::LOGIN_SECRET, None, |text| Ok(Secret::new(text)));
    let callback = sources.read(keys::LOGIN_CALLBACK, None, |text| {
        Url::parse(text)
            .map_err(|_| "write an address, such as https://api.example/api/v3/auth/callback".to_owned())
    });
    let redirects = sources.read(keys::LOGIN_REDIRECTS, None, |text| Ok(read::list(text)));
    let admitted = sources.read(keys::LOGIN_ADMITTED, None, |text| {
        Ok(Admitted::of(&read::list(text)))
    });
    let development = settings.environment == Environment::Development;
    settings.login = match issuer {
        Some(issuer) => Some(LoginSettings {
            provider: ProviderAt::Issuer(issuer),
            client_id: client_id.unwrap_or_default(),
            client_secret: secret,
            callback,
            redirects: redirects.unwrap_or_default(),
            admitted: admitted.unwrap_or_default(),
        }),
        None if development => {
            let usual = self::development();
            Some(LoginSettings {
                redirects: redirects.unwrap_or(usual.redirects),
                admitted: admitted.unwrap_or(usual.admitted),
                callback,
                ..usual
            })
        }
        None => None,
    };
}
