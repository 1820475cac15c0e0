//! A session cookie that scripts can read, or that goes over plain HTTP, is a session for whoever gets it.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::checks::exposure::cookie::Cookie;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::target::Environment;

/// The rule.
pub struct SessionCookieGuarded;

static SPEC: Spec = Spec {
    id: "exposure/session-cookie-guarded",
    layer: Layer::Auth,
    title: "Session cookies are kept from scripts and from plain HTTP",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "One injected script reads every cookie without HttpOnly, and one http:// link sends every cookie without \
                  Secure in the clear (CWE-1004, CWE-614, ASVS 3.3.1, 3.3.4). Both attributes cost nothing. A cookie is \
                  taken for a session by its name; one against request forgery is meant to be read by scripts.",
    hint: "Set session cookies with HttpOnly and Secure, or under a name with the prefix __Host-.",
};

impl Rule for SessionCookieGuarded {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let cookies = Cookie::of(exchange.answer()?);
        let sessions: Vec<&Cookie> = cookies.iter().filter(|cookie| cookie.is_session()).collect();
        if sessions.is_empty() {
            return None;
        }
        let target = view.target;
        // A service of one's own machine has no certificate, and Secure would keep its cookie from being stored.
        let wants_tls = target.base.starts_with("https:") || target.environment == Environment::Production;
        let found = sessions.iter().filter_map(|cookie| {
            let missing: Vec<&str> = [("httponly", "HttpOnly", true), ("secure", "Secure", wants_tls)]
                .into_iter()
                .filter(|(attribute, _, wanted)| *wanted && !cookie.has(attribute))
                .map(|(_, name, _)| name)
                .collect();
            let (name, missing) = (clean(&cookie.name, 60), missing.join(" and "));
            let lacks = !missing.is_empty();
            lacks.then(|| {
                SPEC.finds(&name, format!("The session cookie {name} lacks {missing}"))
                    .expected("HttpOnly and Secure")
                    .actual(format!("without {missing}"))
                    .shown_by([exchange])
            })
        });
        Some(found.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::model::target::Target;

    fn judged(base: &str, cookie: &str) -> Option<Vec<String>> {
        let target = Target {
            base: base.into(),
            ..target()
        };
        let exchange = answered(1, &asks::read("/login"), 200, &[("set-cookie", cookie)], "{}");
        let found = SessionCookieGuarded.judge(&exchange, &View::new(&target, None, &[], &[]))?;
        Some(found.into_iter().map(|finding| finding.actual).collect())
    }

    #[test]
    fn a_session_without_a_guard_is_found() {
        let found = |base, cookie| judged(base, cookie).unwrap();
        assert_eq!(
            found("https://a.example", "sid=[credential:9]; Secure"),
            ["without HttpOnly"]
        );
        assert_eq!(found("https://a.example", "sid=1; HttpOnly"), ["without Secure"]);
        assert_eq!(
            found("https://a.example", "sid=1"),
            ["without HttpOnly and Secure"]
        );
    }

    #[test]
    fn spares_guarded_ones_other_cookies_and_a_service_of_ones_own_machine() {
        assert_eq!(
            judged("https://a.example", "sid=1; secure; httponly"),
            Some(vec![])
        );
        assert_eq!(judged("https://a.example", "csrftoken=1"), None);
        assert_eq!(judged("https://a.example", "sid=; Max-Age=0"), None);
        assert_eq!(judged("http://127.0.0.1:8000", "sid=1; HttpOnly"), Some(vec![]));
    }
}
