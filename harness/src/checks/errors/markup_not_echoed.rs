//! An error page that repeats what was sent as HTML runs a stranger's script under the service's own origin.

use crate::check::Check;
use crate::check::asks::{self, NO_SUCH_ROUTE};
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};

/// The check.
pub struct MarkupNotEchoed;

static SPEC: Spec = Spec {
    id: "errors/markup-not-echoed",
    layer: Layer::Errors,
    title: "No error page repeats what was sent as HTML",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A page for a route that does not exist likes to say which one. Written into HTML as it came, whatever stands \
                  in a link becomes part of a page of this origin: with a script in it, whoever follows the link is logged in \
                  for the attacker (CWE-79). One read of a route that nobody has, with a harmless element in its name and \
                  another in its query, shows it.",
    hint: "Answer errors as JSON, or escape whatever goes into a page.",
};

/// Elements that no browser knows, and where each is sent: they do nothing, and nobody writes them by chance.
const MARKUP: [(&str, &str); 2] = [
    ("<greenlight-probe>", "the address"),
    ("<greenlight-query>", "the query of the address"),
];

/// The read.
fn probe() -> Probe {
    asks::read(&format!(
        "{NO_SUCH_ROUTE}/%3Cgreenlight-probe%3E?q=%3Cgreenlight-query%3E"
    ))
}

impl Check for MarkupNotEchoed {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, _: &View<'_>) -> Vec<Ask> {
        vec![Ask::One(probe())]
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        let Some((exchange, reply)) = tally.answer(&probe()) else {
            return tally.done();
        };
        // Whether a body without a type is sniffed as HTML is the browser's guess (MIME Sniffing §7.1).
        let kind = reply.media_type();
        let is_page = matches!(
            kind.as_deref(),
            None | Some("text/html" | "application/xhtml+xml")
        );
        let text = reply.body.text();
        for (markup, place) in MARKUP
            .iter()
            .filter(|(markup, _)| is_page && text.contains(markup))
        {
            let found = SPEC.finds(
                format!("{place} on the page for an unknown route"),
                format!("An error page repeats {place} as HTML, so a link can put a script into it"),
            );
            let found = found
                .expected(format!("{place} escaped, or not there"))
                .actual(format!("{markup} as it was sent"));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;

    fn found(kind: &str, body: &str) -> usize {
        let seen = [answered(1, &probe(), 404, &[("content-type", kind)], body)];
        findings(&MarkupNotEchoed, &target(), &seen).len()
    }

    #[test]
    fn markup_in_a_page_is_found() {
        assert_eq!(
            found("text/html; charset=utf-8", "Nothing at /<greenlight-probe>."),
            1
        );
        assert_eq!(found("text/html", "Nothing at /%3C…?q=<greenlight-query>."), 1);
        assert_eq!(found("text/html", "/<greenlight-probe>?q=<greenlight-query>"), 2);
    }

    #[test]
    fn escaped_or_in_json_it_is_spared() {
        assert_eq!(found("text/html", "Nothing at /&lt;greenlight-probe&gt;."), 0);
        assert_eq!(
            found("text/html", "/%3Cgreenlight-probe%3E?q=%3Cgreenlight-query%3E"),
            0
        );
        assert_eq!(found("application/json", r#"{"path":"/<greenlight-probe>"}"#), 0);
    }
}
