//! The built-in profile, the JSON Schema, merging, and texts that nobody would write.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;

use crate::model::probe::{Mode, Nature};
use crate::model::target::Expect;
use crate::target::builtin::find;
use crate::target::check;
use crate::target::fault::SEPARATOR;
use crate::target::merge::merge;
use crate::target::profile::{AuthKind, Document, EnvName};
use crate::target::read::{Profile, read};

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../contracts/profile.schema.json");

/// The profile of the design, with a kind of auth that works.
const NOTES: &str = r#"
[service]
name = "notes"
contract = "openapi.json"
version = { route = "/version", pointer = "/commit" }
[[client]]
origin = "https://app.acme.example"
credentials = "omit"
calls = [{ call = "POST /summaries", headers = ["Authorization", "content-type"] }]
[auth]
kind = "command"
command = "./token.sh"
[[prove]]
call = "GET /me"
[[prove]]
call = "POST /summaries"
body = { text = "The kitchen closes at ten.", save = false }
expect = { "/summary" = "nonempty", "/n" = { equals = 3 }, "/id" = "present" }
effect = "paid"
[env.local]
spawn = "alembic upgrade head && uvicorn app:app --port $PORT"
[env.production]
url = "https://api.acme.example/"
replicas = 3
cold_start = "60s"
"#;

fn profile(text: &str) -> Profile {
    read("greenlight.toml", text).unwrap_or_else(|error| panic!("{}", error.render(false)))
}

fn concierge() -> Profile {
    let builtin = find("concierge").unwrap();
    read(builtin.file, builtin.text).unwrap_or_else(|error| panic!("{}", error.render(false)))
}

fn schema() -> Value {
    let mut schema = schemars::schema_for!(Document).to_value();
    without_null(&mut schema);
    schema
}

/// TOML has no null: an absent key is absent.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|name| name != "null");
                let only = types[0].clone();
                members.insert("type".into(), only);
            }
            if let Some(Value::Array(choices)) = members.get_mut("anyOf") {
                choices.retain(|choice| choice["type"] != "null");
                if choices.len() == 1 {
                    let only = choices[0].as_object().unwrap().clone();
                    members.remove("anyOf");
                    only.into_iter().for_each(|(key, value)| {
                        members.entry(key).or_insert(value);
                    });
                }
            }
            if members.get("default") == Some(&Value::Null) {
                members.remove("default");
            }
            members.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}

fn as_json(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Value>(text).unwrap()).unwrap()
}

#[test]
fn the_profile_of_the_design_is_read_as_it_was_meant() {
    let document = profile(NOTES).document;
    let client = &document.client.unwrap()[0];
    assert_eq!(client.credentials, Mode::Omit);
    assert_eq!(client.calls[0].call.0.to_string(), "POST /summaries");
    assert_eq!(client.calls[0].headers[0].0, "authorization");
    assert_eq!(document.auth.unwrap().kind, AuthKind::Command);
    let prove = &document.prove.unwrap()[1];
    assert_eq!(prove.effect, Some(Nature::Paid));
    let expected: Vec<(&str, &Expect)> = prove
        .expect
        .iter()
        .map(|(at, what)| (at.0.as_str(), &what.0))
        .collect();
    let three = Expect::Equals(3.into());
    assert_eq!(
        expected,
        [
            ("/id", &Expect::Present),
            ("/n", &three),
            ("/summary", &Expect::Nonempty)
        ]
    );
    let production = &document.env[&EnvName::Production];
    assert_eq!(production.url.as_ref().unwrap().0, "https://api.acme.example");
    assert_eq!(production.cold_start.unwrap().0, 60_000);
}

#[test]
fn the_built_in_profile_names_only_samples_that_are_built_in() {
    let builtin = find("concierge").unwrap();
    let anchored = concierge().anchored(builtin.directory);
    let mut have: BTreeSet<String> = builtin
        .samples
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    have.insert("contracts/orchestrate.openapi.yaml".to_owned());
    check::files(&anchored, &have).unwrap();
    for (name, bytes) in builtin.samples {
        let begins: &[u8] = if name.ends_with(".webm") {
            b"\x1a\x45\xdf\xa3"
        } else {
            b"RIFF"
        };
        assert!(bytes.starts_with(begins), "{name}");
    }
}

#[test]
fn the_built_in_profile_speaks_of_what_the_committed_contract_has() {
    let contract = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../contracts/orchestrate.openapi.yaml"
    );
    let contract: Value = serde_saphyr::from_str(&std::fs::read_to_string(contract).unwrap()).unwrap();
    let document = concierge().document;
    let service = document.service;
    let routes = [
        service.health,
        service.ready,
        service.ai_health,
        service.version.map(|version| version.route),
    ];
    let mut wanted: Vec<(String, String)> = routes
        .into_iter()
        .map(|route| ("get".to_owned(), route.unwrap().0))
        .collect();
    let role = document.transcription.unwrap();
    let calls = document
        .client
        .iter()
        .flatten()
        .flat_map(|client| client.calls.iter().map(|call| &call.call));
    let calls = calls
        .chain(document.prove.iter().flatten().map(|prove| &prove.call))
        .chain([&role.call]);
    wanted.extend(calls.map(|call| (call.0.method.to_ascii_lowercase(), call.0.path.clone())));
    for (method, path) in wanted {
        assert!(contract["paths"][&path][&method].is_object(), "{method} {path}");
    }
    let request = &contract["components"]["schemas"]["OrchestrateRequest"]["properties"];
    let bodies = document
        .prove
        .iter()
        .flatten()
        .filter_map(|prove| prove.body.as_ref())
        .chain(&role.body);
    let keys = bodies.flat_map(|body| body.as_object().unwrap().keys().cloned());
    for key in keys.chain([
        role.audio_at.0[1..].to_owned(),
        role.text_in.unwrap().0[1..].to_owned(),
    ]) {
        assert!(request[&key].is_object(), "{key}");
    }
}

