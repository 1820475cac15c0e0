//! From a probe to the bytes that go out. Pure: the recipe is filled in, nothing is sent.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;

use crate::model::capture::Octets;
use crate::model::exchange::{Place, Redacted, Sent};
use crate::model::probe::{BROKEN_JSON, BROKEN_LARGE, Body, Insert, Mode, Probe, Text, Who};
use crate::transport::redact::Redactor;
use crate::transport::secret::Vault;
use crate::transport::{audio, multipart};

/// Who asks, as every request of ours says it.
pub const AGENT: &str = concat!("greenlight/", env!("CARGO_PKG_VERSION"));

/// What a probe's recipe is filled in with.
pub struct Filling<'a> {
    /// What the path is appended to: the base URL or the root of its host, without a trailing slash.
    pub base: &'a str,
    /// Credentials.
    pub vault: &'a Vault,
    /// Samples by name.
    pub samples: &'a BTreeMap<String, Bytes>,
    /// What tells this run from every other.
    pub run: &'a RandomState,
    /// Values captured from earlier steps, by step and pointer.
    pub captures: &'a BTreeMap<(u8, String), String>,
    /// The request id to send.
    pub request_id: &'a str,
}

/// Why a recipe cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfillable {
    /// The credential is not at hand.
    #[error("the credential `{0}` is not at hand, or cannot stand in a header")]
    Credential(String),
    /// The sample is not at hand.
    #[error("the sample `{0}` is not at hand")]
    Sample(String),
    /// A sample cannot be changed as the probe wants it.
    #[error("the sample `{0}` is no uncompressed WAV, or of another format than the one before it")]
    Unchangeable(String),
    /// No earlier answer held the value.
    #[error("no earlier answer held a value at {at:?} (step {step})")]
    Capture {
        /// The step whose answer should have held it.
        step: u8,
        /// Where.
        at: String,
    },
    /// A part of it is not HTTP.
    #[error("{0}")]
    NotHttp(String),
}

/// A request that is ready to go, and the record of it.
pub struct Filled {
    /// The request, in origin-form (RFC 9112 §3.2.1).
    pub request: Request<Full<Bytes>>,
    /// What the recording keeps of it.
    pub sent: Sent,
    /// What was left out of that.
    pub redacted: Vec<Redacted>,
}

impl std::fmt::Debug for Filled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Filled")
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}

/// Fills in a probe's recipe. What is said of one that cannot be filled in holds no secret either.
pub fn fill(probe: &Probe, filling: &Filling<'_>, redactor: &Redactor) -> Result<Filled, Unfillable> {
    filled(probe, filling, redactor).map_err(|unfillable| match unfillable {
        Unfillable::NotHttp(why) => Unfillable::NotHttp(redactor.text(&why)),
        other => other,
    })
}

fn filled(probe: &Probe, filling: &Filling<'_>, redactor: &Redactor) -> Result<Filled, Unfillable> {
    let mut url = format!("{}{}", filling.base, text(&probe.path, filling)?);
    if let Some(query) = probe.who.as_ref().and_then(|who| filling.vault.query(who)) {
        let join = if url.contains('?') { '&' } else { '?' };
        url = format!("{url}{join}{query}");
    }
    let uri: Uri = url
        .parse()
        .map_err(|error| Unfillable::NotHttp(format!("{url} is not a URL: {error}")))?;
    let (media_type, body) = body(&probe.body, filling)?;
    let (headers, claims) = headers(probe, filling, &uri, media_type)?;

    let mut redacted = Vec::new();
    let kept = headers
        .iter()
        .map(|(name, value)| {
            let kept = redactor.header(name.as_str(), value.as_bytes(), true, &mut redacted);
            (Octets::from(name.as_str()), Octets(kept.into()))
        })
        .collect();
    let shown = redactor.bytes(url.as_bytes(), &Place::Url, &mut redacted);
    let sent = Sent {
        url: String::from_utf8_lossy(&shown).into_owned(),
        headers: kept,
        body_length: body.len() as u64,
        claims,
    };

    let method = Method::from_bytes(probe.method.as_bytes())
        .map_err(|_| Unfillable::NotHttp(format!("{:?} is not a method", probe.method)))?;
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    for (name, value) in headers {
        request.headers_mut().append(name, value);
    }
    Ok(Filled {
        request,
        sent,
        redacted,
    })
}

