//! Health is open to everybody, so what a driver said of its last error is said to everybody.

use std::sync::LazyLock;

use regex::Regex;

use crate::check::Check;
use crate::check::asks;
use crate::check::health;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};

/// The check.
pub struct DisclosesLittle;

static SPEC: Spec = Spec {
    id: "health/discloses-little",
    layer: Layer::Health,
    title: "Health shows nothing of the inside",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A health body that passes on the driver's own words gives strangers the database's address, its user and the \
                  library in use (OWASP ASVS 5.0 §16.5.1). That a part is down may be said, in a word of the service's own.",
    hint: "Say `database: error` and write the driver's words into the log.",
};

/// What gives the inside away, and what it is. `None` when one is no regular expression, which a test excludes.
static SIGNS: LazyLock<Option<Vec<(&'static str, Regex)>>> = LazyLock::new(|| {
    let signs = [
        (
            "a private address",
            r"\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}\b",
        ),
        (
            "an internal host",
            r"(?i)\b(?:[a-z0-9-]+\.)+(?:internal|lan|svc|cluster\.local)\b",
        ),
        (
            "the address of a database",
            r"(?i)\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqp)://[^\s\x22]+",
        ),
        (
            "a driver's error",
            r"\b\w+(?:\.\w+)*\.(?:[A-Z]\w*(?:Error|Exception))\b|\bECONNREFUSED\b|\bSQLSTATE\b|(?i)connection to server at",
        ),
    ];
    signs
        .into_iter()
        .map(|(what, sign)| Regex::new(sign).ok().map(|sign| (what, sign)))
        .collect()
});

fn probes(view: &View<'_>) -> Vec<Probe> {
    let routes = &view.target.routes;
    let others = [&routes.ready, &routes.ai_health].into_iter().flatten();
    let others = others.map(|route| asks::read(route));
    health::probe(view).into_iter().chain(others).collect()
}

impl Check for DisclosesLittle {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        health::probes(view)
            .into_iter()
            .chain(probes(view))
            .map(Ask::One)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let probes = probes(view);
        if probes.is_empty() {
            return Judgement::NotApplicable("no health route is known".into());
        }
        let mut tally = Tally::new(view);
        for probe in probes {
            let Some((exchange, reply)) = tally.answer(&probe) else {
                continue;
            };
            if health::is_page(reply) {
                continue;
            }
            let text = reply.body.text();
            let signs = SIGNS.as_deref().unwrap_or_default().iter();
            let shown: Vec<&str> = signs
                .filter(|(_, sign)| sign.is_match(&text))
                .map(|(what, _)| *what)
                .collect();
            if !shown.is_empty() {
                let route = probe.operation();
                let found = SPEC
                    .finds(&route, format!("{route} shows strangers {}", shown.join(" and ")))
                    .expected("a word of its own for what is wrong")
                    .actual(shown.join(", "));
                tally.find(found.shown_by([exchange]));
            }
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};

    fn found(body: &str) -> usize {
        let seen = [answered(1, &asks::read("/health"), 200, &[], body)];
        match DisclosesLittle.judge(&View::new(&target(), None, &seen, &[])) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn every_sign_is_a_regular_expression() {
        assert!(SIGNS.is_some());
    }

    #[test]
    fn a_drivers_own_words_are_found() {
        for body in [
            r#"{"error":"psycopg2.OperationalError: timeout"}"#,
            r#"{"db":"postgres://app@db:5432/main"}"#,
            r#"{"host":"db-primary.acme.internal"}"#,
            r#"{"cache":"connect ECONNREFUSED 10.0.3.7:6379"}"#,
        ] {
            assert_eq!(found(body), 1, "{body}");
        }
    }

    #[test]
    fn what_monitors_need_is_no_secret() {
        for body in [
            r#"{"status":"ok","version":"1.10.0.3","instance":"api-7f9c4-xk2","provider":{"host":"api.openai.com"}}"#,
            r#"{"status":"ok","provider":{"host":"127.0.0.1"},"error_rate":0.0,"last_error":null}"#,
            "OK",
        ] {
            assert_eq!(found(body), 0, "{body}");
        }
    }
}
