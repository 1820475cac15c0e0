//! The issuer that a run is for a service that it starts: it mints good and bad tokens, and serves OpenID discovery and its
//! public keys on the loopback address, so that the whole family of authentication is judged without anybody's secret.
//!
//! Every token is made before the service starts. Then the private keys are gone, and what is served is public.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::model::issuer::Algorithm;
use crate::model::probe::SecretName;
use crate::model::target::Scheme;
use crate::target::test_issuer::TestIssuer;
use crate::transport::secret::{Secret, Vault};
use crate::transport::signer::Signer;

/// The `kid` of the key that signs.
const KID: &str = "greenlight-run";

/// Whom good tokens are about, unless the profile's claims say.
const SUBJECT: &str = "greenlight";

/// Where the key set is served.
const KEY_SET: &str = "/.well-known/jwks.json";

/// How long a good token outlasts the bound of the run, in seconds: the service may be slow to start.
const SPARE: i64 = 3_600;

/// Why there is no issuer.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// No port is free.
    #[error("no port of the loopback address is free: {0}")]
    Port(#[from] io::Error),
    /// The system gives no randomness, or signing failed.
    #[error("no key could be made for it")]
    Key,
}

/// An issuer that serves until it is dropped.
#[derive(Debug)]
pub struct Issuer {
    variables: Vec<(String, String)>,
    vault: Vault,
    _serving: JoinSet<()>,
}

impl Issuer {
    /// Makes keys and tokens, and serves what is public of them. `run_ms` is how long the run may take at most.
    pub async fn start(settings: &TestIssuer, good: &SecretName, run_ms: u64) -> Result<Issuer, IssuerError> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (vault, key_set) = minted(settings, &url, good, run_ms)?;
        let documents = Arc::new([discovery(&url, settings.algorithm).to_string(), key_set]);
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, documents));
        let variables = vec![
            (settings.issuer_env.clone(), url.clone()),
            (settings.audience_env.clone(), settings.audience.clone()),
            (settings.jwks_url_env.clone(), format!("{url}{KEY_SET}")),
        ];
        Ok(Issuer {
            variables,
            vault,
            _serving: serving,
        })
    }

    /// What the service is told, by name of the variable.
    pub fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// A vault with every token of this issuer.
    pub fn vault(&self) -> Vault {
        self.vault.clone()
    }
}

/// Every token of an issuer at this URL under the name of the good one, and its key set.
pub fn minted(
    settings: &TestIssuer,
    url: &str,
    good: &SecretName,
    run_ms: u64,
) -> Result<(Vault, String), IssuerError> {
    let made = || Signer::made(settings.algorithm, KID).map_err(|_| IssuerError::Key);
    // The foreign key goes by the same `kid`: a verifier that looks at the name alone takes it.
    let (own, foreign) = (made()?, made()?);
    let now = Timestamp::now();
    let spare = SPARE.saturating_add(i64::try_from(run_ms / 1_000).unwrap_or(SPARE));
    let mut claims = json!({"sub": SUBJECT});
    for (name, value) in &settings.claims {
        claims[name] = value.clone();
    }
    claims["iss"] = json!(url);
    claims["aud"] = json!(settings.audience);
    claims["iat"] = json!(now.as_second());
    claims["nbf"] = json!(now.as_second());
    claims["exp"] = json!(now.as_second().saturating_add(spare));
    let token = own.token(&claims).ok_or(IssuerError::Key)?;
    let published = own.published().ok_or(IssuerError::Key)?;
    let key_set = json!({"keys": [published]}).to_string();
    let vault = Vault::new(Scheme::Bearer)
        .with(good.clone(), Secret::new(&token))
        .signed_by(good, &own, now)
        .forged_by(good, &foreign, &key_set);
    Ok((vault, key_set))
}

/// What an OpenID provider says of itself (OpenID Connect Discovery 1.0 §3). Nobody logs in here, so the endpoints that it
/// must name are not served.
fn discovery(url: &str, algorithm: Algorithm) -> Value {
    json!({
        "issuer": url,
        "jwks_uri": format!("{url}{KEY_SET}"),
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [algorithm.name()],
    })
}

/// Serves discovery and key set, in this order.
type Documents = Arc<[String; 2]>;

async fn serve(listener: TcpListener, documents: Documents) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    open.spawn(connection(stream, documents.clone()));
                }
            }
            Some(_) = open.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, documents: Documents) {
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = answer(request.method(), request.uri().path(), &documents);
        async move { Ok::<_, Infallible>(answer) }
    });
    let http1 = hyper::server::conn::http1::Builder::new();
    // A service that goes away in the middle of it is told of elsewhere.
    let _ = http1.serve_connection(TokioIo::new(stream), service).await;
}

