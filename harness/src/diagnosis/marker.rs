//! Who answered: the application, or what stands in front of it? The application's mark is learned from the headers that
//! every healthy answer of this run carries. Without one, nobody knows.

use crate::check::health::is_page;
use crate::check::view::View;
use crate::model::exchange::Reply;

/// Headers that say nothing of who wrote an answer: everybody adds them.
const COMMON: &str = "date content-type content-length content-encoding transfer-encoding connection keep-alive vary \
                      cache-control expires pragma age etag last-modified accept-ranges alt-svc via \
                      strict-transport-security set-cookie allow location www-authenticate retry-after server";
/// Prefixes of headers that the edge adds, or that depend on the request.
const COMMON_PREFIXES: [&str; 7] = [
    "access-control-",
    "cf-",
    "x-cache",
    "x-amz-",
    "x-served-by",
    "x-timer",
    "rndr-",
];

/// How the application's answers can be known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marker {
    /// Headers that every healthy answer of the run carries, sorted.
    pub headers: Vec<String>,
    /// The value of `Server` that every healthy answer carries.
    pub server: Option<String>,
}

impl Marker {
    /// Learns from the successes of a run, preflights aside.
    pub fn learn(view: &View<'_>) -> Marker {
        let mut healthy = view
            .answers()
            .filter(|(exchange, reply)| (200..300).contains(&reply.status) && !exchange.probe.is_preflight())
            .map(|(_, reply)| reply)
            .filter(|reply| !is_page(reply));
        let Some(first) = healthy.next() else {
            return Marker::default();
        };
        let mut headers: Vec<String> = first
            .headers
            .iter()
            .map(|(name, _)| name.text().to_ascii_lowercase())
            .collect();
        headers.retain(|name| is_telling(name));
        headers.sort();
        headers.dedup();
        let mut server = first.header("server");
        for reply in healthy {
            headers.retain(|name| reply.header(name).is_some());
            server = server.filter(|server| reply.header("server").as_ref() == Some(server));
        }
        Marker { headers, server }
    }

    /// Whether an answer carries the mark; `None` when no mark could be learned.
    pub fn is_on(&self, reply: &Reply) -> Option<bool> {
        (!self.headers.is_empty()).then(|| self.headers.iter().all(|name| reply.header(name).is_some()))
    }

    /// Whether another program than the healthy one signs as `Server`.
    pub fn is_other_server(&self, reply: &Reply) -> bool {
        let theirs = reply.header("server");
        theirs.is_some() && theirs != self.server
    }
}

fn is_telling(name: &str) -> bool {
    !COMMON.split_whitespace().any(|common| common == name)
        && !COMMON_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The name of the proxy or platform that signs an error page of its own, when one does.
pub fn edge_signature(reply: &Reply) -> Option<&'static str> {
    let kept = reply.body.bytes.get(..4_096).unwrap_or(&reply.body.bytes);
    let body = String::from_utf8_lossy(kept).to_ascii_lowercase();
    let server = reply.header("server").unwrap_or_default().to_ascii_lowercase();
    let signs = [
        (
            body.contains("<center>nginx") || body.contains("<center>openresty"),
            "nginx",
        ),
        (server.starts_with("awselb"), "the AWS load balancer"),
        (
            server.starts_with("cloudflare") && body.contains("cloudflare"),
            "Cloudflare",
        ),
        (reply.header("cf-mitigated").is_some(), "Cloudflare"),
        (server.starts_with("cloudfront"), "CloudFront"),
        (body.contains("varnish cache server"), "Varnish"),
        (
            body.starts_with("no healthy upstream") || body.starts_with("upstream connect error"),
            "Envoy",
        ),
        (body.starts_with("default backend - 404"), "the ingress"),
        (reply.header("x-render-routing").is_some(), "Render"),
        (body.contains("herokucdn.com/error-pages"), "Heroku"),
    ];
    signs
        .into_iter()
        .find_map(|(is_there, name)| is_there.then_some(name))
}

