//! A role that nobody looks at: whoever has any token may do anything, and a missing role is taken for the strongest.

use crate::check::Check;
use crate::check::asks;
use crate::check::created::is_success;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Mutation, Nature, Probe, Who};
use crate::model::target::{CredentialFacts, Proof, Target};

/// The check.
pub struct ReadersCannotWrite;

static SPEC: Spec = Spec {
    id: "auth/readers-cannot-write",
    layer: Layer::Auth,
    title: "Who may only read cannot write",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A guard that asks who somebody is and not what they may do lets every viewer save and delete (OWASP \
                  API5:2023); a token without a role that is taken for an editor's does the same. The profile names the \
                  credential of a user who may only read. With it a protected read must work, so that the user is known, and \
                  every good call that writes must be refused with 403 or 404.",
    hint: "Ask for the role on every route that writes, on the server, and treat a missing role as none.",
};

/// The call of a proof with the reader's credential.
fn as_reader(target: &Target, reader: &CredentialFacts, proof: &Proof) -> Option<Probe> {
    let who = Who {
        secret: reader.name.clone(),
        mutation: Mutation::AsIs,
    };
    asks::acceptable(target, &proof.call, Some(who))
}

/// The calls of one nature that need a credential, as the reader makes them.
fn calls(target: &Target, nature: Nature) -> Vec<Probe> {
    let reader = target.auth.as_ref().and_then(|auth| auth.reader());
    let proofs = target
        .proofs
        .iter()
        .filter(|proof| proof.protected && proof.nature == nature);
    reader
        .into_iter()
        .flat_map(|reader| {
            proofs
                .clone()
                .filter_map(|proof| as_reader(target, reader, proof))
        })
        .collect()
}

impl Check for ReadersCannotWrite {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let read = calls(view.target, Nature::Read).into_iter().take(1);
        read.chain(calls(view.target, Nature::Write))
            .map(Ask::One)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let target = view.target;
        if !target
            .proofs
            .iter()
            .any(|proof| proof.protected && proof.nature == Nature::Write)
        {
            return Judgement::NotApplicable(
                "no good call that needs a credential writes anything here".into(),
            );
        }
        if target.auth.as_ref().is_none_or(|auth| auth.reader().is_none()) {
            return Judgement::skipped(
                "no user is known who may only read",
                Some("reader_env under [auth] of the profile"),
            );
        }
        let mut tally = Tally::new(view);
        if let Some(read) = calls(target, Nature::Read).first()
            && let Some((exchange, reply)) = tally.answer(read)
            && !is_success(reply)
        {
            let operation = exchange.probe.operation();
            tally.unknown(
                format!("{operation} does not know the reader (HTTP {})", reply.status),
                None,
            );
        }
        for write in calls(target, Nature::Write) {
            let Some((exchange, reply)) = tally.answer(&write) else {
                continue;
            };
            let operation = write.operation();
            match reply.status {
                401 => tally.unknown(format!("{operation} does not know the reader (HTTP 401)"), None),
                400 | 422 => {
                    tally.unknown(
                        format!(
                            "{operation} looks at the input before the role (HTTP {})",
                            reply.status
                        ),
                        None,
                    );
                }
                _ if is_success(reply) => {
                    let found = SPEC
                        .finds(
                            &operation,
                            format!("{operation} is done for a user who may only read"),
                        )
                        .expected("HTTP 403 or 404")
                        .actual(format!("HTTP {}", reply.status));
                    tally.find(found.shown_by([exchange]));
                }
                _ => {}
            }
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::judgement;
    use crate::model::probe::{Body, Effect, SecretName};
    use crate::model::target::{Call, READER};

    /// A target with a protected read and a protected write, and a reader.
    fn shared() -> Target {
        let mut target = target();
        target.proofs[0].nature = Nature::Write;
        let mut read = target.proofs[0].clone();
        read.call = Call {
            method: "GET".into(),
            path: "/me".into(),
        };
        (read.body, read.nature) = (Body::Empty, Nature::Read);
        target.proofs.push(read);
        let auth = target.auth.as_mut().unwrap();
        let reader = CredentialFacts {
            name: SecretName(READER.into()),
            ..auth.credentials[0].clone()
        };
        auth.credentials.push(reader);
        target
    }

    fn judged(read: u16, write: u16) -> Judgement {
        let target = shared();
        let seen = [
            answered(1, &calls(&target, Nature::Read)[0], read, &[], "{}"),
            answered(2, &calls(&target, Nature::Write)[0], write, &[], "{}"),
        ];
        judgement(&ReadersCannotWrite, &target, &seen)
    }

    fn found(judgement: Judgement) -> (usize, usize) {
        match judgement {
            Judgement::Judged { findings, unseen, .. } => (findings.len(), unseen.len()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_reader_who_writes_is_found() {
        assert_eq!(found(judged(200, 201)), (1, 0));
    }

    #[test]
    fn spares_a_refusal_and_says_when_the_reader_is_not_known_or_the_input_comes_first() {
        assert_eq!(found(judged(200, 403)), (0, 0));
        assert_eq!(found(judged(200, 404)), (0, 0));
        assert_eq!(found(judged(401, 401)), (0, 2));
        assert_eq!(found(judged(200, 422)), (0, 1));
    }

    #[test]
    fn a_write_of_the_reader_is_a_write_and_the_reader_is_not_the_good_one() {
        let target = shared();
        assert_eq!(calls(&target, Nature::Write)[0].effect, Effect::Writes);
        assert_eq!(target.auth.as_ref().unwrap().good().unwrap().name.0, "good");
    }

    #[test]
    fn without_a_reader_or_a_write_it_says_so() {
        let mut nobody = shared();
        nobody
            .auth
            .as_mut()
            .unwrap()
            .credentials
            .retain(|one| one.name.0 != READER);
        assert!(matches!(
            judgement(&ReadersCannotWrite, &nobody, &[]),
            Judgement::Unable(unseen) if unseen.on_purpose && unseen.flag.is_some()
        ));
        assert!(matches!(
            judgement(&ReadersCannotWrite, &target(), &[]),
            Judgement::NotApplicable(_)
        ));
    }
}
