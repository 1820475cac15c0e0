//! The one place where a probe may be refused, before a byte of it leaves. Pure.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::check::beside::Beside;
use crate::model::probe::{Effect, Probe};
use crate::model::refusal::Why;
use crate::model::target::Target;
use crate::runner::send;
use crate::transport::http::Transport;

/// Why a probe is not sent, and what would allow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// Why.
    pub why: Why,
    /// The same in a sentence.
    pub reason: String,
    /// The flag that would allow it.
    pub flag: Option<String>,
}

/// Who knows how long bodies are.
pub trait Scale: Sync + std::fmt::Debug {
    /// The bytes of a probe's body, once it is written out.
    fn weight(&self, probe: &Probe) -> u64;
}

impl Scale for Transport {
    fn weight(&self, probe: &Probe) -> u64 {
        Transport::weight(self, probe, &send::longest_id())
    }
}

/// What has been spent of a run's budget.
#[derive(Debug, Clone)]
pub struct Budget<'t> {
    target: &'t Target,
    scale: &'t dyn Scale,
    requests: u32,
    elsewhere: Option<&'t Beside>,
    paid: u32,
    bytes: u64,
    throttled: HashMap<String, Rate>,
}

/// How often one operation is asked.
#[derive(Debug, Clone, Default)]
struct Rate {
    /// Sendings of the last minute, by when they were over.
    recent: Vec<Timestamp>,
    /// Sendings that were admitted and are not over.
    open: usize,
}

