//! For how long a browser remembers a preflight, and which calls of a page that spares a preflight of their own. A page that
//! works only while an earlier preflight is remembered fails for the visitor who comes back later.

use std::time::Duration;

use url::Url;

use greenlight::cors::preflight::Granted;
use greenlight::cors::request::{
    PreflightNeed, is_cors_non_wildcard_request_header_name, is_cors_safelisted_method,
};
use greenlight::model::probe::{Mode, Origin};

/// The most that Chromium keeps a preflight's answer, in seconds (MDN, Access-Control-Max-Age).
pub(crate) const CHROMIUM_MAX_AGE: u32 = 7_200;

/// A page's call, as far as what is remembered depends on it (Fetch §4.9, cache entry match).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asker<'a> {
    /// The origin that goes on the wire, which redirects may have made `null`.
    pub(crate) origin: &'a Origin,
    /// Where the call goes.
    pub(crate) url: &'a Url,
    /// Its credentials mode.
    pub(crate) mode: Mode,
}

/// What a preflight's answer allows, one item of one list (Fetch §4.9, cache entry: method or header name).
#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed {
    Method(String),
    Header(String),
}

#[derive(Debug, Clone)]
struct Entry {
    origin: Origin,
    url: Url,
    credentials: bool,
    allowed: Allowed,
    until: Duration,
}

impl Entry {
    /// Fetch §4.9, cache entry match. What was allowed without credentials says nothing about a call with them.
    fn serves(&self, asker: Asker<'_>, now: Duration) -> bool {
        now < self.until
            && self.origin == *asker.origin
            && self.url == *asker.url
            && (self.credentials || asker.mode == Mode::Omit)
    }

    /// Whether this allows a method or header: by name, or by a `*` that is no literal name.
    ///
    /// The standard's text lets a remembered `*` cover calls with credentials too, though §4.8, step 7.5, refuses that of a
    /// fresh answer. Chromium does not, so here a `*` covers what it covers in the answer itself.
    fn covers(&self, allowed: &Allowed, mode: Mode) -> bool {
        match (&self.allowed, allowed) {
            (Allowed::Method(entry), Allowed::Method(method)) => {
                entry == method || (entry == "*" && mode == Mode::Omit)
            }
            (Allowed::Header(entry), Allowed::Header(name)) => {
                entry.eq_ignore_ascii_case(name)
                    || (entry == "*" && mode == Mode::Omit && !is_cors_non_wildcard_request_header_name(name))
            }
            _ => false,
        }
    }
}

/// What one page's browser remembers of preflights (Fetch §4.9, CORS-preflight cache). Times are since any one instant that
/// the caller keeps to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Remembered {
    entries: Vec<Entry>,
}

impl Remembered {
    /// Keeps what a good preflight allows (Fetch §4.8, steps 7.10 to 7.15), for as long as it says and the browser's own
    /// `limit`, in seconds, permits. For an opaque origin nothing is kept: no two of them are the same, though all are sent as
    /// `null`, and the standard lets a browser forget early.
    pub(crate) fn keep(&mut self, asker: Asker<'_>, granted: &Granted, limit: u32, now: Duration) {
        if asker.origin.0 == "null" {
            return;
        }
        let seconds = granted.max_age.seconds().min(limit);
        let until = now.saturating_add(Duration::from_secs(seconds.into()));
        let methods = granted.methods.iter().cloned().map(Allowed::Method);
        let headers = granted.headers.iter().cloned().map(Allowed::Header);
        for allowed in methods.chain(headers) {
            let known = self
                .entries
                .iter_mut()
                .find(|entry| entry.serves(asker, now) && entry.covers(&allowed, asker.mode));
            if let Some(entry) = known {
                entry.until = until;
                continue;
            }
            self.entries.push(Entry {
                origin: asker.origin.clone(),
                url: asker.url.clone(),
                credentials: asker.mode == Mode::Include,
                allowed,
                until,
            });
        }
    }

