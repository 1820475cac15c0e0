//! axum with tower-http's CorsLayer, as their documentation shows them.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use stacks::{Note, Setup};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};

struct User;

impl<S: Send + Sync> FromRequestParts<S> for User
where
    Arc<Setup>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<User, Response> {
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        if Arc::<Setup>::from_ref(state).lets_in(header) {
            return Ok(User);
        }
        let problem = Json(json!({"error": "Invalid token"}));
        Err((StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, Setup::challenge(header))], problem).into_response())
    }
}

async fn summaries(_: User, State(setup): State<Arc<Setup>>, Json(note): Json<Note>) -> impl IntoResponse {
    Json(json!({"summary": setup.summary(&note.text)}))
}

#[tokio::main]
async fn main() {
    let setup = Setup::of_environment();
    let cors = if setup.variant == "reflect" {
        CorsLayer::new()
            .allow_origin(AllowOrigin::mirror_request())
            .allow_credentials(true)
            .allow_methods(AllowMethods::mirror_request())
            .allow_headers(AllowHeaders::mirror_request())
    } else {
        CorsLayer::new()
            .allow_origin([setup.origin.parse::<HeaderValue>().unwrap()])
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([AUTHORIZATION, CONTENT_TYPE])
    };
    let (port, own) = (setup.port, setup.clone());
    let signed = map_response(move |mut answer: Response| {
        for (name, value) in own.signs() {
            answer.headers_mut().insert(name, value.parse().unwrap());
        }
        async { answer }
    });
    let app = Router::new()
        .route("/health", get(|| async { Json(json!({"status": "healthy"})) }))
        .route(
            "/version",
            get(|| async { Json(json!({"commit": "4f5a6b7c8d9e"})) }),
        )
        .route("/me", get(|_: User| async { Json(json!({"name": "ada"})) }))
        .route("/summaries", post(summaries))
        .layer(cors)
        .layer(signed)
        .with_state(Arc::new(setup));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
