//! The kill matrix: every fault against every check, every look-alike against all of them.

use std::num::NonZeroUsize;
use std::panic;

use futures_util::{StreamExt as _, stream};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::lab::careful::Careful;
use crate::lab::catalogue::CATALOGUE;
use crate::lab::cost::{finds, first_cause, wrong};
use crate::lab::fault::Fault;
use crate::lab::faults::FAMILIES;
use crate::lab::inject::faulty;
use crate::lab::lookalike::{self, LookAlike};
use crate::lab::stories;
use crate::model::finding::{Severity, Verdict};
use crate::model::matrix::{Kind, Matrix, NotShown, Row, SCHEMA, Why};
use crate::model::recording::Tool;
use crate::model::run::Run;

/// How many services run at once, for each core. Each has a run of its own, and what waits too long for a core is taken for a
/// service that hangs: compiled without optimisation, one keeps a core busy.
const OF_A_CORE: usize = if cfg!(debug_assertions) { 1 } else { 2 };

/// The same for what is told by time. It waits more than it works, but it works when it begins: all of it begun at once is a
/// busy machine again.
const WAITING_OF_A_CORE: usize = 4;

/// What became of one fault or look-alike.
#[derive(Debug)]
pub struct Ran {
    /// Its row of the matrix.
    pub row: Row,
    /// The whole report, when there was one.
    pub run: Option<Run>,
}

/// Runs every fault and look-alike whose id contains `only`, and every fault again as production would let it be run.
pub async fn run(only: &str) -> Vec<Ran> {
    run_all(cases(|id| id.contains(only))).await
}

/// The same for one in so many, the first one first: enough for a test that is run often, while the whole is for the
/// command.
pub async fn sample(every: usize) -> Vec<Ran> {
    run_all(cases(|_| true).into_iter().step_by(every.max(1)).collect()).await
}

fn cases(wanted: impl Fn(&str) -> bool) -> Vec<Case> {
    let families = FAMILIES
        .iter()
        .flat_map(|family| family.faults.iter().map(|fault| (family.name, fault)));
    let faults = families
        .filter(|(_, fault)| wanted(fault.id))
        .map(|(family, fault)| Case::Fault(family, fault));
    let look_alikes = lookalike::all()
        .into_iter()
        .filter(|look_alike| wanted(look_alike.id))
        .map(Case::LookAlike);
    faults.chain(look_alikes).collect()
}

async fn run_all(cases: Vec<Case>) -> Vec<Ran> {
    let cases = cases.into_iter().enumerate();
    let (waiting, working): (Vec<_>, Vec<_>) = cases.partition(|(_, case)| WAITING.contains(&case.id()));
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut ran = all(working, cores * OF_A_CORE).await;
    ran.extend(all(waiting, cores * WAITING_OF_A_CORE).await);
    ran.sort_by_key(|(at, _)| *at);
    ran.into_iter().map(|(_, ran)| ran).collect()
}

/// Runs cases, so many at once, each with its place among all of them. Each has a thread: judging is work, and one task
/// for all of it would leave the other cores idle.
async fn all(cases: Vec<(usize, Case)>, at_once: usize) -> Vec<(usize, Ran)> {
    let runs = stream::iter(cases)
        .map(|(at, case)| spawn_blocking(move || (at, Handle::current().block_on(case.run()))));
    runs.buffer_unordered(at_once)
        .map(|done| done.unwrap_or_else(|died| panic::resume_unwind(died.into_panic())))
        .collect()
        .await
}

/// The matrix of what was run.
pub fn matrix(ran: &[Ran]) -> Matrix {
    let not_shown: Vec<NotShown> = FAMILIES
        .iter()
        .flat_map(|family| family.not_shown)
        .map(|entry| NotShown {
            id: entry.id.to_owned(),
            why: entry.why,
            reason: entry.reason.to_owned(),
        })
        .collect();
    let to_do = not_shown.iter().filter(|entry| entry.why == Why::ToDo);
    Matrix {
        schema: SCHEMA.to_owned(),
        tool: Tool::this(),
        rows: ran.iter().map(|ran| ran.row.clone()).collect(),
        backlog: to_do.map(|entry| entry.id.clone()).collect(),
        not_shown,
        catalogue: CATALOGUE.iter().map(|group| group.ids.len()).sum(),
        stories: stories::told(),
    }
}

/// What is run.
#[derive(Debug, Clone, Copy)]
enum Case {
    Fault(&'static str, &'static Fault),
    LookAlike(LookAlike),
}

