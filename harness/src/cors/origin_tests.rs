//! Origins as people write them.

use proptest::prelude::*;

use super::*;

const APP: &str = "https://app.example";

fn origin(text: &str) -> Origin {
    Origin(text.into())
}

#[test]
fn reads_an_origin_as_a_browser_sends_it_or_says_what_was_meant() {
    for good in [
        APP,
        "null",
        "http://localhost:3000",
        "http://[::1]:8080",
        "https://xn--bcher-kva.example",
    ] {
        assert_eq!(parse(good), Ok(origin(good)));
    }
    let bad = [
        "https://app.example/",
        "app.example",
        "https://APP.example",
        " https://app.example",
        "https://app.example:443",
        "https://app.example/x",
        "",
        "*",
        "https://*.app.example",
        "file:///x",
        "capacitor://localhost/",
        "https://b\u{fc}cher.example",
    ];
    let told: Vec<String> = bad
        .iter()
        .map(|text| format!("{text:?}: {}", parse(text).unwrap_err()))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn an_app_or_extension_has_an_origin_of_its_own_scheme() {
    for good in [
        "capacitor://localhost",
        "chrome-extension://abcdef",
        "app://shell:81",
    ] {
        assert_eq!(parse(good), Ok(origin(good)));
    }
    for bad in ["capacitor://LOCALHOST", "capacitor://", "capacitor:localhost"] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn what_stands_around_an_origin_by_mistake_is_seen_through() {
    for text in [
        "\"https://app.example\"",
        "'https://app.example'",
        "\u{a0}https://app.example",
        "https://app.example\u{85}",
        "\u{7f}https://app.example",
    ] {
        let refused = parse(text).unwrap_err();
        assert_eq!(refused.meant, Some(origin(APP)), "{text:?}");
        assert_eq!(
            refused.difference,
            Some(Difference::WhitespaceOrQuotes),
            "{text:?}"
        );
    }
}

#[test]
fn classifies_origins_by_trust() {
    for (text, expected) in [
        ("null", Kind::Opaque),
        ("http://localhost:3000", Kind::Loopback),
        ("https://dev.localhost", Kind::Loopback),
        ("http://127.0.0.9", Kind::Loopback),
        ("http://[::1]:1", Kind::Loopback),
        ("http://app.example", Kind::PlainHttp),
        ("http://notlocalhost", Kind::PlainHttp),
        (APP, Kind::Secure),
        ("capacitor://localhost", Kind::Other),
        ("chrome-extension://abc", Kind::Other),
        ("nonsense", Kind::Other),
    ] {
        assert_eq!(kind(&origin(text)), expected, "{text}");
    }
}

#[test]
fn serialises_the_origin_of_a_url() {
    for (url, expected) in [
        ("https://app.example:443/a?b#c", APP),
        ("http://user:x@app.example:8080/", "http://app.example:8080"),
        ("https://APP.example", APP),
        ("file:///etc/hosts", "null"),
        ("data:text/plain,x", "null"),
    ] {
        assert_eq!(origin_of(&Url::parse(url).unwrap()).0, expected);
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(one in ".{0,40}") {
        let _ = parse(&one).map_err(|error| error.to_string());
        prop_assert!(kind(&origin(&one)) != Kind::Opaque || one == "null");
    }
}