impl<'t> Budget<'t> {
    /// A budget of which nothing is spent.
    pub fn new(target: &'t Target, scale: &'t dyn Scale) -> Budget<'t> {
        Budget {
            target,
            scale,
            requests: 0,
            elsewhere: None,
            paid: 0,
            bytes: 0,
            throttled: HashMap::new(),
        }
    }

    /// Of the requests, so many are spent or kept elsewhere: whoever spends them there says how many, at any time.
    pub fn beside(&mut self, elsewhere: &'t Beside) {
        self.elsewhere = Some(elsewhere);
    }

    /// Admits all of these or none: a sequence that may not be finished is not begun, and costs nothing.
    pub fn admit_all<'p>(
        &mut self,
        wanted: &[(&'p Probe, u16)],
        now: Timestamp,
    ) -> Result<(), (&'p Probe, Denied)> {
        let before = (wanted.len() > 1).then(|| self.clone());
        for (probe, times) in wanted {
            if let Err(denied) = self.admit(probe, *times, now) {
                if let Some(before) = before {
                    *self = before;
                }
                return Err((probe, denied));
            }
        }
        Ok(())
    }

    /// Notes that admitted sendings are over. Until then they stand against the throttle, however long they were put off.
    pub fn over(&mut self, probe: &Probe, times: u16, now: Timestamp) {
        if let Some(rate) = self.throttled.get_mut(&probe.operation()) {
            let over = rate.open.min(times.into());
            rate.open -= over;
            rate.recent.extend(std::iter::repeat_n(now, over));
        }
    }

    /// Admits `times` sendings of a probe, and counts them as spent; or says why not.
    pub fn admit(&mut self, probe: &Probe, times: u16, now: Timestamp) -> Result<(), Denied> {
        self.effect(probe)?;
        self.count(probe, times)?;
        let bytes = self.weigh(probe, times)?;
        self.throttle(probe, times, now)?;
        self.requests += u32::from(times);
        self.bytes = self.bytes.saturating_add(bytes);
        if probe.effect == Effect::Paid {
            self.paid += u32::from(times);
        }
        Ok(())
    }

    fn effect(&self, probe: &Probe) -> Result<(), Denied> {
        if self.target.allows(probe.effect) {
            return Ok(());
        }
        let (does, flag) = match probe.effect {
            Effect::Read | Effect::Inert => return Ok(()),
            Effect::Paid => ("would cost money", "--allow paid"),
            Effect::Writes => ("might write", "--allow writes"),
            Effect::Hostile => ("would strain the service", "--allow hostile"),
        };
        let place = self.target.environment.name();
        Err(Denied {
            why: Why::Effect,
            reason: format!(
                "{} {does} if it were accepted, and this run ({place}) may not",
                probe.operation()
            ),
            flag: Some(flag.to_owned()),
        })
    }

    fn count(&self, probe: &Probe, times: u16) -> Result<(), Denied> {
        let bounds = &self.target.bounds;
        let elsewhere = self.elsewhere.map_or(0, Beside::requests);
        if self.requests + u32::from(times) > bounds.requests.saturating_sub(elsewhere) {
            return Err(Denied {
                why: Why::Requests,
                reason: format!("the budget of {} requests is spent", bounds.requests),
                flag: Some("--budget requests=N".to_owned()),
            });
        }
        let over = |limit: u32| probe.effect == Effect::Paid && self.paid + u32::from(times) > limit;
        match bounds.paid {
            Some(limit) if over(limit) => Err(Denied {
                why: Why::Paid,
                reason: format!("the budget of paid calls is spent ({} of {limit})", self.paid),
                flag: Some("--budget paid=N".to_owned()),
            }),
            _ => Ok(()),
        }
    }

    /// The bytes of so many sendings; nobody counts them who has no limit.
    fn weigh(&self, probe: &Probe, times: u16) -> Result<u64, Denied> {
        let Some(limit) = self.target.bounds.bytes else {
            return Ok(0);
        };
        let bytes = self.scale.weight(probe).saturating_mul(times.into());
        if self.bytes.saturating_add(bytes) <= limit {
            return Ok(bytes);
        }
        Err(Denied {
            why: Why::Bytes,
            reason: format!(
                "{} has {bytes} bytes of body, and {} of {limit} are spent",
                probe.operation(),
                self.bytes
            ),
            flag: Some("--budget bytes=N".to_owned()),
        })
    }

    /// Keeps to so many requests a minute to one operation, plain reads and preflights aside.
    fn throttle(&mut self, probe: &Probe, times: u16, now: Timestamp) -> Result<(), Denied> {
        let Some(limit) = self.target.bounds.per_operation else {
            return Ok(());
        };
        if probe.effect == Effect::Read {
            return Ok(());
        }
        let operation = probe.operation();
        let rate = self.throttled.entry(operation.clone()).or_default();
        rate.recent
            .retain(|at| now.duration_since(*at) < SignedDuration::from_secs(60));
        if rate.recent.len() + rate.open + usize::from(times) > limit as usize {
            return Err(Denied {
                why: Why::Throttle,
                reason: format!(
                    "{operation} was asked {limit} times within a minute; production gets no more"
                ),
                flag: Some("--environment staging".to_owned()),
            });
        }
        rate.open += usize::from(times);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::probe::{Body, Nature};
    use crate::model::target::Environment;
    use crate::model::target::Target;

    /// Every body has ten bytes, but for none.
    #[derive(Debug)]
    struct Tens;

    impl Scale for Tens {
        fn weight(&self, probe: &Probe) -> u64 {
            if probe.body == Body::Empty { 0 } else { 10 }
        }
    }

    #[test]
    fn no_more_bytes_go_out_than_allowed_and_what_has_none_still_may() {
        let mut target = Target::bare("http://x");
        (target.bounds.bytes, target.bounds.per_operation) = (Some(25), None);
        let mut budget = Budget::new(&target, &Tens);
        let inert = Probe::request("POST", "/x").body(Body::BrokenJson).build();
        assert_eq!(budget.admit(&inert, 3, now()).unwrap_err().why, Why::Bytes);
        assert_eq!(budget.admit(&inert, 2, now()), Ok(()));
        let denied = budget.admit(&inert.repeat(1), 1, now()).unwrap_err();
        assert_eq!(
            denied.reason,
            "POST /x has 10 bytes of body, and 20 of 25 are spent"
        );
        assert_eq!(budget.admit(&Probe::get("/x").build(), 1, now()), Ok(()));
        target.bounds.bytes = None;
        let mut unlimited = Budget::new(&target, &Tens);
        assert_eq!(unlimited.admit(&inert, 500, now()), Ok(()));
    }

    fn now() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn paid(again: u16) -> Probe {
        Probe::request("POST", "/x")
            .nature(Some(Nature::Paid))
            .build()
            .repeat(again)
    }

    #[test]
    fn production_refuses_what_costs_or_writes_and_names_the_flag() {
        let target = Target::bare("http://x");
        let mut budget = Budget::new(&target, &Tens);
        assert_eq!(
            budget.admit(&paid(0), 1, now()).unwrap_err().flag.as_deref(),
            Some("--allow paid")
        );
        let write = Probe::request("DELETE", "/x").build();
        assert_eq!(
            budget.admit(&write, 1, now()).unwrap_err().flag.as_deref(),
            Some("--allow writes")
        );
        assert_eq!(budget.admit(&Probe::get("/x").build(), 1, now()), Ok(()));
    }

    #[test]
    fn six_inert_requests_a_minute_reach_one_operation_of_production() {
        let target = Target::bare("http://x");
        let mut budget = Budget::new(&target, &Tens);
        let inert = Probe::request("POST", "/x").body(Body::BrokenJson).build();
        for again in 0..6 {
            assert_eq!(budget.admit(&inert.repeat(again), 1, now()), Ok(()));
        }
        (0..6).for_each(|again| budget.over(&inert.repeat(again), 1, now()));
        assert_eq!(
            budget.admit(&inert.repeat(6), 1, now()).unwrap_err().why,
            Why::Throttle
        );
        let later = now() + SignedDuration::from_secs(61);
        assert_eq!(budget.admit(&inert.repeat(7), 1, later), Ok(()));
    }

    #[test]
    fn what_is_put_off_stands_against_the_throttle_until_it_is_over() {
        let target = Target::bare("http://x");
        let mut budget = Budget::new(&target, &Tens);
        let inert = Probe::request("POST", "/x").body(Body::BrokenJson).build();
        assert_eq!(budget.admit(&inert, 6, now()), Ok(()));
        let later = now() + SignedDuration::from_secs(600);
        assert_eq!(
            budget.admit(&inert.repeat(1), 1, later).unwrap_err().why,
            Why::Throttle
        );
        budget.over(&inert, 6, later);
        assert_eq!(
            budget.admit(&inert.repeat(1), 1, later).unwrap_err().why,
            Why::Throttle
        );
        assert_eq!(
            budget.admit(&inert.repeat(1), 1, later + SignedDuration::from_secs(61)),
            Ok(())
        );
    }

    #[test]
    fn what_is_kept_for_somebody_else_is_not_spent_and_what_they_leave_is() {
        let mut target = Target::bare("http://x");
        target.bounds.requests = 5;
        let elsewhere = Beside::keeping(3);
        let mut budget = Budget::new(&target, &Tens);
        budget.beside(&elsewhere);
        let read = Probe::get("/x").build();
        assert_eq!(budget.admit(&read, 2, now()), Ok(()));
        assert_eq!(budget.admit(&read, 1, now()).unwrap_err().why, Why::Requests);
        elsewhere.ends(1);
        assert_eq!(budget.admit(&read, 2, now()), Ok(()));
        elsewhere.ends(9);
        assert_eq!(budget.admit(&read, 1, now()).unwrap_err().why, Why::Requests);
    }

    #[test]
    fn a_sequence_that_may_not_be_finished_costs_nothing() {
        let mut target = Target::bare("http://x");
        target.allow = vec![Effect::Paid];
        target.bounds.paid = Some(1);
        let mut budget = Budget::new(&target, &Tens);
        let (first, second) = (paid(0), paid(1));
        let denied = budget.admit_all(&[(&first, 1), (&second, 1)], now()).unwrap_err();
        assert_eq!((denied.0, denied.1.why), (&second, Why::Paid));
        assert_eq!(budget.admit(&paid(2), 1, now()), Ok(()));
    }

    proptest! {
        #[test]
        fn no_more_is_paid_than_allowed(limit in 0_u32..5, asks in proptest::collection::vec(1_u16..4, 0..20)) {
            let mut target = Target::bare("http://x");
            target.environment = Environment::Staging;
            target.allow = vec![Effect::Paid];
            target.bounds.paid = Some(limit);
            target.bounds.per_operation = None;
            let mut budget = Budget::new(&target, &Tens);
            let admitted = asks.iter().enumerate().filter(|(at, times)| {
                budget.admit(&paid(u16::try_from(*at).unwrap()), **times, now()).is_ok()
            });
            let spent: u32 = admitted.map(|(_, times)| u32::from(*times)).sum();
            prop_assert!(spent <= limit);
        }
    }
}
