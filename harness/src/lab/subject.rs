//! One verify of one service in this process: the same driver, runner and judge as the command line's.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use crate::checks::registry::{CHECKS, RULES};
use crate::contract::load::Contract;
use crate::diagnosis::registry::CAUSES;
use crate::drive::rounds::Rounds;
use crate::model::page::SeenPage;
use crate::model::recording::{ContractText, Recording};
use crate::model::run::Run;
use crate::model::target::Target;
use crate::runner::execute::Runner;
use crate::runner::judge::{Bench, judge};
use crate::runner::page::{self, Ways};
use crate::target::builtin::{self, Builtin};
use crate::target::fault::Fault;
use crate::target::read::read;
use crate::target::resolve::{Unresolved, resolve};
use crate::target::settings::Overrides;
use crate::transport::http::{Settings, SetupError, Transport};
use crate::transport::proxy::Proxies;
use crate::transport::secret::Vault;

/// What is verified.
#[derive(Debug)]
pub struct Subject {
    /// The target, with its credentials told.
    pub target: Target,
    /// The credentials.
    pub vault: Vault,
    /// The pinned contract.
    pub contract: Option<ContractText>,
    /// Samples by name.
    pub samples: BTreeMap<String, Bytes>,
    /// Addresses of names that no resolver knows.
    pub pins: BTreeMap<String, Vec<IpAddr>>,
    /// Certificates to trust besides the system's, in PEM.
    pub ca_pem: Option<Vec<u8>>,
}

/// Why a service was not verified.
#[derive(Debug, thiserror::Error)]
pub enum Unverified {
    /// There can be no transport for it.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// Judging live and judging on replay must not differ; here they do.
    #[error("its recording, read from a file, is judged otherwise: {0}")]
    ReplaysOtherwise(String),
}

/// Verifies it, and judges its recording a second time as if it came from a file. The seed is fixed, so that the same
/// service gives the same report.
pub async fn verify(subject: Subject) -> Result<(Recording, Run), Unverified> {
    const SEED: u64 = 1;
    let Subject {
        target,
        vault,
        contract,
        samples,
        pins,
        ca_pem,
    } = subject;
    let parsed = contract
        .as_ref()
        .and_then(|text| Contract::parse(&text.text, &text.source).ok());
    let reached = (pins.clone(), ca_pem.clone());
    let settings = Settings {
        vault,
        samples,
        pins,
        ca_pem,
        proxies: Proxies::default(),
    };
    let transport = Transport::new(target.clone(), settings)?;
    let started_at = Timestamp::now();
    let mut driver = Rounds::new(&target, parsed.as_ref(), CHECKS.to_vec());
    let done = Runner::new(&target, &transport, SEED, |_| {})
        .run(&mut driver, std::future::pending())
        .await;
    let pages = pages(&target, reached, SEED).await;
    let recording = Recording {
        pages,
        contract,
        seed: SEED,
        ended_at: Timestamp::now(),
        interrupted: done.interrupted,
        connections: transport.connections(),
        refused: done.refused,
        ..Recording::of(target, done.exchanges, started_at)
    };
    let run = judge(&recording, BENCH);
    replays(&recording, &run)?;
    Ok((recording, run))
}

/// The web pages that the target says where they are, as the command line reads them.
async fn pages(
    target: &Target,
    (pins, ca_pem): (BTreeMap<String, Vec<IpAddr>>, Option<Vec<u8>>),
    seed: u64,
) -> Vec<SeenPage> {
    let named = target.clients.iter().filter(|client| client.page.is_some());
    let ways = Ways {
        pins: &pins,
        ca_pem: ca_pem.as_deref(),
        proxies: &Proxies::default(),
        seed,
        requests: target.bounds.requests,
        within: Duration::from_millis(target.bounds.run_ms),
    };
    page::read(&page::all(named), ways, std::future::pending).await
}

/// Every judge there is.
const BENCH: Bench<'static> = Bench {
    checks: CHECKS,
    rules: RULES,
    causes: CAUSES,
};

/// Whether the recording gives this run again when it went through a file.
pub fn replays(recording: &Recording, run: &Run) -> Result<(), Unverified> {
    let otherwise = |why: String| Err(Unverified::ReplaysOtherwise(why));
    let read = serde_json::to_vec(recording).and_then(|text| serde_json::from_slice::<Recording>(&text));
    let again = match read {
        Ok(read) => judge(&read, BENCH),
        Err(error) => return otherwise(error.to_string()),
    };
    if again == *run {
        return Ok(());
    }
    let differs = run
        .findings
        .iter()
        .zip(&again.findings)
        .find(|(live, again)| live != again);
    otherwise(match differs {
        Some((live, again)) => format!("{} found {live:?}, and again {again:?}", live.check),
        None => format!(
            "{} findings, and again {}",
            run.findings.len(),
            again.findings.len()
        ),
    })
}

/// Why the built-in profile could not be used; a test shows that it can.
#[derive(Debug, thiserror::Error)]
pub enum ProfileFault {
    /// There is none of that name.
    #[error("there is no built-in profile {0:?}")]
    Unknown(String),
    /// It does not read.
    #[error("{0}")]
    Unreadable(String),
}

/// The reference service as its built-in profile describes it, before it has a base URL or credentials.
pub fn concierge() -> Result<Subject, ProfileFault> {
    let builtin = builtin::find("concierge").ok_or_else(|| ProfileFault::Unknown("concierge".into()))?;
    let profile =
        read(builtin.file, builtin.text).map_err(|error| ProfileFault::Unreadable(error.render(false)))?;
    let profile = profile.anchored(builtin.directory);
    let nothing = Overrides::of_variables(|_| None).map_err(|faults| unreadable(&faults))?;
    let resolved = resolve(Some(&profile), &nothing, &nothing)
        .map_err(|unresolved: Unresolved| ProfileFault::Unreadable(unresolved.render(false)))?;
    Ok(Subject {
        target: resolved.target,
        vault: Vault::empty(),
        contract: contract(&builtin),
        samples: builtin
            .samples
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), Bytes::from_static(bytes)))
            .collect(),
        pins: BTreeMap::new(),
        ca_pem: None,
    })
}

fn unreadable(faults: &[(&'static str, Fault)]) -> ProfileFault {
    ProfileFault::Unreadable(faults.iter().map(|(_, fault)| fault.sentence()).collect())
}

fn contract(builtin: &Builtin) -> Option<ContractText> {
    builtin.contract.map(|(source, text)| ContractText {
        source: source.to_owned(),
        text: text.to_owned(),
    })
}
