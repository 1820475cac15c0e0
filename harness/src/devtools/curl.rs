//! A call that a browser copied as a curl command ("Copy as cURL"): what it is to a browser, what only sending it would tell, and the
//! command that sends it. The shells' quoting is undone, curl's options are read as far as browsers write them, and nothing is run.

use std::borrow::Cow;

use url::Url;

use crate::check::text::clean;
use crate::cors::origin::{self, origin_of};
use crate::cors::request::{is_cors_safelisted_method, needs_preflight};
use crate::devtools::har::{Pair, Request};
use crate::devtools::shell::{self, Word};
use crate::devtools::{recording, secrets, words};
use crate::model::copied::{CopiedCall, SCHEMA};
use crate::model::probe::Effect;

/// A longer command is not read.
pub const LONGEST: usize = 8 * 1024 * 1024;

/// What is wrong with a text that should be a copied command, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCurl {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub why: String,
}

/// A copied call.
#[derive(Debug)]
pub struct Copied {
    pub(super) request: Request,
    /// What its body is made of.
    pub(super) data: Vec<Datum>,
    /// Whether what would be its body goes into the query (`-G`).
    pub(super) get: bool,
}

/// A part of the body that curl makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Datum {
    /// The option that gives it, in its long form.
    pub(super) option: &'static str,
    /// Its value.
    pub(super) value: String,
}

/// The options that give a body, short and long.
const DATA: &[(&str, &str)] = &[
    ("-d", "--data"),
    ("-d", "--data-ascii"),
    ("", "--data-raw"),
    ("", "--data-binary"),
    ("", "--data-urlencode"),
    ("", "--json"),
    ("-F", "--form"),
    ("", "--form-string"),
];

impl Copied {
    /// How many bytes its body is written in.
    fn length(&self) -> Option<u64> {
        let lengths = self.data.iter().map(|datum| datum.value.len() as u64);
        (!self.data.is_empty()).then(|| lengths.sum())
    }
}

/// Options with a value that say nothing of the request, as browsers and people write them.
const WITH_VALUE: &[&str] = &[
    "--max-time",
    "-m",
    "--connect-timeout",
    "--proxy",
    "-x",
    "--output",
    "-o",
    "--resolve",
    "--cacert",
    "--retry",
    "--write-out",
    "-w",
    "--proto",
    "--max-redirs",
    "--interface",
];

/// Options without a value that say nothing of what a browser sends.
const ALONE: &[&str] = &[
    "--compressed",
    "--insecure",
    "-k",
    "--location",
    "-L",
    "--include",
    "-i",
    "--silent",
    "-s",
    "--show-error",
    "-S",
    "--verbose",
    "-v",
    "--http1.1",
    "--http2",
    "--globoff",
    "-g",
    "--fail",
    "-f",
    "-sS",
    "-iL",
    "--path-as-is",
    "--no-progress-meter",
    "-q",
];

/// Reads a copied command.
pub fn read(text: &str) -> Result<Copied, NotCurl> {
    let text = &*shell::unquoted(text);
    let place = |at: usize, why: String| {
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        NotCurl { line, column, why }
    };
    if text.len() > LONGEST {
        return Err(place(0, format!("it is longer than {LONGEST} bytes")));
    }
    let words = shell::words_of(text).map_err(|(at, why)| place(at, why.to_owned()))?;
    let mut words = words.into_iter().peekable();
    match words.next() {
        Some(Word { text, .. }) if matches!(text.as_str(), "curl" | "curl.exe") => {}
        Some(Word { text, at }) => {
            return Err(place(
                at,
                format!("it begins with {:?}, not with curl", clean(&text, 40)),
            ));
        }
        None => return Err(place(0, "there is nothing in it".to_owned())),
    }
    let mut parts = Parts::default();
    while let Some(mut word) = words.next() {
        let (option, joined) = loop {
            match divided(&word.text) {
                // `-sXPOST` is `-s -XPOST`.
                (option, Some(rest)) if option.len() == 2 && ALONE.contains(&option.as_ref()) => {
                    word.text = format!("-{rest}");
                }
                (option, joined) => break (option.into_owned(), joined),
            }
        };
        let option = option.as_str();
        if !option.starts_with('-') || option == "-" {
            if parts.url.is_some() {
                // It is not shown: it may be a password that an option left behind.
                return Err(place(word.at, "a second address: a call has one".to_owned()));
            }
            parts.url = Some(word);
        } else if ALONE.contains(&option) {
        } else if matches!(option, "--head" | "-I") {
            parts.method = Some("HEAD".to_owned());
        } else if matches!(option, "--get" | "-G") {
            (parts.method, parts.get) = (Some("GET".to_owned()), true);
        } else {
            let value = match joined {
                Some(value) => Some(value),
                None => words.next().map(|word| word.text),
            };
            let Some(value) = value else {
                return Err(place(word.at, format!("{option} has no value")));
            };
            if !parts.take(option, value) {
                let why = format!("{} is no option that browsers write", clean(option, 40));
                return Err(place(word.at, why));
            }
        }
    }
    parts.copied().map_err(|(at, why)| place(at, why))
}

