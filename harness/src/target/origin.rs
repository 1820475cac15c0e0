//! The origin of a page, as a browser puts it into the `Origin` header. One character more and every comparison that
//! a server makes fails, so this reader says exactly what differs.

use crate::model::probe::Origin;
use crate::target::fault::{Fault, quote};
use crate::target::words::leaf;

/// A page's serialised origin (WHATWG HTML §7.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOrigin(pub Origin);

impl PageOrigin {
    /// Reads `scheme://host[:port]`, exactly as a browser would send it.
    pub fn parse(text: &str) -> Result<PageOrigin, Fault> {
        let what = format!("{} is not an origin", quote(text));
        let fault = |why: &str, next: &str| Fault::new(&what, why, next);
        let example = "write scheme and host of the page, such as \"https://app.acme.example\"";
        match text {
            "" => return Err(fault("it is empty", example)),
            "*" => {
                return Err(fault(
                    "`*` is an answer of a server; a page has one origin",
                    example,
                ));
            }
            "null" => {
                return Err(fault(
                    "any sandboxed page has it too, so it tells no page from another",
                    example,
                ));
            }
            _ => {}
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            let next = format!(
                "write {}",
                quote(&format!("https://{}", text.trim_start_matches('/')))
            );
            return Err(fault("the scheme is missing", &next));
        };
        if rest
            .split('/')
            .next()
            .is_some_and(|authority| authority.contains('@'))
        {
            let hidden = Fault::new(
                "this origin holds user information",
                "an origin is scheme, host and port",
                example,
            );
            return Err(hidden.hiding_the_value());
        }
        let serialised =
            serialise(scheme, text).ok_or_else(|| fault("it has no host that a page could have", example))?;
        match serialised == text {
            true => Ok(PageOrigin(Origin(serialised))),
            false => {
                let why = difference(scheme, rest, &serialised);
                Err(fault(why, &format!("write {}", quote(&serialised))))
            }
        }
    }
}

/// The origin of this URL as a browser writes it. Schemes of apps and extensions, which the URL standard calls
/// opaque, are written by their browsers as scheme and host.
fn serialise(scheme: &str, text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    if matches!(url.scheme(), "http" | "https") {
        return Some(url.origin().ascii_serialization());
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    host.bytes().all(plain).then(|| {
        format!(
            "{}://{}{port}",
            scheme.to_ascii_lowercase(),
            host.to_ascii_lowercase()
        )
    })
}

/// In what `scheme://rest` differs from its serialisation.
fn difference(scheme: &str, rest: &str, serialised: &str) -> &'static str {
    let (authority, after) = rest
        .find(['/', '?', '#', '\\'])
        .map_or((rest, ""), |at| rest.split_at(at));
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    let upper = |text: &str| text.bytes().any(|byte| byte.is_ascii_uppercase());
    match () {
        () if after == "/" => "the trailing slash is not part of it",
        () if after.starts_with('/') => "the path is not part of it",
        () if after.starts_with('?') => "the query is not part of it",
        () if !after.is_empty() => "what follows the host is not part of it",
        () if upper(scheme) => "browsers write the scheme in lower case",
        () if !authority.is_ascii() => "browsers write such a host in its ASCII form (punycode)",
        () if upper(authority) => "browsers write the host in lower case",
        () if port.is_some_and(str::is_empty) => "the colon has no port after it",
        () if port.is_some_and(|port| !serialised.ends_with(&format!(":{port}"))) => {
            "browsers leave out the scheme's own port"
        }
        () => "browsers write it otherwise",
    }
}

leaf!(
    PageOrigin,
    "the serialised origin of a page, such as \"https://app.acme.example\""
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_browsers_send() {
        for text in [
            "https://app.acme.example",
            "http://localhost:3000",
            "http://[::1]:8080",
            "https://xn--bcher-kva.example",
            "capacitor://localhost",
            "chrome-extension://abcdefghijklmnop",
        ] {
            assert_eq!(PageOrigin::parse(text), Ok(PageOrigin(Origin(text.to_owned()))));
        }
    }

    #[test]
    fn says_exactly_what_differs_from_a_serialised_origin() {
        for (text, why, next) in [
            (
                "https://a.example/",
                "the trailing slash is not part of it",
                "write `https://a.example`",
            ),
            (
                "https://a.example/app",
                "the path is not part of it",
                "write `https://a.example`",
            ),
            (
                "https://a.example?x",
                "the query is not part of it",
                "write `https://a.example`",
            ),
            (
                "https://a.example#x",
                "what follows the host is not part of it",
                "write `https://a.example`",
            ),
            (
                "HTTPS://a.example",
                "browsers write the scheme in lower case",
                "write `https://a.example`",
            ),
            (
                "https://A.example",
                "browsers write the host in lower case",
                "write `https://a.example`",
            ),
            (
                "https://a.example:443",
                "browsers leave out the scheme's own port",
                "write `https://a.example`",
            ),
            (
                "http://a.example:",
                "the colon has no port after it",
                "write `http://a.example`",
            ),
            (
                "https://bücher.example",
                "browsers write such a host in its ASCII form (punycode)",
                "write `https://xn--bcher-kva.example`",
            ),
            ("a.example", "the scheme is missing", "write `https://a.example`"),
        ] {
            let fault = PageOrigin::parse(text).unwrap_err();
            assert_eq!((fault.why.as_str(), fault.next.as_str()), (why, next), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_page() {
        for text in [
            "",
            "*",
            "null",
            "https://",
            "file:///x",
            "https://joe:pw@a.example",
            "https:// a",
        ] {
            let fault = PageOrigin::parse(text).unwrap_err();
            assert!(!fault.what.contains("pw"), "{fault:?}");
        }
    }
}
