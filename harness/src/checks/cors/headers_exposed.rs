//! A page may read an answer and still miss what the answer says: of its headers a browser shows seven, and the others only when
//! the answer exposes them (Fetch §2.2.2). A hidden `Retry-After` makes clients hammer, a hidden request id makes a user's report
//! impossible to find in the log. This check also asks for the reads and the errors that each page can cause cheaply, so that
//! `cors/readable` has successes and errors of every class to judge.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::cors::preflight_allowed::without_pages;
use crate::cors::response::{Readable, readable};
use crate::cors::sentence::quoted;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::{Ask, Mutation, Probe};
use crate::model::target::{Call, Environment, Target};

/// The check.
pub struct HeadersExposed;

static SPEC: Spec = Spec {
    id: "cors/headers-exposed",
    layer: Layer::Cors,
    title: "A page can read the headers that tell it what to do",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Browsers show a page Content-Type and six other headers; the rest only when Access-Control-Expose-Headers \
                  names them. Retry-After on a 429 or 503, Location on a 201 and the request id on an error are sent for \
                  the client to use, and are lost without it.",
    hint: "Name the header in Access-Control-Expose-Headers, on errors too. With credentials \"*\" exposes nothing.",
};

/// Request headers that identify a request in the service's log, by custom.
const REQUEST_IDS: &[&str] = &["x-request-id", "request-id", "x-correlation-id", "x-trace-id"];

impl Check for HeadersExposed {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        probes(view.target).into_iter().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if let Some(reason) = without_pages(view.target) {
            return reason;
        }
        let mut tally = Tally::new(view);
        for probe in probes(view.target) {
            tally.answer(&probe);
        }
        let mut read = 0;
        for (exchange, page, reply) in pages::answers(view) {
            tally.judged(exchange);
            if let Ok(shown) = readable(reply.status, &reply.headers, &page.origin, page.mode) {
                read += 1;
                for finding in hidden(exchange, &shown) {
                    tally.find(finding);
                }
            }
        }
        if read == 0 {
            return Judgement::unknown("no answer to a page could be read at all");
        }
        tally.done()
    }
}

/// What pages read, and the errors that the first of them causes without any effect.
fn probes(target: &Target) -> Vec<Probe> {
    let mut probes = pages::reads(target);
    let Some(first) = pages::abroad(target).next() else {
        return Vec::new();
    };
    probes.extend(pages::wrong_reads(target, &first.origin, first.credentials));
    if let Some(call) = pages::main_call(target) {
        probes.push(asks::inert(target, &call, None));
        if target.auth.as_ref().is_some_and(|auth| auth.good().is_some()) {
            probes.push(asks::inert(target, &call, Some(Mutation::AsIs)));
        }
        probes.extend(upload(target, &call));
    }
    probes
}

/// An upload, where the service is for uploads. Production's few requests to such an operation are needed for other things.
fn upload(target: &Target, call: &Call) -> Option<Probe> {
    let spares = target.environment == Environment::Production;
    let takes = target
        .transcription
        .as_ref()
        .is_some_and(|role| role.call == *call);
    (takes && !spares).then(|| asks::upload(target, call))
}

/// What this answer sends for the page, and hides from it.
fn hidden(exchange: &Exchange, shown: &Readable) -> Vec<Finding> {
    let operation = exchange.probe.operation();
    let mut findings = Vec::new();
    if let Some(value) = &shown.malformed_expose {
        let found = SPEC
            .finds(
                "Access-Control-Expose-Headers",
                "The list of exposed headers is no list of header names, so it exposes none",
            )
            .expected("header names, separated by commas")
            .actual(quoted(value));
        findings.push(found.shown_by([exchange]));
    }
    for (name, severity) in wanted(shown.status) {
        if shown.hidden.iter().any(|hidden| hidden == name) {
            let found = SPEC
                .finds(
                    name,
                    format!(
                        "{operation} sends {name} on HTTP {}, and no page can read it",
                        shown.status
                    ),
                )
                .expected(format!("Access-Control-Expose-Headers: {name}"))
                .actual("it is not exposed")
                .severity(severity);
            findings.push(found.shown_by([exchange]));
        }
    }
    findings
}

