//! How often one client may ask: by credential where there is one, and by address in any case.
//!
//! Counting is governor's (GCRA); here is what is counted, and how it is said
//! (draft-ietf-httpapi-ratelimit-headers-07, the fields that clients read today).

use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use poem::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::auth::caller::CredentialId;
use crate::http::problem::Problem;

/// So many requests in so long: all of them at once, or spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many; at least 1.
    pub requests: NonZeroU32,
    /// In how long; at least a second.
    pub window: Duration,
}

impl Rate {
    /// So many a minute.
    #[must_use]
    pub const fn a_minute(requests: NonZeroU32) -> Self {
        Self {
            requests,
            window: Duration::from_secs(60),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}s", self.requests, self.window.as_secs())
    }
}

impl FromStr for Rate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const HOW: &str = "write a number of requests and a time of at least a second, such as 600/1m";
        let (requests, window) = text.split_once('/').ok_or(HOW)?;
        let window: jiff::SignedDuration = window.trim().parse().map_err(|_| HOW)?;
        let window = Duration::try_from(window).map_err(|_| HOW)?;
        let rate = Self {
            requests: requests.trim().parse().map_err(|_| HOW)?,
            window: Duration::from_secs(window.as_secs()),
        };
        let sane = (1..=24 * 3600).contains(&rate.window.as_secs());
        if sane { Ok(rate) } else { Err(HOW) }
    }
}

/// How a client stands with the limiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What it may.
    pub rate: Rate,
    /// How many more requests it may send at once.
    pub remaining: u32,
    /// Until it may send all of them at once again.
    pub whole_after: Duration,
}

/// Clients that are remembered before those that could ask freely again are forgotten.
const MOST_REMEMBERED: usize = 10_000;

/// Counts the requests of each client.
struct Limiter<K: Hash + Eq + Clone> {
    rate: Rate,
    counted: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    fn new(rate: Rate) -> Self {
        // Only a window of no length has no period.
        let quota = Quota::with_period(rate.window / rate.requests.get())
            .unwrap_or(Quota::per_second(rate.requests))
            .allow_burst(rate.requests);
        Self {
            rate,
            counted: RateLimiter::keyed(quota).with_middleware(),
        }
    }

    /// Counts a request, or says how long to wait before the next.
    fn count(&self, client: &K) -> Result<Standing, Duration> {
        if self.counted.len() > MOST_REMEMBERED {
            self.counted.retain_recent();
        }
        match self.counted.check_key(client) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity().min(self.rate.requests.get());
                let used = self.rate.requests.get() - remaining;
                Ok(Standing {
                    rate: self.rate,
                    remaining,
                    whole_after: state.quota().replenish_interval().saturating_mul(used),
                })
            }
            Err(early) => Err(early.wait_time_from(DefaultClock::default().now())),
        }
    }
}

/// The limits of a service. A rate that is absent limits nothing.
pub struct Limiters {
    credential: Option<Limiter<CredentialId>>,
    peer: Option<Limiter<IpAddr>>,
}

impl Limiters {
    /// These rates for each credential and for each address.
    #[must_use]
    pub fn new(credential: Option<Rate>, peer: Option<Rate>) -> Self {
        Self {
            credential: credential.map(Limiter::new),
            peer: peer.map(Limiter::new),
        }
    }

    /// Counts a request of a credential, and notes how it stands.
    ///
    /// # Errors
    /// 429 when it asked too often.
    pub fn credential(&self, credential: &CredentialId, noted: Option<&Noted>) -> Result<(), Problem> {
        let Some(limiter) = &self.credential else {
            return Ok(());
        };
        let standing = limiter
            .count(credential)
            .map_err(|wait| too_often(limiter.rate, wait, "This credential"))?;
        if let Some(Noted(noted)) = noted {
            *noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(standing);
        }
        Ok(())
    }

    /// Counts a request from an address.
    ///
    /// # Errors
    /// 429 when it asked too often.
    pub fn peer(&self, address: IpAddr) -> Result<(), Problem> {
        let Some(limiter) = &self.peer else { return Ok(()) };
        let counted = limiter.count(&address);
        counted
            .map(drop)
            .map_err(|wait| too_often(limiter.rate, wait, "This address"))
    }
}

