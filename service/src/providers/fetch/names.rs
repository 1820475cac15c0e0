//! From a name to addresses that a connection may be made to.
//!
//! The client asks here and nowhere else when it connects, so that no address is connected to that was not judged: a name that
//! answers otherwise the second time (DNS rebinding) wins nothing.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::domain::fetch::FetchPolicy;

/// What a name leads to: a seam, since no test may depend on the DNS.
pub trait Names: Send + Sync {
    /// The addresses of a name.
    fn addresses(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The machine's own way from a name to addresses.
pub struct OfTheMachine;

impl Names for OfTheMachine {
    fn addresses(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        }
        .boxed()
    }
}

/// Names, and only those of their addresses that the policy allows.
pub(super) struct Judged {
    pub(super) names: Arc<dyn Names>,
    pub(super) policy: Arc<FetchPolicy>,
}

/// A name of which no address may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("none of the addresses of this name may be connected to")]
struct NoneAllowed;

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.names.addresses(name.as_str().to_owned());
        let policy = self.policy.clone();
        Box::pin(async move {
            let mut found = found.await?;
            let known = found.len();
            found.retain(|address| policy.allows(*address));
            if found.len() < known {
                // The caller is not told; whoever runs this may want to know who asks for such names.
                tracing::warn!(host = name.as_str(), "a caller's address leads inside");
            }
            if found.is_empty() {
                return Err(NoneAllowed.into());
            }
            let addresses = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
