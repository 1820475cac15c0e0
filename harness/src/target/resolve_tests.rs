//! What a run is about, for each way of saying it.

use crate::model::probe::{Body, Effect, Mode, Nature, Origin};
use crate::model::target::{Bounds, Environment, OTHER, READER, SESSION, SPARE, Scheme};
use crate::target::builtin::find;
use crate::target::credential::{self, EXPIRED, GOOD, REFRESH};
use crate::target::duration::Millis;
use crate::target::origin::PageOrigin;
use crate::target::read::{Profile, read};
use crate::target::resolve::{Resolved, resolve};
use crate::target::settings::{Overrides, Provenance, VARIABLES};
use crate::target::site::Place;
use crate::target::words::{BaseUrl, Command, Variable};

const TWO: &str = "[env.local]\nspawn = \"serve --port $PORT\"\nbase = \"/v1/\"\n[env.production]\nurl = \"https://api.acme.example\"\nreplicas = 3\ncold_start = \"60s\"\n";

fn profile(text: &str) -> Profile {
    read("greenlight.toml", text).unwrap_or_else(|error| panic!("{}", error.render(false)))
}

fn concierge() -> Profile {
    let builtin = find("concierge").unwrap();
    read(builtin.file, builtin.text)
        .unwrap()
        .anchored(builtin.directory)
}

fn none() -> Overrides {
    Overrides::default()
}

fn at(url: &str) -> Overrides {
    Overrides {
        url: Some(BaseUrl(url.to_owned())),
        ..none()
    }
}

fn resolved(text: &str, flags: &Overrides) -> Resolved {
    resolve(Some(&profile(text)), flags, &none()).unwrap_or_else(|error| panic!("{}", error.render(false)))
}

fn refused(text: &str, flags: &Overrides) -> String {
    resolve(Some(&profile(text)), flags, &none())
        .unwrap_err()
        .render(false)
}

#[test]
fn nothing_said_at_all_is_the_embedded_service() {
    let resolved = resolve(None, &none(), &none()).unwrap();
    assert_eq!((resolved.place, resolved.target.ours), (Place::Embedded, true));
    assert_eq!(resolved.target.environment, Environment::Local);
    assert!(resolved.target.allows(Effect::Hostile));
}

#[test]
fn loopback_is_production_unless_named_otherwise() {
    let target = resolve(None, &at("http://127.0.0.1:8000"), &none())
        .unwrap()
        .target;
    assert_eq!(
        (target.environment, target.ours),
        (Environment::Production, false)
    );
    assert!(!target.allows(Effect::Paid) && !target.allows(Effect::Writes));
    assert_eq!(target.bounds, Bounds::of(Environment::Production));
    assert_eq!(
        target.assumed,
        ["treated as production, since no --environment names it otherwise"]
    );
    let flags = Overrides {
        environment: Some(Environment::Staging),
        ..at("http://127.0.0.1:8000")
    };
    let target = resolve(None, &flags, &none()).unwrap().target;
    assert_eq!(
        (target.environment, target.allow.len()),
        (Environment::Staging, 0)
    );
}

#[test]
fn a_url_of_the_local_environment_is_not_local_unless_it_is_named() {
    let text = "[env.local]\nurl = \"http://127.0.0.1:8000\"\n";
    assert!(
        refused(text, &none()).contains("--environment local"),
        "{}",
        refused(text, &none())
    );
    let flags = Overrides {
        environment: Some(Environment::Local),
        ..none()
    };
    assert_eq!(resolved(text, &flags).target.base, "http://127.0.0.1:8000");
}

#[test]
fn which_environment_is_asked_when_there_are_several() {
    let why = refused(TWO, &none());
    assert!(why.contains("`local`, `production`"), "{why}");
    let flags = Overrides {
        environment: Some(Environment::Staging),
        ..none()
    };
    assert!(refused(TWO, &flags).contains("no [env.staging]"));
    let flags = Overrides {
        environment: Some(Environment::Production),
        ..none()
    };
    let resolved = resolved(TWO, &flags);
    assert_eq!(resolved.target.base, "https://api.acme.example");
    assert_eq!((resolved.replicas, resolved.cold_start_ms), (Some(3), 60_000));
}

#[test]
fn what_is_said_of_an_environment_is_said_of_no_other_url() {
    assert_eq!(resolved(TWO, &at("https://api.acme.example")).replicas, Some(3));
    assert_eq!(resolved(TWO, &at("https://other.example")).replicas, None);
}

#[test]
fn what_is_spawned_listens_on_our_port_under_its_base() {
    let flags = Overrides {
        environment: Some(Environment::Local),
        ..none()
    };
    let resolved = resolved(TWO, &flags);
    assert_eq!(resolved.place.listening(4000), "http://127.0.0.1:4000/v1");
    assert!(resolved.target.ours && resolved.target.base.is_empty());
}

