//! What is asked of an operation that gives new tokens for a refresh token, in which order. Nothing here judges.
//!
//! All of it is done with the refresh token of a session that may be thrown away: whoever shows a token twice may lose the
//! session for it (RFC 9700 §4.14.2).

use crate::check::asks;
use crate::check::judgement::Judgement;
use crate::check::view::View;
use crate::checks::auth::place;
use crate::model::auth::{Renewal, TokenForm};
use crate::model::probe::{Ask, Body, Conn, Effect, Mutation, Nature, Probe, SecretName, Text, Who};
use crate::model::target::{Auth, Call, Scheme, Target};

/// The step that renews: what comes after it takes the tokens from its answer.
const RENEWS: u8 = 2;
/// The step that renews with the token of the one before.
const RENEWS_AGAIN: u8 = 4;

/// What is sent, in this order.
#[derive(Debug, Clone)]
pub struct Steps {
    /// A refresh token that was spoilt.
    pub spoilt: Probe,
    /// The good access token in place of a refresh token.
    pub access: Probe,
    /// The good refresh token.
    pub renew: Probe,
    /// A protected read with the access token that this gave.
    pub read: Probe,
    /// The next refresh token, where each is good once.
    pub next: Option<Probe>,
    /// The first refresh token once more, where each is good once.
    pub again: Option<Probe>,
    /// The newest refresh token after that.
    pub newest: Option<Probe>,
}

impl Steps {
    /// All of them, in the order of sending.
    pub fn all(&self) -> Vec<Probe> {
        let first = [&self.spoilt, &self.access, &self.renew, &self.read];
        first
            .into_iter()
            .chain(&self.next)
            .chain(&self.again)
            .chain(&self.newest)
            .cloned()
            .collect()
    }
}

/// What can be asked of this target; none when nobody said where tokens are renewed, or nothing is at hand to renew.
pub fn steps(view: &View<'_>) -> Option<Steps> {
    let auth = view.target.auth.as_ref()?;
    let (renewal, session, good) = (auth.renewal.as_ref()?, auth.session.as_ref()?, auth.good()?);
    let read = protected_read(view)?;
    let send = |secret: &SecretName, mutation| {
        let who = Who {
            secret: secret.clone(),
            mutation,
        };
        refresh(view.target, renewal, Text::Held(who))
    };
    let spoilt = if session.jwt {
        Mutation::Tampered
    } else {
        Mutation::Garbage
    };
    let renew = send(&session.name, Mutation::AsIs);
    let next = renewal.next_at.as_ref();
    let from = |step: u8| {
        let at = next?;
        Some(refresh(view.target, renewal, Text::secret_of(step, at)))
    };
    Some(Steps {
        spoilt: send(&session.name, spoilt),
        access: send(&good.name, Mutation::AsIs),
        read: with_new_token(view.target, &read, &renewal.access_at),
        next: from(RENEWS),
        again: next.map(|_| renew.repeat(1)),
        newest: from(RENEWS_AGAIN),
        renew,
    })
}

/// All of it, as every check of renewals asks it.
pub fn in_order(view: &View<'_>) -> Vec<Ask> {
    let steps = steps(view).map(|steps| Ask::Seq(steps.all()));
    steps.into_iter().collect()
}

fn protected_read(view: &View<'_>) -> Option<Call> {
    // A new token goes where bearer tokens go.
    let bearer = view.target.auth.as_ref()?.scheme == Scheme::Bearer;
    place::protected_read(view).filter(|_| bearer)
}

/// The operation with this refresh token.
fn refresh(target: &Target, renewal: &Renewal, token: Text) -> Probe {
    let (media_type, before, after) = match &renewal.form {
        TokenForm::Json { member } => (
            "application/json",
            format!("{{{}:\"", serde_json::Value::from(member.as_str())),
            "\"}",
        ),
        TokenForm::OAuth => (
            "application/x-www-form-urlencoded",
            "grant_type=refresh_token&refresh_token=".to_owned(),
            "",
        ),
    };
    let body = Body::Text {
        media_type: media_type.to_owned(),
        text: Text::Joined(vec![Text::Lit(before), token, Text::Lit(after.to_owned())]),
    };
    let nature = target.nature_of(&renewal.call).unwrap_or(Nature::Write);
    let request = asks::request(target, &renewal.call)
        .nature(Some(nature))
        .body(body);
    match asks::page_of(target, &renewal.call) {
        Some(page) => request.page(&page.origin, page.mode),
        None => request,
    }
    .conn(Conn::Fresh)
    .build()
}

/// A read with the access token that the renewal gave.
fn with_new_token(target: &Target, read: &Call, at: &str) -> Probe {
    let bearer = Text::Joined(vec![Text::Lit("Bearer ".to_owned()), Text::secret_of(RENEWS, at)]);
    let request = asks::request(target, read)
        .nature(Some(Nature::Read))
        .header("authorization", bearer);
    request.conn(Conn::Fresh).build()
}

/// Why nothing can be asked.
pub fn unable(view: &View<'_>) -> Judgement {
    let Some(auth) = &view.target.auth else {
        return Judgement::NotApplicable("nobody is asked for a credential here".into());
    };
    if auth.renewal.is_none() {
        return Judgement::NotApplicable("nobody said where tokens are renewed".into());
    }
    lacking(auth, view)
}

fn lacking(auth: &Auth, view: &View<'_>) -> Judgement {
    if auth.session.is_none() {
        let reason = "no refresh token is known whose session may be thrown away";
        return Judgement::skipped(reason, Some("the variable of token_env under [auth.renewal]"));
    }
    if auth.good().is_none() {
        return Judgement::skipped("no credential was given", Some(&auth.supply));
    }
    if !view.target.allows(Effect::Writes) {
        return Judgement::skipped("renewing a session writes", Some("--allow writes"));
    }
    Judgement::NotApplicable("no read is known that takes a bearer token".into())
}
