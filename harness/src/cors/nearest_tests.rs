//! Origins that are almost right.

use proptest::prelude::*;

use super::*;

const APP: &str = "https://app.example";

fn scheme(wanted: &str, found: &str) -> Option<Difference> {
    Some(Difference::Scheme {
        wanted: wanted.into(),
        found: found.into(),
    })
}

fn port(wanted: Option<u16>, found: Option<u16>) -> Option<Difference> {
    Some(Difference::Port { wanted, found })
}

#[test]
fn says_how_an_entry_for_one_page_differs() {
    for (found, expected) in [
        ("https://app.example/", Some(Difference::TrailingSlash)),
        ("http://app.example", scheme("https", "http")),
        ("app.example", scheme("https", "")),
        ("http://app.example/", scheme("https", "http")),
        ("https://app.example:443", port(None, Some(443))),
        ("https://www.app.example", Some(Difference::Www)),
        ("https://App.Example", Some(Difference::Case)),
        (" https://app.example\r\n", Some(Difference::WhitespaceOrQuotes)),
        ("\"https://app.example\"", Some(Difference::WhitespaceOrQuotes)),
        ("https://preview-7.app.example", Some(Difference::Subdomain)),
        ("https://app.example/notes", Some(Difference::Path)),
        ("https://app.example?x", Some(Difference::Path)),
        ("https://ap.example", Some(Difference::Edits(1))),
        ("https://app.exmaple", Some(Difference::Edits(2))),
        (APP, None),
        ("*", None),
        ("null", None),
        ("", None),
        ("https://elsewhere.test", None),
    ] {
        assert_eq!(difference(APP, found), expected, "{found:?}");
    }
}

#[test]
fn says_how_hosts_and_ports_differ() {
    for (wanted, found, expected) in [
        (
            "https://app.example:8443",
            "https://app.example",
            port(Some(8443), None),
        ),
        (
            "https://app.example:8443",
            "https://app.example:8444",
            port(Some(8443), Some(8444)),
        ),
        (
            "http://localhost:3000",
            "http://localhost:5173",
            port(Some(3000), Some(5173)),
        ),
        (
            "http://[::1]:3000",
            "http://[::1]:3001",
            port(Some(3000), Some(3001)),
        ),
        ("http://[::1]", "http://[::1]:3001", port(None, Some(3001))),
        ("https://www.app.example", APP, Some(Difference::Www)),
        ("https://preview-7.app.example", APP, Some(Difference::Subdomain)),
        ("https://a.example", "https://example", None),
        (
            "https://app.example",
            "https://sapp.example",
            Some(Difference::Edits(1)),
        ),
        ("https://app.example", "http://www.app.example", None),
        ("https://app.example", "https://www.app.example:81", None),
    ] {
        assert_eq!(difference(wanted, found), expected, "{wanted:?} {found:?}");
    }
}

#[test]
fn takes_the_nearest_of_several() {
    let nearest_of = |candidates: &[&str]| {
        let candidates: Vec<String> = candidates.iter().map(|text| (*text).to_owned()).collect();
        nearest(&Origin(APP.into()), &candidates)
    };
    let slash = Some(("https://app.example/".to_owned(), Difference::TrailingSlash));
    assert_eq!(
        nearest_of(&["https://b.example", "http://app.example", "https://app.example/"]),
        slash
    );
    let typo = Some(("https://apq.example".to_owned(), Difference::Edits(1)));
    assert_eq!(
        nearest_of(&["https://x.app.example", "https://apq.example"]),
        typo
    );
    assert_eq!(nearest_of(&["https://app.example/", APP]), None, "it is listed");
    assert_eq!(nearest_of(&["https://elsewhere.test", "*"]), None);
    assert_eq!(nearest_of(&[]), None);
    assert_eq!(nearest_of(&[&format!("{APP}{}", "/".repeat(300))]), None);
}

#[test]
fn a_small_typing_error_is_nearer_than_a_subdomain_and_a_large_one_is_not() {
    let near_to_far = [
        Difference::WhitespaceOrQuotes,
        Difference::Case,
        Difference::TrailingSlash,
        Difference::Path,
        Difference::Scheme {
            wanted: "https".into(),
            found: "http".into(),
        },
        Difference::Port {
            wanted: None,
            found: Some(443),
        },
        Difference::Www,
        Difference::Edits(1),
        Difference::Edits(2),
        Difference::Subdomain,
        Difference::Edits(3),
        Difference::Edits(4),
    ];
    assert!(near_to_far.is_sorted_by(|near, far| near.distance() < far.distance()));
}

#[test]
fn origins_longer_than_any_host_are_not_compared() {
    let long = |length: usize| format!("https://{}", "a".repeat(length - "https://".len()));
    let one_less = |length: usize| nearest(&Origin(long(length)), &[long(length - 1)]);
    assert_eq!(one_less(256), Some((long(255), Difference::Edits(1))));
    assert_eq!(one_less(257), None);
    assert_eq!(one_less(258), None);
}

#[test]
fn says_each_difference_in_words() {
    let plain = [
        Difference::WhitespaceOrQuotes,
        Difference::Case,
        Difference::TrailingSlash,
        Difference::Path,
        Difference::Www,
        Difference::Subdomain,
        Difference::Edits(1),
        Difference::Edits(3),
    ];
    let rest = [
        scheme("https", "http"),
        scheme("https", ""),
        port(None, Some(443)),
        port(Some(8443), None),
        port(Some(3000), Some(3001)),
    ];
    let all = plain.into_iter().chain(rest.into_iter().flatten());
    insta::assert_snapshot!(
        all.map(|difference| difference.to_string())
            .collect::<Vec<_>>()
            .join("\n")
    );
}

proptest! {
    #[test]
    fn no_text_breaks_a_comparison(one in ".{0,40}", two in ".{0,40}") {
        let told = difference(&one, &two);
        prop_assert!(one != two || told.is_none());
    }

    #[test]
    fn an_edit_is_counted_once(at in 0_usize..19, letter in proptest::char::range('a', 'z')) {
        let mut other: Vec<char> = APP.chars().collect();
        let before = other[at];
        other[at] = letter;
        let other: String = other.into_iter().collect();
        prop_assert_eq!(edit_distance(APP, &other), usize::from(before != letter));
        prop_assert_eq!(edit_distance(&other, APP), usize::from(before != letter));
    }
}
