//! What the shelf answers, flaw by flaw.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::lab::shelf::{Flaw, ORIGIN, OTHER_TOKEN, READER_TOKEN, SPARE_TOKEN, TOKEN};

/// Who may only read.
const READER: &str = "cleo";
/// Wrong passwords that are answered as such.
const GUESSES: u32 = 10;

/// What one process knows.
#[derive(Debug, Default)]
struct Store {
    /// What was created, the first first.
    items: Vec<Value>,
    /// What was asked and answered in a request that may be repeated, by its caller and key.
    answered: BTreeMap<(&'static str, String), (Value, Value)>,
    /// Whose each item is, by its id.
    owners: BTreeMap<String, &'static str>,
    /// What a cache in front keeps, by the address that was asked for.
    cached: BTreeMap<String, Value>,
}

/// What all processes know of who may come in.
#[derive(Debug, Default)]
struct Door {
    /// Tokens that were logged out.
    ended: BTreeSet<String>,
    /// How many wrong passwords came, from each address that is believed.
    guesses: BTreeMap<String, u32>,
}

/// One process of the service.
#[derive(Debug, Clone)]
struct Process {
    flaw: Flaw,
    /// With what the ids of its items begin.
    name: &'static str,
    store: Arc<Mutex<Store>>,
    door: Arc<Mutex<Door>>,
}

/// Serves it on this listener until it is dropped. Connections go to one process and another in turn, which share what
/// they know unless that is what is wrong.
pub async fn serve(listener: TcpListener, flaw: Flaw) {
    let door: Arc<Mutex<Door>> = Arc::default();
    let process = |name| Process {
        flaw,
        name,
        store: Arc::default(),
        door: door.clone(),
    };
    let one = process("i");
    let other = if flaw == Flaw::StateNotShared {
        process("j")
    } else {
        one.clone()
    };
    let mut turns = [one, other].into_iter().cycle();
    while let (Ok((stream, _)), Some(process)) = (listener.accept().await, turns.next()) {
        let service = service_fn(move |request| {
            let process = process.clone();
            async move { Ok::<_, Infallible>(process.answer(request).await) }
        });
        tokio::spawn(async move {
            let http1 = hyper::server::conn::http1::Builder::new();
            let _ = http1.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// A status, a body of JSON or none, and headers besides.
struct Plain(u16, Option<Value>, Vec<(&'static str, String)>);

fn said(status: u16, value: Value) -> Plain {
    Plain(status, Some(value), vec![])
}

fn refused(status: u16, why: &str) -> Plain {
    said(status, json!({ "detail": why }))
}

/// What the framework says when a handler raises.
fn crashed() -> Plain {
    refused(500, "Something went wrong.")
}

impl Process {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes());
        let body = body.unwrap_or_default();
        let ours = head
            .headers
            .get(header::ORIGIN)
            .is_some_and(|origin| origin == ORIGIN);
        let plain = if head.method == Method::OPTIONS {
            let allow = |name, value: &str| (name, value.to_owned());
            Plain(
                204,
                None,
                vec![
                    allow("access-control-allow-headers", "authorization, content-type"),
                    allow("access-control-allow-methods", "GET, POST"),
                ],
            )
        } else {
            self.route(&head.method, &head.uri, &head.headers, &body)
        };
        finished(plain, ours)
    }

    fn route(&self, method: &Method, uri: &http::Uri, headers: &HeaderMap, body: &[u8]) -> Plain {
        let query = uri.query().unwrap_or_default();
        match (method.as_str(), uri.path()) {
            ("GET" | "HEAD", "/health") => said(200, json!({"status": "ok"})),
            ("GET" | "HEAD", "/stats") if self.flaw == Flaw::PublicReadCrashes => crashed(),
            ("GET" | "HEAD", "/stats") => said(200, json!({"items": self.store().items.len()})),
            ("GET" | "HEAD", "/login") => login(value_of(query, "return_to").as_deref(), self.flaw),
            ("GET" | "HEAD", "/items") => self.search(&value_of(query, "name").unwrap_or_default()),
            ("GET" | "HEAD", "/me") => match self.who(headers) {
                Ok(user) => self.me(&uri.to_string(), user),
                Err(refusal) => refusal,
            },
            ("POST", "/items") => match self.who(headers) {
                Ok(READER) if self.flaw == Flaw::WritesHidden => refused(404, "not found"),
                Ok(READER) if self.flaw != Flaw::RolesUnchecked => refused(403, "you may only read"),
                Ok(user) => self.create(user, headers, body),
                Err(refusal) => refusal,
            },
            ("POST", "/logout") => match self.who(headers) {
                Ok(_) => self.logout(headers),
                Err(refusal) => refusal,
            },
            ("POST", "/session") => self.guess(headers),
            ("GET" | "HEAD", path) if path.starts_with("/items/") => match self.who(headers) {
                Ok(user) => self.read(user, path.trim_start_matches("/items/")),
                Err(refusal) => refusal,
            },
            ("DELETE", path) if path.starts_with("/items/") => match self.who(headers) {
                Ok(READER) => refused(403, "you may only read"),
                Ok(_) if self.flaw == Flaw::NothingDeleted => refused(403, "nothing is deleted here"),
                Ok(user) => self.delete(user, path.trim_start_matches("/items/")),
                Err(refusal) => refusal,
            },
            (_, path @ ("/health" | "/stats" | "/login" | "/me" | "/items" | "/logout" | "/session")) => {
                let allow = match path {
                    "/items" => "GET, HEAD, POST, OPTIONS",
                    "/logout" | "/session" => "POST, OPTIONS",
                    _ => "GET, HEAD, OPTIONS",
                };
                let mut plain = refused(405, "method not allowed");
                plain.2.push(("allow", allow.to_owned()));
                plain
            }
            _ => refused(404, "not found"),
        }
    }

    fn store(&self) -> std::sync::MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn door(&self) -> std::sync::MutexGuard<'_, Door> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which user the caller is, or how it is refused.
    fn who(&self, headers: &HeaderMap) -> Result<&'static str, Plain> {
        let challenge = match bearer(headers) {
            Some(token) if self.door().ended.contains(token) => {
                "Bearer realm=\"shelf\", error=\"invalid_token\""
            }
            Some(TOKEN | SPARE_TOKEN) => return Ok("ana"),
            Some(OTHER_TOKEN) => return Ok("ben"),
            Some(READER_TOKEN) => return Ok(READER),
            Some(_) => "Bearer realm=\"shelf\", error=\"invalid_token\"",
            None => "Bearer realm=\"shelf\"",
        };
        let mut refusal = refused(401, "who are you?");
        refusal.2.push(("www-authenticate", challenge.to_owned()));
        Err(refusal)
    }

    /// Ends the session of the token.
    fn logout(&self, headers: &HeaderMap) -> Plain {
        if self.flaw != Flaw::LogoutWithoutEffect {
            self.door().ended.extend(bearer(headers).map(str::to_owned));
        }
        if self.flaw == Flaw::LogoutRedirects {
            return Plain(302, None, vec![("location", format!("{ORIGIN}/login"))]);
        }
        Plain(204, None, vec![])
    }

    /// A login with a password; nobody here has one.
    fn guess(&self, headers: &HeaderMap) -> Plain {
        let mut door = self.door();
        // The lab comes from one address, and no proxy stands in front.
        let written = headers
            .get("x-forwarded-for")
            .and_then(|value| value.to_str().ok());
        let address = written
            .filter(|_| self.flaw == Flaw::AddressBelieved)
            .unwrap_or_default();
        let guesses = door.guesses.entry(address.to_owned()).or_default();
        *guesses += 1;
        match self.flaw {
            Flaw::GuessingUnlimited => {}
            Flaw::LocksOut if *guesses > GUESSES => return refused(423, "this user is locked"),
            _ if *guesses > GUESSES => {
                let mut plain = refused(429, "that is too often");
                plain.2.push(("retry-after", "1".to_owned()));
                return plain;
            }
            _ => {}
        }
        let mut plain = refused(401, "that is not your password");
        plain
            .2
            .push(("www-authenticate", "Bearer realm=\"shelf\"".to_owned()));
        plain
    }

    /// Those whose name holds the text; or, where it is taken for a pattern, those that it matches.
    fn search(&self, text: &str) -> Plain {
        let broken = text.contains(['(', '[', '*']);
        match self.flaw {
            Flaw::SearchCrashes if broken => return crashed(),
            Flaw::PatternRefused if broken => return refused(400, "that is no pattern"),
            _ => {}
        }
        let store = self.store();
        let named = |item: &&Value| item["name"].as_str().is_some_and(|name| name.contains(text));
        said(200, store.items.iter().filter(named).cloned().collect())
    }

    /// An item of this user's own; or of anybody's, where nobody asks whose it is.
    fn read(&self, user: &str, id: &str) -> Plain {
        let store = self.store();
        let own = store.owners.get(id).is_some_and(|owner| *owner == user) || self.flaw == Flaw::ObjectsOpen;
        let found = store.items.iter().find(|item| item["id"] == id).filter(|_| own);
        found.map_or_else(
            || refused(404, "there is no such item"),
            |item| said(200, item.clone()),
        )
    }

    /// Deletes an item of this user's own.
    fn delete(&self, user: &str, id: &str) -> Plain {
        let mut store = self.store();
        if store.owners.get(id).is_none_or(|owner| *owner != user) {
            return refused(404, "there is no such item");
        }
        store.owners.remove(id);
        store.items.retain(|item| item["id"] != id);
        Plain(204, None, vec![])
    }

    /// Who asks; or who asked first, where a cache answers.
    fn me(&self, address: &str, user: &str) -> Plain {
        let me = json!({"subject": user});
        if self.flaw != Flaw::CachedForAnotherUser {
            return said(200, me);
        }
        let mut store = self.store();
        match store.cached.get(address) {
            Some(kept) => Plain(200, Some(kept.clone()), vec![("x-cache", "HIT".to_owned())]),
            None => {
                store.cached.insert(address.to_owned(), me.clone());
                said(200, me)
            }
        }
    }

    /// Creates an item: first what was sent, then whether it is there.
    fn create(&self, user: &'static str, headers: &HeaderMap, body: &[u8]) -> Plain {
        let json = headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
        if !json {
            return refused(415, "send JSON");
        }
        let Ok(sent) = serde_json::from_slice::<Value>(body) else {
            return refused(400, "that is not JSON");
        };
        let name = sent["name"]
            .as_str()
            .filter(|name| !name.is_empty() && !name.contains('\0'));
        let parent = match sent.get("parent") {
            None | Some(Value::String(_)) => true,
            Some(Value::Null) => self.flaw != Flaw::NullRefused,
            Some(_) => false,
        };
        let Some(name) = name.filter(|_| parent) else {
            return refused(422, "an item needs a name, and a parent is named by its id");
        };
        let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
        let key = key.filter(|_| self.flaw != Flaw::IdempotencyIgnored);
        let mut store = self.store();
        let key = key.map(|key| (user, key.to_owned()));
        match key.as_ref().and_then(|key| store.answered.get(key)) {
            Some((asked, known)) if *asked == sent => return said(201, known.clone()),
            Some(_) => return refused(422, "this key was used for another item"),
            None => {}
        }
        let is_there = store.items.iter().any(|item| item["name"] == name);
        match self.flaw {
            Flaw::DuplicateCrashes if is_there => return crashed(),
            Flaw::Conflict if is_there => return refused(409, "there is one of that name"),
            _ => {}
        }
        let id = format!("{}{}", self.name, store.items.len() + 1);
        let item = json!({"id": id, "name": name, "parent": sent.get("parent")});
        store.items.push(item.clone());
        store.owners.insert(id.clone(), user);
        store
            .answered
            .extend(key.map(|key| (key, (sent.clone(), item.clone()))));
        Plain(201, Some(item), vec![("location", format!("/items/{id}"))])
    }
}

/// The token of the caller.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let sent = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = sent.and_then(|sent| sent.split_once(' '));
    let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    token.map(|(_, token)| token)
}

/// To the login, which comes back to a page of ours.
fn login(return_to: Option<&str>, flaw: Flaw) -> Plain {
    let there = match (return_to, flaw) {
        (Some(address), Flaw::LoginReturnsAnywhere) => address.to_owned(),
        (Some(address), Flaw::LoginReturnsHome) => format!("{ORIGIN}/login?asked={}", address.len()),
        (Some(address), _) if !address.starts_with(ORIGIN) && !address.is_empty() => {
            return refused(400, "a login returns to our own pages");
        }
        _ => format!("{ORIGIN}/login"),
    };
    Plain(302, None, vec![("location", there)])
}

/// The decoded value of one parameter of a query.
fn value_of(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(known, _)| *known == name)?;
    let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
    Some(value.into_owned())
}

fn finished(plain: Plain, ours: bool) -> Response<Full<Bytes>> {
    let Plain(status, body, headers) = plain;
    let is_json = body.is_some();
    let text = body.map(|body| body.to_string()).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT);
    let mut add = |name: &'static str, value: &str| {
        let value = HeaderValue::from_str(value).ok();
        let named = value.map(|value| (HeaderName::from_static(name), value));
        response.headers_mut().extend(named);
    };
    headers.iter().for_each(|(name, value)| add(name, value));
    add("vary", "Origin");
    add("x-content-type-options", "nosniff");
    add("cache-control", "no-store");
    add(
        "x-request-id",
        &jiff::Timestamp::now().as_nanosecond().to_string(),
    );
    add("x-app-version", "3.1.4+1a2b3c4");
    if is_json {
        add("content-type", "application/json");
    }
    if ours {
        add("access-control-allow-origin", ORIGIN);
        add("access-control-expose-headers", "Location, X-Request-Id");
    }
    response
}
