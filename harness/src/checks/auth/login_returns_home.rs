//! A login ends where its link says. When that may be anywhere, a link to the real login ends at a stranger, token and all.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::queries::{Field, asked, fields};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct LoginReturnsHome;

static SPEC: Spec = Spec {
    id: "auth/login-returns-home",
    layer: Layer::Auth,
    title: "No address of a caller's choice is redirected to",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A login that returns to whatever address stands in its link sends users who trust its host, and often their \
                  token in the query, to whoever wrote the link (CWE-601, RFC 9700 §4.11). Documented reads with a parameter \
                  that says where to return to are given an address on a host that nobody owns; a redirect straight to it is \
                  found.",
    hint: "Return only to addresses of a list, compared whole, or to paths of your own.",
};

/// An address on a host that nobody owns (RFC 2606 §2).
const ADDRESS: &str = "https://foreign.example/greenlight";

/// Names of parameters that say where to return to, in lower case, without what joins their words.
const NAMES: [&str; 12] = [
    "returnto",
    "returnurl",
    "returnuri",
    "redirect",
    "redirectto",
    "redirecturl",
    "redirecturi",
    "callback",
    "callbackurl",
    "callbackuri",
    "next",
    "continue",
];

fn returning(view: &View<'_>) -> Vec<Field> {
    let says_where = |field: &Field| {
        let name = field.name.to_ascii_lowercase().replace(['_', '-'], "");
        NAMES.contains(&name.as_str())
    };
    fields(view).into_iter().filter(says_where).take(2).collect()
}

/// Whether a browser would go to the foreign host.
fn goes_there(reply: &Reply) -> bool {
    let host = |location: &str| {
        let rest = ["https://", "http://", "//"]
            .iter()
            .find_map(|scheme| location.strip_prefix(scheme));
        rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned())
    };
    let location = reply
        .header("location")
        .and_then(|location| host(location.trim()));
    (300..400).contains(&reply.status) && location.as_deref() == Some("foreign.example")
}

impl Check for LoginReturnsHome {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let fields = returning(view);
        fields
            .iter()
            .map(|field| Ask::One(asked(view.target, field, ADDRESS)))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let fields = returning(view);
        if fields.is_empty() {
            return Judgement::NotApplicable("no documented read says where to return to".into());
        }
        let mut tally = Tally::new(view);
        for field in &fields {
            let Some((exchange, reply)) = tally.answer(&asked(view.target, field, ADDRESS)) else {
                continue;
            };
            if !goes_there(reply) {
                continue;
            }
            let read = format!("GET {}", field.path);
            let title = format!("{read} redirects to whatever address its `{}` names", field.name);
            let found = SPEC
                .finds(read, title)
                .expected("a refusal, or a redirect to a page of its own")
                .actual(format!("HTTP {} to {ADDRESS}", reply.status));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::contract::load::Contract;

    const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {/login: {get: {parameters: [{name: callback_url, in: query, schema: {type: string}}], responses: {'302': {description: ''}}}}}";

    fn found(status: u16, location: &str) -> usize {
        let (target, contract) = (target(), Contract::parse(DOCUMENT, "pinned.yaml").unwrap());
        let empty = View::new(&target, Some(&contract), &[], &[]);
        let field = returning(&empty).remove(0);
        let seen = [answered(
            1,
            &asked(&target, &field, ADDRESS),
            status,
            &[("location", location)],
            "",
        )];
        match LoginReturnsHome.judge(&View::new(&target, Some(&contract), &seen, &[])) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_redirect_to_the_stranger_is_found() {
        assert_eq!(found(302, ADDRESS), 1);
        assert_eq!(found(307, "//foreign.example/greenlight?token=x"), 1);
    }

    #[test]
    fn spares_a_refusal_a_page_of_its_own_and_a_provider_that_is_told_the_address() {
        assert_eq!(found(400, ""), 0);
        assert_eq!(found(302, "/login?return_to=https%3A%2F%2Fforeign.example"), 0);
        assert_eq!(
            found(
                302,
                "https://login.example/?state=https://foreign.example/greenlight"
            ),
            0
        );
        assert_eq!(found(201, ADDRESS), 0);
    }
}
