//! From an answer on the wire to what the recording keeps of it.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use hyper::body::Incoming;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::model::capture::{Captured, End, Octets};
use crate::model::exchange::{Exchange, Outcome, Place, Redacted, Reply};
use crate::model::probe::{Body, Content, Part, Probe, Text};
use crate::model::sealed::Answer;
use crate::model::target::{Call, Environment, Target};
use crate::transport::body::{self, Limits};
use crate::transport::redact::{Besides, Redactor};
use crate::transport::skeleton::Skeleton;

/// JSON is kept to this many times the bound of other bodies: cut, it could not be judged.
const JSON_SHARE: u64 = 8;

/// What is kept of an answer.
pub(crate) struct Kept {
    pub(crate) reply: Reply,
    pub(crate) redacted: Vec<Redacted>,
    /// The answer before redaction, to be dropped as soon as later steps have what they need.
    pub(crate) raw: Answer,
}

/// Decides what of an answer is kept.
#[derive(Debug)]
pub(crate) struct Keeper {
    keep: u64,
    read: u64,
    /// Whether success answers are somebody's data.
    careful: bool,
    /// Whether answers are kept as they are, whomever they are about.
    frank: bool,
    protected: Vec<Call>,
    skeleton: Skeleton,
    /// For answers so large that many at once would take more memory than a run may.
    turns: Semaphore,
}

/// So many large answers are read and redacted at once.
const LARGE_AT_ONCE: usize = 2;

impl Keeper {
    /// A keeper for this target's answers.
    pub(crate) fn new(target: &Target) -> Keeper {
        let proofs = target.proofs.iter().filter(|proof| proof.protected);
        let role = target.transcription.iter().map(|role| role.call.clone());
        Keeper {
            keep: target.bounds.body_keep,
            read: target.bounds.body_read,
            careful: target.environment == Environment::Production && !target.keep_bodies,
            frank: target.keep_bodies,
            protected: proofs.map(|proof| proof.call.clone()).chain(role).collect(),
            skeleton: Skeleton::default(),
            turns: Semaphore::new(LARGE_AT_ONCE),
        }
    }

    /// Reads an answer's body, and keeps what may be kept.
    pub(crate) async fn keep(
        &self,
        response: Response<Incoming>,
        probe: &Probe,
        hides: &[String],
        redactor: &Redactor,
        deadline: Instant,
    ) -> Kept {
        let (head, incoming) = response.into_parts();
        let raw: Vec<(Octets, Octets)> = head
            .headers
            .iter()
            .map(|(name, value)| {
                let value = Octets(Bytes::copy_from_slice(value.as_bytes()));
                (Octets::from(name.as_str()), value)
            })
            .collect();
        let mut reply = Reply {
            status: head.status.as_u16(),
            headers: raw.clone(),
            body: Captured::complete(Bytes::new()),
            version: version(head.version),
        };
        let limits = self.limits(&reply);
        // Held until the answer is redacted.
        let (captured, _turn) =
            body::capture(incoming, &codings(&reply), limits, deadline, &self.turns).await;
        let raw = Answer {
            headers: raw,
            body: captured.bytes.clone(),
        };
        learn(redactor, hides, &raw.body);
        reply.body = captured;
        let (reply, redacted) = self.kept(reply, probe, redactor);
        Kept { reply, redacted, raw }
    }

    /// What may be kept of an answer that is there already.
    pub(crate) fn kept(
        &self,
        mut reply: Reply,
        probe: &Probe,
        redactor: &Redactor,
    ) -> (Reply, Vec<Redacted>) {
        let mut redacted = Vec::new();
        let cookies = reply.headers.iter().filter(|(name, _)| &*name.0 == b"set-cookie");
        let opened = Besides::of(cookies.map(|(_, value)| &*value.0));
        let captured = std::mem::replace(&mut reply.body, Captured::complete(Bytes::new()));
        reply.headers = self.headers(&reply.headers, redactor, &mut redacted);
        reply.body = self.body(captured, &reply, probe, redactor, &mut redacted);
        if let Some(opened) = opened {
            apart(&mut reply, &opened, &mut redacted);
        }
        (reply, redacted)
    }