/// Why an error must have been written by the edge, in words; `None` when the application may have written it.
pub fn edge_wrote(reply: &Reply, marker: &Marker) -> Option<String> {
    if reply.status < 400 || reply.is_json() || marker.is_on(reply) == Some(true) {
        return None;
    }
    if let Some(name) = edge_signature(reply) {
        return Some(format!("it is signed by {name}"));
    }
    let gateway = matches!(reply.status, 502..=504 | 520..=530);
    let page = is_page(reply);
    if page && gateway && marker.is_on(reply) == Some(false) {
        return Some(format!(
            "it is a web page without {}, which every healthy answer carries",
            marker.headers.join(", ")
        ));
    }
    // Frameworks write pages for crashes too, outside of what adds their headers; so another signature must be there.
    let unlike = marker.server.is_some() && marker.is_other_server(reply);
    (page && unlike && marker.is_on(reply) != Some(true)).then(|| {
        format!(
            "it is a web page signed by another server ({}) than the healthy answers",
            crate::check::text::clean(&reply.header("server").unwrap_or_default(), 40)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::model::exchange::Exchange;

    const HTML: (&str, &str) = ("content-type", "text/html");

    fn healthy() -> Exchange {
        let headers = [
            ("x-request-id", "1"),
            ("server", "uvicorn"),
            ("date", "x"),
            ("cf-ray", "1"),
        ];
        answered(1, &asks::read("/health"), 200, &headers, "ok")
    }

    fn wrote(healthy: &[Exchange], status: u16, headers: &[(&str, &str)], body: &str) -> Option<String> {
        let target = target();
        let view = View::new(&target, None, healthy, &[]);
        let page = answered(2, &asks::read("/x"), status, headers, body);
        edge_wrote(page.answer().unwrap(), &Marker::learn(&view))
    }

    #[test]
    fn the_mark_is_what_every_healthy_answer_carries_and_no_edge_adds() {
        let target = target();
        let seen = [
            healthy(),
            answered(
                2,
                &asks::read("/b"),
                200,
                &[("x-request-id", "2"), ("x-b", "1")],
                "{}",
            ),
        ];
        let marker = Marker::learn(&View::new(&target, None, &seen, &[]));
        assert_eq!(
            (marker.headers, marker.server),
            (vec!["x-request-id".to_owned()], None)
        );
    }

    #[test]
    fn a_proxy_s_page_is_known_by_signature_or_by_the_missing_mark() {
        let nginx = "<html><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></html>";
        assert!(wrote(&[], 502, &[HTML], nginx).is_some());
        assert!(wrote(&[healthy()], 504, &[HTML], "<html>Gateway Timeout</html>").is_some());
        assert!(
            wrote(
                &[healthy()],
                413,
                &[HTML, ("server", "openresty")],
                "<html>too large</html>"
            )
            .is_some()
        );
        assert!(
            wrote(
                &[healthy()],
                503,
                &[("content-type", "text/plain")],
                "no healthy upstream"
            )
            .is_some()
        );
    }

    #[test]
    fn a_crash_of_the_application_is_never_the_edge() {
        let plain = ("content-type", "text/plain; charset=utf-8");
        assert_eq!(wrote(&[healthy()], 500, &[plain], "Internal Server Error"), None);
        assert_eq!(
            wrote(
                &[healthy()],
                500,
                &[HTML, ("server", "uvicorn")],
                "<html>Server Error (500)"
            ),
            None
        );
        assert_eq!(
            wrote(&[healthy()], 502, &[HTML, ("x-request-id", "3")], "<html>"),
            None
        );
        assert_eq!(
            wrote(&[healthy()], 503, &[("content-type", "application/json")], "{}"),
            None
        );
        assert_eq!(
            wrote(
                &[healthy()],
                404,
                &[HTML, ("server", "uvicorn")],
                "<html>Cannot GET /x"
            ),
            None
        );
        assert_eq!(wrote(&[], 502, &[HTML], "<html>Bad Gateway</html>"), None);
    }
}
