//! Canaries: secrets that a server shows in every form, none of which may be found in anything that is kept.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use greenlight::model::exchange::{Exchange, Place, SecretKind};
use greenlight::model::probe::{Ask, Mutation, Nature, Probe, SecretName, Text};
use greenlight::model::target::{Call, Environment, Proof, Scheme, Target};
use greenlight::runner::execute::Executed;
use greenlight::transport::http::Settings;
use greenlight::transport::secret::{Secret, Vault};
use proptest::prelude::*;
use tokio::io::AsyncWriteExt as _;

use crate::support::drivers::{Scripted, asks, one, run_with};
use crate::support::server::{Request, Server, answer, head, json, silence};
use crate::support::target;

const TOKEN: &str = "can/ary+T0ken=\"quoted\"&amp<tag>'x'~9f8e7d6c5b4a3210";
const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnktc3ViamVjdCJ9.Y2FuYXJ5LXNpZ25hdHVyZS1jYW5hcnk";

fn name() -> SecretName {
    SecretName("main".into())
}

fn vault(scheme: Scheme, secret: &str) -> Settings {
    Settings {
        vault: Vault::new(scheme).with(name(), Secret::new(secret)),
        ..Settings::default()
    }
}

fn with(path: &str, mutation: Mutation) -> Probe {
    Probe::get(path).who(&name(), mutation).build()
}

/// Everything that is kept of a run, in every way in which it could be shown.
fn kept(done: &Executed) -> String {
    let json = serde_json::to_string(&done.exchanges).unwrap();
    let refused = serde_json::to_string(&done.refused).unwrap();
    let bodies: Vec<_> = done
        .exchanges
        .iter()
        .filter_map(Exchange::answer)
        .map(|reply| String::from_utf8_lossy(&reply.body.bytes).into_owned())
        .collect();
    format!("{json}\n{refused}\n{:?}\n{}", done.exchanges, bodies.join("\n")).to_lowercase()
}

/// No piece of eight characters of the secret may be found, in any spelling.
#[track_caller]
fn absent(kept: &str, secret: &str) {
    let json = serde_json::to_string(secret)
        .unwrap()
        .trim_matches('"')
        .to_owned();
    let percent =
        percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
    let base64 = STANDARD.encode(secret);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    for form in [secret, &json, &percent, &base64, &hex] {
        let form: Vec<char> = form.to_lowercase().chars().collect();
        for piece in form.windows(8) {
            let piece: String = piece.iter().collect();
            if let Some(at) = kept.find(&piece) {
                let around: String = kept[at.saturating_sub(120)..].chars().take(240).collect();
                panic!("{piece:?} of a secret is kept: {around}");
            }
        }
    }
}

/// The credential that a request carries, as the server sees it.
fn given(request: &Request) -> &str {
    let value = request.header("authorization").unwrap_or_default();
    value.split_once(' ').map_or(value, |(_, token)| token)
}

/// Says what it was given in every place and form that servers have been seen to.
fn indiscreet(request: &Request) -> Vec<u8> {
    let token = given(request);
    let quoted = serde_json::to_string(token).unwrap();
    let percent = percent_encoding::utf8_percent_encode(token, percent_encoding::NON_ALPHANUMERIC);
    let slashes = quoted.replace('/', "\\/");
    let headers = [
        format!("x-echo: {token}"),
        format!("location: https://login.example/cb?token={percent}#{token}"),
        format!("set-cookie: sid={token}; Path=/{token}; HttpOnly, other={token}; Secure"),
        format!("www-authenticate: Bearer error_description=\"bad {token}\""),
        format!("x-debug: {}", STANDARD.encode(format!("user:{token}"))),
        format!(
            "content-encoding: {}",
            if request.line().ends_with("/coded") {
                token
            } else {
                "identity"
            }
        ),
        format!("x-session-token: {}", &token[..token.len() / 3]),
    ];
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let body = format!(
        "{{\"detail\": {quoted}, \"php\": {slashes}, \"twice\": {}, \"b\": \"{}\", \"u\": \"{}\", \"p\": \"{percent}\",\n\
         \"html\": \"{}\", \"hex\": \"{}\"}} raw {token} dsn postgres://app:{token}@db/x",
        serde_json::to_string(&quoted).unwrap(),
        STANDARD.encode(format!("Bearer {token}")),
        URL_SAFE_NO_PAD.encode(token),
        token
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&#x27;"),
        token
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>(),
    );
    answer("500 Internal Server Error", &headers, body)
}