/// What is told by how long things take. It runs apart from the rest, or a busy machine would be judged instead.
pub const WAITING: &[&str] = &[
    "limit-bare",
    "limit-unsaid",
    "notes-fair-limit",
    "edge-slow-wake",
    "localhost-allowed",
    "debug-routes",
    "debug-pages",
    "mock-left-on",
    "cold-start-errors",
    "slow",
    "slow-and-leaking",
    "slow-health-behind-a-page",
    "retried-into-the-time-limit",
    "slow-work",
    "a-little-slow",
    "provider-timeout-as-500",
    "empty-audio-hang",
    "crosstalk",
    "edge-timeout-short",
    "cold-start-slow",
    "health-blocked",
    "loop-blocked",
    "preflight-works",
    "worker-timeout",
    "pool-exhausted",
    "health-slow",
    "health-pays",
    "time-lie",
];

impl Case {
    fn id(&self) -> &'static str {
        match self {
            Case::Fault(_, fault) => fault.id,
            Case::LookAlike(look_alike) => look_alike.id,
        }
    }

    async fn run(self) -> Ran {
        match self {
            Case::Fault(family, fault) => killed(family, fault).await,
            Case::LookAlike(look_alike) => spared(look_alike).await,
        }
    }
}

/// The matrix as it must come out: every fault killed and named, every look-alike spared. A test holds runs against it.
pub fn declared() -> Matrix {
    let row = |id: &str, sentence: &str, kind| Row {
        id: id.to_owned(),
        sentence: sentence.to_owned(),
        kind,
        group: None,
        shows: vec![],
        wrong: vec![],
        found: vec![],
        causes: vec![],
        first_cause: None,
        in_production: None,
    };
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let faults = FAMILIES.iter().flat_map(|family| {
        family.faults.iter().map(move |fault| Row {
            group: Some(family.name.to_owned()),
            shows: owned(fault.shows),
            found: owned(fault.checks),
            causes: fault.cause.iter().map(|cause| (*cause).to_owned()).collect(),
            first_cause: fault.cause.map(|_| true),
            ..row(fault.id, fault.sentence, kind_of(family.name))
        })
    });
    let faults: Vec<Row> = faults.collect();
    let look_alikes = lookalike::all();
    let look_alikes = look_alikes
        .iter()
        .map(|one| row(one.id, one.sentence, Kind::LookAlike));
    Matrix {
        rows: faults.into_iter().chain(look_alikes).collect(),
        ..matrix(&[])
    }
}

fn kind_of(family: &str) -> Kind {
    if family == "compound" {
        Kind::Compound
    } else {
        Kind::Fault
    }
}

/// Injects a fault and holds the report against what it must cost.
async fn killed(family: &'static str, fault: &'static Fault) -> Ran {
    let (judged, careful) = tokio::join!(faulty(fault, Careful::No), faulty(fault, Careful::AsProduction));
    let mut ran = ran(fault.id, fault.sentence, judged);
    ran.row.kind = kind_of(family);
    // Until it is seen to be named, it is not.
    ran.row.first_cause = fault.cause.map(|_| false);
    ran.row.group = Some(family.to_owned());
    ran.row.shows = fault.shows.iter().map(|id| (*id).to_owned()).collect();
    // A run that did not come about found nothing: what was tried stays in the denominator.
    let careful = careful.ok();
    let found = careful.map(|run| fault.checks.iter().any(|check| finds(&run, fault, check)));
    ran.row.in_production = Some(found.unwrap_or(false));
    if let Some(run) = &ran.run {
        // Those that must: what else finds it may be chance, and the page of the matrix is to stay as it is.
        let found = fault.checks.iter().filter(|check| finds(run, fault, check));
        ran.row.found = found.map(|check| (*check).to_owned()).collect();
        ran.row.first_cause = first_cause(fault, run);
        ran.row.wrong = wrong(fault, run);
    }
    ran
}

/// Runs a look-alike, of which nothing may be said above an advisory.
async fn spared(look_alike: LookAlike) -> Ran {
    let mut ran = ran(look_alike.id, look_alike.sentence, look_alike.run().await);
    if let Some(run) = &ran.run {
        if run.verdict != Verdict::Pass {
            let verdict = format!("the verdict is {}: {}", run.verdict.word(), run.headline);
            ran.row.wrong.push(verdict);
        }
        let said = run
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Advisory);
        let said = said.map(|finding| format!("{} flags it: {}", finding.check, finding.title));
        ran.row.wrong.extend(said);
    }
    ran
}

fn ran(id: &str, sentence: &str, judged: Result<Run, String>) -> Ran {
    let (run, wrong) = match judged {
        Ok(run) => (Some(run), vec![]),
        Err(error) => (None, vec![format!("it could not be run: {error}")]),
    };
    let diagnoses = run.iter().flat_map(|run| &run.diagnoses);
    let row = Row {
        id: id.to_owned(),
        sentence: sentence.to_owned(),
        kind: Kind::LookAlike,
        group: None,
        shows: vec![],
        wrong,
        found: vec![],
        causes: diagnoses.map(|one| one.cause.clone()).collect(),
        first_cause: None,
        in_production: None,
    };
    Ran { row, run }
}
