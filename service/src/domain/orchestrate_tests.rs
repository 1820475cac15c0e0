//! Tests of [`crate::domain::orchestrate`] with tools that answer at once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::*;
use crate::domain::audio::tests::tone;
use crate::domain::data::categories::EntityCategories;
use crate::domain::provider::{Circuit, ProviderFacts, ProviderKind};

/// Answers at once, whatever it is asked.
struct Ready;

impl Provider for Ready {
    fn transcribe(
        &self,
        _: Clip,
        _: Option<Language>,
        _: Budget,
    ) -> BoxFuture<'_, Result<Transcript, ProviderError>> {
        let transcript = Transcript {
            text: "Good fish.".to_owned(),
            language: None,
            model: "t".to_owned(),
            duration: 1.0,
        };
        async { Ok(transcript) }.boxed()
    }

    fn concepts(&self, _: ConceptRequest, _: Budget) -> BoxFuture<'_, Result<Concepts, ProviderError>> {
        let concepts = Concepts {
            concepts: Vec::new(),
            model: "c".to_owned(),
        };
        async { Ok(concepts) }.boxed()
    }

    fn describe(&self) -> ProviderFacts {
        ProviderFacts {
            kind: ProviderKind::Simulator,
            host: "127.0.0.1".to_owned(),
            transcription_model: "t".to_owned(),
            concept_model: "c".to_owned(),
            circuit: Circuit::Closed,
        }
    }

    fn check(&self) -> BoxFuture<'_, Result<(), ProviderError>> {
        async { Ok(()) }.boxed()
    }
}

impl Store for Ready {
    fn save<'a>(&'a self, _: &'a Curation) -> BoxFuture<'a, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }

    fn find<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Curation>, StoreError>> {
        async { Ok(None) }.boxed()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }
}

impl Categories for Ready {
    fn all(&self) -> BoxFuture<'_, Result<Vec<EntityCategories>, StoreError>> {
        async { Ok(Vec::new()) }.boxed()
    }

    fn of<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<EntityCategories>, StoreError>> {
        async { Ok(None) }.boxed()
    }

    fn put<'a>(&'a self, _: &'a EntityCategories) -> BoxFuture<'a, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }

    fn remove<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<bool, StoreError>> {
        async { Ok(false) }.boxed()
    }
}

impl Fetch for Ready {
    fn fetch(&self, _: String) -> BoxFuture<'_, Result<Bytes, FetchError>> {
        let bytes = tone(Duration::from_secs(1), 440.0, 0.5).into();
        async { Ok(bytes) }.boxed()
    }
}

fn orchestrator() -> Orchestrator {
    Orchestrator::new(Tools {
        provider: Arc::new(Ready),
        store: Arc::new(Ready),
        categories: Arc::new(Ready),
        fetch: Arc::new(Ready),
        audio: AudioPolicy::default(),
    })
}

/// Whether a request is done the first time that it is polled: all of it on the event loop, then.
fn at_once(request: OrchestrateRequest) -> bool {
    let language: Language = "en".parse().unwrap();
    let orchestrator = orchestrator();
    orchestrator
        .orchestrate(request, language, "ana", Budget::of(Duration::from_secs(60)))
        .now_or_never()
        .is_some()
}

#[test]
fn nothing_that_takes_time_in_proportion_to_a_recording_is_done_on_the_event_loop() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.max_blocking_threads(1).enable_time().build().unwrap();
    let _entered = runtime.enter();
    // The one other thread is taken, so that nothing done elsewhere is done while we look.
    let (over, wait) = std::sync::mpsc::channel::<()>();
    runtime.spawn_blocking(move || wait.recv());
    let file = Some(STANDARD.encode(tone(Duration::from_secs(1), 440.0, 0.5)));
    let text = Some("Good fish.".to_owned());
    let words = OrchestrateRequest {
        text,
        ..OrchestrateRequest::default()
    };
    assert!(at_once(words.clone()), "words alone need no other thread");
    let beside = OrchestrateRequest {
        audio_file: file.clone(),
        ..words
    };
    assert!(!at_once(beside), "a recording beside a text");
    let sent = OrchestrateRequest {
        audio_file: file,
        ..OrchestrateRequest::default()
    };
    assert!(!at_once(sent), "a recording that was sent");
    let named = OrchestrateRequest {
        audio_url: Some("https://example.com/a.wav".to_owned()),
        ..OrchestrateRequest::default()
    };
    assert!(!at_once(named), "a recording that was fetched");
    drop(over);
}

/// Fetches for ever.
struct Never;

impl Fetch for Never {
    fn fetch(&self, _: String) -> BoxFuture<'_, Result<Bytes, FetchError>> {
        std::future::pending().boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn a_recording_that_does_not_come_takes_no_more_than_the_request_has_left() {
    let orchestrator = Orchestrator::new(Tools {
        fetch: Arc::new(Never),
        ..orchestrator().tools
    });
    let named = OrchestrateRequest {
        audio_url: Some("https://example.com/a.wav".to_owned()),
        ..OrchestrateRequest::default()
    };
    let budget = Budget::of(Duration::from_secs(3));
    let work = orchestrator.orchestrate(named, "en".parse().unwrap(), "ana", budget);
    let failed = tokio::time::timeout(Duration::from_secs(60), work).await.unwrap();
    assert_eq!(failed, Err(Failure::Fetch(FetchError::TooSlow)));
    assert!(budget.is_over());
}
