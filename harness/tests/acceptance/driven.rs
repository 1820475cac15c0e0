//! Chromium, driven by a page of the test over its own debugging protocol: what a reader does with a keyboard, and what his
//! developer tools write down.

use std::net::SocketAddr;
use std::sync::mpsc::channel;

use serde_json::Value;

use crate::browser::{Asked, DEADLINE, chromium, launch, said, serve};

/// What the page that drives the browser tells in the end. It finds its plan at `/plan`, how to speak to the browser in
/// `/cdp.js`, and every other page as `page` gives it, by its path. `None` when there is no Chromium.
pub(crate) fn driven(
    driver: &'static str,
    plan: String,
    page: impl Fn(&str) -> String + Send + Sync + 'static,
    flags: impl Fn(SocketAddr) -> Vec<String>,
) -> Option<Value> {
    let browser = chromium()?;
    let directory = tempfile::tempdir().unwrap();
    let debugger = directory.path().join("profile/DevToolsActivePort");
    let (sender, told) = channel();
    let address = serve(move |Asked { path, body, .. }| match path.as_str() {
        "/driver" => (200, driver.to_owned()),
        "/cdp.js" => (200, include_str!("cdp.js").to_owned()),
        "/plan" => (200, plan.clone()),
        "/debugger" => match std::fs::read_to_string(&debugger) {
            Ok(text) if text.contains('\n') => (200, text),
            _ => (503, String::new()),
        },
        "/told" => {
            // The test has ended when nobody listens.
            let _ = sender.send(body);
            (200, String::new())
        }
        other => (200, page(other)),
    });
    let url = format!("http://{address}/driver");
    let mut more = vec![
        "--remote-debugging-port=0".to_owned(),
        "--remote-allow-origins=*".to_owned(),
    ];
    more.extend(flags(address));
    more.push(url);
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    let mut child = launch(browser, directory.path(), &more);
    let told = told.recv_timeout(DEADLINE);
    let _ = child.kill();
    let _ = child.wait();
    let said = said(directory.path());
    let told: Value =
        serde_json::from_str(&told.unwrap_or_else(|_| panic!("nothing was told:\n{said}"))).unwrap();
    assert_eq!(told["error"], Value::Null, "{told}");
    Some(told)
}
