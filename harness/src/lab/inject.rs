//! A fault, put where it really happens, and what the verification of it says.

use std::time::Duration;

use orchestrate::config::{Settings, WEB_ORIGIN};
use orchestrate::faults::Faults;

use crate::lab::careful::Careful;
use crate::lab::edge::Standing;
use crate::lab::embedded::Embedded;
use crate::lab::fault::{Fault, How};
use crate::lab::pages::Served;
use crate::lab::subject::{Subject, concierge, verify};
use crate::lab::{guarded, notes, shelf};
use crate::model::run::Run;

/// Deadlines of the lab: services are on loopback, and a slow one is slow by seconds.
const DEADLINE: Duration = Duration::from_millis(1_500);

/// How late a slow service answers.
const SLOW: Duration = Duration::from_secs(4);

/// Verifies a service with a fault in it.
pub async fn faulty(fault: &Fault, careful: Careful) -> Result<Run, String> {
    match fault.how {
        How::Notes(quirk) => return notes::run(quirk, careful).await,
        How::Guarded(quirk) => return guarded::run(quirk, careful).await,
        How::Shelf(flaw) => return shelf::run(flaw, careful).await,
        How::Service(_) | How::Together(_) | How::Edge(_) | How::Expected | How::Page(_) => {}
    }
    let mut settings = Settings::development();
    // As a deploy has it: the development servers of a laptop are a fault of their own.
    settings.origins = vec![WEB_ORIGIN.to_owned()];
    settings.faults = fault.of_the_service().into_iter().collect::<Faults>();
    settings.faults.delay = SLOW;
    let mut subject = concierge().map_err(|error| error.to_string())?;
    let deadline = u64::try_from(DEADLINE.as_millis()).unwrap_or(u64::MAX);
    subject.target.bounds.deadline_ms = deadline;
    subject.target.bounds.paid_deadline_ms = deadline;
    let standing = Service::start(fault, settings, &mut subject).await?;
    if let Some(prepare) = fault.prepare {
        prepare(&mut subject);
    }
    careful.apply(&mut subject);
    let judged = verify(subject).await.map_err(|error| error.to_string());
    standing.stop().await;
    judged.map(|(_, run)| run)
}

/// What is verified: a service, or an edge and what stands behind it.
enum Service {
    Alone(Embedded),
    Behind(Standing),
    Used(Served),
}

impl Service {
    /// Starts it, and points the subject at it.
    async fn start(fault: &Fault, settings: Settings, subject: &mut Subject) -> Result<Service, String> {
        if let How::Edge(edge) = fault.how {
            return edge.start(settings, subject).await.map(Service::Behind);
        }
        if let How::Page(page) = fault.how {
            return page.start(settings, subject).await.map(Service::Used);
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
            Service::Used(served) => served.stop().await,
        }
    }
}
