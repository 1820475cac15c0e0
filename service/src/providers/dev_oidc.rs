//! An OpenID provider for development, on loopback: it believes everybody who they say they are, and says so on its page.
//!
//! It is reached over real sockets, by the same client as any other provider, so that there is one code path. It sends people
//! back to loopback only, checks PKCE, and gives each code once; production refuses it. `prompt=none` (OpenID Connect Core 1.0
//! §3.1.2.1) answers without the page, for tests.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use poem::http::{StatusCode, header};
use poem::listener::TcpAcceptor;
use poem::web::{Data, Form, Html, Json, Query};
use poem::{EndpointExt, IntoResponse, Response, Route, handler};
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::{OnceCell, oneshot};

use crate::auth::key::random;
use crate::login::flow::challenge_of;
use crate::login::provider::{Door, Grant, Identity, IdentityProvider, ProviderTrouble};
use crate::providers::oidc::OpenIdProvider;
use crate::providers::openai::settings::is_loopback;

/// What it calls its one client.
pub const CLIENT_ID: &str = "orchestrate-development";

/// Who logs in when nobody says.
pub const SOMEBODY: &str = "developer@orchestrate.example";

/// How long a code is good.
const CODE_TTL: Duration = Duration::from_secs(60);

/// The most codes that are good at once.
const MOST_CODES: usize = 1000;

/// The name of its key.
const KEY_ID: &str = "development";

/// A running provider; it stops when dropped.
pub struct DevProvider {
    issuer: String,
    /// Dropped with this, which the server takes for its word to stop.
    _stop: oneshot::Sender<()>,
}

struct Shared {
    issuer: String,
    key: EncodingKey,
    codes: Mutex<HashMap<String, (Asked, Instant)>>,
}

/// What a browser brings along, from us.
#[derive(Clone, Deserialize)]
struct Asked {
    client_id: String,
    redirect_uri: String,
    state: String,
    nonce: String,
    code_challenge: String,
    code_challenge_method: String,
    #[serde(default)]
    prompt: String,
    #[serde(default = "somebody")]
    login_hint: String,
}

fn somebody() -> String {
    SOMEBODY.to_owned()
}

#[derive(Deserialize)]
struct Exchange {
    code: String,
    redirect_uri: String,
    code_verifier: String,
    client_id: String,
}

impl DevProvider {
    /// Starts one on a free port of 127.0.0.1, on the Tokio runtime that this is called on.
    ///
    /// # Errors
    /// When there is no runtime, no port or no key to be had.
    pub fn start() -> io::Result<Self> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let pair = pair.map_err(|_| io::Error::other("no key could be made"))?;
        let shared = Arc::new(Shared {
            issuer: issuer.clone(),
            key: EncodingKey::from_ec_der(pair.as_ref()),
            codes: Mutex::default(),
        });
        let routes = Route::new()
            .at("/.well-known/openid-configuration", poem::get(configuration))
            .at("/keys", poem::get(keys))
            .at("/authorize", poem::get(page).post(approve))
            .at("/token", poem::post(token))
            .data(shared);
        let acceptor = TcpAcceptor::from_std(listener)?;
        let (stop, stopped) = oneshot::channel::<()>();
        runtime.spawn(async move {
            let signal = async {
                // Sent or dropped: both mean stop.
                let _ = stopped.await;
            };
            let server = poem::Server::new_with_acceptor(acceptor).name("development provider");
            server
                .run_with_graceful_shutdown(routes, signal, Some(Duration::ZERO))
                .await
        });
        Ok(Self { issuer, _stop: stop })
    }

    /// Its issuer: where it is.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