fn answer(method: &Method, path: &str, documents: &[String; 2]) -> Response<Full<Bytes>> {
    let [discovery, key_set] = documents;
    let (status, text) = match path {
        _ if !matches!(*method, Method::GET | Method::HEAD) => (StatusCode::METHOD_NOT_ALLOWED, None),
        // By OpenID, and by OAuth (RFC 8414 §3).
        "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server" => {
            (StatusCode::OK, Some(discovery))
        }
        KEY_SET => (StatusCode::OK, Some(key_set)),
        _ => (StatusCode::NOT_FOUND, None),
    };
    let body = text.map_or_else(|| r#"{"error":"not_found"}"#.to_owned(), Clone::clone);
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = header::HeaderValue::from_static("GET, HEAD");
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::jwk::JwkSet;
    use jsonwebtoken::{DecodingKey, Validation, decode};

    use super::*;
    use crate::model::probe::{Mutation, Who};
    use crate::target::test_issuer::{AUDIENCE_ENV, ISSUER_ENV, JWKS_URL_ENV};

    fn settings(algorithm: Algorithm) -> TestIssuer {
        let claims = json!({"sub": "ana", "type": "access"});
        TestIssuer {
            issuer_env: ISSUER_ENV.into(),
            audience_env: AUDIENCE_ENV.into(),
            jwks_url_env: JWKS_URL_ENV.into(),
            audience: "notes".into(),
            algorithm,
            claims: claims.as_object().unwrap().clone(),
        }
    }

    fn good() -> SecretName {
        SecretName("good".into())
    }

    /// The token that goes onto the wire.
    fn sent(vault: &Vault, mutation: Mutation) -> String {
        let who = Who {
            secret: good(),
            mutation,
        };
        assert!(vault.holds(&who), "{mutation:?}");
        let (_, value, _) = vault.header(&who, None).unwrap();
        let (_, token) = value.to_str().unwrap().split_once(' ').unwrap();
        token.to_owned()
    }

    /// Whether a verifier that does everything right lets it in, with the key set that is served.
    fn believed(token: &str, key_set: &str, url: &str, algorithm: jsonwebtoken::Algorithm) -> bool {
        let keys: JwkSet = serde_json::from_str(key_set).unwrap();
        let kid = jsonwebtoken::decode_header(token)
            .ok()
            .and_then(|header| header.kid);
        let Some(key) = kid.and_then(|kid| keys.find(&kid).cloned()) else {
            return false;
        };
        let mut options = Validation::new(algorithm);
        options.validate_nbf = true;
        options.set_audience(&["notes"]);
        options.set_issuer(&[url]);
        options.set_required_spec_claims(&["exp", "aud", "iss"]);
        let claims = decode::<Value>(token, &DecodingKey::from_jwk(&key).unwrap(), &options);
        claims.is_ok_and(|decoded| decoded.claims["type"] == "access")
    }

    #[tokio::test]
    async fn a_service_that_follows_discovery_believes_the_good_token_and_no_other() {
        for (algorithm, known) in [
            (Algorithm::Rs256, jsonwebtoken::Algorithm::RS256),
            (Algorithm::Es256, jsonwebtoken::Algorithm::ES256),
        ] {
            let issuer = Issuer::start(&settings(algorithm), &good(), 300_000)
                .await
                .unwrap();
            let told = |name: &str| {
                let mut all = issuer.variables().iter();
                all.find(|(told, _)| told == name).unwrap().1.clone()
            };
            let url = told(ISSUER_ENV);
            let fetched = |url: String| async move { reqwest::get(url).await.unwrap().text().await.unwrap() };
            let discovery = fetched(format!("{url}/.well-known/openid-configuration")).await;
            let discovery: Value = serde_json::from_str(&discovery).unwrap();
            assert_eq!(discovery["issuer"], url);
            assert_eq!(discovery["jwks_uri"], told(JWKS_URL_ENV));
            let keys = fetched(told(JWKS_URL_ENV)).await;
            assert!(!keys.contains("\"d\""), "the private half is nowhere: {keys}");
            let vault = issuer.vault();
            let lets_in = |mutation| believed(&sent(&vault, mutation), &keys, &url, known);
            assert!(lets_in(Mutation::AsIs) && lets_in(Mutation::Reminted));
            let bad = Mutation::MINTED.iter().chain(Mutation::FOREIGN);
            for mutation in bad.filter(|mutation| !mutation.is_good()) {
                assert!(!lets_in(*mutation), "{mutation:?}");
            }
            assert!(!lets_in(Mutation::PublicKeyAsSecret));
        }
    }

    #[tokio::test]
    async fn it_is_gone_when_it_is_dropped_and_serves_nothing_else() {
        let issuer = Issuer::start(&settings(Algorithm::Es256), &good(), 0)
            .await
            .unwrap();
        let url = issuer.variables()[0].1.clone();
        let status = |path: &str| {
            let url = format!("{url}{path}");
            async move { reqwest::get(url).await.map(|answer| answer.status().as_u16()) }
        };
        assert_eq!(status("/token").await.unwrap(), 404);
        let posted = reqwest::Client::new()
            .post(format!("{url}{KEY_SET}"))
            .send()
            .await;
        assert_eq!(posted.unwrap().status(), 405);
        drop(issuer);
        let gone = async {
            while status(KEY_SET).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), gone)
            .await
            .unwrap();
    }
}
