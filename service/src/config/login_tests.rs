//! How logging in is configured, beside everything else.

use crate::config::login::LoginMistake;
use crate::config::login::LoginMistake::{Callback, Issuer, Missing, Redirect};

use super::*;

#[test]
fn logging_in_is_configured_whole_and_safely() {
    let variables = [
        ("ORCHESTRATE_LOGIN_ISSUER", "https://accounts.example"),
        ("ORCHESTRATE_LOGIN_CLIENT_ID", "the-client"),
        ("ORCHESTRATE_LOGIN_CLIENT_SECRET", "a-secret-of-the-client"),
        (
            "ORCHESTRATE_LOGIN_CALLBACK",
            "https://api.example/api/v3/auth/callback",
        ),
        (
            "ORCHESTRATE_LOGIN_REDIRECTS",
            "https://app.example/, https://app.example/welcome",
        ),
        ("ORCHESTRATE_LOGIN_ADMITTED", "@acme.example"),
    ];
    let whole = read(&with(&variables), false).unwrap();
    assert_eq!(whole.settings.login.as_ref().unwrap().redirects.len(), 2);
    let shown = format!("{:?} {:?}", whole.shown(), whole.settings);
    assert!(!shown.contains("a-secret-of-the-client"));
    let refused = |name: &str, value| {
        let changed = variables.map(|(known, usual)| (known, if known == name { value } else { usual }));
        let error = read(&with(&changed), false).unwrap_err();
        let [SettingsError::Login(mistake)] = error.all() else {
            panic!("{error}");
        };
        mistake.clone()
    };
    assert_eq!(
        refused("ORCHESTRATE_LOGIN_ISSUER", "http://accounts.example"),
        Issuer("https://")
    );
    assert_eq!(
        refused("ORCHESTRATE_LOGIN_CLIENT_ID", ""),
        Missing("login.client_id")
    );
    assert!(matches!(refused("ORCHESTRATE_LOGIN_ADMITTED", ""), Missing(_)));
    assert_eq!(
        refused("ORCHESTRATE_LOGIN_REDIRECTS", ""),
        Missing("login.redirects")
    );
    for callback in [
        "",
        "http://api.example/api/v3/auth/callback",
        "https://api.example/",
    ] {
        assert_eq!(refused("ORCHESTRATE_LOGIN_CALLBACK", callback), Callback);
    }
    for odd in [
        "http://app.example/",
        "https://app.example",
        "https://app.example/#x",
        "*",
        "https://a@app.example/",
    ] {
        assert_eq!(
            refused("ORCHESTRATE_LOGIN_REDIRECTS", odd),
            Redirect(odd.to_owned())
        );
    }
}

#[test]
fn production_has_no_login_unless_it_is_configured_and_never_the_one_of_development() {
    assert!(read(&ENOUGH, false).unwrap().settings.login.is_none());
    let mut settings = read(&[], true).unwrap().settings;
    assert!(settings.login.is_some());
    settings.environment = Environment::Production;
    let refused = settings.check().unwrap_err();
    let embedded = SettingsError::Login(LoginMistake::Embedded);
    assert!(refused.all().contains(&embedded), "{refused}");
}

#[test]
fn an_id_token_can_never_pass_for_an_access_token() {
    let variables = [
        ("ORCHESTRATE_AUTH_JWKS_URL", "https://accounts.example/jwks.json"),
        ("ORCHESTRATE_AUTH_JWKS_ISSUER", "https://accounts.example"),
        ("ORCHESTRATE_AUTH_JWKS_AUDIENCE", "the-client"),
        ("ORCHESTRATE_LOGIN_ISSUER", "https://accounts.example"),
        ("ORCHESTRATE_LOGIN_CLIENT_ID", "the-client"),
        ("ORCHESTRATE_LOGIN_REDIRECTS", "https://app.example/"),
        ("ORCHESTRATE_LOGIN_ADMITTED", "*"),
    ];
    let error = read(&with(&variables), true).unwrap_err();
    let audience = SettingsError::Login(LoginMistake::Audience);
    assert_eq!(error.all(), [audience]);
}
