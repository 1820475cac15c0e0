//! What Chromium exports of a page's calls: a page at an allowed origin, and the browser's own developer tools beside it, whose
//! modules write the HAR. Skipped aloud without Chromium; `GREENLIGHT_REQUIRE=chromium` makes that a failure.

use std::sync::mpsc::channel;

use serde_json::{Value, json};

use crate::browser::{Asked, DEADLINE, chromium, launch, said, serve};

/// The page's origin, which the reference service lets in.
pub(crate) const PAGE: &str = "http://localhost:3000";

/// What was exported.
pub(crate) struct Exported {
    /// What the page saw.
    pub(crate) outcomes: Value,
    /// "Export HAR (with sensitive data)".
    pub(crate) whole: String,
    /// "Export HAR (sanitized)".
    pub(crate) sanitized: String,
}

/// What Chromium exports when the page evaluates this script, which makes its calls. `None` when there is no Chromium.
pub(crate) fn exported(calls: &str) -> Option<Exported> {
    let browser = chromium()?;
    let directory = tempfile::tempdir().unwrap();
    let debugger = directory.path().join("profile/DevToolsActivePort");
    let plan = json!({"app": format!("{PAGE}/"), "calls": calls}).to_string();
    let (sender, told) = channel();
    let address = serve(move |Asked { path, body, .. }| match path.as_str() {
        "/driver" => (200, include_str!("exporter.html").to_owned()),
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
        _ => (
            200,
            "<!doctype html><link rel=icon href='data:,'><title>app</title>".to_owned(),
        ),
    });
    let map = format!("--host-resolver-rules=MAP localhost:3000 {address}");
    let driver = format!("http://{address}/driver");
    let more = [
        "--remote-debugging-port=0",
        "--remote-allow-origins=*",
        &map,
        &driver,
    ];
    let mut child = launch(browser, directory.path(), &more);
    let told = told.recv_timeout(DEADLINE);
    let _ = child.kill();
    let _ = child.wait();
    let said = said(directory.path());
    let told: Value =
        serde_json::from_str(&told.unwrap_or_else(|_| panic!("nothing was told:\n{said}"))).unwrap();
    assert_eq!(told["error"], Value::Null, "{told}");
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    Some(Exported {
        outcomes: told["outcomes"].clone(),
        whole: text("whole"),
        sanitized: text("sanitized"),
    })
}
