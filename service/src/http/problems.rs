//! The one place that writes errors out: whatever error leaves the service, from us or from the framework,
//! leaves as problem details with the request id in it.

use poem::http::{HeaderValue, StatusCode, header};
use poem::{Endpoint, Request, Response, Result};
use poem_openapi::types::ToJSON;

use crate::http::identity::RequestId;
use crate::http::problem::{MEDIA_TYPE, Problem};
use crate::http::routes::RouteTable;

/// Wraps an endpoint so that its errors are written out.
pub struct Problems<E> {
    inner: E,
    routes: RouteTable,
}

impl<E> Problems<E> {
    /// Writes out the errors of `inner`, whose routes are these.
    pub fn new(inner: E, routes: RouteTable) -> Self {
        Self { inner, routes }
    }
}

impl<E: Endpoint> Endpoint for Problems<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let request_id = request.data::<RequestId>().cloned().unwrap_or_default();
        let asked = request.uri().clone();
        let response = self.inner.get_response(request).await;
        let status = response.status();
        if status.is_client_error() || status.is_server_error() {
            let allow = (status == StatusCode::METHOD_NOT_ALLOWED).then(|| self.routes.allow(asked.path()));
            return Ok(write(response, &request_id, allow.flatten()));
        }
        Ok(response)
    }
}

fn write(mut response: Response, request_id: &RequestId, allow: Option<HeaderValue>) -> Response {
    let problem = match response.data::<Problem>() {
        Some(problem) => problem.clone(),
        // A health report is its own body, also when it says that the service is not well.
        None if response
            .content_type()
            .is_some_and(|kind| kind.starts_with("application/json")) =>
        {
            return response;
        }
        None => Problem::from_status(response.status()),
    };
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.remove(header::CONTENT_LENGTH);
    response.set_body(problem.body(request_id.as_str()).to_json_string());
    // For the log, also when the error was the framework's.
    response.set_data(problem);
    response
}
