//! The name of a request is what a user quotes and an engineer searches the log for.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Found, Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::checks::http::odd_headers_survived::{REQUEST_ID, odd};
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};

/// The check.
pub struct RequestIds;

static SPEC: Spec = Spec {
    id: "http/request-ids",
    layer: Layer::Http,
    title: "Every answer names its request",
    severity: Severity::Minor,
    suites: &[Suite::Contract, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A request id in the answer and in the log is the difference between reading one trace and reading all of \
                  them (ASVS 16.2.1). One that is the same for all names nothing; one that is taken from the client as it \
                  is puts whatever the client likes into logs and pages (CWE-117).",
    hint: "Take a client's X-Request-Id when it is a short token, else make one; log it, and send it back.",
};

/// Headers in which services and edges name a request.
const NAMES: &[&str] = &[
    "x-request-id",
    "request-id",
    "x-correlation-id",
    "correlation-id",
    "x-trace-id",
    "traceparent",
    "x-b3-traceid",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-amz-cf-id",
    "x-amz-request-id",
    "x-ms-request-id",
    "request-context",
    "cf-ray",
    "x-cloud-trace-context",
    "x-vercel-id",
    "x-railway-request-id",
    "fly-request-id",
    "x-nf-request-id",
];

/// So many answers must agree before a name is called constant.
const ENOUGH: usize = 3;

impl Check for RequestIds {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        vec![Ask::One(unchecked(view))]
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        let answers: Vec<(&Exchange, &Reply)> = view
            .answers()
            .filter(|(exchange, _)| !exchange.probe.is_preflight() && !exchange.probe.at_root)
            .collect();
        answers.iter().for_each(|(exchange, _)| tally.judged(exchange));
        let named = answers
            .iter()
            .any(|(_, reply)| NAMES.iter().any(|name| reply.header(name).is_some()));
        if let Some((first, _)) = answers.first().filter(|_| !named) {
            let found = SPEC.finds(
                "every answer",
                "No answer names its request, so none can be found in a log",
            );
            let found = found
                .expected("X-Request-Id")
                .actual(format!("none in {} answers", answers.len()));
            tally.find(found.shown_by([*first]));
        }
        if let Some((found, shown)) = constant(&answers) {
            tally.find(found.shown_by(shown));
        }
        if let Some((exchange, reply)) = view.answer(&unchecked(view))
            && reply.values("x-request-id").any(|id| id == REQUEST_ID)
        {
            let found = SPEC.finds(
                "x-request-id of the client",
                "Whatever a client calls its request is sent back",
            );
            let found = found
                .expected("an id of the service's own for what is no short token")
                .actual(clean(REQUEST_ID, 40));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

/// A read whose request id is no id.
fn unchecked(view: &View<'_>) -> Probe {
    let [_, (_, probe)] = odd(view.target);
    probe
}

/// The name that all answers have, when none of the requests asked for it.
fn constant<'v>(answers: &[(&'v Exchange, &'v Reply)]) -> Option<(Found, Vec<&'v Exchange>)> {
    let told = |name: &str| {
        let ids: std::collections::BTreeSet<String> = answers
            .iter()
            .filter_map(|(_, reply)| reply.header(name))
            .collect();
        ids.len() > 1
    };
    // One name that tells requests apart is enough: an edge may have one of its own for a whole connection.
    if NAMES.iter().any(|name| told(name)) {
        return None;
    }
    NAMES.iter().find_map(|name| {
        let named: Vec<(&Exchange, String)> = answers
            .iter()
            .filter_map(|(exchange, reply)| Some((*exchange, reply.header(name)?)))
            .filter(|(exchange, id)| !asked_for(exchange, id))
            .collect();
        let (_, first) = named.first()?;
        let same = named.len() >= ENOUGH && named.iter().all(|(_, id)| id == first);
        same.then(|| {
            let found = SPEC
                .finds(
                    *name,
                    format!("{name} is the same in every answer, so it names no request"),
                )
                .expected("another id for each request")
                .actual(format!("{} in {} answers", clean(first, 60), named.len()));
            (
                found,
                named.iter().map(|(exchange, _)| *exchange).take(2).collect(),
            )
        })
    })
}

fn asked_for(exchange: &Exchange, id: &str) -> bool {
    let sent = exchange.sent.iter().flat_map(|sent| &sent.headers);
    sent.into_iter().any(|(_, value)| value.text() == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;

    fn read(id: u32, headers: &[(&str, &str)]) -> Exchange {
        let probe = asks::read("/health").repeat(u16::try_from(id).unwrap());
        answered(id, &probe, 200, headers, "")
    }

    fn found(seen: &[Exchange]) -> Vec<String> {
        let found = findings(&RequestIds, &target(), seen);
        found.into_iter().map(|finding| finding.subject).collect()
    }

    #[test]
    fn no_name_and_one_name_for_all_are_found() {
        assert_eq!(found(&[read(1, &[]), read(2, &[])]), ["every answer"]);
        let same: Vec<Exchange> = (1..=3).map(|id| read(id, &[("x-request-id", "0")])).collect();
        assert_eq!(found(&same), ["x-request-id"]);
    }

    #[test]
    fn a_name_that_is_taken_as_it_is_is_found() {
        let target = target();
        let [_, (_, probe)] = odd(&target);
        let echo = answered(1, &probe, 200, &[("x-request-id", REQUEST_ID)], "");
        assert_eq!(found(&[echo]), ["x-request-id of the client"]);
    }

    #[test]
    fn spares_other_names_own_ids_and_one_answer_alone() {
        let ids = ["7f3a", "7f3b", "7f3c"];
        let own: Vec<Exchange> = (1..=3)
            .map(|id| read(id, &[("cf-ray", ids[id as usize - 1])]))
            .collect();
        assert_eq!(found(&own), Vec::<String>::new());
        assert_eq!(found(&[read(1, &[("x-request-id", "a")])]), Vec::<String>::new());
    }
}
