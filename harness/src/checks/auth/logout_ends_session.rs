//! Whoever logs out believes that nobody can use what they leave behind: on a shared machine, in a stolen backup, in a log.

use crate::check::Check;
use crate::check::asks;
use crate::check::created::is_success;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::auth::place;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Conn, Mutation, Nature, Probe, Who};
use crate::model::target::Auth;

/// The check.
pub struct LogoutEndsSession;

static SPEC: Spec = Spec {
    id: "auth/logout-ends-session",
    layer: Layer::Auth,
    title: "A credential that was logged out is refused",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A logout that only clears the browser's copy leaves a token that works until it expires, for whoever has it \
                  (CWE-613, OWASP API2:2023). The profile names a credential that may be thrown away and the operation that \
                  logs it out: a protected read works with it, it is logged out, and the same read must then be refused.",
    hint: "Keep sessions, or the ids of tokens that were logged out, where every process looks at them, and ask on each call.",
};

/// A protected read, the logout, and the read again, all with the credential that may be thrown away.
fn steps(view: &View<'_>) -> Option<[Probe; 3]> {
    let target = view.target;
    let auth = target.auth.as_ref()?;
    let (spare, logout) = (auth.spare()?, auth.logout.as_ref()?);
    let who = Who {
        secret: spare.name.clone(),
        mutation: Mutation::AsIs,
    };
    let call = place::protected_read(view)?;
    let plain = || {
        let request = asks::request(target, &call).nature(Some(Nature::Read));
        request.who(&who.secret, who.mutation).conn(Conn::Fresh).build()
    };
    let read = asks::acceptable(target, &call, Some(who.clone())).unwrap_or_else(plain);
    let nature = target.nature_of(logout).unwrap_or(Nature::Write);
    let logout = asks::request(target, logout).nature(Some(nature));
    let logout = logout.who(&who.secret, who.mutation).conn(Conn::Fresh).build();
    let again = read.repeat(1);
    Some([read, logout, again])
}

/// Why nothing can be asked.
fn missing(auth: Option<&Auth>) -> Judgement {
    match auth {
        Some(auth) if auth.logout.is_none() => Judgement::NotApplicable("no logout is known here".into()),
        Some(auth) if auth.spare().is_none() => Judgement::skipped(
            "no credential is known that may be thrown away",
            Some("spare_env under [auth] of the profile"),
        ),
        Some(_) => Judgement::NotApplicable("no read is known that needs a credential".into()),
        None => Judgement::NotApplicable("nobody is asked for a credential here".into()),
    }
}

impl Check for LogoutEndsSession {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let steps = steps(view).map(|steps| Ask::Seq(steps.to_vec()));
        steps.into_iter().collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some([read, logout, again]) = steps(view) else {
            return missing(view.target.auth.as_ref());
        };
        let mut tally = Tally::new(view);
        let (Some((_, before)), Some((ended, left)), Some((exchange, after))) =
            (tally.answer(&read), tally.answer(&logout), tally.answer(&again))
        else {
            return tally.done();
        };
        let operation = read.operation();
        if !is_success(before) {
            let why = format!(
                "{operation} does not accept what may be thrown away (HTTP {})",
                before.status
            );
            return Judgement::unknown(why);
        }
        if left.status >= 400 {
            return Judgement::unknown(format!(
                "{} was refused (HTTP {})",
                logout.operation(),
                left.status
            ));
        }
        if is_success(after) {
            let found = SPEC
                .finds(
                    &operation,
                    format!(
                        "{operation} still accepts a credential after {} ended its session",
                        logout.operation()
                    ),
                )
                .expected("HTTP 401")
                .actual(format!(
                    "HTTP {} after HTTP {} of the logout",
                    after.status, left.status
                ));
            tally.find(found.shown_by([exchange, ended]));
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
    use crate::model::target::Target;
    use crate::model::target::{Call, CredentialFacts, SPARE};

    fn leaving() -> Target {
        let mut target = target();
        let call = |method: &str, path: &str| Call {
            method: method.into(),
            path: path.into(),
        };
        target.proofs[0].call = call("GET", "/me");
        (target.proofs[0].body, target.proofs[0].nature) = (Body::Empty, Nature::Read);
        let auth = target.auth.as_mut().unwrap();
        auth.logout = Some(call("POST", "/logout"));
        let spare = CredentialFacts {
            name: SecretName(SPARE.into()),
            ..auth.credentials[0].clone()
        };
        auth.credentials.push(spare);
        target
    }

    fn judged(statuses: [u16; 3]) -> Judgement {
        let target = leaving();
        let steps = steps(&View::new(&target, None, &[], &[])).unwrap();
        let seen = [0, 1, 2].map(|at| {
            let id = u32::try_from(at).unwrap();
            answered(id, &steps[at], statuses[at], &[], "{}")
        });
        judgement(&LogoutEndsSession, &target, &seen)
    }

    #[test]
    fn a_credential_that_works_after_its_logout_is_found() {
        for logout in [200, 204, 302] {
            assert!(
                matches!(judged([200, logout, 200]), Judgement::Judged { findings, .. } if findings.len() == 1)
            );
        }
    }

    #[test]
    fn spares_a_refusal_and_judges_no_logout_that_did_not_happen() {
        for refused in [401, 403] {
            assert!(
                matches!(judged([200, 204, refused]), Judgement::Judged { findings, .. } if findings.is_empty())
            );
        }
        assert!(matches!(judged([401, 204, 401]), Judgement::Unable(_)));
        assert!(matches!(judged([200, 404, 200]), Judgement::Unable(_)));
    }

    #[test]
    fn it_throws_away_what_may_be_thrown_away_and_nothing_else() {
        let target = leaving();
        let steps = steps(&View::new(&target, None, &[], &[])).unwrap();
        assert!(
            steps
                .iter()
                .all(|step| step.who.as_ref().unwrap().secret.0 == SPARE)
        );
        assert_eq!(
            steps.map(|step| step.effect),
            [Effect::Read, Effect::Writes, Effect::Read]
        );
        assert_eq!(target.auth.unwrap().good().unwrap().name.0, "good");
    }

    #[test]
    fn what_is_not_said_is_not_asked() {
        let mut target = leaving();
        target
            .auth
            .as_mut()
            .unwrap()
            .credentials
            .retain(|one| one.name.0 != SPARE);
        assert!(matches!(
            judgement(&LogoutEndsSession, &target, &[]),
            Judgement::Unable(unseen) if unseen.on_purpose && unseen.flag.is_some()
        ));
        target.auth.as_mut().unwrap().logout = None;
        assert!(matches!(
            judgement(&LogoutEndsSession, &target, &[]),
            Judgement::NotApplicable(_)
        ));
    }
}
