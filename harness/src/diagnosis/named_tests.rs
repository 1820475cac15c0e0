//! Recordings in which resolvers were asked, for the causes that lie in the name.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::check::asks;
use crate::check::testing::{answered, failed, target};
use crate::checks::registry::{CHECKS, RULES};
use crate::diagnosis::registry::CAUSES;
use crate::diagnosis::whole_tests::blames_are_known;
pub(crate) use crate::diagnosis::whole_tests::{causes, first};
use crate::model::exchange::{Exchange, Outcome, Phase, WireFault};
use crate::model::names::{Lookup, Said, Whose};
use crate::model::probe::{Conn, Probe};
use crate::model::recording::Recording;
use crate::model::run::Run;
use crate::model::target::Target;
use crate::runner::judge::{Bench, judge};

fn lookup(resolver: &str, whose: Whose, said: Said) -> Lookup {
    Lookup {
        resolver: resolver.to_owned(),
        whose,
        said,
        took_ms: 3,
    }
}

/// What the machine's own way says.
pub(crate) fn own(said: Said) -> Lookup {
    lookup("this machine", Whose::Machine, said)
}

/// What a name server says that the machine is set up with.
pub(crate) fn set_up(number: u8, said: Said) -> Lookup {
    lookup(&format!("192.0.2.{}", 100 + number), Whose::Configured, said)
}

/// What a resolver says that the user named.
pub(crate) fn given(number: u8, said: Said) -> Lookup {
    lookup(&format!("192.0.2.{}", 100 + number), Whose::Given, said)
}

/// The addresses with these last bytes.
pub(crate) fn addresses(last: &[u8]) -> Said {
    Said::Addresses {
        addresses: last.iter().map(|last| address(*last)).collect(),
        ttl: Some(300),
    }
}

fn address(last: u8) -> IpAddr {
    IpAddr::from([203, 0, 113, last])
}

/// The health route at this address.
fn health(last: u8) -> Probe {
    Probe {
        to: Some(address(last)),
        conn: Conn::Fresh,
        ..asks::read("/health")
    }
}

/// Good answers: of the service, and at each of these addresses.
pub(crate) fn served(last: &[u8]) -> Vec<Exchange> {
    let json = [("content-type", "application/json")];
    let at = last.iter().map(|last| (u32::from(*last), health(*last)));
    std::iter::once((0, asks::read("/health")))
        .chain(at)
        .map(|(id, probe)| answered(id, &probe, 200, &json, r#"{"status":"healthy"}"#))
        .collect()
}

/// What came of asking at this address.
pub(crate) fn dead(id: u32, last: u8, phase: Phase, fault: WireFault, detail: &str) -> Exchange {
    said(failed(id, &health(last), phase, fault), detail)
}

/// The name is not known here.
pub(crate) fn unresolved() -> Exchange {
    let lost = failed(0, &asks::read("/health"), Phase::Resolve, WireFault::NoAddress);
    said(
        lost,
        "failed to lookup address information: Name or service not known",
    )
}

/// No resolver of this machine could find out.
pub(crate) fn unasked() -> Exchange {
    let lost = failed(0, &asks::read("/health"), Phase::Resolve, WireFault::NoAddress);
    said(
        lost,
        "failed to lookup address information: Temporary failure in name resolution",
    )
}

fn said(mut exchange: Exchange, detail: &str) -> Exchange {
    if let Outcome::Failed(error) = &mut exchange.reply {
        detail.clone_into(&mut error.detail);
    }
    exchange
}

/// The run that this makes, as far as reaching the service goes.
pub(crate) fn judged(names: &[Lookup], seen: &[Exchange]) -> Run {
    let target = Target {
        base: "https://notes.example".into(),
        ..target()
    };
    let recording = Recording {
        names: names.to_vec(),
        ..Recording::of(target, seen.to_vec(), Timestamp::UNIX_EPOCH)
    };
    let checks: Vec<_> = CHECKS
        .iter()
        .copied()
        .filter(|check| check.spec().id.starts_with("reach/"))
        .collect();
    let bench = Bench {
        checks: &checks,
        rules: RULES,
        causes: CAUSES,
    };
    let run = judge(&recording, bench);
    blames_are_known(&run);
    run
}
