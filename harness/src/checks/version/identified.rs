//! Can anybody outside tell which build answers? Without that, no deploy can be verified at all.

use crate::check::Check;
use crate::check::build;
use crate::check::health;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct Identified;

static SPEC: Spec = Spec {
    id: "version/identified",
    layer: Layer::Version,
    title: "The build that answers can be told from outside",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "After the incident's fix the old build may well have gone on answering: nothing that was served named the \
                  build, so nobody could know. A commit in a header or a route lets a gate wait for the new build, and \
                  tells on call which code a failure is about.",
    hint: "Serve the commit, in a header such as x-app-version or on a route, and name the place under [service] version.",
};

impl Check for Identified {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let named = build::probe(view);
        health::probes(view)
            .into_iter()
            .chain(named)
            .map(Ask::One)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        let named = build::probe(view);
        let looked: Vec<_> = named
            .iter()
            .chain(health::probe(view).iter())
            .filter_map(|probe| tally.answer(probe))
            .collect();
        if let Some((exchange, _)) = looked.first()
            && build::named(view).is_none()
            && build::conventional(view).is_empty()
        {
            let place = view.target.routes.version.as_ref();
            let place = place.map(|place| format!("{} of {}, or ", place.pointer, place.route));
            let found = SPEC
                .finds("build", "Nothing that the service answers says which build it is")
                .expected(format!(
                    "a version or commit at {}a conventional header or member of health",
                    place.unwrap_or_default()
                ))
                .actual(format!("none in {}", exchange.probe.operation()));
            tally.find(found.shown_by(looked.iter().map(|(exchange, _)| *exchange)));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;
    use crate::model::finding::Finding;
    use crate::model::target::VersionPlace;

    fn found(headers: &[(&str, &str)], health: &str, info: Option<&str>) -> Vec<Finding> {
        let mut target = target();
        let mut seen = vec![answered(1, &asks::read("/health"), 200, headers, health)];
        if let Some(info) = info {
            target.routes.version = Some(VersionPlace {
                route: "/info".into(),
                pointer: "/commit".into(),
            });
            seen.push(answered(2, &asks::read("/info"), 200, &[], info));
        }
        findings(&Identified, &target, &seen)
    }

    #[test]
    fn a_build_that_nobody_can_name_is_found() {
        assert_eq!(found(&[], r#"{"status":"ok"}"#, None).len(), 1);
        assert_eq!(
            found(&[], r#"{"status":"ok"}"#, Some(r#"{"commit":null}"#)).len(),
            1
        );
        assert_eq!(found(&[], r#"{"version":"unknown"}"#, None).len(), 1);
    }

    #[test]
    fn spares_every_place_where_builds_are_told() {
        assert_eq!(found(&[("x-app-version", "1.4.0+abc1234")], "ok", None), []);
        assert_eq!(found(&[], r#"{"version":"3.0.0"}"#, None), []);
        assert_eq!(found(&[], "ok", Some(r#"{"commit":"abc1234"}"#)), []);
    }
}
