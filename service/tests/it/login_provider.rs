//! Logging in with a provider that is odd, away or somebody else's; and what the one for development checks itself.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestrate::login::flow::challenge_of;
use orchestrate::providers::dev_oidc::{CLIENT_ID, DevProvider};
use orchestrate::secret::Secret;
use reqwest::Url;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::issuer::Pair;
use crate::login::{PAGE, back, begin, browser, get, query, redeem, sent_to, through, with};
use crate::support::{Service, header, json as read, settings, start_with};

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// A provider that a test makes odd.
struct Odd(MockServer);

impl Odd {
    async fn start(key: &Pair) -> Self {
        let odd = Self(MockServer::start().await);
        let said = ResponseTemplate::new(200).set_body_json(odd.said());
        Mock::given(path(DISCOVERY))
            .respond_with(said)
            .mount(&odd.0)
            .await;
        let keys = json!({"keys": [key.published()]});
        odd.answer("/keys", ResponseTemplate::new(200).set_body_json(keys))
            .await;
        odd
    }

    fn said(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.0.uri());
        json!({"issuer": self.0.uri(), "authorization_endpoint": at("/authorize"),
               "token_endpoint": at("/token"), "jwks_uri": at("/keys")})
    }

    async fn answer(&self, at: &str, answer: ResponseTemplate) {
        let method_ = if at == "/token" { "POST" } else { "GET" };
        let mock = Mock::given(method(method_)).and(path(at)).respond_with(answer);
        // The newest wins.
        mock.with_priority(1).up_to_n_times(1).mount(&self.0).await;
    }

    /// Logs in, with this ID token: where that ends.
    async fn login(&self, service: &Service, token: impl Fn(&Value) -> String) -> Url {
        let provider = begin(service, &[]).await;
        let now = jiff::Timestamp::now().as_second();
        let claims = json!({"iss": self.0.uri(), "aud": CLIENT_ID, "sub": "u-1", "iat": now, "exp": now + 60,
                            "nonce": query(&provider, "nonce"), "email": "ana@example.com"});
        let answer = json!({"access_token": "x", "token_type": "Bearer", "id_token": token(&claims)});
        self.answer("/token", ResponseTemplate::new(200).set_body_json(answer))
            .await;
        let state = query(&provider, "state").unwrap();
        let callback = format!("{PAGE}?code=c&state={state}").parse().unwrap();
        back(service, &callback).await
    }
}

#[tokio::test]
async fn an_id_token_is_believed_when_it_is_the_providers_for_us_and_for_this_login() {
    let (key, stranger) = (Pair::ec("k"), Pair::ec("k"));
    let odd = Odd::start(&key).await;
    let service = start_with(with(settings(), &odd.0.uri())).await;
    let changed = |name: &'static str, value: Value| {
        let key = &key;
        move |claims: &Value| {
            let mut claims = claims.clone();
            claims[name] = value.clone();
            key.sign(&claims)
        }
    };
    let end = odd.login(&service, changed("aud", json!([CLIENT_ID]))).await;
    let (_, tokens) = read(
        redeem(&service, &json!({"code": query(&end, "code")}))
            .send()
            .await
            .unwrap(),
    )
    .await;
    let token = tokens["access_token"].as_str().unwrap();
    let verify = service.request("GET", "/auth/verify").bearer_auth(token);
    let (_, caller) = read(verify.send().await.unwrap()).await;
    // What another provider calls u-1 is somebody else.
    assert_eq!(caller["subject"], format!("{}#u-1", odd.0.uri()), "{end}");
    for (name, value) in [
        ("nonce", json!("of another login")),
        ("nonce", json!(null)),
        ("aud", json!("another client")),
        ("aud", json!([CLIENT_ID, "another client"])),
        ("azp", json!("another client")),
        ("iss", json!("https://another.example")),
        ("exp", json!(1)),
        ("sub", json!(null)),
    ] {
        let end = odd.login(&service, changed(name, value.clone())).await;
        assert_eq!(
            end.as_str(),
            format!("{PAGE}?error=server_error"),
            "{name} {value}"
        );
    }
    let end = odd.login(&service, |claims| stranger.sign(claims)).await;
    assert_eq!(end.as_str(), format!("{PAGE}?error=server_error"));
    let end = odd.login(&service, |_| "garbage".to_owned()).await;
    assert_eq!(end.as_str(), format!("{PAGE}?error=server_error"));
}

