//! A session cookie that the page's browser will not send is a login that never lasts.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::checks::exposure::cookie::Cookie;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Mode;
use crate::model::target::{Client, Target};

/// The rule.
pub struct SessionCookieReachesPage;

static SPEC: Spec = Spec {
    id: "exposure/session-cookie-reaches-page",
    layer: Layer::Auth,
    title: "The page's browser sends the session cookie back",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A page on another site sends only cookies that were set with SameSite=None, and browsers store those only \
                  with Secure (RFC 6265bis §5.6). With Lax, Strict or nothing the login succeeds, the next call is a \
                  stranger's, and neither side logs an error.",
    hint: "For a page on another site set SameSite=None; Secure. Or serve page and API from one site, where Lax is right.",
};

impl Rule for SessionCookieReachesPage {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let cookies = Cookie::of(exchange.answer()?);
        let page = view
            .target
            .clients
            .iter()
            .find(|client| is_abroad(view.target, client))?;
        let sessions: Vec<&Cookie> = cookies.iter().filter(|cookie| cookie.is_session()).collect();
        if sessions.is_empty() {
            return None;
        }
        let found = sessions.iter().filter_map(|cookie| {
            let name = clean(&cookie.name, 60);
            let same_site = cookie.value_of("samesite");
            let why = match same_site {
                Some("none") if cookie.has("secure") => return None,
                Some("none") => "SameSite=None without Secure, which browsers do not store".to_owned(),
                Some(value) => format!(
                    "SameSite={}, which browsers do not send from another site",
                    clean(value, 20)
                ),
                None => "no SameSite, which browsers take for Lax".to_owned(),
            };
            let title = format!(
                "The session cookie {name} never comes back from pages of {}",
                page.origin
            );
            let found = SPEC
                .finds(&name, title)
                .expected("SameSite=None; Secure")
                .actual(why);
            Some(found.shown_by([exchange]))
        });
        Some(found.collect())
    }
}

/// Whether a page sends cookies from another site: another registrable domain, or another scheme. The last two labels
/// stand in for the registrable domain; where that is wrong (co.uk), two sites are taken for one and nothing is said.
fn is_abroad(target: &Target, client: &Client) -> bool {
    let site = |url: &str| {
        let url = url::Url::parse(url).ok()?;
        let host = url.host_str()?.to_owned();
        let is_name = matches!(url.host(), Some(url::Host::Domain(_)));
        let labels: Vec<&str> = host.rsplit('.').take(2).collect();
        Some((
            url.scheme().to_owned(),
            if is_name { labels.join(".") } else { host.clone() },
        ))
    };
    client.credentials == Mode::Include && site(&target.base) != site(&client.origin.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn judged(base: &str, cookie: &str) -> Option<usize> {
        let target = Target {
            base: base.into(),
            ..target()
        };
        let exchange = answered(1, &asks::read("/login"), 200, &[("set-cookie", cookie)], "{}");
        let found = SessionCookieReachesPage.judge(&exchange, &View::new(&target, None, &[], &[]));
        found.map(|found| found.len())
    }

    #[test]
    fn a_cookie_that_stays_at_home_is_found() {
        for cookie in [
            "sid=1; Secure; SameSite=Lax",
            "sid=1; SameSite=None",
            "sid=1; Secure",
        ] {
            assert_eq!(
                judged("https://api.other.example.net", cookie),
                Some(1),
                "{cookie}"
            );
        }
    }

    #[test]
    fn spares_cookies_that_travel_and_pages_of_the_same_site() {
        assert_eq!(
            judged("https://api.other.net", "sid=1; Secure; SameSite=None"),
            Some(0)
        );
        assert_eq!(judged("https://api.app.example", "sid=1; SameSite=Lax"), None);
        assert_eq!(judged("https://api.other.net", "theme=1; SameSite=Lax"), None);
    }

    #[test]
    fn spares_pages_that_send_no_cookies() {
        let mut target = Target {
            base: "https://api.other.example.net".into(),
            ..target()
        };
        let exchange = answered(
            1,
            &asks::read("/login"),
            200,
            &[("set-cookie", "sid=1; SameSite=Lax")],
            "{}",
        );
        let found = |target: &Target| {
            let found = SessionCookieReachesPage.judge(&exchange, &View::new(target, None, &[], &[]));
            found.map(|found| found.len())
        };
        assert_eq!(found(&target), Some(1));
        target.clients[0].credentials = Mode::Omit;
        assert_eq!(found(&target), None);
    }
}
