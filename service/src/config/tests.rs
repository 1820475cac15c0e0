use super::keys::KEYS;
use super::read::{Configuration, Typed};
use super::sources::File;
use super::*;

fn find<'v>(variables: &'v [(&'v str, &'v str)]) -> impl Fn(&str) -> Option<String> {
    move |name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    }
}

fn named(text: &str) -> File<'_> {
    File {
        name: "orchestrate.toml",
        text,
    }
}

fn dev(dev: bool) -> Typed {
    Typed {
        dev,
        ..Typed::default()
    }
}

fn read(variables: &[(&str, &str)], development: bool) -> Result<Configuration, Mistakes> {
    Configuration::read(&find(variables), None, dev(development)).checked()
}

fn read_with(variables: &[(&str, &str)], file: &str, development: bool) -> Result<Configuration, Mistakes> {
    Configuration::read(&find(variables), Some(named(file)), dev(development)).checked()
}

const SECRET: (&str, &str) = ("ORCHESTRATE_AUTH_SECRET", "0123456789abcdef0123456789abcdef");

const KEY: (&str, &str) = ("OPENAI_API_KEY", "sk-very-secret");

/// What production needs at least.
const ENOUGH: [(&str, &str); 2] = [SECRET, KEY];

fn with<'v>(more: &[(&'v str, &'v str)]) -> Vec<(&'v str, &'v str)> {
    [&ENOUGH, more].concat()
}

#[test]
fn what_production_needs_is_enough() {
    let read = read(&ENOUGH, false).unwrap();
    assert_eq!(read.settings.environment, Environment::Production);
    assert_eq!(read.address.to_string(), "127.0.0.1:8080");
    assert!(
        read.settings.origins.is_empty(),
        "nobody's pages, unless they are named"
    );
    assert_eq!(
        read.settings.database,
        Location::File("orchestrate.db".into()).into()
    );
}

#[test]
fn refuses_to_start_without_a_secret_and_says_what_to_do() {
    for secret in [None, Some(" ")] {
        let blank = secret.map(|secret| ("ORCHESTRATE_AUTH_SECRET", secret));
        let variables: Vec<_> = blank.into_iter().chain([KEY]).collect();
        let mistakes = read(&variables, false).unwrap_err();
        assert_eq!(mistakes.all(), [SettingsError::SecretMissing]);
        let message = mistakes.to_string();
        assert!(
            message.contains("ORCHESTRATE_AUTH_SECRET") && message.contains("--dev"),
            "{message}"
        );
    }
}

#[test]
fn production_refuses_what_is_only_good_for_development() {
    let simulated = [
        SettingsError::DevelopmentSecret,
        SettingsError::SimulatorInProduction,
    ];
    let production = [("ORCHESTRATE_ENV", "production")];
    assert_eq!(read(&production, true).unwrap_err().all(), simulated);
    let by_value = [("ORCHESTRATE_AUTH_SECRET", crate::auth::DEVELOPMENT_SECRET)];
    assert_eq!(read(&by_value, false).unwrap_err().all(), simulated);
    assert_eq!(read(&[SECRET], false).unwrap_err().all(), &simulated[1..]);
    assert!(read(&[], true).is_ok());
}

#[test]
fn without_a_word_about_it_the_environment_is_production() {
    let environment = |variables: &[_], dev| read(variables, dev).unwrap().settings.environment;
    assert_eq!(environment(&ENOUGH, false), Environment::Production);
    assert_eq!(environment(&[], true), Environment::Development);
    assert!(read(&with(&[("ORCHESTRATE_ENV", "prod")]), false).is_err());
}