#[test]
fn a_url_and_a_command_are_not_both_the_target() {
    let flags = Overrides {
        spawn: Some(Command("serve".into())),
        ..at("http://127.0.0.1:1")
    };
    let error = resolve(None, &flags, &none()).unwrap_err().render(false);
    assert!(error.contains("URL and --spawn are both given"), "{error}");
}

#[test]
fn a_flag_beats_a_variable_beats_the_profile_beats_the_default() {
    let text = "[bounds]\nrun = \"1m\"\n";
    let run = |flag: Option<u64>, variable: Option<u64>, text: &str| {
        let flags = Overrides {
            run: flag.map(Millis),
            ..at("http://x.example")
        };
        let variables = Overrides {
            run: variable.map(Millis),
            ..none()
        };
        let resolved = resolve(Some(&profile(text)), &flags, &variables).unwrap();
        let setting = resolved
            .settings
            .iter()
            .find(|setting| setting.name == "bounds.run")
            .unwrap();
        (resolved.target.bounds.run_ms, setting.from.clone())
    };
    assert_eq!(run(Some(1), Some(2), text), (1, Provenance::Flag("--budget")));
    assert_eq!(
        run(None, Some(2), text),
        (2, Provenance::Variable("GREENLIGHT_RUN"))
    );
    let from = Provenance::Profile {
        file: "greenlight.toml".into(),
        line: 2,
    };
    assert_eq!(run(None, None, text), (60_000, from));
    assert_eq!(run(None, None, ""), (300_000, Provenance::Default));
}

