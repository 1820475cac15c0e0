//! Where a redirected request may still go, and as whom.

use proptest::prelude::*;

use super::*;
use crate::cors::check::tests::{any_headers, list};

const PAGE: &str = "https://app.example";

fn leg(url: &str) -> Leg {
    Leg::first(&Origin(PAGE.into()), Url::parse(url).unwrap())
}

/// Walks and returns the last leg.
fn walk(first: &str, rest: &[&str]) -> Leg {
    rest.iter().fold(leg(first), |leg, location| {
        after_redirect(&leg, location).unwrap()
    })
}

#[test]
fn an_origin_turns_into_null_when_a_foreign_origin_sends_the_request_on() {
    for (first, rest, origin, cors) in [
        ("https://app.example/a", vec!["/b"], PAGE, false),
        ("https://app.example/a", vec!["https://api.example/b"], PAGE, true),
        ("https://api.example/a", vec!["/b"], PAGE, true),
        (
            "https://api.example/a",
            vec!["https://api.example:443/b"],
            PAGE,
            true,
        ),
        (
            "https://api.example/a",
            vec!["https://other.example/b"],
            "null",
            true,
        ),
        (
            "https://api.example/a",
            vec!["http://api.example/b"],
            "null",
            true,
        ),
        (
            "https://api.example/a",
            vec!["https://app.example/b"],
            "null",
            true,
        ),
        (
            "https://app.example/a",
            vec!["https://api.example/b", "https://app.example/c"],
            "null",
            true,
        ),
        (
            "https://api.example/a",
            vec!["https://other.example/b", "/c"],
            "null",
            true,
        ),
    ] {
        let last = walk(first, &rest);
        assert_eq!(
            (last.origin().0.as_str(), last.cors),
            (origin, cors),
            "{first} {rest:?}"
        );
    }
}

#[test]
fn authorization_is_dropped_as_soon_as_the_origin_changes() {
    assert!(walk("https://api.example/a", &["/b"]).carries("Authorization"));
    let moved = walk("https://api.example/a", &["https://www.api.example/a"]);
    assert!(!moved.carries("authorization") && moved.carries("content-type"));
    assert!(
        !walk(
            "https://api.example/a",
            &["//b.example/", "https://api.example/a"]
        )
        .carries("Authorization")
    );
}

#[test]
fn authorization_stays_dropped_on_the_way_that_follows() {
    assert!(!walk("https://api.example/a", &["//b.example/", "/c"]).carries("Authorization"));
}

#[test]
fn refuses_a_location_with_credentials_across_origins_and_does_not_repeat_them() {
    let refusal = |leg: Leg, location: &str| after_redirect(&leg, location).unwrap_err();
    for (first, location) in [
        ("https://api.example/a", "https://user:secret@api.example/b"),
        ("https://api.example/a", "https://user@app.example/b"),
        ("https://app.example/a", "https://:secret@api.example/b"),
    ] {
        let refusal = refusal(leg(first), location);
        assert_eq!(refusal.label(), "RedirectContainsCredentials", "{location}");
        assert!(
            !refusal.to_string().contains("secret") && !refusal.to_string().contains("user@"),
            "{refusal}"
        );
    }
    assert_eq!(
        refusal(
            leg("https://api.example/a"),
            "https://user:secret@api.example/b?c"
        ),
        Refusal::RedirectContainsCredentials {
            location: "https://api.example/b?c".into()
        },
        "the rest of the address is told"
    );
    let own = after_redirect(&leg("https://app.example/a"), "https://user:x@app.example/b").unwrap();
    assert!(!own.cors);
    assert!(after_redirect(&leg("https://api.example/a"), "https://@api.example/b").is_ok());
}

#[test]
fn refuses_what_is_no_url_no_http_and_the_twenty_first() {
    assert_eq!(
        after_redirect(&leg("https://api.example/"), "http://[")
            .unwrap_err()
            .label(),
        "ERR_INVALID_REDIRECT"
    );
    assert_eq!(
        after_redirect(&leg("https://api.example/"), "ftp://x/")
            .unwrap_err()
            .label(),
        "ERR_UNSAFE_REDIRECT"
    );
    let tired = walk("https://api.example/", &["/x"; 20]);
    assert_eq!(
        after_redirect(&tired, "/y").unwrap_err(),
        Refusal::TooManyRedirects
    );
}

#[test]
fn follows_only_a_redirect_that_passes_the_cors_check() {
    let acao = ("access-control-allow-origin", PAGE);
    let first = leg("https://api.example/notes");
    let next = |status, pairs: &[(&str, &str)]| follow(&first, Mode::Omit, status, &list(pairs));
    assert_eq!(
        next(307, &[("location", "/notes/")]).unwrap_err().label(),
        "MissingAllowOriginHeader"
    );
    assert_eq!(
        next(307, &[acao, ("location", "/notes/")])
            .unwrap()
            .unwrap()
            .url
            .path(),
        "/notes/"
    );
    assert_eq!(
        next(307, &[acao]),
        Ok(None),
        "a redirect without Location is read as it is"
    );
    assert_eq!(next(300, &[acao, ("location", "/notes/")]), Ok(None));
    let twice = next(302, &[acao, ("location", "/a"), ("location", "/b")]);
    assert_eq!(twice.unwrap_err().label(), "ERR_INVALID_REDIRECT");
    let own = leg("https://app.example/");
    assert!(
        follow(&own, Mode::Omit, 302, &list(&[("location", "/a")]))
            .unwrap()
            .is_some()
    );
}

#[test]
fn after_a_redirect_between_foreign_origins_the_answer_must_name_null() {
    let first = leg("https://api.example/notes");
    let hop = list(&[
        ("access-control-allow-origin", PAGE),
        ("location", "https://www.api.example/notes"),
    ]);
    let second = follow(&first, Mode::Omit, 308, &hop).unwrap().unwrap();
    let named = list(&[("access-control-allow-origin", PAGE)]);
    assert_eq!(
        follow(&second, Mode::Omit, 200, &named).unwrap_err().label(),
        "AllowOriginMismatch"
    );
    let opaque = list(&[("access-control-allow-origin", "null")]);
    assert_eq!(follow(&second, Mode::Omit, 200, &opaque), Ok(None));
}

#[test]
fn a_page_of_an_opaque_origin_is_at_home_nowhere() {
    let leg = Leg::first(
        &Origin("null".into()),
        Url::parse("https://api.example/").unwrap(),
    );
    assert!(leg.cors);
    assert!(after_redirect(&leg, "https://other.example/").unwrap().tainted);
}

#[test]
fn a_proxys_question_ends_the_way() {
    let leg = Leg::first(
        &Origin("https://app.example".into()),
        Url::parse("https://app.example/").unwrap(),
    );
    assert_eq!(
        follow(&leg, Mode::Omit, 407, &[]),
        Err(Refusal::ProxyAuthenticationAsked)
    );
}

proptest! {
    #[test]
    fn any_answer_is_followed_without_a_panic_and_taint_stays(raw in any_headers(), location in ".*", status in 100_u16..600) {
        let tainted = walk("https://api.example/", &["https://b.example/"]);
        if let Ok(Some(next)) = follow(&tainted, Mode::Omit, status, &raw) {
            prop_assert!(next.tainted && next.cors);
        }
        match after_redirect(&tainted, &location) {
            Ok(next) => prop_assert!(next.tainted && next.redirects == 2),
            Err(refusal) => prop_assert!(refusal.to_string().is_ascii() || refusal.to_string().contains('…')),
        }
    }
}