#[tokio::test]
async fn a_secret_is_shown_in_the_way_that_the_provider_takes() {
    let key = Pair::ec("k");
    for (methods, in_body) in [
        (json!(null), false),
        (json!(["client_secret_post"]), true),
        (json!(["client_secret_post", "client_secret_basic"]), false),
    ] {
        let odd = Odd::start(&key).await;
        let mut said = odd.said();
        if methods.is_array() {
            said["token_endpoint_auth_methods_supported"] = methods.clone();
        }
        odd.answer(DISCOVERY, ResponseTemplate::new(200).set_body_json(said))
            .await;
        let mut settings = with(settings(), &odd.0.uri());
        settings.login.as_mut().unwrap().client_secret = Some(Secret::new("s3cret:/ 1"));
        let service = start_with(settings).await;
        let end = odd.login(&service, |claims| key.sign(claims)).await;
        assert!(query(&end, "code").is_some(), "{methods}: {end}");
        let requests = odd.0.received_requests().await.unwrap();
        let asked = requests
            .iter()
            .find(|request| request.url.path() == "/token")
            .unwrap();
        let basic = asked
            .headers
            .get("authorization")
            .map(|value| value.to_str().unwrap());
        // Encoded as a form before it is encoded in base64 (RFC 6749 §2.3.1).
        let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:s3cret%3A%2F+1")));
        assert_eq!(basic, (!in_body).then_some(&*expected), "{methods}");
        let form: HashMap<_, _> = url::form_urlencoded::parse(&asked.body).into_owned().collect();
        let shown = (form.get("client_id"), form.get("client_secret"));
        let shown = (shown.0.map(String::as_str), shown.1.map(String::as_str));
        let wanted = (Some(CLIENT_ID), Some("s3cret:/ 1"));
        assert_eq!(shown, if in_body { wanted } else { (None, None) }, "{methods}");
    }
}

#[tokio::test]
async fn a_provider_that_is_of_no_help_is_told_apart_and_can_be_waited_for() {
    let slow = std::time::Duration::from_secs(60);
    let page = ResponseTemplate::new(200).set_body_string("<html>");
    let another = json!({"issuer": "https://another.example", "authorization_endpoint": "https://another.example/a",
                         "token_endpoint": "https://another.example/t", "jwks_uri": "https://another.example/k"});
    let another = ResponseTemplate::new(200).set_body_json(another);
    for (answer, status, code) in [
        (None, 503, "login_provider_unavailable"),
        (
            Some(ResponseTemplate::new(200).set_delay(slow)),
            504,
            "login_provider_timeout",
        ),
        (Some(ResponseTemplate::new(500)), 502, "login_provider_failed"),
        (Some(page), 502, "login_provider_failed"),
        (Some(another), 502, "login_provider_failed"),
    ] {
        let server = MockServer::start().await;
        let mut issuer = server.uri();
        match answer {
            // Nobody listens on port 1.
            None => issuer = "http://127.0.0.1:1".to_owned(),
            Some(answer) => {
                Mock::given(method("GET"))
                    .respond_with(answer)
                    .mount(&server)
                    .await
            }
        }
        let service = start_with(with(settings(), &issuer)).await;
        let response = service.request("GET", "/auth/login").send().await.unwrap();
        assert_eq!(header(&response, "retry-after"), "10", "{status}");
        let (seen, body) = read(response).await;
        assert_eq!((seen, body["code"].as_str()), (status, Some(code)), "{body}");
        assert!(!body.to_string().contains("127.0.0.1"), "{body}");
    }
}

#[tokio::test]
async fn a_provider_that_goes_away_in_the_middle_is_told_to_the_page() {
    let provider = DevProvider::start().unwrap();
    let service = start_with(with(settings(), provider.issuer())).await;
    let callback = through(begin(&service, &[]).await).await;
    drop(provider);
    let end = back(&service, &callback).await;
    let told = query(&end, "error").unwrap();
    assert!(
        ["temporarily_unavailable", "server_error"].contains(&&*told),
        "{end}"
    );
}

#[tokio::test]
async fn the_development_provider_checks_what_a_provider_must() {
    let provider = DevProvider::start().unwrap();
    let address = |change: (&str, &str)| {
        let asked = [
            ("client_id", CLIENT_ID),
            ("redirect_uri", "http://127.0.0.1:9/callback"),
            ("state", "s"),
            ("nonce", "\"><script>"),
            ("code_challenge", &challenge_of("v")),
            ("code_challenge_method", "S256"),
            ("prompt", "none"),
        ]
        .map(|(name, value)| (name, if name == change.0 { change.1 } else { value }.to_owned()));
        Url::parse_with_params(&format!("{}/authorize", provider.issuer()), asked).unwrap()
    };
    for change in [
        ("client_id", "another"),
        ("redirect_uri", "https://evil.example/"),
        ("code_challenge_method", "plain"),
        ("code_challenge", ""),
    ] {
        assert_eq!(get(&address(change)).await.status(), 400, "{change:?}");
    }
    let page = get(&address(("prompt", ""))).await.text().await.unwrap();
    assert!(!page.contains("<script>"), "{page}");
    let exchange = async |code: &str, verifier: &str| {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", "http://127.0.0.1:9/callback"),
            ("client_id", CLIENT_ID),
            ("code_verifier", verifier),
        ];
        let request = browser().post(format!("{}/token", provider.issuer())).form(&form);
        request.send().await.unwrap().status().as_u16()
    };
    let code = async || query(&sent_to(&get(&address(("", ""))).await), "code").unwrap();
    let good = code().await;
    assert_eq!(exchange(&good, "v").await, 200);
    assert_eq!(exchange(&good, "v").await, 400, "once");
    assert_eq!(exchange(&code().await, "w").await, 400, "PKCE");
}
