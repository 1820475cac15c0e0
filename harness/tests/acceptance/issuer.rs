//! `--test-issuer`: the service that is started is told of an issuer which it can ask at once, and nobody is shown a token.

use std::path::Path;

use serde_json::Value;

use crate::binary::{greenlight_in, ran, write_service};

/// Asks its issuer before it listens, writes down what it heard, and then lets everybody in who has any token at all.
const SERVICE: &str = r#"
import http.server, json, os, plain, urllib.request

def asked(url):
    return json.load(urllib.request.urlopen(url, timeout=10))

issuer = os.environ["WHO"]
told = {"issuer": issuer, "audience": os.environ["OIDC_AUDIENCE"], "jwks_url": os.environ["OIDC_JWKS_URL"]}
told["discovery"] = asked(issuer + "/.well-known/openid-configuration")
told["keys"] = asked(told["jwks_url"])
told["real"] = os.environ.get("REAL")
json.dump(told, open("told.json", "w"))

class Service(plain.Plain):
    def do_GET(self):
        token = self.headers.get("authorization", "")
        status = 200 if self.path == "/health" or len(token) > 10 else 401
        body = json.dumps({"status": "healthy", "you sent": token}).encode()
        self.answer(status, body)

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Service).serve_forever()
"#;

const PROFILE: &str = r#"
[service]
health = "/health"

[auth]
kind = "bearer"
token_env = "REAL"
audience = "notes"
test_issuer = { issuer_env = "WHO" }

[[prove]]
call = "GET /me"
"#;

fn prepared() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    write_service(directory.path(), SERVICE);
    std::fs::write(directory.path().join("p.toml"), PROFILE).unwrap();
    directory
}

fn arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let base = [
        "verify",
        "--spawn",
        "python3 service.py",
        "--profile",
        "p.toml",
        "--test-issuer",
    ];
    base.iter().chain(more).copied().collect()
}

fn read(directory: &Path, name: &str) -> String {
    std::fs::read_to_string(directory.join(name)).unwrap()
}

/// How the claims of a good token begin, `{"aud":"notes","exp":`, in base64. The head of a token that we forge is no secret.
const CLAIMS: &str = "eyJhdWQiOiJub3RlcyIsImV4cCI6";

#[tokio::test]
async fn the_service_is_told_before_it_listens_and_a_guard_that_verifies_nothing_is_found() {
    let directory = prepared();
    let path = directory.path();
    let more = ["--format", "json", "--record", "run.json", "--verbose"];
    let mut command = greenlight_in(path, arguments(&more));
    command.env("REAL", "a-token-of-production");
    let ran = ran(command).await;
    let report = ran.json();
    assert_eq!(
        (ran.code, &report["diagnoses"][0]["cause"]),
        (1, &"any-token-accepted".into()),
        "{report:#}"
    );
    let told: Value = serde_json::from_str(&read(path, "told.json")).unwrap();
    assert_eq!(told["audience"], "notes");
    assert_eq!(told["discovery"]["issuer"], told["issuer"]);
    assert_eq!(told["discovery"]["jwks_uri"], told["jwks_url"]);
    assert_eq!(told["keys"]["keys"][0]["kty"], "RSA");
    assert_eq!(
        told["keys"]["keys"][0].get("d"),
        None,
        "the private half is nowhere"
    );
    let recording = read(path, "run.json");
    let issuer = told["issuer"].as_str().unwrap();
    assert!(
        recording.contains(issuer),
        "who issued a token is a fact on its exchange"
    );
    for text in [&ran.out, &ran.err, &recording] {
        assert!(
            !text.contains(CLAIMS) && !text.contains("a-token-of-production"),
            "{text}"
        );
    }
    let gone = reqwest::get(told["jwks_url"].as_str().unwrap()).await;
    assert!(gone.is_err(), "the issuer has gone with the run");
}

#[tokio::test]
async fn a_plan_says_who_issues_and_starts_nothing() {
    let directory = prepared();
    let ran = ran(greenlight_in(directory.path(), arguments(&["--plan"]))).await;
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("credentials from the test issuer of this run (RS256, audience notes), told in $WHO, $OIDC_AUDIENCE and $OIDC_JWKS_URL"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("spoilt: UnknownKey"), "{}", ran.out);
    assert!(!ran.out.contains("its credential is not at hand"), "{}", ran.out);
    assert!(!directory.path().join("told.json").exists());
}
