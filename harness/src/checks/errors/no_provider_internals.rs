//! Errors that pass a provider's own words on tell strangers who the provider is, and under which account.

use std::sync::LazyLock;

use regex::Regex;

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct NoProviderInternals;

static SPEC: Spec = Spec {
    id: "errors/no-provider-internals",
    layer: Layer::Errors,
    title: "Errors keep a provider's internals to themselves",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "An organisation id, a provider's request id, its address or its whole error object help nobody who calls this \
                  service, and tell whoever looks for a way in which account pays and which limits it has (CWE-209). The words \
                  of a provider also change without notice, and clients that came to rely on them break.",
    hint: "Map the provider's errors to your own codes and sentences, and keep its words for the log.",
};

/// Ids, addresses and error objects of providers, in the shapes that they have.
const SHAPES: &[(&str, &str)] = &[
    ("an organisation id", r"\borg-[A-Za-z0-9]{12,}"),
    ("a provider's request id", r"\breq_[A-Za-z0-9]{12,}"),
    ("a provider's answer id", r"\bchatcmpl-[A-Za-z0-9]{8,}"),
    (
        "a provider's address",
        r"(?i)https?://[\w.-]*(openai|anthropic|mistral|deepgram|assemblyai|googleapis|azure)\.[a-z.]+/",
    ),
    (
        "a provider's error object",
        r#"['"]type\\?['"]: ?\\?['"](invalid_request_error|insufficient_quota|server_error)"#,
    ),
];

static PATTERNS: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    let compile = |(name, shape): &(&'static str, &str)| Regex::new(shape).ok().map(|regex| (*name, regex));
    SHAPES.iter().filter_map(compile).collect()
});

impl Rule for NoProviderInternals {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer().filter(|reply| reply.status >= 400)?;
        let text: String = reply.body.text().chars().take(20_000).collect();
        let shown = PATTERNS
            .iter()
            .find_map(|(name, regex)| Some((name, regex.find(&text)?.as_str().to_owned())));
        let finding = shown.map(|(name, piece)| {
            let operation = exchange.probe.operation();
            let found = SPEC.finds(
                &operation,
                format!("The HTTP {} of {operation} shows {name}", reply.status),
            );
            let found = found
                .expected("words of the service's own")
                .actual(clean(&piece, 60));
            found.shown_by([exchange])
        });
        Some(finding.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn found(status: u16, body: &str) -> usize {
        let exchange = answered(1, &asks::read("/x"), status, &[], body);
        let found = NoProviderInternals.judge(&exchange, &View::new(&target(), None, &[], &[]));
        found.map_or(0, |found| found.len())
    }

    #[test]
    fn every_shape_compiles_and_is_found() {
        assert_eq!(PATTERNS.len(), SHAPES.len());
        for body in [
            "Rate limit reached in organization org-8fKq2LmN0pQrStUv",
            "see req_7c1f0b44a9d2e853",
            "Client error for url 'https://api.openai.com/v1/audio'",
            r#"{"detail":"{'error': {'type': 'invalid_request_error'}}"}"#,
        ] {
            assert_eq!(found(400, body), 1, "{body}");
        }
    }

    #[test]
    fn own_words_and_successes_are_spared() {
        for body in [
            "The AI provider is limiting our requests; try again later.",
            r#"{"type":"tag:orchestrate.example,2025:provider_unavailable"}"#,
            "Join our org-wide meeting; the request req_id is missing",
        ] {
            assert_eq!(found(503, body), 0, "{body}");
        }
        assert_eq!(found(200, "org-8fKq2LmN0pQrStUv"), 0);
    }
}
