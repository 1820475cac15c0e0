//! Any OpenID provider, found by its issuer (OpenID Connect Discovery 1.0 §4).
//!
//! What it says of itself is fetched when the first login needs it and kept for an hour; when it cannot be fetched again, what it
//! said before is used. Its keys are kept as [`crate::auth::keyring`] keeps those of any issuer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::{Client, RequestBuilder, Url, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::auth::foreign::Foreign;
use crate::auth::gate::Refusal;
use crate::auth::keyring::{KeyPolicy, KeyRing};
use crate::login::provider::{Door, Grant, Identity, IdentityProvider, ProviderTrouble};
use crate::providers::jwks::HttpKeys;
use crate::providers::reach;
use crate::secret::Secret;

/// How long what a provider says of itself is used without a question.
const FRESH: Duration = Duration::from_secs(3600);

/// How far its clock and ours may disagree.
const LEEWAY: Duration = Duration::from_secs(60);

/// An OpenID provider.
pub struct OpenIdProvider {
    issuer: String,
    client_id: String,
    client_secret: Option<Secret>,
    client: OnceCell<Client>,
    known: Mutex<Option<(Arc<Known>, Instant)>>,
}

/// What is known of a provider.
struct Known {
    authorization: Url,
    token: Url,
    in_body: bool,
    tokens: Foreign,
}

/// What a provider publishes of itself, as far as we need it.
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
}

/// The claims of an ID token that are ours to judge (OpenID Connect Core 1.0 §3.1.3.7).
#[derive(Deserialize)]
struct IdClaims {
    sub: String,
    aud: Value,
    azp: Option<String>,
    nonce: Option<String>,
    email: Option<String>,
    email_verified: Option<Value>,
}

