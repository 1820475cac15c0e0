//! What an edge does to requests and answers, each twist in the place where it happens.

use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, header};

use crate::lab::edge::deed::{Answer, Asked, Deed, Framing};
use crate::lab::edge::upstream::forward;
use crate::lab::edge::{Behind, Front, Line, Post};

/// Requests that each of several services in turn gets.
const TURN: usize = 14;
/// Requests that find nobody while one takes over from another.
const GAP: usize = 3;

/// What an edge does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twist {
    /// It hands on.
    None,
    /// It knows no service of this name, and says so.
    DefaultBackend,
    /// It refuses bodies above so many bytes.
    Limit(usize),
    /// It ends connections that bring bodies above so many bytes.
    LimitByReset(usize),
    /// It gives up after so many milliseconds.
    TimeLimit(u64),
    /// It takes audio for an attack.
    FiltersAudio,
    /// It asks everybody to prove that they are a browser.
    Challenge,
    /// It redirects the work to where the application believes to be.
    RedirectsInside,
    /// It redirects the work with 301.
    RedirectsMoved,
    /// It redirects the work to another host.
    RedirectsElsewhere,
    /// It answers OPTIONS itself.
    AnswersOptions,
    /// It never ends the chunks of what the work answers.
    BreaksChunks,
    /// It promises more bytes of what the work answers than come.
    PromisesMore,
    /// It compresses for those who ask for it, and does not say that it depends on that.
    GzipUnsaid,
    /// It resets a connection that carries another request after so many milliseconds.
    ResetsIdle(u64),
    /// It refuses `Expect`.
    RefusesExpect,
    /// It sends `Connection` over HTTP/2.
    ConnectionHeaderInHttp2,
    /// The service behind it fails every fourth request.
    EveryFourthFails,
    /// The service behind it fails its first work.
    FirstWorkFails,
    /// The first answer takes so many milliseconds longer.
    SlowFirst(u64),
    /// The service behind it sleeps, and its first so many requests find nobody.
    Wakes(usize),
    /// It ends its first connection without an answer.
    LosesFirst,
    /// Work that takes longer than so many milliseconds is killed.
    KillsAfter(u64),
    /// The server behind it is one for development.
    DevelopmentServer,
    /// It does not tell browsers to stay with TLS.
    NoHsts,
    /// It serves the API without TLS as well.
    PlainToo,
    /// It takes credentials away.
    StripsAuthorization,
    /// It takes Access-Control-Allow-Origin away from answers.
    StripsAllowOrigin,
    /// It takes every CORS header away from answers.
    StripsCors,
    /// It adds `Via` and `Age: 0`.
    Via,
    /// It compresses with gzip for those who ask, and says so.
    Gzip,
    /// It compresses with Brotli for those who ask, and says so.
    Brotli,
    /// It answers in HTTP/1.0.
    Http10,
    /// It goes by the length of a request that also says to come in chunks.
    LengthOverChunks,
    /// It goes by the first of two lengths.
    FirstLength,
    /// It goes by the last of two lengths.
    LastLength,
    /// It goes by the chunks of a request that also tells a length, and answers it once.
    ChunksOverLength,
    /// It closes without a word on a request that tells its length in two ways.
    ClosesOnTwoLengths,
    /// It goes on with a client that knows nothing newer than TLS 1.1.
    OldTls,
    /// It closes without a word on such a client.
    ClosesOnOldTls,
    /// It sends early hints (RFC 8297), and 100 to those who expect it.
    EarlyHints,
}

impl Twist {
    /// Whether a connection is reset on which the next request comes after this long.
    pub(crate) fn resets_after(self, idle: Duration) -> bool {
        matches!(self, Twist::ResetsIdle(ms) if idle >= Duration::from_millis(ms))
    }

    /// Whether a connection is ended over a body of so many bytes.
    pub(crate) fn resets_at(self, length: usize) -> bool {
        matches!(self, Twist::LimitByReset(most) if length > most)
    }

    /// Whether it looks at handshakes of old itself.
    pub(crate) fn speaks_old_tls(self) -> bool {
        matches!(self, Twist::OldTls | Twist::ClosesOnOldTls)
    }

