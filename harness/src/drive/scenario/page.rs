//! A step that a web page sends (`x-greenlight-origin`): the browser asks first whether it may, and decides what of the answer
//! the page can read.

use crate::cors::preflight;
use crate::cors::request::{PreflightNeed, needs_preflight, preflight_headers};
use crate::cors::response;
use crate::drive::scenario::fill::Unsendable;
use crate::model::exchange::Exchange;
use crate::model::probe::{Body, Mode, Nature, Page, Probe};

/// What a browser asks before a page's call.
#[derive(Debug, Clone)]
pub(super) struct Before {
    pub(super) probe: Probe,
    pub(super) need: PreflightNeed,
}

/// The page's origin, as a browser writes it.
pub(super) fn origin(written: &str) -> Result<Page, Unsendable> {
    let origin = crate::cors::origin::parse(written);
    let origin = origin.map_err(|_| Unsendable::Other(format!("{written:?} is no origin of a page")))?;
    Ok(Page {
        origin,
        mode: Mode::Omit,
    })
}

/// What a browser asks before this request; `None` when it asks nothing, or no page sends it.
pub(super) fn before(probe: &Probe) -> Option<Before> {
    let page = probe.page.as_ref()?;
    let mut headers: Vec<(&str, &str)> = probe
        .headers
        .iter()
        // What is held is of no kind that needs no leave.
        .map(|(name, value)| (name.as_str(), value.literal().unwrap_or("\u{1}")))
        .collect();
    match &probe.body {
        Body::Json { .. } => headers.push(("content-type", "application/json")),
        Body::Text { media_type, .. } | Body::File { media_type, .. } => {
            headers.push(("content-type", media_type))
        }
        Body::Parts { .. } => headers.push(("content-type", "multipart/form-data")),
        _ => {}
    }
    let need = needs_preflight(&probe.method, &headers)?;
    let mut request = Probe::request("OPTIONS", probe.path.clone()).nature(Some(Nature::Read));
    if let Some(template) = &probe.template {
        request = request.template(template.clone());
    }
    if probe.at_root {
        request = request.at_root();
    }
    request = request.within_ms(probe.within_ms);
    for (name, value) in preflight_headers(&need) {
        request = request.header(name, value);
    }
    Some(Before {
        probe: request.page(&page.origin, page.mode).build(),
        need,
    })
}

/// Why the browser does not send the page's call, when it does not.
pub(super) fn refuses(before: &Before, answer: &Exchange) -> Option<String> {
    let page = before.probe.page.as_ref()?;
    let Some(reply) = answer.answer() else {
        let why = answer
            .failure()
            .map_or("nothing came", |failure| failure.detail.as_str());
        return Some(format!(
            "no browser would send it, since its preflight got no answer: {why}"
        ));
    };
    let judged = preflight::judge(
        &before.need,
        &page.origin,
        page.mode,
        reply.status,
        &reply.headers,
    );
    let refused = judged.err().filter(|refused| !refused.only_by_the_standard())?;
    Some(format!(
        "no browser would send it from {}: {refused}",
        page.origin
    ))
}

/// Why the page cannot read the answer, when it cannot.
pub(super) fn hides(exchange: &Exchange) -> Option<String> {
    let page = exchange.probe.page.as_ref()?;
    let reply = exchange.answer()?;
    let seen = response::readable(reply.status, &reply.headers, &page.origin, page.mode);
    seen.err()
        .map(|refusal| format!("the page at {} cannot read the answer: {refusal}", page.origin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::answered;

    fn call() -> Probe {
        let page = origin("https://app.example").unwrap();
        let body = Body::Json {
            value: serde_json::json!({}),
            inserts: Vec::new(),
        };
        let probe = Probe::request("POST", "/x")
            .body(body)
            .header("authorization", "Bearer x");
        probe.page(&page.origin, page.mode).build()
    }

    #[test]
    fn a_browser_asks_for_what_the_page_sets_and_refuses_what_is_not_allowed() {
        let before = before(&call()).unwrap();
        assert_eq!(before.need.header_names, ["authorization", "content-type"]);
        let with = |headers: &[(&str, &str)]| refuses(&before, &answered(1, &before.probe, 204, headers, ""));
        let origin = ("access-control-allow-origin", "https://app.example");
        let names = ("access-control-allow-headers", "authorization, content-type");
        assert_eq!(with(&[origin, names]), None);
        assert!(with(&[names]).unwrap().contains("no Access-Control-Allow-Origin"));
        assert!(with(&[origin]).unwrap().contains("authorization"));
    }

    #[test]
    fn an_answer_that_a_page_cannot_read_says_why() {
        let seen = |headers: &[(&str, &str)]| hides(&answered(1, &call(), 200, headers, "{}"));
        assert_eq!(seen(&[("access-control-allow-origin", "*")]), None);
        assert!(seen(&[]).unwrap().contains("cannot read the answer"));
        let plain = Probe::get("/x").build();
        assert_eq!(hides(&answered(1, &plain, 200, &[], "{}")), None);
        assert!(super::before(&plain).is_none() && origin("nonsense").is_err());
    }
}
