//! A credential in a URL is kept by every log, cache and history on its way.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::auth::around::{self, Around};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Mutation};
use crate::model::target::Scheme;

/// The check.
pub struct CredentialNotInUrl;

static SPEC: Spec = Spec {
    id: "auth/credential-not-in-url",
    layer: Layer::Auth,
    title: "A credential in the URL is not accepted",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A server that takes `?access_token=` invites its clients to send tokens where proxies, caches, browser \
                  histories and Referer headers keep them (RFC 6750 §2.3, §5.3; OWASP ASVS 5.0 §14.2.1). The good token is \
                  sent so once, and never to production, whose logs are somebody's.",
    hint: "Read the token from the Authorization header alone; for downloads and sockets hand out a short-lived ticket.",
};

impl Check for CredentialNotInUrl {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let Ok(call) = around::place(view) else {
            return Vec::new();
        };
        if !is_bearer(view) {
            return Vec::new();
        }
        let sent = asks::inert(view.target, &call, Some(Mutation::InQuery));
        let compared = around::compared(view, &call).into_iter();
        compared.chain([Ask::One(sent)]).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let call = match around::place(view) {
            Ok(call) => call,
            Err(judgement) => return judgement,
        };
        if !is_bearer(view) {
            return Judgement::NotApplicable(
                "only bearer tokens have a place in URLs (RFC 6750 §2.3)".into(),
            );
        }
        let mut tally = Tally::new(view);
        let sent = asks::inert(view.target, &call, Some(Mutation::InQuery));
        if let Some((exchange, reply)) = tally.answer(&sent) {
            match around::around(view, &call, &sent, reply) {
                Around::Refused => {}
                Around::Unknown => {
                    let reason = format!("{call} does not refuse strangers and accept a good credential");
                    return Judgement::skipped(
                        format!("{reason}, so a credential in the URL shows nothing"),
                        None,
                    );
                }
                Around::Open => {
                    let found = SPEC
                        .finds(
                            call.to_string(),
                            format!("{call} accepts a token in the URL (?access_token=…)"),
                        )
                        .expected("HTTP 401")
                        .actual(format!("HTTP {}", reply.status));
                    tally.find(found.shown_by([exchange]));
                }
            }
        }
        tally.done()
    }
}

fn is_bearer(view: &View<'_>) -> bool {
    let auth = view.target.auth.as_ref();
    auth.is_some_and(|auth| auth.scheme == Scheme::Bearer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::answered;
    use crate::checks::auth::around::testing::{me, read, seen};

    fn judged(nobody: u16, in_url: u16, body: &str) -> Judgement {
        let target = read();
        let mut all = seen(200, nobody);
        let sent = asks::inert(&target, &me(), Some(Mutation::InQuery));
        all.push(answered(
            9,
            &sent,
            in_url,
            &[("content-type", "application/json")],
            body,
        ));
        CredentialNotInUrl.judge(&View::new(&target, None, &all, &[]))
    }

    #[test]
    fn a_token_that_is_accepted_in_the_url_is_found() {
        let open = judged(401, 200, r#"{"subject":"ana"}"#);
        assert!(matches!(open, Judgement::Judged { findings, .. } if findings.len() == 1));
    }

    #[test]
    fn refusing_it_is_healthy_and_an_open_route_shows_nothing() {
        assert!(matches!(judged(401, 401, "{}"), Judgement::Judged { findings, .. } if findings.is_empty()));
        assert!(matches!(
            judged(200, 200, r#"{"subject":"ana"}"#),
            Judgement::Unable(_)
        ));
    }
}
