//! In front of the service: proxies and networks that get in the way of calls that were accepted.
//!
//! Calls that the service rejects pass, as they do in life: they are quick, and take no memory.

use std::time::Duration;

use poem::endpoint::EndpointExt;
use poem::http::header::SERVER;
use poem::http::{Method, StatusCode};
use poem::{Endpoint as _, Request, Response};

use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};
use crate::http::api::PREFIX;

/// What nginx says when the application behind it died.
const PAGE: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/// Puts the edge in front.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    let mishap = if faults.has(FaultId::EdgeHtml) {
        Mishap::Page
    } else if faults.has(FaultId::Slow) {
        Mishap::Wait(faults.delay)
    } else if faults.has(FaultId::DroppedConnection) {
        Mishap::Drop
    } else {
        return endpoint;
    };
    let path = format!("{PREFIX}/ai/orchestrate");
    endpoint
        .around(move |endpoint, request: Request| {
            let there = request.uri().path() == path && request.method() == Method::POST;
            async move {
                let response = endpoint.get_response(request).await;
                let accepted = there && response.status().is_success();
                Ok(if accepted {
                    mishap.befall(response).await
                } else {
                    response
                })
            }
        })
        .boxed()
}

#[derive(Clone, Copy)]
enum Mishap {
    Page,
    Wait(Duration),
    Drop,
}

impl Mishap {
    async fn befall(self, response: Response) -> Response {
        match self {
            Self::Page => Response::builder()
                .status(StatusCode::BAD_GATEWAY)
                .header(SERVER, "nginx")
                .content_type("text/html")
                .body(PAGE),
            Self::Wait(delay) => {
                tokio::time::sleep(delay).await;
                response
            }
            // Outside of every layer that catches: the connection's task ends, and so does the connection.
            Self::Drop => std::panic::resume_unwind(Box::new("the process was killed")),
        }
    }
}
