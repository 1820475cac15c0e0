//! A service that is killed while it saves: everything that it acknowledged is there, and nothing is there by half.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;

use orchestrate::auth::AuthSettings;
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::domain::data::curations::Filter;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::mpsc;

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

/// Saves until nobody answers any more; tells the id of each run that was acknowledged.
async fn save_on(client: Client, base_url: String, acknowledged: mpsc::UnboundedSender<String>) {
    let token = mint(&AuthSettings::development(), &TokenRequest::access(SUBJECT)).unwrap();
    let body = json!({
        "text": "The kitchen closes at ten. ".repeat(200),
        "output": {"save_to_db": true, "return_results": true, "format": "ids_only"},
    });
    loop {
        let request = client.post(format!("{base_url}/ai/orchestrate"));
        let Ok(answer) = request.bearer_auth(&token).json(&body).send().await else {
            return;
        };
        let Ok(answer) = answer.json::<Value>().await else {
            return;
        };
        if answer["saved_to_db"] == true {
            let id = answer["results"]["curation_id"].as_str().unwrap();
            let _ = acknowledged.send(id.to_owned());
        }
    }
}

async fn what_was_acknowledged_outlives_a_kill(fixture: Fixture) {
    let fixture = Arc::new(fixture);
    let mut kept = 0;
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
        // At another moment each time: in the first save, or after many.
        let mut ids = Vec::new();
        while ids.len() < round * 7 {
            ids.push(told.recv().await.expect("nobody saves any more"));
        }
        tokio::task::spawn_blocking(|| process.kill()).await.unwrap();
        for client in clients {
            client.await.unwrap();
        }
        while let Some(id) = told.recv().await {
            ids.push(id);
        }
        kept += ids.len();
        all_are_there(&fixture, &ids).await;
    }
    let rows = fixture.raw().await.number("SELECT count(*) FROM curations").await;
    assert!(usize::try_from(rows).unwrap() >= kept && kept > 0);
}

async fn all_are_there(fixture: &Fixture, ids: &[String]) {
    let data = fixture.open().await;
    for id in ids {
        let found = data.find(id).await.unwrap();
        assert!(found.is_some(), "{id} was acknowledged and is not there");
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
