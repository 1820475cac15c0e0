//! From an export to a recording that the rules judge: whose calls, to which host, from which page, and what is absent.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::check::pages;
use crate::check::text::clean;
use crate::cors::request::{PreflightNeed, preflight_headers};
use crate::devtools::absent::absent;
use crate::devtools::entry::{Making, at};
use crate::devtools::har::{Entry, Har, Pair, Request};
use crate::devtools::pick::{badness, pick};
use crate::devtools::{secrets, words};
use crate::model::exchange::Exchange;
use crate::model::exported::Exported;
use crate::model::mutation::Mutation;
use crate::model::probe::{Body, Mode, Origin, Probe, SecretName, Text};
use crate::model::recording::Recording;
use crate::model::target::{Auth, Call, Client, ClientCall, CredentialFacts, Scheme, Target};
use crate::transport::answer::Keeper;
use crate::transport::redact::Redactor;

/// Calls that are judged of one export.
pub(crate) const MOST: usize = 1_000;
/// The name of the browser's own credential.
const OWN: &str = "good";

/// What is known besides the export.
#[derive(Debug, Default)]
pub struct Known {
    /// An address of the host that it is about; otherwise the one with the worst calls.
    pub url: Option<String>,
    /// The page's origin, where the export does not say it.
    pub origin: Option<Origin>,
}

/// Why nothing of an export can be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Nothing {
    /// It holds no call of an API.
    #[error("none of its {0} requests is a call that a page's script made")]
    NoCalls(usize),
    /// It holds none to the host that was asked about.
    #[error("it holds no call to {0}")]
    NotThere(String),
}

/// A call with all that is found out of it once.
pub(crate) struct Made<'h> {
    /// What the export says of it.
    pub(crate) entry: &'h Entry,
    /// Path and query, credentials hidden.
    pub(crate) path: String,
    url: String,
    /// The page that made it, where CORS has a say.
    pub(crate) origin: Option<Origin>,
    mode: Mode,
    carries: bool,
}

/// The recording of an export.
pub fn recording(har: &Har, known: &Known) -> Result<Recording, Nothing> {
    let picked = pick(har, known.url.as_deref()).ok_or_else(|| match &known.url {
        Some(url) => Nothing::NotThere(clean(url, 200)),
        None => Nothing::NoCalls(har.log.entries.read.len()),
    })?;
    let redactor = secrets::redactor(har.log.entries.read.iter());
    let made: Vec<Made<'_>> = picked
        .calls
        .iter()
        .take(MOST)
        .filter_map(|entry| made(har, entry, known, &redactor))
        .collect();
    let made = sanitized(made, &redactor);
    let mut target = target(&picked.root, &made);
    let keeper = Keeper::new(&target);
    let making = Making {
        redactor: &redactor,
        keeper: &keeper,
    };
    let preflights: Vec<(PreflightNeed, &Made<'_>)> = made.iter().filter_map(preflight).collect();
    remember(&mut target, &made, &preflights);
    let exchanges: Vec<Exchange> = made
        .iter()
        .zip(0_u32..)
        .filter_map(|(call, id)| making.exchange(id + 1, call.entry, probe(&target, call), &call.url))
        .collect();
    let absent = absent(har, &picked, &made);
    let times = made.iter().filter_map(|call| at(call.entry));
    let started_at = times.clone().min().unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(Recording {
        ended_at: times.max().unwrap_or(started_at),
        browser: Some(Exported {
            by: by(har),
            judged: u32::try_from(exchanges.len()).unwrap_or(u32::MAX),
            absent,
        }),
        diagnosis: Some(redactor.text(&command(&picked.root, &made))),
        ..Recording::of(target, exchanges, started_at)
    })
}

/// What wrote the export, for people.
fn by(har: &Har) -> String {
    let named = har.log.browser.as_ref().or(har.log.creator.as_ref());
    named.map_or_else(
        || "an unnamed browser".to_owned(),
        |named| match named.name.as_str() {
            "WebInspector" => "Chromium's developer tools".to_owned(),
            name => clean(&format!("{name} {}", named.version), 80).trim().to_owned(),
        },
    )
}

fn made<'h>(har: &Har, entry: &'h Entry, known: &Known, redactor: &Redactor) -> Option<Made<'h>> {
    let url = secrets::address(&entry.request.url, redactor, &mut Vec::new())?;
    let path = url.query().map_or_else(
        || url.path().to_owned(),
        |query| format!("{}?{query}", url.path()),
    );
    let request = &entry.request;
    let carries = !request.cookies.is_empty()
        || request
            .headers
            .iter()
            .any(|line| redactor.carries_credentials(&line.name.to_ascii_lowercase()));
    let cookies = !request.cookies.is_empty() || request.header("cookie").is_some();
    // It is sent with credentials alone (Storage Access Headers §3.1), whether or not there are any.
    let asked = request.header("sec-fetch-storage-access").is_some();
    Some(Made {
        entry,
        path,
        url: url.to_string(),
        origin: origin(har, entry, known),
        mode: if cookies || asked {
            Mode::Include
        } else {
            Mode::Omit
        },
        carries,
    })
}