/// An option and the value that is written into the same word: `--data=x`, `-XPOST`.
fn divided(word: &str) -> (Cow<'_, str>, Option<String>) {
    match word.split_once('=') {
        Some((option, value)) if option.starts_with("--") => (option.into(), Some(value.to_owned())),
        _ if word.starts_with('-') && !word.starts_with("--") && !ALONE.contains(&word) => {
            match word.split_at_checked(2) {
                Some((option, value)) if !value.is_empty() => (option.into(), Some(value.to_owned())),
                _ => (word.into(), None),
            }
        }
        _ => (word.into(), None),
    }
}

/// What the options say.
#[derive(Default)]
struct Parts {
    url: Option<Word>,
    method: Option<String>,
    headers: Vec<Pair>,
    data: Vec<Datum>,
    get: bool,
}

impl Parts {
    /// Takes an option with its value. False when it is not known.
    fn take(&mut self, option: &str, value: String) -> bool {
        let data = DATA
            .iter()
            .find(|(short, long)| option == *short || option == *long);
        if let Some((_, option)) = data {
            if *option == "--json" {
                self.header("content-type", "application/json");
            }
            self.data.push(Datum { option, value });
            return true;
        }
        match option {
            "-X" | "--request" => self.method = Some(value),
            "-H" | "--header" => match value.split_once(':') {
                Some((name, value)) => self.header(name.trim(), value.trim()),
                // A header without a value ends in a semicolon.
                None => self.header(value.trim_end_matches(';'), ""),
            },
            "-b" | "--cookie" => self.header("cookie", &value),
            "-A" | "--user-agent" => self.header("user-agent", &value),
            "-e" | "--referer" => self.header("referer", &value),
            "-u" | "--user" => {
                use base64::Engine as _;
                let coded = base64::engine::general_purpose::STANDARD.encode(value);
                self.header("authorization", &format!("Basic {coded}"));
            }
            "--url" => self.url = Some(Word { text: value, at: 0 }),
            other => return WITH_VALUE.contains(&other),
        }
        true
    }

    fn header(&mut self, name: &str, value: &str) {
        self.headers.push(Pair {
            name: name.to_owned(),
            value: value.to_owned(),
        });
    }

    fn copied(mut self) -> Result<Copied, (usize, String)> {
        let url = self.url.take().ok_or((0, "it has no address".to_owned()))?;
        let parsed = Url::parse(&url.text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        if parsed.is_none() {
            return Err((url.at, "its address is no http(s) URL".to_owned()));
        }
        let has_body = !self.data.is_empty();
        if has_body && !self.headers.iter().any(|line| line.is("content-type")) {
            // What curl sends when nobody says otherwise.
            let media_type = if self.data.iter().any(|datum| datum.option.starts_with("--form")) {
                "multipart/form-data"
            } else {
                "application/x-www-form-urlencoded"
            };
            self.header("content-type", media_type);
        }
        let method = self
            .method
            .unwrap_or_else(|| if has_body { "POST" } else { "GET" }.to_owned());
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_alphabetic()) || method.len() > 20 {
            return Err((0, format!("{:?} is no method", clean(&method, 40))));
        }
        Ok(Copied {
            request: Request {
                method,
                url: url.text,
                headers: self.headers,
                cookies: Vec::new(),
                post_data: None,
                body_size: None,
            },
            data: self.data,
            get: self.get,
        })
    }
}

