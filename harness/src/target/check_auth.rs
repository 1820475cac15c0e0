//! What is wrong with `[auth]`: each kind has its own keys, and a key of another kind is a misunderstanding.

use crate::target::check::Faults;
use crate::target::fault::{Fault, list, quote};
use crate::target::profile::{Auth, AuthKind};
use crate::target::test_issuer::RESERVED;

/// Refuses keys of another kind, a kind without its own, and a secret that would travel in the clear.
pub fn auth(auth: &Auth, faults: &mut Faults) {
    let (name, needed): (&str, &[&str]) = match auth.kind {
        AuthKind::Bearer => ("bearer", &["token_env"]),
        AuthKind::ApiKey => ("api-key", &["header", "key_env"]),
        AuthKind::Basic => ("basic", &["user_env", "password_env"]),
        AuthKind::Command => ("command", &["command"]),
        AuthKind::Oauth2ClientCredentials => ("oauth2-client-credentials", &["token_url", "client"]),
    };
    let may_have = |key: &str| key == "scope" && auth.kind == AuthKind::Oauth2ClientCredentials;
    for (key, present) in keys(auth) {
        // A test issuer mints the token; then only the real one comes from a variable.
        let minted = key == "token_env" && auth.test_issuer.is_some();
        let fault = match (needed.contains(&key) && !minted, present) {
            (false, true) if minted && needed.contains(&key) => continue,
            (true, false) => {
                let why = format!("kind \"{name}\" needs {}", list(needed));
                let value = match key {
                    "client" => "{ id_env = \"…\", secret_env = \"…\" }",
                    _ => "\"…\"",
                };
                Fault::new(
                    format!("`{key}` is missing"),
                    why,
                    format!("add `{key} = {value}`"),
                )
            }
            (false, true) if !may_have(key) => {
                let why = format!("that kind has {}", list(needed));
                Fault::new(
                    format!("`{key}` does not belong to kind \"{name}\""),
                    why,
                    "take it out, or change `kind`",
                )
            }
            _ => continue,
        };
        let at = if present {
            format!("/auth/{key}")
        } else {
            "/auth".to_owned()
        };
        faults.push((at, fault));
    }
    if let Some(url) = auth.token_url.as_ref().filter(|url| !url.keeps_secrets()) {
        let fault = Fault::new(
            format!("{} is not https", quote(&url.0)),
            "the client's secret would travel in the clear (RFC 6749 section 3.2)",
            "write the https URL of the token endpoint",
        );
        faults.push(("/auth/token_url".to_owned(), fault));
    }
    let basic = matches!(auth.kind, AuthKind::ApiKey | AuthKind::Basic);
    let bearer = !basic;
    for (key, present) in [
        ("signing_secret_env", auth.signing_secret_env.is_some()),
        ("refresh_env", auth.refresh_env.is_some()),
        ("renewal", auth.renewal.is_some()),
        ("test_issuer", auth.test_issuer.is_some()),
    ] {
        if present && !bearer {
            let fault = Fault::new(
                format!("`{key}` does not belong to kind \"{name}\""),
                "only bearer tokens are signed and refreshed",
                "take it out, or change `kind`",
            );
            faults.push((format!("/auth/{key}"), fault));
        }
    }
    leaving(auth, faults);
    claims(auth, faults);
    if auth.expired_env.is_some() && auth.expired_command.is_some() {
        let fault = Fault::new(
            "an expired credential comes from two places",
            "`expired_env` is there too",
            "take one of them out",
        );
        faults.push(("/auth/expired_command".to_owned(), fault));
    }
}

/// Refuses a credential that may be thrown away where nothing throws it away.
fn leaving(auth: &Auth, faults: &mut Faults) {
    if auth.spare_env.is_some() && auth.logout.is_none() {
        let fault = Fault::new(
            "`spare_env` is used by nothing",
            "it is logged out by `logout`, which is missing",
            "add `logout = \"POST /logout\"`, or take it out",
        );
        faults.push(("/auth/spare_env".to_owned(), fault));
    }
}

/// Refuses claims of a test issuer that are no table, and those that it sets itself.
fn claims(auth: &Auth, faults: &mut Faults) {
    let Some(claims) = auth
        .test_issuer
        .as_ref()
        .and_then(|issuer| issuer.claims.as_ref())
    else {
        return;
    };
    let at = "/auth/test_issuer/claims".to_owned();
    let Some(members) = claims.as_object() else {
        let next = "write a table, such as { sub = \"ana\", scope = \"notes\" }";
        faults.push((at, Fault::new("`claims` is no table", "claims have names", next)));
        return;
    };
    for name in RESERVED.into_iter().filter(|name| members.contains_key(*name)) {
        let fault = Fault::new(
            format!("`{name}` is set by the test issuer itself"),
            "every token of it is right or wrong in that claim on purpose",
            "take it out; the audience has a key of its own, `audience`",
        );
        faults.push((format!("{at}/{name}"), fault));
    }
}

/// The keys that belong to some kinds only, and whether they are there.
fn keys(auth: &Auth) -> [(&'static str, bool); 9] {
    [
        ("token_env", auth.token_env.is_some()),
        ("header", auth.header.is_some()),
        ("key_env", auth.key_env.is_some()),
        ("user_env", auth.user_env.is_some()),
        ("password_env", auth.password_env.is_some()),
        ("command", auth.command.is_some()),
        ("token_url", auth.token_url.is_some()),
        ("client", auth.client.is_some()),
        ("scope", auth.scope.is_some()),
    ]
}
