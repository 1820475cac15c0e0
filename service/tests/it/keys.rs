//! API keys, from the command that makes one to the request that it opens. Bugs 11 and 12 of the original: a key was refused
//! although it was documented.

use std::process::{Command, Output};
use std::time::Duration;

use orchestrate::domain::data::keys::{KeyRecord, Keys};
use serde_json::{Value, json};

use crate::support::{Service, Shelf, expect_problem, header, json as read, settings, start, start_with};

/// A service whose database commands can reach too.
pub(crate) struct Kept {
    shelf: Shelf,
    pub(crate) service: Service,
}

impl Kept {
    pub(crate) async fn start() -> Self {
        Self::on(Shelf::new().await).await
    }

    async fn on(shelf: Shelf) -> Self {
        let service = start_with(shelf.with(settings())).await;
        Self { shelf, service }
    }

    /// One more instance on the same database.
    pub(crate) async fn second(&self) -> Service {
        start_with(self.shelf.with(settings())).await
    }

    /// The binary, configured like the service.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orchestrate"));
        command
            .args(arguments)
            .arg("--dev")
            .env_clear()
            .env("ORCHESTRATE_DATABASE", &self.shelf.url);
        command.output().unwrap()
    }

    /// A key of the command's making.
    pub(crate) fn key(&self, more: &[&str]) -> String {
        let arguments = [&["keys", "make", "--name", "nightly", "--subject", "ana"], more].concat();
        let output = self.command(&arguments);
        let (key, said) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{said}");
        assert!(!said.contains(key.trim()), "the key is only on stdout: {said}");
        key.trim().to_owned()
    }

    /// The keys that are kept.
    async fn kept(&self) -> Vec<KeyRecord> {
        let keys: std::sync::Arc<dyn Keys> = self.shelf.open().await;
        keys.all().await.unwrap()
    }

    async fn verify(&self, key: &str) -> (u16, Value) {
        read(verify(&self.service, key).send().await.unwrap()).await
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn verify(service: &Service, key: &str) -> reqwest::RequestBuilder {
    service.request("GET", "/auth/verify").header("x-api-key", key)
}

#[tokio::test]
async fn bug_11_and_12_a_key_works_at_once_on_every_operation_that_documents_it() {
    let kept = Kept::start().await;
    let key = kept.key(&[]);
    let (status, body) = kept.verify(&key).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["subject"], "ana");
    assert_eq!(body["credential"], "api_key");
    assert_eq!(
        body["scopes"],
        json!(["orchestrate", "curations:read", "curations:write", "usage:read"])
    );
    let request = kept.service.request("POST", "/ai/orchestrate");
    let response = request
        .header("X-API-Key", &key)
        .json(&json!({"text": "Good fish."}))
        .send();
    assert_eq!(response.await.unwrap().status(), 200);
}

