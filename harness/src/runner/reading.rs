//! The driver that reads one web page at one host: the document, where it sends browsers on to, and the scripts of its own
//! origin. It asks for nothing else, and never with a credential.

use jiff::Timestamp;
use url::Url;

use crate::check::driver::{Asked, Driver, News, Next};
use crate::check::health::is_page;
use crate::check::text::clean;
use crate::model::capture::End;
use crate::model::exchange::{Asker, Exchange, Reply};
use crate::model::page::{ContentPolicy, SeenPage, Stands};
use crate::model::probe::{Ask, Probe, ProbeBuilder};
use crate::page::{html, script};

/// Who asks for pages.
const ASKER: &str = "page";

/// How often a page may send browsers on before nobody would still call it one.
pub(crate) const MOST_HOPS: u32 = 3;

/// Scripts of one page that are read.
pub(crate) const MOST_SCRIPTS: usize = 6;

/// Things that were left out, and are named one by one.
const MOST_LEFT_OUT: usize = 8;

/// Lines of a header that are kept, and characters of each.
const MOST_LINES: usize = 10;
const LONGEST_LINE: usize = 8 * 1024;

/// What is asked for, as a browser would.
const HTML: &str = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";

/// Characters of an address or a reason that are kept.
const SHOWN: usize = 300;

/// Reads one page.
#[derive(Debug)]
pub(crate) struct Reading {
    page: SeenPage,
    at: Url,
    hops: u32,
    next: Step,
    /// Another host of the same page, where reading goes on.
    moved: Option<Url>,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Begin,
    Document,
    Scripts,
    Done,
}

impl Reading {
    /// Reads this page here, after so many hops.
    pub(crate) fn new(page: SeenPage, at: Url, hops: u32) -> Reading {
        Reading {
            page,
            at,
            hops,
            next: Step::Begin,
            moved: None,
        }
    }

    /// What was read, where reading goes on at another host, and after how many hops.
    pub(crate) fn done(mut self) -> (SeenPage, Option<Url>, u32) {
        if self.next != Step::Done && self.page.status.is_none() {
            self.unread("it was not asked to the end");
        }
        (self.page, self.moved, self.hops)
    }

    fn unread(&mut self, why: &str) {
        self.page.unread = Some(clean(why, SHOWN));
        self.next = Step::Done;
    }

    fn left_out(&mut self, what: String) {
        if self.page.left_out.len() < MOST_LEFT_OUT {
            self.page.left_out.push(what);
        }
    }

    /// Asks for the document.
    fn document(&mut self) -> Next {
        self.next = Step::Document;
        self.page.url = clean(self.at.as_str(), SHOWN);
        asks(std::iter::once(get(&self.at).header("accept", HTML).build()))
    }

    /// Looks at the document, or at what came in its place.
    fn look(&mut self, exchange: &Exchange) -> Next {
        let Some(reply) = exchange.answer() else {
            let why = exchange
                .failure()
                .map_or("nothing answered", |error| error.detail.as_str());
            self.unread(why);
            return Next::Done;
        };
        self.page.status = Some(reply.status);
        if (300..400).contains(&reply.status) {
            return self.sent_on(reply);
        }
        if !(200..300).contains(&reply.status) {
            self.unread(&format!("it answers with {}", reply.status));
            return Next::Done;
        }
        if !is_page(reply) {
            let kind = reply.media_type().unwrap_or_else(|| "of no type".to_owned());
            self.unread(&format!("what is there is no web page ({kind})"));
            return Next::Done;
        }
        self.read(reply)
    }