#[test]
fn an_empty_profile_is_a_profile() {
    assert_eq!(profile("").document, Document::default());
    assert_eq!(merge(Vec::new()).document, Document::default());
}

#[test]
fn merging_a_profile_with_itself_changes_nothing() {
    for profile in [profile(NOTES), concierge(), profile("")] {
        assert_eq!(merge(vec![profile.clone(), profile.clone()]), profile);
    }
}

#[test]
fn a_later_profile_replaces_what_it_names_and_keeps_the_rest() {
    let later = read(
        "local.toml",
        concat!(
            "[service]\nhealth = \"/up\"\n[[client]]\norigin = \"http://localhost:3000\"\n",
            "[bounds]\ndeadline = \"3s\"\n[env.production]\nreplicas = 5\n[env.local]\nurl = \"http://127.0.0.1:1\"\n",
        ),
    );
    let merged = merge(vec![profile(NOTES), later.unwrap()]);
    let document = &merged.document;
    assert_eq!(document.service.name.as_deref(), Some("notes"));
    assert_eq!(document.service.health.as_ref().unwrap().0, "/up");
    assert_eq!(document.client.as_ref().unwrap().len(), 1);
    assert_eq!(
        document.client.as_ref().unwrap()[0].origin.0.0,
        "http://localhost:3000"
    );
    assert_eq!(document.prove.as_ref().unwrap().len(), 2);
    let production = &document.env[&EnvName::Production];
    assert_eq!(
        (production.replicas, production.cold_start.unwrap().0),
        (Some(5), 60_000)
    );
    assert_eq!(document.env[&EnvName::Local].spawn, None);
    assert_eq!(merged.place("/service/health"), Some(("local.toml", 2)));
    assert_eq!(merged.place("/service/name"), Some(("greenlight.toml", 3)));
}

#[test]
fn what_only_merging_broke_is_found() {
    let later = read("later.toml", "[operations]\n\"POST /summaries\" = \"read\"\n").unwrap();
    let merged = merge(vec![profile(NOTES), later]);
    let error = check::merged(&merged).unwrap_err();
    assert!(
        error.to_string().contains("POST /summaries has two effects"),
        "{error}"
    );
    assert_eq!(
        check::merged(&profile(NOTES)).map_err(|error| error.to_string()),
        Ok(())
    );
}

#[test]
fn the_committed_schema_is_the_one_of_the_types() {
    let derived = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os("GREENLIGHT_BLESS").is_some() {
        std::fs::write(SCHEMA, &derived).unwrap();
    }
    let committed = std::fs::read_to_string(SCHEMA).unwrap_or_default();
    assert!(
        committed == derived,
        "contracts/profile.schema.json differs: run this test with GREENLIGHT_BLESS=1"
    );
}

#[test]
fn good_profiles_validate_against_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for text in [find("concierge").unwrap().text, NOTES, ""] {
        let errors: Vec<String> = validator
            .iter_errors(&as_json(text))
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for text in [
        "[service]\nnam = \"x\"\n",
        "[[client]]\ncredentials = \"omit\"\n",
        "[auth]\nkind = \"oauth3\"\n",
        "[auth]\nkind = \"bearer\"\ntoken = \"x\"\n",
        "[[prove]]\ncall = \"GET /x\"\nexpect = { \"/a\" = \"full\" }\n",
        "[operations]\n\"GET /x\" = \"costly\"\n",
        "[env.prod]\nurl = \"https://x.example\"\n",
        "[bounds]\ndeadline = 10\n",
    ] {
        assert!(read("greenlight.toml", text).is_err(), "{text}");
        assert!(!validator.is_valid(&as_json(text)), "{text}");
    }
}

/// The built-in profile with a piece of it replaced by something else.
fn damaged() -> impl Strategy<Value = String> {
    let text = find("concierge").unwrap().text;
    let pieces = prop_oneof![
        "\\PC{0,12}",
        "[\\[\\]{}=\"'#.,\n a-z0-9]{0,12}",
        Just(String::new())
    ];
    (0..text.len(), 0..40usize, pieces).prop_map(move |(start, length, piece)| {
        let start = text.floor_char_boundary(start);
        let end = text.floor_char_boundary((start + length).min(text.len()));
        format!("{}{piece}{}", &text[..start], &text[end..])
    })
}

fn judge(text: &str) -> Result<(), TestCaseError> {
    match read("greenlight.toml", text) {
        Ok(profile) => prop_assert_eq!(merge(vec![profile.clone(), profile.clone()]), profile),
        Err(error) => {
            prop_assert!(!error.problems().is_empty());
            prop_assert!(!error.render(false).is_empty() && !error.to_string().is_empty());
            for problem in error.problems() {
                prop_assert!(problem.span.end <= text.len() && problem.line >= 1 && problem.column >= 1);
                prop_assert!(!problem.what.contains(SEPARATOR));
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        judge(&text)?;
    }

    #[test]
    fn any_toml_like_text_is_read_or_refused(text in "(\\[{1,2}(client|auth|prove|env\\.local)\\]{1,2}\n|[a-z_]{1,8} = [\"'\\[{]?[a-z0-9/:. ]{0,8}[\"'\\]}]?\n){0,12}") {
        judge(&text)?;
    }

    #[test]
    fn a_damaged_profile_is_read_or_refused(text in damaged()) {
        judge(&text)?;
    }
}
