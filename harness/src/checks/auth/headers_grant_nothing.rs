//! Headers that a proxy, a framework or a test suite sets for itself are sent by strangers as well. Where one of them stands
//! for a credential, everybody has one (CVE-2025-29927).

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages::cheap_route;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::check::ways::{FORWARDED, FRAMEWORK, ORIGINAL, TEST};
use crate::checks::auth::around::{self, Around};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::{Call, Target};

/// The check.
pub struct HeadersGrantNothing;

static SPEC: Spec = Spec {
    id: "auth/headers-grant-nothing",
    layer: Layer::Auth,
    title: "No header that anybody can send stands for a credential",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A service behind a proxy reads who calls from X-Forwarded-For or X-User-Id, a framework marks its own \
                  sub-requests, a test suite switches the login off: each by a header, and each has been live where strangers \
                  could send it (CVE-2025-29927, CWE-290, OWASP ASVS 5.0 §4.1.3). The headers go out in four groups, each \
                  once and without a credential, to an operation that must refuse.",
    hint: "Drop these headers at the edge, believe them only from the proxy's own address, and take test switches out of the \
           build that is deployed.",
};

/// What a group of headers is, and what they are. Those of one group are sent together: which one it was is told by the source.
struct Group {
    what: &'static str,
    headers: &'static [(&'static str, &'static str)],
}

const GROUPS: &[Group] = &[
    Group {
        what: FRAMEWORK,
        headers: &[(
            "x-middleware-subrequest",
            "middleware:middleware:middleware:middleware:middleware:src/middleware:src/middleware",
        )],
    },
    Group {
        what: FORWARDED,
        headers: &[
            ("x-forwarded-for", "127.0.0.1"),
            ("x-real-ip", "127.0.0.1"),
            ("forwarded", "for=127.0.0.1"),
            ("x-forwarded-user", "admin"),
            ("x-remote-user", "admin"),
            ("x-user-id", "1"),
        ],
    },
    Group {
        what: TEST,
        headers: &[
            ("x-test-user", "greenlight"),
            ("x-test-mode", "true"),
            ("x-bypass-auth", "true"),
            ("x-skip-auth", "true"),
            ("x-debug", "true"),
        ],
    },
];

/// Every way around by headers.
fn ways(target: &Target, call: &Call) -> Vec<(&'static str, Probe)> {
    let with = |headers: &[(&str, &str)], call: &Call| {
        let mut probe = asks::inert(target, call, None);
        let more = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).into()));
        probe.headers.extend(more);
        probe
    };
    let mut ways: Vec<_> = GROUPS
        .iter()
        .map(|group| (group.what, with(group.headers, call)))
        .collect();
    if call.method == "GET" {
        let open = Call {
            method: "GET".into(),
            path: cheap_route(target).to_owned(),
        };
        let path = format!("{}{}", target.base_path(), call.path);
        let headers = [
            ("x-original-url", path.as_str()),
            ("x-rewrite-url", path.as_str()),
        ];
        ways.push((ORIGINAL, with(&headers, &open)));
    }
    ways
}

impl Check for HeadersGrantNothing {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let Ok(call) = around::place(view) else {
            return Vec::new();
        };
        let ways = ways(view.target, &call).into_iter();
        let ways = ways.map(|(_, probe)| Ask::One(probe));
        around::compared(view, &call).into_iter().chain(ways).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let call = match around::place(view) {
            Ok(call) => call,
            Err(judgement) => return judgement,
        };
        let mut tally = Tally::new(view);
        for (what, probe) in ways(view.target, &call) {
            let Some((exchange, reply)) = view.answer(&probe) else {
                tally.answer(&probe);
                continue;
            };
            match around::around(view, &call, &probe, reply) {
                Around::Unknown => tally.missing(
                    format!("{call} does not refuse strangers and accept a good credential, so ways around it show nothing"),
                    None,
                ),
                Around::Refused => tally.judged(exchange),
                Around::Open => {
                    tally.judged(exchange);
                    let found = SPEC
                        .finds(
                            format!("{call} with {what}"),
                            format!("{call} works without a credential for whoever sends {what}"),
                        )
                        .expected("HTTP 401")
                        .actual(format!("HTTP {}", reply.status));
                    tally.find(found.shown_by([exchange]));
                }
            }
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::checks::auth::around::testing::{read, seen};
    use crate::model::exchange::Exchange;

    fn judged(seen: &[Exchange]) -> Judgement {
        HeadersGrantNothing.judge(&View::new(&read(), None, seen, &[]))
    }

    fn subjects(seen: &[Exchange]) -> Vec<String> {
        match judged(seen) {
            Judgement::Judged { findings, .. } => findings.into_iter().map(|found| found.subject).collect(),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn a_header_that_opens_the_door_is_found_by_its_group() {
        let call = around::place(&View::new(&read(), None, &[], &[])).unwrap();
        for (open, _) in ways(&read(), &call) {
            let mut seen = seen(200, 401);
            for (id, (what, probe)) in (10..).zip(ways(&read(), &call)) {
                let (status, body) = if what == open {
                    (200, r#"{"subject":"x"}"#)
                } else {
                    (401, "{}")
                };
                seen.push(answered(
                    id,
                    &probe,
                    status,
                    &[("content-type", "application/json")],
                    body,
                ));
            }
            assert_eq!(subjects(&seen), [format!("{call} with {open}")]);
        }
    }

    #[test]
    fn health_that_answers_as_always_is_no_way_around() {
        let call = around::place(&View::new(&read(), None, &[], &[])).unwrap();
        let mut seen = seen(200, 401);
        for (id, (what, probe)) in (10..).zip(ways(&read(), &call)) {
            let (status, body) = if what == ORIGINAL {
                (200, r#"{"status":"ok"}"#)
            } else {
                (401, "{}")
            };
            seen.push(answered(
                id,
                &probe,
                status,
                &[("content-type", "application/json")],
                body,
            ));
        }
        assert_eq!(subjects(&seen), Vec::<String>::new());
    }

    #[test]
    fn where_everybody_is_let_in_it_shows_nothing() {
        let call = around::place(&View::new(&read(), None, &[], &[])).unwrap();
        let mut seen = seen(200, 200);
        for (id, (_, probe)) in (10..).zip(ways(&read(), &call)) {
            seen.push(answered(id, &probe, 200, &[], r#"{"subject":"x"}"#));
        }
        assert!(matches!(judged(&seen), Judgement::Unable(unseen) if unseen.on_purpose));
    }

    #[test]
    fn production_is_not_tried() {
        let mut target = target();
        target.environment = crate::model::target::Environment::Production;
        assert_eq!(HeadersGrantNothing.ask(&View::new(&target, None, &[], &[])), []);
    }
}
