//! Healthy look-alikes: services that differ from ours and are just as good. Whoever flags one of them has
//! a false alarm. Each is the habit of a framework, a proxy or a team that is known to work.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use poem::endpoint::EndpointExt;
use poem::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, AGE, CONNECTION, CONTENT_LENGTH,
    CONTENT_TYPE, HeaderName, ORIGIN, RETRY_AFTER, SERVER, VARY, WWW_AUTHENTICATE,
};
use poem::http::{HeaderValue, Method, StatusCode};
use poem::{Body, Endpoint as _, Request, Response};
use poem_openapi::types::ToJSON;

use crate::faults::Endpoint;
use crate::faults::id::UnknownFault;
use crate::faults::json;
use crate::faults::look_alike_work as work;
use crate::faults::preflight;
use crate::faults::shared_cache::{self, Key};
use crate::http::api::PREFIX;
use crate::http::problem::Problem;

/// Declares the look-alikes once: the enum, its list, ids and sentences.
macro_rules! look_alikes {
    ($($name:ident $id:literal $sentence:literal)*) => {
        /// One healthy look-alike.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LookAlike {
            $(#[doc = $sentence] $name,)*
        }

        impl LookAlike {
            /// Every look-alike.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The id.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// How it differs, in one sentence.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

look_alikes! {
    Preflight200 "preflight-200"
        "Preflights are answered 200 with the text OK, as Starlette does."
    PreflightEchoes "preflight-echoes"
        "Preflights echo the headers that were asked for and list every method."
    PreflightNotCached "preflight-not-cached"
        "Preflights may not be remembered: Max-Age is 0."
    ForeignPreflight400 "foreign-preflight-400"
        "Foreign preflights are 400 in plain text, as Starlette does."
    OptionsAlone405 "options-alone-405"
        "OPTIONS without a request method, which no browser sends, is 405 and readable."
    VaryAmongOthers "vary-among-others"
        "Vary names the origin in lower case, in one list with other headers."
    HealthyEdge "healthy-edge"
        "A proxy in front adds its own headers to every answer."
    ChallengeAmongOthers "challenge-among-others"
        "Rejections offer a second scheme beside bearer."
    CharsetOnProblems "charset-on-problems"
        "Errors say their charset."
    HealthSaysMore "health-says-more"
        "Health has members that the contract does not name."
    OffsetTimestamps "offset-timestamps"
        "Health's time has a numeric offset and whole seconds."
    ConnectionClose "connection-close"
        "Every answer announces that its connection closes, and it does."
    FreshAge "fresh-age"
        "Answers passed a cache that did not keep them: Age is 0."
    NoLengths "no-lengths"
        "Answers are chunked: none says its length."
    Invalid400 "invalid-400"
        "Fields that are wrong are 400, as many frameworks say it, where ours says 422."
    InvalidQuoted "invalid-quoted"
        "Refusals quote what is wrong with the input in their detail, as FastAPI's do."
    LimitedTo413 "limited-to-413"
        "Recordings above a small limit are 413, as a proxy in front of a small machine does."
    SilenceRefused "silence-refused"
        "A recording in which nobody speaks is 422, and says so."
    SilenceWritten "silence-written"
        "The transcript of silence says so in brackets, as some recognisers do."
    TextComposed "text-composed"
        "Texts come back composed: a letter and its accent are one character (Unicode's form NFC)."
    Base64Forgiven "base64-forgiven"
        "Audio may be spelt in the URL's alphabet, in lines, and with any padding."
    PlainTranscripts "plain-transcripts"
        "Transcripts are lower case, without punctuation, with digits for number words."
    ShoutedTranscripts "shouted-transcripts"
        "Transcripts are upper case, begin with a space and end with two full stops."
    NoProcessingTime "processing-time-zero"
        "Work that takes no whole millisecond says that it took none."
    EmptyErrors "empty-errors"
        "Successes have members for errors, and there are none in them."
    EscapedPage "escaped-page"
        "The page for an unknown route repeats the address, escaped."
    AddressPolicy "address-policy"
        "Addresses inside are refused by name, whether anything listens there or not."
    PutListed "put-listed"
        "PUT is taken for POST, and preflights list it."
    CachedByOrigin "cached-by-origin"
        "A cache in front keeps pages that hardly change, for each origin on its own."
    SmallUploads "small-uploads"
        "Uploads above one megabyte are refused, and a page can read that."
    SlowWork "slow-work"
        "The work takes nearly half a second, and preflights are quick."
    ReadyWaits "ready-waits"
        "Readiness is 503, as the contract says, while something that nobody needs yet is warming."
    SilenceEmpty "silence-empty"
        "A recording in which nobody speaks is a success with an empty text."
    LabelOverlooked "label-overlooked"
        "What a data: URL calls a recording is not looked at, and the recording is heard for what it is."
    RefreshStays "refresh-stays"
        "A refresh token is good as often as it is shown, until its session ends."
    InvalidGrant "invalid-grant"
        "A refresh token that is no good is 400 with invalid_grant, in the words of OAuth."
    NoKeys "no-keys"
        "No Idempotency-Key is looked at, and no contract promises that one is."
    KeptAMomentLater "kept-a-moment-later"
        "What was kept is seen a moment later, since reads go to a replica."
    GoneForGood "gone-for-good"
        "What is not there is 410, and the contract says so."
    CurationSaysMore "curation-says-more"
        "What is read back has members that the contract does not name."
    ALittleSlow "a-little-slow"
        "Every answer takes a tenth of a second longer."
}

impl FromStr for LookAlike {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|look_alike| look_alike.id() == text)
            .ok_or_else(|| UnknownFault(text.to_owned()))
    }
}

impl fmt::Display for LookAlike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// How long [`LookAlike::ALittleSlow`] is.
const A_LITTLE: Duration = Duration::from_millis(100);

/// What an answer was an answer to.
struct Asked {
    preflight: bool,
    options_alone: bool,
    health: bool,
    work: bool,
    path: String,
    orchestrate: bool,
    curation: bool,
    length: usize,
    headers: Option<HeaderValue>,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let headers = request.headers();
        let options = request.method() == Method::OPTIONS && headers.contains_key(ORIGIN);
        let preflight = options && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        Self {
            preflight,
            options_alone: options && !preflight,
            health: request.method() == Method::GET && request.uri().path() == format!("{PREFIX}/health"),
            work: request.method() == Method::POST
                && request.uri().path() == format!("{PREFIX}/ai/orchestrate"),
            path: request.uri().to_string(),
            orchestrate: request.method() == Method::POST
                && request.uri().path() == format!("{PREFIX}/ai/orchestrate"),
            curation: request.method() == Method::GET
                && request.uri().path().starts_with(&format!("{PREFIX}/curations/")),
            length: request
                .header(CONTENT_LENGTH)
                .and_then(|length| length.parse().ok())
                .unwrap_or_default(),
            headers: headers.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned(),
        }
    }
}

