//! When nothing is wrong from here: what may be wrong all the same, the likeliest first, each with the command that would
//! tell. What was not asked is likelier than what was asked and answered well.

use crate::check::text::{clean, shell_word};
use crate::check::view::View;
use crate::model::diagnosis::Hypothesis;
use crate::model::exported::Exported;
use crate::model::page::SeenPage;
use crate::model::probe::{Effect, Nature};
use crate::model::target::Call;

/// Characters of an address or a reason that are shown.
const SHOWN: usize = 160;

/// What may be wrong, likeliest first. `command` is how this diagnosis was asked for, so that the next one can be.
pub fn hypotheses(view: &View<'_>, command: &str) -> Vec<Hypothesis> {
    let told = [
        unknown_origin(view, command),
        behind_the_door(view, command),
        unpaid(view, command),
        unworked(view, command),
        other_build(view, command),
        now_and_then(view),
        elsewhere(view),
        unread_page(view),
        in_the_browser(view),
    ];
    told.into_iter().flatten().collect()
}

/// What may be wrong although nothing in a browser's export is, the likeliest first, and the command that asks the service itself.
pub fn unseen(view: &View<'_>, browser: &Exported, command: &str) -> Vec<Hypothesis> {
    let told = browser.absent.iter().cloned();
    let over = "it may be over, fail now and then, or have failed before the export began: good answers exclude none of it";
    let over = view.answers().next().map(|_| over.to_owned());
    told.chain(over)
        .filter_map(|what| said(what, Some(command.to_owned())))
        .collect()
}

fn said(what: String, command: Option<String>) -> Option<Hypothesis> {
    Some(Hypothesis { what, command })
}

/// No browser was stood in for.
fn unknown_origin(view: &View<'_>, command: &str) -> Option<Hypothesis> {
    if !view.target.clients.is_empty() {
        return None;
    }
    let what = "a browser may be refused what was answered here: nobody said from which page it calls";
    said(what.to_owned(), Some(format!("{command} --origin https://…")))
}

/// The operations behind a credential never ran.
fn behind_the_door(view: &View<'_>, command: &str) -> Option<Hypothesis> {
    let auth = view.target.auth.as_ref()?;
    if auth.good().is_some() {
        return None;
    }
    let refused = |call: &Call| {
        view.answers().find(|(exchange, reply)| {
            matches!(reply.status, 401 | 403) && call.to_string() == exchange.probe.operation()
        })
    };
    let stopped = guarded(view).find_map(refused);
    let what = match stopped {
        Some((exchange, reply)) => format!(
            "every call with a credential may fail: {} stopped at {}, so its body never ran",
            exchange.probe.operation(),
            reply.status
        ),
        None => "every call with a credential may fail: none was given, so none was made".to_owned(),
    };
    said(what, Some(format!("{command} --token-prompt")))
}

fn guarded<'v>(view: &View<'v>) -> impl Iterator<Item = &'v Call> {
    let proofs = view.target.proofs.iter().filter(|proof| proof.protected);
    proofs.map(|proof| &proof.call).chain(&view.target.guarded)
}

/// What costs money was not asked.
fn unpaid(view: &View<'_>, command: &str) -> Option<Hypothesis> {
    let paid = view
        .target
        .proofs
        .iter()
        .find(|proof| proof.nature == Nature::Paid)?;
    let asked = view
        .exchanges
        .iter()
        .any(|exchange| exchange.probe.effect == Effect::Paid);
    if asked {
        return None;
    }
    if view.target.allow.contains(&Effect::Paid) {
        let refused = view.refused.iter();
        let mut reasons = refused.filter(|refusal| refusal.probe.effect == Effect::Paid);
        let why = reasons
            .next()
            .map_or("it was asked no further", |refusal| &refusal.reason);
        return said(
            format!("{} may fail at its work, which was not asked: {why}", paid.call),
            None,
        );
    }
    let what = format!(
        "{} may fail at its work: it costs money, and this run was not allowed to ask it",
        paid.call
    );
    said(what, Some(format!("{command} --allow paid")))
}

/// A guarded operation was never seen to work, since nobody asked about it.
fn unworked(view: &View<'_>, command: &str) -> Option<Hypothesis> {
    view.target.auth.as_ref()?.good()?;
    let worked = |call: &&Call| {
        view.answers()
            .any(|(exchange, reply)| reply.status < 300 && exchange.probe.operation() == call.to_string())
    };
    let open = view.target.guarded.iter().find(|call| !worked(call))?;
    if view.target.proofs.iter().any(|proof| proof.call == *open) {
        return None;
    }
    let what = format!(
        "{open} may fail at its work: it was not called with a body that it takes, since it may cost or write"
    );
    said(
        what,
        Some(format!(
            "{command} --request {} --allow paid",
            shell_word(&open.to_string())
        )),
    )
}

/// It may be another build that fails.
fn other_build(view: &View<'_>, command: &str) -> Option<Hypothesis> {
    if view.target.expect_version.is_some() {
        return None;
    }
    let what = "it may be another build than the one that you think of: nobody said which one must answer";
    said(what.to_owned(), Some(format!("{command} --expect-version SHA")))
}

