//! A panic costs the request that it happens in, and nobody else anything: not who is worked on, not who comes after, not the
//! connection that it came over.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use orchestrate::domain::budget::Budget;
use orchestrate::domain::concepts::{Concept, ConceptRequest, Concepts};
use orchestrate::domain::language::Language;
use orchestrate::domain::provider::{Clip, Provider, ProviderError, ProviderFacts, Transcript};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::support::{
    ALLOWED, BadProvider, Behaviour, Service, expect_problem, header, json as read, settings, start_over,
};

const WORDS_THAT_CRASH: &str = "crash";

/// Crashes at certain words, and has an answer for others once it is let.
pub(crate) struct Crashing {
    /// One for each call that arrived.
    pub(crate) arrived: Semaphore,
    /// One for each call that may be answered.
    pub(crate) answers: Semaphore,
}

impl Default for Crashing {
    fn default() -> Self {
        Self {
            arrived: Semaphore::new(0),
            answers: Semaphore::new(0),
        }
    }
}

impl Crashing {
    async fn answer(&self, request: ConceptRequest) -> Result<Concepts, ProviderError> {
        self.arrived.add_permits(1);
        assert_ne!(request.text, WORDS_THAT_CRASH, "a test provider panics");
        self.answers.acquire().await.unwrap().forget();
        Ok(Concepts {
            concepts: vec![Concept {
                category: "mood".to_owned(),
                value: request.text,
            }],
            model: "c".to_owned(),
        })
    }
}

impl Provider for Crashing {
    fn transcribe(
        &self,
        _: Clip,
        _: Option<Language>,
        _: Budget,
    ) -> BoxFuture<'_, Result<Transcript, ProviderError>> {
        async { Err(ProviderError::Timeout) }.boxed()
    }

    fn concepts(&self, request: ConceptRequest, _: Budget) -> BoxFuture<'_, Result<Concepts, ProviderError>> {
        self.answer(request).boxed()
    }

    fn describe(&self) -> ProviderFacts {
        BadProvider(Behaviour::Panics).describe()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), ProviderError>> {
        async { Ok(()) }.boxed()
    }
}

async fn start(concurrency: usize) -> (Arc<Crashing>, Service) {
    let provider = Arc::new(Crashing::default());
    let mut settings = settings();
    settings.limits.concurrency = concurrency;
    (provider.clone(), start_over(settings, provider).await)
}

#[tokio::test]
async fn who_is_worked_on_while_another_request_panics_is_answered() {
    const OTHERS: u32 = 16;
    let (provider, service) = start(64).await;
    let others: Vec<_> = (0..OTHERS)
        .map(|number| {
            tokio::spawn(
                service
                    .orchestrate(&json!({"text": format!("Quiet {number}.")}))
                    .send(),
            )
        })
        .collect();
    provider.arrived.acquire_many(OTHERS).await.unwrap().forget();
    for _ in 0..3 {
        let crash = service.orchestrate(&json!({"text": WORDS_THAT_CRASH}));
        let problem = expect_problem(crash, 500, "internal_error").await;
        assert!(!problem.to_string().contains("test provider"), "{problem}");
    }
    provider.answers.add_permits(OTHERS as usize);
    for (number, other) in others.into_iter().enumerate() {
        let (status, answer) = read(other.await.unwrap().unwrap()).await;
        assert_eq!(status, 200, "{answer}");
        // Its own, and nobody else's.
        assert_eq!(
            answer["results"]["concepts"]["concepts"][0]["value"],
            format!("Quiet {number}.")
        );
    }
}

#[tokio::test]
async fn a_place_that_a_panic_held_is_free_again() {
    let (provider, service) = start(2).await;
    for _ in 0..10 {
        let crash = service
            .orchestrate(&json!({"text": WORDS_THAT_CRASH}))
            .send()
            .await
            .unwrap();
        assert_eq!(crash.status(), 500);
        assert_eq!(header(&crash, "access-control-allow-origin"), ALLOWED);
    }
    provider.answers.add_permits(1);
    let after = service
        .orchestrate(&json!({"text": "Quiet."}))
        .send()
        .await
        .unwrap();
    assert_eq!(after.status(), 200);
}

/// The original's server closed it without saying so, and the next request over it was lost.
#[tokio::test]
async fn a_connection_goes_on_after_a_panic() {
    let (provider, service) = start(64).await;
    let mut socket = TcpStream::connect(service.running.address()).await.unwrap();
    provider.answers.add_permits(1);
    for (text, status) in [(WORDS_THAT_CRASH, 500), ("Quiet.", 200)] {
        let body = json!({ "text": text }).to_string();
        let request = format!(
            "POST /api/v3/ai/orchestrate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            service.token(),
            body.len()
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(socket.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut answer = vec![0; length.unwrap().parse().unwrap()];
        socket.read_exact(&mut answer).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}{answer}");
        assert!(!head.contains("connection: close"), "{head}");
    }
}