    /// Whether a call with this need goes out without a preflight of its own, thanks to earlier ones (Fetch §4.4, step 4.1).
    pub(crate) fn spares(&self, asker: Asker<'_>, need: &PreflightNeed, now: Duration) -> bool {
        let known = |allowed: &Allowed| {
            self.entries
                .iter()
                .any(|entry| entry.serves(asker, now) && entry.covers(allowed, asker.mode))
        };
        let method = is_cors_safelisted_method(&need.method) || known(&Allowed::Method(need.method.clone()));
        method
            && need
                .header_names
                .iter()
                .all(|name| known(&Allowed::Header(name.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenlight::cors::preflight::MaxAge;

    const AT: Duration = Duration::from_secs(1_000);

    fn url(path: &str) -> Url {
        Url::parse(&format!("https://api.example{path}")).unwrap()
    }

    fn need(method: &str, names: &[&str]) -> PreflightNeed {
        PreflightNeed {
            method: method.into(),
            header_names: names.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn granted(methods: &[&str], headers: &[&str], max_age: MaxAge) -> Granted {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Granted {
            methods: owned(methods),
            headers: owned(headers),
            max_age,
        }
    }

    /// Whether the answer to a first call's preflight spares a second call its own, so many milliseconds later.
    fn spared(first: (Mode, &Granted), later: u64, second: (Mode, &PreflightNeed)) -> bool {
        let (origin, url) = (Origin("https://app.example".into()), url("/notes"));
        let asker = |mode| Asker {
            origin: &origin,
            url: &url,
            mode,
        };
        let mut remembered = Remembered::default();
        remembered.keep(asker(first.0), first.1, CHROMIUM_MAX_AGE, AT);
        remembered.spares(asker(second.0), second.1, AT + Duration::from_millis(later))
    }

    #[test]
    fn an_answer_is_kept_as_long_as_it_says_and_no_longer() {
        for (max_age, later, expected) in [
            (MaxAge::Seconds(600), 599_999, true),
            (MaxAge::Seconds(600), 600_000, false),
            (MaxAge::Seconds(0), 0, false),
            (MaxAge::Absent, 4_999, true),
            (MaxAge::Absent, 5_000, false),
            (MaxAge::Invalid("soon".into()), 4_999, true),
            (MaxAge::Invalid("soon".into()), 5_000, false),
            (MaxAge::Seconds(u32::MAX), 7_199_999, true),
            (MaxAge::Seconds(u32::MAX), 7_200_000, false),
        ] {
            let granted = granted(&["PUT"], &["x-a"], max_age.clone());
            let again = need("PUT", &["x-a"]);
            let found = spared((Mode::Omit, &granted), later, (Mode::Omit, &again));
            assert_eq!(found, expected, "{max_age:?} after {later} ms");
        }
    }

    #[test]
    fn only_what_was_allowed_is_spared() {
        let (omit, include) = (Mode::Omit, Mode::Include);
        for (first, methods, headers, second, method, names, expected) in [
            (omit, &["PUT"][..], &["X-A"][..], omit, "PUT", &["x-a"][..], true),
            (omit, &["PUT"], &["x-a"], omit, "PUT", &[], true),
            (omit, &["PUT"], &["x-a"], omit, "POST", &["x-a"], true),
            (omit, &["PUT"], &["x-a"], omit, "PATCH", &["x-a"], false),
            (omit, &["PUT"], &["x-a"], omit, "put", &["x-a"], false),
            (omit, &["PUT"], &["x-a"], omit, "PUT", &["x-a", "x-b"], false),
            (omit, &["*"], &["*"], omit, "PATCH", &["x-b"], true),
            (omit, &["*"], &["*"], omit, "PATCH", &["authorization"], false),
            (
                omit,
                &["*"],
                &["*", "authorization"],
                omit,
                "PATCH",
                &["authorization"],
                true,
            ),
            (omit, &["PUT"], &["x-a"], include, "PUT", &["x-a"], false),
            (include, &["PUT"], &["x-a"], omit, "PUT", &["x-a"], true),
            (include, &["PUT"], &["x-a"], include, "PUT", &["x-a"], true),
            (
                include,
                &["PUT", "*"],
                &["x-a", "*"],
                include,
                "PATCH",
                &["x-a"],
                false,
            ),
            (
                include,
                &["PUT", "*"],
                &["x-a", "*"],
                include,
                "PUT",
                &["x-b"],
                false,
            ),
        ] {
            let granted = granted(methods, headers, MaxAge::Seconds(600));
            let again = need(method, names);
            let found = spared((first, &granted), 0, (second, &again));
            assert_eq!(
                found, expected,
                "{first:?} {methods:?} {headers:?}, then {second:?} {again:?}"
            );
        }
    }

    #[test]
    fn another_page_or_url_is_asked_anew() {
        let (app, null) = (Origin("https://app.example".into()), Origin("null".into()));
        let other = Origin("https://other.example".into());
        let (notes, query) = (url("/notes"), url("/notes?page=2"));
        let spared = |first, second, to| {
            let asker = |origin, url| Asker {
                origin,
                url,
                mode: Mode::Omit,
            };
            let mut remembered = Remembered::default();
            let granted = granted(&["PUT"], &[], MaxAge::Seconds(600));
            remembered.keep(asker(first, &notes), &granted, CHROMIUM_MAX_AGE, AT);
            remembered.spares(asker(second, to), &need("PUT", &[]), AT)
        };
        assert!(spared(&app, &app, &notes));
        assert!(!spared(&app, &app, &query), "another URL");
        assert!(!spared(&app, &other, &notes), "another page");
        assert!(!spared(&app, &null, &notes), "redirected");
        assert!(
            !spared(&null, &null, &notes),
            "an opaque origin is never the same"
        );
    }

    #[test]
    fn a_later_answer_renews_what_an_earlier_one_said() {
        let (origin, url) = (Origin("https://app.example".into()), url("/notes"));
        let asker = Asker {
            origin: &origin,
            url: &url,
            mode: Mode::Omit,
        };
        let mut remembered = Remembered::default();
        for (max_age, spared) in [(600, true), (0, false), (600, true)] {
            let granted = granted(&["PUT"], &[], MaxAge::Seconds(max_age));
            remembered.keep(asker, &granted, CHROMIUM_MAX_AGE, AT);
            assert_eq!(remembered.spares(asker, &need("PUT", &[]), AT), spared);
        }
    }
}
