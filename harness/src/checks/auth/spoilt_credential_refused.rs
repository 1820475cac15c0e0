//! A guard that looks only whether there is a token, or reads a JWT without verifying it, refuses nobody who tries.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Found, Spec, Suite};
use crate::check::view::View;
use crate::checks::auth::stance::Stance;
use crate::checks::auth::trial::{Outcome, Trial};
use crate::checks::auth::{control, place};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Mutation, Nature, Who};
use crate::model::target::{Call, CredentialFacts, Environment, Scheme};

/// The check.
pub struct SpoiltCredentialRefused;

static SPEC: Spec = Spec {
    id: "auth/spoilt-credential-refused",
    layer: Layer::Auth,
    title: "A credential that is not right is refused",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "An empty credential, a made-up one, half of a good one, a key in another case or with a character more; a \
                  JWT without a signature in four spellings, with a changed signature or payload, with a key of its own, \
                  with a kid that is a path or holds quotes; with --test-issuer, signed with a key that the issuer never \
                  published: each is one defect, and each has been accepted by services that looked protected (RFC 8725 \
                  §2.1, §3.1, §3.2, §3.10). They go to the cheapest operation that is \
                  protected, with a body that nobody could accept; at most two kinds go to others, and production sees \
                  only made-up and halved ones.",
    hint: "Verify the whole credential before anything else: for a JWT signature, algorithm from a fixed list, issuer, \
           audience and expiry.",
};

impl Check for SpoiltCredentialRefused {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let mut asks = Vec::new();
        for (trial, mutation) in trials(view) {
            asks.extend(trial.ask_first(view));
            if elsewhere(view, &trial.call).is_none() && may_cost(view, &trial.call, mutation) {
                asks.extend(trial.ask_second_with_care(view));
            }
        }
        asks
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(auth) = &view.target.auth else {
            return Judgement::NotApplicable(
                "the profile has no [auth]: no call is known to need a credential".into(),
            );
        };
        if auth.good().is_none() {
            return Judgement::skipped(
                "there is no good credential to spoil, and none was given",
                Some(&auth.supply),
            );
        }
        let trials = trials(view);
        if trials.is_empty() {
            return Judgement::skipped(
                "nobody said which operation needs the credential",
                Some("--profile FILE with a [[prove]] table"),
            );
        }
        let mut tally = Tally::new(view);
        for (trial, mutation) in trials {
            judge(view, &trial, mutation, &mut tally);
        }
        tally.done()
    }
}

fn judge(view: &View<'_>, trial: &Trial, mutation: Mutation, tally: &mut Tally<'_>) {
    let (call, what) = (&trial.call, name(mutation));
    match trial.outcome(view) {
        Outcome::Said(exchange, reply, Stance::Accepted) => {
            tally.judged(exchange);
            tally.find(accepted(call, mutation, reply.status).shown_by([exchange]));
        }
        Outcome::Said(_, _, Stance::Unclear(reason)) => {
            tally.unknown(format!("{call} with {what}: {reason}"), None);
        }
        Outcome::Said(_, _, Stance::WebPage) => {
            tally.unknown(format!("{call} with {what}: a web page answers"), None);
        }
        Outcome::Said(..) if control::control(view, call).is_refused() => {
            let reason = format!("{call} refuses a good credential too, so refusing {what} shows nothing");
            tally.missing(reason, None);
        }
        Outcome::Said(exchange, ..) => tally.judged(exchange),
        Outcome::Open(reason, flag) => tally.unknown(reason, flag.as_deref()),
        Outcome::NotAsked if trial.is_open_to_all(view) => {
            tally.missing(
                format!("{call} lets everybody in, so no credential was tried"),
                None,
            );
        }
        Outcome::NotAsked if trial.is_open(view) && !may_cost(view, call, mutation) => {
            let reason = format!(
                "{call} looks at the body first and costs money, so {what} was not tried with a good one"
            );
            tally.missing(reason, None);
        }
        Outcome::NotAsked => {}
    }
}

/// Whether a defect may go to this operation with a body that would be accepted: at most two kinds where that costs money,
/// and the oldest five on a service of one's own.
fn may_cost(view: &View<'_>, call: &Call, mutation: Mutation) -> bool {
    const OLDEST: &[Mutation] = &[
        Mutation::Empty,
        Mutation::Garbage,
        Mutation::Truncated,
        Mutation::AlgNone,
        Mutation::Tampered,
    ];
    let paid = view.target.nature_of(call) == Some(Nature::Paid);
    let good = view.target.auth.as_ref().and_then(|auth| auth.good());
    let kinds = two(good.is_some_and(|good| good.jwt));
    let own = view.target.environment == Environment::Local && OLDEST.contains(&mutation);
    !paid || own || kinds.contains(&mutation)
}

/// The two defects that every operation sees.
fn two(jwt: bool) -> [Mutation; 2] {
    let second = if jwt {
        Mutation::Tampered
    } else {
        Mutation::Truncated
    };
    [Mutation::Garbage, second]
}

fn accepted(call: &Call, mutation: Mutation, status: u16) -> Found {
    let what = name(mutation);
    let title = match status {
        200..300 => format!("{call} accepts {what} (HTTP {status})"),
        _ => {
            format!("{call} lets {what} as far as a good credential (HTTP {status} to the same broken body)")
        }
    };
    let found = SPEC
        .finds(subject(call, mutation), title)
        .expected("HTTP 401")
        .actual(format!("HTTP {status}"));
    if mutation == Mutation::OtherScheme {
        // The token is good; that its scheme is not looked at lets nobody in who has none.
        return found.severity(Severity::Advisory);
    }
    found
}