    /// Follows a page to where it sends browsers, as long as that is still this page.
    fn sent_on(&mut self, reply: &Reply) -> Next {
        let to = reply.header("location").and_then(|to| self.at.join(&to).ok());
        let Some(mut to) = to.filter(|to| matches!(to.scheme(), "http" | "https")) else {
            self.unread(&format!("it answers with {} and nowhere to go", reply.status));
            return Next::Done;
        };
        to.set_fragment(None);
        let bare = |url: &Url| {
            let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
            host.strip_prefix("www.")
                .map_or_else(|| host.clone(), str::to_owned)
        };
        let same = bare(&to) == bare(&self.at) && to.username().is_empty() && to.password().is_none();
        self.hops += 1;
        if !same {
            self.unread(&format!(
                "it sends browsers on to another page, {}",
                to.origin().ascii_serialization()
            ));
            return Next::Done;
        }
        if self.hops > MOST_HOPS {
            self.unread("it sends browsers on and on");
            return Next::Done;
        }
        let here = to.origin() == self.at.origin();
        self.at = to.clone();
        if here {
            return self.document();
        }
        self.moved = Some(to);
        self.next = Step::Done;
        Next::Done
    }

    /// Reads the document, and asks for its scripts.
    fn read(&mut self, reply: &Reply) -> Next {
        let served = |name| {
            reply
                .values(name)
                .take(MOST_LINES)
                .map(|line| short(&line))
                .collect::<Vec<_>>()
        };
        let headers = served("content-security-policy").into_iter();
        self.page.policies = headers
            .map(|text| ContentPolicy {
                text,
                stands: Stands::Header,
            })
            .collect();
        self.page.permissions = served("permissions-policy");
        let document = html::read(&reply.body.text(), &self.at);
        self.page
            .policies
            .extend(document.policies.iter().map(|text| ContentPolicy {
                text: short(text),
                stands: Stands::Meta,
            }));
        self.note_cut(reply, "the page");
        let name = self.page.url.clone();
        for text in &document.inline {
            self.hear(text, &name);
        }
        let (own, foreign): (Vec<&Url>, Vec<&Url>) = document
            .scripts
            .iter()
            .partition(|url| url.origin() == self.at.origin());
        let asked: Vec<Probe> = own
            .iter()
            .take(MOST_SCRIPTS)
            .map(|url| get(url).build())
            .collect();
        let more = own.len().saturating_sub(MOST_SCRIPTS) + document.more;
        if more > 0 {
            self.left_out(format!("{more} more scripts"));
        }
        if let Some(first) = foreign.first() {
            let host = first.origin().ascii_serialization();
            self.left_out(format!(
                "{} scripts of other hosts, such as {}",
                foreign.len(),
                clean(&host, SHOWN)
            ));
        }
        if asked.is_empty() {
            self.next = Step::Done;
            return Next::Done;
        }
        self.next = Step::Scripts;
        asks(asked.into_iter())
    }

    /// Reads a script.
    fn heard(&mut self, exchange: &Exchange) {
        let at = self.at.join(exchange.probe.path_text());
        let name = clean(at.as_ref().map_or(exchange.probe.path_text(), Url::as_str), SHOWN);
        let script = exchange
            .answer()
            .filter(|reply| (200..300).contains(&reply.status) && !is_page(reply));
        let Some(reply) = script else {
            let why = match (exchange.answer(), exchange.failure()) {
                (Some(reply), _) => format!("it answers with {} and no script", reply.status),
                (None, Some(error)) => clean(&error.detail, SHOWN),
                (None, None) => "nothing answered".to_owned(),
            };
            return self.left_out(format!("{name}: {why}"));
        };
        self.note_cut(reply, &name);
        self.hear(&reply.body.text(), &name);
    }

    fn note_cut(&mut self, reply: &Reply, name: &str) {
        if let Some(why) = &reply.body.undecodable {
            self.left_out(format!("{name}: {}", clean(why, SHOWN)));
        } else if reply.body.end != End::Complete {
            self.left_out(format!("{name}: only its first {} bytes", reply.body.bytes.len()));
        }
    }

    fn hear(&mut self, text: &str, name: &str) {
        if !self.page.scripts.iter().any(|known| known == name) {
            self.page.scripts.push(name.to_owned());
        }
        script::mentions(text, name, &mut self.page.mentions);
        if self.page.listens.is_none() {
            self.page.listens = script::listens(text, name);
        }
        if script::loads_more(text) {
            self.left_out(format!("what {name} loads when it runs"));
        }
    }
}