type Headers = (
    Vec<(HeaderName, HeaderValue)>,
    Option<crate::model::exchange::Claims>,
);

/// The header field lines in the order of sending.
fn headers(
    probe: &Probe,
    filling: &Filling<'_>,
    uri: &Uri,
    media_type: Option<String>,
) -> Result<Headers, Unfillable> {
    let mut lines = vec![("host".to_owned(), host(uri))];
    lines.push(("user-agent".into(), AGENT.into()));
    lines.push(("accept".into(), "application/json, */*;q=0.5".into()));
    lines.push(("x-request-id".into(), filling.request_id.to_owned()));
    if let Some(page) = &probe.page {
        lines.push(("origin".into(), page.origin.0.clone()));
        lines.push(("sec-fetch-mode".into(), "cors".into()));
        let site = if page.mode == Mode::Include {
            "cross-site"
        } else {
            "same-site"
        };
        lines.push(("sec-fetch-site".into(), site.into()));
    }
    lines.extend(media_type.map(|media_type| ("content-type".to_owned(), media_type)));
    let own = |name: &str| name != "origin" && probe.headers.iter().any(|(own, _)| own == name);
    lines.retain(|(name, _)| !own(name));
    for (name, value) in &probe.headers {
        lines.push((name.clone(), text(value, filling)?));
    }
    let mut headers = Vec::with_capacity(lines.len() + 1);
    for (name, value) in lines {
        headers.push((parse_name(&name)?, parse_value(&name, &value)?));
    }
    let mut claims = None;
    let in_header = |who: &&Who| who.mutation.query_member().is_none();
    if let Some(who) = probe.who.as_ref().filter(in_header) {
        let key_set = filling.captures.get(&(0, String::new())).map(String::as_str);
        let (name, value, said) = filling
            .vault
            .header(who, key_set)
            .ok_or_else(|| Unfillable::Credential(who.secret.0.clone()))?;
        headers.push((parse_name(&name)?, value));
        claims = said;
    }
    Ok((headers, claims))
}

/// Host and port as the `Host` header has them (RFC 9110 §7.2): never user and password.
fn host(uri: &Uri) -> String {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.to_owned()
}

fn parse_name(name: &str) -> Result<HeaderName, Unfillable> {
    name.parse()
        .map_err(|_| Unfillable::NotHttp(format!("{name:?} is not a header name")))
}

fn parse_value(name: &str, value: &str) -> Result<HeaderValue, Unfillable> {
    HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| Unfillable::NotHttp(format!("the value of header {name} holds a control character")))
}

/// The bytes of a sample.
pub(super) fn sample<'s>(name: &str, filling: &Filling<'s>) -> Result<&'s Bytes, Unfillable> {
    let found = filling.samples.get(name);
    found.ok_or_else(|| Unfillable::Sample(name.to_owned()))
}

/// A text with its source resolved.
pub(super) fn text(text: &Text, filling: &Filling<'_>) -> Result<String, Unfillable> {
    match text {
        Text::Lit(text) => Ok(text.clone()),
        Text::Own(label) => Ok(format!("{:016x}", filling.run.hash_one(label))),
        Text::Captured { step, at, .. } => {
            filling
                .captures
                .get(&(*step, at.clone()))
                .cloned()
                .ok_or_else(|| Unfillable::Capture {
                    step: *step,
                    at: at.clone(),
                })
        }
        Text::Held(who) => filling
            .vault
            .bare(who)
            .ok_or_else(|| Unfillable::Credential(who.secret.0.clone())),
        Text::Base64(sample) => Ok(STANDARD.encode(self::sample(sample, filling)?)),
        Text::Joined(parts) => parts.iter().map(|part| self::text(part, filling)).collect(),
    }
}

