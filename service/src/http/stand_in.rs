//! How often a stand-in for the provider was called: what each call of ours costs can be seen nowhere else.
//!
//! It is there only where a stand-in answers, and is no operation: nobody builds on it, and it is in no document.

use poem::endpoint::make_sync;
use poem::{Endpoint, Response};

/// Where it is, under the prefix.
pub const PATH: &str = "/stand-in";

/// `{"transcriptions": n, "completions": n}`: how many paid calls arrived so far.
pub fn page(count: impl Fn() -> (u64, u64) + Send + Sync + 'static) -> impl Endpoint {
    make_sync(move |_| {
        let (transcriptions, completions) = count();
        let counted = serde_json::json!({"transcriptions": transcriptions, "completions": completions});
        Response::builder()
            .content_type("application/json")
            .body(counted.to_string())
    })
}
