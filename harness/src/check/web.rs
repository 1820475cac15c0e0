//! What checks and causes of web pages have in common: which pages were read, the API as they may name it, and what they call.

use url::Url;

use crate::check::judgement::Judgement;
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::finding::Finding;
use crate::model::page::{Mention, SeenPage};
use crate::page::kin::{Api, Kin, is_chosen};

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

/// The pages that were read and run scripts, and the API as they may name it; or why there is nothing to judge.
pub fn pages_of_api<'v>(view: &View<'v>) -> Result<(Vec<&'v SeenPage>, Known), Judgement> {
    let pages = pages(view)?;
    let known = Known::of(view).ok_or_else(|| Judgement::NotApplicable("the API has no URL".to_owned()))?;
    Ok((pages, known))
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

/// The address that a page calls in the place of this API, the surest first.
pub fn another<'p>(page: &'p SeenPage, known: &Known) -> Option<&'p Mention> {
    if known.is_named_by(page) {
        return None;
    }
    let others = page
        .mentions
        .iter()
        .map(|mention| (known.kin(page, mention), mention));
    let others = others.filter(|(kin, _)| kin.is_another());
    let surest = others.max_by_key(|(kin, mention)| (!is_chosen(mention), *kin));
    surest.map(|(_, mention)| mention)
}