    /// What may be kept of an exchange once the redactor has learnt more.
    pub(crate) fn again(exchange: &mut Exchange, redactor: &Redactor) {
        if let Some(probe) = without(&exchange.probe, redactor) {
            exchange.probe = Arc::new(probe);
        }
        let facts = &mut exchange.redacted;
        if let Some(sent) = &mut exchange.sent {
            let url = redactor.bytes(sent.url.as_bytes(), &Place::Url, facts);
            sent.url = String::from_utf8_lossy(&url).into_owned();
            for (name, value) in &mut sent.headers {
                let place = Place::SentHeader(name.text());
                *value = Octets(redactor.bytes(&value.0, &place, facts).into());
            }
        }
        if let Outcome::Answered(reply) = &mut exchange.reply {
            for (name, value) in &mut reply.headers {
                let place = Place::ReplyHeader(name.text());
                *value = Octets(redactor.bytes(&value.0, &place, facts).into());
            }
            let body = &mut reply.body;
            let kept = match body.end {
                End::Complete => redactor.bytes(&body.bytes, &Place::ReplyBody, facts),
                _ => redactor.cut_bytes(&body.bytes, &Place::ReplyBody, facts),
            };
            body.bytes = kept.into();
        }
    }

    fn headers(
        &self,
        raw: &[(Octets, Octets)],
        redactor: &Redactor,
        redacted: &mut Vec<Redacted>,
    ) -> Vec<(Octets, Octets)> {
        raw.iter()
            .map(|(name, value)| {
                let mut kept = redactor.header(&name.text(), &value.0, false, redacted);
                if !self.frank {
                    let place = Place::ReplyHeader(name.text().to_ascii_lowercase());
                    kept = redactor.nobody(kept, &place, redacted);
                }
                let name = redactor.bytes(&name.0, &Place::ReplyHeader("its name".into()), redacted);
                (Octets(name.into()), Octets(kept.into()))
            })
            .collect()
    }

    fn limits(&self, reply: &Reply) -> Limits {
        let bytes = |share| usize::try_from(self.keep.saturating_mul(share)).unwrap_or(usize::MAX);
        let (keep, burst) = if reply.is_json() {
            (bytes(JSON_SHARE), Some(bytes(1)))
        } else {
            (bytes(1), None)
        };
        Limits {
            keep,
            read: self.read,
            burst,
        }
    }

    fn body(
        &self,
        captured: Captured,
        reply: &Reply,
        probe: &Probe,
        redactor: &Redactor,
        redacted: &mut Vec<Redacted>,
    ) -> Captured {
        let mut kept = match captured.end {
            End::Complete => redactor.bytes(&captured.bytes, &Place::ReplyBody, redacted),
            End::Cut | End::Reset | End::Deadline | End::Short => {
                redactor.cut_bytes(&captured.bytes, &Place::ReplyBody, redacted)
            }
        };
        let found_beside = probe.at_root && (200..300).contains(&reply.status);
        let is_data = self.is_somebodys_data(reply, probe) || (found_beside && reply.is_json());
        if is_data {
            kept = self.skeleton.of(&kept, captured.end == End::Complete, redacted);
        } else if found_beside {
            kept = names_only(&kept);
        }
        // Errors tell about the one who was refused; names of members are left even of data.
        if is_data || (reply.status >= 400 && !self.frank) {
            kept = redactor.nobody(kept, &Place::ReplyBody, redacted);
            redacted.iter_mut().for_each(|fact| name_nobody(fact, redactor));
        }
        Captured {
            bytes: kept.into(),
            undecodable: captured.undecodable.map(|why| redactor.text(&why)),
            ..captured
        }
    }

    /// Whether a success answer may hold what only its owner should see: a credential went along, spoilt or not (a server
    /// that accepts a spoilt one shows somebody's data all the same), or the operation is one that needs it.
    fn is_somebodys_data(&self, reply: &Reply, probe: &Probe) -> bool {
        let path = probe.path_text().split('?').next().unwrap_or_default();
        let protected = |call: &Call| call.method == probe.method && call.path == path;
        self.careful
            && (200..300).contains(&reply.status)
            && (probe.credentials().next().is_some() || self.protected.iter().any(protected))
    }
}

