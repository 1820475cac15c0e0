//! The list is compared carelessly: by prefix, by suffix, by a pattern, without the scheme or the port.

use crate::check::asks::FOREIGN;
use crate::check::pages;
use crate::cors::lookalike::look_alikes;
use crate::cors::sentence::listed;
use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::development_origin_trusted::is_about_development;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Finding;

/// The cause.
pub struct LookAlikeTrusted;

impl Cause for LookAlikeTrusted {
    fn id(&self) -> &'static str {
        "look-alike-trusted"
    }

    fn about(&self) -> &'static str {
        "The list of origins is compared by prefix, suffix or pattern, so origins that only look like a listed one pass."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "Origins that share a beginning, an end or a part with a listed one and are allowed, while an unrelated one is refused.",
            likely: &[
                "startsWith, endsWith or includes on the origin",
                "A regular expression without anchors or with unescaped dots (allow_origin_regex, RegExp in cors)",
                "Only the host is compared, so that http and other ports pass",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut found: Vec<&Finding> = case
            .of("cors/foreign-origins-refused")
            .into_iter()
            .filter(|finding| finding.subject != FOREIGN && finding.subject != "null")
            .filter(|finding| !is_about_development(finding))
            .collect();
        found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let worst = found.first()?;
        let trusted = pages::abroad(case.view.target).next()?;
        let shows = look_alikes(&trusted.origin)
            .into_iter()
            .find(|(origin, _)| origin.0 == worst.subject)
            .map_or("it is on no list", |(_, why)| why);
        let origins: Vec<&str> = found.iter().map(|finding| finding.subject.as_str()).collect();
        let exchanges = browser::shown(case, &found);
        let mut evidence = vec![format!(
            "allowed besides {}: {}",
            trusted.origin,
            listed(&origins)
        )];
        evidence.extend(words::seen(&exchanges));
        let mut next_steps = vec![
            "Compare the whole origin with each entry for equality; anchor and escape a pattern where one is needed".to_owned(),
        ];
        next_steps.extend(
            exchanges
                .first()
                .and_then(|exchange| browser::curl(case, exchange)),
        );
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "Origins are compared carelessly: {} is allowed ({shows})",
                worst.subject
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: vec!["an echo of every origin: a foreign one is refused".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(found),
        })
    }
}
