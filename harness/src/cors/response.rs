//! What a page may read of an answer that a browser shares with it: the status, the body, and some of the headers.

use crate::cors::check::check;
use crate::cors::header::{HeaderList, sorted_lowercase_set};
use crate::cors::refusal::{At, Refusal};
use crate::model::capture::Octets;
use crate::model::probe::{Mode, Origin};

/// The status with which a proxy asks for credentials, and which browsers keep to themselves.
pub const PROXY_AUTHENTICATION: u16 = 407;

/// The answer as a page sees it (Fetch §2.2.6, CORS filtered response). The body is readable whenever this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readable {
    /// The status.
    pub status: u16,
    /// The lower-case names of the headers that the page can read, sorted.
    pub headers: Vec<String>,
    /// The lower-case names of the headers that came and that the page cannot read, sorted.
    pub hidden: Vec<String>,
    /// The value of an `Access-Control-Expose-Headers` that is no list of header names and so exposes nothing.
    pub malformed_expose: Option<String>,
}

impl Readable {
    /// Whether the page can read this header, which it can only when it came.
    pub fn shows(&self, name: &str) -> bool {
        self.headers.iter().any(|shown| shown.eq_ignore_ascii_case(name))
    }
}

/// What a page at this origin reads of an answer to its own cross-origin request, or why its browser refuses (Fetch §4.4,
/// step 4.4, and §4.1, step 14). Any status but 407 may be read, errors included: that is what makes an error diagnosable.
///
/// A redirect is not read but followed; see [`crate::cors::redirect`].
pub fn readable(
    status: u16,
    headers: &[(Octets, Octets)],
    origin: &Origin,
    mode: Mode,
) -> Result<Readable, Refusal> {
    if status == PROXY_AUTHENTICATION {
        return Err(Refusal::ProxyAuthenticationAsked);
    }
    check(At::Response, origin, mode, headers)?;
    let list = HeaderList(headers);
    let (exposed, malformed_expose) = match list.extract_tokens("access-control-expose-headers") {
        Ok(names) => (sorted_lowercase_set(names.unwrap_or_default()), None),
        Err(bad) => (Vec::new(), Some(bad.value)),
    };
    let all = mode == Mode::Omit && exposed.iter().any(|name| name == "*");
    let shown = |name: &String| {
        !is_forbidden_response_header_name(name)
            && (all || is_always_safelisted(name) || exposed.binary_search(name).is_ok())
    };
    let (headers, hidden) = list.names().into_iter().partition(shown);
    Ok(Readable {
        status,
        headers,
        hidden,
        malformed_expose,
    })
}

/// Whether a page reads this header of any shared answer (Fetch §2.2.2, CORS-safelisted response-header name).
pub fn is_always_safelisted(name: &str) -> bool {
    matches!(
        name.to_ascii_lowercase().as_str(),
        "cache-control"
            | "content-language"
            | "content-length"
            | "content-type"
            | "expires"
            | "last-modified"
            | "pragma"
    )
}

