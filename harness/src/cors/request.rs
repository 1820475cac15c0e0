//! What a browser asks before it sends a page's call: does this need a preflight, and with which headers?

use crate::cors::header::{decode, decode_and_split, normalize, sorted_lowercase_set};

/// A page's call that needs a CORS-preflight request, and what the preflight asks for (Fetch §4.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreflightNeed {
    /// The method of the call, normalized.
    pub method: String,
    /// The CORS-unsafe request-header names: lower case, sorted, each once. May be empty.
    pub header_names: Vec<String>,
}

/// Whether a page's call needs a preflight (Fetch §4.1, main fetch, step 12), and what for.
///
/// `headers` are those that the page's script sets. What the browser adds itself is a forbidden request-header and does
/// not count; what our own client adds (`user-agent`, a request id) must not be handed in.
pub fn needs_preflight<N: AsRef<[u8]>, V: AsRef<[u8]>>(
    method: &str,
    headers: &[(N, V)],
) -> Option<PreflightNeed> {
    let method = normalize_method(method);
    let header_names = cors_unsafe_request_header_names(headers);
    let needed = !is_cors_safelisted_method(&method) || !header_names.is_empty();
    needed.then_some(PreflightNeed { method, header_names })
}

/// The headers of a CORS-preflight request besides `Origin` (Fetch §4.8, steps 2 to 5), as browsers send them: names lower
/// case, sorted, joined by a comma without a space, and no `Access-Control-Request-Headers` when there is none to ask for.
pub fn preflight_headers(need: &PreflightNeed) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("accept", "*/*".to_owned()),
        ("access-control-request-method", need.method.clone()),
    ];
    if !need.header_names.is_empty() {
        headers.push(("access-control-request-headers", need.header_names.join(",")));
    }
    headers
}

/// Whether this is a CORS-safelisted method: `GET`, `HEAD` or `POST` (Fetch §2.2.1). Case counts.
pub fn is_cors_safelisted_method(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "POST")
}

/// Upper-cases the six methods that APIs normalize (Fetch §2.2.1). `patch` is not one of them and goes out as it is.
pub fn normalize_method(method: &str) -> String {
    let upper = method.to_ascii_uppercase();
    match upper.as_str() {
        "DELETE" | "GET" | "HEAD" | "OPTIONS" | "POST" | "PUT" => upper,
        _ => method.to_owned(),
    }
}

/// Whether no page can send this method (Fetch §2.2.1, forbidden method).
pub fn is_forbidden_method(method: &str) -> bool {
    ["CONNECT", "TRACE", "TRACK"]
        .iter()
        .any(|forbidden| method.eq_ignore_ascii_case(forbidden))
}

/// The names for which a preflight must ask (Fetch §2.2.2, CORS-unsafe request-header names), without forbidden
/// request-headers, which no page can set.
pub fn cors_unsafe_request_header_names<N: AsRef<[u8]>, V: AsRef<[u8]>>(headers: &[(N, V)]) -> Vec<String> {
    let mut unsafe_names = Vec::new();
    let mut safelisted = Vec::new();
    let mut size = 0_usize;
    for (name, value) in headers {
        let (name, value) = (name.as_ref(), normalize(value.as_ref()));
        if is_forbidden_request_header(name, value) {
            continue;
        }
        if is_cors_safelisted_request_header(name, value) {
            safelisted.push(name);
            size = size.saturating_add(value.len());
        } else {
            unsafe_names.push(name);
        }
    }
    if size > 1024 {
        unsafe_names.append(&mut safelisted);
    }
    sorted_lowercase_set(unsafe_names)
}

/// Whether this header may go out without a preflight (Fetch §2.2.2, CORS-safelisted request-header).
pub fn is_cors_safelisted_request_header(name: &[u8], value: &[u8]) -> bool {
    if value.len() > 128 {
        return false;
    }
    match name.to_ascii_lowercase().as_slice() {
        b"accept" => !value.iter().copied().any(is_cors_unsafe_request_header_byte),
        b"accept-language" | b"content-language" => value.iter().copied().all(is_language_byte),
        b"content-type" => is_safelisted_content_type(value),
        b"range" => is_safelisted_range(value),
        _ => false,
    }
}

/// A byte that no safelisted `Accept` or `Content-Type` holds (Fetch §2.2.2, CORS-unsafe request-header byte).
pub fn is_cors_unsafe_request_header_byte(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || byte == 0x7f || b"\"():<>?@[\\]{}".contains(&byte)
}

fn is_language_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" *,-.;=".contains(&byte)
}

fn is_safelisted_content_type(value: &[u8]) -> bool {
    const SAFE: [&str; 3] = [
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain",
    ];
    !value.iter().copied().any(is_cors_unsafe_request_header_byte) && SAFE.contains(&essence(value).as_str())
}

/// The lower-case essence of a MIME type without unsafe bytes (MIME Sniffing §4.4, parse a MIME type). A value that does not
/// parse has none in the standard; what is returned for it is no MIME type either.
fn essence(value: &[u8]) -> String {
    let end = value.iter().position(|byte| *byte == b';').unwrap_or(value.len());
    let essence = value.get(..end).unwrap_or_default();
    decode(normalize(essence)).to_ascii_lowercase()
}

/// Whether this is one range with a start (Fetch §2.2.2, parse a single range header value, without whitespace).
fn is_safelisted_range(value: &[u8]) -> bool {
    let Some((start, end)) = std::str::from_utf8(value)
        .ok()
        .and_then(|value| value.strip_prefix("bytes="))
        .and_then(|range| range.split_once('-'))
    else {
        return false;
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if start.is_empty() || !digits(start) || !digits(end) {
        return false;
    }
    // Numbers may be longer than any integer type: compare them as digits.
    let (start, last) = (start.trim_start_matches('0'), end.trim_start_matches('0'));
    end.is_empty() || (start.len(), start) <= (last.len(), last)
}

/// Whether `*` never stands for this header (Fetch §2.2.2, CORS non-wildcard request-header name).
pub fn is_cors_non_wildcard_request_header_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("authorization")
}

/// Whether no page can set this header, since the browser keeps it for itself (Fetch §2.2.2, forbidden request-header).
pub fn is_forbidden_request_header(name: &[u8], value: &[u8]) -> bool {
    let name = decode(&name.to_ascii_lowercase());
    match name.as_str() {
        "accept-charset"
        | "accept-encoding"
        | "access-control-request-headers"
        | "access-control-request-method"
        | "connection"
        | "content-length"
        | "cookie"
        | "cookie2"
        | "date"
        | "dnt"
        | "expect"
        | "host"
        | "keep-alive"
        | "origin"
        | "referer"
        | "set-cookie"
        | "te"
        | "trailer"
        | "transfer-encoding"
        | "upgrade"
        | "via" => true,
        "x-http-method" | "x-http-method-override" | "x-method-override" => decode_and_split(&decode(value))
            .iter()
            .any(|method| is_forbidden_method(method)),
        _ => name.starts_with("proxy-") || name.starts_with("sec-"),
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