#[tokio::test]
async fn a_token_is_found_in_nothing_that_is_kept_whatever_form_the_server_gives_it() {
    for secret in [TOKEN, JWT] {
        let server = Server::answering(indiscreet).await;
        let mutations = [
            Mutation::AsIs,
            Mutation::LowerCaseScheme,
            Mutation::Truncated,
            Mutation::Tampered,
            Mutation::AlgNone,
        ];
        let asked = mutations
            .iter()
            .flat_map(|mutation| [with("/plain", *mutation), with("/coded", *mutation)])
            .map(|probe| one("a", &probe))
            .collect();
        let settings = vault(Scheme::Bearer, secret);
        let done = run_with(&target(&server.base()), settings, &mut Scripted::new([asked])).await;
        assert_eq!(done.exchanges.len(), 10);
        assert!(
            done.exchanges.iter().all(|x| x.status() == Some(500)),
            "{:?}",
            done.exchanges
        );
        let sent = |request: &Request| {
            request
                .header("authorization")
                .is_some_and(|sent| sent.ends_with(secret))
        };
        assert!(server.seen().iter().any(sent), "it was sent");
        absent(&kept(&done), secret);
        let facts: Vec<_> = done.exchanges.iter().flat_map(|x| &x.redacted).collect();
        assert!(
            facts
                .iter()
                .any(|fact| fact.kind == SecretKind::Own && fact.place == Place::ReplyBody)
        );
        assert!(
            facts
                .iter()
                .any(|fact| fact.place == Place::ReplyHeader("location".into()))
        );
    }
}

#[tokio::test]
async fn a_password_and_an_api_key_are_found_nowhere() {
    let server = Server::answering(|request| {
        let encoded = given(request);
        let decoded = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
        let password = decoded.split_once(':').unwrap().1;
        answer(
            "401 Unauthorized",
            &[],
            format!("{encoded} {decoded} wrong password {password}"),
        )
    })
    .await;
    let settings = vault(Scheme::Basic, "somebody:canary-pa55word-9x8y");
    let asked = vec![one("a", &with("/", Mutation::AsIs))];
    let done = run_with(&target(&server.base()), settings, &mut Scripted::new([asked])).await;
    absent(&kept(&done), "canary-pa55word-9x8y");

    let scheme = Scheme::ApiKey {
        header: "x-team-key".into(),
    };
    let server = Server::answering(|request| {
        let key = request.header("x-team-key").unwrap_or_default();
        answer(
            "403 Forbidden",
            &[&format!("x-{key}: 1")],
            format!("no such key {key}"),
        )
    })
    .await;
    let asked = vec![one("a", &with("/", Mutation::AsIs))];
    let done = run_with(
        &target(&server.base()),
        vault(scheme, "CANARYKEY-1a2b3c4d5e6f"),
        &mut Scripted::new([asked]),
    )
    .await;
    assert_eq!(done.exchanges[0].status(), Some(403));
    absent(&kept(&done), "CANARYKEY-1a2b3c4d5e6f");
}

#[tokio::test]
async fn a_credential_that_a_sequence_captures_is_found_nowhere() {
    const SESSION: &str = "opaque-canary-5f4e3d2c1b0a";
    let server = Server::answering(|request| {
        let echo = request.header("x-session").unwrap_or_default();
        json(
            "201 Created",
            &serde_json::json!({"access": SESSION, "echo": echo, "path": request.line()}),
        )
    })
    .await;
    let captured = || Text::Captured {
        step: 0,
        at: "/access".into(),
        secret: true,
    };
    let login = Probe::get("/login").build();
    let use_it = Probe::get("/me").header("x-session", captured()).build();
    let after = Probe::get("/after").build();
    let asked = vec![asks("a", Ask::Seq(vec![login, use_it, after]))];
    let done = run_with(
        &target(&server.base()),
        Settings::default(),
        &mut Scripted::new([asked]),
    )
    .await;
    assert_eq!(
        server.seen()[1].header("x-session"),
        Some(SESSION),
        "it was carried"
    );
    assert_eq!(done.exchanges.len(), 3);
    absent(&kept(&done), SESSION);
}

#[tokio::test]
async fn secrets_in_trailers_are_not_kept() {
    let server = Server::answering(|request| {
        let token = given(request);
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: set-cookie, authorization\r\n\r\n";
        format!("{head}2\r\nok\r\n0\r\nset-cookie: sid=canary-cookie-value-1\r\nauthorization: Bearer {token}\r\n\r\n").into()
    })
    .await;
    let asked = vec![one("a", &with("/", Mutation::AsIs))];
    let done = run_with(
        &target(&server.base()),
        vault(Scheme::Bearer, TOKEN),
        &mut Scripted::new([asked]),
    )
    .await;
    assert_eq!(&done.exchanges[0].answer().unwrap().body.bytes[..], b"ok");
    absent(&kept(&done), TOKEN);
    absent(&kept(&done), "canary-cookie-value-1");
}

