use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::domain::provider::ProviderKind;

const POLICY: BreakerPolicy = BreakerPolicy {
    failures: 3,
    rest: Duration::from_secs(5),
};

/// A provider that does as it is told, and counts.
struct Told {
    answer: Mutex<Result<(), ProviderError>>,
    calls: AtomicU32,
}

impl Told {
    fn say(&self, answer: Result<(), ProviderError>) {
        *self.answer.lock().unwrap() = answer;
    }
}

impl Provider for Told {
    fn transcribe(
        &self,
        _: Clip,
        _: Option<Language>,
        _: Budget,
    ) -> BoxFuture<'_, Result<Transcript, ProviderError>> {
        std::future::pending().boxed()
    }

    fn concepts(&self, _: ConceptRequest, _: Budget) -> BoxFuture<'_, Result<Concepts, ProviderError>> {
        async {
            self.calls.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(1)).await;
            let answer = *self.answer.lock().unwrap();
            answer.map(|()| Concepts {
                concepts: Vec::new(),
                model: "m".into(),
            })
        }
        .boxed()
    }

    fn describe(&self) -> ProviderFacts {
        ProviderFacts {
            kind: ProviderKind::Simulator,
            host: "h".into(),
            transcription_model: "t".into(),
            concept_model: "c".into(),
            circuit: Circuit::Closed,
        }
    }

    fn check(&self) -> BoxFuture<'_, Result<(), ProviderError>> {
        async { *self.answer.lock().unwrap() }.boxed()
    }
}

fn guarded() -> (Arc<Told>, Guarded) {
    let told = Arc::new(Told {
        answer: Mutex::new(Err(ProviderError::Timeout)),
        calls: AtomicU32::new(0),
    });
    (told.clone(), Guarded::new(told, POLICY))
}

async fn ask(guarded: &Guarded) -> Result<(), ProviderError> {
    let request = ConceptRequest {
        text: "x".into(),
        entity_type: "bar".into(),
        categories: vec!["mood".into()],
    };
    let budget = Budget::of(Duration::from_secs(60));
    guarded.concepts(request, budget).await.map(drop)
}

fn circuit(guarded: &Guarded) -> Circuit {
    guarded.describe().circuit
}

#[tokio::test(start_paused = true)]
async fn enough_failures_in_a_row_open_it_and_one_call_tries_after_the_rest() {
    let (told, guarded) = guarded();
    for _ in 0..POLICY.failures {
        assert_eq!(circuit(&guarded), Circuit::Closed);
        assert_eq!(ask(&guarded).await, Err(ProviderError::Timeout));
    }
    assert_eq!(circuit(&guarded), Circuit::Open);
    let refused = ask(&guarded).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.status().as_u16()),
        ("provider_circuit_open", 503)
    );
    assert_eq!(refused.retry_after(), Some(POLICY.rest));
    assert_eq!(told.calls.load(Ordering::Relaxed), 3, "nobody was asked");

    tokio::time::advance(POLICY.rest).await;
    assert_eq!(circuit(&guarded), Circuit::HalfOpen);
    // Three at once: one goes out, and the others are told to wait.
    let (one, two, three) = tokio::join!(ask(&guarded), ask(&guarded), ask(&guarded));
    assert_eq!(one, Err(ProviderError::Timeout));
    assert!(two.is_err_and(|error| error.code() == "provider_circuit_open"));
    assert!(three.is_err_and(|error| error.code() == "provider_circuit_open"));
    assert_eq!(told.calls.load(Ordering::Relaxed), 4);
    assert_eq!(circuit(&guarded), Circuit::Open, "it failed again");

    tokio::time::advance(POLICY.rest).await;
    told.say(Ok(()));
    assert_eq!(ask(&guarded).await, Ok(()));
    assert_eq!(circuit(&guarded), Circuit::Closed);
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_between_and_a_refusal_count_as_life() {
    let (told, guarded) = guarded();
    let refusals = [
        ProviderError::QuotaExhausted,
        ProviderError::AudioRefused,
        ProviderError::RateLimited { retry_after: None },
    ];
    for refusal in refusals {
        told.say(Err(ProviderError::Timeout));
        for _ in 1..POLICY.failures {
            assert!(ask(&guarded).await.is_err());
        }
        told.say(Err(refusal));
        assert_eq!(ask(&guarded).await, Err(refusal));
        assert_eq!(circuit(&guarded), Circuit::Closed, "{refusal:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_try_that_its_caller_gives_up_does_not_keep_everybody_out() {
    let (told, guarded) = guarded();
    for _ in 0..POLICY.failures {
        assert!(ask(&guarded).await.is_err());
    }
    tokio::time::advance(POLICY.rest).await;
    told.say(Ok(()));
    // Given up before it is answered.
    assert!(tokio::time::timeout(Duration::ZERO, ask(&guarded)).await.is_err());
    assert_eq!(circuit(&guarded), Circuit::HalfOpen);
    assert_eq!(ask(&guarded).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn checks_are_not_held_up_and_open_nothing() {
    let (_told, guarded) = guarded();
    for _ in 0..10 {
        assert_eq!(guarded.check().await, Err(ProviderError::Timeout));
    }
    assert_eq!(circuit(&guarded), Circuit::Closed);
}
