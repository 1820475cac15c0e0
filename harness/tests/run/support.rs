//! A directory with a scenario, a service that answers as told, and the binary between them.

use std::path::Path;

use serde_json::{Value, json};
use tokio::process::Command;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The JSON report that it printed.
    pub(crate) fn report(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }

    /// What became of each step: `workflow.step outcome`, in the order of the report.
    pub(crate) fn steps(&self) -> Vec<String> {
        let report = self.report();
        let journeys = report["journeys"].as_array().cloned().unwrap_or_default();
        let of = |journey: &Value| {
            let workflow = journey["workflow"].as_str().unwrap().to_owned();
            let steps = journey["steps"].as_array().cloned().unwrap();
            let told = move |step: Value| {
                let text = |key: &str| step[key].as_str().unwrap().to_owned();
                format!("{workflow}.{} {}", text("step"), text("outcome"))
            };
            steps.into_iter().map(told).collect::<Vec<_>>()
        };
        journeys.iter().flat_map(of).collect()
    }
}

/// A place with files, and a service.
pub(crate) struct Place {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) server: MockServer,
}

/// Two workflows of a step each, which need not wait for each other: both want 201.
pub(crate) const PAIR: &str = r"
workflows:
  - workflowId: first
    steps:
      - stepId: one
        operationId: readItem
        parameters: [{name: id, in: path, value: a-1}]
        successCriteria: [{condition: $statusCode == 201}]
  - workflowId: second
    steps:
      - stepId: two
        operationId: listItems
        successCriteria: [{condition: $statusCode == 201}]
";

/// The contract of the service of these tests.
const CONTRACT: &str = include_str!("testdata/shop.openapi.yaml");

impl Place {
    /// A place with this scenario: its workflows, as YAML.
    pub(crate) async fn with(workflows: &str) -> Place {
        let server = MockServer::start().await;
        let directory = tempfile::tempdir().unwrap();
        let place = Place { directory, server };
        place.write("shop.yaml", &CONTRACT.replace("SERVER", &place.server.uri()));
        place.scenario("s.yaml", workflows);
        place
    }

    /// Writes a scenario.
    pub(crate) fn scenario(&self, name: &str, workflows: &str) {
        let head = "arazzo: 1.0.1\ninfo: {title: Shop, version: '1'}\nsourceDescriptions:\n  - {name: shop, url: ./shop.yaml, type: openapi}\n";
        self.write(name, &format!("{head}{workflows}"));
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.path().join(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.directory.path().join(name)).unwrap()
    }

    /// Has the service answer so.
    pub(crate) async fn answers(&self, verb: &str, route: &str, status: u16, body: Value) {
        let answer = ResponseTemplate::new(status).set_body_json(body);
        let mock = Mock::given(method(verb)).and(path(route)).respond_with(answer);
        mock.mount(&self.server).await;
    }

    /// The same, so many times; then what was said before, or after, holds.
    pub(crate) async fn first(&self, times: u64, verb: &str, route: &str, status: u16, body: Value) {
        let answer = ResponseTemplate::new(status).set_body_json(body);
        let mock = Mock::given(method(verb)).and(path(route)).respond_with(answer);
        mock.up_to_n_times(times)
            .with_priority(1)
            .mount(&self.server)
            .await;
    }

    /// What the service was asked: `METHOD path?query`, in order.
    pub(crate) async fn asked(&self) -> Vec<String> {
        let received = self.server.received_requests().await.unwrap();
        let told = received.iter().map(|request| {
            let query = request
                .url
                .query()
                .map(|query| format!("?{query}"))
                .unwrap_or_default();
            format!("{} {}{query}", request.method, request.url.path())
        });
        told.collect()
    }

    /// Runs the scenario with these arguments.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[]).await
    }

    /// The same with these variables.
    pub(crate) async fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        run(self.directory.path(), arguments, variables).await
    }

    /// Runs it for its JSON report.
    pub(crate) async fn reported(&self, arguments: &[&str]) -> Ran {
        let all: Vec<&str> = ["s.yaml", "--format", "json"]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        self.run(&all).await
    }
}

/// Runs the binary for scenarios, on a service of one's own unless the arguments name another environment.
pub(crate) async fn run(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut all = vec!["run"];
    all.extend(arguments);
    if !arguments.contains(&"--environment") {
        all.extend(["--environment", "local"]);
    }
    greenlight(directory, &all, variables).await
}

/// Runs the binary.
pub(crate) async fn greenlight(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_greenlight"))
        .current_dir(directory)
        .args(arguments)
        // What the developer's own shell says is not passed on.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("NO_COLOR", "1")
        .envs(variables.iter().copied())
        .output();
    let output = tokio::time::timeout(std::time::Duration::from_secs(60), output)
        .await
        .unwrap()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// An item of the shop.
pub(crate) fn item(id: &str) -> Value {
    json!({"id": id, "name": "apple"})
}
