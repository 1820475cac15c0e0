//! Mixed content and secure contexts: what a browser refuses because it would go over the wire in the clear.

use std::net::IpAddr;

use url::{Host, Url};

use crate::model::page::SeenPage;
use crate::page::policy;

/// Whether an address is this machine's own (Secure Contexts §3.1): trustworthy without TLS.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether an address is this machine's own or in a network that is not the internet (RFC 1918, RFC 4193).
pub fn is_near(url: &Url) -> bool {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        _ => return is_loopback(url),
    };
    match address {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_unspecified()
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_unspecified()
        }
    }
}

/// Whether browsers give what lives here what they give to secure pages alone, such as a microphone.
pub fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}

/// Whether a page may not call this address because the page is on https and the address is not (Mixed Content §4.3).
pub fn is_mixed(page: &SeenPage, called: &Url) -> bool {
    let from = Url::parse(&page.url);
    let tls = from.is_ok_and(|from| from.scheme() == "https");
    tls && called.scheme() == "http" && !is_loopback(called) && !policy::upgrades(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::page::{ContentPolicy, Stands};
    use crate::page::testing::page;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn http_from_https_is_mixed_and_loopback_is_not() {
        let mut page = page();
        assert!(is_mixed(&page, &url("http://api.example/x")));
        for fine in [
            "https://api.example",
            "http://localhost:8000",
            "http://127.0.0.1:1",
            "http://[::1]:1",
        ] {
            assert!(!is_mixed(&page, &url(fine)), "{fine}");
        }
        page.policies.push(ContentPolicy {
            text: "upgrade-insecure-requests".into(),
            stands: Stands::Meta,
        });
        assert!(
            !is_mixed(&page, &url("http://api.example/x")),
            "browsers ask over https"
        );
        page.policies.clear();
        page.url = "http://app.example/".into();
        assert!(!is_mixed(&page, &url("http://api.example/x")));
    }

    #[test]
    fn this_machine_and_private_networks_are_near() {
        for near in [
            "http://app.localhost",
            "http://10.1.2.3",
            "http://192.168.0.2",
            "http://169.254.169.254",
        ] {
            assert!(is_near(&url(near)), "{near}");
        }
        assert!(!is_near(&url("http://203.0.113.9")) && !is_loopback(&url("http://10.1.2.3")));
        assert!(is_trustworthy(&url("http://localhost:3000")) && !is_trustworthy(&url("http://app.example")));
    }
}