/// How many bytes a body has; none where it cannot be written out yet.
pub(crate) fn weight(recipe: &Body, filling: &Filling<'_>) -> u64 {
    body(recipe, filling).map_or(0, |(_, bytes)| bytes.len() as u64)
}

/// The body's media type and bytes.
fn body(body: &Body, filling: &Filling<'_>) -> Result<(Option<String>, Bytes), Unfillable> {
    let json = || Some("application/json".to_owned());
    match body {
        Body::Empty => Ok((None, Bytes::new())),
        Body::BrokenJson => Ok((json(), Bytes::from_static(BROKEN_JSON.as_bytes()))),
        Body::BrokenLarge { kib } => {
            let mut bytes = BROKEN_LARGE.as_bytes().to_vec();
            bytes.resize(*kib as usize * 1024, b'A');
            Ok((json(), bytes.into()))
        }
        Body::Text {
            media_type,
            text: recipe,
        } => {
            let media_type = (!media_type.is_empty()).then(|| media_type.clone());
            Ok((media_type, text(recipe, filling)?.into()))
        }
        Body::Json { value, inserts } => {
            let mut value = value.clone();
            for insert in inserts {
                put(&mut value, insert, filling)?;
            }
            Ok((json(), value.to_string().into()))
        }
        Body::Pieces { media_type, pieces } => {
            let mut bytes = Vec::new();
            for piece in pieces {
                bytes.extend(piece.octets.as_ref().repeat(piece.times as usize));
            }
            Ok((Some(media_type.clone()), bytes.into()))
        }
        Body::File { media_type, sample } => {
            Ok((Some(media_type.clone()), self::sample(sample, filling)?.clone()))
        }
        Body::Parts { parts } => {
            let (media_type, bytes) = multipart::written(parts, filling)?;
            Ok((Some(media_type), bytes))
        }
        Body::Repeat { unit, times } => {
            let value = serde_json::json!({ "text": unit.repeat(*times as usize) });
            Ok((json(), value.to_string().into()))
        }
    }
}

