//! What a redirect makes of a request itself, besides of where it goes: the judge needs it to know what Chromium sends next.

/// The method after a redirect, and whether the body and its headers are dropped (Fetch §4.5, step 12).
pub(crate) fn method_after_redirect(status: u16, method: &str) -> (String, bool) {
    let becomes_get = match status {
        301 | 302 => method == "POST",
        303 => method != "GET" && method != "HEAD",
        _ => false,
    };
    if becomes_get {
        ("GET".to_owned(), true)
    } else {
        (method.to_owned(), false)
    }
}

/// Whether this header goes when a redirect drops the body (Fetch §2.2.2, request-body-header name).
pub(crate) fn is_request_body_header_name(name: &str) -> bool {
    [
        "content-encoding",
        "content-language",
        "content-location",
        "content-type",
    ]
    .iter()
    .any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_becomes_a_get_where_the_standard_says_so() {
        for (status, method, expected, drops) in [
            (301, "POST", "GET", true),
            (302, "POST", "GET", true),
            (303, "PUT", "GET", true),
            (303, "HEAD", "HEAD", false),
            (303, "GET", "GET", false),
            (301, "PUT", "PUT", false),
            (307, "POST", "POST", false),
            (308, "POST", "POST", false),
        ] {
            assert_eq!(
                method_after_redirect(status, method),
                (expected.to_owned(), drops),
                "{status} {method}"
            );
        }
    }

    #[test]
    fn a_dropped_body_takes_its_headers_along_and_no_others() {
        for name in [
            "Content-Type",
            "content-language",
            "CONTENT-ENCODING",
            "content-location",
        ] {
            assert!(is_request_body_header_name(name), "{name}");
        }
        for name in ["content-length", "accept", "authorization", "x-content-type"] {
            assert!(!is_request_body_header_name(name), "{name}");
        }
    }
}
