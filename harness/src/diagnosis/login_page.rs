//! Callers of an API are sent to a page for people.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::doors;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct LoginPage;

impl Cause for LoginPage {
    fn id(&self) -> &'static str {
        "login-page"
    }

    fn about(&self) -> &'static str {
        "A missing credential leads to a login page, not to 401."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Around,
            blames: &[Blame::Deploy, Blame::Edge],
            needs: "A call without a credential is answered by a redirect or a web page instead of 401.",
            likely: &[
                "The guard is made for pages: login_required in Django, LoginManager's default in Flask-Login, passport's failureRedirect",
                "An identity-aware proxy (oauth2-proxy, Cloudflare Access, IAP) covers the API's path too",
                "Spring Security without an entry point for API requests",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut found = doors::open_by(case, "auth/missing-credential-refused");
        found.retain(|finding| {
            let status = case.shown(finding).and_then(|exchange| exchange.status());
            status.is_some_and(|status| (300..400).contains(&status)) || finding.title.contains("web page")
        });
        let operations = doors::operations(case, &found).join(", ");
        let statement = format!(
            "{operations} sends callers without a credential to a login page; API clients read it as a success"
        );
        let others = case.about(&doors::shown(case, &found));
        found.extend(others);
        doors::diagnosis(
            case,
            self.id(),
            found,
            statement,
            &[
                "Answer 401 with WWW-Authenticate under the API's path, and redirect only what asks for text/html",
                "If the edge redirects, exempt the API's path there",
            ],
        )
    }
}