/// Makes the service look like that.
#[must_use]
pub fn outside(endpoint: Endpoint, look_alike: LookAlike) -> Endpoint {
    let endpoint = match look_alike {
        LookAlike::CachedByOrigin => return shared_cache::outside(endpoint, Key::PathAndOrigin),
        LookAlike::PutListed => preflight::taking_put(endpoint),
        _ => endpoint,
    };
    endpoint
        .around(move |endpoint, request: Request| async move {
            let asked = Asked::of(&request);
            let response = match look_alike {
                LookAlike::LimitedTo413
                | LookAlike::AddressPolicy
                | LookAlike::Base64Forgiven
                | LookAlike::LabelOverlooked
                    if asked.work =>
                {
                    work::guarded(&endpoint, request, look_alike).await
                }
                _ => endpoint.get_response(request).await,
            };
            Ok(match look_alike {
                LookAlike::PutListed
                | LookAlike::Preflight200
                | LookAlike::PreflightEchoes
                | LookAlike::PreflightNotCached
                | LookAlike::ForeignPreflight400
                | LookAlike::OptionsAlone405 => asked_leave(response, look_alike, &asked),
                LookAlike::HealthSaysMore | LookAlike::OffsetTimestamps if asked.health => {
                    health(response, look_alike).await
                }
                LookAlike::ALittleSlow => {
                    tokio::time::sleep(A_LITTLE).await;
                    response
                }
                LookAlike::SlowWork => {
                    if asked.orchestrate && response.status().is_success() {
                        tokio::time::sleep(A_LITTLE * 2).await;
                    }
                    response
                }
                LookAlike::ReadyWaits if asked.path == format!("{PREFIX}/ready") => waiting(response).await,
                LookAlike::SmallUploads if asked.length > 1024 * 1024 => too_large(response),
                LookAlike::NoLengths => chunked(response),
                LookAlike::NoKeys | LookAlike::GoneForGood if asked.path.ends_with("/openapi.json") => {
                    work::promised(response, look_alike).await
                }
                LookAlike::GoneForGood | LookAlike::CurationSaysMore if asked.curation => {
                    work::kept(response, look_alike).await
                }
                LookAlike::EscapedPage
                | LookAlike::Invalid400
                | LookAlike::InvalidQuoted
                | LookAlike::SilenceRefused
                | LookAlike::SilenceWritten
                | LookAlike::TextComposed
                | LookAlike::PlainTranscripts
                | LookAlike::ShoutedTranscripts
                | LookAlike::NoProcessingTime
                | LookAlike::EmptyErrors => work::other(response, look_alike, asked.work, &asked.path).await,
                _ => headers(response, look_alike),
            })
        })
        .boxed()
}

