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
    explanation: "A server that takes `?access_token=` or `?api_key=` invites its clients to send them where proxies, caches, browser \
                  histories and Referer headers keep them (RFC 6750 §2.3, §5.3; OWASP ASVS 5.0 §14.2.1). The good \
                  credential is sent so under the names that are usual for its kind, and never to production, whose logs \
                  are somebody's.",
    hint: "Read the credential from its header alone; for downloads and sockets hand out a short-lived ticket.",
};

/// Where a credential is looked for in a query: what RFC 6750 names, what gateways and maps use, and their spellings.
fn members(view: &View<'_>) -> &'static [Mutation] {
    match view.target.auth.as_ref().map(|auth| &auth.scheme) {
        Some(Scheme::Bearer) => &[Mutation::InQuery, Mutation::InQueryToken],
        Some(Scheme::ApiKey { .. }) => &[
            Mutation::InQueryApiKey,
            Mutation::InQueryApikey,
            Mutation::InQueryKey,
        ],
        Some(Scheme::Basic) | None => &[],
    }
}

impl Check for CredentialNotInUrl {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let Ok(call) = around::place(view) else {
            return Vec::new();
        };
        let sent = members(view)
            .iter()
            .map(|member| Ask::One(asks::inert(view.target, &call, Some(*member))));
        let sent: Vec<Ask> = sent.collect();
        if sent.is_empty() {
            return sent;
        }
        around::compared(view, &call).into_iter().chain(sent).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let call = match around::place(view) {
            Ok(call) => call,
            Err(judgement) => return judgement,
        };
        if members(view).is_empty() {
            return Judgement::NotApplicable("only bearer tokens and keys have names in URLs".into());
        }
        let mut tally = Tally::new(view);
        for mutation in members(view) {
            let sent = asks::inert(view.target, &call, Some(*mutation));
            let Some((exchange, reply)) = tally.answer(&sent) else {
                continue;
            };
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
                    let member = mutation.query_member().unwrap_or_default();
                    let found = SPEC
                        .finds(
                            call.to_string(),
                            format!("{call} accepts a credential in the URL (?{member}=…)"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::answered;
    use crate::checks::auth::around::testing::{me, read, seen};
    use crate::model::target::Target;

    fn judged(target: &Target, nobody: u16, in_url: &[(Mutation, u16)], body: &str) -> Judgement {
        let mut all = seen(200, nobody);
        for (at, (mutation, status)) in in_url.iter().enumerate() {
            let sent = asks::inert(target, &me(), Some(*mutation));
            let json = [("content-type", "application/json")];
            all.push(answered(9 + at as u32, &sent, *status, &json, body));
        }
        CredentialNotInUrl.judge(&View::new(target, None, &all, &[]))
    }

    fn found(judgement: &Judgement) -> Option<Vec<&str>> {
        match judgement {
            Judgement::Judged { findings, .. } => {
                Some(findings.iter().map(|finding| finding.title.as_str()).collect())
            }
            _ => None,
        }
    }

    const ANA: &str = r#"{"subject":"ana"}"#;

    #[test]
    fn a_token_that_is_accepted_in_the_url_is_found_under_either_name() {
        let open = judged(
            &read(),
            401,
            &[(Mutation::InQuery, 401), (Mutation::InQueryToken, 200)],
            ANA,
        );
        assert_eq!(
            found(&open),
            Some(vec!["GET /me accepts a credential in the URL (?token=…)"])
        );
        let open = judged(
            &read(),
            401,
            &[(Mutation::InQuery, 200), (Mutation::InQueryToken, 401)],
            ANA,
        );
        assert_eq!(
            found(&open),
            Some(vec!["GET /me accepts a credential in the URL (?access_token=…)"])
        );
    }

    #[test]
    fn a_key_is_tried_under_the_names_that_keys_have() {
        let mut target = read();
        if let Some(auth) = &mut target.auth {
            auth.scheme = Scheme::ApiKey {
                header: "x-api-key".into(),
            };
        }
        let tried = |accepted: Mutation| {
            let status = |mutation| (mutation, if mutation == accepted { 200 } else { 401 });
            [
                Mutation::InQueryApiKey,
                Mutation::InQueryApikey,
                Mutation::InQueryKey,
            ]
            .map(status)
        };
        for mutation in [
            Mutation::InQueryApiKey,
            Mutation::InQueryApikey,
            Mutation::InQueryKey,
        ] {
            let open = judged(&target, 401, &tried(mutation), ANA);
            assert_eq!(found(&open).map(|found| found.len()), Some(1), "{mutation:?}");
        }
        assert_eq!(
            found(&judged(&target, 401, &tried(Mutation::InQuery), "{}")),
            Some(vec![])
        );
    }

    #[test]
    fn refusing_it_is_healthy_and_an_open_route_shows_nothing() {
        let refused = [(Mutation::InQuery, 401), (Mutation::InQueryToken, 401)];
        assert_eq!(found(&judged(&read(), 401, &refused, "{}")), Some(vec![]));
        let open = [(Mutation::InQuery, 200), (Mutation::InQueryToken, 200)];
        assert!(matches!(judged(&read(), 200, &open, ANA), Judgement::Unable(_)));
    }
}
