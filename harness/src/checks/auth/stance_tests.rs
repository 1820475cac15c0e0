//! Answers to callers that must be refused, and what they say.

use super::*;
use crate::check::testing::{answered, call, target};

fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    let probe = crate::check::asks::inert(&target(), &call(), None);
    answered(1, &probe, status, headers, body)
        .answer()
        .unwrap()
        .clone()
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

#[test]
fn a_401_is_a_refusal_and_a_2xx_is_none() {
    assert_eq!(stance(&reply(401, &[], ""), Others::default()), Stance::Refused);
    assert_eq!(stance(&reply(204, &[], ""), Others::default()), Stance::Accepted);
}

#[test]
fn a_complaint_about_the_body_leaves_the_order_open() {
    let inert = Others {
        inert: true,
        ..Others::default()
    };
    for status in [400, 415, 422] {
        assert_eq!(
            stance(&reply(status, JSON, r#"{"detail":"not JSON"}"#), inert),
            Stance::OrderUnknown
        );
    }
}

#[test]
fn a_spoilt_credential_that_gets_as_far_as_a_good_one_is_accepted() {
    let good = reply(
        400,
        JSON,
        r#"{"detail":"The body is not JSON: EOF","request_id":"a"}"#,
    );
    let nobody = reply(401, JSON, r#"{"detail":"Missing authorization token"}"#);
    let others = Others {
        good: Some(&good),
        nobody: Some(&nobody),
        inert: true,
    };
    let same = reply(
        400,
        JSON,
        r#"{"detail":"The body is not JSON: EOF","request_id":"b"}"#,
    );
    assert_eq!(stance(&same, others), Stance::Accepted);
}

#[test]
fn a_400_about_a_malformed_credential_is_no_acceptance() {
    let good = reply(400, JSON, r#"{"detail":"The body is not JSON: EOF"}"#);
    let nobody = reply(401, JSON, "{}");
    let others = Others {
        good: Some(&good),
        nobody: Some(&nobody),
        inert: true,
    };
    for text in ["Not enough segments", "Bad Request", "The token is not JSON"] {
        let malformed = reply(400, JSON, &format!(r#"{{"detail":"{text}"}}"#));
        assert_eq!(stance(&malformed, others), Stance::OrderUnknown, "{text}");
    }
    for text in ["Bad Request", "The token or the body is malformed"] {
        let same_and_generic = reply(400, JSON, &format!(r#"{{"detail":"{text}"}}"#));
        let others = Others {
            good: Some(&same_and_generic),
            ..others
        };
        assert_eq!(stance(&same_and_generic, others), Stance::OrderUnknown, "{text}");
    }
    let challenged = reply(
        400,
        &[("www-authenticate", "Bearer error=\"invalid_request\"")],
        "",
    );
    assert_eq!(stance(&challenged, others), Stance::Oddly);
}

#[test]
fn a_web_page_and_an_error_under_200_are_no_acceptance() {
    let page = reply(200, &[("content-type", "text/html; charset=utf-8")], "<html>");
    assert_eq!(stance(&page, Others::default()), Stance::WebPage);
    let graphql = reply(200, JSON, r#"{"errors":[{"message":"UNAUTHENTICATED"}]}"#);
    assert!(matches!(stance(&graphql, Others::default()), Stance::Unclear(_)));
    let fine = reply(200, JSON, r#"{"error":null,"data":1}"#);
    assert_eq!(stance(&fine, Others::default()), Stance::Accepted);
}

#[test]
fn a_login_page_is_told_from_another_redirect() {
    let login = reply(302, &[("location", "https://x.example/login?next=/")], "");
    assert_eq!(stance(&login, Others::default()), Stance::LoginPage);
    let slash = reply(307, &[("location", "/summaries/")], "");
    assert!(matches!(stance(&slash, Others::default()), Stance::Unclear(_)));
}

#[test]
fn a_404_is_a_refusal_only_when_the_good_credential_gets_another_answer() {
    let hidden = reply(404, &[], "");
    let good = reply(422, &[], "");
    let others = Others {
        good: Some(&good),
        ..Others::default()
    };
    assert_eq!(stance(&hidden, others), Stance::Oddly);
    let all = Others {
        good: Some(&hidden),
        ..Others::default()
    };
    assert!(matches!(stance(&hidden, all), Stance::Unclear(_)));
    assert!(matches!(stance(&hidden, Others::default()), Stance::Unclear(_)));
}

/// The reason why nothing can be told.
fn unclear(reply: &Reply, others: Others<'_>) -> String {
    match stance(reply, others) {
        Stance::Unclear(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_403_refuses_unless_everybody_gets_it() {
    let forbidden = reply(403, &[], "");
    let (fine, other) = (reply(200, &[], ""), reply(403, &[], ""));
    let beside = |good| Others {
        good: Some(good),
        ..Others::default()
    };
    assert_eq!(stance(&forbidden, Others::default()), Stance::Oddly);
    assert_eq!(stance(&forbidden, beside(&fine)), Stance::Oddly);
    assert!(unclear(&forbidden, beside(&other)).contains("everybody"));
}

#[test]
fn an_operation_that_nobody_finds_says_so() {
    for status in [404, 405, 410] {
        let lost = reply(status, &[], "");
        assert!(
            unclear(&lost, Others::default()).contains("is the operation there?"),
            "{status}"
        );
    }
}

#[test]
fn what_stands_in_front_of_the_operation_says_nothing_about_it() {
    for status in [407, 408, 425, 429] {
        let why = unclear(&reply(status, &[], ""), Others::default());
        assert!(why.contains("came before any answer"), "{why}");
    }
    assert!(unclear(&reply(503, &[], ""), Others::default()).contains("instead of refusing"));
}

#[test]
fn a_400_beside_another_answer_to_the_good_credential_is_a_refusal() {
    let complaint = reply(400, JSON, "{}");
    let against = |status, inert| {
        let good = reply(status, JSON, "{}");
        stance(
            &complaint,
            Others {
                good: Some(&good),
                nobody: None,
                inert,
            },
        )
    };
    assert_eq!(against(200, false), Stance::Oddly, "a success");
    assert_eq!(against(422, true), Stance::Oddly, "its body was looked at");
    assert_eq!(against(400, true), Stance::OrderUnknown, "the same");
    assert_eq!(against(500, true), Stance::OrderUnknown, "a crash shows nothing");
    for said in [against(422, false), against(500, false)] {
        assert!(
            matches!(said, Stance::Unclear(_)),
            "the body was a good one: {said:?}"
        );
    }
    assert!(unclear(&complaint, Others::default()).contains("no success to compare it with"));
}

#[test]
fn a_complaint_is_found_in_lists_and_members_and_not_without_end() {
    let said = |body: &str| complaint(&reply(400, JSON, body));
    assert_eq!(said(r#"{"errors":[{"detail":"no JSON","id":"7"}]}"#), ["no JSON"]);
    assert_eq!(
        said(r#"{"error":{"error":{"error":{"error":"deep"}}}}"#),
        ["deep"]
    );
    assert_eq!(said(r#"[[[["deep"]]]]"#), ["deep"]);
    let nothing: [&str; 0] = [];
    assert_eq!(
        said(r#"{"error":{"error":{"error":{"error":{"error":"deeper"}}}}}"#),
        nothing
    );
    assert_eq!(said(r#"[[[[["deeper"]]]]]"#), nothing);
}
