use jiff::Timestamp;

use super::*;
use crate::check::asks::read;
use crate::check::beside::Beside;
use crate::check::testing::{answered, failed, target};
use crate::drive::diagnose::locate::Locating;
use crate::model::exchange::{Phase, Phases, WireFault};

const DOCUMENT: &str = r#"{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/me":{"get":{"responses":{"200":{"description":"x"}}}}}}"#;

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn news(exchanges: &[Exchange]) -> News<'_> {
    News {
        exchanges,
        refused: &[],
        raw: &[],
    }
}

/// Drives a driver against a world that answers by path, and gives the paths in the order of asking.
fn driven(driver: &mut dyn Driver, world: impl Fn(&Probe) -> Exchange) -> Vec<String> {
    let (mut seen, mut paths) = (Vec::new(), Vec::new());
    for _ in 0..500 {
        let Next::Ask(asked) = driver.next(news(&seen), now()) else {
            return paths;
        };
        let probes: Vec<Probe> = asked
            .iter()
            .flat_map(|asked| asked.ask.probes())
            .cloned()
            .collect();
        paths.push(probes.iter().map(Probe::path_text).collect::<Vec<_>>().join(" "));
        seen = probes.iter().map(&world).collect();
    }
    panic!("it does not end: {paths:?}");
}

#[test]
fn the_base_is_found_from_an_endpoint_one_request_at_a_time() {
    let mut locating = Locating::new("/api/v3/ai/orchestrate", 22_500);
    let paths = driven(&mut locating, |probe| match probe.path_text() {
        "/api/v3/health" => answered(1, probe, 200, &[], r#"{"status":"ok"}"#),
        "/api/v3/openapi.json" => answered(1, probe, 200, &[], DOCUMENT),
        _ => answered(1, probe, 404, &[], ""),
    });
    assert!(paths.iter().all(|path| !path.contains(' ')), "{paths:?}");
    assert_eq!(paths.last().map(String::as_str), Some("/api/v3/openapi.json"));
    let found = locating.found();
    assert_eq!(found.base.as_deref(), Some("/api/v3"));
    assert_eq!(found.health.as_deref(), Some("/health"));
    assert!(found.contract.is_some());
}

#[test]
fn a_document_at_the_root_says_where_its_paths_begin() {
    let served = DOCUMENT.replace("\"paths\"", "\"servers\":[{\"url\":\"/v2\"}],\"paths\"");
    let mut locating = Locating::new("", 22_500);
    driven(&mut locating, |probe| match probe.path_text() {
        "/openapi.json" => answered(1, probe, 200, &[], &served),
        _ => answered(1, probe, 404, &[], ""),
    });
    assert_eq!(locating.found().base.as_deref(), Some("/v2"));
}

#[test]
fn nobody_who_is_silent_is_asked_for_every_path() {
    let mut locating = Locating::new("/a/b/c", 22_500);
    let paths = driven(&mut locating, |probe| {
        failed(1, probe, Phase::Connect, WireFault::Refused)
    });
    assert_eq!(paths.len(), 1);
    assert_eq!(locating.found().base, None);
}

fn checks() -> Vec<&'static dyn crate::check::Check> {
    let all = crate::checks::registry::CHECKS.iter().copied();
    all.filter(|check| order::CHECKS.contains(&check.spec().id))
        .collect()
}

/// How a diagnosis asks a service that answers so.
fn diagnosed(world: impl Fn(&Probe) -> Exchange) -> (Vec<String>, Option<&'static str>) {
    let target = target();
    let rounds = Rounds::new(&target, None, checks());
    let mut driver = Diagnosing::new(&target, rounds, &[], None, |_| {});
    let batches = driven(&mut driver, world);
    (batches, driver.stopped())
}