/// The calls, with what their preflights tell of them: a sanitized export has taken the credentials out, and left it standing there
/// that they were sent.
fn sanitized<'h>(mut made: Vec<Made<'h>>, redactor: &Redactor) -> Vec<Made<'h>> {
    let asked = |(need, call): (PreflightNeed, &Made<'h>)| {
        let carries = need
            .header_names
            .iter()
            .any(|name| redactor.carries_credentials(name));
        carries.then(|| (need.method, call.path.clone()))
    };
    let carrying: BTreeSet<(String, String)> = made.iter().filter_map(preflight).filter_map(asked).collect();
    for call in &mut made {
        call.carries |= carrying.contains(&(call.entry.request.method.clone(), call.path.clone()));
    }
    made
}

/// The page that made the call, where CORS has a say in it. Without response headers it has none that could be judged.
fn origin(har: &Har, entry: &Entry, known: &Known) -> Option<Origin> {
    let request = &entry.request;
    let headers = entry
        .response
        .as_ref()
        .is_some_and(|response| !response.headers.is_empty());
    let judged = headers || entry.status().is_none();
    if !judged
        || request
            .header("sec-fetch-mode")
            .is_some_and(|mode| mode == "no-cors")
    {
        return None;
    }
    let of = |address: &str| crate::devtools::pick::root(address).map(Origin);
    let title = || {
        let pages = har.log.pages.as_ref()?;
        let page = pages
            .iter()
            .find(|page| Some(&page.id) == entry.pageref.as_ref())?;
        of(&page.title)
    };
    match request.header("origin") {
        Some(origin) => crate::cors::origin::parse(origin).ok(),
        None => request
            .header("referer")
            .and_then(of)
            .or_else(title)
            .or_else(|| known.origin.clone()),
    }
}

/// The target as far as the calls tell it.
fn target(root: &str, made: &[Made<'_>]) -> Target {
    let carrying = made.iter().find(|call| call.carries);
    let mut clients: Vec<Client> = Vec::new();
    for call in made.iter().filter(|call| !call.entry.request.is_preflight()) {
        client(&mut clients, call);
    }
    Target {
        clients,
        auth: carrying.map(|call| auth(&call.entry.request)),
        ..Target::bare(root)
    }
}

/// The client that a call belongs to, made when there is none.
fn client<'c>(clients: &'c mut Vec<Client>, call: &Made<'_>) -> Option<&'c mut Client> {
    let origin = call.origin.as_ref()?;
    let at = clients
        .iter()
        .position(|client| client.origin == *origin && client.credentials == call.mode);
    let at = at.unwrap_or_else(|| {
        clients.push(Client {
            page: None,
            origin: origin.clone(),
            credentials: call.mode,
            calls: Vec::new(),
        });
        clients.len() - 1
    });
    clients.get_mut(at)
}

/// How the browser proved who its user is.
fn auth(request: &Request) -> Auth {
    let value = request.header("authorization");
    let basic = value.is_some_and(|value| value.to_ascii_lowercase().starts_with("basic "));
    let lower = |line: &Pair| line.name.to_ascii_lowercase();
    let plain = Redactor::new(std::iter::empty(), None);
    let other = request
        .headers
        .iter()
        .map(lower)
        .find(|name| plain.carries_credentials(name));
    let scheme = match (value, other) {
        (Some(_), _) if basic => Scheme::Basic,
        (Some(_), _) => Scheme::Bearer,
        (None, Some(header)) => Scheme::ApiKey { header },
        (None, None) if !request.cookies.is_empty() => Scheme::ApiKey {
            header: "cookie".to_owned(),
        },
        (None, None) => Scheme::Bearer,
    };
    Auth {
        scheme,
        credentials: vec![CredentialFacts {
            name: SecretName(OWN.to_owned()),
            expired: false,
            jwt: false,
            from: "the browser's own call".to_owned(),
        }],
        supply: "--token-prompt".to_owned(),
        supply_expired: String::new(),
        signing: None,
        refresh: None,
        renewal: None,
        session: None,
        issuer: None,
        logout: None,
        login: None,
    }
}

/// What a preflight of the export asks for.
fn preflight<'m, 'h>(call: &'m Made<'h>) -> Option<(PreflightNeed, &'m Made<'h>)> {
    let request = &call.entry.request;
    let method = request.header("access-control-request-method")?;
    let names = request
        .header("access-control-request-headers")
        .unwrap_or_default();
    let names: BTreeSet<String> = names
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    let need = PreflightNeed {
        method: method.to_owned(),
        header_names: names.into_iter().collect(),
    };
    request.is_preflight().then_some((need, call))
}

/// Lets the clients make the calls whose preflights are in the export: those alone can be judged.
fn remember(target: &mut Target, made: &[Made<'_>], preflights: &[(PreflightNeed, &Made<'_>)]) {
    for (need, asked) in preflights {
        let same = |call: &&Made<'_>| {
            !call.entry.request.is_preflight()
                && call.path == asked.path
                && call.origin == asked.origin
                && call.entry.request.method.eq_ignore_ascii_case(&need.method)
        };
        let caller = made.iter().find(same).unwrap_or(asked);
        let call = ClientCall {
            call: Call {
                method: need.method.clone(),
                path: asked.path.clone(),
            },
            headers: need.header_names.clone(),
        };
        if let Some(client) = client(&mut target.clients, caller)
            && !client.calls.contains(&call)
        {
            client.calls.push(call);
        }
    }
}

