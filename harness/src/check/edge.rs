//! Marks of what stands in front of a service, as far as checks need them.

use crate::check::health::is_page;
use crate::model::exchange::Reply;

/// Beginnings of pages that ask a visitor to prove that it is a browser, lower-case.
const CHALLENGES: &str = "just a moment...|attention required|checking your browser|_incapsula_resource|pardon our \
                          interruption|verify you are human|challenge-platform|px-captcha|captcha-delivery";

/// Whether an answer is a firewall's challenge or block page for whoever asks, not the service's refusal.
pub fn is_challenge(reply: &Reply) -> bool {
    let header = |name: &str| reply.header(name).unwrap_or_default().to_ascii_lowercase();
    if header("cf-mitigated") == "challenge"
        || matches!(header("x-amzn-waf-action").as_str(), "challenge" | "captcha")
    {
        return true;
    }
    let body = reply.body.bytes.get(..8_192).unwrap_or(&reply.body.bytes);
    let body = String::from_utf8_lossy(body).to_ascii_lowercase();
    matches!(reply.status, 403 | 405 | 429 | 503)
        && is_page(reply)
        && CHALLENGES.split('|').any(|mark| body.contains(mark))
}

/// What an account says of itself once it is used up. No later moment changes that, so it is an answer like others.
const USED_UP: &str = "insufficient_quota|exceeded your current quota|billing";

/// Whether an answer says no more than that too much was asked just now (RFC 6585 §4). A run asks much at once, so such an
/// answer tells nothing of what it asked for: neither that it works nor that it does not.
pub fn is_limit(reply: &Reply) -> bool {
    if reply.status != 429 || is_challenge(reply) {
        return false;
    }
    let body = reply.body.bytes.get(..8_192).unwrap_or(&reply.body.bytes);
    let body = String::from_utf8_lossy(body).to_ascii_lowercase();
    !USED_UP.split('|').any(|mark| body.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::answered;

    fn is(status: u16, headers: &[(&str, &str)], body: &str) -> bool {
        is_challenge(
            answered(1, &asks::read("/health"), status, headers, body)
                .answer()
                .unwrap(),
        )
    }

    #[test]
    fn a_challenge_is_known_by_header_or_page() {
        let html = ("content-type", "text/html");
        assert!(is(403, &[html, ("cf-mitigated", "challenge")], ""));
        assert!(is(403, &[html], "<html><title>Just a moment...</title>"));
        assert!(is(202, &[("x-amzn-waf-action", "challenge")], ""));
    }

    #[test]
    fn a_refusal_of_the_service_is_none() {
        assert!(!is(
            403,
            &[("content-type", "application/json")],
            "{\"detail\":\"captcha missing: verify you are human\"}"
        ));
        assert!(!is(
            403,
            &[("content-type", "text/html")],
            "<html>Forbidden</html>"
        ));
        assert!(!is(
            200,
            &[("content-type", "text/html")],
            "<html><title>Just a moment...</title>"
        ));
    }

    #[test]
    fn a_limit_is_no_used_up_account_and_no_challenge() {
        let limit = |status, headers: &[(&str, &str)], body| {
            is_limit(
                answered(1, &asks::read("/health"), status, headers, body)
                    .answer()
                    .unwrap(),
            )
        };
        assert!(limit(429, &[("retry-after", "1")], r#"{"detail":"slow down"}"#));
        assert!(limit(429, &[], ""));
        assert!(!limit(503, &[("retry-after", "1")], ""));
        assert!(!limit(429, &[], r#"{"error":{"code":"insufficient_quota"}}"#));
        assert!(!limit(429, &[("cf-mitigated", "challenge")], "<html>"));
    }
}
