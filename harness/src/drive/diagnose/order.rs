//! Which checks a diagnosis asks, and in which order: from the ground up, and what the symptom points at first.

use crate::model::probe::{Ask, Body, Effect};

/// What brought somebody here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symptom {
    /// The browser says "CORS error".
    Cors,
    /// Answers are 5xx.
    ServerError,
    /// Answers are 401.
    Unauthorized,
    /// Answers take long.
    Slow,
    /// Uploads fail.
    Upload,
}

impl Symptom {
    /// What the ids of the checks begin with that it points at, the most telling first. A crash that nobody reproduced yet may be
    /// seen at a public route, and those are read as a page reads them.
    fn points_at(self) -> &'static [&'static str] {
        match self {
            Symptom::Cors => &["cors/", "errors/"],
            Symptom::ServerError => &["cors/headers-exposed", "errors/", "journey/", "health/"],
            Symptom::Unauthorized => &["auth/"],
            Symptom::Slow => &["health/quick", "rollout/", "health/"],
            Symptom::Upload => &["journey/", "transcription/", "errors/"],
        }
    }
}

/// The checks, most telling first: is anything there, is it up, which build is it, what does it promise, may a browser read
/// it, whom does it let in, does it do its work; then what changes from one answer to the next.
pub const CHECKS: &[&str] = &[
    "reach/answers",
    "reach/http2-works",
    "reach/resolvers-agree",
    "reach/every-address-answers",
    "health/healthy",
    "health/ready",
    "health/ai-healthy",
    "health/fresh",
    "health/quick",
    "version/expected",
    "version/identified",
    "tls/certificate-lasts",
    "tls/only-tls",
    "tls/old-versions-refused",
    "contract/served",
    "contract/prefix-kept",
    "page/calls-this-api",
    "page/no-mixed-content",
    "page/policy-allows-api",
    "page/microphone-allowed",
    "cors/preflight-allowed",
    "cors/headers-exposed",
    "auth/missing-credential-refused",
    "auth/good-credential-accepted",
    "auth/spoilt-credential-refused",
    SPEECH,
    "journey/proofs",
    "journey/writes-cleaned-up",
    "contract/good-requests-accepted",
    "contract/served-is-pinned",
    "errors/unknown-route-is-404",
    "cors/errors-do-not-echo",
    "cors/origin-crashes-nothing",
    "cors/vary-on-origin",
    "health/truthful",
    "health/consistent",
    "cors/cached-for-each-origin",
    "cors/foreign-origins-refused",
    "rollout/one-build",
];

/// The check whose call is a recording: a user's own, where uploads are what fails, and else dearer than a text.
pub const SPEECH: &str = "journey/speech-is-transcribed";

/// Whether a diagnosis asks this check, with what brought somebody here.
pub fn asks(id: &str, symptom: Option<Symptom>) -> bool {
    CHECKS.contains(&id) && (id != SPEECH || symptom == Some(Symptom::Upload))
}

/// The place of an ask in the order: the ground first, then what the symptom points at. What may cost or write comes last, and
/// so decides nothing that a read could decide.
pub fn rank(asker: &str, ask: &Ask, symptom: Option<Symptom>) -> (bool, usize, usize, bool) {
    let ground = asker.starts_with("reach/") || asker == crate::drive::diagnose::ASKER;
    let pointed = symptom.and_then(|symptom| {
        let mut points = symptom.points_at().iter();
        points.position(|start| asker.starts_with(start))
    });
    let group = match (ground, pointed) {
        (true, _) => 0,
        (false, Some(place)) => 1 + place,
        (false, None) => usize::MAX,
    };
    let place = CHECKS.iter().position(|id| *id == asker).unwrap_or(0);
    (has_effect(ask), group, place, !as_recorded(ask))
}

/// Containers that browsers record into.
const RECORDED: &[&str] = &[".webm", ".ogg", ".mp4", ".m4a"];

