//! The login that developers use has no password. Where it is deployed, nobody needs one.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};

/// The check.
pub struct NoDevelopmentLogin;

static SPEC: Spec = Spec {
    id: "auth/no-development-login",
    layer: Layer::Auth,
    title: "No login of developers is deployed",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A route such as /auth/dev-login hands out a token to whoever asks, so that people need no account on their \
                  own machine; it has been live in production (CWE-489). One read at each of the places where it is \
                  usually found; only an answer that holds a token, or sets a session, counts.",
    hint: "Compile the route out of what is deployed; a variable that switches it off is one typo away from switching it on.",
};

/// Where it is usually found, below the base URL. Few, since production is asked as well.
const ROUTES: [&str; 4] = ["/auth/dev-login", "/auth/test-login", "/dev-login", "/dev/token"];

fn probe(route: &str) -> Probe {
    asks::read(route)
}

impl Check for NoDevelopmentLogin {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let routes = ROUTES.iter().filter(|_| view.target.auth.is_some());
        routes.map(|route| Ask::One(probe(route))).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if view.target.auth.is_none() {
            return Judgement::NotApplicable("the profile has no [auth]".into());
        }
        let mut tally = Tally::new(view);
        for route in ROUTES {
            let Some((exchange, reply)) = tally.answer(&probe(route)).filter(|(_, reply)| gives_in(reply))
            else {
                continue;
            };
            let found = SPEC
                .finds(route, format!("GET {route} gives a token to whoever asks"))
                .expected("HTTP 404")
                .actual(format!("HTTP {}, with a token", reply.status));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

/// Whether an answer hands out a credential: in JSON under a name that says so, or as a session.
fn gives_in(reply: &Reply) -> bool {
    const NAMES: &[&str] = &["access_token", "accesstoken", "token", "id_token", "jwt"];
    if !(200..300).contains(&reply.status) {
        return false;
    }
    let body = reply.body.json();
    let members = body.as_ref().and_then(serde_json::Value::as_object);
    let named = members.is_some_and(|members| {
        members
            .iter()
            .any(|(name, value)| NAMES.contains(&name.to_ascii_lowercase().as_str()) && value.is_string())
    });
    let session = reply.values("set-cookie").any(|cookie| {
        let name = cookie.split('=').next().unwrap_or_default().to_ascii_lowercase();
        name.contains("session") || name.contains("token") || name == "sid"
    });
    named || session && body.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};

    fn found(status: u16, headers: &[(&str, &str)], body: &str) -> usize {
        let seen = ROUTES.map(|route| match route {
            "/dev-login" => answered(1, &probe(route), status, headers, body),
            other => answered(2, &probe(other), 404, &[], "{}"),
        });
        match NoDevelopmentLogin.judge(&View::new(&target(), None, &seen, &[])) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn a_token_for_whoever_asks_is_found() {
        assert_eq!(
            found(200, &[], r#"{"access_token":"x","token_type":"bearer"}"#),
            1
        );
        assert_eq!(
            found(200, &[("set-cookie", "session=abc; HttpOnly")], r#"{"ok":true}"#),
            1
        );
    }

    #[test]
    fn pages_and_refusals_are_no_login() {
        assert_eq!(found(404, &[], "{}"), 0);
        assert_eq!(found(401, &[], r#"{"token":"missing"}"#), 0);
        assert_eq!(
            found(
                200,
                &[("set-cookie", "session=x")],
                "<!doctype html><div id=root>"
            ),
            0
        );
        assert_eq!(found(200, &[], r#"{"hello":"world"}"#), 0);
    }
}
