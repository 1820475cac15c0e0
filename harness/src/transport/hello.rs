//! A TLS handshake by hand, as far as its first question and answer: rustls neither offers nor reads anything below TLS 1.2.
//! Pure.

use std::net::IpAddr;

use tls_parser::nom::Err;
use tls_parser::{TlsMessage, TlsMessageHandshake, parse_tls_plaintext};

use crate::model::heard::Heard;

/// TLS 1.1, the newest version that is offered, and TLS 1.0, the version of the record that offers it (RFC 4346 §E.1).
const TLS_1_1: [u8; 2] = [3, 2];
const TLS_1_0: [u8; 2] = [3, 1];

/// What servers of that time knew: AES and 3DES in CBC with SHA-1, the key exchanged by ECDHE, DHE or RSA; and that we know of
/// secure renegotiation (RFC 5746 §3.3). TLS_FALLBACK_SCSV (RFC 7507) is left out: it would make a server refuse that accepts
/// old clients.
const SUITES: [u16; 10] = [
    0xc009, 0xc00a, 0xc013, 0xc014, 0x0033, 0x0039, 0x002f, 0x0035, 0x000a, 0x00ff,
];

/// Curves that any server knows: P-256, P-384, P-521 (RFC 8422 §5.1.1).
const CURVES: [u16; 3] = [23, 24, 25];

/// The most that a length of two bytes tells.
const MOST: usize = 0xffff;

/// A ClientHello that offers TLS 1.1 and nothing newer, in a record of its own.
pub(crate) fn old_client_hello(host: &str, random: &[u8; 32]) -> Vec<u8> {
    let mut body = TLS_1_1.to_vec();
    body.extend_from_slice(random);
    body.push(0); // No session to resume.
    body.extend(after_length(&words(&SUITES)));
    body.extend_from_slice(&[1, 0]); // No compression.
    body.extend(after_length(&extensions(host)));
    let mut message = vec![1, 0]; // A ClientHello, its length in three bytes.
    message.extend(after_length(&body));
    let mut record = vec![22]; // A handshake.
    record.extend_from_slice(&TLS_1_0);
    record.extend(after_length(&message));
    record
}

/// The name of the server (RFC 6066 §3; never an address), curves and point formats (RFC 8422 §5.1).
fn extensions(host: &str) -> Vec<u8> {
    let mut extensions = Vec::new();
    let mut add = |number: u16, content: &[u8]| {
        extensions.extend_from_slice(&number.to_be_bytes());
        extensions.extend(after_length(content));
    };
    if host.parse::<IpAddr>().is_err() {
        let mut name = vec![0]; // A host name.
        name.extend(after_length(host.as_bytes()));
        add(0, &after_length(&name));
    }
    add(10, &after_length(&words(&CURVES)));
    add(11, &[1, 0]);
    extensions
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// The bytes behind their length in two bytes. Host names are shorter by far, and whatever is longer is cut.
fn after_length(bytes: &[u8]) -> Vec<u8> {
    let bytes = &bytes[..bytes.len().min(MOST)];
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut all = length.to_be_bytes().to_vec();
    all.extend_from_slice(bytes);
    all
}

/// What a server says to a ClientHello; `None` while its first record is not whole.
pub(crate) fn said(bytes: &[u8]) -> Option<Heard> {
    let record = match parse_tls_plaintext(bytes) {
        Ok((_, record)) => record,
        Err(Err::Incomplete(_)) => return None,
        Err(_) => return Some(Heard::Else),
    };
    Some(match record.msg.first() {
        Some(TlsMessage::Handshake(TlsMessageHandshake::ServerHello(hello))) => Heard::Hello(hello.version.0),
        Some(TlsMessage::Alert(alert)) => Heard::Alert(alert.code.0),
        _ => Heard::Else,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_parser_reads_what_is_written() {
        let record = old_client_hello("api.example", &[7; 32]);
        let (rest, record) = parse_tls_plaintext(&record).unwrap();
        assert!(rest.is_empty());
        let [TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello))] = record.msg.as_slice() else {
            panic!("{:?}", record.msg);
        };
        assert_eq!(
            (hello.version.0, hello.random, hello.ciphers.len()),
            (0x0302, &[7; 32][..], SUITES.len())
        );
        let (rest, extensions) = tls_parser::parse_tls_extensions(hello.ext.unwrap()).unwrap();
        assert!(rest.is_empty());
        let said = format!("{extensions:?}");
        assert!(
            said.contains("api.example") && !said.contains("SupportedVersions"),
            "{said}"
        );
    }

    #[test]
    fn an_address_is_no_name() {
        let record = old_client_hello("127.0.0.1", &[0; 32]);
        assert!(!record.windows(9).any(|nine| nine == b"127.0.0.1"));
    }

    /// A ServerHello of this version, alone in its record.
    fn server_hello(version: [u8; 2]) -> Vec<u8> {
        let mut body = version.to_vec();
        body.extend_from_slice(&[9; 32]);
        body.extend_from_slice(&[0, 0xc0, 0x13, 0]);
        let mut message = vec![2, 0];
        message.extend(after_length(&body));
        let mut record = vec![22, 3, 1];
        record.extend(after_length(&message));
        record
    }

    #[test]
    fn a_server_hello_an_alert_and_anything_else_are_told_apart() {
        assert_eq!(said(&server_hello([3, 1])), Some(Heard::Hello(0x0301)));
        assert_eq!(said(&server_hello([3, 2])), Some(Heard::Hello(0x0302)));
        assert_eq!(said(&[21, 3, 1, 0, 2, 2, 70]), Some(Heard::Alert(70)));
        assert_eq!(said(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Some(Heard::Else));
        assert_eq!(said(&server_hello([3, 1])[..20]), None);
        assert_eq!(said(&[]), None);
    }

    proptest! {
        #[test]
        fn whatever_a_server_says_is_read(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = said(&bytes);
        }

        #[test]
        fn whatever_a_record_holds_is_read(kind in 20_u8..25, bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut record = vec![kind, 3, 1];
            record.extend(after_length(&bytes));
            let _ = said(&record);
        }
    }
}