#[test]
fn every_setting_says_where_it_came_from() {
    let flags = Overrides {
        origins: vec![PageOrigin(Origin("https://preview.example".into()))],
        environment: Some(Environment::Staging),
        ..at("https://staging.example/api/v3")
    };
    let resolved = resolve(Some(&concierge()), &flags, &none()).unwrap();
    let lines = resolved
        .settings
        .iter()
        .map(|it| format!("{} = {} ({})", it.name, it.value, it.from));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_built_in_profile_becomes_the_target_it_describes() {
    let resolved = resolve(Some(&concierge()), &none(), &none()).unwrap();
    let wanted: Vec<_> = resolved
        .wanted
        .iter()
        .map(|wanted| wanted.name.0.as_str())
        .collect();
    assert_eq!(wanted, [GOOD, EXPIRED, OTHER, SPARE, REFRESH, SESSION]);
    insta::assert_json_snapshot!(resolved.target);
}

#[test]
fn an_origin_from_a_flag_keeps_the_calls_of_the_profile() {
    let flags = Overrides {
        origins: vec![PageOrigin(Origin("https://preview.example".into()))],
        ..none()
    };
    let target = resolve(Some(&concierge()), &flags, &none()).unwrap().target;
    assert_eq!(target.clients.len(), 1);
    assert_eq!(target.clients[0].origin.0, "https://preview.example");
    assert_eq!(
        (target.clients[0].credentials, target.clients[0].calls.len()),
        (Mode::Include, 2)
    );
}

#[test]
fn no_auth_is_invented() {
    let resolved = resolve(None, &at("https://x.example"), &none()).unwrap();
    assert_eq!((resolved.target.auth, resolved.wanted.len()), (None, 0));
}

#[test]
fn a_token_flag_replaces_where_the_credential_comes_from_and_not_how_it_is_sent() {
    let text = "[auth]\nkind = \"api-key\"\nheader = \"X-API-Key\"\nkey_env = \"KEY\"\n";
    let flags = Overrides {
        token_env: Some(Variable("OTHER".into())),
        ..at("https://x.example")
    };
    let resolved = resolved(text, &flags);
    assert_eq!(
        resolved.target.auth.unwrap().scheme,
        Scheme::ApiKey {
            header: "x-api-key".into()
        }
    );
    assert_eq!(
        resolved.wanted[0].origin,
        credential::Supply::Variable("OTHER".into())
    );
    let basic = "[auth]\nkind = \"basic\"\nuser_env = \"U\"\npassword_env = \"P\"\n";
    assert!(
        refused(basic, &flags).contains("basic"),
        "a token is no name and password"
    );
}

#[test]
fn a_reader_a_spare_credential_a_logout_and_a_login_are_taken_as_written() {
    let text = concat!(
        "[auth]\nkind = \"bearer\"\ntoken_env = \"T\"\nreader_env = \"R\"\nspare_env = \"S\"\nlogout = \"POST /logout\"\n",
        "login = { call = \"POST /session\", body = { user = \"nobody\", password = \"wrong\" } }\n",
    );
    let resolved = resolved(text, &at("https://x.example"));
    let wanted = resolved.wanted.iter().map(|wanted| wanted.name.0.as_str());
    assert_eq!(wanted.collect::<Vec<_>>(), [GOOD, READER, SPARE]);
    let auth = resolved.target.auth.unwrap();
    assert_eq!(auth.logout.unwrap().to_string(), "POST /logout");
    let login = auth.login.unwrap();
    assert_eq!(login.call.to_string(), "POST /session");
    assert_eq!(
        login.body,
        serde_json::json!({"user": "nobody", "password": "wrong"})
    );
}

#[test]
fn a_proof_with_audio_has_a_place_for_it() {
    let text = concat!(
        "[[prove]]\ncall = \"POST /x\"\neffect = \"paid\"\nbody = { lang = \"en\" }\n",
        "audio = { at = \"/audio\", sample = \"a.wav\" }\n[[prove]]\ncall = \"GET /me\"\nprotected = false\n",
    );
    let proofs = resolved(text, &at("https://x.example")).target.proofs;
    let Body::Json { value, inserts } = &proofs[0].body else {
        panic!("{:?}", proofs[0].body)
    };
    assert_eq!(
        (value, inserts.len()),
        (&serde_json::json!({"lang": "en", "audio": null}), 1)
    );
    assert_eq!(
        (&proofs[1].body, proofs[1].nature, proofs[1].protected),
        (&Body::Empty, Nature::Read, false)
    );
}

#[test]
fn a_crash_route_is_for_services_that_we_started() {
    let text = "[crash]\nroute = \"/crash\"\n";
    assert_eq!(resolved(text, &at("https://x.example")).crash, None);
    let flags = Overrides {
        spawn: Some(Command("serve".into())),
        ..none()
    };
    assert_eq!(resolved(text, &flags).crash.as_deref(), Some("/crash"));
}

#[test]
fn variables_are_read_and_each_wrong_one_is_named() {
    let variables = |name: &str| match name {
        "GREENLIGHT_URL" => Some("https://x.example/api/".to_owned()),
        "GREENLIGHT_ORIGIN" => Some("https://a.example, https://b.example".to_owned()),
        "GREENLIGHT_ALLOW" => Some("paid".to_owned()),
        "GREENLIGHT_RUN" => Some(String::new()),
        _ => None,
    };
    let read = Overrides::of_variables(variables).unwrap();
    assert_eq!(read.url, Some(BaseUrl("https://x.example/api".into())));
    assert_eq!(
        (read.origins.len(), read.allow, read.run),
        (2, vec![Effect::Paid], None)
    );
    assert_eq!(Overrides::of_variables(|_| None), Ok(Overrides::default()));
    let faults =
        Overrides::of_variables(|name| (name != "GREENLIGHT_SPAWN").then(|| "://nonsense".to_owned()));
    let named: Vec<&str> = faults.unwrap_err().into_iter().map(|(name, _)| name).collect();
    let free = [
        "GREENLIGHT_SPAWN",
        "GREENLIGHT_TOKEN_COMMAND",
        "GREENLIGHT_EXPECT_VERSION",
    ];
    let expected: Vec<&str> = VARIABLES
        .into_iter()
        .filter(|name| !free.contains(name))
        .collect();
    assert_eq!(named, expected);
}

fn issuing(url: Option<&str>) -> Overrides {
    Overrides {
        test_issuer: true,
        url: url.map(|url| BaseUrl(url.to_owned())),
        spawn: url.is_none().then(|| Command("serve".to_owned())),
        ..none()
    }
}

#[test]
fn a_test_issuer_supplies_all_and_only_to_what_we_start() {
    let auth =
        "[auth]\nkind = \"bearer\"\ntoken_env = \"REAL\"\nrefresh_env = \"REFRESH\"\naudience = \"notes\"\n";
    let own = resolved(auth, &issuing(None));
    assert_eq!(own.wanted, [], "what another issuer gave is not fetched");
    let issuer = own.test_issuer.unwrap();
    assert_eq!(issuer.issuer_env, "OIDC_ISSUER");
    assert_eq!(issuer.facts().audience, "notes");
    assert_eq!(own.target.auth.unwrap().scheme, Scheme::Bearer);
    let none_at_all = resolve(None, &issuing(None), &none()).unwrap();
    assert_eq!(none_at_all.test_issuer.unwrap().audience, "greenlight-test");
    let named = format!(
        "{auth}test_issuer = {{ issuer_env = \"WHO\", audience = \"mine\", algorithm = \"ES256\" }}\n"
    );
    let named = resolved(&named, &issuing(None)).test_issuer.unwrap();
    assert_eq!(
        (named.issuer_env.as_str(), named.audience.as_str()),
        ("WHO", "mine")
    );
    assert_eq!(named.algorithm, crate::model::issuer::Algorithm::Es256);
    assert!(refused(auth, &issuing(Some("http://127.0.0.1:9"))).contains("--spawn CMD"));
    assert_eq!(resolved(auth, &at("http://127.0.0.1:9")).test_issuer, None);
}
