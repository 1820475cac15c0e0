//! The kill matrix: every fault against every check, every look-alike against all of them.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use orchestrate::config::{Settings, WEB_ORIGIN};
use orchestrate::faults::Faults;

use crate::lab::embedded::Embedded;
use crate::lab::fault::{Fault, How};
use crate::lab::faults;
use crate::lab::lookalike::{self, LookAlike};
use crate::lab::notes;
use crate::lab::subject::{concierge, verify};
use crate::model::finding::{Finding, Severity, Verdict};
use crate::model::run::Run;

/// How many services run at once.
const AT_ONCE: usize = 4;

/// Deadlines of the lab: services are on loopback, and a slow one is slow by seconds.
const DEADLINE: Duration = Duration::from_millis(1_500);

/// How late a slow service answers.
const SLOW: Duration = Duration::from_secs(4);

/// What became of one fault or look-alike.
#[derive(Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// What it is, in one sentence.
    pub sentence: String,
    /// What is wrong with how it was judged. Empty: killed and named, or spared.
    pub wrong: Vec<String>,
    /// The checks that found something at major or above.
    pub found: Vec<String>,
    /// The causes that were named, the first first.
    pub causes: Vec<String>,
    /// Whether it is a fault, or a look-alike.
    pub is_fault: bool,
    /// The whole report, when there was one.
    pub run: Option<Run>,
}

/// Runs every fault and look-alike whose id contains `only`.
pub async fn run(only: &str) -> Vec<Row> {
    let wanted = |id: &str| id.contains(only);
    let faults = faults::all().filter(|fault| wanted(fault.id)).map(Case::Fault);
    let look_alikes = lookalike::all()
        .into_iter()
        .filter(|look_alike| wanted(look_alike.id))
        .map(Case::LookAlike);
    let cases: Vec<Case> = faults.chain(look_alikes).collect();
    let rows = stream::iter(cases).map(|case| async move {
        match case {
            Case::Fault(fault) => killed(fault).await,
            Case::LookAlike(look_alike) => spared(look_alike).await,
        }
    });
    rows.buffered(AT_ONCE).collect().await
}

/// What is run.
#[derive(Debug, Clone, Copy)]
enum Case {
    Fault(&'static Fault),
    LookAlike(LookAlike),
}

/// Injects a fault and holds the report against what it must cost.
async fn killed(fault: &'static Fault) -> Row {
    let judged = faulty(fault).await;
    let mut row = row(fault.id, fault.sentence, true, judged);
    let Some(run) = &row.run else { return row };
    let heavy = |finding: &&Finding| finding.severity >= fault.severity;
    for check in fault.checks {
        if !run
            .findings
            .iter()
            .filter(heavy)
            .any(|finding| finding.check == *check)
        {
            row.wrong.push(format!("{check} did not find it"));
        }
    }
    if run.verdict != fault.verdict {
        row.wrong.push(format!("the verdict is {}", run.verdict.word()));
    }
    if let Some(cause) = fault.cause
        && row.causes.first().map(String::as_str) != Some(cause)
    {
        row.wrong.push(format!("the cause is not {cause}"));
    }
    for also in fault.also {
        if !row.causes.iter().any(|cause| cause == also) {
            row.wrong.push(format!("{also} is not named as well"));
        }
    }
    row
}

/// Verifies the reference service with a fault in it.
pub async fn faulty(fault: &Fault) -> Result<Run, String> {
    if let How::Notes(quirk) = fault.how {
        return notes::run(quirk).await;
    }
    let mut settings = Settings::development();
    // As a deploy has it: the development servers of a laptop are a fault of their own.
    settings.origins = vec![WEB_ORIGIN.to_owned()];
    settings.faults = fault.of_the_service().into_iter().collect::<Faults>();
    settings.faults.delay = SLOW;
    let embedded = Embedded::start(settings)
        .await
        .map_err(|error| error.to_string())?;
    let mut subject = concierge().map_err(|error| error.to_string())?;
    let deadline = u64::try_from(DEADLINE.as_millis()).unwrap_or(u64::MAX);
    subject.target.bounds.deadline_ms = deadline;
    subject.target.bounds.paid_deadline_ms = deadline;
    subject.vault = embedded.join(&mut subject.target);
    if let Some(prepare) = fault.prepare {
        prepare(&mut subject);
    }
    let judged = verify(subject).await.map_err(|error| error.to_string());
    embedded.stop().await;
    judged.map(|(_, run)| run)
}

/// Runs a look-alike, of which nothing may be said above an advisory.
async fn spared(look_alike: LookAlike) -> Row {
    let mut row = row(look_alike.id, look_alike.sentence, false, look_alike.run().await);
    let Some(run) = &row.run else { return row };
    if run.verdict != Verdict::Pass {
        row.wrong
            .push(format!("the verdict is {}: {}", run.verdict.word(), run.headline));
    }
    for finding in run
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Advisory)
    {
        row.wrong
            .push(format!("{} flags it: {}", finding.check, finding.title));
    }
    row
}

fn row(id: &str, sentence: &str, is_fault: bool, judged: Result<Run, String>) -> Row {
    let (run, wrong) = match judged {
        Ok(run) => (Some(run), vec![]),
        Err(error) => (None, vec![format!("it could not be run: {error}")]),
    };
    let mut found: Vec<String> = run
        .iter()
        .flat_map(|run| run.findings.iter().filter(|finding| finding.fails()))
        .map(|finding| finding.check.clone())
        .collect();
    found.sort();
    found.dedup();
    let causes = run
        .iter()
        .flat_map(|run| run.diagnoses.iter().map(|one| one.cause.clone()))
        .collect();
    Row {
        id: id.to_owned(),
        sentence: sentence.to_owned(),
        wrong,
        found,
        causes,
        is_fault,
        run,
    }
}
