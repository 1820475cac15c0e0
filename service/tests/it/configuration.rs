//! `docs/configuration.md` is written from the table that settings are read by, from what the service runs with when nobody says
//! anything, and from the words in which it refuses what it does not take: it cannot say anything else than the program does.
//! `GREENLIGHT_BLESS=1 cargo test -p orchestrate --test it -- configuration` writes it anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use orchestrate::auth::DEVELOPMENT_SECRET;
use orchestrate::config::login::LoginMistake;
use orchestrate::config::read::{Configuration, Typed};
use orchestrate::config::sources::{File, Key};
use orchestrate::config::{Environment, Settings, SettingsError, export, keys};

const SECRET: (&str, &str) = ("ORCHESTRATE_AUTH_SECRET", "x7Jq0ZkP3mT9vW2rB5nL8cY1dF4gH6sA");

/// A variable and its value.
type Variable = (&'static str, &'static str);

/// What production needs at least.
const ENOUGH: [(&str, &str); 2] = [SECRET, ("OPENAI_API_KEY", "sk-x")];

/// Another issuer and a login, so that what belongs to them is looked at.
const ALL: [(&str, &str); 9] = [
    SECRET,
    ENOUGH[1],
    ("ORCHESTRATE_AUTH_JWKS_URL", "https://issuer.example/jwks.json"),
    ("ORCHESTRATE_AUTH_JWKS_ISSUER", "https://issuer.example"),
    ("ORCHESTRATE_LOGIN_ISSUER", "https://accounts.example"),
    ("ORCHESTRATE_LOGIN_CLIENT_ID", "the-client"),
    (
        "ORCHESTRATE_LOGIN_CALLBACK",
        "https://api.example/api/v3/auth/callback",
    ),
    ("ORCHESTRATE_LOGIN_REDIRECTS", "https://app.example/"),
    ("ORCHESTRATE_LOGIN_ADMITTED", "@acme.example"),
];

/// What is put in the place of a value, to learn what is said of it.
const WRONG: [&str; 8] = ["? ?", "0", "1", "1s", "1h", "*", "null", "mysql://x"];

