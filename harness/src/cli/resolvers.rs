//! Which resolvers a diagnosis asks by itself: those that this machine is set up with, and those that were named. Nobody else is
//! asked: a name of a company's own network is nothing that strangers should be told.

use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};

use clap::Args;

use crate::check::names::is_somebody;
use crate::cli::complaint::Complaint;
use crate::model::names::{Lookup, Whose};
use crate::transport::http::Transport;
use crate::transport::resolvers::{Resolver, ask};

/// No more resolvers of either kind are asked.
const MOST: usize = 4;
/// Where a machine says which name servers it asks.
const SET_UP: &str = "/etc/resolv.conf";
/// Bytes that are read of it.
const MOST_BYTES: u64 = 64 * 1024;
/// The port of DNS.
const PORT: u16 = 53;
/// Addresses that are used where only a resolver gives them.
const MOST_USED: usize = 8;
/// Addresses that are dialled because only one resolver gives them: of one resolver, and of all.
const ELSEWHERE: (usize, usize) = (2, 4);

/// Resolvers as typed.
#[derive(Debug, Clone, Default, Args)]
pub struct ResolverArgs {
    /// Ask this resolver for the name as well, such as 9.9.9.9, besides those of this machine; repeatable. Where this machine
    /// finds no address, those that it gives are used
    #[arg(long, value_name = "IP[:PORT]", value_parser = typed)]
    pub resolver: Vec<SocketAddr>,
}

/// `IP` or `IP:PORT`, an IPv6 address with a port in brackets.
fn typed(text: &str) -> Result<SocketAddr, String> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let address = bare.parse().map(|address: IpAddr| SocketAddr::new(address, PORT));
    address
        .or_else(|_| text.parse())
        .map_err(|_| "a resolver is an address, such as 9.9.9.9 or [2620:fe::fe]:53: its name would have to be resolved".to_owned())
}

/// Refuses more resolvers than are asked.
pub fn check(arguments: &ResolverArgs) -> Result<(), Complaint> {
    if arguments.resolver.len() > MOST {
        return Err(Complaint::usage(
            format_args!("--resolver is given {} times", arguments.resolver.len()),
            format_args!("at most {MOST} are asked, so that nobody waits for them"),
            "name the resolvers of those who see the failure",
        ));
    }
    Ok(())
}

/// What the resolvers say, and what follows from it for dialling.
#[derive(Debug, Default)]
pub struct Named {
    /// What each says.
    pub lookups: Vec<Lookup>,
    /// The addresses to use, where this machine finds none and a resolver gives some.
    pub pins: Vec<(String, IpAddr)>,
    /// Addresses that only a resolver gives, and at which the service is looked for too.
    pub elsewhere: Vec<IpAddr>,
    /// What a report says of it.
    pub assumed: Option<String>,
}

/// Asks them, where the target is a name that this machine resolves.
pub async fn named(transport: &Transport, arguments: &ResolverArgs) -> Named {
    let Some(host) = transport.looks_up() else {
        return Named {
            assumed: (!arguments.resolver.is_empty())
                .then(|| "no resolver was asked: the address is given, or a proxy finds it".to_owned()),
            ..Named::default()
        };
    };
    let given = arguments.resolver.iter().map(|at| Resolver {
        at: *at,
        whose: Whose::Given,
    });
    let mut resolvers: Vec<Resolver> = set_up()
        .into_iter()
        .filter(|at| !arguments.resolver.contains(at))
        .map(|at| Resolver {
            at,
            whose: Whose::Configured,
        })
        .collect();
    resolvers.extend(given);
    of(host, ask(host, &resolvers).await)
}

/// What follows from what the resolvers say.
fn of(host: &str, lookups: Vec<Lookup>) -> Named {
    let (machine, others): (Vec<&Lookup>, Vec<&Lookup>) =
        lookups.iter().partition(|lookup| lookup.whose == Whose::Machine);
    let own = new(&machine, &[], MOST_USED);
    let (used, elsewhere) = if own.is_empty() {
        (new(&others, &[], MOST_USED), Vec::new())
    } else {
        let mut apart = Vec::new();
        for lookup in &others {
            let known = [own.as_slice(), &apart].concat();
            apart.extend(new(&[*lookup], &known, ELSEWHERE.0));
        }
        apart.truncate(ELSEWHERE.1);
        (Vec::new(), apart)
    };
    let assumed = (!used.is_empty()).then(|| {
        format!("this machine finds no address of {host}: those that other resolvers give were used")
    });
    let pins = used.into_iter().map(|address| (host.to_owned(), address));
    Named {
        pins: pins.collect(),
        elsewhere,
        assumed,
        lookups,
    }
}

