//! Counting requests: the outermost layer, so that every answer counts, whoever gave it.

use std::sync::Arc;

use poem::{Endpoint, Request, Response, Result};

use crate::http::routes::RouteTable;
use crate::telemetry::metrics::Metrics;

/// Wraps an endpoint so that its requests are counted and timed.
pub struct Measure<E> {
    inner: E,
    routes: RouteTable,
    metrics: Arc<Metrics>,
}

impl<E> Measure<E> {
    /// Counts the requests of `inner`, whose routes are these.
    pub fn new(inner: E, routes: RouteTable, metrics: Arc<Metrics>) -> Self {
        Self {
            inner,
            routes,
            metrics,
        }
    }
}

impl<E: Endpoint> Endpoint for Measure<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let route = self.routes.template(request.uri().path());
        let in_flight = self.metrics.request(request.method().as_str(), route);
        let response = self.inner.get_response(request).await;
        in_flight.answered(response.status().as_u16());
        Ok(response)
    }
}
