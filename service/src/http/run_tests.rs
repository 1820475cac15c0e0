use std::sync::Mutex;

use futures_util::future::BoxFuture;
use jiff::civil::Date;
use poem_openapi::ApiResponse;
use tokio::sync::{Notify, Semaphore};

use super::*;
use crate::domain::data::usage::DayOfUse;
use crate::domain::provider::ProviderError;
use crate::domain::store::StoreError;
use crate::domain::workflow::PlanError;
use crate::http::orchestrate::OrchestrateResponse;

#[test]
fn every_failure_has_a_documented_status_and_none_is_500() {
    let failures: Vec<Failure> = vec![
        PlanError::Nothing.into(),
        FetchError::Invalid("it names no host").into(),
        FetchError::Forbidden.into(),
        FetchError::Unreachable.into(),
        FetchError::Refused { status: 404 }.into(),
        FetchError::Redirects.into(),
        FetchError::TooLarge.into(),
        FetchError::TooSlow.into(),
        FetchError::Busy.into(),
        IntakeError::NotBase64.into(),
        IntakeError::Audio(AudioError::Truncated).into(),
        IntakeError::Audio(AudioError::Silent).into(),
        IntakeError::Audio(AudioError::TooLarge { bytes: 1 }).into(),
        ProviderError::RateLimited { retry_after: None }.into(),
        ProviderError::CredentialsRefused.into(),
        ProviderError::AudioRefused.into(),
        ProviderError::Timeout.into(),
        StoreError::Gone.into(),
    ];
    let documented: Vec<u16> = <OrchestrateResponse as ApiResponse>::meta()
        .responses
        .iter()
        .filter_map(|response| response.status)
        .collect();
    assert!(!documented.contains(&500));
    for failure in failures {
        let problem = problem(&failure);
        let status = problem.status;
        assert!(
            documented.contains(&status.as_u16()),
            "{failure:?} is answered {status}"
        );
    }
}

#[test]
fn words_for_people_are_sentences() {
    let detail = problem(&IntakeError::Audio(AudioError::Empty).into()).detail;
    assert_eq!(detail, "The audio is empty.");
}

/// Work that says that it has begun, waits until it is told to go on, and then fails.
struct Waits {
    begun: Notify,
    go_on: Notify,
}

impl Work for Waits {
    fn run<'a>(
        &'a self,
        _: OrchestrateRequest,
        _: Language,
        _: &'a str,
        _: Budget,
    ) -> BoxFuture<'a, Result<Outcome, Failure>> {
        async {
            self.begun.notify_one();
            self.go_on.notified().await;
            Err(ProviderError::QuotaExhausted.into())
        }
        .boxed()
    }
}

/// Remembers what was counted, and tells of it.
#[derive(Default)]
struct Counts {
    counted: Mutex<Vec<Used>>,
    told: Notify,
}

impl Usage for Counts {
    fn record<'a>(&'a self, used: &'a Used) -> BoxFuture<'a, Result<(), StoreError>> {
        self.counted.lock().unwrap().push(used.clone());
        self.told.notify_one();
        async { Ok(()) }.boxed()
    }

    fn days<'a>(&'a self, _: &'a str, _: Date, _: Date) -> BoxFuture<'a, Result<Vec<DayOfUse>, StoreError>> {
        async { Ok(Vec::new()) }.boxed()
    }
}

#[tokio::test]
async fn work_goes_on_to_its_end_though_nobody_waits_for_it_any_more() {
    let work = Arc::new(Waits {
        begun: Notify::new(),
        go_on: Notify::new(),
    });
    let counts = Arc::new(Counts::default());
    let runner = Runner {
        work: work.clone(),
        usage: counts.clone(),
        deadline: Duration::from_secs(60),
        paid_deadline: Duration::from_secs(60),
        under_way: TaskTracker::new(),
    };
    let turns = Arc::new(Semaphore::new(1));
    let accepted = Accepted {
        request: OrchestrateRequest::default(),
        language: "en".parse().unwrap(),
        subject: "ana".to_owned(),
        held: turns.clone().acquire_owned().await.unwrap(),
    };
    tokio::select! {
        _ = runner.run(accepted, None) => panic!("nobody told it to go on"),
        () = work.begun.notified() => {}
    }
    assert_eq!(turns.available_permits(), 0, "the recording is still held");
    work.go_on.notify_one();
    let told = tokio::time::timeout(Duration::from_secs(20), counts.told.notified()).await;
    assert!(told.is_ok(), "what was begun came to nothing");
    assert!(counts.counted.lock().unwrap()[0].failed);
    assert_eq!(turns.available_permits(), 1);
}
