//! A guard that is tied to one spelling of a path guards that spelling. Routers and proxies know more of them.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::auth::around::{self, Around};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::{Call, Target};

/// The check.
pub struct PathVariantsRefused;

static SPEC: Spec = Spec {
    id: "auth/path-variants-refused",
    layer: Layer::Auth,
    title: "Every spelling of a protected path is protected",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A slash more, two slashes, another case or a dot segment: where the guard compares text and \
                  the router is lenient, one of them walks past (OWASP API5:2023, CWE-863). Each goes out once, without a \
                  credential. What is redirected, refused or not found is healthy.",
    hint: "Attach the guard to the route, not to a path; or bring the path into one form before anything looks at it.",
};

impl Check for PathVariantsRefused {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let Ok(call) = around::place(view) else {
            return Vec::new();
        };
        let variants = variants(view.target, &call).into_iter();
        let variants = variants.map(|(_, probe)| Ask::One(probe));
        around::compared(view, &call)
            .into_iter()
            .chain(variants)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let call = match around::place(view) {
            Ok(call) => call,
            Err(judgement) => return judgement,
        };
        let mut tally = Tally::new(view);
        for (what, probe) in variants(view.target, &call) {
            let Some((exchange, reply)) = view.answer(&probe) else {
                tally.answer(&probe);
                continue;
            };
            match around::around(view, &call, &probe, reply) {
                Around::Unknown => tally.missing(
                    format!("{call} does not refuse strangers and accept a good credential, so other spellings show nothing"),
                    None,
                ),
                Around::Refused => tally.judged(exchange),
                Around::Open => {
                    tally.judged(exchange);
                    let found = SPEC
                        .finds(
                            format!("{call} with {what}"),
                            format!("{} works without a credential: {call} with {what}", probe.operation()),
                        )
                        .expected("HTTP 401, 404 or a redirect")
                        .actual(format!("HTTP {}", reply.status));
                    tally.find(found.shown_by([exchange]));
                }
            }
        }
        tally.done()
    }
}

/// Every other spelling of a call.
fn variants(target: &Target, call: &Call) -> Vec<(&'static str, Probe)> {
    let path = call.path.as_str();
    let (before, last) = path.rsplit_once('/').unwrap_or(("", path));
    let spelt = [
        ("a slash at the end", Some(format!("{path}/"))),
        ("two slashes", Some(format!("{before}//{last}"))),
        (
            "capital letters",
            Some(format!("{before}/{}", last.to_ascii_uppercase())),
        ),
        ("a dot segment", Some(format!("{before}/%2e/{last}"))),
    ];
    let mut variants: Vec<_> = spelt
        .into_iter()
        .filter_map(|(what, path)| Some((what, path.filter(|other| other != &call.path)?)))
        .map(|(what, other)| {
            // As inert as the plain call: only the path differs.
            let mut probe = asks::inert(target, call, None);
            probe.path = other.into();
            (what, probe)
        })
        .collect();
    if call.method == "GET" {
        let mut head = asks::inert(target, call, None);
        head.method = "HEAD".into();
        variants.push(("the method HEAD", head));
    }
    variants
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::answered;
    use crate::checks::auth::around::testing::{me, read, seen};
    use crate::model::exchange::Exchange;
    use crate::model::probe::Effect;

    const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

    fn found(answer: impl Fn(&str) -> (u16, &'static str)) -> Vec<String> {
        let target = read();
        let mut all: Vec<Exchange> = seen(200, 401);
        for (id, (what, probe)) in (10..).zip(variants(&target, &me())) {
            let (status, body) = answer(what);
            all.push(answered(id, &probe, status, JSON, body));
        }
        match PathVariantsRefused.judge(&View::new(&target, None, &all, &[])) {
            Judgement::Judged { findings, .. } => findings.into_iter().map(|found| found.subject).collect(),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn a_spelling_that_walks_past_is_found() {
        let open = |what: &str| {
            if what == "two slashes" {
                (200, r#"{"subject":"x"}"#)
            } else {
                (404, "{}")
            }
        };
        assert_eq!(found(open), ["GET /me with two slashes"]);
        let head = |what: &str| {
            if what == "the method HEAD" {
                (200, "")
            } else {
                (401, "{}")
            }
        };
        assert_eq!(found(head), ["GET /me with the method HEAD"]);
    }

    #[test]
    fn redirects_refusals_and_another_answer_are_healthy() {
        for status in [308, 401, 403, 404, 405] {
            assert_eq!(found(|_| (status, "{}")), Vec::<String>::new(), "{status}");
        }
        let other = |what: &str| {
            if what == "the method HEAD" {
                (401, "")
            } else {
                (200, r#"{"hello":"world"}"#)
            }
        };
        assert_eq!(found(other), Vec::<String>::new());
    }

    #[test]
    fn every_spelling_is_as_harmless_as_the_call() {
        let target = read();
        let post = target.proofs[0].call.clone();
        assert!(
            variants(&target, &post)
                .iter()
                .all(|(_, probe)| probe.effect == Effect::Inert)
        );
        assert!(
            variants(&target, &me())
                .iter()
                .all(|(_, probe)| probe.effect == Effect::Read)
        );
        let paths: Vec<_> = variants(&target, &me())
            .iter()
            .map(|(_, probe)| probe.path_text().to_owned())
            .collect();
        assert_eq!(paths, ["/me/", "//me", "/ME", "/%2e/me", "/me"]);
    }
}
