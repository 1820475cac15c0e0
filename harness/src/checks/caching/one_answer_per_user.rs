//! A cache that does not look at who asks gives the second user what belongs to the first.

use crate::check::Check;
use crate::check::cached::sign;
use crate::check::created::is_success;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Conn, Mutation, Nature, Probe, SecretName};
use crate::model::target::{Proof, Target};

/// The check.
pub struct OneAnswerPerUser;

static SPEC: Spec = Spec {
    id: "caching/one-answer-per-user",
    layer: Layer::Http,
    title: "No cache gives one user what belongs to another",
    severity: Severity::Blocker,
    suites: &[Suite::Smoke, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A CDN that was told to ignore headers, or to keep everything, serves the first user's profile to whoever asks \
                  next (RFC 9111 §3.5). A protected read is made by the first user and then by the second, whom the profile \
                  names, and by the second once more past the cache: when that is another body than the cache gave, the cache's was \
                  the first one's. What is the same for all may come from a cache.",
    hint: "Let the cache bypass whatever carries a credential, answer such reads `private, no-store`, and empty the cache now.",
};

/// A protected read: by the first user, by the second, and by the second past what a cache holds.
struct Reads<'v> {
    proof: &'v Proof,
    first: Probe,
    second: Probe,
    past: Probe,
}

fn reads<'v>(view: &View<'v>) -> Vec<Reads<'v>> {
    let target: &Target = view.target;
    let users = target
        .auth
        .as_ref()
        .and_then(|auth| Some((auth.good()?, auth.other()?)));
    let Some((good, other)) = users else {
        return Vec::new();
    };
    let by = |path: &str, name: &SecretName| {
        let request = Probe::get(path).nature(Some(Nature::Read)).conn(Conn::Fresh);
        request.who(name, Mutation::AsIs).build()
    };
    let plain =
        |proof: &&Proof| proof.protected && proof.nature == Nature::Read && proof.call.method == "GET";
    let reads = target.proofs.iter().filter(plain).map(|proof| {
        let path = proof.call.path.as_str();
        let joint = if path.contains('?') { '&' } else { '?' };
        Reads {
            proof,
            first: by(path, &good.name),
            second: by(path, &other.name),
            past: by(&format!("{path}{joint}greenlight=1"), &other.name),
        }
    });
    reads.collect()
}

impl Check for OneAnswerPerUser {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let reads = reads(view).into_iter();
        reads
            .map(|reads| Ask::Seq(vec![reads.first, reads.second, reads.past]))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let reads = reads(view);
        if reads.is_empty() {
            return Judgement::NotApplicable(
                "no protected read and second user are known that could be mixed up".into(),
            );
        }
        let mut tally = Tally::new(view);
        for reads in reads {
            let Some((_, own)) = tally.answer(&reads.first) else {
                continue;
            };
            let Some((exchange, seen)) = tally.answer(&reads.second) else {
                continue;
            };
            let Some((_, past)) = tally.answer(&reads.past) else {
                continue;
            };
            let all = is_success(own) && is_success(seen) && is_success(past);
            let mixed = all && own.body.text() == seen.body.text() && past.body.text() != seen.body.text();
            let Some(mark) = sign(seen).filter(|_| mixed) else {
                continue;
            };
            let call = &reads.proof.call;
            let found = SPEC
                .finds(
                    call.to_string(),
                    format!("A cache answers {call} of one user with what belongs to another"),
                )
                .expected("an answer that was made for the caller")
                .actual(format!("the first user's body, {mark}"));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::{findings, judgement};
    use crate::model::probe::Body;
    use crate::model::target::{Call, CredentialFacts, OTHER};

    const HIT: &[(&str, &str)] = &[("x-cache", "HIT")];

    fn reading() -> Target {
        let mut target = target();
        target.proofs[0] = Proof {
            call: Call {
                method: "GET".into(),
                path: "/me".into(),
            },
            body: Body::Empty,
            nature: Nature::Read,
            ..target.proofs[0].clone()
        };
        target.auth.as_mut().unwrap().credentials.push(CredentialFacts {
            name: SecretName(OTHER.into()),
            expired: false,
            jwt: true,
            from: "environment variable OTHER_TOKEN".into(),
        });
        target
    }

    fn found(headers: &[(&str, &str)], second: &str, past: &str) -> usize {
        let target = reading();
        let reads = reads(&View::new(&target, None, &[], &[])).remove(0);
        let seen = [
            answered(1, &reads.first, 200, &[], "ana"),
            answered(2, &reads.second, 200, headers, second),
            answered(3, &reads.past, 200, &[], past),
        ];
        findings(&OneAnswerPerUser, &target, &seen).len()
    }

    #[test]
    fn the_first_users_body_from_a_cache_is_found() {
        assert_eq!(found(HIT, "ana", "ben"), 1);
        assert_eq!(found(&[("age", "3")], "ana", "ben"), 1);
    }

    #[test]
    fn spares_what_is_the_same_for_all_and_what_was_made_for_the_caller() {
        assert_eq!(found(HIT, "ana", "ana"), 0);
        assert_eq!(found(HIT, "ben", "ben"), 0);
        assert_eq!(found(&[], "ana", "ben"), 0);
    }

    #[test]
    fn without_a_second_user_there_is_nobody_to_mix_up() {
        assert!(matches!(
            judgement(&OneAnswerPerUser, &target(), &[]),
            Judgement::NotApplicable(_)
        ));
    }
}