    /// Whether it answers `Expect: 100-continue` with 100.
    pub(crate) fn continues(self) -> bool {
        self != Twist::RefusesExpect
    }
}

/// What is done about the `nth` request.
pub(crate) async fn deed(post: &Post, line: Line, nth: usize, mut asked: Asked) -> Deed {
    if post.tls.is_some() && !line.tls && post.edge.twist != Twist::PlainToo {
        let location = format!("https://{}{}", asked.host(), asked.path);
        return Deed::Answer(Answer::redirect(301, &location));
    }
    if let Some(answer) = before(post.edge.twist, &asked, line.tls) {
        return Deed::Answer(answer);
    }
    if (post.edge.twist, nth) == (Twist::LosesFirst, 0) {
        return Deed::Close;
    }
    if matches!(post.edge.twist, Twist::Wakes(many) if nth < many) {
        return Deed::Answer(Answer::page(503, "Service Temporarily Unavailable"));
    }
    if post.edge.twist == Twist::StripsAuthorization {
        asked.headers.remove(header::AUTHORIZATION);
    }
    if let (Twist::SlowFirst(ms), 0) = (post.edge.twist, nth) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    let Some(service) = place(post, line, nth) else {
        return Deed::Answer(Answer::page(502, "Bad Gateway"));
    };
    let Some(service) = post.services.get(service) else {
        return Deed::Answer(Answer::page(503, "Service Temporarily Unavailable"));
    };
    let limit = match post.edge.twist {
        Twist::TimeLimit(ms) | Twist::KillsAfter(ms) => Duration::from_millis(ms),
        _ => Duration::from_secs(60),
    };
    match tokio::time::timeout(limit, forward(*service, &asked)).await {
        Ok(Some(answer)) => after(post, line, nth, &asked, answer),
        Ok(None) => Deed::Answer(Answer::page(502, "Bad Gateway")),
        Err(_) if matches!(post.edge.twist, Twist::KillsAfter(_)) => Deed::Close,
        Err(_) => Deed::Answer(Answer::page(504, "Gateway Time-out")),
    }
}

/// Which of the services gets a request; `None` while one takes over from another.
fn place(post: &Post, line: Line, nth: usize) -> Option<usize> {
    let last = post.services.len() - 1;
    match post.edge.behind {
        Behind::One | Behind::Nobody => Some(0),
        Behind::Two(_) | Behind::Builds(_) => Some(line.number % post.services.len()),
        Behind::InTurn(_) => {
            let (turn, within) = (nth / (TURN + GAP), nth % (TURN + GAP));
            if turn >= last {
                return Some(last);
            }
            (within < TURN).then_some(turn)
        }
    }
}

/// What never reaches the service.
fn before(twist: Twist, asked: &Asked, tls: bool) -> Option<Answer> {
    let path = asked.path.as_str();
    Some(match twist {
        Twist::DefaultBackend => Answer::new(404, "text/plain; charset=utf-8", "default backend - 404"),
        Twist::Limit(most) if asked.body.len() > most => Answer::page(413, "Request Entity Too Large"),
        Twist::FiltersAudio if holds_audio(&asked.body) => challenge("Sorry, you have been blocked"),
        Twist::Challenge => challenge("Just a moment..."),
        Twist::RedirectsInside if asked.is_work() => {
            Answer::redirect(307, &format!("http://{}{path}/", asked.host()))
        }
        Twist::RedirectsMoved if asked.is_work() => {
            let scheme = if tls { "https" } else { "http" };
            Answer::redirect(301, &format!("{scheme}://{}{path}/", asked.host()))
        }
        Twist::RedirectsElsewhere if asked.is_work() => {
            Answer::redirect(307, &format!("https://api-2.lab.test{path}"))
        }
        Twist::AnswersOptions if asked.method == Method::OPTIONS => {
            Answer::new(200, "", "").header("allow", "GET, POST, OPTIONS")
        }
        Twist::RefusesExpect if asked.headers.contains_key(header::EXPECT) => {
            Answer::page(417, "Expectation Failed")
        }
        _ => return None,
    })
}

