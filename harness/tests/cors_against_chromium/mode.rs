//! What the `mode` of a page's request makes of a call to another origin. `no-cors` is the usual answer to "how do I turn off
//! CORS", and what it turns off is reading: the server does the work and the page sees nothing of it.

use greenlight::cors::request::{
    is_cors_safelisted_method, is_cors_safelisted_request_header, normalize_method,
};

/// A request's mode, as a page's script can set it (Fetch §2.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum FetchMode {
    /// The default of `fetch`, and the only mode in which the rest of this room applies.
    Cors,
    /// Sent without asking, and never read.
    NoCors,
    /// To the page's own origin or not at all.
    SameOrigin,
}

/// What becomes of a call to another origin (Fetch §4.1, step 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Elsewhere {
    /// Subject to preflight and CORS check.
    Cors,
    /// Sent without either; the page sees status 0, no header and no body (Fetch §2.2.6, opaque filtered response).
    Opaque,
    /// Never sent.
    Refused,
}

impl FetchMode {
    /// What becomes of a call with this method to another origin.
    pub(crate) fn elsewhere(self, method: &str) -> Elsewhere {
        match self {
            FetchMode::Cors => Elsewhere::Cors,
            // Fetch §5.4, new Request, step 32: no other method can be set in this mode.
            FetchMode::NoCors if is_cors_safelisted_method(&normalize_method(method)) => Elsewhere::Opaque,
            FetchMode::NoCors | FetchMode::SameOrigin => Elsewhere::Refused,
        }
    }

    /// Whether a header that the page's script sets goes out at all (Fetch §5.1, the guard `request-no-cors`).
    pub(crate) fn keeps(self, name: &[u8], value: &[u8]) -> bool {
        let known = ["accept", "accept-language", "content-language", "content-type"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
        self != FetchMode::NoCors || (known && is_cors_safelisted_request_header(name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cors_sends_blindly_what_a_form_could_send_and_nothing_else() {
        for (mode, method, expected) in [
            (FetchMode::Cors, "PUT", Elsewhere::Cors),
            (FetchMode::NoCors, "post", Elsewhere::Opaque),
            (FetchMode::NoCors, "GET", Elsewhere::Opaque),
            (FetchMode::NoCors, "PUT", Elsewhere::Refused),
            (FetchMode::SameOrigin, "GET", Elsewhere::Refused),
        ] {
            assert_eq!(mode.elsewhere(method), expected, "{mode:?} {method}");
        }
    }

    #[test]
    fn no_cors_drops_every_header_that_would_need_a_preflight() {
        let kept = |mode: FetchMode, name: &str, value: &str| mode.keeps(name.as_bytes(), value.as_bytes());
        assert!(kept(FetchMode::NoCors, "Content-Type", "text/plain"));
        assert!(!kept(FetchMode::NoCors, "content-type", "application/json"));
        assert!(!kept(FetchMode::NoCors, "authorization", "Bearer x"));
        assert!(!kept(FetchMode::NoCors, "range", "bytes=0-1"));
        assert!(kept(FetchMode::Cors, "authorization", "Bearer x"));
    }
}
