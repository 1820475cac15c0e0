//! What each resolver says of the target's name: a name that resolves here may not resolve elsewhere, or lead somewhere else.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Whose resolver it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Whose {
    /// The machine's own way from a name to addresses, by which the run dials: its list of hosts, its caches, its resolvers.
    Machine,
    /// One of the name servers that the machine is set up with, asked by itself.
    Configured,
    /// One that the user named.
    Given,
}

/// What a resolver said.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Said {
    /// The name has these addresses.
    Addresses {
        /// Which, in order; of very many only the first.
        addresses: Vec<IpAddr>,
        /// For how many seconds the shortest-lived of them may be kept. The machine's own way does not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ttl: Option<u32>,
    },
    /// There is no such name (NXDOMAIN, RFC 8020).
    NoSuchName,
    /// The name exists, and has no address (RFC 2308 §2.2).
    NoAddress,
    /// It failed to find out (SERVFAIL).
    Failure {
        /// Whether it answers for the root, and so is able to find out anything at all.
        able: bool,
    },
    /// It answers nobody like us (REFUSED).
    Refused,
    /// Nothing that can be read as an answer.
    Garbled,
    /// Nothing in time.
    Silence,
    /// It could not be asked.
    Unreachable,
}

impl Said {
    /// Its addresses, as far as any are kept; none when it said anything else.
    pub fn addresses(&self) -> &[IpAddr] {
        match self {
            Said::Addresses { addresses, .. } => addresses.get(..MOST_ADDRESSES).unwrap_or(addresses),
            _ => &[],
        }
    }

    /// Whether it says something of the name. The others say something of the resolver, or of the way to it.
    pub fn is_of_the_name(&self) -> bool {
        matches!(
            self,
            Said::Addresses { .. } | Said::NoSuchName | Said::NoAddress | Said::Failure { able: true }
        )
    }
}

/// Resolvers that are asked at most, the machine's own way among them. A recording that names more was not made by us, and the
/// others are not looked at.
pub const MOST_LOOKUPS: usize = 9;
/// Addresses that are kept of what one of them says.
pub const MOST_ADDRESSES: usize = 16;

/// One resolver, and what it said.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Lookup {
    /// The resolver: its address, with the port where that is not 53, or `this machine`.
    pub resolver: String,
    /// Whose it is.
    pub whose: Whose,
    /// What it said.
    pub said: Said,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_could_not_be_asked_says_nothing_of_the_name() {
        for said in [
            Said::Silence,
            Said::Unreachable,
            Said::Refused,
            Said::Garbled,
            Said::Failure { able: false },
        ] {
            assert!(!said.is_of_the_name(), "{said:?}");
        }
        assert!(Said::NoSuchName.is_of_the_name() && Said::Failure { able: true }.is_of_the_name());
    }
}
