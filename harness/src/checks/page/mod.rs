//! The web page that uses the API: whether a browser lets its calls out at all. What it refuses never reaches the service,
//! so nothing that is asked of the service shows it.

pub mod calls_this_api;
pub mod microphone_allowed;
pub mod no_mixed_content;
pub mod policy_allows_api;

use url::Url;

use crate::check::judgement::Judgement;
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::finding::Finding;
use crate::model::page::{Mention, SeenPage};
use crate::page::kin::{Api, Kin};

/// Characters of a served text that a finding shows.
pub const SHOWN: usize = 200;

/// Calls of one page that are held against its policy.
const MOST_CALLS: usize = 40;

/// The API as the pages of a run may name it.
#[derive(Debug)]
pub struct Known {
    base: Url,
    paths: Vec<String>,
}

impl Known {
    /// The API under test; `None` when its base is no URL.
    pub fn of(view: &View<'_>) -> Option<Known> {
        let base = Url::parse(&view.target.base).ok()?;
        let root = view.target.base_path();
        let calls = view.target.clients.iter().flat_map(|client| &client.calls);
        let calls = calls.map(|made| &made.call);
        let proofs = view.target.proofs.iter().map(|proof| &proof.call);
        let paths = calls.chain(proofs).map(|call| format!("{root}{}", call.path));
        let paths = paths.collect();
        Some(Known { base, paths })
    }

    /// Its base.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Its origin, as a policy lists it.
    pub fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// What an address in a script of this page is to it.
    pub fn kin(&self, page: &SeenPage, mention: &Mention) -> Kin {
        let api = Api {
            base: &self.base,
            paths: &self.paths,
        };
        api.kin(page, mention)
    }

    /// Whether a script of this page names it.
    pub fn is_named_by(&self, page: &SeenPage) -> bool {
        page.mentions
            .iter()
            .any(|mention| self.kin(page, mention) == Kin::This)
    }
}

/// The pages that were read and run scripts, or why there is none to judge.
pub fn pages<'v>(view: &View<'v>) -> Result<Vec<&'v SeenPage>, Judgement> {
    if view.pages.is_empty() {
        let why = "no web page was read: `diagnose` reads that of --origin, and `page` under [[client]] has others read it";
        return Err(Judgement::NotApplicable(why.to_owned()));
    }
    let read: Vec<&SeenPage> = view.pages.iter().filter(|page| page.unread.is_none()).collect();
    if let Some(page) = view.pages.first().filter(|_| read.is_empty()) {
        let why = page.unread.as_deref().unwrap_or_default();
        let (url, why) = (clean(&page.url, SHOWN), clean(why, SHOWN));
        return Err(Judgement::skipped(
            format!("the page at {url} was not read: {why}"),
            None,
        ));
    }
    let running: Vec<&SeenPage> = read
        .into_iter()
        .filter(|page| !page.scripts.is_empty() || !page.left_out.is_empty())
        .collect();
    if running.is_empty() {
        let why = "the page runs no script, so it calls no API";
        return Err(Judgement::NotApplicable(why.to_owned()));
    }
    Ok(running)
}

/// What a page calls, as far as is known: the calls of its client, else any call.
pub fn calls(view: &View<'_>, page: &SeenPage, known: &Known) -> Vec<Url> {
    let base = view.target.base.trim_end_matches('/');
    let of_page = view
        .target
        .clients
        .iter()
        .filter(|client| client.origin == page.client);
    let paths = of_page
        .flat_map(|client| &client.calls)
        .map(|made| made.call.path.as_str());
    let named = paths
        .take(MOST_CALLS)
        .filter_map(|path| Url::parse(&format!("{base}{path}")).ok());
    let named: Vec<Url> = named.collect();
    if !named.is_empty() {
        return named;
    }
    let any = Url::parse(&format!("{base}/")).ok();
    vec![any.unwrap_or_else(|| known.base.clone())]
}

/// The judgement on pages: whatever was asked of the service is a call that one of them may make.
pub fn judged(view: &View<'_>, findings: Vec<Finding>) -> Judgement {
    Judgement::Judged {
        exchanges: view.exchanges.iter().map(|exchange| exchange.id).collect(),
        findings,
        unseen: Vec::new(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::check::Check;
    use crate::check::testing::{answered, target};
    use crate::model::probe::Probe;
    use crate::model::target::Target;

    /// The target of these tests: the API of `https://app.example`, on a host of its own.
    pub(crate) fn api() -> Target {
        Target {
            base: "https://api.example/api/v3".into(),
            ..target()
        }
    }

    /// What a check makes of these pages.
    pub(crate) fn judgement(check: &dyn Check, target: &Target, pages: &[SeenPage]) -> Judgement {
        let seen = [answered(1, &Probe::get("/health").build(), 200, &[], "{}")];
        check.judge(&View::new(target, None, &seen, &[]).of_pages(pages))
    }

    /// What it finds in them.
    pub(crate) fn found(check: &dyn Check, target: &Target, pages: &[SeenPage]) -> Vec<Finding> {
        match judgement(check, target, pages) {
            Judgement::Judged { findings, .. } => findings,
            Judgement::NotApplicable(_) | Judgement::Unable(_) => Vec::new(),
        }
    }

    #[test]
    fn a_page_that_was_not_read_is_no_failure_of_the_api_and_no_pass() {
        let mut unread = crate::page::testing::page();
        unread.unread = Some("nothing listens there".into());
        for check in [
            &policy_allows_api::PolicyAllowsApi as &dyn Check,
            &no_mixed_content::NoMixedContent,
            &calls_this_api::CallsThisApi,
            &microphone_allowed::MicrophoneAllowed,
        ] {
            assert!(matches!(
                judgement(check, &api(), &[]),
                Judgement::NotApplicable(_)
            ));
            let judged = judgement(check, &api(), std::slice::from_ref(&unread));
            let Judgement::Unable(unseen) = judged else {
                panic!("{judged:?}")
            };
            assert!(unseen.on_purpose && unseen.reason.contains("nothing listens there"));
            let mut bare = crate::page::testing::page();
            bare.scripts.clear();
            assert!(matches!(
                judgement(check, &api(), &[bare]),
                Judgement::NotApplicable(_)
            ));
        }
    }
}
