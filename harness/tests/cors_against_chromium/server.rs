//! The page's server and the two foreign ones: they answer each case as it says, and remember what was asked of them.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::case::{Case, Place, Sent, World, mode_text};

/// How long `/next` is held open before the page asks again.
const POLL: Duration = Duration::from_secs(20);

/// What the server holds of one case.
struct Running {
    case: Case,
    sent: Vec<(Instant, Sent)>,
}

/// What the listeners share.
pub(crate) struct Server {
    pub(crate) world: World,
    running: Mutex<HashMap<usize, Running>>,
    next: Mutex<Receiver<String>>,
    jobs: Sender<String>,
    results: Sender<String>,
}

/// A request, as far as it is looked at.
struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.clone())
    }
}

impl Server {
    /// Binds three origins on loopback and serves them until the process ends. The receiver gets what the page posts.
    pub(crate) fn start() -> (Arc<Server>, Receiver<String>) {
        let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let origin =
            |listener: &TcpListener| format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let [page, api, other] = &listeners;
        let (jobs, next) = channel();
        let (results, posted) = channel();
        let server = Arc::new(Server {
            world: World {
                page: origin(page),
                api: origin(api),
                other: origin(other),
            },
            running: Mutex::default(),
            next: Mutex::new(next),
            jobs,
            results,
        });
        for listener in listeners {
            let server = Arc::clone(&server);
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let server = Arc::clone(&server);
                    std::thread::spawn(move || server.exchange(stream));
                }
            });
        }
        (server, posted)
    }

    /// Hands numbered cases to the page.
    pub(crate) fn offer(&self, cases: &[(usize, Case)]) {
        let mut running = self.running.lock().unwrap();
        let mut list = Vec::new();
        for (number, case) in cases {
            list.push(self.job(*number, case));
            let case = case.clone();
            let sent = Vec::new();
            running.insert(*number, Running { case, sent });
        }
        self.jobs.send(serde_json::Value::from(list).to_string()).unwrap();
    }

    fn job(&self, number: usize, case: &Case) -> serde_json::Value {
        let world = &self.world;
        let place = Place::first(case, number, world);
        let calls = case.calls.iter().map(|call| {
            json!({
                "method": call.method, "mode": mode_text(call.mode), "headers": call.headers,
                "credentials": call.credentials.text(),
            })
        });
        json!({
            "number": number, "url": place.url(0), "sandboxed": case.sandboxed, "calls": calls.collect::<Vec<_>>(),
        })
    }

    /// What was asked of the servers for this case, and how long the whole took. The case is over then.
    pub(crate) fn finish(&self, number: usize) -> (Vec<Sent>, Duration) {
        let gone = self.running.lock().unwrap().remove(&number);
        let sent = gone.map(|gone| gone.sent).unwrap_or_default();
        let took = sent
            .first()
            .zip(sent.last())
            .map(|(first, last)| last.0 - first.0);
        (
            sent.into_iter().map(|(_, sent)| sent).collect(),
            took.unwrap_or_default(),
        )
    }

    fn exchange(&self, mut out: TcpStream) -> Option<()> {
        let request = read(&out)?;
        if let Some(place) = request.path.strip_prefix("/case/") {
            let (number, hop) = place.split_once('/')?;
            let hop = hop.split('?').next()?.parse().ok()?;
            let answer = self.answer(&request, number.parse().ok()?, hop);
            return out.write_all(&answer).ok();
        }
        let (kind, body) = match request.path.as_str() {
            "/page" => ("text/html", include_str!("page.html").to_owned()),
            "/next" => {
                let next = self.next.lock().ok()?.recv_timeout(POLL);
                ("application/json", next.unwrap_or_else(|_| "[]".to_owned()))
            }
            "/results" => {
                self.results.send(String::from_utf8(request.body).ok()?).ok()?;
                ("text/plain", String::new())
            }
            _ => {
                return out
                    .write_all(b"HTTP/1.1 404 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    .ok();
            }
        };
        let length = body.len();
        let head = format!("HTTP/1.1 200 x\r\ncontent-type: {kind}; charset=utf-8\r\nconnection: close\r\n");
        let whole = format!("{head}content-length: {length}\r\n\r\n{body}");
        out.write_all(whole.as_bytes()).ok()
    }

    fn answer(&self, request: &Request, number: usize, hop: usize) -> Vec<u8> {
        let mut running = self.running.lock().unwrap();
        let Some(running) = running.get_mut(&number) else {
            return Vec::new();
        };
        let asked_method = request.header("access-control-request-method");
        let preflight = request.method == "OPTIONS" && asked_method.is_some();
        let sent = Sent {
            hop,
            method: request.method.clone(),
            origin: request.header("origin"),
            asked_method,
            asked_headers: request.header("access-control-request-headers"),
            authorization: request.header("authorization").is_some(),
        };
        running.sent.push((Instant::now(), sent));
        let (world, case) = (&self.world, &running.case);
        let place = Place {
            world,
            case,
            number,
            hop,
            origin: request.header("origin").unwrap_or_default(),
        };
        let stop = case.hop(hop);
        let answer = if preflight { &stop.preflight } else { &stop.answer };
        let mut wire = Vec::new();
        if let Some(early) = answer.early {
            wire.extend(format!("HTTP/1.1 {early} x\r\n\r\n").bytes());
        }
        wire.extend(format!("HTTP/1.1 {} x\r\n", answer.status).bytes());
        for (name, value) in place.wire(answer) {
            wire.extend([&name.0, b": ".as_slice(), &value.0, b"\r\n"].concat());
        }
        wire.extend(b"\r\n");
        wire
    }
}

/// Reads one request; header names in lower case, values with one code point per byte.
fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let line = |reader: &mut BufReader<TcpStream>| {
        let mut bytes = Vec::new();
        reader.read_until(b'\n', &mut bytes).ok()?;
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        Some(text.trim_end_matches(['\r', '\n']).to_owned())
    };
    let first = line(&mut reader)?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = line(&mut reader)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request {
        method,
        path,
        headers,
        body: Vec::new(),
    };
    let length = request
        .header("content-length")
        .and_then(|length| length.parse().ok());
    request.body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}