/// What a defect is called.
pub fn name(mutation: Mutation) -> &'static str {
    match mutation {
        Mutation::AsIs => "a good credential",
        Mutation::LowerCaseScheme => "a good credential under a lower-case scheme",
        Mutation::OtherScheme => "a good credential under a scheme that does not exist",
        Mutation::InQuery
        | Mutation::InQueryToken
        | Mutation::InQueryApiKey
        | Mutation::InQueryApikey
        | Mutation::InQueryKey => "a good credential in the URL",
        Mutation::Empty => "an empty credential",
        Mutation::Garbage => "a made-up credential",
        Mutation::Truncated => "half of a credential",
        Mutation::SwappedCase => "a credential in the other case",
        Mutation::Extended => "a credential with a character more",
        Mutation::AlgNone => "an unsigned token (alg: none)",
        Mutation::AlgNoneTitle => "an unsigned token (alg: None)",
        Mutation::AlgNoneUpper => "an unsigned token (alg: NONE)",
        Mutation::AlgNoneMixed => "an unsigned token (alg: nOnE)",
        Mutation::Tampered => "a token with a changed signature",
        Mutation::TamperedPayload => "a token with a changed payload",
        Mutation::EmbeddedKey => "a token signed with a key of its own (jwk)",
        Mutation::KidPath => "a token whose kid is the path of an empty file",
        Mutation::KidQuote => "a token whose kid holds quotes",
        Mutation::PublicKeyAsSecret => "a token signed with the published key as a secret",
        Mutation::Reminted => "a good token that was signed anew",
        Mutation::Expired => "a token that has expired",
        Mutation::NoExpiry => "a token without an expiry",
        Mutation::NotYet => "a token that is valid from tomorrow",
        Mutation::OtherAudience => "a token for another audience",
        Mutation::NoAudience => "a token for no audience",
        Mutation::OtherIssuer => "a token from another issuer",
        Mutation::Refresh => "a refresh token",
        Mutation::ForeignKey => "a token signed with another key under the name (kid) of the issuer's",
        Mutation::UnknownKey => "a token signed with a key that its issuer never published",
    }
}

/// Every defect that may be tried, at every operation that must refuse it, and at a read besides when one is known.
fn trials(view: &View<'_>) -> Vec<(Trial, Mutation)> {
    let Some(credential) = view.target.auth.as_ref().and_then(|auth| auth.good()) else {
        return Vec::new();
    };
    let calls = asks::protected(view.target);
    let read = calls.first().and_then(|call| elsewhere(view, call));
    let mut trials = Vec::new();
    for call in calls.into_iter().chain(read) {
        for mutation in defects(view, &call, credential) {
            let who = Who {
                secret: credential.name.clone(),
                mutation,
            };
            let trial = Trial {
                call: call.clone(),
                who: Some(who),
            };
            if !trials.contains(&(trial.clone(), mutation)) {
                trials.push((trial, mutation));
            }
        }
    }
    trials
}

/// The read where the order of things cannot be in doubt, for an operation that is no read.
fn elsewhere(view: &View<'_>, call: &Call) -> Option<Call> {
    place::protected_read(view).filter(|read| read != call)
}

/// Defects that a JWT can have and no key is needed for.
const OF_A_JWT: &[Mutation] = &[
    Mutation::Empty,
    Mutation::Garbage,
    Mutation::Truncated,
    Mutation::AlgNone,
    Mutation::AlgNoneTitle,
    Mutation::AlgNoneUpper,
    Mutation::AlgNoneMixed,
    Mutation::Tampered,
    Mutation::TamperedPayload,
    Mutation::EmbeddedKey,
    Mutation::KidPath,
    Mutation::KidQuote,
];

/// Defects that any other credential can have: one that is compared, not verified.
const OF_A_KEY: &[Mutation] = &[
    Mutation::Empty,
    Mutation::Garbage,
    Mutation::Truncated,
    Mutation::SwappedCase,
    Mutation::Extended,
];

/// The defects that this environment and this operation may see: where there is a read to try them at, other operations
/// get two; so do those that cost money in staging.
fn defects(view: &View<'_>, call: &Call, credential: &CredentialFacts) -> Vec<Mutation> {
    let paid = view.target.nature_of(call) == Some(Nature::Paid);
    let all = if credential.jwt { OF_A_JWT } else { OF_A_KEY };
    let scheme = view.target.auth.as_ref().map(|auth| &auth.scheme);
    let other = (scheme == Some(&Scheme::Bearer)).then_some(Mutation::OtherScheme);
    let issued = view
        .target
        .auth
        .as_ref()
        .is_some_and(|auth| auth.issuer.is_some());
    let foreign = if issued { Mutation::FOREIGN } else { &[] };
    match view.target.environment {
        Environment::Production => vec![Mutation::Garbage, Mutation::Truncated],
        environment if elsewhere(view, call).is_some() || paid && environment == Environment::Staging => {
            two(credential.jwt).to_vec()
        }
        Environment::Local | Environment::Staging => {
            let all = all.iter().chain(foreign).copied();
            all.chain(other).collect()
        }
    }
}

/// What a finding of this check is about.
pub fn subject(call: &Call, mutation: Mutation) -> String {
    format!("{call} with {}", name(mutation))
}

#[cfg(test)]
#[path = "spoilt_tests.rs"]
mod tests;
