//! What the answers of several resolvers come to. That they differ is no fault: whoever serves many places gives each the
//! addresses that are near to it. It is one when some know no address at all, or know only addresses at which this service is
//! not, while others lead to it.

use std::net::{IpAddr, SocketAddr};

use crate::check::text::clean;
use crate::check::view::View;
use crate::check::wire::is_own;
use crate::model::exchange::{Exchange, Phase, WireError, WireFault};
use crate::model::names::{Lookup, Said, Whose};

/// Addresses that a sentence lists.
const SHOWN: usize = 3;

/// What a resolver is called, in findings and in what is said of them. A recording may come from anybody.
pub fn resolver(lookup: &Lookup) -> String {
    clean(&lookup.resolver, 80)
}

/// A resolver and what it said, as a line of evidence.
pub fn line(lookup: &Lookup) -> String {
    format!("{} {}", lookup.resolver, words(&lookup.said))
}

/// What a resolver said, as the end of a sentence that begins with it.
fn words(said: &Said) -> String {
    match said {
        Said::Addresses { addresses, ttl } => {
            let shown: Vec<String> = addresses.iter().take(SHOWN).map(ToString::to_string).collect();
            let more = match addresses.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let kept = ttl.map_or_else(String::new, |ttl| format!(" (kept for {ttl} s)"));
            format!("gives {}{more}{kept}", shown.join(", "))
        }
        Said::NoSuchName => "says that there is no such name".to_owned(),
        Said::NoAddress => "knows the name, and no address of it".to_owned(),
        Said::Failure { .. } => "fails to find out (SERVFAIL)".to_owned(),
        Said::Refused => "refuses to answer".to_owned(),
        Said::Garbled => "gives no answer that can be read".to_owned(),
        Said::Silence => "does not answer in time".to_owned(),
        Said::Unreachable => "could not be asked".to_owned(),
    }
}

/// What the resolvers say, but for the machine's own way: that decides what is dialled, and may go by a list of hosts.
#[derive(Debug, Default)]
pub struct Told<'v> {
    /// Those that give addresses.
    pub give: Vec<&'v Lookup>,
    /// Those that say of the name that it has none, or fail at it and not at others.
    pub deny: Vec<&'v Lookup>,
    /// Those that say nothing of the name.
    pub mute: Vec<&'v Lookup>,
}

impl<'v> Told<'v> {
    /// What was recorded.
    pub fn of(view: &View<'v>) -> Told<'v> {
        let mut told = Told::default();
        for lookup in view.names.iter().filter(|lookup| lookup.whose != Whose::Machine) {
            let side = match &lookup.said {
                Said::Addresses { .. } => &mut told.give,
                said if said.is_of_the_name() => &mut told.deny,
                _ => &mut told.mute,
            };
            side.push(lookup);
        }
        told
    }

    /// Whether any resolver was asked.
    pub fn is_empty(&self) -> bool {
        self.give.is_empty() && self.deny.is_empty() && self.mute.is_empty()
    }

    /// Whether every address that is given lies in a network of somebody's own: such a name is often meant to resolve there
    /// alone.
    pub fn is_internal(&self) -> bool {
        let mut given = self.give.iter().flat_map(|lookup| lookup.said.addresses());
        given.all(|address| is_private(*address))
    }

    /// Whether some addresses lie in a network of somebody's own, in which the name may lead elsewhere than outside: what is
    /// outside need not be reached from inside.
    pub fn is_split(&self) -> bool {
        let mut given = self.give.iter().flat_map(|lookup| lookup.said.addresses());
        given.any(|address| is_private(*address))
    }

    /// Whether no resolver gives an address, and it is the name's doing: there is no such name, or several resolvers, one of
    /// which the user chose, fail at it and not at others. A single resolver that fails may be cut off itself.
    pub fn is_settled_denial(&self) -> bool {
        let fails = |lookup: &&&Lookup| matches!(lookup.said, Said::Failure { .. });
        let failing = self.deny.iter().filter(fails).count();
        let chosen = self.deny.iter().any(|lookup| lookup.whose == Whose::Given);
        self.give.is_empty()
            && !self.deny.is_empty()
            && (failing < self.deny.len() || (failing > 1 && chosen))
    }
}

/// A resolver that leads somewhere else, and what was met there.
#[derive(Debug)]
pub struct Astray<'v> {
    /// The resolver.
    pub lookup: &'v Lookup,
    /// One of its addresses.
    pub address: IpAddr,
    /// How what was sent there failed.
    pub error: &'v WireError,
    /// Everything that was sent to one of its addresses, none of it answered.
    pub lost: Vec<&'v Exchange>,
    /// A request that was answered at an address of somebody else.
    pub good: &'v Exchange,
}

