//! Through a proxy: a tunnel for HTTPS, the whole URI for HTTP, and its password nowhere.

use greenlight::model::exchange::{Phase, WireFault};
use greenlight::transport::http::{Attempt, Settings, Transport};
use greenlight::transport::proxy::Proxies;
use tokio::io::{AsyncWriteExt as _, copy_bidirectional};
use tokio::net::TcpStream;

use crate::support::server::{Server, answer, request, silence, vacant};
use crate::support::tls::{Authority, serve};
use crate::support::{SHORT, attempt, attempt_within, failure, get, reply, target};

const PASSWORD: &str = "canary-proxy-pa55word";

/// A proxy that tunnels every CONNECT to this address, and refuses whoever does not know the password.
async fn tunnelling(to: std::net::SocketAddr) -> Server {
    Server::scripted(move |_, mut stream| async move {
        let Some(connect) = request(&mut stream).await else {
            return;
        };
        assert_eq!(connect.line(), "CONNECT api.acme.example:8443");
        if connect.header("proxy-authorization") != Some("Basic bWU6Y2FuYXJ5LXByb3h5LXBhNTV3b3Jk") {
            let _ = stream
                .write_all(&answer("407 Proxy Authentication Required", &[], ""))
                .await;
            return;
        }
        let mut behind = TcpStream::connect(to).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .await
            .unwrap();
        let _ = copy_bidirectional(&mut stream, &mut behind).await;
    })
    .await
}

fn through(proxy: &str, base: &str, authority: Option<&Authority>) -> Transport {
    let settings = Settings {
        proxies: Proxies {
            all: proxy.into(),
            ..Proxies::default()
        },
        ca_pem: authority.map(Authority::pem),
        ..Settings::default()
    };
    Transport::new(target(base), settings).unwrap()
}

fn bare_of_password(transport: &Transport, attempt: &Attempt) {
    let told = format!(
        "{:?} {:?} {:?} {:?} {transport:?} {:?}",
        attempt.sent,
        attempt.reply,
        attempt.redacted,
        attempt.phases,
        transport.connections()
    );
    for form in [PASSWORD, "Y2FuYXJ5LXByb3h5LXBhNTV3b3Jk", "bWU6Y2FuYXJ5LXByb3h5"] {
        assert!(!told.contains(form), "{form} in {told}");
    }
}

#[tokio::test]
async fn https_goes_through_a_tunnel_and_the_certificate_is_the_targets() {
    let authority = Authority::new();
    let behind = serve(
        authority.signs(&["api.acme.example"], 2096),
        &[b"http/1.1"],
        |mut stream| async move {
            while let Some(request) = request(&mut stream).await {
                assert_eq!(request.line(), "GET /deep");
                assert_eq!(request.header("host"), Some("api.acme.example:8443"));
                assert_eq!(request.header("proxy-authorization"), None);
                let _ = stream.write_all(&answer("200 OK", &[], "behind")).await;
            }
        },
    )
    .await;
    let proxy = tunnelling(behind.address).await;
    let url = format!("http://me:{PASSWORD}@{}", proxy.address);
    let transport = through(&url, "https://api.acme.example:8443", Some(&authority));
    for _ in 0..2 {
        let attempt = attempt(&transport, &get("/deep")).await;
        assert_eq!(
            (&reply(&attempt).body.bytes[..], attempt.conn),
            (&b"behind"[..], Some(0))
        );
        bare_of_password(&transport, &attempt);
    }
    let connection = &transport.connections()[0];
    assert_eq!(connection.address, format!("{} (proxy)", proxy.address));
    assert!(connection.certificates[0].names[0].contains("api.acme.example"));
}

#[tokio::test]
async fn http_names_the_whole_uri_and_the_proxys_echo_of_the_password_is_removed() {
    let proxy = Server::answering(|request| {
        let given = request.header("proxy-authorization").unwrap_or_default();
        answer(
            "200 OK",
            &[&format!("x-echo: {given}")],
            format!("{PASSWORD} {given}"),
        )
    })
    .await;
    let url = format!("me:{PASSWORD}@{}", proxy.address);
    let transport = through(&url, "http://api.acme.example", None);
    let attempt = attempt(&transport, &get("/a?b=c")).await;
    assert_eq!(proxy.lines(), ["GET http://api.acme.example/a?b=c"]);
    assert_eq!(proxy.seen()[0].header("host"), Some("api.acme.example"));
    assert!(proxy.seen()[0].header("proxy-authorization").is_some());
    bare_of_password(&transport, &attempt);
}

#[tokio::test]
async fn a_proxy_that_will_not_is_our_trouble_and_one_that_cannot_says_so() {
    let refuses = Server::once(answer("407 Proxy Authentication Required", &[], "")).await;
    let cannot = Server::once(answer("502 Bad Gateway", &[], "")).await;
    for (proxy, fault) in [(&refuses, WireFault::Ours), (&cannot, WireFault::Unreachable)] {
        let transport = through(&proxy.base(), "https://api.acme.example", None);
        let attempt = attempt(&transport, &get("/")).await;
        let error = failure(&attempt);
        assert_eq!((error.phase, error.fault), (Phase::Connect, fault), "{error:?}");
        assert!(
            error.detail.contains("CONNECT api.acme.example:443"),
            "{}",
            error.detail
        );
    }
    let (_held, nobody) = vacant();
    let gone = through(&format!("http://{nobody}"), "http://api.acme.example", None);
    let attempt = attempt(&gone, &get("/")).await;
    assert_eq!(failure(&attempt).fault, WireFault::Ours);
    assert!(
        failure(&attempt).detail.starts_with("the proxy: "),
        "{:?}",
        failure(&attempt)
    );
}

#[tokio::test]
async fn a_proxy_that_never_answers_is_a_timeout_while_connecting() {
    let proxy = Server::scripted(|_, stream| silence(stream)).await;
    let transport = through(&proxy.base(), "https://api.acme.example", None);
    let attempt = attempt_within(&transport, &get("/"), SHORT).await;
    assert_eq!(
        (failure(&attempt).phase, failure(&attempt).fault),
        (Phase::Connect, WireFault::TimedOut)
    );
}

#[tokio::test]
async fn an_address_cannot_be_asked_of_a_proxy_for_plain_http() {
    let proxy = Server::answering(|_| answer("200 OK", &[], "")).await;
    let mut probe = get("/");
    probe.to = Some("192.0.2.1".parse().unwrap());
    let attempt = attempt(&through(&proxy.base(), "http://api.acme.example", None), &probe).await;
    assert_eq!(failure(&attempt).fault, WireFault::Ours);
    assert!(proxy.lines().is_empty());
}

#[tokio::test]
async fn no_proxy_exempts_loopback_only_when_it_is_named() {
    let server = Server::answering(|_| answer("200 OK", &[], "direct")).await;
    let proxy = Server::answering(|_| answer("200 OK", &[], "proxied")).await;
    for (no, body) in [("", "proxied"), ("127.0.0.1", "direct"), ("*", "direct")] {
        let settings = Settings {
            proxies: Proxies {
                http: proxy.base(),
                no: no.into(),
                ..Proxies::default()
            },
            ..Settings::default()
        };
        let transport = Transport::new(target(&server.base()), settings).unwrap();
        let attempt = attempt(&transport, &get("/")).await;
        assert_eq!(&reply(&attempt).body.bytes[..], body.as_bytes(), "{no}");
    }
}
