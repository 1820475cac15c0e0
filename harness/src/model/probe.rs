//! A probe is a request as data. It holds no secret value, no clock, no request id and no expectation,
//! so that two equal probes are one request, and a recording can be judged again years later.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

pub use crate::model::body::{BROKEN_JSON, BROKEN_LARGE, Body, Change, Content, Insert, Part, Piece, Text};
pub use crate::model::mutation::Mutation;

/// The name of a credential. The value is known to the transport's vault alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SecretName(pub String);

/// Which credential a probe carries, and how it is spoilt.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Who {
    /// The credential.
    pub secret: SecretName,
    /// What is done to it first.
    pub mutation: Mutation,
}

/// A serialised origin (WHATWG HTML §7.1.1): `scheme://host[:port]`, or `null`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Origin(pub String);

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A request's credentials mode (Fetch §2.2.5), as far as a page on another origin uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Mode {
    /// Cookies are neither sent nor stored.
    Omit,
    /// Cookies go along, and the answer must allow that.
    Include,
}

/// The page that sends a probe. Its origin becomes the `Origin` header.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Page {
    /// The page's origin.
    pub origin: Origin,
    /// The credentials mode of its call.
    pub mode: Mode,
}

/// Which connection carries a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Conn {
    /// Any open one, or a new one.
    Pooled,
    /// A new one, closed afterwards.
    Fresh,
    /// This very connection, after this long without traffic, or an error: it is never dialled again unseen.
    Hold {
        /// Which of the held connections.
        lane: u8,
        /// How long it idles first, in milliseconds.
        idle: u32,
    },
}

/// Which HTTP version a probe insists on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Wire {
    /// What ALPN settles on; HTTP/1.1 without TLS.
    Auto,
    /// HTTP/1.1, whatever else is offered.
    Http1,
    /// Without TLS, at port 80 when the target's port is 443 and at the target's own port otherwise. Never with a credential.
    Plain,
    /// Bytes that no library would write, on a connection of their own over TLS where the target speaks it. Never with a
    /// credential.
    Raw(Raw),
}

/// Which bytes are written by hand. Each begins with the probe's own request, or stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Raw {
    /// The request with `Transfer-Encoding` and a shorter `Content-Length` (RFC 9112 §6.3), and in its chunk a second request:
    /// only who goes by the length answers that.
    TwoFramings,
    /// The request with two `Content-Length`, of which the first is zero, and a second request for a body.
    ShortThenLong,
    /// The same, the other way around.
    LongThenShort,
    /// A ClientHello that offers TLS 1.1 and nothing newer (RFC 4346 §7.4.1.2), in place of the request.
    OldTls,
}

/// What would happen if the service accepted the probe (law 4). Ordered from harmless to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Effect {
    /// Nothing changes (RFC 9110 §9.2.1, safe methods).
    Read,
    /// Nothing could: the body can be accepted by no server, whoever sends it.
    Inert,
    /// Something may be written.
    Writes,
    /// Somebody pays.
    Paid,
    /// It strains or attacks the service.
    Hostile,
}

/// What an operation does when it accepts a request, as its owner declared it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Nature {
    /// It only reads.
    Read,
    /// It writes.
    Write,
    /// It costs money.
    Paid,
}