fn asked_leave(mut response: Response, look_alike: LookAlike, asked: &Asked) -> Response {
    let granted = asked.preflight && response.status().is_success();
    match look_alike {
        LookAlike::PutListed if granted => {
            set(&mut response, ACCESS_CONTROL_ALLOW_METHODS, "POST, PUT, OPTIONS");
        }
        LookAlike::Preflight200 if granted => {
            response.set_status(StatusCode::OK);
            set(&mut response, CONTENT_TYPE, "text/plain; charset=utf-8");
            response.set_body("OK");
        }
        LookAlike::PreflightEchoes if granted => {
            set(
                &mut response,
                ACCESS_CONTROL_ALLOW_METHODS,
                "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
            );
            if let Some(headers) = &asked.headers {
                response
                    .headers_mut()
                    .insert(ACCESS_CONTROL_ALLOW_HEADERS, headers.clone());
            }
        }
        LookAlike::PreflightNotCached if granted => set(&mut response, ACCESS_CONTROL_MAX_AGE, "0"),
        LookAlike::ForeignPreflight400 if asked.preflight && response.status() == StatusCode::FORBIDDEN => {
            response.set_status(StatusCode::BAD_REQUEST);
            set(&mut response, CONTENT_TYPE, "text/plain; charset=utf-8");
            response.headers_mut().remove(CONTENT_LENGTH);
            response.set_body("Disallowed CORS origin");
        }
        LookAlike::OptionsAlone405 if asked.options_alone => {
            response.set_status(StatusCode::METHOD_NOT_ALLOWED);
        }
        _ => {}
    }
    response
}

async fn health(response: Response, look_alike: LookAlike) -> Response {
    json::edit(response, |body| {
        if look_alike == LookAlike::HealthSaysMore {
            body["uptime_seconds"] = 4711.into();
            body["checks"] = serde_json::json!({"disk": "ok", "queue": {"length": 0}});
            return;
        }
        let now = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second()).unwrap_or_default();
        body["timestamp"] = now.to_string().replace('Z', "+00:00").into();
    })
    .await
}

/// Readiness that waits for its provider, and says when to ask again.
async fn waiting(mut response: Response) -> Response {
    response.set_status(StatusCode::SERVICE_UNAVAILABLE);
    set(&mut response, RETRY_AFTER, "5");
    json::edit(response, |body| {
        body["status"] = "not_ready".into();
        body["provider"] = "warming".into();
    })
    .await
}

fn headers(mut response: Response, look_alike: LookAlike) -> Response {
    match look_alike {
        LookAlike::VaryAmongOthers => set(&mut response, VARY, "accept-encoding, origin, accept"),
        LookAlike::HealthyEdge => {
            set(&mut response, SERVER, "cloudflare");
            set(
                &mut response,
                HeaderName::from_static("cf-ray"),
                "8a1b2c3d4e5f6071-GRU",
            );
            set(&mut response, HeaderName::from_static("via"), "1.1 edge");
        }
        LookAlike::ChallengeAmongOthers if response.status() == StatusCode::UNAUTHORIZED => {
            let other = HeaderValue::from_static("ApiKey realm=\"orchestrate\"");
            response.headers_mut().append(WWW_AUTHENTICATE, other);
        }
        LookAlike::CharsetOnProblems if response.status().as_u16() >= 400 => {
            set(
                &mut response,
                CONTENT_TYPE,
                "application/problem+json; charset=utf-8",
            );
        }
        LookAlike::ConnectionClose => set(&mut response, CONNECTION, "close"),
        LookAlike::FreshAge => set(&mut response, AGE, "0"),
        _ => {}
    }
    response
}

/// The same answer as a refusal of the size, CORS headers and all.
fn too_large(mut response: Response) -> Response {
    response.set_status(StatusCode::PAYLOAD_TOO_LARGE);
    response.headers_mut().remove(WWW_AUTHENTICATE);
    response.headers_mut().remove(CONTENT_LENGTH);
    let problem = Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        "At most one megabyte.",
    );
    let request_id = response.header("x-request-id").unwrap_or_default().to_owned();
    response.set_body(problem.body(&request_id).to_json_string());
    response
}

/// The same body, as a stream whose length nobody knows.
fn chunked(mut response: Response) -> Response {
    let body = response.take_body();
    if body.is_empty() {
        return response;
    }
    response.headers_mut().remove(CONTENT_LENGTH);
    response.set_body(Body::from_bytes_stream(body.into_bytes_stream()));
    response
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
}