/// The headers that a client acts on at this status, and how much it matters that it cannot.
fn wanted(status: u16) -> Vec<(&'static str, Severity)> {
    let act: &[&str] = match status {
        201 | 202 => &["location"],
        429 | 503 => &["retry-after"],
        _ => &[],
    };
    let ids: &[&str] = if status >= 400 { REQUEST_IDS } else { &[] };
    let act = act.iter().map(|name| (*name, SPEC.severity));
    act.chain(ids.iter().map(|name| (*name, Severity::Advisory)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, cors, target};
    use crate::model::probe::Effect;

    fn judgement(status: u16, more: &[(&str, &str)], cors: &[(&str, &str)]) -> Judgement {
        let target = target();
        let headers: Vec<_> = cors.iter().chain(more).copied().collect();
        let seen = [answered(
            1,
            &asks::inert(&target, &target.proofs[0].call, None),
            status,
            &headers,
            "",
        )];
        HeadersExposed.judge(&View::new(&target, None, &seen, &[]))
    }

    fn found(status: u16, more: &[(&str, &str)]) -> Vec<(String, Severity)> {
        match judgement(status, more, &cors()) {
            Judgement::Judged { findings, .. } => findings
                .into_iter()
                .map(|found| (found.subject, found.severity))
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_a_client_must_act_on_and_cannot_read_is_found() {
        assert_eq!(
            found(429, &[("retry-after", "5")]),
            [("retry-after".into(), Severity::Minor)]
        );
        assert_eq!(
            found(201, &[("location", "/notes/1")]),
            [("location".into(), Severity::Minor)]
        );
        assert_eq!(
            found(401, &[("x-request-id", "7")]),
            [("x-request-id".into(), Severity::Advisory)]
        );
        let broken = [("access-control-expose-headers", "a b")];
        assert_eq!(found(200, &broken)[0].0, "Access-Control-Expose-Headers");
        let star = [("access-control-expose-headers", "*"), ("retry-after", "5")];
        assert_eq!(
            found(503, &star).len(),
            1,
            "a star exposes nothing to a call with credentials"
        );
    }

    #[test]
    fn what_is_exposed_or_means_nothing_to_a_client_is_spared() {
        let exposed = [
            ("access-control-expose-headers", "Retry-After, X-Request-ID"),
            ("retry-after", "5"),
            ("x-request-id", "7"),
        ];
        assert_eq!(found(429, &exposed), []);
        assert_eq!(
            found(
                200,
                &[("x-request-id", "7"), ("server", "x"), ("retry-after", "5")]
            ),
            []
        );
    }

    #[test]
    fn answers_that_no_page_can_read_prove_nothing() {
        let judgement = judgement(401, &[("x-request-id", "7")], &[]);
        assert!(matches!(judgement, Judgement::Unable(unseen) if !unseen.on_purpose));
    }

    #[test]
    fn asks_for_a_success_and_for_each_cheap_class_of_error_without_any_effect() {
        let target = target();
        let probes = probes(&target);
        let asked: Vec<_> = probes
            .iter()
            .map(|probe| (probe.operation(), probe.who.is_some()))
            .collect();
        let expected = [
            ("GET /health", false),
            ("GET /greenlight-no-such-route", false),
            ("GET /summaries", false),
            ("POST /summaries", false),
            ("POST /summaries", true),
        ];
        assert_eq!(
            asked,
            expected.map(|(operation, who)| (operation.to_owned(), who))
        );
        assert!(
            probes
                .iter()
                .all(|probe| matches!(probe.effect, Effect::Read | Effect::Inert))
        );
    }
}
