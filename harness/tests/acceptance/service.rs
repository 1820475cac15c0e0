//! The reference service in this process, and its simulator, whose paid calls are counted.

use orchestrate::app::Running;
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::{ProviderChoice, Settings};
use orchestrate::domain::provider::ProviderKind;
use orchestrate::faults::Faults;
use orchestrate::faults::id::FaultId;
use orchestrate::providers::openai::settings::OpenAiSettings;
use orchestrate::providers::simulator::{self, Simulator, SimulatorSettings};
use orchestrate::secret::Secret;
use tokio::process::Command;

use crate::binary::greenlight;

/// The variable that holds a good token in these tests.
pub(crate) const VARIABLE: &str = "ACCEPTANCE_TOKEN";

/// A reference service, with or without a fault.
pub(crate) struct Service {
    running: Running,
    simulator: Simulator,
    /// A good token.
    pub(crate) token: String,
}

impl Service {
    /// A healthy one.
    pub(crate) async fn healthy() -> Service {
        Service::with(&[]).await
    }

    /// One with these faults.
    pub(crate) async fn with(faults: &[FaultId]) -> Service {
        Service::built(None, faults.iter().copied().collect()).await
    }

    /// One of this commit, or of this very build, with these faults.
    pub(crate) async fn built(commit: Option<&str>, faults: Faults) -> Service {
        let simulator = Simulator::start(SimulatorSettings::default()).unwrap();
        let key = Secret::new(simulator::KEY);
        let reach = OpenAiSettings::new(ProviderKind::Simulator, simulator.base_url(), key);
        let (running, token) = provided(commit, faults, reach).await;
        Service {
            running,
            simulator,
            token,
        }
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> String {
        self.running.base_url()
    }

    /// How many paid calls the provider has seen.
    pub(crate) fn paid(&self) -> u64 {
        let calls = self.simulator.calls();
        calls.transcriptions + calls.completions
    }

    /// `verify` of it as the concierge, without a token.
    pub(crate) fn verify(&self, arguments: &[&str]) -> Command {
        let url = self.url();
        let fixed = ["verify", &url, "--profile", "concierge"];
        greenlight(fixed.into_iter().chain(arguments.iter().copied()))
    }

    /// `verify` of it as the concierge, with a good token.
    pub(crate) fn verify_with_token(&self, arguments: &[&str]) -> Command {
        let mut command = self.verify(arguments);
        command.args(["--token-env", VARIABLE]).env(VARIABLE, &self.token);
        command
    }
}

/// Whose pages the service admits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pages {
    /// Those of production.
    Listed,
    /// Those of a developer's machine as well.
    Development,
}

/// The settings of a service that admits these pages.
pub(crate) fn admitting(pages: Pages) -> Settings {
    let mut settings = Settings::development();
    if pages == Pages::Listed {
        settings.origins.retain(|origin| !origin.contains("localhost"));
    }
    settings
}

/// A service of this commit, or of this very build, with these faults and this provider; and a good token.
pub(crate) async fn provided(
    commit: Option<&str>,
    faults: Faults,
    provider: OpenAiSettings,
) -> (Running, String) {
    let mut settings = admitting(Pages::Development);
    settings.faults = faults;
    if let Some(commit) = commit {
        settings.build.commit = Some(commit.to_owned());
        settings.build.version = format!("1.0.{}", commit.len());
    }
    settings.provider = ProviderChoice::OpenAi(provider);
    let token = mint(&settings.auth, &TokenRequest::access("acceptance")).unwrap();
    (Running::start(settings).await.unwrap(), token)
}
