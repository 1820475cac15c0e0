//! Versions tell strangers which known holes to try.

use std::sync::LazyLock;

use regex::Regex;

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct NoVersions;

static SPEC: Spec = Spec {
    id: "exposure/no-versions",
    layer: Layer::Http,
    title: "No header tells the version of the software behind the service",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "Server: Apache/2.4.41 and X-Powered-By: PHP/7.4.3 name the list of known holes to try (RFC 9110 §10.2.4, \
                  ASVS 13.4.6). A product's name without a version, and the service's own build, are no one's help.",
    hint: "Turn the banner off: ServerTokens Prod, server_tokens off, expose_php = Off, or remove the header at the edge.",
};

/// Headers in which software names itself.
const HEADERS: &[&str] = &[
    "server",
    "x-powered-by",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-generator",
];

/// Names that look like a version and have been the same for ever.
const FIXED: &[&str] = &["awselb/2.0"];

static VERSION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(^|[/ ]v?)\d+(\.\d+)*").ok());

impl Rule for NoVersions {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer()?;
        let told = HEADERS.iter().filter_map(|name| {
            let value = reply.header(name)?;
            let tells = VERSION.as_ref().is_some_and(|version| version.is_match(&value));
            (tells && !FIXED.contains(&value.as_str())).then_some((*name, value))
        });
        let found = told.map(|(name, value)| {
            let value = clean(&value, 80);
            SPEC.finds(
                name,
                format!("Answers tell strangers which software runs, and its version ({value})"),
            )
            .expected("no version")
            .actual(format!("{name}: {value}"))
            .shown_by([exchange])
        });
        Some(found.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn found(name: &str, value: &str) -> usize {
        let target = target();
        let exchange = answered(1, &asks::read("/health"), 200, &[(name, value)], "{}");
        NoVersions
            .judge(&exchange, &View::new(&target, None, &[], &[]))
            .unwrap()
            .len()
    }

    #[test]
    fn versions_are_found() {
        for (name, value) in [
            ("server", "Apache/2.4.41 (Ubuntu)"),
            ("x-powered-by", "PHP/7.4.3"),
            ("x-aspnet-version", "4.0.30319"),
            ("x-generator", "Drupal 9 (https://www.drupal.org)"),
        ] {
            assert_eq!(found(name, value), 1, "{name}: {value}");
        }
    }

    #[test]
    fn names_alone_and_the_services_own_build_are_spared() {
        for (name, value) in [
            ("server", "uvicorn"),
            ("server", "cloudflare"),
            ("server", "awselb/2.0"),
            ("x-powered-by", "Express"),
            ("x-app-version", "1.4.0"),
        ] {
            assert_eq!(found(name, value), 0, "{name}: {value}");
        }
    }
}
