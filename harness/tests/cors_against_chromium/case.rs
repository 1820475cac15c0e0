//! One case: what a page calls, and what the server answers on every hop of the way.

use greenlight::cors::request::{cors_unsafe_request_header_names, normalize_method};
use greenlight::model::capture::Octets;
use greenlight::model::probe::Mode;

use crate::mode::FetchMode;

/// The origins of this run: their ports differ each time, so cases name them by placeholder.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) page: String,
    pub(crate) api: String,
    pub(crate) other: String,
}

/// Whose listener a hop is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    Api,
    Other,
    Page,
}

impl World {
    pub(crate) fn origin(&self, site: Site) -> &str {
        match site {
            Site::Api => &self.api,
            Site::Other => &self.other,
            Site::Page => &self.page,
        }
    }
}

/// A page's credentials mode, as `fetch` spells it. `same-origin` is `omit` wherever CORS is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentials {
    Omit,
    SameOrigin,
    Include,
}

impl Credentials {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Credentials::Omit => "omit",
            Credentials::SameOrigin => "same-origin",
            Credentials::Include => "include",
        }
    }

    pub(crate) fn mode(self) -> Mode {
        if self == Credentials::Include {
            Mode::Include
        } else {
            Mode::Omit
        }
    }
}

/// The mode of a request, as `fetch` spells it.
pub(crate) fn mode_text(mode: FetchMode) -> &'static str {
    match mode {
        FetchMode::Cors => "cors",
        FetchMode::NoCors => "no-cors",
        FetchMode::SameOrigin => "same-origin",
    }
}

/// One `fetch`. A header value has one code point per byte.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) mode: FetchMode,
    pub(crate) credentials: Credentials,
    pub(crate) method: String,
    pub(crate) headers: Vec<(String, String)>,
}

impl Call {
    /// The headers as octets.
    pub(crate) fn octets(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let pairs = self
            .headers
            .iter()
            .map(|(name, value)| (latin(name), latin(value)));
        pairs.collect()
    }
}

/// What the server says. Placeholders in values: see [`Place::resolve`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// An informational status sent ahead of it.
    pub(crate) early: Option<u16>,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
}

impl Answer {
    pub(crate) fn bare(status: u16) -> Answer {
        Answer {
            early: None,
            status,
            headers: Vec::new(),
        }
    }
}

/// One stop of the way: the first is what the page calls, the others are what redirects lead to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hop {
    pub(crate) site: Site,
    pub(crate) preflight: Answer,
    pub(crate) answer: Answer,
}

/// One page, one URL, one call or two in a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Case {
    /// Whether the page is a sandboxed frame, whose origin is `null`.
    pub(crate) sandboxed: bool,
    pub(crate) calls: Vec<Call>,
    pub(crate) hops: Vec<Hop>,
}

impl Case {
    /// The page's origin.
    pub(crate) fn origin<'a>(&self, world: &'a World) -> &'a str {
        if self.sandboxed { "null" } else { &world.page }
    }

    /// The answers of a hop; beyond the last there is nothing but a bare 404.
    pub(crate) fn hop(&self, index: usize) -> Hop {
        self.hops.get(index).cloned().unwrap_or(Hop {
            site: Site::Api,
            preflight: Answer::bare(404),
            answer: Answer::bare(404),
        })
    }
}

/// A hop of a numbered case in this world: all that a placeholder may stand for.
pub(crate) struct Place<'a> {
    pub(crate) world: &'a World,
    pub(crate) case: &'a Case,
    pub(crate) number: usize,
    pub(crate) hop: usize,
    /// The origin that the request names.
    pub(crate) origin: String,
}

impl<'a> Place<'a> {
    /// The first hop of a case.
    pub(crate) fn first(case: &'a Case, number: usize, world: &'a World) -> Place<'a> {
        Place {
            world,
            case,
            number,
            hop: 0,
            origin: case.origin(world).to_owned(),
        }
    }
}

impl Place<'_> {
    /// The URL of a hop of this case.
    pub(crate) fn url(&self, hop: usize) -> String {
        let origin = self.world.origin(self.case.hop(hop).site);
        format!("{origin}/case/{}/{hop}", self.number)
    }

    /// Puts in what placeholders stand for: `{me}` the page's origin, `{ME}` in capitals, `{origin}` that of the request, `{api}` and `{other}` the server's
    /// origins, `{next}` and `{self}` the next hop's URL and this one's, `{next-host}` the next one's without the scheme,
    /// `{method}` and `{names}` what the first call needs.
    pub(crate) fn resolve(&self, value: &str) -> String {
        if !value.contains('{') {
            return value.to_owned();
        }
        let first = self.case.calls.first();
        let me = self.case.origin(self.world);
        let names = first.map(|call| cors_unsafe_request_header_names(&call.octets()).join(", "));
        let next = self.url(self.hop + 1);
        value
            .replace("{me}", me)
            .replace("{origin}", &self.origin)
            .replace("{ME}", &me.to_ascii_uppercase())
            .replace("{api}", &self.world.api)
            .replace("{other}", &self.world.other)
            .replace("{self}", &self.url(self.hop))
            .replace("{next-host}", next.trim_start_matches("http://"))
            .replace("{next}", &next)
            .replace(
                "{method}",
                &first
                    .map(|call| normalize_method(&call.method))
                    .unwrap_or_default(),
            )
            .replace("{names}", &names.unwrap_or_default())
    }

    /// The header pairs that go over the wire, in order.
    pub(crate) fn wire(&self, answer: &Answer) -> Vec<(Octets, Octets)> {
        // Not stored, so that a second call is answered by the server; a `fetch` that says so itself forgets preflights too.
        let fixed = [
            ("content-length", "0"),
            ("connection", "close"),
            ("cache-control", "no-store"),
        ];
        let fixed = fixed.map(|(name, value)| (name.into(), value.into()));
        let own = answer.headers.iter().map(|(name, value)| {
            let (name, value) = (latin(name), latin(&self.resolve(value)));
            (Octets(name.into()), Octets(value.into()))
        });
        fixed.into_iter().chain(own).collect()
    }
}

/// One byte per code point; a case holds none above 0xff.
pub(crate) fn latin(text: &str) -> Vec<u8> {
    text.chars()
        .map(|next| u8::try_from(u32::from(next)).unwrap_or(b'?'))
        .collect()
}

/// A request as the server saw it, or as the judge expects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) hop: usize,
    pub(crate) method: String,
    /// `None` in an expectation: the standard leaves it to the referrer policy.
    pub(crate) origin: Option<String>,
    pub(crate) asked_method: Option<String>,
    pub(crate) asked_headers: Option<String>,
    pub(crate) authorization: bool,
}

impl Sent {
    /// Whether what was seen is what this expects.
    pub(crate) fn expects(&self, seen: &Sent) -> bool {
        let mut seen = seen.clone();
        if self.origin.is_none() {
            seen.origin = None;
        }
        *self == seen
    }
}