/// A GET of this address, as its host is asked for it.
fn get(url: &Url) -> ProbeBuilder {
    let query = url.query().map_or(String::new(), |query| format!("?{query}"));
    Probe::get(format!("{}{query}", url.path()))
}

fn asks(probes: impl Iterator<Item = Probe>) -> Next {
    let asked = probes.map(|probe| Asked {
        asker: Asker(ASKER.to_owned()),
        ask: Ask::One(probe),
    });
    Next::Ask(asked.collect())
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST_LINE).collect()
}

impl Driver for Reading {
    fn next(&mut self, news: News<'_>, _now: Timestamp) -> Next {
        let sent = news.exchanges.iter().filter(|exchange| exchange.sent.is_some());
        let sent = u32::try_from(sent.count()).unwrap_or(u32::MAX);
        self.page.requests = self.page.requests.saturating_add(sent);
        match self.next {
            Step::Begin => self.document(),
            Step::Document => match (news.exchanges.last(), news.refused.first()) {
                (Some(last), _) => self.look(last),
                (None, refused) => {
                    self.unread(refused.map_or("it was not asked", |refused| refused.reason.as_str()));
                    Next::Done
                }
            },
            Step::Scripts => {
                let last = |exchange: &&Exchange| {
                    let mut later = news.exchanges.iter();
                    !later.any(|other| other.id == exchange.id && other.attempt > exchange.attempt)
                };
                news.exchanges
                    .iter()
                    .filter(last)
                    .for_each(|exchange| self.heard(exchange));
                for refused in news.refused {
                    self.left_out(format!(
                        "{}: {}",
                        clean(refused.probe.path_text(), SHOWN),
                        refused.reason
                    ));
                }
                self.next = Step::Done;
                Next::Done
            }
            Step::Done => Next::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, failed};
    use crate::model::exchange::{Phase, WireFault};
    use crate::model::probe::Origin;

    const HTML_HEADERS: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];

    fn reading(at: &str) -> Reading {
        let page = SeenPage::unseen(Origin("https://app.example".into()), at.into());
        Reading::new(page, Url::parse(at).unwrap(), 0)
    }

    fn paths(next: &Next) -> Vec<String> {
        let Next::Ask(asked) = next else { return Vec::new() };
        let probes = asked.iter().flat_map(|asked| asked.ask.probes());
        probes.map(|probe| probe.path_text().to_owned()).collect()
    }

    /// Shows a driver one answer to what it asked last.
    fn told(reading: &mut Reading, asked: &Next, status: u16, headers: &[(&str, &str)], body: &str) -> Next {
        let Next::Ask(asks) = asked else {
            panic!("nothing was asked: {asked:?}")
        };
        let probes = asks.iter().flat_map(|asked| asked.ask.probes()).zip(1..);
        let seen: Vec<Exchange> = probes
            .map(|(probe, id)| answered(id, probe, status, headers, body))
            .collect();
        let news = News {
            exchanges: &seen,
            refused: &[],
            raw: &[],
        };
        reading.next(news, Timestamp::UNIX_EPOCH)
    }

