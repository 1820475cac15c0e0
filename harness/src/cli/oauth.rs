//! A token from an authorization server, for a client in its own name (RFC 6749 §4.4). Asked for once, before the run; what
//! the server says is shown only as far as the standard defines it.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Deserialize;

use crate::cli::client::Asking;
use crate::cli::complaint::Complaint;
use crate::cli::inputs::told;
use crate::transport::redact::Redactor;
use crate::transport::secret::Secret;

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// No answer with a token is larger.
const LARGEST: usize = 64 * 1024;

/// Who asks.
#[derive(Debug)]
pub struct Client {
    /// Its id.
    pub id: Secret,
    /// Its secret.
    pub secret: Secret,
}

/// The errors that there are (RFC 6749 §5.2). Another word is the server's own, and may be anything that it was told.
const ERRORS: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// A good answer (RFC 6749 §5.1).
#[derive(Deserialize)]
struct Granted {
    access_token: zeroize::Zeroizing<String>,
    token_type: String,
}

/// A refusal (RFC 6749 §5.2).
#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// Asks for a token. The client proves itself by HTTP Basic, and in the body where the server refuses that (RFC 6749
/// §2.3.1 asks every server for the first).
pub async fn token(url: &str, client: &Client, scope: Option<&str>) -> Result<Secret, Complaint> {
    let known = Redactor::new([client.id.expose(), client.secret.expose()].into_iter(), None);
    let wrong = |why: String| {
        Complaint::usage(
            format_args!("the token endpoint {url} gave no token"),
            known.said(&why),
            "check token_url, scope and the two variables under [auth]; nothing was sent to the service",
        )
    };
    let asking = Asking::within(PATIENCE).map_err(|error| wrong(error.to_string()))?;
    let mut form = vec![("grant_type", "client_credentials")];
    form.extend(scope.map(|scope| ("scope", scope)));
    let basic = asking
        .request(Method::POST, url)
        .basic_auth(encoded(&client.id), Some(encoded(&client.secret)))
        .form(&form);
    let mut answer = answered(basic).await.map_err(wrong)?;
    if answer.is_about_the_client() {
        form.extend([
            ("client_id", client.id.expose()),
            ("client_secret", client.secret.expose()),
        ]);
        answer = answered(asking.request(Method::POST, url).form(&form))
            .await
            .map_err(wrong)?;
    }
    answer.token().map_err(wrong)
}

/// As `application/x-www-form-urlencoded`, which RFC 6749 §2.3.1 asks for inside of Basic.
fn encoded(secret: &Secret) -> String {
    url::form_urlencoded::byte_serialize(secret.expose().as_bytes()).collect()
}

/// What the server said.
struct Answer {
    status: StatusCode,
    body: zeroize::Zeroizing<Vec<u8>>,
}

async fn answered(request: RequestBuilder) -> Result<Answer, String> {
    let mut response: Response = request
        .header("accept", "application/json")
        .send()
        .await
        .map_err(told)?;
    let status = response.status();
    let mut body = zeroize::Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(told)? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST {
            return Err(format!("its answer has more than {LARGEST} bytes"));
        }
    }
    Ok(Answer { status, body })
}

impl Answer {
    fn is_about_the_client(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED || self.error().is_some_and(|error| error == "invalid_client")
    }

    /// The error's name, when it is one of those that the standard allows.
    fn error(&self) -> Option<String> {
        let refused: Refused = serde_json::from_slice(&self.body).ok()?;
        ERRORS.contains(&refused.error.as_str()).then_some(refused.error)
    }

    fn token(&self) -> Result<Secret, String> {
        if self.status != StatusCode::OK {
            return Err(match self.error() {
                Some(error) => format!("it answers {} with the error {error}", self.status),
                None => format!("it answers {}", self.status),
            });
        }
        // Not the parser's own words: they may quote what should stay secret.
        let granted: Granted = serde_json::from_slice(&self.body).map_err(|_| {
            "its answer holds no access_token and token_type (RFC 6749 section 5.1)".to_owned()
        })?;
        if !granted.token_type.eq_ignore_ascii_case("bearer") {
            return Err("its token is of another type than bearer".to_owned());
        }
        let secret = Secret::new(&granted.access_token);
        if secret.is_empty() {
            return Err("its access_token is empty".to_owned());
        }
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::{basic_auth, body_string_contains, method};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    fn client() -> Client {
        Client {
            id: Secret::new("reader one"),
            secret: Secret::new("s3cret:with/signs"),
        }
    }

    fn granted() -> ResponseTemplate {
        ResponseTemplate::new(200).set_body_json(
            serde_json::json!({"access_token": "a.b.c", "token_type": "Bearer", "expires_in": 60}),
        )
    }

    #[tokio::test]
    async fn a_client_proves_itself_by_basic_with_its_parts_encoded() {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(basic_auth("reader+one", "s3cret%3Awith%2Fsigns"))
            .and(body_string_contains(
                "grant_type=client_credentials&scope=notes+read",
            ))
            .respond_with(granted())
            .expect(1)
            .mount(&server)
            .await;
        let token = token(&server.uri(), &client(), Some("notes read")).await.unwrap();
        assert_eq!(token.expose(), "a.b.c");
    }

    #[tokio::test]
    async fn a_server_that_wants_it_in_the_body_gets_it_there() {
        let server = MockServer::start().await;
        Mock::given(body_string_contains("client_secret=s3cret%3Awith%2Fsigns"))
            .respond_with(granted())
            .mount(&server)
            .await;
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(401).set_body_string(r#"{"error":"invalid_client"}"#))
            .mount(&server)
            .await;
        assert!(token(&server.uri(), &client(), None).await.is_ok());
    }

    #[tokio::test]
    async fn what_the_server_says_is_shown_as_far_as_the_standard_defines_it() {
        for (status, body, said) in [
            (
                400,
                r#"{"error":"invalid_scope","error_description":"s3cret:with/signs"}"#,
                "invalid_scope",
            ),
            (500, "s3cret:with/signs", "500 Internal Server Error"),
            (
                200,
                r#"{"access_token": 7, "s": "s3cret:with/signs"}"#,
                "no access_token",
            ),
            (
                200,
                r#"{"access_token": "x", "token_type": "mac"}"#,
                "another type",
            ),
            (400, r#"{"error":"a_secret_in_lower_case"}"#, "400 Bad Request"),
            (302, "", "302 Found"),
        ] {
            let server = MockServer::start().await;
            let answer = ResponseTemplate::new(status).set_body_string(body);
            Mock::given(method("POST"))
                .respond_with(answer)
                .mount(&server)
                .await;
            let told = token(&server.uri(), &client(), None).await.unwrap_err();
            assert!(told.text.contains(said), "{}", told.text);
            assert!(!told.text.contains("s3cret"), "{}", told.text);
            assert!(!told.text.contains("a_secret"), "{}", told.text);
            assert_eq!(told.code, crate::model::exit::USAGE);
        }
    }
}
