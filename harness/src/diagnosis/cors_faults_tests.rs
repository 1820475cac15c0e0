//! Pages that cannot use the service: each fault of the CORS protocol goes through the whole registry, so that every cause
//! stands against its neighbours.

use crate::check::testing::{ORIGIN, target};
use crate::diagnosis::cors_rig_tests::{
    ACAC, ACAH, ACAO, Answer, causes, failing, good, layered, named, origin, plain, run, run_with,
};
use crate::model::probe::{Mode, Probe};

const BOTH: &[&str] = &["cors/preflight-allowed", "cors/readable"];
const PREFLIGHT: &[&str] = &["cors/preflight-allowed"];
const READABLE: &[&str] = &["cors/readable"];

#[test]
fn a_sound_service_has_no_finding_and_no_cause() {
    let run = run(good);
    assert_eq!(run.findings, []);
    assert_eq!(causes(&run), Vec::<&str>::new());
    let passed = [
        "cors/preflight-allowed",
        "cors/foreign-origins-refused",
        "cors/errors-do-not-echo",
    ];
    for id in passed.into_iter().chain([
        "cors/headers-exposed",
        "cors/vary-on-origin",
        "cors/origin-crashes-nothing",
    ]) {
        let check = run.checks.iter().find(|check| check.check == id).unwrap();
        assert!(check.judged > 0 && check.reason.is_none(), "{check:?}");
    }
}

#[test]
fn an_open_bearer_api_without_credentials_is_healthy() {
    let mut target = target();
    target.clients[0].credentials = Mode::Omit;
    let open = |probe: &Probe| {
        let answer = plain(probe).with(ACAO, "*");
        if probe.is_preflight() {
            answer
                .with(ACAH, "*, authorization")
                .with("access-control-max-age", "600")
        } else {
            answer
        }
    };
    let run = run_with(&target, &open);
    assert_eq!((run.findings.as_slice(), causes(&run)), (&[][..], vec![]));
}

#[test]
fn layers_that_refuse_foreign_preflights_or_requests_in_their_own_way_are_healthy() {
    // Starlette: 400 to a foreign preflight. poem: 403 to anything foreign, before routing.
    for status in [400, 403] {
        let run = run(|probe| {
            let foreign = origin(probe).is_some_and(|origin| origin != ORIGIN);
            let refused = foreign && (probe.is_preflight() || status == 403);
            Answer {
                status: if refused { status } else { good(probe).status },
                ..good(probe)
            }
        });
        assert_eq!(
            (run.findings.as_slice(), causes(&run)),
            (&[][..], vec![]),
            "{status}"
        );
    }
}

#[test]
fn no_cors_at_all() {
    named(&run(plain), "cors-missing-everywhere", BOTH);
    let router = run(|probe| Answer {
        status: if probe.method == "OPTIONS" {
            405
        } else {
            plain(probe).status
        },
        ..plain(probe)
    });
    named(&router, "cors-missing-everywhere", BOTH);
}

#[test]
fn the_page_is_not_on_the_list_and_the_nearest_entry_says_why() {
    for (entry, difference) in [
        ("https://app.example/", "ends with a slash"),
        ("http://app.example", "http"),
        ("https://www.app.example", "www."),
        ("https://APP.EXAMPLE", "upper-case"),
        ("https://app.example:443", "port"),
    ] {
        let run = run(|probe| layered(probe, plain(probe), |origin| origin == entry));
        let statement = &run.diagnoses[0].statement;
        assert_eq!(run.diagnoses[0].cause, "origin-not-listed", "{entry}");
        assert!(
            statement.contains(entry) && statement.contains(difference),
            "{statement}"
        );
        assert!(failing(&run).contains(&"cors/readable"));
    }
}

#[test]
fn the_page_is_not_on_the_list_and_nothing_near_it_is() {
    let layer = |probe: &Probe| layered(probe, plain(probe), |_| false);
    named(&run(layer), "origin-not-listed", BOTH);
    let starlette = |probe: &Probe| match probe.is_preflight() {
        true => Answer {
            status: 400,
            body: "Disallowed CORS origin",
            ..plain(probe)
        }
        .with("access-control-allow-methods", "GET"),
        false => plain(probe),
    };
    named(&run(starlette), "origin-not-listed", BOTH);
    let poem = |probe: &Probe| match probe.page {
        Some(_) => Answer {
            status: 403,
            body: "",
            headers: vec![],
        },
        None => plain(probe),
    };
    assert_eq!(run(poem).diagnoses[0].cause, "origin-not-listed");
}