/// Whether a body holds the base64 of a WAV file's first bytes.
fn holds_audio(body: &[u8]) -> bool {
    body.windows(5).any(|five| five == b"UklGR")
}

fn challenge(title: &str) -> Answer {
    let page = format!("<!DOCTYPE html><html><head><title>{title}</title></head><body>Ray ID</body></html>");
    Answer::new(403, "text/html; charset=UTF-8", page)
        .header("server", "cloudflare")
        .header("cf-mitigated", "challenge")
}

/// What becomes of the service's answer.
fn after(post: &Post, line: Line, nth: usize, asked: &Asked, mut answer: Answer) -> Deed {
    let work = asked.is_work() && answer.is_success();
    let accepted = if work {
        post.accepted.fetch_add(1, Ordering::SeqCst)
    } else {
        0
    };
    let twist = post.edge.twist;
    let fails = match twist {
        Twist::EveryFourthFails => nth % 4 == 2,
        Twist::FirstWorkFails => work && accepted == 0,
        _ => false,
    };
    if fails {
        answer.status = 500;
        answer.body = Bytes::from_static(b"{\"detail\":\"Something went wrong.\"}");
        answer = answer.header("content-type", "application/problem+json");
    }
    if line.tls && matches!(post.edge.front, Front::Tls(_) | Front::Http2(_)) && twist != Twist::NoHsts {
        answer = answer.header("strict-transport-security", "max-age=31536000");
    }
    Deed::Answer(match twist {
        Twist::BreaksChunks if work => framed(answer, Framing::UnendedChunks),
        Twist::PromisesMore if work => framed(answer, Framing::TooLong),
        Twist::GzipUnsaid if is_public(asked) => {
            let answer = answer.header("cache-control", "public, max-age=60");
            if asked.accepts("gzip") {
                coded(answer, "gzip")
            } else {
                answer
            }
        }
        Twist::Gzip | Twist::Brotli => {
            let coding = if twist == Twist::Gzip { "gzip" } else { "br" };
            answer
                .headers
                .append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
            let answer = if is_public(asked) {
                answer.header("cache-control", "public, max-age=60")
            } else {
                answer
            };
            if asked.accepts(coding) {
                coded(answer, coding)
            } else {
                answer
            }
        }
        Twist::StripsAllowOrigin => without(answer, &[header::ACCESS_CONTROL_ALLOW_ORIGIN]),
        Twist::StripsCors => without(
            answer,
            &[
                header::ACCESS_CONTROL_ALLOW_ORIGIN,
                header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                header::ACCESS_CONTROL_ALLOW_METHODS,
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                header::ACCESS_CONTROL_MAX_AGE,
            ],
        ),
        Twist::DevelopmentServer => answer.header("server", "Werkzeug/3.0.3 Python/3.12.3"),
        Twist::Via => answer.header("via", "1.1 edge-7.lab.test").header("age", "0"),
        Twist::Http10 => Answer { old: true, ..answer },
        Twist::EarlyHints => Answer {
            hints: true,
            ..answer
        },
        _ => answer,
    })
}

fn without(mut answer: Answer, names: &[header::HeaderName]) -> Answer {
    for name in names {
        answer.headers.remove(name);
    }
    answer
}

/// Whether a request reads what everybody may, and caches may keep.
fn is_public(asked: &Asked) -> bool {
    asked.method == Method::GET && (asked.path.ends_with("/info") || asked.path.ends_with("/openapi.json"))
}

fn framed(answer: Answer, framing: Framing) -> Answer {
    Answer { framing, ..answer }
}

/// The same answer, its body coded.
fn coded(answer: Answer, coding: &'static str) -> Answer {
    let coded = match coding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&answer.body).and_then(|()| encoder.finish())
        }
        _ => {
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4_096, 4, 20);
            encoder.write_all(&answer.body).map(|()| encoder.into_inner())
        }
    };
    match coded {
        Ok(body) => Answer {
            body: body.into(),
            ..answer.header("content-encoding", coding)
        },
        Err(_) => answer,
    }
}
