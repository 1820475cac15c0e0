//! HSTS keeps browsers from ever trying without TLS, where somebody could be in between.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::checks::reach::answers::Answers;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct Hsts;

static SPEC: Spec = Spec {
    id: "tls/hsts",
    layer: Layer::Tls,
    title: "Browsers are told to stay with TLS",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Without Strict-Transport-Security a browser may still try http:// when a link or a typed address says so, \
                  and whoever sits in between can answer. With it, it never does again for max-age seconds (RFC 6797 §5.1).",
    hint: "Send Strict-Transport-Security: max-age=31536000 on every answer over TLS, and on none without.",
};

impl Check for Hsts {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        vec![Ask::One(Answers::probe(view.target))]
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if !view.target.speaks_tls() {
            return Judgement::NotApplicable("there is no TLS".to_owned());
        }
        let mut tally = Tally::new(view);
        if let Some((exchange, reply)) = tally.answer(&Answers::probe(view.target)) {
            let value = reply.header("strict-transport-security");
            if value.as_deref().and_then(max_age).unwrap_or_default() == 0 {
                let finding = SPEC
                    .finds(
                        "Strict-Transport-Security",
                        "Browsers are not told to stay with TLS",
                    )
                    .expected("Strict-Transport-Security with a max-age")
                    .actual(value.map_or_else(|| "no such header".to_owned(), |value| clean(&value, 100)));
                tally.find(finding.shown_by([exchange]));
            }
        }
        tally.done()
    }
}

/// The seconds of `max-age` (RFC 6797 §6.1.1).
fn max_age(value: &str) -> Option<u64> {
    value.split(';').find_map(|directive| {
        let (name, seconds) = directive.split_once('=')?;
        let is_age = name.trim().eq_ignore_ascii_case("max-age");
        is_age
            .then(|| seconds.trim().trim_matches('"').parse().ok())
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;

    #[test]
    fn a_missing_or_empty_promise_is_found_and_a_real_one_is_not() {
        let mut target = target();
        target.base = "https://notes.example".into();
        let found = |headers: &[(&str, &str)]| {
            let seen = [answered(1, &Answers::probe(&target), 200, headers, "ok")];
            findings(&Hsts, &target, &seen).len()
        };
        let name = "strict-transport-security";
        assert_eq!((found(&[]), found(&[(name, "max-age=0")])), (1, 1));
        assert_eq!(found(&[(name, "includeSubDomains; Max-Age=\"600\"")]), 0);
    }
}