fn healthy(probe: &Probe) -> Exchange {
    match probe.path_text() {
        "/health" => answered(1, probe, 200, &[], r#"{"status":"ok"}"#),
        _ => answered(1, probe, 404, &[], ""),
    }
}

#[test]
fn first_one_at_a_time_then_a_few_at_once() {
    let (batches, stopped) = diagnosed(healthy);
    assert_eq!(stopped, None);
    let sizes: Vec<usize> = batches.iter().map(|batch| batch.split(' ').count()).collect();
    assert!(
        sizes.len() > CAREFUL && sizes[..CAREFUL].iter().all(|size| *size == 1),
        "{sizes:?}"
    );
    assert!(
        sizes.iter().all(|size| *size <= AT_ONCE) && sizes.contains(&AT_ONCE),
        "{sizes:?}"
    );
}

#[test]
fn a_service_that_refuses_is_left_alone() {
    let (batches, stopped) = diagnosed(|probe| answered(1, probe, 503, &[], ""));
    assert!(stopped.is_some_and(|why| why.contains("429 or 503")));
    assert_eq!(batches.len(), ENOUGH);
}

#[test]
fn health_that_says_how_bad_things_are_refuses_nothing() {
    let (batches, stopped) = diagnosed(|probe| match probe.path_text() {
        "/health" | "/ready" => answered(1, probe, 503, &[], r#"{"status":"unhealthy"}"#),
        _ => healthy(probe),
    });
    assert_eq!(stopped, None, "{batches:?}");
}

#[test]
fn a_service_that_slows_down_is_left_alone_and_one_that_is_slow_is_not() {
    let with = |wait: u64| {
        let count = std::cell::Cell::new(0_u64);
        diagnosed(move |probe| {
            count.set(count.get() + 1);
            let wait = if count.get() > 8 { wait } else { 300_000 };
            Exchange {
                phases: Phases {
                    wait: Some(wait),
                    ..Phases::default()
                },
                ..healthy(probe)
            }
        })
    };
    let (slowed, why) = with(2_000_000);
    assert!(why.is_some_and(|why| why.contains("more and more slowly")));
    let (slow, why) = with(400_000);
    assert_eq!(why, None);
    assert!(slow.len() > slowed.len());
}

#[test]
fn every_address_is_asked_when_there_are_several_and_none_waits_for_another() {
    let target = target();
    let rounds = Rounds::new(&target, None, checks());
    let addresses = ["192.0.2.1", "2001:db8::1"].map(|address| address.parse().unwrap());
    let mut driver = Diagnosing::new(&target, rounds, &addresses, None, |_| {});
    let Next::Ask(batch) = driver.next(news(&[]), now()) else {
        panic!()
    };
    let asked: Vec<_> = batch.iter().map(|asked| asked.ask.probes()[0].to).collect();
    assert_eq!(asked, addresses.map(Some));
    assert_eq!(read("/x").to, None);
}

#[test]
fn the_call_that_users_make_is_not_lost_to_what_is_asked_around_it() {
    for (limit, elsewhere) in [(12, 0), (20, 0), (40, 0), (40, 12), (40, 28)] {
        let elsewhere = Beside::keeping(elsewhere);
        elsewhere.ends(elsewhere.requests());
        let mut target = target();
        target.bounds.requests = limit;
        let limit = limit - elsewhere.requests();
        let addresses: Vec<std::net::IpAddr> = (1..9).map(|n| [127, 0, 0, n].into()).collect();
        let rounds = Rounds::new(&target, None, checks());
        let mut driver = Diagnosing::new(&target, rounds, &addresses, None, |_| {}).beside(&elsewhere);
        let (mut seen, mut paid_at, mut sent) = (Vec::new(), None, 0_u32);
        while let Next::Ask(asked) = driver.next(news(&seen), now()) {
            let probes: Vec<Probe> = asked
                .iter()
                .flat_map(|asked| asked.ask.probes())
                .cloned()
                .collect();
            for probe in &probes {
                sent += 1;
                let pays = probe.effect == Effect::Paid;
                paid_at = paid_at.or(pays.then_some(sent));
            }
            seen = probes
                .iter()
                .map(|probe| answered(1, probe, 200, &[], "{}"))
                .collect();
        }
        let at = paid_at.expect("the call is asked");
        assert!(at <= limit, "request {at} of {limit}");
    }
}

#[test]
fn how_quickly_somebody_else_spends_decides_nothing() {
    // What they leave is asked as if it had never been kept; until it is known, nothing is asked that it could decide.
    let everything = |kept: Option<u32>| {
        let mut target = target();
        target.bounds.requests = 40;
        let rounds = Rounds::new(&target, None, checks());
        let elsewhere = Beside::keeping(kept.unwrap_or(0));
        let mut driver = Diagnosing::new(&target, rounds, &[], None, |_| {}).beside(&elsewhere);
        let (mut seen, mut asked, mut waited) = (Vec::new(), Vec::new(), false);
        loop {
            match driver.next(news(&std::mem::take(&mut seen)), now()) {
                Next::Done => return (asked, waited),
                Next::Until(then) => {
                    assert!(then > now() && asked.len() <= 40 - kept.unwrap_or(0) as usize);
                    waited = true;
                    elsewhere.ends(0);
                }
                Next::Ask(batch) => {
                    let probes = batch.iter().flat_map(|asked| asked.ask.probes());
                    let probes: Vec<Probe> = probes.cloned().collect();
                    seen = probes
                        .iter()
                        .map(|probe| answered(1, probe, 200, &[], "{}"))
                        .collect();
                    asked.extend(probes);
                }
            }
        }
    };
    let (alone, waited) = everything(None);
    assert!(!waited && alone.len() > 20, "{}", alone.len());
    let (beside, waited) = everything(Some(30));
    assert!(waited);
    let paths = |probes: &[Probe]| -> Vec<String> {
        probes
            .iter()
            .map(|probe| format!("{} {:?}", probe.operation(), probe.who))
            .collect()
    };
    assert_eq!(paths(&beside), paths(&alone));
    assert_eq!(beside, alone);
}
