//! A header that a proxy or a framework sets for itself is believed from everybody.

use crate::check::ways::{FORWARDED, ORIGINAL, TEST};
use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::doors;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct HeaderOpensDoor;

impl Cause for HeaderOpensDoor {
    fn id(&self) -> &'static str {
        "header-opens-door"
    }

    fn about(&self) -> &'static str {
        "A request header that anybody can send stands for a credential."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A request without a credential that is refused, and the same with a forwarding, rewriting or internal header that works.",
            likely: &[
                "X-Forwarded-User or an internal network's address is trusted from anybody (trust proxy: true, forwarded_allow_ips=*)",
                "X-Original-URL or X-Rewrite-URL is honoured behind a guard that reads the path",
                "An outdated Next.js skips its middleware for x-middleware-subrequest (CVE-2025-29927)",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut found = doors::open_by(case, "auth/headers-grant-nothing");
        found.retain(|finding| !finding.subject.ends_with(TEST));
        let first = found.first()?;
        let (what, mend) = if first.subject.ends_with(FORWARDED) {
            (
                "The server trusts forwarding or identity headers that clients send",
                "Believe them only from the proxy's own address, and let the proxy overwrite them",
            )
        } else if first.subject.ends_with(ORIGINAL) {
            (
                "The guard looks at the path of the request, the router at X-Original-URL",
                "Drop X-Original-URL and X-Rewrite-URL at the edge, and switch off the router's support for them",
            )
        } else {
            (
                "A header that is meant for internal use switches authentication off",
                "Update the framework, and drop the header at the edge until then (CVE-2025-29927)",
            )
        };
        let statement = format!(
            "{what}: {} works without a credential",
            doors::operations(case, &found).join(", ")
        );
        let look = "Look in the access log for calls without a credential that were answered with a success";
        doors::diagnosis(case, self.id(), found, statement, &[mend, look])
    }
}
