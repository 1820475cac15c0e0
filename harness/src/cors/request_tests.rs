//! Safelists, byte by byte.

use proptest::prelude::*;

use super::*;

fn safe(name: &str, value: &str) -> bool {
    is_cors_safelisted_request_header(name.as_bytes(), value.as_bytes())
}

#[test]
fn knows_the_safelisted_methods_by_their_case() {
    for (method, expected) in [
        ("GET", true),
        ("HEAD", true),
        ("POST", true),
        ("get", false),
        ("PUT", false),
        ("", false),
    ] {
        assert_eq!(is_cors_safelisted_method(method), expected, "{method}");
    }
}

#[test]
fn normalizes_six_methods_and_no_other() {
    for (method, expected) in [
        ("get", "GET"),
        ("Delete", "DELETE"),
        ("options", "OPTIONS"),
        ("put", "PUT"),
        ("patch", "patch"),
        ("egg", "egg"),
    ] {
        assert_eq!(normalize_method(method), expected);
    }
    assert!(is_forbidden_method("trace") && is_forbidden_method("CONNECT") && !is_forbidden_method("PATCH"));
}

#[test]
fn safelists_request_headers_as_the_standard_does() {
    let long = "a".repeat(129);
    for (name, value, expected) in [
        ("Accept", "*/*", true),
        ("accept", "application/json;q=0.9\t", true),
        ("accept", "text/html;a=\"b\"", false),
        ("accept", "a(b)", false),
        ("accept", "a\x01", false),
        ("accept", "a\x7f", false),
        ("accept", &long, false),
        ("accept", &long[..128], true),
        ("Accept-Language", "en-GB,en;q=0.5, *", true),
        ("accept-language", "en@x", false),
        ("accept-language", "en\t", false),
        ("content-language", "de.ch", true),
        ("content-language", "d\u{e9}", false),
        ("Content-Type", "text/plain", true),
        ("content-type", " TEXT/PLAIN ;charset=utf-8", true),
        ("content-type", "multipart/form-data; boundary=x", true),
        ("content-type", "application/x-www-form-urlencoded", true),
        ("content-type", "application/json", false),
        ("content-type", "application/json, text/plain", false),
        ("content-type", "text/plain, application/json", false),
        ("content-type", "text/plain;x=\"y\"", false),
        ("content-type", "text/ plain", false),
        ("content-type", "text /plain", false),
        ("content-type", "/plain", false),
        ("content-type", "text/", false),
        ("content-type", "text", false),
        ("content-type", "", false),
        ("range", "bytes=0-", true),
        ("Range", "bytes=0-500", true),
        ("range", "bytes=500-500", true),
        ("range", "bytes=0099-100", true),
        ("range", "bytes=100-99", false),
        (
            "range",
            "bytes=99999999999999999999999-100000000000000000000000",
            true,
        ),
        ("range", "bytes=-500", false),
        ("range", "bytes=-", false),
        ("range", "bytes= 0-1", false),
        ("range", "bytes=0-1,3-4", false),
        ("range", "Bytes=0-1", false),
        ("range", "items=0-1", false),
        ("authorization", "x", false),
        ("x-request-id", "1", false),
        ("", "", false),
    ] {
        assert_eq!(safe(name, value), expected, "{name}: {value}");
    }
}

#[test]
fn asks_for_what_is_not_safelisted_lower_case_sorted_and_once() {
    let headers = [
        ("X-Api-Key", "k"),
        ("Content-Type", "application/json"),
        ("accept", "*/*"),
        ("x-api-key", "l"),
    ];
    let need = needs_preflight("POST", &headers).unwrap();
    assert_eq!(
        need,
        PreflightNeed {
            method: "POST".into(),
            header_names: vec!["content-type".into(), "x-api-key".into()]
        }
    );
    let expected = [
        ("accept", "*/*".to_owned()),
        ("access-control-request-method", "POST".to_owned()),
        (
            "access-control-request-headers",
            "content-type,x-api-key".to_owned(),
        ),
    ];
    assert_eq!(preflight_headers(&need), expected);
}

#[test]
fn asks_for_no_headers_when_only_the_method_needs_it() {
    let need = needs_preflight::<&str, &str>("delete", &[]).unwrap();
    let expected = [
        ("accept", "*/*".to_owned()),
        ("access-control-request-method", "DELETE".to_owned()),
    ];
    assert_eq!(preflight_headers(&need), expected);
}

#[test]
fn needs_no_preflight_for_what_a_form_could_send() {
    assert_eq!(needs_preflight("GET", &[("accept", "application/json")]), None);
    assert_eq!(needs_preflight("post", &[("content-type", "text/plain")]), None);
    assert!(needs_preflight("patch", &[("accept", "*/*")]).is_some_and(|need| need.method == "patch"));
}

#[test]
fn counts_at_most_1024_bytes_of_safelisted_values() {
    let at = |n: usize| vec![("accept", "a".repeat(128)); n];
    assert_eq!(needs_preflight("GET", &at(8)), None);
    assert_eq!(needs_preflight("GET", &at(9)).unwrap().header_names, ["accept"]);
}

#[test]
fn leaves_out_what_no_page_can_set() {
    let headers = [
        ("Origin", "https://a.example"),
        ("Host", "b.example"),
        ("Content-Length", "3"),
        ("Cookie", "a=b"),
        ("Sec-Fetch-Mode", "cors"),
        ("Proxy-Authorization", "x"),
        ("X-HTTP-Method-Override", "get, trace"),
    ];
    assert_eq!(needs_preflight("GET", &headers), None);
    let need = needs_preflight(
        "POST",
        &[("X-HTTP-Method-Override", "DELETE"), ("user-agent", "x")],
    )
    .unwrap();
    assert_eq!(need.header_names, ["user-agent", "x-http-method-override"]);
    assert!(is_cors_non_wildcard_request_header_name("AUTHORIZATION"));
}

fn any_request() -> impl Strategy<Value = Vec<(Vec<u8>, Vec<u8>)>> {
    let name = prop_oneof![
        proptest::sample::select(vec![
            "Accept",
            "accept-language",
            "Content-Type",
            "RANGE",
            "Authorization",
            "x-a",
            "Host"
        ])
        .prop_map(|name| name.as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 0..6),
    ];
    let value = prop_oneof![
        proptest::sample::select(vec!["text/plain", "application/json", "bytes=0-", "en", "*/*"])
            .prop_map(|value| value.as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 0..140),
        (0_usize..200).prop_map(|n| vec![b'a'; n]),
    ];
    proptest::collection::vec((name, value), 0..14)
}

proptest! {
    #[test]
    fn more_headers_never_need_less(headers in any_request(), keep in any::<u16>()) {
        let fewer: Vec<_> =
            headers.iter().enumerate().filter(|(i, _)| keep & (1 << i) != 0).map(|(_, header)| header.clone()).collect();
        let (all, some) = (cors_unsafe_request_header_names(&headers), cors_unsafe_request_header_names(&fewer));
        prop_assert!(some.iter().all(|name| all.contains(name)));
        prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "sorted, each once");
        prop_assert!(needs_preflight("GET", &fewer).is_none() || needs_preflight("GET", &headers).is_some());
    }

    #[test]
    fn a_prefix_of_a_safelisted_accept_is_safelisted(value in proptest::collection::vec(any::<u8>(), 0..140), cut in 0_usize..140) {
        let prefix = &value[..cut.min(value.len())];
        for name in [b"accept".as_slice(), b"accept-language"] {
            prop_assert!(!is_cors_safelisted_request_header(name, &value) || is_cors_safelisted_request_header(name, prefix));
        }
    }
}