/// Whether it carries a sample as a browser records it: one call is made, and it should be the users'.
fn as_recorded(ask: &Ask) -> bool {
    let probes = ask.probes();
    let mut inserts = probes.iter().filter_map(|probe| match &probe.body {
        Body::Json { inserts, .. } => Some(inserts),
        _ => None,
    });
    inserts.any(|inserts| {
        let mut names = inserts.iter().map(|insert| insert.sample.to_ascii_lowercase());
        names.any(|name| RECORDED.iter().any(|end| name.ends_with(end)))
    })
}

/// Whether it may cost or write.
pub fn has_effect(ask: &Ask) -> bool {
    ask.probes().iter().any(|probe| probe.effect > Effect::Inert)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks::read;
    use crate::checks::registry::{CHECKS as ALL, RULES};
    use crate::model::probe::{Nature, Probe};

    #[test]
    fn every_check_of_the_order_exists() {
        let known = ALL
            .iter()
            .map(|check| check.spec().id)
            .chain(RULES.iter().map(|rule| rule.spec().id));
        let known: Vec<&str> = known.collect();
        for id in CHECKS {
            assert!(known.contains(id), "{id}");
        }
    }

    /// The checks in the order in which they are asked, without those of the ground.
    fn order(symptom: Option<Symptom>) -> Vec<&'static str> {
        let asked = CHECKS.iter().copied().filter(|id| asks(id, symptom));
        let mut order: Vec<&str> = asked.filter(|id| !id.starts_with("reach/")).collect();
        order.sort_by_key(|id| rank(id, &Ask::One(read("/x")), symptom));
        order
    }

    #[test]
    fn each_symptom_has_an_order_of_its_own() {
        let told = order(None);
        assert_eq!(told[0], "health/healthy");
        for (symptom, first) in [
            (
                Symptom::Cors,
                &["cors/preflight-allowed", "cors/headers-exposed"][..],
            ),
            (
                Symptom::ServerError,
                &[
                    "cors/headers-exposed",
                    "errors/unknown-route-is-404",
                    "journey/proofs",
                ],
            ),
            (
                Symptom::Unauthorized,
                &["auth/missing-credential-refused", "auth/good-credential-accepted"],
            ),
            (
                Symptom::Slow,
                &["health/quick", "rollout/one-build", "health/healthy"],
            ),
            (Symptom::Upload, &[SPEECH, "journey/proofs"]),
        ] {
            let order = order(Some(symptom));
            assert_eq!(&order[..first.len()], first, "{symptom:?}");
            // Nothing is left out for it, and nothing else goes before another than it did.
            assert!(told.iter().all(|id| order.contains(id)), "{symptom:?}");
            let points = |id: &&str| symptom.points_at().iter().any(|start| id.starts_with(start));
            let rest: Vec<&str> = order.into_iter().filter(|id| !points(id)).collect();
            let as_told: Vec<&str> = told.iter().copied().filter(|id| !points(id)).collect();
            assert_eq!(rest, as_told, "{symptom:?}");
        }
    }

    #[test]
    fn the_ground_comes_first_then_what_the_symptom_points_at_and_what_costs_last() {
        let ask = |route: &str| Ask::One(read(route));
        let paid = Ask::One(Probe::request("POST", "/x").nature(Some(Nature::Paid)).build());
        let symptom = Some(Symptom::Cors);
        let mut asked = [
            ("reach/answers", paid),
            ("journey/proofs", ask("/me")),
            ("health/healthy", ask("/health")),
            ("cors/vary-on-origin", ask("/a")),
            ("reach/answers", ask("/b")),
        ];
        asked.sort_by_key(|(asker, ask)| rank(asker, ask, symptom));
        let order: Vec<&str> = asked.iter().map(|(asker, _)| *asker).collect();
        let wanted = [
            "reach/answers",
            "cors/vary-on-origin",
            "health/healthy",
            "journey/proofs",
            "reach/answers",
        ];
        assert_eq!(order, wanted);
    }
}