#[tokio::test]
async fn a_body_that_is_cut_inside_a_secret_does_not_show_its_beginning() {
    let long = Server::answering(|request| {
        answer("500 Oops", &[], format!("{}{}", "x".repeat(1000), given(request)))
    })
    .await;
    let drips = Server::scripted(|_, mut stream| async move {
        head(&mut stream).await;
        let half = &TOKEN[..TOKEN.len() / 3];
        let _ = stream
            .write_all(format!("HTTP/1.1 500 Oops\r\ncontent-length: 999\r\n\r\n{half}").as_bytes())
            .await;
        silence(stream).await;
    })
    .await;
    for server in [long, drips] {
        let mut target = target(&server.base());
        target.bounds.body_keep = 1020;
        target.bounds.deadline_ms = 400;
        let asked = vec![one("a", &with("/", Mutation::AsIs))];
        let done = run_with(&target, vault(Scheme::Bearer, TOKEN), &mut Scripted::new([asked])).await;
        let body = &done.exchanges[0].answer().unwrap().body;
        assert!(body.text().ends_with(']'), "{}", body.text());
        absent(&kept(&done), TOKEN);
    }
}

fn production(base: &str) -> Target {
    let mut target = target(base);
    target.environment = Environment::Production;
    target
}

#[tokio::test]
async fn what_belongs_to_somebody_is_kept_from_production_as_types_and_lengths() {
    let server = Server::answering(|request| {
        let status = if request.line().ends_with("/error") {
            "404 Not Found"
        } else {
            "200 OK"
        };
        json(
            status,
            &serde_json::json!({"mail": "canary@person.example", "n": 7, "none": null}),
        )
    })
    .await;
    let call = Call {
        method: "GET".into(),
        path: "/mine".into(),
    };
    let mut careful = production(&server.base());
    careful.proofs = vec![Proof {
        call,
        body: greenlight::model::probe::Body::Empty,
        expect: vec![],
        nature: Nature::Read,
        protected: true,
        key: None,
    }];
    let mut keeping = careful.clone();
    keeping.keep_bodies = true;
    let mut local = careful.clone();
    local.environment = Environment::Local;
    let as_is = with("/me", Mutation::AsIs);
    let cases = [
        (&careful, &as_is, true),
        (&careful, &with("/me", Mutation::Garbage), true),
        (&careful, &Probe::get("/mine?x=1").build(), true),
        (&careful, &Probe::get("/health").build(), false),
        (&careful, &with("/error", Mutation::AsIs), false),
        (&keeping, &as_is, false),
        (&local, &as_is, false),
    ];
    for (target, probe, stripped) in cases {
        let asked = vec![one("a", probe)];
        let done = run_with(target, vault(Scheme::Bearer, TOKEN), &mut Scripted::new([asked])).await;
        let body = done.exchanges[0].answer().unwrap().body.json().unwrap();
        let mail = body["mail"].as_str().unwrap();
        assert_eq!(
            mail.starts_with("[text:21:"),
            stripped,
            "{} {body}",
            probe.operation()
        );
        assert_eq!((body["n"].as_i64(), body["none"].is_null()), (Some(7), true));
        let noted = done.exchanges[0]
            .redacted
            .iter()
            .any(|fact| fact.place == Place::ReplyValue("/mail".into()));
        assert_eq!(noted, stripped);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any token that fits a header, echoed raw and coded at any offset, under any way of being cut.
    #[test]
    fn no_token_survives_an_echo(token in "[!-~]{12,60}", before in "[a-z ]{0,7}", keep in 20_u64..400) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let lead = before.clone();
            let server = Server::answering(move |request| {
                let token = given(request);
                let coded = STANDARD.encode(format!("{lead}{token}"));
                let percent = percent_encoding::utf8_percent_encode(token, percent_encoding::NON_ALPHANUMERIC);
                answer("400 Bad Request", &[], format!("{lead}{token}|{percent}|{coded}|{lead}{token}|{coded}"))
            })
            .await;
            let mut target = target(&server.base());
            target.bounds.body_keep = keep;
            let asked = vec![one("a", &with("/", Mutation::AsIs))];
            let done = run_with(&target, vault(Scheme::Bearer, &token), &mut Scripted::new([asked])).await;
            let kept = String::from_utf8_lossy(&done.exchanges[0].answer().unwrap().body.bytes).into_owned();
            let percent = percent_encoding::utf8_percent_encode(&token, percent_encoding::NON_ALPHANUMERIC).to_string();
            for form in [token.clone(), percent, STANDARD.encode(&token)] {
                for piece in form.as_bytes().windows(8) {
                    let piece = String::from_utf8_lossy(piece);
                    prop_assert!(!kept.contains(&*piece), "{piece} in {kept}");
                }
            }
            Ok(())
        })?;
    }
}
