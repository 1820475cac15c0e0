//! The kill matrix: every fault against every check, every look-alike against all of them.

use std::panic;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use orchestrate::config::{Settings, WEB_ORIGIN};
use orchestrate::faults::Faults;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::lab::catalogue::CATALOGUE;
use crate::lab::edge::Standing;
use crate::lab::embedded::Embedded;
use crate::lab::fault::{Fault, How};
use crate::lab::faults::FAMILIES;
use crate::lab::guarded;
use crate::lab::lookalike::{self, LookAlike};
use crate::lab::notes;
use crate::lab::subject::{Subject, concierge, verify};
use crate::model::finding::{Severity, Verdict};
use crate::model::matrix::{Kind, Matrix, NotShown, Row, SCHEMA};
use crate::model::recording::Tool;
use crate::model::run::Run;
use crate::model::target::{Bounds, Environment, Target};

/// How many services run at once.
const AT_ONCE: usize = 4;

/// Deadlines of the lab: services are on loopback, and a slow one is slow by seconds.
const DEADLINE: Duration = Duration::from_millis(1_500);

/// How late a slow service answers.
const SLOW: Duration = Duration::from_secs(4);

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
    let wanted = |id: &str| id.contains(only);
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
    let cases = faults.chain(look_alikes).enumerate();
    let (waiting, working): (Vec<_>, Vec<_>) = cases.partition(|(_, case)| WAITING.contains(&case.id()));
    let together = waiting.len().max(1);
    let mut ran = all(working, AT_ONCE).await;
    ran.extend(all(waiting, together).await);
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
    let not_shown = FAMILIES.iter().flat_map(|family| family.not_shown);
    Matrix {
        schema: SCHEMA.to_owned(),
        tool: Tool::this(),
        rows: ran.iter().map(|ran| ran.row.clone()).collect(),
        not_shown: not_shown
            .map(|(id, reason)| NotShown {
                id: (*id).to_owned(),
                reason: (*reason).to_owned(),
            })
            .collect(),
        backlog: FAMILIES
            .iter()
            .flat_map(|family| family.backlog.iter().map(|id| (*id).to_owned()))
            .collect(),
        catalogue: CATALOGUE.iter().map(|group| group.ids.len()).sum(),
    }
}

/// What is run.
#[derive(Debug, Clone, Copy)]
enum Case {
    Fault(&'static str, &'static Fault),
    LookAlike(LookAlike),
}

/// What is told by how long things take. It runs apart from the rest, or a busy machine would be judged instead, and all of
/// it together, since it waits more than it works.
const WAITING: &[&str] = &[
    "slow",
    "slow-and-leaking",
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
        in_production: None,
    };
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let faults = FAMILIES.iter().flat_map(|family| {
        family.faults.iter().map(move |fault| Row {
            group: Some(family.name.to_owned()),
            shows: owned(fault.shows),
            found: owned(fault.checks),
            causes: fault.cause.iter().map(|cause| (*cause).to_owned()).collect(),
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
    let compound = family == "compound";
    ran.row.kind = if compound { Kind::Compound } else { Kind::Fault };
    ran.row.group = Some(family.to_owned());
    ran.row.shows = fault.shows.iter().map(|id| (*id).to_owned()).collect();
    ran.row.in_production = careful
        .ok()
        .map(|run| fault.checks.iter().any(|check| finds(&run, fault, check)));
    if let Some(run) = &ran.run {
        // Those that must: what else finds it may be chance, and the page of the matrix is to stay as it is.
        let found = fault.checks.iter().filter(|check| finds(run, fault, check));
        ran.row.found = found.map(|check| (*check).to_owned()).collect();
        ran.row.wrong = wrong(fault, run);
    }
    ran
}

/// Whether a check found a fault as heavily as it must.
fn finds(run: &Run, fault: &Fault, check: &str) -> bool {
    let heavy = run
        .findings
        .iter()
        .filter(|finding| finding.severity >= fault.severity);
    heavy.into_iter().any(|finding| finding.check == check)
}

/// What is wrong with how a fault was judged.
fn wrong(fault: &Fault, run: &Run) -> Vec<String> {
    let missed = fault.checks.iter().filter(|check| !finds(run, fault, check));
    let mut wrong: Vec<String> = missed.map(|check| format!("{check} did not find it")).collect();
    if run.verdict != fault.verdict {
        wrong.push(format!("the verdict is {}", run.verdict.word()));
    }
    let named: Vec<&str> = run.diagnoses.iter().map(|one| one.cause.as_str()).collect();
    if let Some(cause) = fault.cause
        && named.first() != Some(&cause)
    {
        wrong.push(format!("the cause is not {cause}"));
    }
    let unnamed = fault.also.iter().filter(|also| !named.contains(*also));
    wrong.extend(unnamed.map(|also| format!("{also} is not named as well")));
    wrong
}

/// Whether a run may do everything, or only what it may with the default flags of production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Careful {
    /// Everything may run.
    No,
    /// Only reads, and what could never be accepted.
    AsProduction,
}

/// The same target, as the default flags of production see it.
fn as_production(target: &mut Target) {
    target.environment = Environment::Production;
    target.bounds = Bounds::of(Environment::Production);
    target.allow = vec![];
    target.ours = false;
}

/// Verifies a service with a fault in it.
pub async fn faulty(fault: &Fault, careful: Careful) -> Result<Run, String> {
    match fault.how {
        How::Notes(quirk) => return notes::run(quirk).await,
        How::Guarded(quirk) if careful == Careful::AsProduction => {
            return guarded::run(quirk, as_production).await;
        }
        How::Guarded(quirk) => return guarded::run(quirk, |_| ()).await,
        How::Service(_) | How::Together(_) | How::Edge(_) | How::Expected => {}
    }
    let mut settings = Settings::development();
    // As a deploy has it: the development servers of a laptop are a fault of their own.
    settings.origins = vec![WEB_ORIGIN.to_owned()];
    settings.faults = fault.of_the_service().into_iter().collect::<Faults>();
    settings.faults.delay = SLOW;
    let mut subject = concierge().map_err(|error| error.to_string())?;
    if careful == Careful::AsProduction {
        as_production(&mut subject.target);
    }
    let deadline = u64::try_from(DEADLINE.as_millis()).unwrap_or(u64::MAX);
    subject.target.bounds.deadline_ms = deadline;
    subject.target.bounds.paid_deadline_ms = deadline;
    let standing = Service::start(fault, settings, &mut subject).await?;
    if let Some(prepare) = fault.prepare {
        prepare(&mut subject);
    }
    let judged = verify(subject).await.map_err(|error| error.to_string());
    standing.stop().await;
    judged.map(|(_, run)| run)
}

/// What is verified: a service, or an edge and what stands behind it.
enum Service {
    Alone(Embedded),
    Behind(Standing),
}

impl Service {
    /// Starts it, and points the subject at it.
    async fn start(fault: &Fault, settings: Settings, subject: &mut Subject) -> Result<Service, String> {
        if let How::Edge(edge) = fault.how {
            return edge.start(settings, subject).await.map(Service::Behind);
        }
        let embedded = Embedded::start(settings)
            .await
            .map_err(|error| error.to_string())?;
        subject.vault = embedded.join(&mut subject.target);
        Ok(Service::Alone(embedded))
    }

    async fn stop(self) {
        match self {
            Service::Alone(embedded) => embedded.stop().await,
            Service::Behind(standing) => standing.stop().await,
        }
    }
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
        in_production: None,
    };
    Ran { row, run }
}
