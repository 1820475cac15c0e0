use super::*;

fn read(variables: &[(&str, &str)], development: bool) -> Result<Settings, SettingsError> {
    let find = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    env::read(find, development)
}

const SECRET: (&str, &str) = ("ORCHESTRATE_AUTH_SECRET", "0123456789abcdef0123456789abcdef");

#[test]
fn refuses_to_start_without_a_secret_and_says_what_to_do() {
    let message = read(&[], false).unwrap_err().to_string();
    assert!(
        message.contains("ORCHESTRATE_AUTH_SECRET") && message.contains("--dev"),
        "{message}"
    );
    let blank = read(&[("ORCHESTRATE_AUTH_SECRET", " ")], false);
    assert_eq!(blank.unwrap_err(), SettingsError::SecretMissing);
}

#[test]
fn production_refuses_the_development_secret() {
    let settings = read(&[("ORCHESTRATE_ENV", "production")], true).unwrap();
    assert_eq!(settings.check().unwrap_err(), SettingsError::DevelopmentSecret);
    let by_value = [("ORCHESTRATE_AUTH_SECRET", crate::auth::DEVELOPMENT_SECRET)];
    assert_eq!(
        read(&by_value, false).unwrap().check().unwrap_err(),
        SettingsError::DevelopmentSecret
    );
}

#[test]
fn without_a_word_about_it_the_environment_is_production() {
    assert_eq!(
        read(&[SECRET], false).unwrap().environment,
        Environment::Production
    );
    assert_eq!(read(&[], true).unwrap().environment, Environment::Development);
    assert!(read(&[SECRET, ("ORCHESTRATE_ENV", "prod")], false).is_err());
}

#[test]
fn refuses_a_short_secret_without_showing_it() {
    let error = read(&[("ORCHESTRATE_AUTH_SECRET", "hunter2")], false)
        .unwrap()
        .check()
        .unwrap_err();
    assert_eq!(error, SettingsError::SecretTooShort { bytes: 7 });
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn a_wildcard_origin_is_refused_at_the_start() {
    let settings = read(
        &[SECRET, ("ORCHESTRATE_CORS_ORIGINS", "https://app.example, *")],
        false,
    )
    .unwrap();
    assert_eq!(
        settings.check().unwrap_err(),
        SettingsError::Origin(OriginError::Wildcard)
    );
}

#[test]
fn production_allows_only_the_origins_that_are_named() {
    assert!(read(&[SECRET], false).unwrap().origins.is_empty());
    let named = [
        SECRET,
        (
            "ORCHESTRATE_CORS_ORIGINS",
            "https://a.example, https://b.example,",
        ),
    ];
    assert_eq!(
        read(&named, false).unwrap().origins,
        ["https://a.example", "https://b.example"]
    );
}

#[test]
fn a_body_limit_below_the_documented_audio_is_refused() {
    let limit = [SECRET, ("ORCHESTRATE_BODY_LIMIT", "1048576")];
    assert!(matches!(
        read(&limit, false).unwrap().check(),
        Err(SettingsError::BodyLimit { .. })
    ));
    assert!(read(&[SECRET, ("ORCHESTRATE_BODY_LIMIT", "36MiB")], false).is_err());
}

#[test]
fn a_database_that_is_not_sqlite_is_refused_without_showing_its_password() {
    let error = read(
        &[SECRET, ("ORCHESTRATE_DATABASE", "postgres://ana:hunter2@db/x")],
        false,
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("SQLite") && !error.to_string().contains("hunter2"),
        "{error}"
    );
    let path = read(&[SECRET, ("ORCHESTRATE_DATABASE", "sqlite:///var/x.db")], false)
        .unwrap()
        .database;
    assert_eq!(path, Location::File("/var/x.db".into()));
}

#[test]
fn a_key_chooses_the_real_provider_and_debug_shows_no_secret() {
    let settings = read(&[SECRET, ("OPENAI_API_KEY", "sk-very-secret")], false).unwrap();
    assert!(matches!(settings.provider, ProviderChoice::OpenAi(_)));
    let shown = format!("{settings:?}");
    assert!(
        !shown.contains("sk-very-secret") && !shown.contains(SECRET.1),
        "{shown}"
    );
}

#[test]
fn the_full_version_carries_the_commit() {
    let build = Build {
        version: "1.2.3".into(),
        commit: Some("0123456789abcdef".into()),
        ..Build::current()
    };
    assert_eq!(build.full_version(), "1.2.3+0123456789ab");
}
