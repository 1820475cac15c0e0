//! What Chromium exports of a page's calls: a page at an allowed origin, and the browser's own developer tools beside it, whose
//! modules write the HAR. Skipped aloud without Chromium; `GREENLIGHT_REQUIRE=chromium` makes that a failure.

use serde_json::{Value, json};

use crate::driven::driven;

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
    let plan = json!({"app": format!("{PAGE}/"), "calls": calls}).to_string();
    let app = "<!doctype html><link rel=icon href='data:,'><title>app</title>";
    let map = |address| vec![format!("--host-resolver-rules=MAP localhost:3000 {address}")];
    let told = driven(include_str!("exporter.html"), plan, move |_| app.to_owned(), map)?;
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    Some(Exported {
        outcomes: told["outcomes"].clone(),
        whole: text("whole"),
        sanitized: text("sanitized"),
    })
}
