//! What keeps two recordings from being compared as equals.

use url::Url;

use crate::cors::lookalike::is_local;
use crate::cors::origin::origin_of;
use crate::model::recording::Recording;
use crate::model::target::Target;

/// What is not alike, one plain sentence each.
pub(super) fn unlike(before: &Recording, after: &Recording) -> Vec<String> {
    let (old, new) = (&before.target, &after.target);
    let mut unlike = Vec::new();
    if place(old) != place(new) {
        unlike.push(format!("another target: {} before, {} now", old.base, new.base));
    }
    if old.environment != new.environment {
        unlike.push(format!(
            "another environment: {} before, {} now",
            old.environment.name(),
            new.environment.name()
        ));
    }
    if selection(before) != selection(after) {
        unlike.push(format!(
            "another selection of checks: {} before, {} now",
            selected(before),
            selected(after)
        ));
    }
    for (recording, which) in [(before, "the earlier"), (after, "the later")] {
        let unsettled = recording
            .rollout
            .as_ref()
            .is_some_and(|rollout| !rollout.is_settled());
        if recording.interrupted {
            unlike.push(format!("{which} run was stopped before it was done"));
        } else if unsettled {
            unlike.push(format!("{which} run checked nothing: the deploy was not through"));
        }
    }
    unlike
}

/// Where a target is. A service on this machine has another port each time that it is started.
fn place(target: &Target) -> String {
    let Ok(mut url) = Url::parse(&target.base) else {
        return target.base.clone();
    };
    if is_local(&origin_of(&url)) {
        let name = target.name.as_deref().unwrap_or_default();
        return format!("this machine, {name}, {}", url.path().trim_end_matches('/'));
    }
    url.set_query(None);
    url.set_fragment(None);
    url.as_str().trim_end_matches('/').to_owned()
}

fn selection(recording: &Recording) -> (Vec<&String>, bool) {
    let mut suites: Vec<&String> = recording.suites.iter().collect();
    suites.sort_unstable();
    (suites, recording.diagnosis.is_some())
}

fn selected(recording: &Recording) -> String {
    match (recording.diagnosis.is_some(), recording.suites.as_slice()) {
        (true, _) => "those of a diagnosis".to_owned(),
        (false, []) => "all".to_owned(),
        (false, suites) => suites.join(", "),
    }
}
