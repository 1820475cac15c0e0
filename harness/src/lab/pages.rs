//! The web page in front of the reference service: a real host on a port of its own, which serves one document and one script,
//! and remembers what it was asked.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

use orchestrate::config::Settings;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::lab::edge::tls::{Authority, Shown};
use crate::lab::edge::twist::Twist;
use crate::lab::edge::{Edge, Front, HOST, Standing};
use crate::lab::embedded::Embedded;
use crate::lab::subject::{Subject, concierge, verify};
use crate::model::probe::Origin;
use crate::model::run::Run;

/// Where the document is.
pub const PATH: &str = "/record";

/// Where its script is.
const SCRIPT: &str = "/assets/index.js";

/// The largest head of a request.
const LONGEST_HEAD: usize = 64 * 1024;

/// What a page is. `{api}` stands for the API's origin, and `{base}` for its base URL.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Headers of the document.
    pub headers: &'static [(&'static str, &'static str)],
    /// What stands in its head besides the script.
    pub head: &'static str,
    /// The script.
    pub script: &'static str,
    /// Whether it is on https, and the API under a name on http.
    pub tls: bool,
}

/// What a front end's bundle does: it calls the API, and records speech.
const BUNDLE: &str = "const t=\"{base}\";async function r(){const s=await navigator.mediaDevices.getUserMedia({audio:!0});\
                      return fetch(`${t}/ai/orchestrate`,{method:\"POST\",body:s})}";

impl Page {
    /// A page that is as it should be.
    pub const GOOD: Page = Page {
        headers: &[],
        head: "",
        script: BUNDLE,
        tls: false,
    };

    /// The same, with these headers.
    #[must_use]
    pub const fn with(mut self, headers: &'static [(&'static str, &'static str)]) -> Page {
        self.headers = headers;
        self
    }

    /// The same, with this in its head.
    #[must_use]
    pub const fn holding(mut self, head: &'static str) -> Page {
        self.head = head;
        self
    }

    /// The same, with this script.
    #[must_use]
    pub const fn running(mut self, script: &'static str) -> Page {
        self.script = script;
        self
    }

    /// The same on https, with an API that is on http.
    #[must_use]
    pub const fn over_tls(mut self) -> Page {
        self.tls = true;
        self
    }

    /// Verifies the service and this page of it, within this deadline of a request.
    pub async fn verified(self, deadline_ms: u64) -> Result<Run, String> {
        let mut subject = concierge().map_err(|error| error.to_string())?;
        subject.target.bounds.deadline_ms = deadline_ms;
        let served = self.start(Settings::development(), &mut subject).await?;
        let judged = verify(subject).await.map_err(|error| error.to_string());
        served.stop().await;
        judged.map(|(_, run)| run)
    }

    /// Starts the service and the page that uses it, and points a subject at both.
    pub async fn start(self, mut settings: Settings, subject: &mut Subject) -> Result<Served, String> {
        let host = Host::bind(self.tls).await?;
        settings.origins = vec![host.origin.clone()];
        let api = if self.tls {
            let edge = Edge::that(Twist::None).over(Front::Named);
            Api::Behind(edge.start(settings, subject).await?)
        } else {
            let embedded = Embedded::start(settings)
                .await
                .map_err(|error| error.to_string())?;
            subject.vault = embedded.join(&mut subject.target);
            Api::Alone(embedded)
        };
        subject
            .pins
            .insert(HOST.to_owned(), vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        subject.ca_pem = host.ca_pem.clone();
        for client in &mut subject.target.clients {
            client.origin = Origin(host.origin.clone());
            client.page = Some(PATH.to_owned());
        }
        let host = host.serve(self, &subject.target.base);
        Ok(Served { api, host })
    }
}

/// What the page uses.
enum Api {
    Alone(Embedded),
    Behind(Standing),
}

/// A service and its page that run.
pub struct Served {
    api: Api,
    host: Serving,
}

impl Served {
    /// The heads of the requests that the page's host was sent.
    pub fn asked(&self) -> Vec<String> {
        self.host.asked()
    }

    /// Stops both.
    pub async fn stop(self) {
        self.host.stop();
        match self.api {
            Api::Alone(embedded) => embedded.stop().await,
            Api::Behind(standing) => standing.stop().await,
        }
    }
}

/// A place for a page, before it is known what it calls.
pub struct Host {
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    /// Its origin.
    pub origin: String,
    /// Who vouches for it, in PEM.
    pub ca_pem: Option<Vec<u8>>,
}

impl Host {
    /// Takes a port, with TLS or without.
    pub async fn bind(tls: bool) -> Result<Host, String> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let (acceptor, ca_pem) = match tls {
            true => Authority::make(Shown::Good, false)?.split(),
            false => (None, None),
        };
        let origin = match tls {
            true => format!("https://{HOST}:{port}"),
            false => format!("http://127.0.0.1:{port}"),
        };
        Ok(Host {
            listener,
            acceptor,
            origin,
            ca_pem,
        })
    }

    /// Serves a page that calls the API with this base URL.
    pub fn serve(self, page: Page, base: &str) -> Serving {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let remembered = asked.clone();
        let answers = Arc::new(Answers::of(page, base));
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = self.listener.accept().await {
                let (answers, asked, acceptor) = (answers.clone(), asked.clone(), self.acceptor.clone());
                connections.spawn(async move {
                    match acceptor {
                        None => answer(stream, &answers, &asked).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                answer(stream, &answers, &asked).await;
                            }
                        }
                    }
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Serving {
            task,
            asked: remembered,
        }
    }
}

/// A page that is served.
pub struct Serving {
    task: JoinHandle<()>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Serving {
    /// The heads of the requests that it was sent.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stops serving.
    pub fn stop(self) {
        self.task.abort();
    }
}

/// The two answers of a page, as bytes.
struct Answers {
    document: Vec<u8>,
    script: Vec<u8>,
}

impl Answers {
    fn of(page: Page, base: &str) -> Answers {
        let rest = base.split_once("://").map_or(0, |(scheme, _)| scheme.len() + 3);
        let api = base[rest..].find('/').map_or(base, |at| &base[..rest + at]);
        let filled = |text: &str| text.replace("{api}", api).replace("{base}", base);
        let html = format!(
            "<!doctype html><html><head><title>Concierge</title>{}\
             <script type=\"module\" src=\"{SCRIPT}\"></script></head><body><div id=root></div></body></html>",
            filled(page.head)
        );
        let headers = page.headers.iter();
        let lines: String = headers
            .map(|(name, value)| format!("{name}: {}\r\n", filled(value)))
            .collect();
        Answers {
            document: whole("200 OK", "text/html; charset=utf-8", &lines, &html),
            script: whole("200 OK", "text/javascript", "", &filled(page.script)),
        }
    }
}

fn whole(status: &str, kind: &str, lines: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n{lines}\r\n{body}")
        .into_bytes()
}

/// Answers one request.
async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answers: &Answers,
    asked: &Mutex<Vec<String>>,
) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        match stream.read_buf(&mut head).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(head);
    let answer = match path.as_str() {
        PATH | "/" => answers.document.clone(),
        SCRIPT => answers.script.clone(),
        _ => whole("404 Not Found", "text/html", "", "<!doctype html><h1>404</h1>"),
    };
    // Whoever is gone by now has no use for it.
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
}
