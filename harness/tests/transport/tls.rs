//! TLS: which certificates are accepted, and what is told of those that are not.

use bytes::Bytes;
use greenlight::model::exchange::{Phase, WireFault};
use greenlight::model::probe::SecretName;
use greenlight::model::recording::Connection;
use greenlight::model::target::Scheme;
use greenlight::transport::http::{Attempt, Settings, SetupError, Transport};
use greenlight::transport::secret::{Secret, Vault};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncWriteExt as _;

use crate::support::server::{Server, answer, request, silence};
use crate::support::tls::{Authority, Shown, self_signed, serve};
use crate::support::{SHORT, attempt, attempt_within, failure, get, reply, target, transport};

/// An HTTPS server that shows this.
async fn https(shown: Shown) -> Server {
    serve(shown, &[b"http/1.1"], |mut stream| async move {
        while request(&mut stream).await.is_some() {
            if stream.write_all(&answer("200 OK", &[], "ok")).await.is_err() {
                return;
            }
        }
    })
    .await
}

async fn visit(server: &Server, authority: &Authority) -> (Attempt, Vec<Connection>) {
    let settings = Settings {
        ca_pem: Some(authority.pem()),
        ..Settings::default()
    };
    let base = format!("https://localhost:{}", server.address.port());
    let transport = Transport::new(target(&base), settings).unwrap();
    let attempt = attempt(&transport, &get("/")).await;
    (attempt, transport.connections())
}

#[tokio::test]
async fn a_certificate_of_the_users_own_authority_is_accepted_and_recorded() {
    let authority = Authority::new();
    let server = https(authority.signs(&["localhost"], 2096)).await;
    let (attempt, connections) = visit(&server, &authority).await;
    assert_eq!(reply(&attempt).status, 200);
    assert!(attempt.phases.tls.is_some());
    let connection = &connections[attempt.conn.unwrap() as usize];
    assert_eq!(
        (connection.tls.as_deref(), connection.alpn.as_deref()),
        (Some("TLSv1_3"), Some("http/1.1"))
    );
    assert_eq!(connection.certificates.len(), 2);
    assert!(connection.certificates[0].names[0].contains("localhost"));
    assert!(
        connection.certificates[1]
            .subject
            .contains("Greenlight test authority")
    );
}

#[tokio::test]
async fn what_a_certificate_says_of_somebody_is_not_kept() {
    let authority = Authority::named("Ann <ann.canary@person.example>");
    let names = [
        "localhost",
        "token-of-ours-0123456789.example",
        "sk-proj-canaryproviderkey0123456789.example",
    ];
    for until in [2096, 2002] {
        let server = https(authority.signs(&names, until)).await;
        let settings = Settings {
            ca_pem: Some(authority.pem()),
            vault: Vault::new(Scheme::Bearer)
                .with(SecretName("main".into()), Secret::new("Token-Of-Ours-0123456789")),
            ..Settings::default()
        };
        let base = format!("https://localhost:{}", server.address.port());
        let transport = Transport::new(target(&base), settings).unwrap();
        let attempt = attempt(&transport, &get("/")).await;
        let kept = format!("{:?} {:?}", attempt.reply, transport.connections());
        assert!(
            kept.contains("localhost") && kept.contains("[credential:24]"),
            "{kept}"
        );
        for secret in ["token-of-ours", "canaryproviderkey", "ann.canary"] {
            assert!(!kept.contains(secret), "{kept}");
        }
    }
}

