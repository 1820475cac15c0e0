//! What a careless list admits, and what a sound or open server may do.

use super::*;
use crate::check::testing::{ORIGIN, answered, target};

/// The recording of a server that answers every ask of the check so: the headers for an origin.
fn judged(target: &Target, headers: impl Fn(&str) -> Vec<(&'static str, String)>) -> Vec<Finding> {
    let asks = ForeignOriginsRefused.ask(&View::new(target, None, &[], &[]));
    let exchanges: Vec<Exchange> = asks
        .iter()
        .flat_map(Ask::probes)
        .zip(1..)
        .map(|(probe, id)| {
            let origin = probe.page.as_ref().unwrap().origin.0.clone();
            let mut lines = headers(&origin);
            if probe.is_preflight() {
                lines.push((
                    "access-control-allow-headers",
                    "authorization, content-type".into(),
                ));
            }
            let lines: Vec<_> = lines
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            answered(id, probe, 200, &lines, "{}")
        })
        .collect();
    match ForeignOriginsRefused.judge(&View::new(target, None, &exchanges, &[])) {
        Judgement::Judged {
            exchanges, findings, ..
        } => {
            assert_eq!(exchanges.len(), asks.len());
            findings
        }
        other => panic!("{other:?}"),
    }
}

fn allow(origin: &str) -> Vec<(&'static str, String)> {
    vec![
        ("access-control-allow-origin", origin.to_owned()),
        ("access-control-allow-credentials", "true".to_owned()),
    ]
}

fn weights(found: &[Finding]) -> Vec<(&str, Severity)> {
    found
        .iter()
        .map(|found| (found.subject.as_str(), found.severity))
        .collect()
}

#[test]
fn a_reflected_origin_with_credentials_is_one_blocker() {
    let found = judged(&target(), allow);
    assert_eq!(weights(&found), [(FOREIGN, Severity::Blocker)]);
    assert_eq!(found[0].exchanges.len(), 2, "the read and the preflight");
    assert!(found[0].title.starts_with("Any website may read"));
}

#[test]
fn null_and_look_alikes_are_told_apart() {
    let only = |allowed: &'static [&'static str]| {
        judged(&target(), |origin| {
            if allowed.contains(&origin) {
                allow(origin)
            } else {
                vec![]
            }
        })
    };
    assert_eq!(weights(&only(&["null"])), [("null", Severity::Blocker)]);
    for (origin, severity) in [
        ("https://app.example.evil.example", Severity::Blocker),
        ("https://evilapp.example", Severity::Blocker),
        ("https://appxexample", Severity::Major),
        ("http://app.example", Severity::Major),
        ("https://app.example:8443", Severity::Minor),
        ("https://zq7f3k.app.example", Severity::Minor),
    ] {
        let found = judged(
            &target(),
            |asked| if asked == origin { allow(origin) } else { vec![] },
        );
        assert_eq!(weights(&found), [(origin, severity)]);
    }
}

#[test]
fn a_server_that_names_its_own_page_whoever_asks_is_spared() {
    assert_eq!(judged(&target(), |_| allow(ORIGIN)), []);
    assert_eq!(judged(&target(), |_| vec![]), []);
}

#[test]
fn a_star_is_spared_with_and_without_the_credentials_header() {
    let star = || vec![("access-control-allow-origin", "*".to_owned())];
    assert_eq!(judged(&target(), |_| star()), []);
    assert_eq!(judged(&target(), |_| allow("*")), []);
}

#[test]
fn an_echo_without_credentials_is_minor_where_a_list_was_meant_and_healthy_elsewhere() {
    let echo = |origin: &str| vec![("access-control-allow-origin", origin.to_owned())];
    let mut target = target();
    assert_eq!(weights(&judged(&target, echo)), [(FOREIGN, Severity::Minor)]);
    target.clients[0].credentials = Mode::Omit;
    assert_eq!(judged(&target, echo), []);
}

#[test]
fn a_look_alike_that_is_a_client_itself_is_no_stranger() {
    let mut target = target();
    let mut twin = target.clients[0].clone();
    twin.origin.0 = "http://app.example".into();
    target.clients.push(twin);
    let found = judged(&target, |origin| {
        if origin == "http://app.example" {
            allow(origin)
        } else {
            vec![]
        }
    });
    assert_eq!(found, []);
}

#[test]
fn a_reflecting_server_is_found_even_where_no_page_is_known() {
    let mut target = target();
    target.clients.clear();
    assert_eq!(weights(&judged(&target, allow)), [(FOREIGN, Severity::Blocker)]);
}

#[test]
fn production_is_asked_with_four_strangers_and_two_development_servers() {
    let mut target = target();
    assert_eq!(strangers(&target).len(), 8);
    target.environment = Environment::Production;
    let origins: Vec<_> = strangers(&target)
        .into_iter()
        .map(|(origin, _)| origin.0)
        .collect();
    let expected = [
        FOREIGN,
        "null",
        "https://app.example.evil.example",
        "https://evilapp.example",
        "http://localhost:3000",
        "http://localhost:5173",
    ];
    assert_eq!(origins, expected);
    target.clients[0].origin.0 = "http://localhost:8080".into();
    let local = strangers(&target)
        .into_iter()
        .filter(|(origin, _)| origin.0 == "http://localhost:3000");
    assert_eq!(local.count(), 0, "a page on localhost is meant");
    target.clients.clear();
    assert_eq!(strangers(&target).len(), 2, "nobody's list is guessed at");
}

#[test]
fn a_development_server_on_productions_list_is_minor() {
    let mut target = target();
    let dev = "http://localhost:3000";
    let list = |origin: &str| if origin == dev { allow(origin) } else { vec![] };
    assert_eq!(judged(&target, list), [], "elsewhere it belongs there");
    target.environment = Environment::Production;
    assert_eq!(weights(&judged(&target, list)), [(dev, Severity::Minor)]);
}

#[test]
fn a_page_that_is_refused_has_its_neighbours_asked_in_a_second_round() {
    let target = target();
    let read = pages::reads(&target).remove(0);
    let asked = |headers: &[(&str, &str)]| {
        let seen = [answered(1, &read, 200, headers, "{}")];
        let view = View::new(&target, None, &seen, &[]);
        let asks = ForeignOriginsRefused.ask(&view);
        let slash = Origin(format!("{ORIGIN}/"));
        asks.contains(&Ask::One(pages::read_by_stranger(&target, &slash)))
    };
    assert!(asked(&[]));
    assert!(asked(&[("access-control-allow-origin", "https://app.example/")]));
    assert!(!asked(&[("access-control-allow-origin", ORIGIN)]));
}
