//! What a call is to a browser that it copied as a command, for somebody who was sent it. It says first what it cannot say.

use crate::model::copied::CopiedCall;
use crate::model::exit;
use crate::model::probe::Effect;
use crate::report::encode;
use crate::report::human::page::{Page, Paint, Style, column};
use crate::report::text::{self, NAME, SENTENCE};

/// The JSON of it.
pub fn json(copied: &CopiedCall) -> String {
    encode::pretty(copied).unwrap_or_default()
}

/// The page for people.
pub fn human(copied: &CopiedCall, style: Style) -> String {
    let mut page = Page::new(style);
    let call = text::line(&copied.call, NAME);
    let headline = format!("{call} was copied without its answer: what failed is not in it");
    page.hang(
        &[("INCONCLUSIVE", Paint::Doubt), ("  ", Paint::Plain)],
        (&headline, Paint::Strong),
    );
    if page.quiet() {
        return page.finish();
    }
    page.entry("call", (&to(copied), Paint::Plain));
    page.entries(
        "a browser",
        browser(copied).iter().map(|line| (line.as_str(), Paint::Plain)),
    );
    let allows = allows(copied);
    if !allows.is_empty() {
        page.entries("needs", allows.iter().map(|line| (line.as_str(), Paint::Plain)));
    }
    page.entry("carries", (&carries(copied), Paint::Plain));
    page.entry("effect", (effect(copied.effect), Paint::Plain));
    let absent: Vec<String> = copied
        .absent
        .iter()
        .map(|what| text::line(what, SENTENCE))
        .collect();
    page.entries("absent", absent.iter().map(|what| (what.as_str(), Paint::Plain)));
    next(&mut page, copied);
    page.entry("sent", ("nothing", Paint::Plain));
    page.entry("exit", (&exit::INCONCLUSIVE.to_string(), Paint::Plain));
    page.finish()
}

fn to(copied: &CopiedCall) -> String {
    let host = text::line(&copied.host, NAME);
    match (&copied.origin, copied.cross_origin) {
        (Some(page), Some(false)) => {
            format!("to {host}, the origin of its own page {}", text::line(page, NAME))
        }
        (Some(page), _) => format!(
            "to {host} from the page at {}, another origin",
            text::line(page, NAME)
        ),
        (None, _) => format!("to {host}; it does not say from which page"),
    }
}

/// What a browser does before it sends the call.
fn browser(copied: &CopiedCall) -> Vec<String> {
    if copied.cross_origin == Some(false) {
        return vec!["sends it at once: CORS has no say within one origin".to_owned()];
    }
    if copied.preflight.is_empty() {
        return vec!["sends it without a preflight: a form could send the like".to_owned()];
    }
    let why = copied
        .preflight
        .iter()
        .map(|why| format!("- {}", text::line(why, SENTENCE)));
    let lead =
        "sends a preflight first (OPTIONS), and the call only when its answer allows it, since".to_owned();
    std::iter::once(lead).chain(why).collect()
}

/// What the answers must hold so that the page may read them.
fn allows(copied: &CopiedCall) -> Vec<String> {
    let Some(page) = copied
        .origin
        .as_ref()
        .filter(|_| copied.cross_origin != Some(false))
    else {
        return Vec::new();
    };
    let page = text::line(page, NAME);
    let mut every = format!("every answer, errors too, with Access-Control-Allow-Origin: {page}");
    if copied.include {
        every.push_str(" and Access-Control-Allow-Credentials: true");
    }
    let mut lines = vec![every];
    if !copied.preflight.is_empty() {
        let names: Vec<String> = copied
            .asked_headers
            .iter()
            .map(|name| text::line(name, NAME))
            .collect();
        let headers = match names.is_empty() {
            true => String::new(),
            false => format!(", headers {}", names.join(", ")),
        };
        let method = copied.call.split(' ').next().unwrap_or_default();
        lines.push(format!(
            "its preflight, with a status of 200 to 299 that allows {method}{headers}"
        ));
    }
    lines
}

fn carries(copied: &CopiedCall) -> String {
    let body = match copied.body {
        Some(length) => format!("a body of {length} bytes"),
        None => "no body".to_owned(),
    };
    if copied.credentials.is_empty() {
        return format!("no credential, {body}");
    }
    let names: Vec<String> = copied
        .credentials
        .iter()
        .map(|name| text::line(name, NAME))
        .collect();
    format!("credentials in {} (shown nowhere), {body}", names.join(" and "))
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "it reads, by its method",
        _ => "it may write or cost money when it is accepted; sending it again does that again",
    }
}

fn next(page: &mut Page, copied: &CopiedCall) {
    let lead = column("next");
    page.hang(
        &[(&lead, Paint::Faint), ("1  ", Paint::Faint)],
        (
            "export a HAR from the same tab: it holds the answer, and is judged without sending:",
            Paint::Plain,
        ),
    );
    let under = format!("{}   ", column(""));
    page.whole(
        &[(&under, Paint::Plain)],
        ("greenlight diagnose --har FILE", Paint::Plain),
    );
    // A cookie is the browser's, and no flag supplies it.
    let token = copied.credentials.iter().any(|name| name != "cookie");
    let ask = match token {
        true => "or ask the service, the credential in $GREENLIGHT_TOKEN:",
        false => "or ask the service:",
    };
    page.hang(
        &[(&column(""), Paint::Plain), ("2  ", Paint::Faint)],
        (ask, Paint::Plain),
    );
    page.whole(
        &[(&under, Paint::Plain)],
        (&text::line(&copied.live, 1_500), Paint::Plain),
    );
}
