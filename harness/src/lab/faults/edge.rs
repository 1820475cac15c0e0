//! Edge, proxy and transport.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::EdgeHtml)
        .shows(&["edge-html-error", "cors-edge-bare"])
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("edge-error-page"),
    Fault::service(FaultId::DroppedConnection)
        .must_fail(&["reach/every-request-answered"])
        .named("connection-dropped"),
];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[
    "edge-wrong-target",
    "edge-limit-small",
    "edge-timeout-short",
    "edge-waf-block",
    "redirect-downgrade",
    "redirect-post-to-get",
    "redirect-strips-auth",
    "edge-answers-options",
    "chunk-broken",
    "vary-encoding-missing",
    "keepalive-race",
    "expect-continue",
    "reset-on-large",
    "h2-connection-header",
    "dns-dead-address",
    "smuggling-framing",
    "port-binding",
];
