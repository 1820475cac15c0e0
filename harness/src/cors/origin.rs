//! Serialised origins: reading one that somebody wrote, taking one from a URL, telling what kind of place it is.

use std::fmt;

use url::Url;

use crate::cors::nearest::{Difference, difference};
use crate::cors::sentence::quoted;
use crate::model::probe::Origin;

/// What was written as an origin and is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoOrigin {
    /// The origin that was probably meant, when there is one.
    pub meant: Option<Origin>,
    /// How the text differs from it, when that is known.
    pub difference: Option<Difference>,
}

impl fmt::Display for NoOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.meant, &self.difference) {
            (Some(meant), Some(difference)) => write!(f, "{difference}; write {}", quoted(&meant.0)),
            (Some(meant), None) => write!(f, "write {}", quoted(&meant.0)),
            (None, _) => write!(
                f,
                "an origin is scheme://host or scheme://host:port, such as \"https://app.example\""
            ),
        }
    }
}

/// Reads a serialised origin exactly as a browser sends it (Fetch §3.2, origin-or-null), or says what was probably meant.
pub fn parse(text: &str) -> Result<Origin, NoOrigin> {
    if text == "null" || is_app_origin(text) {
        return Ok(Origin(text.to_owned()));
    }
    let bare = text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || "\"'`".contains(c));
    let schemed = if bare.contains("://") {
        bare.to_owned()
    } else {
        format!("https://{bare}")
    };
    let meant = Url::parse(&schemed)
        .ok()
        .map(|url| origin_of(&url))
        .filter(|origin| {
            // `url` takes `*` for a host; here it can only be a pattern, which no page is at.
            origin.0 != "null" && !origin.0.contains('*')
        });
    match meant {
        Some(origin) if origin.0 == text => Ok(origin),
        meant => {
            let difference = meant.as_ref().and_then(|meant| difference(&meant.0, text));
            Err(NoOrigin { meant, difference })
        }
    }
}

/// Whether this is an origin of a scheme that is not the web's, as packaged apps and extensions send it
/// (`capacitor://localhost`). The URL standard calls those opaque; the ABNF of Fetch §3.2 and the apps' engines do not.
fn is_app_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = url.host_str().filter(|host| !host.is_empty());
        let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        !url.is_special()
            && lower
            && host.is_some_and(|host| text == format!("{}://{host}{port}", url.scheme()))
    })
}

/// The serialised origin of a URL (HTML §7.1.1): scheme, host, and the port unless it is the default; `null` for a URL whose
/// origin is opaque, such as `file:` and `data:`.
pub fn origin_of(url: &Url) -> Origin {
    Origin(url.origin().ascii_serialization())
}

/// What kind of place an origin is, as far as trust goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `null`: any sandboxed frame, `file:` page or redirect can have it.
    Opaque,
    /// The visitor's own machine: `localhost`, `*.localhost`, a loopback address. A development origin.
    Loopback,
    /// Plain `http`: whoever is on the network can be this origin.
    PlainHttp,
    /// `https` elsewhere.
    Secure,
    /// Another scheme, such as an app's or an extension's, or no origin at all.
    Other,
}

/// Classifies a serialised origin.
pub fn kind(origin: &Origin) -> Kind {
    if origin.0 == "null" {
        return Kind::Opaque;
    }
    let Ok(url) = Url::parse(&origin.0) else {
        return Kind::Other;
    };
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "http" | "https" if loopback => Kind::Loopback,
        "http" => Kind::PlainHttp,
        "https" => Kind::Secure,
        _ => Kind::Other,
    }
}

#[cfg(test)]
#[path = "origin_tests.rs"]
mod tests;
