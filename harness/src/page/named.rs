//! Which API a page calls, when somebody gave the page's address alone: the address in its scripts that looks most like one.

use url::Url;

use crate::model::page::{Mention, SeenPage};
use crate::page::secure::is_near;

/// Hosts that pages call for other reasons than their work.
const OTHERS: &[&str] = &[
    "google",
    "gstatic",
    "googleapis",
    "googletagmanager",
    "google-analytics",
    "doubleclick",
    "facebook",
    "sentry",
    "cloudflareinsights",
    "segment",
    "mixpanel",
    "hotjar",
    "stripe",
    "auth0",
    "datadoghq",
    "newrelic",
    "unpkg",
    "jsdelivr",
    "cdnjs",
    "posthog",
    "intercom",
    "clerk",
    "amplitude",
    "launchdarkly",
];

/// The address of the API that a page calls; `None` when none of its scripts names one on another host. A page on the
/// internet is not believed about hosts that are not: it would lead into the network of whoever asks.
pub fn api(page: &SeenPage) -> Option<Url> {
    let from = Url::parse(&page.url).ok()?;
    let all = page
        .mentions
        .iter()
        .filter_map(|mention| Some((likeness(mention, &from)?, mention)));
    // The first of those that are equally alike.
    let best = all.reduce(|best, one| if one.0 > best.0 { one } else { best })?;
    Url::parse(&best.1.url).ok()
}

/// How much an address looks like that of an API of this page; `None` when not at all.
fn likeness(mention: &Mention, page: &Url) -> Option<u8> {
    let url = Url::parse(&mention.url).ok()?;
    let host = url.host_str()?.to_ascii_lowercase();
    let is_other = host.split('.').any(|word| OTHERS.contains(&word));
    if url.origin() == page.origin() || is_other || is_near(&url) && !is_near(page) {
        return None;
    }
    let mut words = host.split(['.', '-']);
    let by_name = words.any(|word| matches!(word, "api" | "backend" | "server" | "gateway"));
    let mut parts = url.path().split('/');
    let by_path = parts.any(|part| part == "api" || is_version(part));
    let kin = is_near(&url) || domain(&host).is_some_and(|own| page.host_str().and_then(domain) == Some(own));
    let likeness = 2 * u8::from(by_path) + 2 * u8::from(by_name) + u8::from(kin);
    (likeness >= 2 || is_near(&url)).then_some(likeness)
}

/// `v1`, `v3`.
fn is_version(part: &str) -> bool {
    let digits = part.strip_prefix('v').unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The last two labels of a name.
fn domain(host: &str) -> Option<&str> {
    let last = host.rfind('.')?;
    Some(host[..last].rfind('.').map_or(host, |at| &host[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::testing::naming;

    fn named(text: &str) -> Option<String> {
        api(&naming(text)).map(String::from)
    }

    #[test]
    fn the_address_that_looks_most_like_an_api_is_taken() {
        let text = "g('https://www.google-analytics.com/g/collect');l='https://docs.acme.test/x';a='https://api.acme.test/v3'";
        assert_eq!(named(text).as_deref(), Some("https://api.acme.test/v3"));
        assert_eq!(
            named("a='https://notes.onrender.com/api/v1/'").as_deref(),
            Some("https://notes.onrender.com/api/v1/")
        );
    }

    #[test]
    fn a_page_on_the_internet_leads_nobody_into_a_network_of_his_own() {
        for text in [
            "a='http://169.254.169.254/api/v1'",
            "a='http://localhost:8000/api'",
            "a='http://10.0.0.1/api'",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
        let mut local = naming("a='http://127.0.0.1:8000/api'");
        local.url = "http://localhost:3000/".into();
        assert_eq!(
            api(&local).map(String::from).as_deref(),
            Some("http://127.0.0.1:8000/api")
        );
    }

    #[test]
    fn a_page_that_names_nobody_or_only_strangers_calls_its_own_host() {
        for text in [
            "fetch('/api/v1/x')",
            "a='https://app.example/api/v1'",
            "l='https://docs.acme.test/x'",
            "s='https://o1.ingest.sentry.io/api/42/envelope/'",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
