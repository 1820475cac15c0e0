//! Changing a JSON answer on its way out.

use poem::http::header::CONTENT_LENGTH;
use poem::{IntoResponse, Response};
use serde_json::Value;

use crate::http::problem::Problem;

/// The same answer with its JSON changed; what is no JSON becomes a 500.
pub async fn edit(mut response: Response, change: impl FnOnce(&mut Value)) -> Response {
    let text = response.take_body().into_string().await.unwrap_or_default();
    let Ok(mut value) = serde_json::from_str::<Value>(&text) else {
        return Problem::internal().into_response();
    };
    change(&mut value);
    response.headers_mut().remove(CONTENT_LENGTH);
    response.set_body(value.to_string());
    response
}
