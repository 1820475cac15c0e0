//! Calls that cost money and are made once for a build: under a key (draft-ietf-httpapi-idempotency-key-header) that the
//! next run for the same build repeats, so that a pipeline which is run again is answered from the store, and nobody pays
//! twice. Nothing may enter here that looks at the clock or at chance: the key must be the same tomorrow.

use aws_lc_rs::digest::{SHA256, digest};
use uuid::Builder;

use crate::contract::load::Contract;
use crate::model::exchange::Reply;
use crate::model::probe::Nature;
use crate::model::target::{Call, Proof, Target};

/// The header that carries the key.
pub const HEADER: &str = "idempotency-key";

/// Headers with which services say that an answer is the one of an earlier call under the same key. No standard names one.
const REPLAYED: &[&str] = &[
    "idempotent-replayed",
    "idempotency-replayed",
    "x-idempotent-replayed",
    "x-idempotency-replayed",
];

/// Whether the contract says that this call may be repeated under a key.
pub fn takes_key(contract: &Contract, call: &Call, base_path: &str) -> bool {
    let found = contract.find(&call.method, &call.path, base_path);
    found.is_ok_and(|found| {
        let mut parameters = found.operation.parameters.iter();
        parameters
            .any(|parameter| parameter.location == "header" && parameter.name.eq_ignore_ascii_case(HEADER))
    })
}

/// Whether keys make sense for this run: it knows the build, and may pay for each proof once and for nothing else. Where it
/// may pay more often it compares answers, and those of a store would be equal whatever the service does.
pub fn pays_once(target: &Target) -> bool {
    let paid = target.proofs.iter().filter(|proof| proof.nature == Nature::Paid);
    let bound = target.bounds.paid.and_then(|bound| usize::try_from(bound).ok());
    target.expect_version.is_some() && bound.is_some_and(|bound| bound > 0 && bound <= paid.count())
}

/// The key of each paid proof whose contract takes one, by its place among the proofs: made of the build, the suites and the
/// call with its body, since one key with another body is an error.
pub fn keys(target: &Target, contract: &Contract, suites: &[&str]) -> Vec<(usize, String)> {
    let Some(build) = target.expect_version.as_ref().filter(|_| pays_once(target)) else {
        return Vec::new();
    };
    let proofs = target.proofs.iter().enumerate();
    let keyed = proofs.filter(|(_, proof)| {
        proof.nature == Nature::Paid && takes_key(contract, &proof.call, target.base_path())
    });
    keyed.map(|(at, proof)| (at, key(build, suites, proof))).collect()
}

/// A UUID (RFC 9562 §5.8), since many services take nothing else.
fn key(build: &str, suites: &[&str], proof: &Proof) -> String {
    let body = serde_json::to_string(&proof.body).unwrap_or_default();
    let made_of = format!("{build}\n{}\n{}\n{body}", suites.join(" "), proof.call);
    let sum = digest(&SHA256, made_of.as_bytes());
    let mut bytes = [0; 16];
    bytes
        .iter_mut()
        .zip(sum.as_ref())
        .for_each(|(byte, sum)| *byte = *sum);
    Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// Whether the service says that it answered from its store, and did nothing.
pub fn is_replayed(reply: &Reply) -> bool {
    let mut told = REPLAYED.iter().filter_map(|name| reply.header(name));
    told.any(|value| value.trim().eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::target;
    use crate::model::body::Body;

    const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {/summaries: {post: {parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}], responses: {'201': {description: ''}}}}}";

    fn paying_once() -> Target {
        let mut target = target();
        target.expect_version = Some("fedcba9".to_owned());
        target.bounds.paid = Some(1);
        target
    }

    fn key_of(target: &Target, suites: &[&str]) -> Option<String> {
        let contract = Contract::parse(DOCUMENT, "pinned.yaml").unwrap();
        keys(target, &contract, suites).pop().map(|(_, key)| key)
    }

    #[test]
    fn the_same_call_of_the_same_build_has_the_same_key_and_any_other_another() {
        let target = paying_once();
        let key = key_of(&target, &["smoke"]).unwrap();
        assert_eq!(Some(&key), key_of(&target, &["smoke"]).as_ref());
        assert!(uuid::Uuid::parse_str(&key).is_ok_and(|key| key.get_version_num() == 8));
        let mut other = target.clone();
        other.expect_version = Some("0123456".to_owned());
        let mut body = target.clone();
        body.proofs[0].body = Body::Empty;
        for other in [
            key_of(&target, &["contract"]),
            key_of(&other, &["smoke"]),
            key_of(&body, &["smoke"]),
        ] {
            assert_ne!(Some(&key), other.as_ref());
        }
    }

    #[test]
    fn a_run_that_knows_no_build_or_may_pay_more_often_sends_none() {
        let mut unknown = paying_once();
        unknown.expect_version = None;
        assert_eq!(key_of(&unknown, &[]), None);
        for paid in [None, Some(0), Some(2)] {
            let mut target = paying_once();
            target.bounds.paid = paid;
            assert_eq!(key_of(&target, &[]), None, "{paid:?}");
        }
    }

    #[test]
    fn a_contract_that_promises_nothing_gets_none() {
        let promised = DOCUMENT.replace("Idempotency-Key", "X-Other");
        let contract = Contract::parse(&promised, "pinned.yaml").unwrap();
        assert_eq!(keys(&paying_once(), &contract, &[]), []);
    }
}
