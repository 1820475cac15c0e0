//! Which addresses are the public internet's, and which lead inside: to this machine, its network, its cloud.
//!
//! Pure, a table and a question. IANA's registries of special addresses (RFC 6890) are the source; whatever is not plainly
//! public is taken for inner.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> IpNet {
    IpNet::new_assert(IpAddr::V4(Ipv4Addr::new(a, b, c, d)), length)
}

const fn v6(first: u16, second: u16, third: u16, length: u8) -> IpNet {
    IpNet::new_assert(
        IpAddr::V6(Ipv6Addr::new(first, second, third, 0, 0, 0, 0, 0)),
        length,
    )
}

/// All that is public in IPv6 is in here (RFC 4291 §2.4): not loopback, unique local, link-local, multicast, nor what stands
/// for an IPv4 address (`::ffff:0:0/96`, `64:ff9b::/96`).
const GLOBAL_V6: IpNet = v6(0x2000, 0, 0, 3);

/// What is not public all the same.
const SPECIAL: [IpNet; 20] = [
    // "This network" (RFC 791 §3.2): Linux connects 0.0.0.0 to loopback.
    v4(0, 0, 0, 0, 8),
    // Private (RFC 1918).
    v4(10, 0, 0, 0, 8),
    // Shared by a provider's customers (RFC 6598); metadata of Alibaba's cloud.
    v4(100, 64, 0, 0, 10),
    // Loopback (RFC 1122 §3.2.1.3).
    v4(127, 0, 0, 0, 8),
    // Link-local (RFC 3927); metadata of most clouds at 169.254.169.254.
    v4(169, 254, 0, 0, 16),
    // Azure's wire server and metadata, public by number only.
    v4(168, 63, 129, 16, 32),
    v4(172, 16, 0, 0, 12),
    // Protocol assignments (RFC 6890); metadata of Oracle's cloud.
    v4(192, 0, 0, 0, 24),
    // Documentation (RFC 5737), three times.
    v4(192, 0, 2, 0, 24),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    // Relays of 6to4 (RFC 7526).
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    // Benchmarks (RFC 2544).
    v4(198, 18, 0, 0, 15),
    // Multicast (RFC 1112), then reserved and broadcast.
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
    // Protocol assignments (RFC 2928), with Teredo, which wraps an IPv4 address.
    v6(0x2001, 0, 0, 23),
    // Documentation (RFC 3849, RFC 9637).
    v6(0x2001, 0xdb8, 0, 32),
    v6(0x3fff, 0, 0, 20),
    // 6to4 (RFC 3056), which wraps one too.
    v6(0x2002, 0, 0, 16),
];

/// Whether an address is the public internet's.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    let special = SPECIAL.iter().any(|net| net.contains(&address));
    !special && (address.is_ipv4() || GLOBAL_V6.contains(&address))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_leads_inside_is_not_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "168.63.129.16",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn neighbours_of_those_are_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "2001:200::1",
            "2003::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    proptest! {
        #[test]
        fn the_standard_library_knows_no_inner_address_that_is_public_here(bits: u32, wide: u128) {
            let four = Ipv4Addr::from(bits);
            let inner = four.is_private() || four.is_loopback() || four.is_link_local() || four.is_multicast()
                || four.is_documentation() || four.is_broadcast() || four.is_unspecified();
            prop_assert!(!(inner && is_public(four.into())), "{four}");
            let six = Ipv6Addr::from(wide);
            let inner = six.is_unique_local() || six.is_unicast_link_local() || six.is_multicast() || six.is_loopback();
            prop_assert!(!(inner && is_public(six.into())), "{six}");
        }

        #[test]
        fn no_ipv4_address_is_public_in_the_clothes_of_ipv6(bits: u32) {
            let four = Ipv4Addr::from(bits);
            let [a, b] = [(bits >> 16) as u16, bits as u16];
            for six in [
                four.to_ipv6_mapped(),
                four.to_ipv6_compatible(),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a, b),
                Ipv6Addr::new(0x2002, a, b, 0, 0, 0, 0, 1),
                Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, a, b),
            ] {
                prop_assert!(!is_public(six.into()), "{six}");
            }
        }
    }
}
