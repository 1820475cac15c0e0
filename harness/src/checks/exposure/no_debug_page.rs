//! A debug page is the inside of the service for whoever makes it fail: settings, routes, sometimes a shell.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct NoDebugPage;

static SPEC: Spec = Spec {
    id: "exposure/no-debug-page",
    layer: Layer::Errors,
    title: "No error shows a framework's debug page",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A framework in debug mode answers errors with its settings, its routes and the values of variables, and \
                  some take commands on that page (CWE-489, ASVS 13.4.2). One unknown route is enough to see it.",
    hint: "Turn debug mode off in this deploy (DEBUG, FLASK_DEBUG, APP_DEBUG, ASPNETCORE_ENVIRONMENT), and start it again.",
};

/// Texts that stand on no other page, by framework.
const MARKS: &[(&str, &str)] = &[
    ("Django", "<code>DEBUG = True</code>"),
    ("Django", "Django tried these URL patterns"),
    ("Flask", "Werkzeug Debugger</title>"),
    ("Flask", "// Werkzeug Debugger"),
    ("Laravel", "window.ignite("),
    ("Laravel", "\"laravel_version\""),
    ("Symfony", "class=\"exception-message-wrapper\""),
    ("Symfony", "Symfony Exception</title>"),
    ("Rails", "Action Controller: Exception caught"),
    ("Rails", "<title>Routing Error</title>"),
    (
        "ASP.NET",
        "Microsoft.AspNetCore.Diagnostics.DeveloperExceptionPage",
    ),
    (
        "ASP.NET",
        "<title>Internal Server Error</title><style>body.unhandled",
    ),
    ("Phoenix", "Plug.Debugger"),
    ("PHP", "<title>Whoops! There was an error."),
];

impl Rule for NoDebugPage {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer().filter(|reply| reply.status >= 400)?;
        let text = reply.body.text();
        let Some((framework, mark)) = MARKS.iter().find(|(_, mark)| text.contains(mark)) else {
            return Some(vec![]);
        };
        let operation = exchange.probe.operation();
        let title = format!(
            "The HTTP {} of {operation} is the debug page of {framework}",
            reply.status
        );
        let found = SPEC
            .finds(&operation, title)
            .expected("a sentence for the client, and a request id")
            .actual(format!("the page holds {mark:?}"));
        Some(vec![found.shown_by([exchange])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn judged(status: u16, body: &str) -> Option<usize> {
        let target = target();
        let exchange = answered(
            1,
            &asks::read("/x"),
            status,
            &[("content-type", "text/html")],
            body,
        );
        let found = NoDebugPage.judge(&exchange, &View::new(&target, None, &[], &[]));
        found.map(|found| found.len())
    }

    #[test]
    fn debug_pages_are_found() {
        let django = "You're seeing this error because you have <code>DEBUG = True</code> in your Django settings file.";
        assert_eq!(judged(404, django), Some(1));
        assert_eq!(
            judged(500, "<title>TypeError // Werkzeug Debugger</title>"),
            Some(1)
        );
    }

    #[test]
    fn spares_plain_error_pages_and_pages_that_speak_of_debugging() {
        assert_eq!(
            judged(404, "<h1>Not found</h1> Set DEBUG = True to see more."),
            Some(0)
        );
        assert_eq!(judged(500, r#"{"detail":"debug mode is off"}"#), Some(0));
        assert_eq!(judged(200, "How to read the Werkzeug Debugger</title>"), None);
    }
}
