//! Clients slow down by what the rate limit's fields say. Fields that cannot be true make them stop, or never stop.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct RateLimitFields;

static SPEC: Spec = Spec {
    id: "http/rate-limit-fields",
    layer: Layer::Http,
    title: "What answers say of the rate limit can be true",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "Clients pace themselves by RateLimit or X-RateLimit fields (draft-ietf-httpapi-ratelimit-headers). A \
                  remainder above the limit, below zero or in words cannot be true: such a client runs into 429 without \
                  warning, or waits for nothing. One that stays the same can be right, since limits refill.",
    hint: "Send limit and remainder of the same window, as whole numbers, from the limiter that refuses.",
};

/// Pairs of fields that give limit and remainder.
const PAIRS: [(&str, &str); 3] = [
    ("x-ratelimit-limit", "x-ratelimit-remaining"),
    ("ratelimit-limit", "ratelimit-remaining"),
    ("x-rate-limit-limit", "x-rate-limit-remaining"),
];

impl Rule for RateLimitFields {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer()?;
        let said: Vec<_> = PAIRS
            .iter()
            .filter_map(|(limit, rest)| said(reply, limit, rest))
            .collect();
        if said.is_empty() {
            return None;
        }
        let found = said.into_iter().filter_map(|(field, limit, remaining)| {
            let why = wrong(limit.as_deref(), &remaining)?;
            let actual = format!("{field}: {}{}", clean(&remaining, 20), with(limit.as_deref()));
            let found = SPEC
                .finds(
                    field,
                    format!("What answers say of the rate limit cannot be true: {why}"),
                )
                .expected("a whole number from zero to the limit")
                .actual(actual);
            Some(found.shown_by([exchange]))
        });
        Some(found.collect())
    }
}

/// The remainder's field, the limit and the remainder, when there is one.
fn said(
    reply: &Reply,
    limit: &'static str,
    rest: &'static str,
) -> Option<(&'static str, Option<String>, String)> {
    Some((rest, reply.header(limit), reply.header(rest)?))
}

fn with(limit: Option<&str>) -> String {
    limit.map_or_else(String::new, |limit| format!(" of {}", clean(limit, 40)))
}

fn wrong(limit: Option<&str>, remaining: &str) -> Option<&'static str> {
    let Ok(remaining) = remaining.trim().parse::<f64>() else {
        return Some("the remainder is no number");
    };
    // The limit may be followed by its windows: `10, 10;w=1, 50;w=60`.
    let limits = limit.into_iter().flat_map(|limit| limit.split(','));
    let quota = |part: &str| {
        part.split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .parse::<f64>()
            .ok()
    };
    let most = limits.filter_map(quota).fold(f64::NAN, f64::max);
    match remaining {
        rest if rest < 0.0 => Some("the remainder is below zero"),
        rest if rest > most => Some("more remains than the limit allows"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn judged(limit: &str, remaining: &str) -> Option<usize> {
        let target = target();
        let headers = [("x-ratelimit-limit", limit), ("x-ratelimit-remaining", remaining)];
        let exchange = answered(1, &asks::read("/x"), 200, &headers, "");
        let found = RateLimitFields.judge(&exchange, &View::new(&target, None, &[], &[]));
        found.map(|found| found.len())
    }

    #[test]
    fn what_cannot_be_true_is_found() {
        for (limit, remaining) in [("10", "60"), ("10", "-1"), ("10", "many"), ("10, 10;w=1", "11")] {
            assert_eq!(judged(limit, remaining), Some(1), "{limit} {remaining}");
        }
    }

    #[test]
    fn spares_what_can_and_answers_without_such_fields() {
        for (limit, remaining) in [
            ("10", "10"),
            ("10", "0"),
            ("10, 10;w=1, 50;w=60", "49"),
            ("", "4"),
        ] {
            assert_eq!(judged(limit, remaining), Some(0), "{limit} {remaining}");
        }
        let target = target();
        let exchange = answered(1, &asks::read("/x"), 200, &[], "");
        assert_eq!(
            RateLimitFields.judge(&exchange, &View::new(&target, None, &[], &[])),
            None
        );
    }
}
