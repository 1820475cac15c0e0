//! What asks for whatever is no part of a run: contracts, tokens, the time, notices. No answer leads it elsewhere, and whoever
//! reads the other side's log knows it, and each of its requests, as they know those of a run.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};

use crate::transport::request::AGENT;

/// The header by which a log tells one request from another.
const REQUEST_ID: &str = "x-request-id";

/// Asks on behalf of this process.
#[derive(Debug, Clone)]
pub struct Asking(Client);

impl Asking {
    /// One whose requests take no longer than this each. Fails where the system's certificates cannot be read.
    pub fn within(longest: Duration) -> Result<Asking, reqwest::Error> {
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(longest)
            .user_agent(AGENT);
        client.build().map(Asking)
    }

    /// A request, under an id of its own.
    pub fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.0.request(method, url).header(REQUEST_ID, id())
    }
}

/// An id that no other request has: no seed gives it, since no report tells of such a request.
fn id() -> String {
    format!("gl-{:016x}", RandomState::new().hash_one(REQUEST_ID))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_request_has_an_id_of_its_own() {
        let asking = Asking::within(Duration::from_secs(1)).unwrap();
        let of_one = || {
            let request = asking.request(Method::GET, "http://x.example/").build().unwrap();
            request.headers()[REQUEST_ID].to_str().unwrap().to_owned()
        };
        let ids: BTreeSet<String> = std::iter::repeat_with(of_one).take(100).collect();
        assert_eq!(ids.len(), 100, "{ids:?}");
        assert!(ids.iter().all(|id| id.starts_with("gl-")), "{ids:?}");
    }
}
