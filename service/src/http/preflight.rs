//! What a page may send: the preflight half of the CORS protocol (Fetch standard §3.3.5), and `OPTIONS`.
//!
//! It answers the truth about this API: the methods of the path that was asked for, the headers that we
//! read. It does not echo what was asked, because a preflight that allows what the route then refuses
//! proves nothing. Decisions:
//! - an unknown path is 404 for its preflight too: a good preflight must mean that the route is there;
//! - an unknown method on a known path is 204 with the methods that there are, because browsers then name
//!   the method in their message, and on any other status they only say that the preflight failed;
//! - a foreign origin is 403 and learns nothing; without the request-method header `OPTIONS` is no
//!   preflight, but a plain question about the path.

use poem::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ALLOW, ORIGIN,
};
use poem::http::{HeaderValue, Method, StatusCode};
use poem::{Endpoint, IntoResponse, Request, Response, Result};

use crate::http::cors::AllowedOrigins;
use crate::http::problem::Problem;
use crate::http::routes::RouteTable;

/// The request headers that our routes read and a page needs leave to send.
const HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, idempotency-key, traceparent, tracestate, x-api-key, x-request-id",
);

/// For how long a browser may remember a preflight, in seconds: ten minutes, as the original said.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Wraps an endpoint so that `OPTIONS` is answered before it.
pub struct Preflight<E> {
    inner: E,
    origins: AllowedOrigins,
    routes: RouteTable,
}

impl<E> Preflight<E> {
    /// Answers for `inner`, whose routes are these, to pages of these origins.
    pub fn new(inner: E, origins: AllowedOrigins, routes: RouteTable) -> Self {
        Self {
            inner,
            origins,
            routes,
        }
    }

    fn answer(&self, request: &Request) -> Response {
        let Some(allow) = self.routes.allow(request.uri().path()) else {
            return Problem::from_status(StatusCode::NOT_FOUND).into_response();
        };
        let headers = request.headers();
        let is_preflight =
            headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        let answer = Response::builder().status(StatusCode::NO_CONTENT);
        if !is_preflight {
            return answer.header(ALLOW, allow).finish();
        }
        if self.origins.admit(headers).is_none() {
            return Problem::new(
                StatusCode::FORBIDDEN,
                "origin_not_allowed",
                "Pages of this origin may not call this API.",
            )
            .into_response();
        }
        answer
            .header(ACCESS_CONTROL_ALLOW_METHODS, allow)
            .header(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS)
            .header(ACCESS_CONTROL_MAX_AGE, MAX_AGE)
            .finish()
    }
}

impl<E: Endpoint> Endpoint for Preflight<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        if request.method() == Method::OPTIONS {
            return Ok(self.answer(&request));
        }
        let readable = |methods: &[Method]| methods.contains(&Method::GET);
        if request.method() == Method::HEAD && self.routes.methods(request.uri().path()).is_some_and(readable)
        {
            // The connection leaves the body out and keeps its length, as RFC 9110 §9.3.2 wants; poem's own
            // HEAD would say that the length is zero.
            request.set_method(Method::GET);
        }
        Ok(self.inner.get_response(request).await)
    }
}
