//! `doctor`: what keeps this machine from being believed is told, and a sound one is not doubted.

use crate::binary::{Ran, greenlight, greenlight_in, ran};
use crate::service::Service;

async fn doctor(url: &str, variables: &[(&str, &str)]) -> Ran {
    let mut command = greenlight(["doctor", url]);
    command.envs(variables.iter().copied());
    ran(command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_machine_is_believed() {
    let service = Service::healthy().await;
    let url = format!("{}/health", service.url());
    let told = doctor(&url, &[]).await;
    assert_eq!(told.code, 0, "{}", told.out);
    assert!(
        told.out.starts_with("GOOD  This machine can be believed\n"),
        "{}",
        told.out
    );
    assert!(told.out.contains("agrees with 127.0.0.1:"), "{}", told.out);
    assert!(told.out.contains("is reached directly"), "{}", told.out);
    let json = ran(greenlight(["doctor", &url, "--format", "json"])).await.json();
    assert_eq!(json["schema"], "greenlight.checkup/1");
    assert_eq!(json["parts"].as_array().unwrap().len(), 7);
}

/// A server whose clock stands still, years ago.
async fn late() -> u16 {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let answer =
                "HTTP/1.1 200 OK\r\ndate: Fri, 21 Nov 2025 02:01:14 GMT\r\ncontent-length: 0\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_spoils_a_verdict_is_told() {
    let url = format!("http://127.0.0.1:{}/", late().await);
    let clock = doctor(&url, &[]).await;
    assert_eq!(clock.code, 1, "{}", clock.out);
    assert!(clock.out.starts_with("BROKEN  "), "{}", clock.out);
    assert!(clock.out.contains(" s ahead of 127.0.0.1:"), "{}", clock.out);
    for (variable, value, said) in [
        (
            "HTTP_PROXY",
            "http://proxy.example:3128",
            "HTTP_PROXY is set, and http_proxy is not",
        ),
        (
            "SSL_CERT_FILE",
            "/nowhere/ca.pem",
            "SSL_CERT_FILE names /nowhere/ca.pem, which is not there",
        ),
        ("GREENLIGHT_ORIGINS", "x", "did you mean GREENLIGHT_ORIGIN?"),
        ("GREENLIGHT_RUN", "soon", "GREENLIGHT_RUN"),
    ] {
        let told = ran({
            let mut command = greenlight(["doctor"]);
            command.env(variable, value);
            command
        })
        .await;
        assert_eq!(told.code, 1, "{variable}: {}", told.out);
        assert!(told.out.contains(said), "{variable}: {}", told.out);
    }
    // CI systems set the capitals for everybody; what they say of plain HTTP is nothing to a URL with TLS.
    let capitals = [("HTTP_PROXY", "http://proxy.example:3128")];
    let tls = doctor("https://127.0.0.1:9/", &capitals).await;
    assert!(
        tls.out.contains("proxy       ✓ 127.0.0.1:9 is reached directly"),
        "{}",
        tls.out
    );
    let name = doctor("http://no-such-name.invalid/", &[]).await;
    assert_eq!(name.code, 1, "{}", name.out);
    assert!(name.out.contains("no-such-name.invalid:"), "{}", name.out);
}

#[tokio::test]
async fn a_profile_that_cannot_be_read_is_told_and_a_proxys_password_is_not() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("greenlight.toml"), "[service\n").unwrap();
    let told = ran(greenlight_in(directory.path(), ["doctor"])).await;
    assert_eq!(told.code, 1, "{}", told.out);
    assert!(told.out.contains("profile     × "), "{}", told.out);
    let proxy = [("http_proxy", "http://user:hunter2secret@proxy.example:3128")];
    let told = doctor("http://api.invalid/", &proxy).await;
    assert!(
        told.out.contains("is reached through proxy.example:3128"),
        "{}",
        told.out
    );
    assert!(
        !format!("{}{}", told.out, told.err).contains("hunter2secret"),
        "{}",
        told.out
    );
}