/// Where an operation notes how its caller stands, for the layer that writes it on the answer.
#[derive(Debug, Clone, Default)]
pub struct Noted(Arc<Mutex<Option<Standing>>>);

impl Noted {
    /// Writes what was noted, if anything was.
    pub fn write(&self, headers: &mut HeaderMap) {
        let noted = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in noted.into_iter().flat_map(fields) {
            headers.insert(name, value);
        }
    }
}

/// The names of the fields, in lower case.
pub const FIELDS: [&str; 4] = [
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "ratelimit-policy",
];

fn fields(standing: Standing) -> Vec<(HeaderName, HeaderValue)> {
    let seconds = standing.whole_after.as_millis().div_ceil(1000);
    let Rate { requests, window } = standing.rate;
    let values = [
        requests.to_string(),
        standing.remaining.to_string(),
        seconds.to_string(),
        format!("{requests};w={}", window.as_secs()),
    ];
    let named = FIELDS.into_iter().zip(values);
    named
        .filter_map(|(name, value)| Some((HeaderName::from_static(name), value.parse().ok()?)))
        .collect()
}

pub(super) fn too_often(rate: Rate, wait: Duration, who: &str) -> Problem {
    let detail = format!(
        "{who} may send {} requests in {} s and has sent them. Wait as long as Retry-After says.",
        rate.requests,
        rate.window.as_secs()
    );
    let mut problem =
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).with_retry_after(Some(wait));
    problem.headers.extend(fields(Standing {
        rate,
        remaining: 0,
        whole_after: rate.window,
    }));
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: Rate = Rate::a_minute(NonZeroU32::new(3).unwrap());

    fn credential(name: &str) -> CredentialId {
        CredentialId::of_subject(name)
    }

    #[test]
    fn whoever_asked_too_often_is_told_when_to_come_back_and_nobody_else_is() {
        let limiters = Limiters::new(Some(THREE), None);
        for remaining in ["2", "1", "0"] {
            let noted = Noted::default();
            limiters.credential(&credential("ana"), Some(&noted)).unwrap();
            let mut headers = HeaderMap::new();
            noted.write(&mut headers);
            assert_eq!(headers["ratelimit-remaining"], remaining);
            assert_eq!(headers["ratelimit-limit"], "3");
            assert_eq!(headers["ratelimit-policy"], "3;w=60");
        }
        let refused = limiters.credential(&credential("ana"), None).unwrap_err();
        assert_eq!((refused.status.as_u16(), &*refused.code), (429, "rate_limited"));
        let header = |name: &str| {
            let found = refused.headers.iter().find(|(header, _)| header == name);
            found.unwrap().1.to_str().unwrap().parse::<u64>().unwrap()
        };
        assert!((19..=20).contains(&header("retry-after")), "a third of a minute");
        assert_eq!((header("ratelimit-remaining"), header("ratelimit-limit")), (0, 3));
        assert_eq!(limiters.credential(&credential("ben"), None), Ok(()));
    }

    #[test]
    fn without_a_rate_nobody_is_counted() {
        let limiters = Limiters::new(None, None);
        for _ in 0..1_000 {
            assert_eq!(limiters.credential(&credential("ana"), None), Ok(()));
            assert_eq!(limiters.peer(IpAddr::from([127, 0, 0, 1])), Ok(()));
        }
    }

    #[test]
    fn a_flood_of_addresses_is_not_remembered_for_ever() {
        // One that may ask again after a hundredth of a second is forgotten then.
        let limiter = Limiter::new(Rate {
            requests: NonZeroU32::new(100_000).unwrap(),
            window: Duration::from_secs(1),
        });
        for address in 0..100_000_u32 {
            limiter.count(&IpAddr::from(address.to_be_bytes())).unwrap();
        }
        assert!(
            limiter.counted.len() <= MOST_REMEMBERED + 1,
            "{}",
            limiter.counted.len()
        );
    }

    #[test]
    fn a_rate_is_read_as_people_write_it() {
        assert_eq!("3/1m".parse(), Ok(THREE));
        assert_eq!(" 3 / 60s ".parse(), Ok(THREE));
        assert_eq!(THREE.to_string().parse(), Ok(THREE));
        for wrong in [
            "", "3", "0/1m", "3/0s", "3/-1m", "-3/1m", "3/1d1h", "many/1m", "3/10ms",
        ] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
    }
}
