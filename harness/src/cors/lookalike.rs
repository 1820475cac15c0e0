//! Origins that a sound allow-list refuses and a careless one lets in (PortSwigger, CORS; CWE-942). Each is a probe: a server
//! that allows one has shown how it compares.

use url::Url;

use crate::cors::origin::origin_of;
use crate::model::probe::Origin;

/// An origin on nobody's list. `.example` is reserved (RFC 2606), so it can belong to no one.
pub const FOREIGN: &str = "https://foreign.example";

/// The origins to try beside this one, each with what it shows when it is allowed. None equals `origin` or comes twice; what
/// makes no sense for it (a look-alike domain of an IP address, say) is left out.
pub fn look_alikes(origin: &Origin) -> Vec<(Origin, &'static str)> {
    let mut out: Vec<(Origin, &'static str)> = Vec::new();
    let around = Url::parse(&origin.0).map(|url| around(&url)).unwrap_or_default();
    let always = [
        (
            "null".to_owned(),
            "the opaque origin, which any sandboxed frame has",
        ),
        (FOREIGN.to_owned(), "an origin that has nothing to do with it"),
    ];
    for (text, why) in around.into_iter().chain(always) {
        // A host that the URL standard spells otherwise is none that a browser would send.
        let sent = text == "null" || Url::parse(&text).is_ok_and(|url| origin_of(&url).0 == text);
        if sent && text != origin.0 && out.iter().all(|(known, _)| known.0 != text) {
            out.push((Origin(text), why));
        }
    }
    out
}

fn around(url: &Url) -> Vec<(String, &'static str)> {
    let Some(host) = url.host_str() else {
        return Vec::new();
    };
    let scheme = url.scheme();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let other_port = if url.port() == Some(8443) { 9443 } else { 8443 };
    let mut all = vec![
        (
            format!("{scheme}://{host}.evil.example{port}"),
            "begins with the trusted origin: a prefix comparison",
        ),
        (
            format!("{scheme}://evil{host}{port}"),
            "ends with the trusted host: a suffix comparison without a dot",
        ),
        (
            format!("{scheme}://{}{port}", host.replacen('.', "x", 1)),
            "a dot replaced: a pattern whose dot is not escaped",
        ),
        (
            format!("{scheme}://{host}:{other_port}"),
            "the same host on another port: the port is not compared",
        ),
        (
            format!("{scheme}://zq7f3k.{host}{port}"),
            "a subdomain that nobody listed: every subdomain is trusted",
        ),
    ];
    if scheme == "https" {
        all.push((
            format!("http://{host}{port}"),
            "its plain-http twin: whoever is on the network can be it",
        ));
    }
    all
}

/// Origins that no browser sends and anybody can, each with what is odd about it. A filter that parses without a guard fails at
/// one (CWE-248).
pub fn odd_origins() -> [(Origin, &'static str); 3] {
    let odd = [
        ("https://\u{e4}pp.example".to_owned(), "not ASCII"),
        (String::new(), "empty"),
        (format!("https://{}.example", "a".repeat(2_000)), "very long"),
    ];
    odd.map(|(text, kind)| (Origin(text), kind))
}

/// Whether this is one of them.
pub fn is_odd(origin: &Origin) -> bool {
    odd_origins().iter().any(|(odd, _)| odd == origin)
}

/// Whether this is the origin of a page on somebody's own machine.
pub fn is_local(origin: &Origin) -> bool {
    let url = Url::parse(&origin.0).ok();
    let host = url.as_ref().and_then(Url::host_str);
    matches!(host, Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cors::origin::parse;

    fn of(origin: &str) -> Vec<String> {
        look_alikes(&Origin(origin.into()))
            .into_iter()
            .map(|(origin, _)| origin.0)
            .collect()
    }

    #[test]
    fn tries_what_careless_comparisons_let_in() {
        let told: Vec<String> = look_alikes(&Origin("https://app.example".into()))
            .into_iter()
            .map(|(origin, why)| format!("{origin}  {why}"))
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn leaves_out_what_makes_no_sense() {
        assert_eq!(of("null"), [FOREIGN]);
        assert_eq!(of("nonsense"), ["null", FOREIGN]);
        assert_eq!(of(FOREIGN).iter().filter(|text| *text == FOREIGN).count(), 0);
        let address = of("http://127.0.0.1:3000");
        assert_eq!(
            address,
            [
                "http://127.0.0.1.evil.example:3000",
                "http://127.0.0.1:8443",
                "null",
                FOREIGN
            ]
        );
        assert!(of("http://localhost:8443").contains(&"http://localhost:9443".to_owned()));
        assert!(
            !of("http://localhost")
                .iter()
                .any(|text| text.starts_with("https://localhost"))
        );
    }

    #[test]
    fn tells_the_origins_of_ones_own_machine_and_those_of_no_browser() {
        let local = |text: &str| is_local(&Origin(text.to_owned()));
        assert!(
            ["http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]"]
                .into_iter()
                .all(local)
        );
        assert!(
            !["https://localhost.example", "null", "https://app.example"]
                .into_iter()
                .any(local)
        );
        assert!(is_odd(&Origin(String::new())) && !is_odd(&Origin("null".into())));
        assert!(
            odd_origins()
                .iter()
                .all(|(origin, _)| parse(&origin.0).is_err() || origin.0.len() > 253)
        );
    }

    proptest! {
        #[test]
        fn every_look_alike_is_an_origin_that_a_browser_could_send(text in "(https?://)?[a-z0-9.:\\[\\]-]{0,20}") {
            let all = of(&text);
            prop_assert!(all.iter().all(|found| parse(found).is_ok() && *found != text));
            let unique: std::collections::BTreeSet<_> = all.iter().collect();
            prop_assert_eq!(unique.len(), all.len());
        }
    }
}