#[test]
fn refuses_a_secret_that_can_be_guessed_without_showing_it() {
    let refused = |secret: &str| {
        let mistakes = read(&[("ORCHESTRATE_AUTH_SECRET", secret), KEY], false).unwrap_err();
        assert!(!mistakes.to_string().contains(secret), "{mistakes}");
        mistakes.all()[0].clone()
    };
    assert_eq!(refused("hunter2"), SettingsError::SecretTooShort { bytes: 7 });
    for weak in [
        "changeme".repeat(8),
        "x".repeat(64),
        "abcab".repeat(9),
        "password1".repeat(4),
    ] {
        let refused = refused(&weak);
        assert!(
            matches!(refused, SettingsError::SecretWeak { .. }),
            "{weak}: {refused}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn random_bytes_are_never_called_weak(bytes: [u8; 24]) {
        use base64::Engine as _;
        let secret = base64::engine::general_purpose::STANDARD.encode(bytes);
        proptest::prop_assert!(weakness(secret.as_bytes()).is_none(), "{secret}");
    }
}

#[test]
fn every_mistake_is_told_at_once_with_its_place() {
    let file = r#"
environment = "prod"
colour = "green"

[listen]
port = 99999

[auth]
secret = "0123456789abcdef0123456789abcdef"

[cors]
origins = ["https://app.acme.example", "*"]

[limits]
body = 5
work_deadline = "soon"
"#;
    let variables = [("OPENAI_BASE_URL", "api.acme.example"), KEY];
    let mistakes = read_with(&variables, file, false).unwrap_err();
    insta::assert_snapshot!(mistakes);
}

#[test]
fn a_mistake_that_only_the_whole_shows_tells_where_its_part_was_written() {
    let file = "[limits]\nwork_deadline = \"2m\"\n[login]\nissuer = \"http://accounts.example\"\n";
    let variables = [
        ("ORCHESTRATE_AUTH_SECRET", "hunter2"),
        ("OPENAI_BASE_URL", "api.acme.example"),
    ];
    let mistakes = read_with(&variables, file, false).unwrap_err();
    let lines: Vec<String> = mistakes.lines().collect();
    for beginning in [
        "OPENAI_BASE_URL: the provider's base URL",
        "ORCHESTRATE_AUTH_SECRET: the signing secret has 7 bytes",
        "orchestrate.toml:4:10: the login provider's issuer",
        // Nobody wrote a callback; it is the issuer that asks for one.
        "orchestrate.toml:4:10: our callback",
        "orchestrate.toml:2:17: the shutdown grace",
        // About what nobody wrote.
        "no AI provider",
    ] {
        let told = lines.iter().filter(|line| line.starts_with(beginning)).count();
        assert_eq!(told, 1, "{beginning}: {mistakes}");
    }
}

#[test]
fn a_time_is_no_longer_than_anybody_waits() {
    let deadline = |value| read(&with(&[("ORCHESTRATE_AUTH_SESSION_TTL", value)]), false);
    assert!(deadline("87600h").is_ok());
    for endless in ["87601h", "999999999999h", "-1s", "0s"] {
        assert!(deadline(endless).is_err(), "{endless}");
    }
}

#[test]
fn a_variable_that_is_named_like_ours_and_is_none_is_told() {
    let known = ["ORCHESTRATE_CORS_ORIGINS", "ORCHESTRATE_HOST", "PORT"];
    let set = [
        "ORCHESTRATE_SERVICE_HOST",
        "ORCHESTRATE_CORS_ORIGIN",
        "ORCHESTRATE_HOST",
        "HOME",
    ];
    let told = super::sources::strays(set.map(str::to_owned).into_iter(), &known);
    let expected = [
        "ORCHESTRATE_CORS_ORIGIN is no setting of this build; did you mean ORCHESTRATE_CORS_ORIGINS?",
        "ORCHESTRATE_SERVICE_HOST is no setting of this build, and changes nothing",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_number_is_taken_as_it_was_written_or_not_at_all() {
    let port = |port: &str| read_with(&ENOUGH, &format!("[listen]\nport = {port}\n"), false);
    assert_eq!(port("8_000").unwrap().address.port(), 8000);
    for odd in ["0x50", "0o17", "0b11"] {
        assert!(port(odd).is_err(), "{odd}");
    }
}

#[test]
fn a_file_that_is_no_toml_is_told_with_line_and_column() {
    let mistakes = read_with(&ENOUGH, "[listen]\nport = \n", false).unwrap_err();
    let message = mistakes.to_string();
    assert!(message.starts_with("orchestrate.toml:2:8: "), "{message}");
    assert_eq!(mistakes.all().len(), 1, "{message}");
}

#[test]
fn a_flag_wins_over_a_variable_and_a_variable_over_the_file() {
    let file = "[listen]\nport = 1000\nhost = \"0.0.0.0\"\n";
    let port = |variables: &[_], typed: Option<u16>| {
        let typed = Typed {
            port: typed,
            ..Typed::default()
        };
        let find = find(variables);
        let read = Configuration::read(&find, Some(named(file)), typed)
            .checked()
            .unwrap();
        let shown = read.shown();
        let (_, value, place) = shown.iter().find(|(name, ..)| *name == "listen.port").unwrap();
        assert_eq!(*value, read.address.port().to_string());
        assert_eq!(read.address.ip().to_string(), "0.0.0.0");
        place.clone()
    };
    let platform = ("PORT", "2000");
    let own = ("ORCHESTRATE_PORT", "3000");
    assert_eq!(port(&ENOUGH, None), "orchestrate.toml:2:8");
    assert_eq!(port(&with(&[platform]), None), "PORT");
    assert_eq!(port(&with(&[platform, own]), None), "ORCHESTRATE_PORT");
    assert_eq!(port(&with(&[platform, own]), Some(4000)), "--port");
}

#[test]
fn what_is_shown_is_everything_and_no_secret() {
    let read = read(&with(&[("ORCHESTRATE_CORS_ORIGINS", "https://a.example")]), false).unwrap();
    let shown = read.shown();
    assert_eq!(shown.len(), KEYS.len());
    for (name, value, place) in &shown {
        assert!(!value.is_empty() && !place.is_empty(), "{name}");
    }
    let all = format!("{shown:?} {read:?}");
    assert!(!all.contains(KEY.1) && !all.contains(SECRET.1), "{all}");
    assert!(all.contains("https://a.example"), "{all}");
}

#[test]
fn each_origin_that_cannot_be_allowed_is_told() {
    let origins = (
        "ORCHESTRATE_CORS_ORIGINS",
        "https://app.example, *, null, https://app.example/",
    );
    let mistakes = read(&with(&[origins]), false).unwrap_err();
    let expected = [
        SettingsError::Origin(OriginError::Wildcard),
        SettingsError::Origin(OriginError::Null),
    ];
    assert_eq!(&mistakes.all()[..2], expected);
    assert_eq!(mistakes.all().len(), 3, "{mistakes}");
}

#[test]
fn origins_are_a_list_separated_by_commas() {
    let named = (
        "ORCHESTRATE_CORS_ORIGINS",
        "https://a.example, https://b.example,",
    );
    let origins = read(&with(&[named]), false).unwrap().settings.origins;
    assert_eq!(origins, ["https://a.example", "https://b.example"]);
}

#[test]
fn a_body_limit_below_the_documented_audio_is_refused() {
    let limit = |value| read(&with(&[("ORCHESTRATE_BODY_LIMIT", value)]), false);
    let small = limit("1048576").unwrap_err();
    assert!(
        matches!(small.all(), [SettingsError::BodyLimit { .. }]),
        "{small}"
    );
    assert!(limit("36MiB").is_err());
}

#[test]
fn a_shutdown_that_would_drop_accepted_work_is_refused() {
    let grace = |value| read(&with(&[("ORCHESTRATE_SHUTDOWN_GRACE", value)]), false);
    // The work alone may be done in time, and what comes before it too.
    let short = grace("194s").unwrap_err();
    assert!(matches!(short.all(), [SettingsError::Grace { .. }]), "{short}");
    assert!(grace("195s").is_ok());
    let quick = [
        ("ORCHESTRATE_SHUTDOWN_GRACE", "30s"),
        ("ORCHESTRATE_BODY_DEADLINE", "5s"),
        ("ORCHESTRATE_WORK_DEADLINE", "5s"),
    ];
    assert!(read(&with(&quick), false).is_ok());
}

#[test]
fn a_database_that_is_neither_kind_is_refused_without_showing_its_password() {
    for variable in ["ORCHESTRATE_DATABASE", "DATABASE_URL"] {
        let database = |value| read(&with(&[(variable, value)]), false);
        for value in ["mysql://ana:hunter2@db/x", "postgres://ana:hunter2@db:port/x"] {
            let error = database(value).unwrap_err().to_string();
            let scheme = value.split(':').next().unwrap();
            assert!(
                error.starts_with(&format!("{variable}: \"{scheme}:…\"")),
                "{error}"
            );
            assert!(
                error.contains("PostgreSQL") && !error.contains("hunter2"),
                "{error}"
            );
        }
        let path = database("sqlite:///var/x.db").unwrap().settings.database;
        assert_eq!(path, Location::File("/var/x.db".into()).into());
    }
    let file = "[database]\nurl = \"mysql://ana:hunter2@db/x\"\n";
    let error = read_with(&ENOUGH, file, false).unwrap_err().to_string();
    assert!(error.starts_with("orchestrate.toml:2:7: \"mysql:…\""), "{error}");
}

#[test]
fn a_password_in_the_file_is_refused_and_the_rest_of_an_address_is_not() {
    let database = |url: &str| read_with(&ENOUGH, &format!("[database]\nurl = \"{url}\"\n"), false);
    let error = database("postgres://ana:hunter2@db/x").unwrap_err().to_string();
    assert!(
        error.starts_with("orchestrate.toml:2:7: \"postgres://db:5432/x\""),
        "{error}"
    );
    assert!(
        error.contains("DATABASE_URL") && !error.contains("hunter2"),
        "{error}"
    );
    assert!(database("postgres://ana@db/x").is_ok());
}

#[test]
fn a_database_of_postgresql_is_shown_without_its_password_and_bounded() {
    let url = (
        "DATABASE_URL",
        "postgresql://ana:hunter2@db.example/kept?sslmode=require",
    );
    let shown = |variables: &[_]| {
        let read = read(&with(variables), false).unwrap();
        let shown = read.shown();
        assert!(!format!("{read:?} {shown:?}").contains("hunter2"));
        let value = |name| {
            let found = shown.iter().find(|(known, ..)| *known == name);
            found.map(|(_, value, place)| format!("{value} {place}")).unwrap()
        };
        [value("database.url"), value("database.connections")]
    };
    let place = "postgres://db.example:5432/kept DATABASE_URL";
    assert_eq!(shown(&[url]), [place, "8 default"]);
    let connections = "ORCHESTRATE_DATABASE_CONNECTIONS";
    let bounded = shown(&[url, (connections, "20")]);
    assert_eq!(bounded, [place, &format!("20 {connections}")]);
    // The service's own variable wins over a platform's.
    let own = [url, ("ORCHESTRATE_DATABASE", "kept.db")];
    assert_eq!(shown(&own), ["kept.db ORCHESTRATE_DATABASE", "4 default"]);
    for odd in ["0", "-1", "many", "1001"] {
        assert!(read(&with(&[(connections, odd)]), false).is_err(), "{odd}");
    }
}

#[test]
fn a_key_chooses_the_real_provider_with_its_models() {
    let named = [
        ("ORCHESTRATE_CONCEPT_MODEL", "gpt-9"),
        ("ORCHESTRATE_PROVIDER_DEADLINE", "7s"),
    ];
    let ProviderChoice::OpenAi(openai) = read(&with(&named), false).unwrap().settings.provider else {
        panic!("no real provider");
    };
    assert_eq!(
        (&*openai.concept_model, openai.total_deadline.as_secs()),
        ("gpt-9", 7)
    );
    assert_eq!(openai.transcription_model, "whisper-1");
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

#[test]
fn which_recordings_are_taken_can_be_said() {
    let audio = |variables: &[_]| read(&with(variables), false).map(|read| read.settings.audio);
    let usual = audio(&[]).unwrap();
    assert_eq!(usual, crate::domain::audio::AudioPolicy::default());
    let named = [
        ("ORCHESTRATE_AUDIO_LONGEST", "25m"),
        ("ORCHESTRATE_AUDIO_SILENCE", "taken"),
    ];
    let other = audio(&named).unwrap();
    assert_eq!(
        (other.longest, other.quietest),
        (Duration::from_secs(1_500), None)
    );
    assert_eq!(audio(&[("ORCHESTRATE_AUDIO_SILENCE", "refused")]).unwrap(), usual);
    let wrong = read(&with(&[("ORCHESTRATE_AUDIO_SILENCE", "-70")]), false).unwrap_err();
    assert!(wrong.to_string().contains("refused or taken"), "{wrong}");
}

#[test]
fn another_issuer_is_whole_and_told_apart_and_its_keys_come_over_tls_in_production() {
    let url = ("ORCHESTRATE_AUTH_JWKS_URL", "https://issuer.example/jwks.json");
    let issuer = ("ORCHESTRATE_AUTH_JWKS_ISSUER", "https://issuer.example");
    let foreign = read(&with(&[url, issuer]), false)
        .unwrap()
        .settings
        .auth
        .foreign
        .unwrap();
    assert_eq!(foreign.audience, "orchestrate-api");
    let refused = |more: &[_], dev| {
        read(&with(more), dev)
            .map(|_| ())
            .map_err(|error| error.all().to_vec())
    };
    for half in [url, issuer] {
        assert_eq!(refused(&[half], false), Err(vec![SettingsError::JwksHalf]));
    }
    let plain = (url.0, "http://issuer.example/jwks.json");
    let wanted = SettingsError::JwksScheme { wanted: "https://" };
    assert_eq!(refused(&[plain, issuer], false), Err(vec![wanted]));
    assert_eq!(refused(&[plain, issuer], true), Ok(()));
    assert!(refused(&[(url.0, "file:///etc/passwd"), issuer], true).is_err());
    assert!(refused(&[(url.0, "not an address"), issuer], true).is_err_and(|all| all.len() == 1));
    let ours = (issuer.0, "orchestrate");
    assert_eq!(refused(&[url, ours], false), Err(vec![SettingsError::JwksIssuer]));
}

#[path = "login_tests.rs"]
mod login;