#[tokio::test]
async fn only_the_hash_of_a_key_is_kept_and_its_use_is_noted_to_the_minute() {
    let kept = Kept::on(Shelf::file()).await;
    let key = kept.key(&["--scope", "usage:read"]);
    assert_eq!(kept.verify(&key).await.0, 200);
    // It is noted beside the answer.
    let noted = async {
        loop {
            let record = kept.kept().await.remove(0);
            if record.last_used_at.is_some() {
                return record;
            }
            tokio::task::yield_now().await;
        }
    };
    let record = tokio::time::timeout(Duration::from_secs(30), noted)
        .await
        .unwrap();
    assert_eq!(record.last_used_at.unwrap().as_second() % 60, 0);
    assert_eq!(
        (record.scopes, record.hash.len()),
        (vec!["usage:read".to_owned()], 64)
    );
    let secret = key.get(10..).unwrap();
    for file in kept.shelf.files() {
        let bytes = std::fs::read(file).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(secret));
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_by_every_instance_and_told_so() {
    let kept = Kept::start().await;
    let second = kept.second().await;
    let (key, other) = (kept.key(&[]), kept.key(&[]));
    assert_eq!(kept.verify(&key).await.0, 200);
    assert_eq!(verify(&second, &key).send().await.unwrap().status(), 200);
    let revoked = kept.command(&["keys", "revoke", key.get(..10).unwrap()]);
    assert!(revoked.status.success(), "{}", text(&revoked.stderr));
    for service in [&kept.service, &second] {
        expect_problem(verify(service, &key), 401, "api_key_revoked").await;
    }
    assert_eq!(kept.verify(&other).await.0, 200);
    let again = kept.command(&["keys", "revoke", &kept.kept().await[0].id]);
    assert!(again.status.success() && text(&again.stderr).contains("was revoked before"));
}

#[tokio::test]
async fn an_expired_key_is_told_so() {
    let kept = Kept::start().await;
    let key = kept.key(&["--ttl", "0s"]);
    expect_problem(verify(&kept.service, &key), 401, "api_key_expired").await;
    assert_eq!(kept.verify(&kept.key(&["--ttl", "90d"])).await.0, 200);
}

#[tokio::test]
async fn a_key_that_is_none_is_challenged_and_not_echoed() {
    let kept = Kept::start().await;
    let good = kept.key(&[]);
    let mut near = good.clone();
    let last = near.pop().unwrap();
    near.push(if last == 'A' { 'B' } else { 'A' });
    for key in [
        "x",
        "",
        &near,
        &good.to_uppercase(),
        &format!("{good}{good}"),
        &"ok_a".repeat(500),
    ] {
        let problem = expect_problem(verify(&kept.service, key), 401, "api_key_invalid").await;
        assert!(key.len() < 3 || !problem.to_string().contains(key), "{problem}");
        let response = verify(&kept.service, key).send().await.unwrap();
        assert_eq!(
            header(&response, "www-authenticate"),
            "Bearer realm=\"orchestrate\""
        );
    }
    let twice = verify(&kept.service, &good).header("x-api-key", &good);
    expect_problem(twice, 401, "api_key_invalid").await;
}

#[tokio::test]
async fn a_bearer_token_alone_decides_when_there_is_one() {
    let kept = Kept::start().await;
    let key = kept.key(&[]);
    let bad = verify(&kept.service, &key).bearer_auth("garbage");
    expect_problem(bad, 401, "token_invalid").await;
    let good = verify(&kept.service, "garbage").bearer_auth(kept.service.token());
    let (status, body) = read(good.send().await.unwrap()).await;
    assert_eq!((status, body["credential"].as_str()), (200, Some("token")));
}

#[tokio::test]
async fn bug_42_a_key_may_do_no_more_than_it_was_made_for() {
    let kept = Kept::start().await;
    let key = kept.key(&["--scope", "usage:read"]);
    let request = || {
        let request = kept.service.request("POST", "/ai/orchestrate");
        request
            .header("x-api-key", &key)
            .json(&json!({"text": "Good fish."}))
    };
    expect_problem(request(), 403, "scope_missing").await;
    let response = request().send().await.unwrap();
    assert_eq!(
        header(&response, "www-authenticate"),
        "Bearer realm=\"orchestrate\", error=\"insufficient_scope\", scope=\"orchestrate\""
    );
}

#[tokio::test]
async fn keys_are_listed_for_people_and_machines_and_never_shown() {
    let kept = Kept::start().await;
    let key = kept.key(&["--scope", "orchestrate"]);
    let table = text(&kept.command(&["keys", "list"]).stdout);
    let words: Vec<&str> = table.lines().nth(1).unwrap().split_whitespace().collect();
    let shown = format!("{}…", key.get(..10).unwrap());
    assert_eq!(words[1..5], [&*shown, "good", "nightly", "ana"], "{table}");
    let output = kept.command(&["keys", "list", "--format", "json"]);
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(listed[0]["name"], "nightly");
    assert_eq!(listed[0]["state"], "good");
    for said in [table, listed.to_string()] {
        assert!(!said.contains(&key), "{said}");
    }
}

#[tokio::test]
async fn commands_that_could_mean_nothing_or_two_keys_are_refused() {
    let kept = Kept::start().await;
    kept.key(&[]);
    for (arguments, said) in [
        (&["keys", "revoke", "ok_"][..], "no such key"),
        (&["keys", "revoke", "019"], "no such key"),
        (
            &["keys", "make", "--name", "x", "--subject", "\n"],
            "none of which controls a terminal",
        ),
        (
            &[
                "keys",
                "make",
                "--name",
                "x",
                "--subject",
                "a",
                "--scope",
                "admin",
            ],
            "write one of orchestrate",
        ),
    ] {
        let output = kept.command(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    }
    let memory = Command::new(env!("CARGO_BIN_EXE_orchestrate"))
        .args(["keys", "make", "--name", "x", "--subject", "a", "--dev"])
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(memory.status.code(), Some(2));
    assert!(text(&memory.stderr).contains("the database is in memory"));
}

#[tokio::test]
async fn a_database_that_is_away_is_503_for_the_credentials_that_need_it_and_for_no_other() {
    let kept = Kept::on(Shelf::file()).await;
    let key = kept.key(&[]);
    let session = kept.command(&["token", "--session"]);
    let session: Value = serde_json::from_slice(&session.stdout).unwrap();
    for file in kept.shelf.files() {
        std::fs::remove_file(file).unwrap();
    }
    let of_session = session["access_token"].as_str().unwrap();
    let request = || kept.service.request("GET", "/auth/verify");
    let away = expect_problem(request().header("x-api-key", &key), 503, "database_unavailable").await;
    assert!(!away.to_string().contains("SQL"), "{away}");
    expect_problem(request().bearer_auth(of_session), 503, "database_unavailable").await;
    let response = request().header("x-api-key", &key).send().await.unwrap();
    assert_eq!(header(&response, "retry-after"), "5");
    expect_problem(request().header("x-api-key", "x"), 401, "api_key_invalid").await;
    let plain = request().bearer_auth(kept.service.token()).send().await.unwrap();
    assert_eq!(plain.status(), 200);
}

#[tokio::test]
async fn a_page_may_send_a_key() {
    let service = start().await;
    let request = service
        .request("OPTIONS", "/ai/orchestrate")
        .header("origin", crate::support::ALLOWED)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "x-api-key");
    let response = request.send().await.unwrap();
    assert!(header(&response, "access-control-allow-headers").contains("x-api-key"));
}