/// Whether no page ever reads this header (Fetch §2.2.2, forbidden response-header name).
pub fn is_forbidden_response_header_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("set-cookie") || name.eq_ignore_ascii_case("set-cookie2")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cors::check::tests::{any_headers, list};

    const APP: &str = "https://app.example";

    fn read(mode: Mode, acao: &str, pairs: &[(&str, &str)]) -> Result<Readable, Refusal> {
        let mut headers = list(pairs);
        headers.extend(list(&[
            ("Access-Control-Allow-Origin", acao),
            ("Access-Control-Allow-Credentials", "true"),
        ]));
        readable(500, &headers, &Origin(APP.into()), mode)
    }

    #[test]
    fn shows_the_safelisted_headers_and_those_that_are_exposed() {
        let sent = [
            ("Content-Type", "text/plain"),
            ("Cache-Control", "no-store"),
            ("Content-Language", "en"),
            ("Content-Length", "3"),
            ("Expires", "0"),
            ("Last-Modified", "x"),
            ("Pragma", "x"),
            ("Retry-After", "5"),
            ("X-Request-Id", "1"),
            ("Set-Cookie", "a=b"),
            (
                "Access-Control-Expose-Headers",
                "retry-AFTER, Set-Cookie, x-not-sent",
            ),
        ];
        let seen = read(Mode::Include, APP, &sent).unwrap();
        assert_eq!(seen.status, 500);
        let shown = [
            "cache-control",
            "content-language",
            "content-length",
            "content-type",
            "expires",
            "last-modified",
            "pragma",
            "retry-after",
        ];
        assert_eq!(seen.headers, shown);
        let hidden = [
            "access-control-allow-credentials",
            "access-control-allow-origin",
            "access-control-expose-headers",
            "set-cookie",
            "x-request-id",
        ];
        assert_eq!(seen.hidden, hidden);
        assert!(seen.shows("Retry-After") && !seen.shows("X-Request-Id") && !seen.shows("X-Not-Sent"));
    }

    #[test]
    fn a_star_exposes_all_but_cookies_unless_credentials_go_along() {
        let sent = [
            ("x-request-id", "1"),
            ("set-cookie", "a=b"),
            ("access-control-expose-headers", "*"),
            ("*", "odd"),
        ];
        let open = read(Mode::Omit, "*", &sent).unwrap();
        assert!(
            open.shows("x-request-id")
                && open.shows("access-control-allow-origin")
                && !open.shows("set-cookie")
        );
        let strict = read(Mode::Include, APP, &sent).unwrap();
        assert_eq!(strict.headers, ["*"], "with credentials `*` is a literal name");
    }

    #[test]
    fn a_malformed_list_exposes_nothing_and_is_told() {
        let sent = [
            ("x-request-id", "1"),
            ("access-control-expose-headers", "x-request-id retry-after"),
        ];
        let seen = read(Mode::Omit, "*", &sent).unwrap();
        assert!(!seen.shows("x-request-id"));
        assert_eq!(seen.malformed_expose.as_deref(), Some("x-request-id retry-after"));
    }

    #[test]
    fn refuses_a_bare_answer_whatever_its_status() {
        for status in [200, 401, 429, 500] {
            let refusal = readable(status, &[], &Origin(APP.into()), Mode::Omit).unwrap_err();
            assert_eq!(refusal.label(), "MissingAllowOriginHeader");
        }
    }

    #[test]
    fn a_proxys_question_never_reaches_a_page() {
        let headers = list(&[("access-control-allow-origin", "*")]);
        let read = |status| readable(status, &headers, &Origin(APP.into()), Mode::Omit);
        assert_eq!(read(407), Err(Refusal::ProxyAuthenticationAsked));
        assert!(read(401).is_ok() && read(408).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_readable_names_the_origin_or_is_open_without_credentials(
            raw in any_headers(),
            allow in proptest::option::of(proptest::sample::select(vec![APP, "*", "null"])),
            include: bool,
        ) {
            let mut raw = raw;
            if let Some(value) = allow {
                raw.retain(|(name, _)| !name.0.eq_ignore_ascii_case(b"access-control-allow-origin"));
                raw.extend(list(&[("access-control-allow-origin", value)]));
            }
            let mode = if include { Mode::Include } else { Mode::Omit };
            if let Ok(seen) = readable(200, &raw, &Origin(APP.into()), mode) {
                let acao = HeaderList(&raw).get("access-control-allow-origin");
                let acao = acao.as_deref();
                prop_assert!(acao == Some(APP) || (acao == Some("*") && mode == Mode::Omit));
                prop_assert!(!seen.shows("set-cookie"));
                let mut names = [seen.headers, seen.hidden].concat();
                names.sort();
                prop_assert_eq!(names, HeaderList(&raw).names());
            }
        }
    }
}