#[tokio::test]
async fn a_certificate_that_is_refused_is_recorded_all_the_same() {
    let authority = Authority::new();
    for (shown, said) in [
        (authority.signs(&["localhost"], 2002), "expired"),
        (authority.signs(&["api.acme.example"], 2096), "not valid for name"),
        (self_signed(&["localhost"]), "UnknownIssuer"),
        (
            Authority::named("Somebody else").signs(&["localhost"], 2096),
            "UnknownIssuer",
        ),
    ] {
        let server = https(shown).await;
        let (attempt, connections) = visit(&server, &authority).await;
        let error = failure(&attempt);
        assert_eq!((error.phase, error.fault), (Phase::Tls, WireFault::Tls));
        assert!(
            error.detail.to_lowercase().contains(&said.to_lowercase()),
            "{}",
            error.detail
        );
        assert!(attempt.sent.is_none(), "nothing may be sent to a stranger");
        let connection = &connections[attempt.conn.unwrap() as usize];
        assert!(!connection.certificates.is_empty(), "{said}");
        assert!(
            connection.address.starts_with("127.0.0.1:"),
            "{}",
            connection.address
        );
    }
}

#[tokio::test]
async fn http_2_is_spoken_where_alpn_settles_on_it() {
    let authority = Authority::new();
    let server = serve(
        authority.signs(&["localhost"], 2096),
        &[b"h2", b"http/1.1"],
        |stream| async move {
            let service = service_fn(|request: http::Request<hyper::body::Incoming>| async move {
                assert!(request.headers().get("host").is_none());
                Ok::<_, std::convert::Infallible>(http::Response::new(Full::new(Bytes::from("two"))))
            });
            let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        },
    )
    .await;
    let (attempt, connections) = visit(&server, &authority).await;
    assert_eq!(
        (reply(&attempt).version.as_str(), &reply(&attempt).body.bytes[..]),
        ("HTTP/2", &b"two"[..])
    );
    assert_eq!(connections[0].alpn.as_deref(), Some("h2"));
}

#[tokio::test]
async fn a_stream_that_http_2_resets_is_a_reset() {
    let authority = Authority::new();
    let server = serve(
        authority.signs(&["localhost"], 2096),
        &[b"h2"],
        |stream| async move {
            let service = service_fn(|_: http::Request<hyper::body::Incoming>| async move {
                Err::<http::Response<Full<Bytes>>, _>(std::io::Error::other("crash"))
            });
            let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        },
    )
    .await;
    let (attempt, _) = visit(&server, &authority).await;
    assert_eq!(
        failure(&attempt).fault,
        WireFault::Reset,
        "{:?}",
        failure(&attempt)
    );
}

#[tokio::test]
async fn what_breaks_inside_the_handshake_is_no_verdict_on_the_certificate() {
    let https = |server: &Server| transport(&format!("https://{}", server.address));
    let plain = Server::scripted(|_, mut stream| async move {
        let _ = stream
            .write_all(&answer("400 Bad Request", &[], "plain HTTP here"))
            .await;
        silence(stream).await;
    })
    .await;
    let garbage = attempt(&https(&plain), &get("/")).await;
    assert_eq!(
        (failure(&garbage).phase, failure(&garbage).fault),
        (Phase::Tls, WireFault::Tls)
    );

    let closes = Server::scripted(|_, stream| async move { drop(stream) }).await;
    let closed = attempt(&https(&closes), &get("/")).await;
    assert_eq!(failure(&closed).phase, Phase::Tls);
    assert!(
        matches!(
            failure(&closed).fault,
            WireFault::ClosedWithoutAnswer | WireFault::Reset
        ),
        "{:?}",
        failure(&closed)
    );

    let silent = Server::scripted(|_, stream| silence(stream)).await;
    let waited = attempt_within(&https(&silent), &get("/"), SHORT).await;
    assert_eq!(
        (failure(&waited).phase, failure(&waited).fault),
        (Phase::Tls, WireFault::TimedOut)
    );
    assert!(waited.phases.connect.is_some() && waited.phases.tls.is_some());
}

#[test]
fn a_ca_file_without_a_certificate_is_refused() {
    let settings = Settings {
        ca_pem: Some(b"nothing of the kind".to_vec()),
        ..Settings::default()
    };
    let refused = Transport::new(target("https://localhost"), settings).unwrap_err();
    assert!(matches!(refused, SetupError::Tls(_)), "{refused}");
}
