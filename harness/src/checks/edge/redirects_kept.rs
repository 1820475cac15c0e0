//! A redirect that leads elsewhere loses something on the way: TLS, the host, the method and body, or the credential.

use url::Url;

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::{Mutation, Wire};

/// The rule.
pub struct RedirectsKept;

static SPEC: Spec = Spec {
    id: "edge/redirects-kept",
    layer: Layer::Http,
    title: "Redirects lose neither TLS nor host, method, body or credential",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "An application behind a proxy that writes absolute redirects from the scheme and host that it sees sends \
                  pages to http://, which browsers block. A 301 or 302 makes clients repeat a POST as GET without its body \
                  (Fetch, HTTP-redirect fetch, step 11), and across origins browsers drop Authorization (step 13).",
    hint: "Answer at the route that clients call, or redirect with 307 or 308 to a path on the same origin; tell the \
           application its outer scheme and host (X-Forwarded-Proto, --proxy-headers).",
};

impl Rule for RedirectsKept {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer()?;
        if !matches!(reply.status, 301 | 302 | 307 | 308) || exchange.probe.wire == Wire::Plain {
            return None;
        }
        let location = reply.header("location")?;
        let from = exchange
            .sent
            .as_ref()
            .and_then(|sent| Url::parse(&sent.url).ok())?;
        let to = from.join(&location).ok()?;
        let Some((lost, severity)) = lost(exchange, reply, &from, &to, view) else {
            return Some(vec![]);
        };
        let operation = exchange.probe.operation();
        let finding = SPEC
            .finds(
                &operation,
                format!("{operation} is redirected (HTTP {}): {lost}", reply.status),
            )
            .expected("an answer, or a 307 or 308 to the same origin")
            .actual(format!("{} to {}", reply.status, clean(&location, 160)))
            .severity(severity);
        Some(vec![finding.shown_by([exchange])])
    }
}

/// What is lost on the way to where a redirect leads, and how much that matters.
fn lost(
    exchange: &Exchange,
    reply: &Reply,
    from: &Url,
    to: &Url,
    view: &View<'_>,
) -> Option<(&'static str, Severity)> {
    if from.scheme() == "https" && to.scheme() == "http" {
        return Some(("it leads out of TLS, and browsers block it", Severity::Blocker));
    }
    let who = exchange.probe.who.as_ref();
    // Whoever logs out is led to a page, and needs nothing any more.
    let logout = view.target.auth.as_ref().and_then(|auth| auth.logout.as_ref());
    if logout.is_some_and(|logout| logout.to_string() == exchange.probe.operation()) {
        return None;
    }
    // What happens to a call that is refused anyway matters to nobody.
    let real = who.map_or(view.target.auth.is_none(), |who| who.mutation == Mutation::AsIs);
    if real && who.is_some() && from.origin() != to.origin() {
        return Some((
            "it leads to another origin, where browsers send no Authorization",
            Severity::Major,
        ));
    }
    let turned = exchange.probe.method == "POST" && matches!(reply.status, 301 | 302);
    (real && turned).then_some(("clients repeat it as GET, without its body", Severity::Major))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::model::target::Target;

    fn found(status: u16, from: &str, location: &str) -> Option<Vec<String>> {
        let target = target();
        let mut exchange = answered(
            1,
            &asks::proof(&target, &target.proofs[0]),
            status,
            &[("location", location)],
            "",
        );
        if let Some(sent) = &mut exchange.sent {
            sent.url = from.to_owned();
        }
        let found = RedirectsKept.judge(&exchange, &View::new(&target, None, &[], &[]))?;
        Some(found.into_iter().map(|finding| finding.title).collect())
    }

    #[test]
    fn a_redirect_that_loses_something_is_found() {
        let from = "https://api.example/summaries";
        for (status, location, what) in [
            (307, "http://api.example/summaries/", "out of TLS"),
            (308, "https://other.example/summaries", "another origin"),
            (301, "/summaries/", "as GET"),
        ] {
            let titles = found(status, from, location).unwrap();
            assert!(titles.len() == 1 && titles[0].contains(what), "{titles:?}");
        }
    }

    #[test]
    fn spares_a_logout_that_leads_to_a_page() {
        let mut target = target();
        let logout = asks::proof(&target, &target.proofs[0]);
        let leads = [("location", "https://app.example/login")];
        let exchange = answered(1, &logout, 302, &leads, "");
        let found = |target: &Target| {
            RedirectsKept
                .judge(&exchange, &View::new(target, None, &[], &[]))
                .map(|found| found.len())
        };
        assert_eq!(found(&target), Some(1));
        target.auth.as_mut().unwrap().logout = Some(target.proofs[0].call.clone());
        assert_eq!(found(&target), Some(0));
    }

    #[test]
    fn spares_one_that_keeps_everything() {
        let from = "https://api.example/summaries";
        assert_eq!(found(307, from, "/summaries/"), Some(vec![]));
        assert_eq!(found(308, from, "https://api.example/v2/summaries"), Some(vec![]));
        // See other is how a POST points at what it made (RFC 9110 §15.4.4).
        assert_eq!(found(303, from, "https://api.example/summaries/7"), None);
    }
}
