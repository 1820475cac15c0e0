//! Nobody answers: a failure, with the layer at which it failed.

use crate::binary::{Ran, run};

async fn fails(url: &str) -> Ran {
    let ran = run([
        "verify",
        url,
        "--profile",
        "concierge",
        "--environment",
        "local",
        "--token-command",
        "echo t",
    ])
    .await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(ran.out.starts_with("FAIL"), "{}", ran.out);
    ran
}

#[tokio::test]
async fn a_port_where_nobody_listens_fails_at_the_connection() {
    // Held and not listened to, or the port may become another test's.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = held.local_addr().unwrap().port();
    let ran = fails(&format!("http://127.0.0.1:{port}/api/v3")).await;
    let text = ran.out.to_lowercase();
    assert!(text.contains("refused"), "{}", ran.out);
    assert!(text.contains("connect"), "{}", ran.out);
}

#[tokio::test]
async fn a_name_that_does_not_exist_fails_at_name_resolution() {
    let ran = fails("http://greenlight-acceptance.invalid/api/v3").await;
    let text = ran.out.to_lowercase();
    assert!(text.contains("dns") || text.contains("name"), "{}", ran.out);
    assert!(ran.out.contains("greenlight-acceptance.invalid"), "{}", ran.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_speaks_no_tls_fails_at_tls() {
    let server = crate::counting::Counting::start(crate::counting::Manner::AcceptsEverything).await;
    let ran = fails(&format!("https://127.0.0.1:{}", server.port)).await;
    assert!(ran.out.to_lowercase().contains("tls"), "{}", ran.out);
}
