//! Calls as somebody made them, whole: what a first scenario is drafted from. They hold a user's credentials and words, and go into
//! no report and no recording.

use base64::Engine as _;
use serde_json::Value;
use url::Url;

use crate::devtools::curl::{Copied, Datum};
use crate::devtools::har::{Content, Entry, Har, Pair, Request};
use crate::devtools::pick::pick;
use crate::devtools::recording::Nothing;

/// Calls of one export that are taken. A longer journey is nobody's first.
pub const MOST: usize = 200;
/// A larger answer is not looked into.
const LARGEST: usize = 1024 * 1024;

/// A call. It has no `Debug` of its own words: they may be secrets.
#[derive(Clone)]
pub struct Call {
    /// The method, in capitals.
    pub method: String,
    /// The whole address.
    pub url: Url,
    /// The header fields, names in lower case; not those of HTTP/2 and of the browser itself.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Load,
    /// What came back, when that is known.
    pub answer: Option<Answered>,
}

/// A body.
#[derive(Clone)]
pub enum Load {
    /// None.
    Nothing,
    /// A text under its media type.
    Text(String, String),
    /// The file of this path under a media type.
    File(String, String),
    /// A form in parts.
    Parts(Vec<Part>),
}

/// A part of a form.
#[derive(Clone)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: Option<String>,
    /// Its text, or the path of its file.
    pub held: Held,
}

/// What a part holds.
#[derive(Clone)]
pub enum Held {
    /// A text.
    Text(String),
    /// The file of this path.
    File(String),
}

/// An answer, as far as a draft asks for it.
#[derive(Clone)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body, when it is JSON.
    pub body: Option<Value>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.url.path())
    }
}

/// A copied command as a call.
///
/// # Errors
/// Says what of the command no scenario can say.
pub fn of_curl(copied: &Copied) -> Result<Call, String> {
    let data: Vec<Datum> = copied.data.clone();
    let mut call = of(&copied.request).ok_or("its address is no http(s) URL")?;
    let (forms, texts): (Vec<_>, Vec<_>) = data
        .into_iter()
        .partition(|datum| datum.option.starts_with("--form"));
    if !forms.is_empty() && !texts.is_empty() {
        return Err("it sends a form (-F) and data (-d) at once, which curl refuses".to_owned());
    }
    if !forms.is_empty() {
        call.body = Load::Parts(forms.iter().map(part).collect::<Result<_, _>>()?);
        return Ok(call);
    }
    let media_type = copied
        .request
        .header("content-type")
        .unwrap_or_default()
        .to_owned();
    let file = |datum: &Datum| match datum.option {
        "--data-raw" | "--data-urlencode" => None,
        _ => datum.value.strip_prefix('@').map(str::to_owned),
    };
    match &*texts {
        [] => {}
        [one] if file(one).is_some() => call.body = Load::File(media_type, file(one).unwrap_or_default()),
        several if several.iter().any(|datum| file(datum).is_some()) => {
            return Err("it joins a file with other data, which no step does".to_owned());
        }
        several => {
            let texts: Vec<String> = several.iter().map(encoded).collect::<Result<_, _>>()?;
            let joined = texts.join("&");
            if copied.get {
                call.url.set_query(Some(&match call.url.query() {
                    Some(query) => format!("{query}&{joined}"),
                    None => joined,
                }));
            } else {
                call.body = Load::Text(media_type, joined);
            }
        }
    }
    Ok(call)
}

/// A datum as it stands in the body.
fn encoded(datum: &Datum) -> Result<String, String> {
    if datum.option != "--data-urlencode" {
        return Ok(datum.value.clone());
    }
    let coded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    match (datum.value.split_once('='), datum.value.contains('@')) {
        (Some(("", content)), _) => Ok(coded(content)),
        (Some((name, content)), _) => Ok(format!("{name}={}", coded(content))),
        (None, true) => Err("--data-urlencode takes a file, which no step does".to_owned()),
        (None, false) => Ok(coded(&datum.value)),
    }
}