#[test]
fn one_of_two_pages_is_not_on_the_list() {
    let mut target = target();
    let mut other = target.clients[0].clone();
    other.origin.0 = "https://admin.example".into();
    target.clients.push(other);
    let run = run_with(&target, &good);
    named(&run, "origin-not-listed", BOTH);
    assert!(run.headline.contains("https://admin.example"), "{}", run.headline);
}

#[test]
fn a_fixed_origin_is_sent_whoever_asks() {
    let fixed = run(|probe| good(probe).set(ACAO, "https://old.example").set(ACAC, "true"));
    named(&fixed, "origin-not-listed", BOTH);
}

#[test]
fn the_preflight_meets_something_else_than_cors() {
    let answer = |status: u16, more: Option<(&'static str, &'static str)>| {
        run(move |probe| match probe.is_preflight() {
            true => {
                let answer = Answer {
                    status,
                    ..good(probe).bare()
                };
                more.into_iter()
                    .fold(answer, |answer, (name, value)| answer.with(name, value))
            }
            false => good(probe),
        })
    };
    for (run, says) in [
        (
            answer(401, Some(("www-authenticate", "Bearer"))),
            "authentication is in front of CORS",
        ),
        (
            answer(403, Some(("www-authenticate", "Bearer"))),
            "authentication is in front of CORS",
        ),
        (answer(403, None), "refused with HTTP 403"),
        (answer(404, None), "reaches the router"),
        (answer(405, None), "reaches the router"),
        (
            answer(307, Some(("location", "https://notes.example/summaries/"))),
            "\"https://notes.example/summaries/\"",
        ),
        (answer(200, None), "adds no CORS headers"),
        (answer(204, None), "adds no CORS headers"),
    ] {
        named(&run, "preflight-refused", PREFLIGHT);
        assert!(run.headline.contains(says), "{}", run.headline);
    }
}

#[test]
fn the_preflight_lacks_what_the_page_sends() {
    let lacking = run(|probe| {
        if probe.is_preflight() {
            good(probe).set(ACAH, "content-type")
        } else {
            good(probe)
        }
    });
    named(&lacking, "preflight-misses-headers", PREFLIGHT);
    assert!(
        lacking.headline.contains("the request header authorization"),
        "{}",
        lacking.headline
    );
    let malformed = run(|probe| {
        if probe.is_preflight() {
            good(probe).set(ACAH, "authorization; content-type")
        } else {
            good(probe)
        }
    });
    named(&malformed, "preflight-misses-headers", PREFLIGHT);
}

#[test]
fn a_star_meets_a_call_with_credentials() {
    let star = run(|probe| plain(probe).with(ACAO, "*").with(ACAC, "true").with(ACAH, "*"));
    named(&star, "wildcard-with-credentials", BOTH);
    let listed = run(|probe| {
        if probe.is_preflight() {
            good(probe).set(ACAH, "*")
        } else {
            good(probe)
        }
    });
    named(&listed, "wildcard-with-credentials", PREFLIGHT);
}

#[test]
fn credentials_are_not_allowed_or_spelt_otherwise() {
    named(
        &run(|probe| good(probe).without(ACAC)),
        "credentials-not-allowed",
        BOTH,
    );
    let spelt = run(|probe| {
        if origin(probe) == Some(ORIGIN) {
            good(probe).set(ACAC, "True")
        } else {
            good(probe)
        }
    });
    named(&spelt, "credentials-not-allowed", BOTH);
    assert!(spelt.headline.contains("\"True\""), "{}", spelt.headline);
    let uneven = run(|probe| {
        if probe.is_preflight() {
            good(probe)
        } else {
            good(probe).without(ACAC)
        }
    });
    named(&uneven, "credentials-not-allowed", READABLE);
}

#[test]
fn the_headers_are_there_twice_or_hold_a_list() {
    let twice = run(|probe| {
        if origin(probe) == Some(ORIGIN) {
            good(probe).with(ACAO, ORIGIN)
        } else {
            good(probe)
        }
    });
    named(&twice, "duplicate-cors-headers", BOTH);
    assert!(twice.headline.contains("sent twice"));
    let both = run(|probe| {
        if origin(probe) == Some(ORIGIN) {
            good(probe).with(ACAC, "true")
        } else {
            good(probe)
        }
    });
    named(&both, "duplicate-cors-headers", BOTH);
    let list = run(|probe| good(probe).set(ACAO, "https://app.example, https://b.example"));
    named(&list, "duplicate-cors-headers", BOTH);
    assert!(list.headline.contains("a list of origins"));
}