/// A configuration with these variables, the later ones instead of the earlier.
fn configuration(variables: &[(&str, &str)], typed: Typed) -> Configuration {
    let find = |name: &str| {
        let found = variables.iter().rev().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Configuration::read(&find, None, typed)
}

/// What is said against it.
fn said(variables: &[(&str, &str)], typed: Typed) -> Vec<String> {
    let mistakes = configuration(variables, typed).checked().err();
    mistakes.map_or_else(Vec::new, |mistakes| mistakes.lines().collect())
}

/// What a setting takes, in the words in which the service refuses what it does not.
fn takes(key: &Key) -> Vec<String> {
    let variable = key.variables[0];
    let mut told: Vec<String> = Vec::new();
    for wrong in WRONG {
        let variables = [&ALL[..], &[(variable, wrong)]].concat();
        let said = said(&variables, Typed::default());
        let mut own = said
            .iter()
            .filter_map(|line| line.strip_prefix(&format!("{variable}: ")));
        // Only what follows from this value alone.
        let Some(line) = own.next_back() else { continue };
        let line = line.split_once(" cannot be taken: ").map_or(line, |(_, why)| why);
        if !told.iter().any(|known| bare(known) == bare(line)) {
            told.push(line.to_owned());
        }
    }
    told
}

/// A refusal without what was refused: two that differ in that alone say the same.
fn bare(refusal: &str) -> String {
    let outside = refusal.split('"').step_by(2);
    outside
        .collect::<String>()
        .replace(|c: char| c.is_ascii_digit(), "")
}

/// What it is when nobody says anything.
fn usual(key: &Key, variables: &[(&str, &str)], dev: bool) -> String {
    let typed = Typed {
        dev,
        ..Typed::default()
    };
    let name = key.file.unwrap_or(key.variables[0]);
    let shown = configuration(variables, typed).shown();
    let line = shown.into_iter().find(|(known, ..)| *known == name);
    line.map_or_else(String::new, |(_, value, place)| {
        if place == "default" { value } else { String::new() }
    })
}

fn cell(text: &str) -> String {
    text.trim()
        .replace('|', "\\|")
        .replace('<', "&lt;")
        .replace('*', "\\*")
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn row(page: &mut String, key: &Key) {
    let file = key.file.map(code);
    let variables = key.variables.iter().map(|name| code(name));
    let names = file.into_iter().chain(variables).chain(key.flag.map(code));
    let names: Vec<String> = names.collect();
    let production = usual(key, &ENOUGH, false);
    let development = usual(key, &[], true);
    let usual = match (&*production, &*development) {
        ("", "") => "nothing".to_owned(),
        ("", other) => format!("needed; with `--dev` {}", cell(other)),
        (one, other) if one == other => cell(one),
        (one, other) => format!("{}; with `--dev` {}", cell(one), cell(other)),
    };
    let takes = takes(key);
    let takes = if takes.is_empty() {
        "a text".to_owned()
    } else {
        takes
            .iter()
            .map(|line| cell(line))
            .collect::<Vec<_>>()
            .join("<br>")
    };
    let names = names.join("<br>");
    writeln!(page, "| {names} | {} | {usual} | {takes} |", cell(key.about)).unwrap();
}

const HEAD: &str = "\n| file, variable, flag | what it says | when nobody says | what is refused, in the service's words |\n|---|---|---|---|\n";

const BEGINNING: &str = "\
# Configuration of `orchestrate`

Written from the program, which reads its settings by the same table. Do not edit:
`GREENLIGHT_BLESS=1 cargo test -p orchestrate --test it -- configuration` writes it anew.

A **flag** wins over a **variable** of the environment, and that over the **file**: TOML, named by `--config FILE` or
`$ORCHESTRATE_CONFIG`, in which `listen.port` is `port` under `[listen]`. Of several variables the first one that is set counts; one
that is blank counts as absent. No file may hold a secret, so these have no name in it. A list is written as one in the file, and
separated by commas in a variable.

Everything is read and checked before anything is opened or listened on. Every mistake is told at once, each with the variable,
or the file with line and column, that it comes from, and the command exits 2. The same look without serving, with every value
(of secrets the length), and where it comes from:

```sh
orchestrate config check --config orchestrate.toml
```

A variable that begins with `ORCHESTRATE_` and is no setting is a warning on standard error and no mistake, so that a service can go
back to an older build that does not know it yet.

Without a word about it the environment is production. `--dev` is for a machine of one's own: development, the public signing secret,
a database in memory, and the simulator unless a key is set.
";

const END: &str = "
## Read by what stands underneath

| variable | by whom |
|---|---|
| `RUST_LOG` | how much is logged, as tracing's `EnvFilter` reads it; `orchestrate=info` when nobody says |
| `PGPASSWORD`, `PGSSLMODE`, `PGSSLROOTCERT` and more of libpq's | sqlx, for what the database's URL leaves open |
| `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` | by whom the AI provider, an issuer's keys and a login provider are reached; recordings are always fetched directly |
| `SSL_CERT_FILE`, `SSL_CERT_DIR` | which authorities are believed, beside the machine's own |
";

fn page() -> String {
    let mut page = BEGINNING.to_owned();
    for (section, title) in SECTIONS {
        write!(page, "\n## {title}\n{HEAD}").unwrap();
        let own = keys::KEYS.iter().filter(|key| section_of(key) == *section);
        own.for_each(|key| row(&mut page, key));
    }
    page.push_str("\n## Spans to a collector\n\nOpenTelemetry's standard variables; see [what is exported](deployment.md#what-to-watch).\n");
    page.push_str(HEAD);
    for key in export::KEYS {
        row(&mut page, key);
    }
    page.push_str(END);
    page.push_str(&refusals());
    page
}

/// The tables of the file, and what they are about. What stands in none is of the process itself.
const SECTIONS: &[(&str, &str)] = &[
    ("", "Where it runs, and its log"),
    ("listen", "Where it listens"),
    ("auth", "Whose tokens are believed"),
    ("login", "How people log in"),
    ("cors", "Whose pages may call it"),
    ("database", "Where everything is kept"),
    ("provider", "The AI provider"),
    ("limits", "What a caller may cost"),
    ("audio", "Which recordings are taken"),
];

fn section_of(key: &Key) -> &'static str {
    let table = key
        .file
        .map(|file| file.split_once('.').map_or("", |(table, _)| table));
    match table {
        Some("metrics") => "listen",
        Some(table) => table,
        None if key.variables[0].contains("LOGIN") => "login",
        None if key.variables[0].contains("AUTH") => "auth",
        None => "provider",
    }
}

#[test]
fn every_setting_is_on_the_page_once() {
    let page = page();
    for key in keys::KEYS {
        let row = format!("`{}`", key.variables.join("`<br>`"));
        let rows = page
            .lines()
            .filter(|line| line.starts_with('|') && line.contains(&row));
        assert_eq!(rows.count(), 1, "{row}");
    }
}

/// What production must not run with: what it is called, over which variables, and the one that makes it so; blank is absent.
const REFUSED: &[(&str, &[Variable], Variable)] = &[
    ("no signing secret", &ENOUGH, (SECRET.0, "")),
    ("a short one", &ENOUGH, (SECRET.0, "hunter2")),
    (
        "one that can be guessed",
        &ENOUGH,
        (SECRET.0, "changemechangemechangemechangeme"),
    ),
    (
        "the public one of development",
        &ENOUGH,
        (SECRET.0, DEVELOPMENT_SECRET),
    ),
    ("the simulator", &ENOUGH, ("OPENAI_API_KEY", "")),
    ("every origin", &ENOUGH, ("ORCHESTRATE_CORS_ORIGINS", "*")),
    (
        "the origin of any sandboxed frame",
        &ENOUGH,
        ("ORCHESTRATE_CORS_ORIGINS", "null"),
    ),
    (
        "an origin that no browser sends",
        &ENOUGH,
        ("ORCHESTRATE_CORS_ORIGINS", "https://app.example/"),
    ),
    (
        "an origin that is none",
        &ENOUGH,
        ("ORCHESTRATE_CORS_ORIGINS", "app.example"),
    ),
    (
        "keys of another issuer that anybody between could replace",
        &ALL,
        ("ORCHESTRATE_AUTH_JWKS_URL", "http://issuer.example/jwks.json"),
    ),
    (
        "a login provider without TLS",
        &ALL,
        ("ORCHESTRATE_LOGIN_ISSUER", "http://accounts.example"),
    ),
    (
        "a callback without TLS",
        &ALL,
        (
            "ORCHESTRATE_LOGIN_CALLBACK",
            "http://api.example/api/v3/auth/callback",
        ),
    ),
];

/// What is said of all that. Each is tried here.
fn refusals() -> String {
    let mut page = "\n## What production refuses\n\n| what | what it says |\n|---|---|\n".to_owned();
    let mut row = |what: &str, said: &str| writeln!(page, "| {what} | {} |", cell(said)).unwrap();
    for (what, base, wrong) in REFUSED {
        let said = said(&[base, &[*wrong][..]].concat(), Typed::default());
        let [only] = &*said else {
            panic!("{what}: {said:?}");
        };
        row(what, only);
    }
    // No configuration leads to these two but settings that were put together by hand, and `--fault` of a build that has faults.
    let mut settings = Settings::development();
    settings.environment = Environment::Production;
    let refused = settings.check().unwrap_err();
    let embedded = SettingsError::Login(LoginMistake::Embedded);
    assert!(refused.all().contains(&embedded), "{refused}");
    row("the login provider of development", &embedded.to_string());
    let faults = SettingsError::FaultsInProduction;
    #[cfg(feature = "faults")]
    {
        settings.faults = [orchestrate::faults::id::FaultId::MissingAwait]
            .into_iter()
            .collect();
        assert!(settings.check().unwrap_err().all().contains(&faults));
    }
    row("injected faults, in a build that has them", &faults.to_string());
    page
}

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md")
}