/// Explains a copied call. `origin` is the page's where the call does not say it.
pub fn explain(copied: &Copied, origin: Option<&str>) -> CopiedCall {
    let request = &copied.request;
    let redactor = secrets::redactor_of(request);
    let address = secrets::address(&request.url, &redactor, &mut Vec::new());
    let path = address.as_ref().map_or("/", Url::path).to_owned();
    let host = address.map(|url| origin_of(&url).0).unwrap_or_default();
    let page = page(request)
        .or_else(|| origin.map(str::to_owned))
        .map(|page| redactor.text(&page));
    let cross_origin = page.as_ref().map(|page| *page != host);
    let set = recording::set_by_page(request);
    let need = needs_preflight(&request.method, &set);
    let mut preflight = Vec::new();
    if let Some(need) = &need {
        if !is_cors_safelisted_method(&need.method) {
            preflight.push(format!(
                "the method {} is not GET, HEAD or POST",
                clean(&need.method, 20)
            ));
        }
        preflight.extend(need.header_names.iter().map(|name| reason(request, name)));
    }
    let carries = |line: &&Pair| redactor.carries_credentials(&line.name.to_ascii_lowercase());
    let mut credentials: Vec<String> = Vec::new();
    for line in request.headers.iter().filter(carries) {
        let name = clean(&line.name.to_ascii_lowercase(), 60);
        if !credentials.contains(&name) {
            credentials.push(name);
        }
    }
    let call = redactor.text(&clean(&format!("{} {path}", request.method), 300));
    let effect = match request.method.to_ascii_uppercase().as_str() {
        "GET" | "HEAD" | "OPTIONS" => Effect::Read,
        _ => Effect::Writes,
    };
    let token = credentials.iter().any(|name| name != "cookie");
    let mut flags: Vec<&str> = token
        .then_some("--token-env GREENLIGHT_TOKEN")
        .into_iter()
        .collect();
    if effect != Effect::Read {
        flags.push("--allow paid");
    }
    // An address of the API itself, from which its base can be found.
    let address = redactor.text(&clean(&format!("{host}{path}"), 500));
    let live = words::live(&address, page.as_deref(), Some(&call), Some(&flags.join(" ")));
    CopiedCall {
        schema: SCHEMA.to_owned(),
        include: credentials.iter().any(|name| name == "cookie"),
        absent: absent(page.is_some(), need.is_some()),
        asked_headers: need.map(|need| need.header_names).unwrap_or_default(),
        live: live.trim_end().to_owned(),
        body: copied.length(),
        call,
        host,
        origin: page,
        cross_origin,
        preflight,
        credentials,
        effect,
    }
}

/// The origin of the page that made the call.
fn page(request: &Request) -> Option<String> {
    match request.header("origin") {
        Some(origin) => origin::parse(origin).ok().map(|origin| origin.0),
        None => request.header("referer").and_then(crate::devtools::pick::root),
    }
}

/// Why a browser asks before it sends this header.
fn reason(request: &Request, name: &str) -> String {
    let media_type = request.header(name).filter(|_| name == "content-type");
    match media_type {
        Some(value) => format!(
            "content-type is {}, which no form can send",
            clean(value.split(';').next().unwrap_or_default(), 60)
        ),
        None => format!(
            "the header {} is not one that every page may send",
            clean(name, 60)
        ),
    }
}

fn absent(page: bool, preflight: bool) -> Vec<String> {
    let mut absent =
        vec!["the answer: status, headers and body; a copied call holds the request alone".to_owned()];
    if preflight {
        absent
            .push("the answer to its preflight, which stands in a line of its own under Network".to_owned());
    }
    if !page {
        absent
            .push("the page that made it: neither Origin nor Referer is there; --origin says it".to_owned());
    }
    absent
}