    fn begun(reading: &mut Reading) -> Next {
        let nothing = News {
            exchanges: &[],
            refused: &[],
            raw: &[],
        };
        reading.next(nothing, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_document_its_policies_and_its_own_scripts_are_read_without_a_credential() {
        let mut reading = reading("https://app.example/record?x=1");
        let first = begun(&mut reading);
        assert_eq!(paths(&first), ["/record?x=1"]);
        let Next::Ask(asked) = &first else { panic!() };
        assert!(asked[0].ask.probes().iter().all(|probe| probe.who.is_none()));
        let headers = [
            HTML_HEADERS[0],
            ("content-security-policy", "default-src 'self'"),
            ("content-security-policy-report-only", "default-src 'none'"),
            ("permissions-policy", "microphone=()"),
        ];
        let html = r#"<script src=/a.js></script><script src="https://cdn.example/b.js"></script><script>x='http://h:1'</script>"#;
        let second = told(&mut reading, &first, 200, &headers, html);
        assert_eq!(paths(&second), ["/a.js"]);
        let js = [("content-type", "text/javascript")];
        let last = told(
            &mut reading,
            &second,
            200,
            &js,
            "getUserMedia({audio:!0});import('./c.js')",
        );
        assert_eq!(last, Next::Done);
        let (page, moved, _) = reading.done();
        assert_eq!((page.requests, moved), (2, None));
        let enforced: Vec<&str> = page.policies.iter().map(|policy| policy.text.as_str()).collect();
        assert_eq!(enforced, ["default-src 'self'"]);
        assert_eq!(
            page.scripts,
            ["https://app.example/record?x=1", "https://app.example/a.js"]
        );
        assert_eq!(page.mentions[0].url, "http://h:1");
        assert_eq!(
            page.left_out,
            [
                "1 scripts of other hosts, such as https://cdn.example",
                "what https://app.example/a.js loads when it runs"
            ]
        );
        assert!(page.listens.is_some() && page.permissions == ["microphone=()"]);
    }

    #[test]
    fn a_page_is_followed_on_its_own_host_and_its_twins_and_nowhere_else() {
        let on = |to: &str| {
            let mut reading = reading("https://app.example/");
            let first = begun(&mut reading);
            let next = told(&mut reading, &first, 302, &[("location", to)], "");
            let (page, moved, _) = reading.done();
            (paths(&next), moved.map(String::from), page.unread)
        };
        assert_eq!(on("/login").0, ["/login"]);
        assert_eq!(
            on("https://www.app.example/x").1.as_deref(),
            Some("https://www.app.example/x")
        );
        for astray in [
            "https://login.example/",
            "http://169.254.169.254/",
            "https://a:b@app.example/",
            "file:///x",
        ] {
            let (paths, moved, unread) = on(astray);
            assert!(
                paths.is_empty() && moved.is_none() && unread.is_some(),
                "{astray}"
            );
        }
    }

    #[test]
    fn a_page_that_sends_browsers_on_and_on_is_left() {
        let mut reading = reading("https://app.example/0");
        let mut next = begun(&mut reading);
        for hop in 1..=MOST_HOPS + 1 {
            assert_ne!(next, Next::Done, "{hop}");
            next = told(&mut reading, &next, 301, &[("location", &format!("/{hop}"))], "");
        }
        assert_eq!(next, Next::Done);
        assert_eq!(
            reading.done().0.unread.as_deref(),
            Some("it sends browsers on and on")
        );
    }

    #[test]
    fn what_is_no_page_is_not_read() {
        let unread = |status: u16, headers: &[(&str, &str)], body: &str| {
            let mut reading = reading("https://app.example/");
            let first = begun(&mut reading);
            told(&mut reading, &first, status, headers, body);
            reading.done().0.unread
        };
        assert_eq!(
            unread(404, HTML_HEADERS, "<html>").as_deref(),
            Some("it answers with 404")
        );
        let json = [("content-type", "application/json")];
        assert!(unread(200, &json, "{}").is_some());
        assert_eq!(unread(200, HTML_HEADERS, "<html>"), None);
        let mut silent = reading("https://app.example/");
        let first = begun(&mut silent);
        let Next::Ask(asked) = &first else { panic!() };
        let lost = [failed(
            1,
            asked[0].ask.probes()[0],
            Phase::Connect,
            WireFault::Refused,
        )];
        let news = News {
            exchanges: &lost,
            refused: &[],
            raw: &[],
        };
        assert_eq!(silent.next(news, Timestamp::UNIX_EPOCH), Next::Done);
        assert_eq!(silent.done().0.unread.as_deref(), Some("as the test has it"));
    }
}