#[test]
fn the_page_of_the_configuration_says_what_the_program_does() {
    let page = page();
    if std::env::var_os("GREENLIGHT_BLESS").is_some() {
        std::fs::write(kept(), &page).unwrap();
    }
    let kept = std::fs::read_to_string(kept()).unwrap_or_default();
    let differs = page.lines().zip(kept.lines()).find(|(new, old)| new != old);
    assert!(
        page == kept,
        "docs/configuration.md is stale: GREENLIGHT_BLESS=1 cargo test -p orchestrate --test it -- configuration\n{differs:?}"
    );
}

#[test]
fn what_the_page_says_of_secrets_is_so() {
    let secrets = keys::KEYS.iter().filter(|key| key.file.is_none());
    let names: Vec<&str> = secrets.map(|key| key.variables[0]).collect();
    assert_eq!(
        names,
        [
            "ORCHESTRATE_AUTH_SECRET",
            "ORCHESTRATE_LOGIN_CLIENT_SECRET",
            "OPENAI_API_KEY"
        ]
    );
    let file = File {
        name: "orchestrate.toml",
        text: "[auth]\nsecret = \"x7Jq0ZkP3mT9vW2rB5nL8cY1dF4gH6sA\"\n[login]\nclient_secret = \"x\"\n[provider]\napi_key = \"x\"\n",
    };
    let mistakes = Configuration::read(&|_| None, Some(file), Typed::default())
        .checked()
        .unwrap_err();
    let refused = mistakes
        .lines()
        .filter(|line| line.contains("no file may hold a secret"));
    assert_eq!(refused.count(), 3, "{mistakes}");
}