/// One request as data. Equality is identity: equal probes are sent once unless asked for `again`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Probe {
    /// The method, as it goes on the wire.
    pub method: String,
    /// Path and query below the target's base URL, beginning with `/`.
    pub path: Text,
    /// The path as people know it, where a part of it is a name that the service made up: `/notes/{id}`. Reports say it in the
    /// path's place, so that they are the same in the next run. None where the path is its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Whether the path begins at the root of the host instead: for what lies beside the API, such as `/.env`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub at_root: bool,
    /// Request headers besides those that credential, page and body bring.
    pub headers: Vec<(String, Text)>,
    /// The body's recipe.
    pub body: Body,
    /// The credential, or none.
    pub who: Option<Who>,
    /// The page that sends it, or none: then no `Origin` goes out.
    pub page: Option<Page>,
    /// The connection.
    pub conn: Conn,
    /// One of the host's addresses, or whichever the resolver gives first.
    pub to: Option<IpAddr>,
    /// The HTTP version.
    pub wire: Wire,
    /// What happens if it is accepted. Derived by [`ProbeBuilder::build`], never chosen.
    pub effect: Effect,
    /// How long an attempt may take, in milliseconds, where whoever asks knows better than the target's bounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_ms: Option<u64>,
    /// Tells repeats of one probe apart: 0 for the first.
    pub again: u16,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Probe {
    /// Begins a probe with this method and path below the base URL.
    pub fn request(method: &str, path: impl Into<Text>) -> ProbeBuilder {
        ProbeBuilder {
            nature: None,
            probe: Probe {
                method: method.to_ascii_uppercase(),
                path: path.into(),
                template: None,
                at_root: false,
                headers: Vec::new(),
                body: Body::Empty,
                who: None,
                page: None,
                conn: Conn::Pooled,
                to: None,
                wire: Wire::Auto,
                effect: Effect::Writes,
                within_ms: None,
                again: 0,
            },
        }
    }

    /// Begins a safe request.
    pub fn get(path: impl Into<Text>) -> ProbeBuilder {
        Probe::request("GET", path)
    }

    /// The path when it is literal, else a placeholder that says where it comes from.
    pub fn path_text(&self) -> &str {
        match &self.path {
            Text::Lit(path) => path,
            Text::Own(_) => "/{own}",
            Text::Captured { .. } | Text::Held(_) | Text::Base64(_) | Text::Joined(_) => "/{captured}",
        }
    }

    /// `METHOD path`, as people write an operation.
    pub fn operation(&self) -> String {
        let path = self.template.as_deref().unwrap_or(self.path_text());
        format!("{} {}", self.method, path.split('?').next().unwrap_or(path))
    }

    /// Whether this is a CORS-preflight request (Fetch §3.2.2): `OPTIONS` with `Access-Control-Request-Method` and a page.
    pub fn is_preflight(&self) -> bool {
        self.method == "OPTIONS"
            && self.page.is_some()
            && self
                .headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("access-control-request-method"))
    }

    /// The texts of it, each part by itself.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        let body: Vec<&Text> = match &self.body {
            Body::Text { text, .. } => vec![text],
            Body::Parts { parts } => parts.iter().filter_map(|part| part.content.text()).collect(),
            _ => Vec::new(),
        };
        let headers = self.headers.iter().map(|(_, text)| text);
        headers.chain([&self.path]).chain(body).flat_map(Text::parts)
    }

    /// The credentials that it takes: on the request, and in its texts.
    pub fn credentials(&self) -> impl Iterator<Item = &Who> {
        let texts = self.texts().filter_map(|text| match text {
            Text::Held(who) => Some(who),
            _ => None,
        });
        self.who.iter().chain(texts)
    }

    /// The same probe, asked for another time.
    pub fn repeat(&self, again: u16) -> Probe {
        Probe {
            again,
            ..self.clone()
        }
    }
}

/// Builds a [`Probe`] and derives its effect.
#[derive(Debug, Clone)]
#[must_use = "a probe is made by `build`"]
pub struct ProbeBuilder {
    probe: Probe,
    nature: Option<Nature>,
}

