//! What every answer says about itself: which request it answers, which build answered, which instance.
//!
//! Also the one log line that every request leaves, within the span whose fields every other line of the request carries. A
//! path is logged without its query; no header is, and no body.

use std::time::{Duration, Instant};

use poem::http::HeaderValue;
use poem::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, X_CONTENT_TYPE_OPTIONS};
use poem::{Endpoint, Request, Response, Result};
use tracing::{Instrument, Span, field};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

use crate::http::problem::Problem;
use crate::http::routes::RouteTable;
use crate::http::trace;
use crate::telemetry::context::{self, Context};

/// Names the request, in it and in its answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Names the build that answered.
pub const APP_VERSION: HeaderName = HeaderName::from_static("x-app-version");
/// Names the process that answered.
pub const INSTANCE_ID: HeaderName = HeaderName::from_static("x-instance-id");

/// The longest request id that is kept, in bytes.
pub const MAX_REQUEST_ID: usize = 64;

/// The name of one request: the client's own when it is a short token, else a fresh UUID.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The client's id when there is exactly one and it is 1 to [`MAX_REQUEST_ID`] letters, digits, `.`, `_`
    /// or `-`; so it can be logged, echoed and searched for without being escaped.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut sent = headers.get_all(REQUEST_ID).iter();
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        match (sent.next().and_then(|value| value.to_str().ok()), sent.next()) {
            (Some(id), None)
                if (1..=MAX_REQUEST_ID).contains(&id.len()) && id.as_bytes().iter().all(plain) =>
            {
                Self(id.to_owned())
            }
            _ => Self(Uuid::now_v7().to_string()),
        }
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Wraps an endpoint so that its answers name themselves.
pub struct Identity<E> {
    inner: E,
    version: HeaderValue,
    instance: HeaderValue,
    routes: RouteTable,
}

impl<E> Identity<E> {
    /// Answers of `inner`, whose routes are these, will carry this version and instance.
    pub fn new(inner: E, version: HeaderValue, instance: HeaderValue, routes: RouteTable) -> Self {
        Self {
            inner,
            version,
            instance,
            routes,
        }
    }

    fn stamp(&self, response: &mut Response, request_id: &RequestId) {
        let headers = response.headers_mut();
        if let Ok(request_id) = HeaderValue::from_str(request_id.as_str()) {
            headers.insert(REQUEST_ID, request_id);
        }
        headers.insert(APP_VERSION, self.version.clone());
        headers.insert(INSTANCE_ID, self.instance.clone());
        // What we say is about now, and often about one caller: no cache may keep it, unless a route knows better.
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
        // Our media types are right; a browser that guesses another one can only be led astray (Fetch standard §3.6).
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    }
}

impl<E: Endpoint> Endpoint for Identity<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let started = Instant::now();
        let request_id = RequestId::of(request.headers());
        request.set_data(request_id.clone());
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let route = self.routes.template(&path).unwrap_or_default();
        let (span, context, trace_id) = span(&request, &request_id, route);
        let answering = async {
            let mut response = self.inner.get_response(request).await;
            self.stamp(&mut response, &request_id);
            Line {
                method: method.as_str(),
                route,
                path: &path,
                request_id: request_id.as_str(),
                trace_id: &trace_id,
                took: started.elapsed(),
            }
            .write(&response);
            Ok(response)
        };
        context::within(context, answering).instrument(span).await
    }
}

/// The span of a request, where in which trace it is, and the name of that trace. Always on, so that whatever is logged within says whose it is.
fn span(request: &Request, request_id: &RequestId, route: &str) -> (Span, Context, String) {
    let method = request.method().as_str();
    let span = tracing::error_span!(
        "request",
        request_id = request_id.as_str(),
        trace_id = field::Empty,
        span_id = field::Empty,
        subject = field::Empty,
        otel.name = format!("{method} {route}").trim_end(),
        otel.kind = "server",
        otel.status_code = field::Empty,
    );
    let context = context::begin(&span, trace::inbound(request.headers()));
    let trace_id = context.trace_id();
    span.record("trace_id", &*trace_id);
    span.record("span_id", context.span_id());
    // As OpenTelemetry's conventions for HTTP name them; nothing happens when nothing is exported.
    span.set_attribute("http.request.method", method.to_owned());
    span.set_attribute("http.route", route.to_owned());
    (span, context, trace_id)
}

/// What is logged of a request that was answered.
struct Line<'l> {
    method: &'l str,
    /// The path as the API documents it; empty when it documents none.
    route: &'l str,
    /// The path as it was asked for, without its query.
    path: &'l str,
    request_id: &'l str,
    trace_id: &'l str,
    took: Duration,
}

impl Line<'_> {
    fn write(&self, response: &Response) {
        let status = response.status();
        let problem = response.data::<Problem>();
        let code = problem.map(|problem| &*problem.code);
        // Where the mistake is, never what was sent there.
        let pointers = problem.map(|problem| {
            problem
                .errors
                .iter()
                .map(|error| &*error.pointer)
                .collect::<Vec<_>>()
        });
        let fields = pointers
            .filter(|pointers| !pointers.is_empty())
            .map(|pointers| pointers.join(" "));
        let span = Span::current();
        span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
        let duration_ms = (self.took.as_secs_f64() * 1e6).round() / 1e3;
        let Self {
            method,
            route,
            path,
            request_id,
            trace_id,
            ..
        } = self;
        let status_code = status.as_u16();
        if status.is_server_error() {
            span.record("otel.status_code", "ERROR");
            tracing::warn!(
                method,
                route,
                path,
                status = status_code,
                duration_ms,
                request_id,
                trace_id,
                code,
                fields,
                "answered"
            );
        } else {
            tracing::info!(
                method,
                route,
                path,
                status = status_code,
                duration_ms,
                request_id,
                trace_id,
                code,
                fields,
                "answered"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ids: &[&[u8]]) -> RequestId {
        let mut headers = HeaderMap::new();
        for id in ids {
            headers.append(REQUEST_ID, HeaderValue::from_bytes(id).unwrap());
        }
        RequestId::of(&headers)
    }

    #[test]
    fn keeps_a_plain_id_of_the_client() {
        assert_eq!(of(&[b"deploy-42.retry_1"]).as_str(), "deploy-42.retry_1");
    }

    #[test]
    fn makes_a_fresh_id_when_there_is_none_or_an_odd_one() {
        let odd: [&[&[u8]]; 6] = [&[], &[b""], &[b"a b"], &[b"a", b"b"], &[b"\xff"], &[b"<script>"]];
        for ids in odd {
            assert!(Uuid::parse_str(of(ids).as_str()).is_ok(), "{ids:?}");
        }
        assert!(Uuid::parse_str(of(&[&[b'a'; MAX_REQUEST_ID + 1]]).as_str()).is_ok());
    }
}
