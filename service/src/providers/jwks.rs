//! An issuer's published keys, fetched from the one address that is configured.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::{Client, Url, header};
use tokio::sync::OnceCell;

use crate::auth::keyring::{FetchError, KeySource};
use crate::providers::reach;

/// A key set at an address.
pub struct HttpKeys {
    address: Url,
    /// Made with the first fetch: most services never need one, and TLS takes a while to set up.
    client: OnceCell<Client>,
}

impl HttpKeys {
    /// The set at this address. Fetches nothing yet.
    #[must_use]
    pub fn new(address: Url) -> Self {
        Self {
            address,
            client: OnceCell::new(),
        }
    }

    async fn get(&self) -> Result<Vec<u8>, &'static str> {
        let make = || async { reach::client(&self.address).ok_or("no TLS") };
        let client = self.client.get_or_try_init(make).await?;
        let request = client
            .get(self.address.clone())
            .header(header::ACCEPT, "application/json");
        let response = request.send().await.map_err(|error| reach::word(&error))?;
        if !response.status().is_success() {
            return Err("refused");
        }
        Ok(reach::body(response).await?.to_vec())
    }
}

impl KeySource for HttpKeys {
    fn fetch(&self) -> BoxFuture<'_, Result<Vec<u8>, FetchError>> {
        async move { self.get().await.map_err(FetchError) }.boxed()
    }
}
