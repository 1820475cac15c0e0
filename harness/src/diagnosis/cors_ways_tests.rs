//! What lies between a CORS layer and the page: a proxy that takes headers away, a gateway that answers preflights alone, an edge
//! that keeps them to itself. Each is told from its neighbours.

use crate::check::testing::{ORIGIN, target};
use crate::diagnosis::cors_headers_stripped::CorsHeadersStripped;
use crate::diagnosis::cors_on_preflight_only::CorsOnPreflightOnly;
use crate::diagnosis::cors_rig_tests::{
    ACAC, ACAO, Answer, causes, good, layered, named, origin, plain, record, run,
};
use crate::diagnosis::tests::diagnose;
use crate::model::probe::Probe;

const BOTH: &[&str] = &["cors/preflight-allowed", "cors/readable"];

#[test]
fn a_header_taken_away_on_the_way_is_told_from_an_origin_that_is_not_listed() {
    let refusing = |probe: &Probe| {
        let foreign = origin(probe).is_some_and(|origin| origin != ORIGIN);
        let answer = good(probe);
        Answer {
            status: if foreign && probe.is_preflight() {
                403
            } else {
                answer.status
            },
            ..answer
        }
    };
    named(
        &run(|probe| refusing(probe).without(ACAO)),
        "cors-headers-stripped",
        BOTH,
    );
    named(
        &run(|probe| refusing(probe).bare()),
        "cors-headers-stripped",
        BOTH,
    );
    // What goes with an admitted origin still arrives.
    named(
        &run(|probe| good(probe).without(ACAO)),
        "cors-headers-stripped",
        BOTH,
    );
    // Express lists its methods to everybody: that admits nobody.
    let express = |probe: &Probe| {
        let answer = layered(probe, plain(probe), |origin| origin == "https://www.app.example");
        if probe.is_preflight() {
            answer
                .with("access-control-allow-methods", "GET, POST")
                .with(ACAC, "true")
        } else {
            answer
        }
    };
    named(&run(express), "origin-not-listed", BOTH);
    // A layer that refuses everybody's preflight alike, ours included.
    named(
        &run(|probe| {
            let answer = plain(probe).with("vary", "Origin");
            Answer {
                status: if probe.is_preflight() { 403 } else { answer.status },
                ..answer
            }
        }),
        "origin-not-listed",
        BOTH,
    );
}

#[test]
fn a_stranger_who_is_let_in_before_us_shows_no_header_that_was_taken_away() {
    let odd = |probe: &Probe| {
        let own = origin(probe) == Some(ORIGIN);
        let answer = plain(probe).bare();
        Answer {
            status: if own && probe.is_preflight() {
                403
            } else {
                answer.status
            },
            ..answer
        }
    };
    let seen = record(&target(), &odd).exchanges;
    assert!(diagnose(&CorsHeadersStripped, &target(), &seen).is_none());
}

#[test]
fn preflights_without_headers_are_no_layer_for_preflights() {
    let seen = record(&target(), &plain).exchanges;
    assert!(diagnose(&CorsOnPreflightOnly, &target(), &seen).is_none());
    let gateway = |probe: &Probe| match probe.is_preflight() {
        true => good(probe),
        false => good(probe).bare(),
    };
    let seen = record(&target(), &gateway).exchanges;
    assert!(diagnose(&CorsOnPreflightOnly, &target(), &seen).is_some());
}

#[test]
fn an_edge_that_refuses_options_does_not_answer_them() {
    let refusing = |status: u16| {
        run(move |probe| match probe.is_preflight() {
            true => Answer {
                status,
                headers: vec![],
                body: "",
            },
            false => good(probe),
        })
    };
    assert!(causes(&refusing(200)).contains(&"edge-answers-options"));
    assert!(!causes(&refusing(405)).contains(&"edge-answers-options"));
}