/// Puts a sample where the insert says.
fn put(value: &mut serde_json::Value, insert: &Insert, filling: &Filling<'_>) -> Result<(), Unfillable> {
    let bytes = audio::changed(insert, filling.samples)?;
    let encoded = audio::spelt(&bytes, insert);
    let unplaced = || Unfillable::NotHttp(format!("the body has no place at {:?}", insert.at));
    *insert.slot(value).ok_or_else(unplaced)? = encoded.into();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::probe::{Change, Mutation, Origin, SecretName};
    use crate::transport::secret::Secret;

    fn filled(probe: &Probe) -> Result<Filled, Unfillable> {
        filled_in(&RandomState::new(), probe)
    }

    fn filled_in(run: &RandomState, probe: &Probe) -> Result<Filled, Unfillable> {
        let vault = Vault::empty().with(SecretName("main".into()), Secret::new("very-secret-token"));
        let samples = BTreeMap::from([("a.wav".to_owned(), Bytes::from_static(b"RIFF"))]);
        let filling = Filling {
            base: "http://host:1/api",
            vault: &vault,
            samples: &samples,
            run,
            captures: &BTreeMap::from([((0, "/id".to_owned()), "42".to_owned())]),
            request_id: "gl-1",
        };
        fill(probe, &filling, &Redactor::new(vault.values(), None))
    }

    #[test]
    fn the_credential_goes_out_and_is_not_kept() {
        let probe = Probe::get("/me")
            .who(&SecretName("main".into()), Mutation::AsIs)
            .build();
        let filled = filled(&probe).unwrap();
        assert_eq!(
            filled.request.headers()["authorization"],
            "Bearer very-secret-token"
        );
        assert!(!format!("{:?}", filled.sent).contains("very-secret-token"));
        assert_eq!(filled.redacted.len(), 1);
    }

    #[test]
    fn a_page_brings_its_origin() {
        let probe = Probe::get("/x")
            .page(&Origin("https://app.example".into()), Mode::Omit)
            .build();
        assert_eq!(
            filled(&probe).unwrap().request.headers()["origin"],
            "https://app.example"
        );
    }

    #[test]
    fn samples_and_captures_are_filled_in() {
        let body = Body::Json {
            value: serde_json::json!({"audio": ""}),
            inserts: vec![Insert {
                change: Change::None,
                at: "/audio".into(),
                sample: "a.wav".into(),
            }],
        };
        let at = Text::Captured {
            step: 0,
            at: "/id".into(),
            secret: false,
        };
        let probe = Probe::request("POST", "/x").header("x-id", at);
        let filled = filled(&probe.body(body).build()).unwrap();
        assert_eq!(filled.request.headers()["x-id"], "42");
        assert_eq!(filled.sent.body_length, r#"{"audio":"UklGRg=="}"#.len() as u64);
    }

    #[test]
    fn what_is_a_run_s_own_is_one_thing_in_it_and_another_in_the_next() {
        let (run, next) = (RandomState::new(), RandomState::new());
        let key = |run, label: &str| {
            let probe = Probe::get("/x").header("x-key", Text::Own(label.into())).build();
            filled_in(run, &probe).unwrap().request.headers()["x-key"].clone()
        };
        assert_eq!(key(&run, "k"), key(&run, "k"));
        assert_ne!(key(&run, "k"), key(&run, "l"));
        assert_ne!(key(&run, "k"), key(&next, "k"));
    }

    #[test]
    fn a_credential_in_a_body_goes_out_and_is_not_kept() {
        let held = |name: &str, mutation| {
            Text::Held(Who {
                secret: SecretName(name.into()),
                mutation,
            })
        };
        let sending = |token: Text| {
            let parts = vec![Text::Lit("{\"token\":\"".into()), token, Text::Lit("\"}".into())];
            let probe = Probe::request("POST", "/refresh").body(Body::Text {
                media_type: "application/json".into(),
                text: Text::Joined(parts),
            });
            probe.build()
        };
        let probe = sending(held("main", Mutation::AsIs));
        let filled = filled(&probe).unwrap();
        assert_eq!(
            filled.sent.body_length,
            r#"{"token":"very-secret-token"}"#.len() as u64
        );
        assert!(!format!("{:?} {probe:?}", filled.sent).contains("very-secret-token"));
        let garbage = super::tests::filled(&sending(held("main", Mutation::Garbage))).unwrap();
        assert_ne!(garbage.sent.body_length, filled.sent.body_length);
        assert_eq!(
            super::tests::filled(&sending(held("other", Mutation::AsIs))).unwrap_err(),
            Unfillable::Credential("other".into())
        );
    }

    #[test]
    fn a_header_that_a_probe_repeats_goes_out_twice_and_replaces_ours() {
        let probe = Probe::get("/x")
            .header("x-a", "1")
            .header("x-a", "2")
            .header("accept", "text/html");
        let request = filled(&probe.build()).unwrap().request;
        let values: Vec<_> = request.headers().get_all("x-a").iter().collect();
        assert_eq!(values, ["1", "2"]);
        let accept: Vec<_> = request.headers().get_all("accept").iter().collect();
        assert_eq!(accept, ["text/html"]);
    }

    #[test]
    fn what_is_said_of_a_broken_path_holds_no_secret() {
        let probe = Probe::get("/ very-secret-token").build();
        let said = filled(&probe).unwrap_err().to_string();
        assert!(
            said.contains("is not a URL") && !said.contains("very-secret-token"),
            "{said}"
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let nobody = Probe::get("/x")
            .who(&SecretName("other".into()), Mutation::AsIs)
            .build();
        assert_eq!(
            filled(&nobody).unwrap_err(),
            Unfillable::Credential("other".into())
        );
        let nowhere = Probe::get(Text::Captured {
            step: 3,
            at: "/x".into(),
            secret: false,
        })
        .build();
        assert!(matches!(
            filled(&nowhere).unwrap_err(),
            Unfillable::Capture { step: 3, .. }
        ));
    }
}
