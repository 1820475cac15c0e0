//! The web page that uses the API: whether a browser lets its calls out at all. What it refuses never reaches the service,
//! so nothing that is asked of the service shows it.

pub mod calls_this_api;
pub mod microphone_allowed;
pub mod no_mixed_content;
pub mod policy_allows_api;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::check::Check;
    use crate::check::judgement::Judgement;
    use crate::check::testing::{answered, target};
    use crate::check::view::View;
    use crate::model::finding::Finding;
    use crate::model::page::SeenPage;
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
