//! An operation that renews sessions, played from a script.

use super::renewing::steps;
use crate::check::Check;
use crate::check::judgement::Judgement;
use crate::check::testing::{answered, target};
use crate::check::view::View;
use crate::model::probe::{Body, Effect, Nature, SecretName, Text};
use crate::model::target::{Call, CredentialFacts, Renewal, SESSION, Target, TokenForm};

/// What a good renewal answers, as a recording has it.
pub(crate) const TOKENS: &str = r#"{"access_token":"[removed]","refresh_token":"[removed]"}"#;

fn to(method: &str, path: &str) -> Call {
    Call {
        method: method.into(),
        path: path.into(),
    }
}

/// A target whose sessions are renewed, with one that may be thrown away.
pub(crate) fn renewing() -> Target {
    let mut target = target();
    target.proofs[0].call = to("GET", "/me");
    (target.proofs[0].body, target.proofs[0].nature) = (Body::Empty, Nature::Read);
    let auth = target.auth.as_mut().unwrap();
    auth.renewal = Some(Renewal {
        call: to("POST", "/refresh"),
        form: TokenForm::Json {
            member: "refresh_token".into(),
        },
        access_at: "/access_token".into(),
        next_at: Some("/refresh_token".into()),
    });
    auth.session = Some(CredentialFacts {
        name: SecretName(SESSION.into()),
        ..auth.credentials[0].clone()
    });
    target
}

/// What a check makes of an operation that answers so, in the order of sending; what is 0 was not asked.
pub(crate) fn run(check: &dyn Check, statuses: [u16; 7], renewed: &str) -> Judgement {
    run_on(&renewing(), check, statuses, renewed)
}

/// The same of this target.
pub(crate) fn run_on(target: &Target, check: &dyn Check, statuses: [u16; 7], renewed: &str) -> Judgement {
    let steps = steps(&View::new(target, None, &[], &[])).unwrap();
    let asked = (0..).zip(steps.all()).zip(statuses);
    let seen: Vec<_> = asked
        .filter(|(_, status)| *status != 0)
        .map(|((id, probe), status)| {
            let body = if status < 300 { renewed } else { "{}" };
            answered(id, &probe, status, &[], body)
        })
        .collect();
    check.judge(&View::new(target, None, &seen, &[]))
}

#[test]
fn it_throws_away_the_session_that_may_be_thrown_away() {
    let target = renewing();
    let steps = steps(&View::new(&target, None, &[], &[])).unwrap();
    let held: Vec<String> = steps
        .all()
        .iter()
        .flat_map(|probe| {
            probe
                .credentials()
                .map(|who| who.secret.0.clone())
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(held, [SESSION, "good", SESSION, SESSION]);
    assert_eq!(steps.renew.effect, Effect::Writes);
    assert_eq!(steps.read.effect, Effect::Read);
}

#[test]
fn a_form_is_what_the_standard_says() {
    let mut target = renewing();
    target.auth.as_mut().unwrap().renewal.as_mut().unwrap().form = TokenForm::OAuth;
    let steps = steps(&View::new(&target, None, &[], &[])).unwrap();
    let Body::Text { media_type, text } = &steps.renew.body else {
        panic!("no text");
    };
    assert_eq!(media_type, "application/x-www-form-urlencoded");
    assert_eq!(
        text.parts()[0],
        Text::Lit("grant_type=refresh_token&refresh_token=".into())
    );
}

#[test]
fn where_a_refresh_token_is_good_for_ever_it_is_not_shown_twice() {
    let mut target = renewing();
    target.auth.as_mut().unwrap().renewal.as_mut().unwrap().next_at = None;
    let steps = steps(&View::new(&target, None, &[], &[])).unwrap();
    assert_eq!(steps.all().len(), 4);
}

#[test]
fn without_a_session_to_throw_away_nothing_is_asked() {
    let mut target = renewing();
    target.auth.as_mut().unwrap().session = None;
    let view = View::new(&target, None, &[], &[]);
    assert!(steps(&view).is_none());
    let judged = super::renewing::unable(&view);
    assert!(matches!(judged, Judgement::Unable(unseen) if unseen.flag.is_some()));
}
