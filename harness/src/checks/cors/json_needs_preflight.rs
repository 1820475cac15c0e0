//! A page anywhere may send `text/plain` without asking for leave, cookies included (Fetch §2.2.2, CORS-safelisted request-header).
//! A service that takes JSON under that name lets every website act as the user who visits it, whatever its list of origins
//! says: the answer is hidden, and the deed is done (OWASP ASVS 5.0, 3.5.2).

use crate::check::Check;
use crate::check::inputs::{Defect, Input, inputs};
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Mode};
use crate::model::target::{Call, Scheme, Target};

/// The check.
pub struct JsonNeedsPreflight;

static SPEC: Spec = Spec {
    id: "cors/json-needs-preflight",
    layer: Layer::Cors,
    title: "Nobody acts for a user without a preflight",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "JSON as application/json needs a preflight, which a foreign page does not pass. The same JSON as text/plain \
                  needs none. Where users are known by a cookie, or by a password that the browser sends on its own, a \
                  service that ignores the media type can be made to act by any website. Where pages send a token in a \
                  header, no foreign page can, and nothing is asked. The request would be accepted by such a service, so it \
                  goes out only where this run may pay or write.",
    hint: "Answer 415 to every body that is not declared as application/json; SameSite cookies help besides.",
};

impl Check for JsonNeedsPreflight {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let plain = plain(view.target).into_iter();
        plain.map(|input| Ask::One(input.probe)).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let plain = plain(view.target);
        if plain.is_empty() {
            return Judgement::NotApplicable(
                "every known page proves who it is with a header, which no other website can make a browser send"
                    .to_owned(),
            );
        }
        let mut tally = Tally::new(view);
        for input in plain {
            let Some((exchange, reply)) = tally.answer(&input.probe) else {
                continue;
            };
            let accepted =
                (200..300).contains(&reply.status) && reply.media_type().as_deref() != Some("text/html");
            if accepted {
                let call = &input.call;
                let found = SPEC
                    .finds(
                        call.to_string(),
                        format!("Any website can make a visitor's browser send {call}: JSON is accepted as text/plain"),
                    )
                    .expected("HTTP 415")
                    .actual(format!("HTTP {}", reply.status));
                tally.find(found.shown_by([exchange]));
            }
        }
        tally.done()
    }
}

/// JSON declared as text, for each operation that a page calls with what its browser adds on its own.
fn plain(target: &Target) -> Vec<Input> {
    inputs(target)
        .into_iter()
        .filter(|input| input.defect == Defect::MediaType && acts_by_cookie(target, &input.call))
        .collect()
}

/// Whether a page makes this call with a cookie, or a password of the browser's, and no header of its own that proves anything.
fn acts_by_cookie(target: &Target, call: &Call) -> bool {
    let Some(auth) = &target.auth else { return false };
    let header = match &auth.scheme {
        Scheme::Basic => return true,
        Scheme::Bearer => "authorization",
        Scheme::ApiKey { header } => header,
    };
    target.clients.iter().any(|client| {
        let bare = client.calls.iter().any(|made| {
            made.call == *call && !made.headers.iter().any(|name| name.eq_ignore_ascii_case(header))
        });
        client.credentials == Mode::Include && bare
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::model::probe::Effect;

    fn by_cookie() -> Target {
        let mut target = target();
        target.clients[0].calls[0]
            .headers
            .retain(|name| name != "authorization");
        target
    }

    fn judged(target: &Target, status: u16) -> Option<usize> {
        let seen: Vec<_> = plain(target)
            .iter()
            .map(|input| {
                answered(
                    1,
                    &input.probe,
                    status,
                    &[("content-type", "application/json")],
                    "{}",
                )
            })
            .collect();
        match JsonNeedsPreflight.judge(&View::new(target, None, &seen, &[])) {
            Judgement::Judged { findings, .. } => Some(findings.len()),
            Judgement::NotApplicable(_) => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn json_as_text_is_found_where_a_cookie_acts() {
        assert_eq!(judged(&by_cookie(), 200), Some(1));
        assert_eq!(judged(&by_cookie(), 415), Some(0));
    }

    #[test]
    fn a_token_in_a_header_is_out_of_reach_of_other_websites() {
        assert_eq!(judged(&target(), 200), None);
        let mut omitting = by_cookie();
        omitting.clients[0].credentials = Mode::Omit;
        assert_eq!(judged(&omitting, 200), None);
    }

    #[test]
    fn what_might_be_accepted_has_the_effect_of_the_operation() {
        assert_eq!(plain(&by_cookie())[0].probe.effect, Effect::Paid);
    }
}