/// The request as data. Its body is a user's, and stays out.
fn probe(target: &Target, call: &Made<'_>) -> Probe {
    let request = &call.entry.request;
    if let Some((need, _)) = preflight(call) {
        let known = pages::preflights(target).into_iter().find(|known| {
            known.client.origin == *call.origin.as_ref().unwrap_or(&known.client.origin)
                && known.made.call.path == call.path
                && known.need == need
        });
        return known.map_or_else(|| asking(call, &need), |known| known.probe);
    }
    let mut builder = Probe::request(&request.method, call.path.as_str());
    if let Some(media_type) = request
        .header("content-type")
        .filter(|_| request.post_data.is_some())
    {
        builder = builder.body(Body::Text {
            media_type: clean(media_type, 100),
            text: Text::Lit("(the body of the browser's call is left out)".to_owned()),
        });
    }
    if call.carries {
        builder = builder.who(&SecretName(OWN.to_owned()), Mutation::AsIs);
    }
    if let Some(origin) = &call.origin {
        builder = builder.page(origin, call.mode);
    }
    builder.build()
}

fn asking(call: &Made<'_>, need: &PreflightNeed) -> Probe {
    let mut builder = Probe::request("OPTIONS", call.path.as_str());
    for (name, value) in preflight_headers(need) {
        builder = builder.header(name, value);
    }
    if let Some(origin) = &call.origin {
        builder = builder.page(origin, call.mode);
    }
    builder.build()
}

/// The headers that a page's script set, as far as that can be told: what the browser adds besides is left out.
pub(crate) fn set_by_page(request: &Request) -> Vec<(String, String)> {
    const BROWSERS: &[&str] = &[
        "user-agent",
        "cache-control",
        "pragma",
        "priority",
        "upgrade-insecure-requests",
    ];
    let lines = request
        .headers
        .iter()
        .map(|line| (line.name.to_ascii_lowercase(), line.value.clone()));
    lines
        .filter(|(name, _)| !BROWSERS.contains(&name.as_str()) && !name.starts_with(':'))
        .collect()
}

/// The command that asks the worst call again, live.
fn command(root: &str, made: &[Made<'_>]) -> String {
    let worst = made
        .iter()
        .filter(|call| !call.entry.request.is_preflight())
        .max_by_key(|call| badness(call.entry));
    let Some(call) = worst else {
        return words::live(root, None, None, None);
    };
    let path = call.path.split('?').next().unwrap_or_default();
    let asked = clean(&format!("{} {path}", call.entry.request.method), 300);
    let token = call.carries.then_some("--token-prompt");
    let origin = call.origin.as_ref().map(|origin| origin.0.as_str());
    // An address of the API itself, from which its base can be found.
    words::live(&clean(&format!("{root}{path}"), 500), origin, Some(&asked), token)
}
