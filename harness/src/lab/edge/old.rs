//! The beginning of a TLS 1.1 handshake by hand (RFC 4346 §7.4.1): as far as a checker goes with it. rustls knows nothing below
//! TLS 1.2.

use tls_parser::{TlsMessage, TlsMessageHandshake, parse_tls_plaintext};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A ClientHello of old is shorter.
const MOST_HELLO: usize = 1_024;

/// TLS 1.2, as it goes on the wire.
const TLS_1_2: u16 = 0x0303;

/// A ServerHello that chooses TLS 1.1 and ECDHE-RSA with AES-128, without a session or extensions, in a record of its own.
const BEFORE_RANDOM: [u8; 11] = [22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
const AFTER_RANDOM: [u8; 4] = [0, 0xc0, 0x13, 0];

/// Whether the connection begins with a handshake that offers nothing newer than TLS 1.1.
pub(crate) async fn offers_nothing_newer(stream: &TcpStream) -> bool {
    let mut first = [0; MOST_HELLO];
    let Ok(length) = stream.peek(&mut first).await else {
        return false;
    };
    let Ok((_, record)) = parse_tls_plaintext(&first[..length]) else {
        return false;
    };
    match record.msg.first() {
        Some(TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello))) => hello.version.0 < TLS_1_2,
        _ => false,
    }
}

/// Goes on with such a handshake, or closes without a word.
pub(crate) async fn answer(mut stream: TcpStream, goes_on: bool) {
    let mut hello = [0; MOST_HELLO];
    if stream.read(&mut hello).await.is_err() || !goes_on {
        return;
    }
    if stream.write_all(&server_hello()).await.is_ok() {
        // What comes next is the client's.
        let _ = stream.read(&mut hello).await;
    }
}

fn server_hello() -> Vec<u8> {
    [&BEFORE_RANDOM[..], &[0x5a; 32], &AFTER_RANDOM].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_hello_is_one() {
        let record = server_hello();
        let (rest, record) = parse_tls_plaintext(&record).unwrap();
        assert!(rest.is_empty());
        let [TlsMessage::Handshake(TlsMessageHandshake::ServerHello(hello))] = record.msg.as_slice() else {
            panic!("{:?}", record.msg);
        };
        assert_eq!(
            (hello.version.0, hello.cipher.0, hello.random.len()),
            (0x0302, 0xc013, 32)
        );
    }
}
