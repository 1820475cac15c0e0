//! What the layers do to an answer that already says something of its own.

use std::net::{Ipv4Addr, SocketAddr};

use poem::http::StatusCode;
use poem::http::header::{CACHE_CONTROL, VARY};
use poem::listener::TcpAcceptor;
use poem::{Route, Server, handler};
use reqwest::Client;

use super::*;
use crate::config::WEB_ORIGIN;
use crate::http::problem::Problem;

#[handler]
fn compressed() -> Response {
    let answer = Response::builder()
        .header(VARY, "Accept-Encoding")
        .header(VARY, "Accept-Language");
    answer.header(CACHE_CONTROL, "max-age=60").body("well")
}

#[handler]
fn refused() -> Response {
    let problem = Problem::new(
        StatusCode::NOT_ACCEPTABLE,
        "not_acceptable",
        "There is no such form.",
    );
    poem::IntoResponse::into_response(problem.with_header(VARY, "Accept"))
}

#[handler]
fn panics() -> Response {
    panic!("a test handler panics")
}

/// Serves these routes behind all the layers.
async fn serve() -> SocketAddr {
    let settings = Settings::development();
    let origins = settings.check().unwrap();
    let resources = Route::new()
        .at("/compressed", poem::get(compressed))
        .at("/refused", poem::get(refused))
        .at("/panics", poem::get(panics))
        .map_to_response()
        .boxed();
    let routes = RouteTable::of::<Api>(PREFIX, &PAGES);
    let endpoint = layers(&settings, origins, &routes, resources).unwrap();
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TcpAcceptor::from_std(listener).unwrap();
    tokio::spawn(Server::new_with_acceptor(acceptor).run(endpoint));
    address
}

/// The status, and the values of `Vary` and `Cache-Control`.
async fn ask(address: SocketAddr, path: &str, origin: Option<&str>) -> (u16, Vec<String>, Vec<String>) {
    let client = Client::builder().no_proxy().build().unwrap();
    let mut request = client.get(format!("http://{address}{path}"));
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    let answer = request.send().await.unwrap();
    let all = |name| -> Vec<String> {
        let values = answer.headers().get_all(name).iter();
        values.map(|value| value.to_str().unwrap().to_owned()).collect()
    };
    (answer.status().as_u16(), all("vary"), all("cache-control"))
}

#[tokio::test]
async fn what_an_answer_varies_by_already_is_kept_beside_the_origin() {
    let address = serve().await;
    for origin in [Some(WEB_ORIGIN), Some("https://evil.example"), None] {
        let (status, vary, cached) = ask(address, "/compressed", origin).await;
        assert_eq!(
            (status, cached),
            (200, vec!["max-age=60".to_owned()]),
            "{origin:?}"
        );
        assert_eq!(
            vary,
            ["Accept-Encoding", "Accept-Language", "Origin"],
            "{origin:?}"
        );
        let (status, vary, cached) = ask(address, "/refused", origin).await;
        assert_eq!((status, cached), (406, vec!["no-store".to_owned()]), "{origin:?}");
        assert_eq!(vary, ["Accept", "Origin"], "{origin:?}");
        let (status, vary, _) = ask(address, "/panics", origin).await;
        assert_eq!((status, vary), (500, vec!["Origin".to_owned()]), "{origin:?}");
    }
}
