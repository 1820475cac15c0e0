//! A validator that does not follow the content makes clients keep what is no longer so.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::capture::End;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::{Ask, Body, Probe};

/// The check.
pub struct ValidatorsFollowContent;

static SPEC: Spec = Spec {
    id: "caching/validators-follow-content",
    layer: Layer::Http,
    title: "An ETag changes when the content does",
    severity: Severity::Major,
    suites: &[Suite::Contract, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A client that holds a strong ETag takes 304, or a part of a file, as proof that its copy is byte for byte \
                  what the server has (RFC 9110 §8.8.3, §13.1.2). An ETag that is made from the build, or once for all \
                  users, keeps old or foreign content in place with a healthy status.",
    hint: "Make the ETag from the bytes that are sent, or send none.",
};

/// A validator that no server has ever issued.
const NEVER: &str = "\"greenlight-no-such-version\"";

impl Check for ValidatorsFollowContent {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        asked(view).map_or_else(Vec::new, |probes| probes.into_iter().map(Ask::One).collect())
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let tagged: Vec<(&Exchange, &Reply, String)> = view.answers().filter_map(tagged).collect();
        if tagged.is_empty() {
            return Judgement::NotApplicable("no answer to a read carries an ETag".into());
        }
        let mut tally = Tally::new(view);
        for (at, (exchange, reply, tag)) in tagged.iter().enumerate() {
            tally.judged(exchange);
            let earlier = tagged.iter().take(at);
            let other = earlier.into_iter().find(|(before, old, old_tag)| {
                before.probe.path == exchange.probe.path && old_tag == tag && differ(old, reply)
            });
            if let Some((before, ..)) = other {
                tally.find(same(before, exchange, tag));
            }
        }
        let probe = asked(view).and_then(|probes| probes.into_iter().next());
        if let Some((exchange, reply)) = probe.and_then(|probe| tally.answer(&probe))
            && reply.status == 304
        {
            tally.find(unknown(exchange));
        }
        tally.done()
    }
}

/// A whole answer to a plain read, with its ETag.
fn tagged<'v>((exchange, reply): (&'v Exchange, &'v Reply)) -> Option<(&'v Exchange, &'v Reply, String)> {
    let plain = exchange.probe.method == "GET" && exchange.probe.body == Body::Empty && reply.status == 200;
    let whole = reply.body.end == End::Complete;
    let tag = reply.header("etag").filter(|_| plain && whole)?;
    Some((exchange, reply, tag))
}

/// A weak ETag says that two contents mean the same, and a coded body has other bytes (RFC 9110 §8.8.1, §8.8.3.3).
fn differ(old: &Reply, new: &Reply) -> bool {
    let strong = new.header("etag").is_some_and(|tag| !tag.starts_with("W/"));
    strong && old.body.bytes != new.body.bytes && old.body.undone == new.body.undone
}

/// The first tagged read again: with a validator that was never issued, then with its own.
fn asked(view: &View<'_>) -> Option<[Probe; 2]> {
    let mut plain = view
        .answers()
        .filter_map(tagged)
        .filter(|(exchange, ..)| exchange.probe.headers.is_empty() && exchange.probe.who.is_none());
    let (exchange, _, tag) = plain.next()?;
    let again = |tag: &str| {
        Probe::get(exchange.probe.path_text())
            .header("if-none-match", tag)
            .build()
    };
    Some([again(NEVER), again(&tag)])
}

fn same(before: &Exchange, exchange: &Exchange, tag: &str) -> Finding {
    let operation = exchange.probe.operation();
    let title = format!("{operation} gives different contents the same ETag");
    SPEC.finds(&operation, title)
        .expected("another ETag for other bytes")
        .actual(format!("ETag {} on both", clean(tag, 60)))
        .shown_by([before, exchange])
}

fn unknown(exchange: &Exchange) -> Finding {
    let operation = exchange.probe.operation();
    let title = format!("{operation} says \"not modified\" of a version that it never had");
    SPEC.finds(format!("{operation} conditional"), title)
        .expected("HTTP 200 with the content")
        .actual("HTTP 304")
        .shown_by([exchange])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::check::trial::{findings, judgement};
    use crate::model::capture::Captured;
    use crate::model::exchange::Outcome;

    fn read(id: u32, tag: &str, body: &str) -> Exchange {
        answered(
            id,
            &asks::read("/health").repeat(u16::try_from(id).unwrap()),
            200,
            &[("etag", tag)],
            body,
        )
    }

    #[test]
    fn one_strong_tag_on_two_contents_is_found() {
        let seen = [read(1, "\"a\"", "1"), read(2, "\"a\"", "2")];
        assert_eq!(findings(&ValidatorsFollowContent, &target(), &seen).len(), 1);
    }

    #[test]
    fn a_304_to_a_version_that_never_was_is_found() {
        let conditional = Probe::get("/health").header("if-none-match", NEVER).build();
        let seen = [read(1, "\"a\"", "1"), answered(2, &conditional, 304, &[], "")];
        assert_eq!(findings(&ValidatorsFollowContent, &target(), &seen).len(), 1);
    }

    #[test]
    fn spares_weak_tags_and_tags_that_follow() {
        let weak = [read(1, "W/\"a\"", "1"), read(2, "W/\"a\"", "2")];
        assert_eq!(findings(&ValidatorsFollowContent, &target(), &weak), []);
        let strong = [
            read(1, "\"a\"", "1"),
            read(2, "\"b\"", "2"),
            read(3, "\"a\"", "1"),
        ];
        assert_eq!(findings(&ValidatorsFollowContent, &target(), &strong), []);
        let elsewhere = answered(2, &asks::read("/other"), 200, &[("etag", "\"a\"")], "2");
        let paths = [read(1, "\"a\"", "1"), elsewhere];
        assert_eq!(findings(&ValidatorsFollowContent, &target(), &paths), []);
        let none = [answered(1, &asks::read("/health"), 200, &[], "")];
        assert!(matches!(
            judgement(&ValidatorsFollowContent, &target(), &none),
            Judgement::NotApplicable(_)
        ));
    }

    #[test]
    fn spares_bodies_that_were_coded_or_cut() {
        let changed = |change: fn(&mut Captured)| {
            let mut seen = [read(1, "\"a\"", "1"), read(2, "\"a\"", "1 and more")];
            if let Outcome::Answered(reply) = &mut seen[1].reply {
                change(&mut reply.body);
            }
            findings(&ValidatorsFollowContent, &target(), &seen).len()
        };
        assert_eq!(changed(|_| ()), 1);
        assert_eq!(changed(|body| body.undone = vec!["gzip".into()]), 0);
        assert_eq!(changed(|body| body.end = End::Cut), 0);
    }
}
