//! Whose address a request comes from, when others stand in between: pure.
//!
//! `X-Forwarded-For` is what anybody writes. Only what a proxy of ours added can be believed, so the list is read from its end,
//! where our own proxies wrote, and no further than the first address that is not one of them.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;
use poem::http::HeaderMap;

/// The networks in which proxies of ours are, such as `10.0.0.0/8`. None at first: nobody's word is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(pub Vec<IpNet>);

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Addresses in a list that are looked at. Nobody has so many proxies.
const MOST_HOPS: usize = 16;

impl TrustedProxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address of the client, given the address of the connection.
    #[must_use]
    pub fn client(&self, connection: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = connection.to_canonical();
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let hops = lines
            .flat_map(|line| line.to_str().unwrap_or("?").rsplit(','))
            .take(MOST_HOPS);
        for hop in hops {
            if !self.trusts(client) {
                break;
            }
            // What is no address was not written by a proxy of ours.
            let Some(before) = address(hop.trim()) else { break };
            client = before;
        }
        client
    }
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let address = bare.map_or(text, |(inside, _)| inside).parse::<IpAddr>().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|both| both.ip());
    address.or_else(with_port).map(|address| address.to_canonical())
}

/// What counts as one client: an IPv4 address, or the /64 that one household has of IPv6.
#[must_use]
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn client(connection: &str, lists: &[&str]) -> String {
        let trusted = TrustedProxies(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(list.as_bytes()).unwrap());
        }
        trusted.client(connection.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_stranger_s_list_is_not_read() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("::ffff:203.0.113.9", &[]), "203.0.113.9");
    }

    #[test]
    fn a_proxy_of_ours_says_who_came_and_what_that_one_claims_is_not_believed() {
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["127.0.0.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1, 10.2.3.4"]), "198.51.100.1");
        assert_eq!(
            client("10.0.0.1", &["1.1.1.1", "198.51.100.1"]),
            "198.51.100.1",
            "two lines are one list"
        );
        assert_eq!(client("fd00::1", &["[2001:db8::7]:443"]), "2001:db8::7");
        assert_eq!(client("10.0.0.1", &["198.51.100.1:5050"]), "198.51.100.1");
    }

    #[test]
    fn what_is_no_address_ends_the_list() {
        for list in [
            "unknown",
            "",
            "198.51.100.1, unknown",
            "for=198.51.100.1",
            "\u{e9}",
        ] {
            assert_eq!(client("10.0.0.1", &[list]), "10.0.0.1", "{list}");
        }
    }

    #[test]
    fn a_household_is_one_client() {
        let one = |address: &str| household(address.parse().unwrap());
        assert_eq!(one("2001:db8:1:2:3:4:5:6"), one("2001:db8:1:2::1"));
        assert_ne!(one("2001:db8:1:2::1"), one("2001:db8:1:3::1"));
        assert_ne!(one("198.51.100.1"), one("198.51.100.2"));
        assert_eq!(one("::ffff:198.51.100.1"), one("198.51.100.1"));
    }

    proptest! {
        #[test]
        fn whatever_a_stranger_writes_it_is_counted_as_itself(list in "[ -~]{0,80}") {
            prop_assert_eq!(client("203.0.113.9", &[&list]), "203.0.113.9");
        }

        #[test]
        fn whatever_a_client_of_a_proxy_writes_it_is_counted_as_itself(list in "[ -~]{0,80}") {
            let list = format!("{list}, 198.51.100.1");
            prop_assert_eq!(client("10.0.0.1", &[&list]), "198.51.100.1");
        }
    }
}
