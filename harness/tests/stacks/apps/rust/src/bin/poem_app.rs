//! poem with its Cors middleware, as its documentation shows it.

use poem::http::StatusCode;
use poem::http::header::{ALLOW, VARY};
use poem::listener::TcpListener;
use poem::middleware::{CatchPanic, Cors, SetHeader};
use poem::web::{Data, Json};
use poem::{
    Endpoint as _, EndpointExt as _, FromRequest, IntoResponse as _, Request, RequestBody, Route, Server, get, handler, post,
};
use serde_json::{Value, json};
use stacks::{Note, Setup};

struct User;

impl<'a> FromRequest<'a> for User {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<User> {
        let setup = request.data::<Setup>().unwrap();
        if setup.lets_in(request.header("authorization")) {
            return Ok(User);
        }
        let problem = Json(json!({"error": "Invalid token"}));
        let refused = problem
            .with_status(StatusCode::UNAUTHORIZED)
            .with_header("www-authenticate", Setup::challenge(request.header("authorization")));
        Err(poem::Error::from_response(refused.into_response()))
    }
}

#[handler]
fn health() -> Json<Value> {
    Json(json!({"status": "healthy"}))
}

#[handler]
fn version() -> Json<Value> {
    Json(json!({"commit": "4f5a6b7c8d9e"}))
}

#[handler]
fn me(_: User) -> Json<Value> {
    Json(json!({"name": "ada"}))
}

#[handler]
fn summaries(_: User, setup: Data<&Setup>, note: Json<Note>) -> Json<Value> {
    Json(json!({"summary": setup.summary(&note.text)}))
}

#[tokio::main]
async fn main() {
    let setup = Setup::of_environment();
    let port = setup.port;
    let routes = Route::new()
        .at("/health", get(health))
        .at("/version", get(version))
        .at("/me", get(me))
        .at("/summaries", post(summaries));
    let cors = match setup.variant.as_str() {
        // An empty list allows everybody, with credentials when told so.
        "reflect" => Cors::new().allow_credentials(true),
        _ => Cors::new()
            .allow_origin(&setup.origin)
            .allow_methods(["GET", "POST"])
            .allow_headers(["authorization", "content-type"]),
    };
    let documented = ["default", "crash"].contains(&setup.variant.as_str());
    let listener = TcpListener::bind(("127.0.0.1", port));
    if documented {
        let app = routes.with(cors).data(setup);
        return Server::new(listener).run(app).await.unwrap();
    }
    let own = setup.clone();
    // What poem leaves to its user: panics are answered inside Cors, and Vary is written outside of it, refusals included;
    // a 405 says which methods there are.
    let app = routes
        .with(CatchPanic::new())
        .with(cors)
        .catch_all_error(|error: poem::Error| async move { error.into_response() })
        .with(SetHeader::new().appending(VARY, "Origin"))
        .around(move |app, request: Request| {
            let own = own.clone();
            async move {
                let allow = if request.uri().path() == "/summaries" {
                    "POST"
                } else {
                    "GET, HEAD"
                };
                let mut answer = app.call(request).await?.into_response();
                if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
                    answer.headers_mut().insert(ALLOW, allow.parse().unwrap());
                }
                for (name, value) in own.signs() {
                    answer.headers_mut().insert(name, value.parse().unwrap());
                }
                Ok(answer)
            }
        })
        .data(setup);
    Server::new(listener).run(app).await.unwrap();
}