#[test]
fn some_refusals_go_out_bare() {
    for (statuses, says) in [
        (&[401_u16][..], "HTTP 401"),
        (&[400], "HTTP 400"),
        (&[400, 401], "HTTP 400, 401"),
    ] {
        let bare = run(|probe| {
            if statuses.contains(&good(probe).status) {
                good(probe).bare()
            } else {
                good(probe)
            }
        });
        named(&bare, "cors-missing-on-errors", READABLE);
        assert!(bare.headline.contains(says), "{}", bare.headline);
    }
}

#[test]
fn bare_unknown_routes_are_named_and_do_not_decide() {
    let bare = run(|probe| {
        if matches!(good(probe).status, 404 | 405) {
            good(probe).bare()
        } else {
            good(probe)
        }
    });
    assert_eq!(
        (causes(&bare), failing(&bare)),
        (vec!["cors-missing-on-errors"], vec![])
    );
    assert_ne!(
        bare.headline, bare.diagnoses[0].statement,
        "what does not decide is no headline"
    );
}

#[test]
fn a_proxy_whose_own_errors_go_out_bare_is_blamed_itself() {
    let run = run(|probe| match good(probe) {
        answer if answer.status == 401 => answer.bare().with("server", "nginx"),
        answer => answer.with("server", "uvicorn"),
    });
    named(&run, "cors-missing-on-errors", READABLE);
    assert_eq!(run.diagnoses[0].blame, crate::model::diagnosis::Blame::Edge);
}

#[test]
fn one_route_is_not_wrapped() {
    let run = run(|probe| match (probe.method.as_str(), probe.path_text()) {
        ("POST", "/summaries") => plain(probe),
        _ => good(probe),
    });
    named(&run, "cors-missing-on-route", READABLE);
    assert!(
        run.headline.contains("POST /summaries") && run.headline.contains("GET /health"),
        "{}",
        run.headline
    );
}

#[test]
fn the_preflight_is_read_in_a_spelling_that_no_browser_sends() {
    let asked = |probe: &Probe| {
        let name = "access-control-request-headers";
        let line = probe.headers.iter().find(|(known, _)| known == name);
        line.and_then(|(_, value)| value.literal().map(str::to_owned))
    };
    for status in [400, 403] {
        let run = run(|probe| match asked(probe).as_deref() {
            None | Some("Authorization, Content-Type") => good(probe),
            Some(_) => Answer {
                status,
                ..plain(probe)
            },
        });
        named(&run, "preflight-parsed-strictly", PREFLIGHT);
    }
    let silent = run(|probe| match asked(probe).as_deref() {
        None | Some("Authorization, Content-Type") => good(probe),
        Some(_) => good(probe).without(ACAH),
    });
    named(&silent, "preflight-parsed-strictly", PREFLIGHT);
}

#[test]
fn only_preflights_are_answered_by_a_cors_layer() {
    let run = run(|probe| match probe.is_preflight() {
        true => good(probe),
        false => plain(probe),
    });
    named(&run, "cors-on-preflight-only", READABLE);
}

#[test]
fn a_router_without_cors_is_told_from_a_preflight_that_is_lost() {
    let on_path = |probe: &Probe| probe.path_text() == "/summaries";
    for status in [204, 405] {
        let run = run(|probe| match on_path(probe) {
            true => Answer {
                status: if probe.is_preflight() {
                    status
                } else {
                    plain(probe).status
                },
                ..plain(probe).bare()
            },
            false => good(probe),
        });
        named(&run, "cors-missing-on-route", BOTH);
    }
}

#[test]
fn a_value_that_everybody_gets_is_told_from_a_list_without_the_page() {
    let fixed = run(|probe| match probe.page {
        Some(_) => good(probe).set(ACAO, "https://old.example").set(ACAC, "true"),
        None => good(probe),
    });
    assert!(fixed.headline.contains("whoever asks"), "{}", fixed.headline);
    let slash = run(|probe| match origin(probe) {
        Some(ORIGIN) => good(probe).set(ACAO, "https://app.example/"),
        _ => good(probe),
    });
    assert_eq!(slash.diagnoses[0].cause, "origin-not-listed");
    assert!(slash.headline.contains("ends with a slash"), "{}", slash.headline);
}

#[test]
fn credentials_on_the_preflight_alone() {
    let run = run(|probe| match probe.is_preflight() {
        true => good(probe),
        false => good(probe).without(ACAC),
    });
    named(&run, "credentials-not-allowed", READABLE);
    assert!(
        run.headline.starts_with("The preflight allows credentials"),
        "{}",
        run.headline
    );
}

#[test]
fn a_cache_replays_the_first_caller() {
    let run = run(|probe| match probe.path_text().ends_with("=a") {
        true => good(probe).without(ACAO).without(ACAC),
        false => good(probe),
    });
    named(
        &run,
        "cached-for-another-origin",
        &["cors/cached-for-each-origin", "cors/readable"],
    );
}
