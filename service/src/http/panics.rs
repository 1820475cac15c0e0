//! A panic is a bug of ours, and its caller still gets an answer: a 500 that says nothing but where to look.
//!
//! Inside CORS and the error writer, so that this worst of answers can be read by a page like any other.
//! What the panic said goes to the panic hook, and never into the answer.

use std::any::Any;

use poem::middleware::CatchPanic;
use poem::{IntoResponse, Response};

use crate::http::problem::Problem;

/// The layer that catches panics.
#[must_use]
pub fn catch_panic() -> CatchPanic<impl poem::middleware::PanicHandler<Response = Response>> {
    CatchPanic::new().with_handler(|_: Box<dyn Any + Send>| {
        tracing::error!("a handler panicked");
        Problem::internal().into_response()
    })
}
