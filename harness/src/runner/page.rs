//! Reading web pages: whom to dial, how much it may cost, and that no credential goes along. What is read is a fact of the
//! recording, and judged from there.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use url::Url;

use crate::model::page::SeenPage;
use crate::model::probe::Origin;
use crate::model::target::{Bounds, Client, Environment, Target};
use crate::runner::execute::Runner;
use crate::runner::reading::Reading;
use crate::transport::http::{Settings, Transport};
use crate::transport::proxy::Proxies;

/// Bytes that are kept of the document and of each script: bundles are large, and an address may stand at their end.
const KEEP: u64 = 2 * 1024 * 1024;

/// Bytes that are read of each, decoded.
const READ: u64 = 4 * 1024 * 1024;

/// Bytes that are kept of one page in all.
const KEEP_IN_ALL: u64 = 8 * 1024 * 1024;

/// Milliseconds that one request may take.
const DEADLINE_MS: u64 = 3_000;

/// Pages of one run that are read.
pub const MOST_PAGES: usize = 3;

/// A page that is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The origin of the client that it is.
    pub client: Origin,
    /// Where it is.
    pub url: Url,
}

/// The page of a client; its root where nobody said which. `None` for pages of apps and extensions, which no host serves.
pub fn wanted(client: &Client) -> Option<Wanted> {
    let origin = Url::parse(&client.origin.0).ok()?;
    let url = origin.join(client.page.as_deref().unwrap_or("/")).ok()?;
    let served = matches!(url.scheme(), "http" | "https") && url.origin() == origin.origin();
    served.then(|| Wanted {
        client: client.origin.clone(),
        url,
    })
}

/// The pages that these clients are, each once, and no more than are read.
pub fn all<'c>(clients: impl Iterator<Item = &'c Client>) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = Vec::new();
    for one in clients.filter_map(wanted) {
        if !all.contains(&one) && all.len() < MOST_PAGES {
            all.push(one);
        }
    }
    all
}

/// How pages are reached, and what reading them may cost.
#[derive(Debug, Clone, Copy)]
pub struct Ways<'w> {
    /// Addresses that the user set for names.
    pub pins: &'w BTreeMap<String, Vec<IpAddr>>,
    /// PEM certificates to trust besides the system's.
    pub ca_pem: Option<&'w [u8]>,
    /// The environment's proxies.
    pub proxies: &'w Proxies,
    /// The run's seed.
    pub seed: u64,
    /// How many requests may be sent for all of them.
    pub requests: u32,
    /// How long all of them may take.
    pub within: Duration,
}

/// Reads pages one after the other, until what they may cost is spent or `stop` resolves.
pub async fn read<S: Future<Output = ()>>(
    wanted: &[Wanted],
    ways: Ways<'_>,
    stop: impl Fn() -> S,
) -> Vec<SeenPage> {
    let ends = Instant::now() + ways.within;
    let mut pages = Vec::new();
    let mut left = ways.requests;
    for one in wanted {
        let page = read_one(
            one,
            Ways {
                requests: left,
                ..ways
            },
            ends,
            &stop,
        )
        .await;
        left = left.saturating_sub(page.requests);
        pages.push(page);
    }
    pages
}

/// Reads one page, from host to host of its own.
async fn read_one<S: Future<Output = ()>>(
    wanted: &Wanted,
    ways: Ways<'_>,
    ends: Instant,
    stop: &impl Fn() -> S,
) -> SeenPage {
    let mut page = SeenPage::unseen(wanted.client.clone(), wanted.url.as_str().to_owned());
    let (mut at, mut hops) = (wanted.url.clone(), 0);
    loop {
        let left = ends.saturating_duration_since(Instant::now());
        let target = host(&at, left, ways.requests.saturating_sub(page.requests));
        let settings = Settings {
            // Credentials belong to the API: there is none that could be sent from here.
            pins: ways.pins.clone(),
            ca_pem: ways.ca_pem.map(<[u8]>::to_vec),
            proxies: ways.proxies.clone(),
            ..Settings::default()
        };
        let transport = match Transport::new(target.clone(), settings) {
            Ok(transport) => transport,
            Err(error) => {
                page.unread = Some(error.to_string());
                return page;
            }
        };
        let seed = numbered(ways.seed, &at, hops);
        let mut reading = Reading::new(page, at, hops);
        Runner::new(&target, &transport, seed, |_| {})
            .run(&mut reading, stop())
            .await;
        let (read, moved, hopped) = reading.done();
        page = read.each_text(|text| transport.redact(text));
        match moved {
            Some(to) => (at, hops) = (to, hopped),
            None => return page,
        }
    }
}

/// The seed of what is asked of one host, so that no request has the id of another one of the run.
fn numbered(seed: u64, at: &Url, hops: u32) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, at.as_str(), hops).hash(&mut hasher);
    hasher.finish()
}

/// The host of a page as something to be asked: gently, and by nobody in particular.
fn host(at: &Url, left: Duration, requests: u32) -> Target {
    let ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX).max(1);
    Target {
        bounds: Bounds {
            deadline_ms: DEADLINE_MS.min(ms),
            run_ms: ms,
            body_keep: KEEP,
            body_read: READ,
            run_keep: KEEP_IN_ALL,
            requests,
            ..Bounds::of(Environment::Production)
        },
        ..Target::bare(at.origin().ascii_serialization())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::target;

    fn client(origin: &str, page: Option<&str>) -> Client {
        Client {
            origin: Origin(origin.into()),
            page: page.map(str::to_owned),
            ..target().clients[0].clone()
        }
    }

    #[test]
    fn a_page_is_at_its_path_and_never_at_another_host() {
        let at =
            |origin: &str, page: Option<&str>| wanted(&client(origin, page)).map(|one| one.url.to_string());
        assert_eq!(
            at("https://app.example", None).as_deref(),
            Some("https://app.example/")
        );
        assert_eq!(
            at("http://localhost:3000", Some("/record")).as_deref(),
            Some("http://localhost:3000/record")
        );
        for none in [
            ("capacitor://localhost", None),
            ("https://app.example", Some("//evil.example/")),
        ] {
            assert_eq!(at(none.0, none.1), None, "{none:?}");
        }
    }

    #[test]
    fn each_page_is_read_once_and_not_too_many() {
        let clients: Vec<Client> = (0..9)
            .map(|n| client(&format!("https://a{}.example", n / 2), None))
            .collect();
        assert_eq!(all(clients.iter()).len(), MOST_PAGES);
    }
}
