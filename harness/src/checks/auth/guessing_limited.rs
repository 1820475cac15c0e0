//! A login that answers as often as it is asked is a login that a list of passwords opens.

use crate::check::Check;
use crate::check::created::is_success;
use crate::check::edge::is_limit;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::auth::guesses::{GUESSES, answers, guess, tries};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct GuessingLimited;

static SPEC: Spec = Spec {
    id: "auth/guessing-limited",
    layer: Layer::Auth,
    title: "Wrong passwords are not answered without end",
    severity: Severity::Minor,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A login without a limit can be tried with every password of a list (OWASP API2:2023, CWE-307). The profile \
                  names a login that must be refused, with a made-up user and a wrong password: twenty are sent, where this \
                  run may strain the service. A 429, or another answer than at first, such as a lock or a challenge, is good. \
                  A limit further on is not seen.",
    hint: "Limit attempts by account and by address, answer 429 with Retry-After, and make each further one slower.",
};

impl Check for GuessingLimited {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let burst = guess(view.target).map(|each| tries(each, GUESSES));
        burst.into_iter().collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(guess) = guess(view.target) else {
            return Judgement::NotApplicable("no login with a password is known here".into());
        };
        let mut tally = Tally::new(view);
        let copies = answers(view, &guess);
        let Some((first, usual)) = copies.first() else {
            tally.answer(&guess);
            return tally.done();
        };
        let operation = guess.operation();
        if copies.iter().any(|(_, reply)| is_success(reply)) {
            return Judgement::unknown(format!(
                "{operation} accepts the login that was said to be refused"
            ));
        }
        copies.iter().for_each(|(exchange, _)| tally.judged(exchange));
        let changes = copies
            .iter()
            .any(|(_, reply)| is_limit(reply) || reply.status != usual.status);
        // Fewer than were sent, and the rest was not answered: that is a limit as well.
        if !changes && copies.len() == usize::from(GUESSES) {
            let found = SPEC
                .finds(
                    &operation,
                    format!("{operation} refuses {GUESSES} wrong passwords in a row and goes on answering"),
                )
                .expected("HTTP 429, a lock or a challenge after some of them")
                .actual(format!("HTTP {}, {GUESSES} of {GUESSES}", usual.status));
            tally.find(found.shown_by([*first]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, logging_in, target};
    use crate::check::trial::judgement;
    use crate::model::exchange::Exchange;
    use crate::model::probe::Effect;

    /// What is made of this status for the first copies, and that for the rest.
    fn judged(first: u16, then: u16) -> Judgement {
        let target = logging_in();
        let guess = guess(&target).unwrap();
        let seen: Vec<Exchange> = (0..GUESSES)
            .map(|copy| {
                let status = if copy < 10 { first } else { then };
                Exchange {
                    copy,
                    ..answered(u32::from(copy), &guess, status, &[], "{}")
                }
            })
            .collect();
        judgement(&GuessingLimited, &target, &seen)
    }

    fn found(judgement: Judgement) -> usize {
        match judgement {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_login_that_answers_without_end_is_found() {
        assert_eq!(found(judged(401, 401)), 1);
    }

    #[test]
    fn spares_limits_and_locks_and_judges_no_login_that_opens() {
        assert_eq!(found(judged(401, 429)), 0);
        assert_eq!(found(judged(401, 423)), 0);
        assert!(matches!(judged(200, 200), Judgement::Unable(_)));
    }

    #[test]
    fn it_is_an_attack_without_a_credential_and_asked_only_where_the_profile_says_how() {
        let guess = guess(&logging_in()).unwrap();
        assert_eq!((guess.effect, guess.who), (Effect::Hostile, None));
        assert!(matches!(
            judgement(&GuessingLimited, &target(), &[]),
            Judgement::NotApplicable(_)
        ));
    }
}