impl ProbeBuilder {
    /// Adds a request header.
    pub fn header(mut self, name: &str, value: impl Into<Text>) -> Self {
        self.probe.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// Says how people know the path.
    pub fn template(mut self, template: impl Into<String>) -> Self {
        self.probe.template = Some(template.into());
        self
    }

    /// Takes the path from the root of the host, not from the target's base URL.
    pub fn at_root(mut self) -> Self {
        self.probe.at_root = true;
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: Body) -> Self {
        self.probe.body = body;
        self
    }

    /// Sends this credential, spoilt so.
    pub fn who(mut self, secret: &SecretName, mutation: Mutation) -> Self {
        self.probe.who = Some(Who {
            secret: secret.clone(),
            mutation,
        });
        self
    }

    /// Sends it as a page of this origin would.
    pub fn page(mut self, origin: &Origin, mode: Mode) -> Self {
        self.probe.page = Some(Page {
            origin: origin.clone(),
            mode,
        });
        self
    }

    /// Chooses the connection.
    pub fn conn(mut self, conn: Conn) -> Self {
        self.probe.conn = conn;
        self
    }

    /// Says how long an attempt may take, in milliseconds.
    pub fn within_ms(mut self, most: Option<u64>) -> Self {
        self.probe.within_ms = most;
        self
    }

    /// Chooses the HTTP version.
    pub fn wire(mut self, wire: Wire) -> Self {
        self.probe.wire = wire;
        self
    }

    /// States what the operation does when it accepts a request. Unstated means that it writes.
    pub fn nature(mut self, nature: Option<Nature>) -> Self {
        self.nature = nature;
        self
    }

    /// The probe, with the effect that follows from its method, body and operation (law 4).
    pub fn build(mut self) -> Probe {
        self.probe.effect = effect(&self.probe.method, &self.probe.body, self.nature);
        match self.probe.wire {
            Wire::Plain => self.probe.who = None,
            Wire::Raw(_) => (self.probe.who, self.probe.conn) = (None, Conn::Fresh),
            Wire::Auto | Wire::Http1 => {}
        }
        self.probe
    }

    /// The probe as a deliberate attack or strain on the service.
    pub fn hostile(self) -> Probe {
        Probe {
            effect: Effect::Hostile,
            ..self.build()
        }
    }
}

/// The one place where an effect is decided: as if the service accepted the probe.
fn effect(method: &str, body: &Body, nature: Option<Nature>) -> Effect {
    match (body, nature) {
        // A server need not look at the body of a DELETE (RFC 9110 §9.3.5), so a broken one would not stop it.
        (Body::BrokenJson | Body::BrokenLarge { .. }, _) if method != "DELETE" => Effect::Inert,
        (_, Some(Nature::Paid)) if !matches!(method, "OPTIONS" | "HEAD") => Effect::Paid,
        _ if matches!(method, "GET" | "HEAD" | "OPTIONS") => Effect::Read,
        (_, Some(Nature::Read)) => Effect::Read,
        (_, Some(Nature::Paid)) => Effect::Paid,
        (_, Some(Nature::Write) | None) => Effect::Writes,
    }
}

/// What a check or a driver wants sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Ask {
    /// One probe.
    One(Probe),
    /// Probes in order; later ones may carry values captured from earlier answers.
    Seq(Vec<Probe>),
    /// One probe many times at once, with another timed beside it. Bursts run alone and last.
    Burst {
        /// What is sent.
        each: Probe,
        /// How often in all.
        n: u16,
        /// How many at once.
        at_once: u16,
        /// What is sent, once, while the burst is under way.
        beside: Option<Box<Probe>>,
    },
}

impl Ask {
    /// Every probe of the ask, in the order of sending.
    pub fn probes(&self) -> Vec<&Probe> {
        match self {
            Ask::One(probe) => vec![probe],
            Ask::Seq(probes) => probes.iter().collect(),
            Ask::Burst { each, beside, .. } => std::iter::once(each).chain(beside.as_deref()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json() -> Body {
        Body::Json {
            value: serde_json::json!({"text": "hello"}),
            inserts: vec![],
        }
    }

    #[test]
    fn a_bad_token_on_a_valid_paid_body_is_a_paid_call() {
        let secret = SecretName("main".into());
        let probe = Probe::request("POST", "/x")
            .body(json())
            .nature(Some(Nature::Paid));
        assert_eq!(probe.who(&secret, Mutation::Garbage).build().effect, Effect::Paid);
    }

    #[test]
    fn a_body_that_no_parser_accepts_is_inert_whoever_sends_it() {
        let probe = Probe::request("POST", "/x")
            .body(Body::BrokenJson)
            .nature(Some(Nature::Paid))
            .build();
        assert_eq!(probe.effect, Effect::Inert);
        assert!(serde_json::from_str::<serde_json::Value>(BROKEN_JSON).is_err());
    }

    #[test]
    fn a_broken_body_does_not_make_a_delete_harmless() {
        let probe = Probe::request("DELETE", "/x").body(Body::BrokenJson).build();
        assert_eq!(probe.effect, Effect::Writes);
    }

    #[test]
    fn an_undeclared_operation_writes() {
        assert_eq!(
            Probe::request("post", "/x").body(json()).build().effect,
            Effect::Writes
        );
        assert_eq!(Probe::request("DELETE", "/x").build().effect, Effect::Writes);
    }

    #[test]
    fn safe_methods_read_unless_the_owner_says_that_they_cost_money() {
        assert_eq!(Probe::get("/x").build().effect, Effect::Read);
        assert_eq!(
            Probe::get("/x").nature(Some(Nature::Paid)).build().effect,
            Effect::Paid
        );
        assert_eq!(
            Probe::request("OPTIONS", "/x")
                .nature(Some(Nature::Paid))
                .build()
                .effect,
            Effect::Read
        );
    }
}
