//! A panic is a bug of ours, and its caller still gets an answer: a 500 that says nothing but where to look.
//!
//! Inside CORS and the error writer, so that this worst of answers can be read by a page like any other.
//! What the panic said goes to the panic hook, which runs within the request's span, and never into the answer.

use std::any::Any;

use poem::middleware::CatchPanic;
use poem::{IntoResponse, Response};

use crate::http::problem::Problem;

/// The layer that catches panics.
#[must_use]
pub fn catch_panic() -> CatchPanic<impl poem::middleware::PanicHandler<Response = Response>> {
    CatchPanic::new().with_handler(|payload: Box<dyn Any + Send>| {
        let code = Problem::internal().code;
        tracing::error!(code = &*code, why = said(&*payload), "a handler panicked");
        Problem::internal().into_response()
    })
}

/// What is said in place of what a panic said.
pub const WITHHELD: &str = "(withheld: it was put together from values)";

/// What a panic said, if that stands in the source. What was put together from values may hold what a caller sent, and is no
/// log's to keep; the place, which the panic hook logs, has to do then.
fn said(payload: &(dyn Any + Send)) -> &'static str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or(WITHHELD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_source_is_said_and_what_a_caller_sent_is_not() {
        assert_eq!(said(&"the lock is poisoned"), "the lock is poisoned");
        let sent = format!("no boundary in {:?}", "my secret");
        assert!(!said(&sent).contains("secret"));
    }
}
