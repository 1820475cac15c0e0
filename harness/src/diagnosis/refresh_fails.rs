//! No session can be renewed: whoever logged in is out when their first token expires.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::finding::Layer;

/// The cause.
pub struct RefreshFails;

const PLAIN: Plain = Plain {
    cause: "refresh-fails",
    check: "auth/refresh-renews",
    blame: Blame::Deploy,
    next: &[
        "Renew one session by hand and read the log of it: users meet this one token lifetime after the deploy",
        "If the deploy before this one renews, go back to it before the first tokens expire",
    ],
};

impl Cause for RefreshFails {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "A good refresh token gives no new tokens, or none that work."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Crash,
            blames: &[Blame::Deploy],
            needs: "A renewal with a good refresh token that failed, or whose new tokens are refused.",
            likely: &[
                "The call that looks up the session is never awaited, or the session is looked for in the wrong place",
                "New tokens are signed with another secret, or for another audience, than the service verifies",
                "The refresh token is taken from where clients no longer send it",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut diagnosis = PLAIN.diagnose(case)?;
        let renewals: Vec<&Exchange> = case
            .of(PLAIN.check)
            .iter()
            .flat_map(|finding| &finding.exchanges)
            .filter_map(|id| case.view.exchanges.iter().find(|exchange| exchange.id == *id))
            .collect();
        let crashed: Vec<&Exchange> = renewals
            .into_iter()
            .filter(|exchange| exchange.is_server_error())
            .collect();
        let about = case.about(&crashed).into_iter();
        let crashes = about.filter(|finding| finding.layer != Layer::Cors);
        diagnosis.explains.extend(explained(crashes));
        diagnosis.explains.dedup();
        Some(diagnosis)
    }
}
