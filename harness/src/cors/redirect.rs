//! What becomes of a page's CORS request when the server redirects it (Fetch §4.5). Browsers follow, but lose things on the
//! way: the origin turns into `null`, `Authorization` is dropped, a `POST` becomes a `GET`.

use url::Url;

use crate::cors::check::check;
use crate::cors::header::{HeaderList, decode};
use crate::cors::origin::origin_of;
use crate::cors::preflight::is_redirect_status;
use crate::cors::refusal::{At, Refusal};
use crate::cors::request::is_cors_non_wildcard_request_header_name;
use crate::cors::response::PROXY_AUTHENTICATION;
use crate::model::capture::Octets;
use crate::model::probe::{Mode, Origin};

/// A page's request at one URL of its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// The page's own origin, which never changes.
    pub page: Origin,
    /// Where the request goes.
    pub url: Url,
    /// Whether a redirect led from one foreign origin to another: then the request's origin is `null` (Fetch §2.2.5,
    /// redirect-taint).
    pub tainted: bool,
    /// Whether answers must pass the CORS check: once a request has left its page's origin, for good (Fetch §4.1, step 12).
    pub cors: bool,
    /// Whether `Authorization` was dropped on the way (Fetch §4.5, step 13).
    pub dropped_authorization: bool,
    /// How many redirects led here; at most [`MAX_REDIRECTS`].
    pub redirects: u8,
}

/// How many redirects a browser follows (Fetch §4.5, step 7).
pub const MAX_REDIRECTS: u8 = 20;

impl Leg {
    /// A request as a page at this origin sends it.
    pub fn first(page: &Origin, url: Url) -> Leg {
        let cors = !same_origin(page, &url);
        Leg {
            page: page.clone(),
            url,
            tainted: false,
            cors,
            dropped_authorization: false,
            redirects: 0,
        }
    }

    /// The origin that goes on the wire and that answers must name (Fetch §2.2.5, byte-serializing a request origin).
    pub fn origin(&self) -> Origin {
        if self.tainted {
            Origin("null".into())
        } else {
            self.page.clone()
        }
    }

    /// Whether this request header, set by the page, still goes out on this leg.
    pub fn carries(&self, name: &str) -> bool {
        !(self.dropped_authorization && is_cors_non_wildcard_request_header_name(name))
    }
}

/// Where an answer sends the browser: `None` when it is no redirect, the next leg when it is one, or why the browser gives up
/// (Fetch §4.4 and §4.5). A redirect must pass the CORS check itself. Whether the next leg needs a preflight of its own is
/// asked anew, with the method and headers that are left: a redirect after a preflight is followed, not refused.
pub fn follow(
    leg: &Leg,
    mode: Mode,
    status: u16,
    headers: &[(Octets, Octets)],
) -> Result<Option<Leg>, Refusal> {
    if status == PROXY_AUTHENTICATION {
        return Err(Refusal::ProxyAuthenticationAsked);
    }
    if leg.cors {
        check(At::Response, &leg.origin(), mode, headers)?;
    }
    let mut locations = HeaderList(headers).values("location");
    let Some(location) = locations.next().filter(|_| is_redirect_status(status)) else {
        return Ok(None);
    };
    if locations.next().is_some() {
        // The ABNF of `Location` allows one (Fetch §2.2.2, extract header list values).
        let location = HeaderList(headers).get("location").unwrap_or_default();
        return Err(Refusal::InvalidRedirect { location });
    }
    // Browsers read a `Location` as UTF-8 where it is that.
    let location = std::str::from_utf8(location).map_or_else(|_| decode(location), str::to_owned);
    after_redirect(leg, &location).map(Some)
}

/// The next leg of a request that is redirected to `location`, relative to where it is (Fetch §4.5).
pub fn after_redirect(leg: &Leg, location: &str) -> Result<Leg, Refusal> {
    let Ok(url) = leg.url.join(location) else {
        return Err(Refusal::InvalidRedirect {
            location: location.to_owned(),
        });
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal::UnsafeRedirect {
            scheme: url.scheme().to_owned(),
        });
    }
    if leg.redirects >= MAX_REDIRECTS {
        return Err(Refusal::TooManyRedirects);
    }
    let credentials =
        !url.username().is_empty() || url.password().is_some_and(|password| !password.is_empty());
    let to_page = same_origin(&leg.page, &url);
    if credentials && (leg.cors || !to_page) {
        return Err(Refusal::RedirectContainsCredentials {
            location: without_credentials(url),
        });
    }
    let leaves = leg.url.origin() != url.origin();
    Ok(Leg {
        page: leg.page.clone(),
        tainted: leg.tainted || (leaves && !same_origin(&leg.page, &leg.url)),
        cors: leg.cors || !to_page,
        dropped_authorization: leg.dropped_authorization || leaves,
        redirects: leg.redirects + 1,
        url,
    })
}

fn same_origin(page: &Origin, url: &Url) -> bool {
    // An opaque origin is the same as no other, itself serialised included.
    page.0 != "null" && origin_of(url) == *page
}

/// The URL as text without user name and password, which may be a secret. A URL that cannot do without them has no host.
fn without_credentials(mut url: Url) -> String {
    match url.set_username("").and_then(|()| url.set_password(None)) {
        Ok(()) => url.into(),
        Err(()) => format!("a URL of scheme {}", url.scheme()),
    }
}

#[cfg(test)]
#[path = "redirect_tests.rs"]
mod tests;