/// The resolvers of whose addresses none leads to the service, while addresses of others do. An address that others give as
/// well is a dead one among several, and no matter of the resolver.
pub fn astray<'v>(view: &View<'v>) -> Vec<Astray<'v>> {
    let told = Told::of(view);
    told.give
        .iter()
        .filter_map(|lookup| led_astray(view, lookup))
        .collect()
}

fn led_astray<'v>(view: &View<'v>, lookup: &'v Lookup) -> Option<Astray<'v>> {
    let own = lookup.said.addresses();
    let others = view.names.iter().filter(|other| *other != lookup);
    let known: Vec<IpAddr> = others.flat_map(|other| other.said.addresses()).copied().collect();
    if own.iter().any(|address| known.contains(address)) {
        return None;
    }
    let answered = |exchange: &&'v Exchange| exchange.answer().is_some();
    let good = known
        .iter()
        .find_map(|address| sent_to(view, *address).find(answered))?;
    let (mut first, mut lost) = (None, Vec::new());
    for address in own {
        let there: Vec<&'v Exchange> = sent_to(view, *address).collect();
        if there.iter().any(answered) {
            return None;
        }
        // What failed on this side, or above TLS, is not known to be somebody else's.
        match there
            .iter()
            .find_map(|exchange| exchange.failure().filter(|error| turns_away(error)))
        {
            Some(error) => first = first.or(Some((*address, error))),
            None if there.is_empty() => {}
            None => return None,
        }
        lost.extend(there);
    }
    let (address, error) = first?;
    Some(Astray {
        lookup,
        address,
        error,
        lost,
        good,
    })
}

/// Whether a request went to an address that one resolver alone gives, and this machine's own way does not: what came of it is
/// judged as that resolver's.
pub fn is_of_one_resolver(view: &View<'_>, exchange: &Exchange) -> bool {
    let Some(to) = exchange.probe.to else {
        return false;
    };
    let mut giving = view
        .names
        .iter()
        .filter(|lookup| lookup.said.addresses().contains(&to));
    let first = giving.next().is_some_and(|lookup| lookup.whose != Whose::Machine);
    first && giving.next().is_none()
}

/// Whether whoever is there takes no connection, or shows a certificate that is not good for the name.
fn turns_away(error: &WireError) -> bool {
    let refuses = matches!(
        error.fault,
        WireFault::Refused | WireFault::TimedOut | WireFault::Tls | WireFault::Reset
    );
    refuses && error.phase <= Phase::Tls && !is_own(error)
}

/// What was sent to an address: by a probe that asked for it, or over a connection to it.
fn sent_to<'v>(view: &View<'v>, address: IpAddr) -> impl Iterator<Item = &'v Exchange> {
    let over = view.connections.iter().filter(move |connection| {
        let at = connection.address.parse::<SocketAddr>();
        at.is_ok_and(|at| at.ip() == address)
    });
    let over: Vec<u32> = over.map(|connection| connection.id).collect();
    view.exchanges.iter().filter(move |exchange| {
        exchange.probe.to == Some(address) || exchange.conn.is_some_and(|conn| over.contains(&conn))
    })
}

/// Whether an address lies in a network of somebody's own (RFC 1918, RFC 4193, RFC 6598).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private() || address.is_link_local() || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// Whether an address is one that can be dialled: some resolvers name the address of nobody for what they block.
pub fn is_somebody(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    !(address.is_unspecified() || address.is_multicast() || broadcast)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_told_in_plain_words_and_a_long_list_is_cut() {
        let addresses: Vec<IpAddr> = (1..=5).map(|last| IpAddr::from([192, 0, 2, last])).collect();
        let lookup = Lookup {
            resolver: "192.0.2.53".into(),
            whose: Whose::Given,
            said: Said::Addresses {
                addresses,
                ttl: Some(300),
            },
            took_ms: 3,
        };
        assert_eq!(
            line(&lookup),
            "192.0.2.53 gives 192.0.2.1, 192.0.2.2, 192.0.2.3 and 2 more (kept for 300 s)"
        );
    }
}
