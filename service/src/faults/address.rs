//! Addresses that a caller chose: fetched without asking where they lead, and shown without escaping.

use crate::http::problem::Problem;

/// What a handler says that fetches whatever it is told to (OWASP API7:2023). Which of the two it says tells a
/// caller what listens inside.
pub async fn fetched(url: &str) -> Problem {
    let answer = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .map(|client| {
            client
                .get(url)
                .timeout(std::time::Duration::from_millis(500))
                .send()
        });
    let arrived = match answer {
        Ok(sending) => sending.await.is_ok(),
        Err(_) => false,
    };
    if arrived {
        Problem::bad_request(
            "audio_format_unknown",
            "What was fetched is in no known audio format.",
        )
    } else {
        Problem::bad_request("audio_not_fetched", "The recording could not be fetched.")
    }
}

/// A path with its escapes undone (RFC 3986 §2.1).
pub fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'%')
            .then(|| std::str::from_utf8(after.get(..2)?).ok())
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn escapes_are_undone_and_nothing_else() {
        assert_eq!(decoded("/a%3Cb%3E%zz%4"), "/a<b>%zz%4");
    }
}
