//! A guard that asks who somebody is, and not whose the thing is: the next number in the address is somebody else's.

use crate::check::Check;
use crate::check::asks;
use crate::check::created::{is_success, place, read_back, writes};
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Mutation, Probe, Who};
use crate::model::target::Proof;

/// The check.
pub struct ObjectsGuarded;

static SPEC: Spec = Spec {
    id: "auth/objects-guarded",
    layer: Layer::Auth,
    title: "What one user created, another cannot read",
    severity: Severity::Blocker,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "The most frequent hole of APIs (OWASP API1:2023): every caller is asked who they are, and nobody is asked whose \
                  the thing is, so whoever counts through the ids reads everybody's. What a good call created is read with the \
                  credential of a second user, whom the profile names and to whom nothing of it belongs. 403 and 404 are both \
                  right.",
    hint: "Look things up by id and owner together, in one query, and answer 404 when there is none.",
};

/// The read of what this good call created, by its author and by the second user.
fn reads(view: &View<'_>, proof: &Proof) -> Option<(Probe, Probe)> {
    let other = view.target.auth.as_ref()?.other()?;
    let (_, reply) = view.answer(&asks::proof(view.target, proof))?;
    let path = is_success(reply).then(|| place(view, proof, reply))??;
    let own = read_back(view, proof, &path);
    let who = Some(Who {
        secret: other.name.clone(),
        mutation: Mutation::AsIs,
    });
    let stranger = Probe { who, ..own.clone() };
    Some((own, stranger))
}

impl Check for ObjectsGuarded {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let protected = writes(view).into_iter().filter(|proof| proof.protected);
        let reads = protected.filter_map(|proof| reads(view, proof));
        reads
            .map(|(own, stranger)| Ask::Seq(vec![own, stranger]))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let protected: Vec<&Proof> = writes(view).into_iter().filter(|proof| proof.protected).collect();
        if protected.is_empty() {
            return Judgement::NotApplicable("no good call creates anything of its author's own here".into());
        }
        if view
            .target
            .auth
            .as_ref()
            .is_none_or(|auth| auth.other().is_none())
        {
            return Judgement::skipped(
                "no second user is known, to whom nothing of the first belongs",
                Some("other_env under [auth] of the profile"),
            );
        }
        let mut tally = Tally::new(view);
        for proof in protected {
            let Some((own, stranger)) = reads(view, proof) else {
                tally.missing(
                    format!("nothing that {} created can be read back", proof.call),
                    None,
                );
                continue;
            };
            let Some((_, own)) = tally.answer(&own) else {
                continue;
            };
            let Some((exchange, seen)) = tally.answer(&stranger) else {
                continue;
            };
            let read = exchange.probe.operation();
            if seen.status == 401 {
                tally.missing(format!("{read} does not know the second user (HTTP 401)"), None);
            }
            if !is_success(own) || !is_success(seen) {
                continue;
            }
            let found = SPEC
                .finds(
                    &read,
                    format!("{read} shows a second user what the first one created"),
                )
                .expected("HTTP 403 or 404")
                .actual(format!("HTTP {}", seen.status));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, creating};
    use crate::contract::load::Contract;
    use crate::model::probe::SecretName;
    use crate::model::target::{CredentialFacts, OTHER, Target};

    const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {'/summaries/{id}': {get: {parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {'200': {description: ''}}}}}";

    fn with_other() -> Target {
        let mut target = creating();
        target.auth.as_mut().unwrap().credentials.push(CredentialFacts {
            name: SecretName(OTHER.into()),
            expired: false,
            jwt: true,
            from: "environment variable OTHER_TOKEN".into(),
        });
        target
    }

    fn judged(target: &Target, own: u16, stranger: u16) -> Judgement {
        let contract = Contract::parse(DOCUMENT, "pinned.yaml").unwrap();
        let proof = asks::proof(target, &target.proofs[0]);
        let mut seen = vec![answered(1, &proof, 201, &[], r#"{"id":"s1"}"#)];
        let probes = reads(&View::new(target, Some(&contract), &seen, &[]), &target.proofs[0]);
        if let Some((first, second)) = probes {
            seen.push(answered(2, &first, own, &[], "{}"));
            seen.push(answered(3, &second, stranger, &[], "{}"));
        }
        ObjectsGuarded.judge(&View::new(target, Some(&contract), &seen, &[]))
    }

    fn many(own: u16, stranger: u16) -> usize {
        match judged(&with_other(), own, stranger) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_stranger_who_reads_it_is_found() {
        assert_eq!(many(200, 200), 1);
    }

    #[test]
    fn spares_a_refusal_and_what_nobody_can_read() {
        assert_eq!(many(200, 403), 0);
        assert_eq!(many(200, 404), 0);
        assert_eq!(many(404, 404), 0);
    }

    #[test]
    fn without_a_second_user_it_is_left_out_aloud() {
        assert!(matches!(judged(&creating(), 200, 200), Judgement::Unable(unseen) if unseen.on_purpose));
    }

    #[test]
    fn the_second_user_is_never_taken_for_the_first() {
        let mut target = with_other();
        let auth = target.auth.as_mut().unwrap();
        assert_eq!(auth.good().unwrap().name.0, "good");
        auth.credentials.remove(0);
        assert!(auth.good().is_none());
    }
}
