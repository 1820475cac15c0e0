//! A service that is killed while it saves and deletes: everything that it acknowledged is so, and nothing is there by half.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use orchestrate::auth::AuthSettings;
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::domain::data::curations::Filter;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::fixture::{Fixture, Raw};

on_every_database! {
    all: [],
    shared: [what_was_acknowledged_outlives_a_kill],
}

/// How often it is killed.
const ROUNDS: usize = 8;

/// How many save at once.
const CLIENTS: usize = 6;

const SUBJECT: &str = "ana@example.com";

struct Process {
    child: Child,
    /// Held, so that nobody hangs up on it.
    _log: BufReader<ChildStderr>,
    base_url: String,
}

impl Process {
    fn start(database: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_orchestrate"))
            .args(["serve", "--dev", "--port", "0"])
            .env_clear()
            .env("DATABASE_URL", database)
            .env("RUST_LOG", "off")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        log.read_line(&mut line).unwrap();
        let url = line
            .strip_prefix("ready: ")
            .and_then(|rest| rest.split(' ').next());
        let base_url = url.unwrap_or_else(|| panic!("not ready: {line}")).to_owned();
        Self {
            child,
            _log: log,
            base_url,
        }
    }

    /// At once: `SIGKILL`.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What a client was told.
enum Told {
    /// The run of this id is kept.
    Kept(String),
    /// It is to be deleted; whether it is, nobody has said yet.
    Asked(String),
    /// It is deleted.
    Deleted(String),
}

/// Saves, each under a key of its own, and deletes every third, until nobody answers any more.
async fn save_on(client: Client, base_url: String, told: mpsc::UnboundedSender<Told>) {
    let token = mint(&AuthSettings::development(), &TokenRequest::access(SUBJECT)).unwrap();
    let body = json!({
        "text": "The kitchen closes at ten. ".repeat(200),
        "output": {"save_to_db": true, "return_results": true, "format": "ids_only"},
    });
    for number in 0_u64.. {
        let request = client.post(format!("{base_url}/ai/orchestrate"));
        let key = Uuid::new_v4().to_string();
        let request = request.bearer_auth(&token).header("idempotency-key", key);
        let Ok(answer) = request.json(&body).send().await else {
            return;
        };
        let Ok(answer) = answer.json::<Value>().await else {
            return;
        };
        if answer["saved_to_db"] != true {
            continue;
        }
        let id = answer["results"]["curation_id"].as_str().unwrap().to_owned();
        let _ = told.send(Told::Kept(id.clone()));
        if number % 3 == 2 {
            let _ = told.send(Told::Asked(id.clone()));
            let request = client.delete(format!("{base_url}/curations/{id}"));
            let Ok(answer) = request.bearer_auth(&token).send().await else {
                return;
            };
            if answer.status() == 204 {
                let _ = told.send(Told::Deleted(id));
            }
        }
    }
}

/// What must be there, and what must not, by all that was told.
#[derive(Default)]
struct Kept {
    there: BTreeSet<String>,
    gone: BTreeSet<String>,
}

impl Kept {
    fn learn(&mut self, told: Told) {
        match told {
            Told::Kept(id) => drop(self.there.insert(id)),
            Told::Asked(id) => drop(self.there.remove(&id)),
            Told::Deleted(id) => drop(self.gone.insert(id)),
        }
    }
}

/// A moment that nobody chose: another each time that the tests run.
fn any_moment() -> Duration {
    Duration::from_millis(RandomState::new().hash_one(()) % 60)
}

async fn what_was_acknowledged_outlives_a_kill(fixture: Fixture) {
    let fixture = Arc::new(fixture);
    let mut kept = Kept::default();
    for round in 0..ROUNDS {
        let url = fixture.url.clone();
        let process = tokio::task::spawn_blocking(move || Process::start(&url))
            .await
            .unwrap();
        let (tell, mut told) = mpsc::unbounded_channel();
        let client = Client::builder().no_proxy().build().unwrap();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| tokio::spawn(save_on(client.clone(), process.base_url.clone(), tell.clone())))
            .collect();
        drop(tell);
        // In the first save, or after many, and then at any moment.
        for _ in 0..round * 7 {
            kept.learn(told.recv().await.expect("nobody saves any more"));
        }
        tokio::time::sleep(any_moment()).await;
        tokio::task::spawn_blocking(|| process.kill()).await.unwrap();
        for client in clients {
            client.await.unwrap();
        }
        while let Some(one) = told.recv().await {
            kept.learn(one);
        }
        all_is_so(&fixture, &kept).await;
    }
    assert!(
        !kept.there.is_empty() && !kept.gone.is_empty(),
        "nothing was tried"
    );
}

async fn all_is_so(fixture: &Fixture, kept: &Kept) {
    let data = fixture.open().await;
    for id in &kept.there {
        let found = data.find(id).await.unwrap();
        assert!(found.is_some(), "{id} was acknowledged and is not there");
    }
    for id in &kept.gone {
        let found = data.find(id).await.unwrap();
        assert!(found.is_none(), "{id} was deleted and is there");
    }
    // A row that were there by half could not be read, and would be left out.
    let mut read = 0;
    let mut after = None;
    loop {
        let page = data
            .list(SUBJECT, &Filter::default(), after.as_deref(), 100)
            .await
            .unwrap();
        assert!(
            page.curations
                .iter()
                .all(|one| one.text.len() == 5_400 && !one.concepts.is_empty())
        );
        read += page.curations.len();
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut raw = fixture.raw().await;
    assert_eq!(
        raw.number("SELECT count(*) FROM curations").await,
        i64::try_from(read).unwrap()
    );
    if matches!(raw, Raw::Sqlite(_)) {
        let intact = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'";
        assert_eq!(raw.number(intact).await, 1);
    }
}
