//! Starting services, and talking to them as a client would.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use orchestrate::app::{self, App, Running};
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::Settings;
use orchestrate::domain::concepts::{Concept, ConceptRequest, Concepts};
use orchestrate::domain::language::Language;
use orchestrate::domain::provider::{
    Clip, Provider, ProviderError, ProviderFacts, ProviderKind, Transcript,
};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

/// The origin that every test service allows.
pub const ALLOWED: &str = orchestrate::config::WEB_ORIGIN;

/// What a test provider does when it is asked.
#[derive(Clone)]
pub enum Behaviour {
    /// It fails.
    Fails(ProviderError),
    /// It panics.
    Panics,
    /// It never answers.
    Hangs,
}

/// A provider that misbehaves in the one way that a test wants.
pub struct BadProvider(pub Behaviour);

impl BadProvider {
    fn act<T>(&self) -> BoxFuture<'_, Result<T, ProviderError>>
    where
        T: Send,
    {
        match self.0.clone() {
            Behaviour::Fails(error) => async move { Err(error) }.boxed(),
            Behaviour::Panics => async { panic!("a test provider panics") }.boxed(),
            Behaviour::Hangs => std::future::pending().boxed(),
        }
    }
}

impl Provider for BadProvider {
    fn transcribe(&self, _: Clip, _: Option<Language>) -> BoxFuture<'_, Result<Transcript, ProviderError>> {
        self.act()
    }

    fn concepts(&self, _: ConceptRequest) -> BoxFuture<'_, Result<Concepts, ProviderError>> {
        self.act()
    }

    fn describe(&self) -> ProviderFacts {
        ProviderFacts {
            kind: ProviderKind::Simulator,
            host: "127.0.0.1".into(),
            transcription_model: "t".into(),
            concept_model: "c".into(),
        }
    }

    fn check(&self) -> BoxFuture<'_, Result<(), ProviderError>> {
        self.act()
    }
}