impl OpenIdProvider {
    /// The provider of this issuer, which calls us so. Fetches nothing yet.
    #[must_use]
    pub fn new(issuer: &str, client_id: &str, client_secret: Option<Secret>) -> Self {
        Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret,
            client: OnceCell::new(),
            known: Mutex::default(),
        }
    }

    async fn client(&self) -> Result<&Client, ProviderTrouble> {
        let make = || async {
            let issuer = Url::parse(&self.issuer).map_err(|_| ProviderTrouble::Odd("no issuer"))?;
            reach::client(&issuer).ok_or(ProviderTrouble::Odd("no TLS"))
        };
        self.client.get_or_try_init(make).await
    }

    async fn known(&self) -> Result<Arc<Known>, ProviderTrouble> {
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((known, fetched)) = &kept
            && fetched.elapsed() < FRESH
        {
            return Ok(known.clone());
        }
        match (self.discover().await, kept) {
            (Ok(known), _) => {
                let known = Arc::new(known);
                let mut kept = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                *kept = Some((known.clone(), Instant::now()));
                Ok(known)
            }
            (Err(trouble), Some((known, _))) => {
                tracing::warn!(
                    ?trouble,
                    "what the login provider says of itself is that of before"
                );
                Ok(known)
            }
            (Err(trouble), None) => Err(trouble),
        }
    }

    async fn discover(&self) -> Result<Known, ProviderTrouble> {
        let address = format!(
            "{}/.well-known/openid-configuration",
            self.issuer.trim_end_matches('/')
        );
        let request = self.client().await?.get(address);
        let said: Discovery = ask(request).await?;
        // Else one provider could speak for another (OpenID Connect Discovery 1.0 §4.3).
        if said.issuer != self.issuer {
            return Err(ProviderTrouble::Odd("it says that it is another issuer"));
        }
        let plain = self.issuer.starts_with("http://");
        for address in [&said.authorization_endpoint, &said.token_endpoint, &said.jwks_uri] {
            if address.scheme() != "https" && !(plain && address.scheme() == "http") {
                return Err(ProviderTrouble::Odd("an address of it is not https"));
            }
        }
        let methods = &said.token_endpoint_auth_methods_supported;
        let takes = |method: &str| methods.iter().any(|taken| taken == method);
        let ring = KeyRing::new(Arc::new(HttpKeys::new(said.jwks_uri)), KeyPolicy::default());
        Ok(Known {
            // `client_secret_basic` is the one that is meant when nothing is said.
            in_body: takes("client_secret_post") && !takes("client_secret_basic"),
            authorization: said.authorization_endpoint,
            token: said.token_endpoint,
            tokens: Foreign::new(ring, &self.issuer, &self.client_id, LEEWAY),
        })
    }

    async fn fetch(&self, known: &Known, grant: Grant<'_>) -> Result<TokenAnswer, ProviderTrouble> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", grant.code),
            ("redirect_uri", grant.callback),
            ("code_verifier", grant.verifier),
        ];
        let request = self.client().await?.post(known.token.clone());
        let request = match &self.client_secret {
            Some(secret) if !known.in_body => {
                // Each is encoded as in a form before it goes into the header (RFC 6749 §2.3.1).
                let encoded =
                    |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                request.basic_auth(encoded(&self.client_id), Some(encoded(secret.expose())))
            }
            secret => {
                form.push(("client_id", &*self.client_id));
                form.extend(secret.as_ref().map(|secret| ("client_secret", secret.expose())));
                request
            }
        };
        ask(request.form(&form)).await
    }

    async fn identity(&self, grant: Grant<'_>) -> Result<Identity, ProviderTrouble> {
        let known = self.known().await?;
        let answer = self.fetch(&known, grant).await?;
        let claims: IdClaims =
            known
                .tokens
                .claims(&answer.id_token)
                .await
                .map_err(|refusal| match refusal {
                    Refusal::KeysAway => ProviderTrouble::Away,
                    Refusal::Invalid(error) => {
                        tracing::warn!(%error, "an ID token is not believed");
                        ProviderTrouble::Odd("the ID token is not believed")
                    }
                    _ => ProviderTrouble::Odd("the ID token is not believed"),
                })?;
        if claims.nonce.as_deref() != Some(grant.nonce) {
            return Err(ProviderTrouble::Odd("the ID token answers another login"));
        }
        // A token for several audiences says which of them asked for it.
        let several = claims.aud.as_array().is_some_and(|all| all.len() > 1);
        if (several || claims.azp.is_some()) && claims.azp.as_ref() != Some(&self.client_id) {
            return Err(ProviderTrouble::Odd("the ID token is for another client"));
        }
        let verified = match claims.email_verified {
            Some(Value::Bool(verified)) => verified,
            // Some providers send it as a text.
            Some(Value::String(text)) => text == "true",
            _ => false,
        };
        Ok(Identity {
            subject: claims.sub,
            email: claims.email.filter(|_| verified),
        })
    }
}

/// Sends, and reads JSON within bounds.
async fn ask<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, ProviderTrouble> {
    let request = request.header(header::ACCEPT, "application/json");
    let response = request.send().await.map_err(|error| {
        if error.is_timeout() {
            ProviderTrouble::Slow
        } else {
            ProviderTrouble::Away
        }
    })?;
    let status = response.status();
    if status.is_client_error() {
        return Err(ProviderTrouble::Refused);
    }
    if !status.is_success() {
        return Err(ProviderTrouble::Odd("it fails"));
    }
    let body = reach::body(response).await.map_err(|word| match word {
        "timeout" => ProviderTrouble::Slow,
        word => ProviderTrouble::Odd(word),
    })?;
    serde_json::from_slice(&body).map_err(|_| ProviderTrouble::Odd("no JSON of the kind that was asked for"))
}

impl IdentityProvider for OpenIdProvider {
    fn door(&self) -> BoxFuture<'_, Result<Door, ProviderTrouble>> {
        async move {
            let known = self.known().await?;
            Ok(Door {
                issuer: self.issuer.clone(),
                address: known.authorization.clone(),
            })
        }
        .boxed()
    }

    fn exchange<'a>(&'a self, grant: Grant<'a>) -> BoxFuture<'a, Result<Identity, ProviderTrouble>> {
        self.identity(grant).boxed()
    }
}