/// The addresses that these give and that are not known, each once, those of the first resolver first.
fn new(lookups: &[&Lookup], known: &[IpAddr], most: usize) -> Vec<IpAddr> {
    let mut new: Vec<IpAddr> = Vec::new();
    for address in lookups.iter().flat_map(|lookup| lookup.said.addresses()) {
        if is_somebody(*address) && !known.contains(address) && !new.contains(address) && new.len() < most {
            new.push(*address);
        }
    }
    new
}

/// The name servers that this machine is set up with; none where it does not say.
fn set_up() -> Vec<SocketAddr> {
    let mut text = Vec::new();
    let read = std::fs::File::open(SET_UP).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut text));
    if read.is_err() {
        return Vec::new();
    }
    servers(&text)
}

fn servers(text: &[u8]) -> Vec<SocketAddr> {
    let (config, _) = resolv_conf::Config::parse_with_errors(text);
    let mut servers: Vec<SocketAddr> = Vec::new();
    for server in &config.nameservers {
        let at = SocketAddr::new(IpAddr::from(server), PORT);
        if !servers.contains(&at) && servers.len() < MOST {
            servers.push(at);
        }
    }
    servers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::names::Said;

    #[test]
    fn a_resolver_is_an_address_with_or_without_a_port() {
        for (text, expected) in [
            ("9.9.9.9", "9.9.9.9:53"),
            ("127.0.0.1:5353", "127.0.0.1:5353"),
            ("2620:fe::fe", "[2620:fe::fe]:53"),
            ("[2620:fe::fe]", "[2620:fe::fe]:53"),
            ("[2620:fe::fe]:54", "[2620:fe::fe]:54"),
        ] {
            assert_eq!(typed(text).unwrap().to_string(), expected, "{text}");
        }
        for text in [
            "",
            "dns.example",
            "9.9.9",
            "9.9.9.9:",
            "9.9.9.9:99999",
            "tls://9.9.9.9",
        ] {
            assert!(typed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_machines_name_servers_are_read_each_once_and_not_too_many() {
        let text = "# ours\nsearch corp.example\nnameserver 192.0.2.1\nnameserver 192.0.2.1\nnonsense\nnameserver 2001:db8::1\n\
                    nameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n";
        let told: Vec<String> = servers(text.as_bytes()).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.2:53", "192.0.2.3:53"]
        );
        assert!(servers(&[0xff, 0x00, b'n']).is_empty());
    }

    fn lookup(whose: Whose, last: &[u8]) -> Lookup {
        let addresses: Vec<IpAddr> = last
            .iter()
            .map(|last| IpAddr::from([203, 0, 113, *last]))
            .collect();
        Lookup {
            resolver: "192.0.2.53".into(),
            whose,
            said: if addresses.is_empty() {
                Said::NoSuchName
            } else {
                Said::Addresses { addresses, ttl: None }
            },
            took_ms: 1,
        }
    }

    #[test]
    fn what_only_a_resolver_gives_is_used_where_there_is_nothing_else_and_looked_at_where_there_is() {
        let lost = of(
            "a.example",
            vec![lookup(Whose::Machine, &[]), lookup(Whose::Given, &[7])],
        );
        assert_eq!(
            lost.pins,
            [("a.example".to_owned(), IpAddr::from([203, 0, 113, 7]))]
        );
        assert!(lost.elsewhere.is_empty() && lost.assumed.unwrap().contains("no address of a.example"));

        let found = of(
            "a.example",
            vec![
                lookup(Whose::Machine, &[1]),
                lookup(Whose::Configured, &[1, 2, 3, 4]),
                lookup(Whose::Given, &[1]),
            ],
        );
        assert!(found.pins.is_empty() && found.assumed.is_none());
        assert_eq!(
            found.elsewhere,
            [2, 3].map(|last| IpAddr::from([203, 0, 113, last]))
        );
    }

    #[test]
    fn the_address_of_nobody_is_not_dialled() {
        let blocked = Lookup {
            said: Said::Addresses {
                addresses: ["0.0.0.0", "::", "255.255.255.255", "224.0.0.1"]
                    .map(|text| text.parse().unwrap())
                    .into(),
                ttl: Some(1),
            },
            ..lookup(Whose::Given, &[1])
        };
        for own in [&[][..], &[1]] {
            let named = of("a.example", vec![lookup(Whose::Machine, own), blocked.clone()]);
            assert!(named.pins.is_empty() && named.elsewhere.is_empty(), "{named:?}");
        }
    }
}
