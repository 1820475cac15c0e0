//! actix-web with actix-cors, as their documentation shows them.

use std::future::{Ready, ready};

use actix_cors::Cors;
use actix_web::error::InternalError;
use actix_web::body::MessageBody;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, FromRequest, HttpRequest, HttpResponse, HttpServer, dev, web};
use serde_json::json;
use stacks::{Note, Setup};

struct User;

impl FromRequest for User {
    type Error = actix_web::Error;
    type Future = Ready<Result<User, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let setup = request.app_data::<web::Data<Setup>>().unwrap();
        let header = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        if setup.lets_in(header) {
            return ready(Ok(User));
        }
        let refused = HttpResponse::Unauthorized()
            .insert_header(("www-authenticate", Setup::challenge(header)))
            .json(json!({"error": "Invalid token"}));
        ready(Err(InternalError::from_response("", refused).into()))
    }
}

/// What actix-web leaves to its user.
async fn signed(
    setup: web::Data<Setup>,
    request: dev::ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<dev::ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut answer = next.call(request).await?;
    for (name, value) in setup.signs() {
        let name = HeaderName::from_static(name);
        answer.headers_mut().insert(name, value.parse().unwrap());
    }
    Ok(answer)
}

async fn health() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "healthy"}))
}

async fn summaries(_: User, setup: web::Data<Setup>, note: web::Json<Note>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"summary": setup.summary(&note.text)}))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let setup = Setup::of_environment();
    let port = setup.port;
    let data = web::Data::new(setup);
    HttpServer::new(move || {
        let cors = if data.variant == "reflect" {
            Cors::permissive()
        } else {
            Cors::default()
                .allowed_origin(&data.origin)
                .allowed_methods(["GET", "POST"])
                .allowed_headers([AUTHORIZATION, CONTENT_TYPE])
        };
        App::new()
            .app_data(data.clone())
            .wrap(cors)
            .wrap(from_fn(signed))
            // A route for GET answers 404 to HEAD.
            .route("/health", web::get().to(health))
            .route("/health", web::head().to(health))
            .route(
                "/version",
                web::get().to(|| async { HttpResponse::Ok().json(json!({"commit": "4f5a6b7c8d9e"})) }),
            )
            .route(
                "/me",
                web::get().to(|_: User| async { HttpResponse::Ok().json(json!({"name": "ada"})) }),
            )
            .route("/summaries", web::post().to(summaries))
    })
    .workers(1)
    .bind(("127.0.0.1", port))?
    .run()
    .await
}
