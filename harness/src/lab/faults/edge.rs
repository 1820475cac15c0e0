//! Edge, proxy and transport.

use orchestrate::faults::id::FaultId;

use crate::lab::edge::tls::Shown;
use crate::lab::edge::twist::Twist;
use crate::lab::edge::{Behind, Edge, Front};
use crate::lab::fault::{Fault, How};
use crate::lab::faults::Unshown;
use crate::model::finding::Verdict;

/// Bytes of a body that a small limit lets pass: less than a sample of audio, more than any other request.
pub const SMALL: usize = 32 * 1024;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::EdgeHtml)
        .shows(&["edge-html-error", "cors-edge-bare"])
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("edge-error-page"),
    Fault::service(FaultId::DroppedConnection)
        .must_fail(&["reach/every-request-answered"])
        .named("connection-dropped"),
    Fault::edge(
        "edge-default-backend",
        "The name leads to an ingress that knows no service behind it.",
        Edge::that(Twist::DefaultBackend),
    )
    .shows(&["edge-wrong-target"])
    .must_fail(&["health/healthy", "journey/proofs"])
    .named("wrong-url"),
    Fault::edge(
        "edge-limit-small",
        "The proxy refuses bodies that are smaller than a recording.",
        Edge::that(Twist::Limit(SMALL)),
    )
    .shows(&["edge-limit-small"])
    .must_fail(&["journey/speech-is-transcribed"])
    .named("edge-limit"),
    Fault::edge(
        "edge-timeout-short",
        "The proxy gives up before the work is done.",
        Edge::that(Twist::TimeLimit(200)).with(&[FaultId::Slow]),
    )
    .shows(&["edge-timeout-short"])
    .must_fail(&["errors/no-server-error", "journey/proofs"])
    .named("edge-timeout"),
    Fault::edge(
        "edge-filters-audio",
        "A filter takes recordings for an attack.",
        Edge::that(Twist::FiltersAudio),
    )
    .shows(&["edge-waf-block"])
    .must_fail(&["journey/speech-is-transcribed"])
    .named("edge-blocks-content"),
    Fault::edge(
        "edge-challenge",
        "The platform asks the checker to prove that it is a browser.",
        Edge::that(Twist::Challenge),
    )
    .must_fail(&["reach/answers"])
    .named("edge-challenge")
    .ends(Verdict::Inconclusive),
    Fault::edge(
        "redirect-downgrade",
        "The work is redirected to http, since the application behind TLS does not know of it.",
        Edge::that(Twist::RedirectsInside).over(Front::Tls(Shown::Good)),
    )
    .shows(&["redirect-downgrade"])
    .must_fail(&["edge/redirects-kept", "journey/proofs"])
    .named("redirect-astray"),
    Fault::edge(
        "redirect-post-to-get",
        "The work is redirected with 301, which clients follow with GET.",
        Edge::that(Twist::RedirectsMoved),
    )
    .shows(&["redirect-post-to-get"])
    .must_fail(&["edge/redirects-kept", "journey/proofs"])
    .named("redirect-astray"),
    Fault::edge(
        "redirect-strips-auth",
        "The work is redirected to another host, where browsers send no Authorization.",
        Edge::that(Twist::RedirectsElsewhere),
    )
    .shows(&["redirect-strips-auth"])
    .must_fail(&["edge/redirects-kept", "journey/proofs"])
    .named("redirect-astray"),
    Fault::edge(
        "edge-answers-options",
        "The proxy answers OPTIONS itself.",
        Edge::that(Twist::AnswersOptions),
    )
    .shows(&["edge-answers-options"])
    .must_fail(&["cors/preflight-allowed"])
    .named("edge-answers-options"),
    Fault::edge(
        "chunks-never-end",
        "The last chunk of an answer is never sent.",
        Edge::that(Twist::BreaksChunks),
    )
    .shows(&["chunk-broken"])
    .must_fail(&["edge/answers-whole"])
    .named("answer-cut"),
    Fault::edge(
        "length-too-long",
        "Answers promise more bytes than come.",
        Edge::that(Twist::PromisesMore),
    )
    .must_fail(&["edge/answers-whole"])
    .named("answer-cut"),
    Fault::edge(
        "gzip-without-vary",
        "Answers that caches keep are compressed for those who ask, and do not say so.",
        Edge::that(Twist::GzipUnsaid),
    )
    .shows(&["vary-encoding-missing"])
    .must_note(&["edge/vary-on-encoding"]),
    Fault::edge(
        "idle-connections-reset",
        "A connection that was idle for a moment is reset by the next request on it.",
        Edge::that(Twist::ResetsIdle(20)),
    )
    .shows(&["keepalive-race"])
    .must_fail(&["edge/keep-alive"])
    .named("keepalive-race"),
    Fault::edge(
        "expect-refused",
        "A request that announces its body with Expect is refused.",
        Edge::that(Twist::RefusesExpect),
    )
    .shows(&["expect-continue"])
    .must_note(&["edge/expect-continue"]),
    Fault::edge(
        "large-body-reset",
        "A recording is refused by resetting the connection.",
        Edge::that(Twist::LimitByReset(SMALL)),
    )
    .shows(&["reset-on-large"])
    .must_fail(&["reach/every-request-answered"])
    .named("large-body-reset"),
    Fault::edge(
        "h2-connection-header",
        "Answers over HTTP/2 carry a Connection header.",
        Edge::that(Twist::ConnectionHeaderInHttp2).over(Front::Http2(Shown::Good)),
    )
    .shows(&["h2-connection-header"])
    .must_fail(&["reach/answers", "reach/http2-works"])
    .named("http2-broken"),
    Fault::edge(
        "dns-dead-address",
        "One of the two addresses of the name is dead.",
        Edge::that(Twist::None).at_a_dead_address_too(),
    )
    .shows(&["dns-dead-address"])
    .must_fail(&["reach/every-address-answers"])
    .named("dead-address"),
    Fault::edge(
        "length-over-chunks",
        "The proxy goes by the length of a request that comes in chunks, and serves the rest as the next request.",
        Edge::that(Twist::LengthOverChunks),
    )
    .shows(&["smuggling-framing"])
    .must_fail(&["edge/two-lengths-refused"])
    .named("requests-smuggled"),
    Fault::edge(
        "first-length-believed",
        "The proxy believes the first of two lengths, and serves the rest as the next request.",
        Edge::that(Twist::FirstLength),
    )
    .shows(&["smuggling-framing"])
    .must_fail(&["edge/two-lengths-refused"])
    .named("requests-smuggled"),
    Fault::edge(
        "last-length-believed",
        "The proxy believes the last of two lengths, and serves the rest as the next request.",
        Edge::that(Twist::LastLength),
    )
    .shows(&["smuggling-framing"])
    .must_fail(&["edge/two-lengths-refused"])
    .named("requests-smuggled"),
    Fault::edge(
        "nothing-behind-the-edge",
        "The application listens on another port than the platform looks at.",
        Edge::that(Twist::None).before(Behind::Nobody),
    )
    .shows(&["port-binding"])
    .must_fail(&["health/healthy", "errors/no-server-error"])
    .named("edge-error-page"),
    Fault::new(
        "nothing-listens",
        "Nothing listens at the address.",
        How::Expected,
    )
    .with(|subject| subject.target.base = "http://127.0.0.1:1/api/v3".to_owned())
    .must_fail(&["reach/answers"])
    .named("unreachable"),
    Fault::edge(
        "edge-strips-authorization",
        "The proxy takes the Authorization header away.",
        Edge::that(Twist::StripsAuthorization),
    )
    .shows(&["auth-stripped-by-edge"])
    .must_fail(&["auth/good-credential-accepted", "journey/proofs"])
    .named("credential-stripped"),
    Fault::edge(
        "edge-strips-allow-origin",
        "The proxy takes Access-Control-Allow-Origin away from every answer.",
        Edge::that(Twist::StripsAllowOrigin),
    )
    .must_fail(&["cors/preflight-allowed", "cors/readable"])
    .named("cors-headers-stripped"),
    Fault::edge(
        "edge-strips-cors",
        "The proxy takes every CORS header away, and adds none of its own.",
        Edge::that(Twist::StripsCors),
    )
    .must_fail(&["cors/preflight-allowed", "cors/readable"])
    .named("cors-headers-stripped"),
];

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[];
