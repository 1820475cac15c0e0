use super::*;
use crate::check::testing::{answered, cors, target};
use crate::diagnosis::whole_tests::{causes, first, judged, unexplained};
use crate::model::run::Run;
use crate::model::target::Target;

fn run(status: u16, body: &str, ai_health: Option<&str>) -> Run {
    let mut target = target();
    target.routes.ai_health = ai_health.map(|_| "/ai/health".to_owned());
    judged(&target, &seen(&target, status, body, ai_health))
}

fn seen(target: &Target, status: u16, body: &str, ai_health: Option<&str>) -> Vec<Exchange> {
    let mut headers = cors();
    headers.extend([("x-request-id", "1"), ("content-type", "application/json")]);
    let mut seen = vec![
        answered(
            1,
            &asks::read("/health"),
            200,
            &headers,
            r#"{"status":"healthy"}"#,
        ),
        answered(2, &asks::proof(target, &target.proofs[0]), status, &headers, body),
    ];
    seen.extend(ai_health.map(|said| answered(3, &asks::read("/ai/health"), 503, &headers, said)));
    seen
}

#[test]
fn a_provider_that_is_down_is_named_and_blamed() {
    let run = run(
        503,
        r#"{"detail":"The AI provider cannot be reached.","code":"provider_unavailable"}"#,
        None,
    );
    assert_eq!(first(&run).cause, "upstream-failing");
    assert_eq!(first(&run).blame, Blame::Upstream);
    assert_eq!(
        run.headline,
        "The provider behind POST /summaries fails (HTTP 503); the service itself works"
    );
    assert_eq!(unexplained(&run), Vec::<String>::new());
    assert!(
        causes(&run).contains(&"health-lies"),
        "health was blind: {:?}",
        causes(&run)
    );
}

#[test]
fn a_used_up_quota_is_not_this_deploys_fault() {
    let body = r#"{"detail":"The AI provider's quota is used up.","code":"provider_quota_exhausted"}"#;
    let run = run(503, body, None);
    assert_eq!(
        (first(&run).cause.as_str(), first(&run).blame),
        ("upstream-failing", Blame::Upstream)
    );
}

#[test]
fn a_rate_limit_that_became_a_500_is_named() {
    for (body, ai) in [
        (
            r#"{"detail":"Orchestration failed: Error code: 429 - rate limit reached"}"#,
            None,
        ),
        (
            r#"{"detail":"The service failed unexpectedly."}"#,
            Some(r#"{"status":"unhealthy","checks":{"provider":"provider_rate_limited"}}"#),
        ),
    ] {
        let run = run(500, body, ai);
        assert_eq!(
            run.headline,
            "The provider limits the service, and POST /summaries passes that on as HTTP 500"
        );
        assert_eq!(unexplained(&run), Vec::<String>::new());
    }
}

#[test]
fn a_missing_key_is_the_deploy_s_own() {
    let run = run(500, r#"{"detail":"OPENAI_API_KEY not configured"}"#, None);
    assert_eq!(
        (first(&run).cause.as_str(), first(&run).blame),
        ("upstream-failing", Blame::Deploy)
    );
}

#[test]
fn a_crash_of_its_own_is_never_put_on_the_provider() {
    for (status, body) in [
        (
            500,
            r#"{"detail":"object dict can't be used in 'await' expression"}"#,
        ),
        (503, r#"{"detail":"the database of the provider list is gone"}"#),
        (503, r#"{"detail":"starting"}"#),
        (500, "{}"),
    ] {
        assert!(
            !causes(&run(status, body, None)).contains(&"upstream-failing"),
            "{body}"
        );
    }
}
