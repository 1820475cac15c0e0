//! What one caller was told must not be kept for the next one.

use crate::check::Rule;
use crate::check::cached::directives;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct PrivateAnswers;

static SPEC: Spec = Spec {
    id: "caching/private-answers",
    layer: Layer::Http,
    title: "No shared cache may keep what a credential was answered",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A request with Authorization is kept out of shared caches, unless its answer says public, s-maxage or \
                  must-revalidate (RFC 9111 §3.5): then a CDN gives one user's data to the next. What must be asked for \
                  again before each use, by no-cache or a lifetime of zero, is refused to the next user by the service \
                  itself (§4.2.4, §5.2.2.4). Without any Cache-Control a browser may keep a read for as long as it \
                  guesses, on a computer that others use as well.",
    hint: "Send Cache-Control: no-store, or private, with every answer to a credential.",
};

impl Rule for PrivateAnswers {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer()?;
        let asked = exchange.probe.who.is_some() && (200..300).contains(&reply.status);
        if !asked {
            return None;
        }
        let operation = exchange.probe.operation();
        let directives = directives(reply);
        if let Some(directive) = shared(&directives, reply) {
            let title = format!(
                "Shared caches may keep what {operation} answers to a credential ({})",
                clean(directive, 40)
            );
            let found = SPEC
                .finds(&operation, title)
                .expected("Cache-Control: no-store, or private")
                .actual(format!("Cache-Control: {}", clean(&directives.join(", "), 80)));
            return Some(vec![found.shown_by([exchange])]);
        }
        // Only a read is stored without being told to (RFC 9110 §9.3.3 wants explicit freshness of a POST).
        let silent =
            directives.is_empty() && reply.header("expires").is_none() && reply.header("pragma").is_none();
        if silent && exchange.probe.method == "GET" {
            let found = SPEC
                .finds(
                    &operation,
                    format!("What {operation} answers to a credential says nothing to caches"),
                )
                .expected("Cache-Control: no-store, or private")
                .actual("no Cache-Control")
                .severity(Severity::Minor);
            return Some(vec![found.shown_by([exchange])]);
        }
        Some(vec![])
    }
}

/// The directive that lets a shared cache give the answer to the next caller without asking the service again.
fn shared<'d>(directives: &'d [String], reply: &Reply) -> Option<&'d str> {
    let says = |name: &str| directives.iter().any(|directive| directive == name);
    if ["no-store", "private", "no-cache"].into_iter().any(says) {
        return None;
    }
    // A lifetime for shared caches beats the one for all (RFC 9111 §4.2.1). One that cannot be read is stale (§4.2.1).
    let lifetime = |name: &str| {
        let value = directives
            .iter()
            .find_map(|directive| directive.strip_prefix(name));
        value.map(|seconds| seconds.trim_matches('"').parse().unwrap_or(0_u64))
    };
    let of_expires = || {
        reply
            .header("expires")
            .filter(|expires| ["0", "-1"].contains(&expires.trim()))
    };
    let own = lifetime("s-maxage=");
    let lasts = own
        .or_else(|| lifetime("max-age="))
        .or_else(|| of_expires().map(|_| 0));
    // RFC 5861: what is stale may be given away while a new answer is fetched, or when none can be.
    let stale = ["stale-while-revalidate=", "stale-if-error="]
        .into_iter()
        .any(|name| lifetime(name).is_some_and(|seconds| seconds > 0));
    if lasts == Some(0) && !(stale && own.is_none()) {
        return None;
    }
    // Without a lifetime, `public` lets a cache guess one (§4.2.2).
    directives.iter().map(String::as_str).find(|directive| {
        *directive == "public"
            || directive.starts_with("s-maxage=")
            || (*directive == "must-revalidate" && lasts.is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::model::probe::{Mutation, Probe, SecretName};

    fn judged(method: &str, headers: &[(&str, &str)]) -> Option<Vec<Severity>> {
        let target = target();
        let probe = Probe::request(method, "/me").who(&SecretName("good".into()), Mutation::AsIs);
        let exchange = answered(1, &probe.build(), 200, headers, "{}");
        let found = PrivateAnswers.judge(&exchange, &View::new(&target, None, &[], &[]))?;
        Some(found.iter().map(|finding| finding.severity).collect())
    }

    #[test]
    fn what_shared_caches_may_keep_is_found() {
        for value in [
            "public, max-age=60",
            "public",
            "max-age=0, s-maxage=60",
            "must-revalidate, max-age=60",
            "public, max-age=0, stale-while-revalidate=60",
        ] {
            let found = judged("GET", &[("cache-control", value)]);
            assert_eq!(found, Some(vec![Severity::Major]), "{value}");
        }
        assert_eq!(judged("GET", &[]), Some(vec![Severity::Minor]));
    }

    #[test]
    fn spares_what_says_that_it_is_private_and_what_nobody_stores() {
        for value in [
            "no-store",
            "private, max-age=60",
            "no-cache",
            "S-Maxage=0, private",
            "public, max-age=0, must-revalidate",
            "public, max-age=60, s-maxage=0",
            "public, no-cache, max-age=60",
            "private, max-age=60, must-revalidate",
            "must-revalidate",
        ] {
            assert_eq!(
                judged("GET", &[("cache-control", value)]),
                Some(vec![]),
                "{value}"
            );
        }
        assert_eq!(judged("POST", &[]), Some(vec![]));
        let anonymous = answered(
            1,
            &Probe::get("/x").build(),
            200,
            &[("cache-control", "public")],
            "",
        );
        let target = target();
        assert_eq!(
            PrivateAnswers.judge(&anonymous, &View::new(&target, None, &[], &[])),
            None
        );
    }
}