/// The same probe without what must not be seen; `None` when there is nothing of that in it.
pub(crate) fn without(probe: &Probe, redactor: &Redactor) -> Option<Probe> {
    let cleaned = |text: &Text| match text {
        Text::Lit(text) => Text::Lit(redactor.text(text)),
        Text::Joined(parts) => Text::Joined(
            parts
                .iter()
                .map(|part| {
                    part.literal()
                        .map_or_else(|| part.clone(), |text| redactor.text(text).into())
                })
                .collect(),
        ),
        other => other.clone(),
    };
    let headers = probe
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), cleaned(value)));
    let body = match &probe.body {
        Body::Text { media_type, text } => Body::Text {
            media_type: media_type.clone(),
            text: cleaned(text),
        },
        Body::Json { value, .. } => {
            let (written, kept) = (value.to_string(), redactor.text(&value.to_string()));
            match written == kept {
                true => probe.body.clone(),
                false => Body::Text {
                    media_type: "application/json".to_owned(),
                    text: kept.into(),
                },
            }
        }
        Body::Parts { parts } => Body::Parts {
            parts: parts
                .iter()
                .map(|part| match &part.content {
                    Content::Text(text) => Part {
                        content: Content::Text(cleaned(text)),
                        ..part.clone()
                    },
                    Content::File(_) => part.clone(),
                })
                .collect(),
        },
        other => other.clone(),
    };
    let without = Probe {
        path: cleaned(&probe.path),
        headers: headers.collect(),
        body,
        ..probe.clone()
    };
    (without != *probe).then_some(without)
}

/// A pointer is made of names of members, and names what the body now names.
fn name_nobody(fact: &mut Redacted, redactor: &Redactor) {
    if let Place::ReplyValue(pointer) = &mut fact.place {
        let named = std::mem::take(pointer).into_bytes();
        let named = redactor.nobody(named, &Place::ReplyBody, &mut Vec::new());
        *pointer = String::from_utf8_lossy(&named).into_owned();
    }
}

/// What lies beside the API may be a file of secrets: of each line, what stands behind its first `=` is left out.
fn names_only(text: &[u8]) -> Vec<u8> {
    let lines = text.split(|byte| *byte == b'\n').map(|line| {
        let end = line.iter().position(|byte| *byte == b'=');
        end.map_or(line, |at| line.get(..=at).unwrap_or(line))
    });
    lines.collect::<Vec<_>>().join(&b'\n')
}

/// Takes the sessions that an answer opens out of the rest of it.
fn apart(reply: &mut Reply, opened: &Besides, redacted: &mut Vec<Redacted>) {
    for (name, value) in &mut reply.headers {
        let place = Place::ReplyHeader(name.text().to_ascii_lowercase());
        *value = Octets(opened.hide(&value.0, &place, redacted).into());
    }
    reply.body.bytes = opened.hide(&reply.body.bytes, &Place::ReplyBody, redacted).into();
}

/// Values of the answer that later steps use as credentials are secrets from here on.
fn learn(redactor: &Redactor, hides: &[String], raw: &[u8]) {
    if hides.is_empty() {
        return;
    }
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(raw) else {
        return;
    };
    for pointer in hides {
        if let Some(secret) = body.pointer(pointer).and_then(serde_json::Value::as_str) {
            redactor.learn(secret);
        }
    }
}

fn version(version: http::Version) -> String {
    match version {
        http::Version::HTTP_2 => "HTTP/2".to_owned(),
        other => format!("{other:?}"),
    }
}

/// The content codings of an answer, innermost first, `identity` left out.
fn codings(reply: &Reply) -> Vec<String> {
    reply
        .values("content-encoding")
        .flat_map(|value| {
            value
                .split(',')
                .map(|coding| coding.trim().to_ascii_lowercase())
                .collect::<Vec<_>>()
        })
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_file_of_secrets_only_the_names_are_kept() {
        assert_eq!(
            names_only(b"# made by hand\nKEY=sk-1=2\nDEBUG=1\n"),
            b"# made by hand\nKEY=\nDEBUG=\n"
        );
    }
}
