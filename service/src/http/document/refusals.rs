//! What refusals look like: one for each status of each operation, from the very functions that answer so.

use poem_openapi::error::ParseParamError;
use poem_openapi::types::ToJSON;
use serde_json::{Value, json};

use crate::auth::caller::Scope;
use crate::auth::gate::Refusal;
use crate::domain::orchestrate::Failure;
use crate::domain::provider::{InvalidAnswer, ProviderError};
use crate::domain::workflow::PlanError;
use crate::http::ask::Ask;
use crate::http::categories::{self, Change};
use crate::http::credential::{challenge, lacks};
use crate::http::document::each_operation;
use crate::http::limits::{MIN_BODY_LIMIT, PER_CREDENTIAL, PER_PEER};
use crate::http::login::{self, Code};
use crate::http::payload::{self, FromJson};
use crate::http::problem::{MEDIA_TYPE, Problem};
use crate::http::rate::{Rate, too_often};
use crate::http::refresh::Refresh;
use crate::http::tokens::MAX_BODY;
use crate::http::{admission, curations, idempotency, logout, run};
use crate::login::flow::LoginError;
use crate::login::provider::ProviderTrouble;

/// The request that all of them answer.
const REQUEST_ID: &str = "0199c7a4-6f0e-7a52-9d0b-3c1d5e7f9a1b";

pub(super) fn apply(document: &mut Value) {
    each_operation(document, |operation| {
        let (name, secured) = (operation.name.clone(), operation.is_secured());
        for (status, answer) in operation.answers() {
            let Some(media) = answer
                .get_mut("content")
                .and_then(|content| content.get_mut(MEDIA_TYPE))
            else {
                continue;
            };
            if let Some(problem) = of_operation(&name, status).or_else(|| of_layers(&name, status, secured)) {
                let code = problem.code.to_string();
                let body = problem.body(REQUEST_ID).to_json();
                media["examples"] = json!({code: {"value": body}});
            }
        }
    });
}

/// What an operation refuses itself.
fn of_operation(name: &str, status: u16) -> Option<Problem> {
    let problem = match (name, status) {
        ("orchestrate", 400) => run::problem(&Failure::Plan(PlanError::Nothing)),
        ("orchestrate", 409) => idempotency::in_use(),
        ("orchestrate", 422) => wrong::<Ask>(json!({"text": 1}))?,
        ("orchestrate", 502) => run::of_provider(&ProviderError::InvalidAnswer(InvalidAnswer::NotJson)),
        ("orchestrate", 504) => run::of_provider(&ProviderError::Timeout),
        ("refresh", 401) => challenge(Refusal::SessionEnded),
        ("refresh", 422) => wrong::<Refresh>(json!({}))?,
        ("redeemLogin", 400) => login::problem(&LoginError::Code),
        ("redeemLogin", 422) => wrong::<Code>(json!({}))?,
        ("login", 400) => login::problem(&LoginError::Redirect),
        ("loginCallback", 400) => login::problem(&LoginError::State),
        ("login" | "loginCallback" | "redeemLogin", 404) => login::off(),
        ("login", 502) => login::of_provider(&ProviderTrouble::Odd("no use")),
        ("login", 504) => login::of_provider(&ProviderTrouble::Slow),
        ("logout", 409) => logout::without_session(),
        ("listCurations", 422) => curations::position("x").err()?,
        ("usageStats", 422) => curations::unreadable(&ParseParamError {
            name: "days",
            reason: "verification failed. minimum(1, exclusive: false)".to_owned(),
        }),
        ("readCuration" | "deleteCuration", 404) => curations::not_found(),
        ("readConceptCategories" | "deleteConceptCategories", 404) => categories::none_of_its_own(),
        ("putConceptCategories", 422) => wrong::<Change>(json!({"categories": []}))?,
        ("deleteConceptCategories", 409) => categories::needed(),
        _ => return None,
    };
    Some(problem)
}

/// What the layers refuse, and reading a body.
fn of_layers(name: &str, status: u16, secured: bool) -> Option<Problem> {
    let most = match name {
        "refresh" | "redeemLogin" => MAX_BODY,
        _ => MIN_BODY_LIMIT,
    };
    let scope = match name {
        "orchestrate" => Scope::Orchestrate,
        "usageStats" => Scope::UsageRead,
        "deleteCuration" => Scope::CurationsWrite,
        "putConceptCategories" | "deleteConceptCategories" => Scope::CategoriesWrite,
        _ => Scope::CurationsRead,
    };
    let (rate, who) = match secured {
        true => (PER_CREDENTIAL, "This credential"),
        false => (PER_PEER, "This address"),
    };
    let rate = Rate::a_minute(rate);
    let problem = match status {
        400 => payload::not_json(&serde_json::from_str::<Value>("{").err()?),
        401 => challenge(Refusal::Missing),
        403 => lacks(scope),
        408 => payload::too_slow(),
        413 => payload::too_large(most),
        415 => payload::another_media_type(),
        429 => too_often(rate, rate.window / rate.requests.get(), who),
        503 => admission::busy(),
        _ => return None,
    };
    Some(problem)
}

/// The answer to a body whose fields are not as they should be.
fn wrong<T: FromJson>(body: Value) -> Option<Problem> {
    T::from_json(body).err().map(payload::invalid)
}