#[handler]
fn configuration(Data(shared): Data<&Arc<Shared>>) -> Json<Value> {
    let issuer = &shared.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

#[handler]
fn keys(Data(shared): Data<&Arc<Shared>>) -> Response {
    let key = Jwk::from_encoding_key(&shared.key, Algorithm::ES256).ok();
    let Some(Ok(mut key)) = key.map(serde_json::to_value) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    key["kid"] = json!(KEY_ID);
    key["use"] = json!("sig");
    Json(json!({"keys": [key]})).into_response()
}

#[handler]
fn page(Query(asked): Query<Asked>, Data(shared): Data<&Arc<Shared>>) -> Response {
    if let Err(why) = asked.check() {
        return refused(why);
    }
    if asked.prompt == "none" {
        return shared.send_back(asked);
    }
    let hidden = [
        ("client_id", &asked.client_id),
        ("redirect_uri", &asked.redirect_uri),
        ("state", &asked.state),
        ("nonce", &asked.nonce),
        ("code_challenge", &asked.code_challenge),
        ("code_challenge_method", &asked.code_challenge_method),
    ];
    let hidden =
        hidden.map(|(name, value)| format!("<input type=hidden name={name} value=\"{}\">", escaped(value)));
    Html(format!(
        "<!doctype html><meta charset=utf-8><title>Log in (development)</title>\
         <h1>Log in</h1><p>This is the provider for development. It believes everybody.</p>\
         <form method=post>{}<label>Who are you? <input name=login_hint type=email required value=\"{}\"></label> \
         <button>Log in</button></form>",
        hidden.concat(),
        escaped(&asked.login_hint)
    ))
    .with_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    .with_header(header::CACHE_CONTROL, "no-store")
    .into_response()
}

#[handler]
fn approve(Form(asked): Form<Asked>, Data(shared): Data<&Arc<Shared>>) -> Response {
    match asked.check() {
        Ok(()) => shared.send_back(asked),
        Err(why) => refused(why),
    }
}

#[handler]
fn token(Form(exchange): Form<Exchange>, Data(shared): Data<&Arc<Shared>>) -> Response {
    match shared.exchange(&exchange) {
        Some(id_token) => Json(json!({
            "access_token": "of no use",
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": id_token,
        }))
        .with_header(header::CACHE_CONTROL, "no-store")
        .into_response(),
        None => Json(json!({"error": "invalid_grant"}))
            .with_status(StatusCode::BAD_REQUEST)
            .into_response(),
    }
}

fn refused(why: &'static str) -> Response {
    why.with_status(StatusCode::BAD_REQUEST).into_response()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

impl Asked {
    /// Whether it is our client that asks, wants to be answered on loopback, and does what PKCE asks for.
    fn check(&self) -> Result<(), &'static str> {
        if self.client_id != CLIENT_ID {
            return Err("unknown client");
        }
        if !Url::parse(&self.redirect_uri).is_ok_and(|address| is_loopback(&address)) {
            return Err("the development provider sends nobody anywhere but to loopback");
        }
        if self.code_challenge_method != "S256" || self.code_challenge.is_empty() {
            return Err("PKCE with S256 is needed");
        }
        Ok(())
    }
}

impl Shared {
    fn send_back(&self, asked: Asked) -> Response {
        let Ok(mut target) = Url::parse(&asked.redirect_uri) else {
            return refused("no address");
        };
        let Ok(code) = random::<16>() else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        target
            .query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &asked.state)
            .append_pair("iss", &self.issuer);
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|_, (_, given)| given.elapsed() < CODE_TTL);
        if codes.len() >= MOST_CODES {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        codes.insert(code, (asked, Instant::now()));
        StatusCode::FOUND
            .with_header(header::LOCATION, target.as_str())
            .with_header(header::CACHE_CONTROL, "no-store")
            .into_response()
    }

    /// The ID token for a code, which is good once.
    fn exchange(&self, exchange: &Exchange) -> Option<String> {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let (asked, given) = codes.remove(&exchange.code)?;
        let same = asked.redirect_uri == exchange.redirect_uri
            && asked.client_id == exchange.client_id
            && asked.code_challenge == challenge_of(&exchange.code_verifier);
        if !same || given.elapsed() >= CODE_TTL {
            return None;
        }
        let now = Timestamp::now().as_second();
        let claims = json!({
            "iss": self.issuer, "aud": asked.client_id, "sub": asked.login_hint, "nonce": asked.nonce,
            "iat": now, "exp": now + 300, "email": asked.login_hint, "email_verified": true,
        });
        let header = Header {
            kid: Some(KEY_ID.to_owned()),
            ..Header::new(Algorithm::ES256)
        };
        jsonwebtoken::encode(&header, &claims, &self.key).ok()
    }
}

/// The provider for development, started with the first login that needs it.
#[derive(Default)]
pub struct Embedded(OnceCell<(DevProvider, OpenIdProvider)>);

impl Embedded {
    async fn started(&self) -> Result<&OpenIdProvider, ProviderTrouble> {
        let start = || async {
            let provider = DevProvider::start().map_err(|_| ProviderTrouble::Away)?;
            let client = OpenIdProvider::new(provider.issuer(), CLIENT_ID, None);
            Ok((provider, client))
        };
        Ok(&self.0.get_or_try_init(start).await?.1)
    }
}

impl IdentityProvider for Embedded {
    fn door(&self) -> BoxFuture<'_, Result<Door, ProviderTrouble>> {
        async move { self.started().await?.door().await }.boxed()
    }

    fn exchange<'a>(&'a self, grant: Grant<'a>) -> BoxFuture<'a, Result<Identity, ProviderTrouble>> {
        async move { self.started().await?.exchange(grant).await }.boxed()
    }
}