/// A part of a form as `-F` writes it: `name=text`, `name=@file;type=audio/wav`.
fn part(datum: &Datum) -> Result<Part, String> {
    let (name, content) = datum
        .value
        .split_once('=')
        .ok_or("a part of its form has no `=`")?;
    let plain = |held: Held| Part {
        name: name.to_owned(),
        media_type: None,
        held,
    };
    if datum.option == "--form-string" {
        return Ok(plain(Held::Text(content.to_owned())));
    }
    let (held, said) = match content.split_once(';') {
        Some((held, said)) if said.contains("type=") || said.contains("filename=") => (held, said),
        _ => (content, ""),
    };
    let mut words = said.split(';').map(str::trim);
    if words.clone().any(|word| word.starts_with("filename=")) {
        return Err("a file of its form goes out under another name, which no step says".to_owned());
    }
    let said = words.find_map(|word| word.strip_prefix("type="));
    let mut media_type = said.map(str::to_owned);
    let bare = |path: &str| path.trim_matches('"').to_owned();
    let held = match held.strip_prefix('@') {
        Some(path) => {
            let path = bare(path);
            media_type = Some(said.map_or_else(|| by_ending(&path), str::to_owned));
            Held::File(path)
        }
        None if held.starts_with('<') => {
            return Err("a part of its form is read from a file as text (`<`)".to_owned());
        }
        None => Held::Text(held.to_owned()),
    };
    Ok(Part {
        media_type,
        ..plain(held)
    })
}

/// The media type that curl takes a file of a form for, by the ending of its name.
fn by_ending(path: &str) -> String {
    let endings = [
        (".gif", "image/gif"),
        (".jpg", "image/jpeg"),
        (".jpeg", "image/jpeg"),
        (".png", "image/png"),
        (".svg", "image/svg+xml"),
        (".txt", "text/plain"),
        (".htm", "text/html"),
        (".html", "text/html"),
        (".pdf", "application/pdf"),
        (".xml", "application/xml"),
    ];
    let lower = path.to_ascii_lowercase();
    let known = endings.iter().find(|(ending, _)| lower.ends_with(ending));
    known
        .map_or("application/octet-stream", |(_, kind)| kind)
        .to_owned()
}

/// The calls of an export to one host, in their order, and what is not among them.
///
/// # Errors
/// See [`Nothing`].
pub fn of_har(har: &Har, wanted: Option<&str>) -> Result<(Vec<Call>, Vec<String>), Nothing> {
    let picked = pick(har, wanted).ok_or_else(|| match wanted {
        Some(wanted) => Nothing::NotThere(wanted.to_owned()),
        None => Nothing::NoCalls(har.log.entries.read.len()),
    })?;
    let mut notes: Vec<String> = picked
        .others
        .iter()
        .map(|(root, times)| {
            format!("{times} to {root}: a scenario is about one service; --server names another")
        })
        .collect();
    let made = picked.calls.iter().filter(|entry| !entry.request.is_preflight());
    let (parts, whole): (Vec<&Entry>, Vec<&Entry>) = made.partition(|entry| {
        let data = entry.request.post_data.as_ref();
        data.is_some_and(|data| data.is_in_parts())
    });
    if !parts.is_empty() {
        notes.push(format!(
            "{} with a form in parts, whose files no HAR holds",
            parts.len()
        ));
    }
    if whole.len() > MOST {
        notes.push(format!("{} after the first {MOST}", whole.len() - MOST));
    }
    let calls: Vec<Call> = whole.into_iter().take(MOST).filter_map(of_entry).collect();
    match calls.is_empty() {
        true => Err(Nothing::NoCalls(har.log.entries.read.len())),
        false => Ok((calls, notes)),
    }
}

fn of_entry(entry: &Entry) -> Option<Call> {
    let mut call = of(&entry.request)?;
    if let Some(data) = &entry.request.post_data {
        let text = data.text.clone().unwrap_or_default();
        if !text.is_empty() {
            call.body = Load::Text(data.mime_type.clone().unwrap_or_default(), text);
        }
    }
    let content = entry
        .response
        .as_ref()
        .and_then(|response| response.content.as_ref());
    call.answer = entry.status().map(|status| Answered {
        status,
        body: content.and_then(json),
    });
    Some(call)
}

fn json(content: &Content) -> Option<Value> {
    let text = content.text.as_ref().filter(|text| text.len() <= LARGEST)?;
    if content.encoding.as_deref() == Some("base64") {
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
        return serde_json::from_slice(&bytes).ok();
    }
    serde_json::from_str(text).ok()
}

fn of(request: &Request) -> Option<Call> {
    let url = Url::parse(&request.url).ok()?;
    let set = |pair: &&Pair| {
        let name = pair.name.to_ascii_lowercase();
        !(name.starts_with(':') || name.starts_with("sec-"))
    };
    let mut headers: Vec<(String, String)> = request
        .headers
        .iter()
        .filter(set)
        .map(|pair| (pair.name.to_ascii_lowercase(), pair.value.clone()))
        .collect();
    // What every client says when nobody asks for anything.
    headers.retain(|(name, value)| name != "accept" || !value.contains("*/*"));
    matches!(url.scheme(), "http" | "https").then(|| Call {
        method: request.method.to_ascii_uppercase(),
        url,
        headers,
        body: Load::Nothing,
        answer: None,
    })
}
