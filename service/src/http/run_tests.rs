use poem_openapi::ApiResponse;

use super::*;
use crate::domain::provider::ProviderError;
use crate::domain::store::StoreError;
use crate::domain::workflow::PlanError;
use crate::http::orchestrate::OrchestrateResponse;

#[test]
fn every_failure_has_a_documented_status_and_none_is_500() {
    let failures: Vec<Failure> = vec![
        PlanError::Nothing.into(),
        FetchError::Invalid("it names no host").into(),
        FetchError::Forbidden.into(),
        FetchError::Unreachable.into(),
        FetchError::Refused { status: 404 }.into(),
        FetchError::Redirects.into(),
        FetchError::TooLarge.into(),
        FetchError::TooSlow.into(),
        FetchError::Busy.into(),
        IntakeError::NotBase64.into(),
        IntakeError::Audio(AudioError::Truncated).into(),
        IntakeError::Audio(AudioError::Silent).into(),
        IntakeError::Audio(AudioError::TooLarge { bytes: 1 }).into(),
        ProviderError::RateLimited { retry_after: None }.into(),
        ProviderError::CredentialsRefused.into(),
        ProviderError::AudioRefused.into(),
        ProviderError::Timeout.into(),
        StoreError::Gone.into(),
    ];
    let documented: Vec<u16> = <OrchestrateResponse as ApiResponse>::meta()
        .responses
        .iter()
        .filter_map(|response| response.status)
        .collect();
    assert!(!documented.contains(&500));
    for failure in failures {
        let problem = problem(&failure);
        let status = problem.status;
        assert!(
            documented.contains(&status.as_u16()),
            "{failure:?} is answered {status}"
        );
    }
}

#[test]
fn words_for_people_are_sentences() {
    let detail = problem(&IntakeError::Audio(AudioError::Empty).into()).detail;
    assert_eq!(detail, "The audio is empty.");
}