/// It may fail sometimes only.
fn now_and_then(view: &View<'_>) -> Option<Hypothesis> {
    let answers = view.answers().count();
    let what = format!(
        "it may fail now and then: {answers} good answers do not exclude a rare failure, or one that is over"
    );
    said(what, None)
}

/// It may fail from another place only.
fn elsewhere(_view: &View<'_>) -> Option<Hypothesis> {
    let what = "it may fail from another network only: run the same command there, or through that proxy (HTTPS_PROXY)";
    said(what.to_owned(), None)
}

/// The page itself may refuse its calls, and it could not be read.
fn unread_page(view: &View<'_>) -> Option<Hypothesis> {
    let unread = |page: &&SeenPage| {
        let known = view
            .target
            .clients
            .iter()
            .any(|client| client.origin == page.client);
        known && page.unread.is_some()
    };
    let page = view.pages.iter().find(unread)?;
    let what = format!(
        "the page may refuse its own calls, by its content policy or as mixed content: {} was not read, since {}",
        clean(&page.url, SHOWN),
        clean(page.unread.as_deref().unwrap_or_default(), SHOWN)
    );
    said(what, None)
}

/// It may be the browser's own doing.
fn in_the_browser(view: &View<'_>) -> Option<Hypothesis> {
    if view.target.clients.is_empty() {
        return None;
    }
    let seen = !view.pages.is_empty() && view.pages.iter().all(|page| page.unread.is_none());
    let policy = if seen {
        ""
    } else {
        ", or the page's own content policy"
    };
    let what = format!(
        "it may be the browser's doing: an extension, a service worker, a preflight that it remembers{policy}; a private \
         window without extensions tells"
    );
    said(what, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks::inert;
    use crate::check::testing::{answered, call, target};
    use crate::model::target::Target;
    use crate::page::testing::page;

    fn first(target: &Target, seen: &[crate::model::exchange::Exchange]) -> Hypothesis {
        hypotheses(&View::new(target, None, seen, &[]), "greenlight diagnose URL").remove(0)
    }

    #[test]
    fn what_was_never_asked_is_likelier_than_what_answered() {
        let mut target = target();
        target.auth.as_mut().unwrap().credentials.clear();
        let seen = [answered(1, &inert(&target, &call(), None), 401, &[], "")];
        let told = first(&target, &seen);
        assert!(
            told.what
                .contains("POST /summaries stopped at 401, so its body never ran"),
            "{}",
            told.what
        );
        assert_eq!(
            told.command.as_deref(),
            Some("greenlight diagnose URL --token-prompt")
        );
        target.clients.clear();
        assert!(first(&target, &seen).what.contains("nobody said from which page"));
    }

    #[test]
    fn a_call_that_could_have_been_made_is_not_said_to_have_been_forbidden() {
        let mut target = target();
        target.allow = vec![Effect::Paid];
        let told = first(&target, &[]);
        assert_eq!(
            told.what,
            "POST /summaries may fail at its work, which was not asked: it was asked no further"
        );
        assert_eq!(told.command, None);
        target.allow.clear();
        let told = first(&target, &[]);
        assert!(told.what.contains("was not allowed to ask it"), "{}", told.what);
    }

    #[test]
    fn a_path_that_a_hostile_contract_names_runs_nothing_in_a_shell() {
        let mut target = target();
        target.proofs.clear();
        target.guarded = vec![Call {
            method: "POST".into(),
            path: "/x'; id; '".into(),
        }];
        let told = hypotheses(&View::new(&target, None, &[], &[]), "greenlight diagnose URL");
        let command = told.iter().find_map(|one| one.command.as_deref());
        let wanted = r"greenlight diagnose URL --request 'POST /x'\''; id; '\''' --allow paid";
        assert_eq!(command, Some(wanted));
    }

    #[test]
    fn a_page_that_was_not_read_is_told_of_and_one_that_was_is_not_suspected() {
        let target = target();
        let mut page = page();
        let told = |page: &SeenPage| {
            let pages = std::slice::from_ref(page);
            let view = View::new(&target, None, &[], &[]).of_pages(pages);
            let all = hypotheses(&view, "greenlight diagnose URL");
            all.into_iter().map(|one| one.what).collect::<Vec<_>>().join("\n")
        };
        let read = told(&page);
        assert!(
            !read.contains("was not read") && !read.contains("content policy"),
            "{read}"
        );
        page.unread = Some("it answers with 404".into());
        let unread = told(&page);
        let why = "https://app.example/record was not read, since it answers with 404";
        assert!(
            unread.contains(why) && unread.contains("or the page's own content policy"),
            "{unread}"
        );
    }

    #[test]
    fn with_everything_asked_what_is_left_is_time_place_and_browser() {
        let mut target = target();
        target.proofs.clear();
        target.expect_version = Some("abcdef0".into());
        let told = hypotheses(&View::new(&target, None, &[], &[]), "greenlight diagnose URL");
        let whats: Vec<&str> = told
            .iter()
            .map(|one| one.what.split(':').next().unwrap())
            .collect();
        assert_eq!(
            whats,
            [
                "it may fail now and then",
                "it may fail from another network only",
                "it may be the browser's doing"
            ]
        );
    }
}
