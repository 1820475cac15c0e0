//! Named cases: each a regression that was once of interest, or a departure of Chromium from the standard.

use crate::case::{Answer, Call, Case, Credentials, Hop, Site};
use crate::mode::FetchMode;

/// One case a line: its name; the call; the preflight's answer; the call's answer; a second call of the same URL, if any.
///
/// A call is its mode unless `cors` (`no-cors`, `same`), where from and to unless from the page to the other origin (`null`
/// from a sandboxed frame, `page` to the page's own origin), credentials, method and headers. `me` is the page's origin.
/// Header names are short for Access-Control-…; a `location` of `api/`, `other/` or `page/` and a name leads to that row's
/// answers, with a user name and password if `u:p@` is in front. `LONG` is a hundred letters.
const ROWS: &str = r#"
plain            | omit GET                          |                                            | 200 origin: me
star             | omit GET                          |                                            | 200 origin: *
bare             | omit GET                          |                                            | 200
bare-500         | omit GET                          |                                            | 500
readable-500     | omit GET                          |                                            | 500 origin: me; x-request-id: 7
trailing-slash   | omit GET                          |                                            | 200 origin: me/
upper-case       | omit GET                          |                                            | 200 origin: HTTP://127.0.0.1
null             | omit GET                          |                                            | 200 origin: null
doubled          | omit GET                          |                                            | 200 origin: me; origin: me
star-and-me      | omit GET                          |                                            | 200 origin: *, me
spaces-around    | omit GET                          |                                            | 200 origin:    me
star-cred        | include GET                       |                                            | 200 origin: *; credentials: true
cred             | include GET                       |                                            | 200 origin: me; credentials: true
cred-True        | include GET                       |                                            | 200 origin: me; credentials: True
cred-missing     | include GET                       |                                            | 200 origin: me
cred-ignored     | omit GET                          |                                            | 200 origin: me; credentials: nonsense
exposed          | omit GET                          |                                            | 200 origin: me; expose: X-Request-Id, etag; x-request-id: 7; etag: a; x-b: c
exposed-star     | omit GET                          |                                            | 200 origin: me; expose: *; x-request-id: 7; set-cookie: a=b
exposed-star-cred| include GET                       |                                            | 200 origin: me; credentials: true; expose: *; x-request-id: 7
exposed-bad      | omit GET                          |                                            | 200 origin: me; expose: x-request-id etag; x-request-id: 7
text-post        | omit POST content-type=text/plain |                                            | 200 origin: me
json-post        | omit POST content-type=application/json | 200 origin: me; headers: content-type | 200 origin: me
json-post-401    | omit POST content-type=application/json | 401 origin: me; headers: content-type | 200 origin: me
json-post-204    | omit POST content-type=application/json | 204 origin: me; headers: Content-Type | 201 origin: me
json-post-299    | omit POST content-type=application/json | 299 origin: me; headers: Content-Type | 200 origin: me
json-post-307    | omit POST content-type=application/json | 307 origin: me; headers: content-type; location: {next} | 200 origin: me
json-post-bare   | omit POST content-type=application/json | 200                                   | 200 origin: me
json-late-bare   | omit POST content-type=application/json | 200 origin: me; headers: content-type | 200
ah-missing       | omit POST authorization=x;x-api-key=y   | 200 origin: me; headers: x-api-key    | 200 origin: me
ah-star-auth     | omit POST authorization=x               | 200 origin: me; headers: *            | 200 origin: me
ah-star-and-auth | omit POST authorization=x;x-api-key=y   | 200 origin: me; headers: *,Authorization | 200 origin: me
ah-star          | omit POST x-api-key=y                   | 200 origin: me; headers: *            | 200 origin: me
ah-star-cred     | include POST x-api-key=y                | 200 origin: me; credentials: true; headers: * | 200 origin: me; credentials: true
ah-two-lines     | omit POST x-b=1;x-a=2                   | 200 origin: me; headers: x-a; headers: x-b | 200 origin: me
ah-empty-items   | omit POST x-a=1                         | 200 origin: me; headers: ,x-a,,       | 200 origin: me
ah-malformed     | omit POST x-a=1                         | 200 origin: me; headers: x-a x-b      | 200 origin: me
acac-uneven      | include POST x-a=1                      | 200 origin: me; headers: x-a          | 200 origin: me; credentials: true
put              | omit PUT                                | 200 origin: me; methods: PUT          | 200 origin: me
put-missing      | omit PUT                                | 200 origin: me                        | 200 origin: me
put-lower        | omit PUT                                | 200 origin: me; methods: put          | 200 origin: me
patch-lower      | omit patch                              | 200 origin: me; methods: PATCH        | 200 origin: me
put-star         | omit PUT                                | 200 origin: me; methods: *            | 200 origin: me
put-star-cred    | include PUT                             | 200 origin: me; credentials: true; methods: * | 200 origin: me; credentials: true
put-malformed    | omit PUT                                | 200 origin: me; methods: PUT;PUT      | 200 origin: me
post-unlisted    | omit POST x-a=1                         | 200 origin: me; headers: x-a; methods: GET | 200 origin: me
methods-bad-post | omit POST x-a=1                         | 200 origin: me; headers: x-a; methods: A B | 200 origin: me
range            | omit GET range=bytes=0-5                |                                       | 200 origin: me
range-suffix     | omit GET range=bytes=-5                 | 200 origin: me                        | 200 origin: me
accept-unsafe    | omit GET accept=a(b)                    | 200 origin: me                        | 200 origin: me
hop-same         | omit GET                                |                                       | 302 origin: me; location: api/plain
hop-bare         | omit GET                                |                                       | 302 location: api/plain
hop-foreign      | omit GET                                |                                       | 302 origin: me; location: other/plain
hop-foreign-null | omit GET                                |                                       | 302 origin: me; location: other/null
hop-foreign-star | omit GET                                |                                       | 307 origin: me; location: other/star
hop-credentials  | omit GET                                |                                       | 302 origin: me; location: http://u:p@127.0.0.1:1/plain
hop-no-location  | omit GET                                |                                       | 302 origin: me
hop-preflighted  | omit POST x-api-key=y                   | 200 origin: me; headers: x-api-key    | 307 origin: me; location: api/ah-star
hop-preflight-no | omit POST x-api-key=y                   | 200 origin: me; headers: x-api-key    | 307 origin: me; location: api/json-post
hop-twice        | omit GET                                |                                       | 302 origin: me; location: api/plain; location: api/plain
hop-loop         | omit GET                                |                                       | 302 origin: me; location: {self}
hop-scheme       | omit GET                                |                                       | 302 origin: me; location: ftp://127.0.0.1/
hop-own-creds    | omit GET                                |                                       | 302 origin: me; location: http://u:p@{next-host}
hop-see-other    | omit PUT content-type=text/plain        | 200 origin: me; methods: PUT          | 303 origin: me; location: api/plain
hop-post-moved   | omit POST content-type=application/json | 200 origin: me; headers: content-type | 301 origin: me; location: api/plain
hop-auth         | omit GET authorization=x                | 200 origin: me; headers: authorization | 307 origin: me; location: other/null
hop-thrice       | omit GET                                |                                       | 302 origin: me; location: other/hop-null
hop-null         | null omit GET                           |                                       | 302 origin: null; location: api/null-page
hop-back         | omit GET                                |                                       | 302 origin: me; location: page/null
hop-home         | page omit GET                           |                                       | 302 location: u:p@page/own
hop-out          | page omit GET                           |                                       | 302 location: api/plain
hop-out-preflight| page omit PUT x-a=1                     |                                       | 307 location: api/put-a
hop-out-same     | page same omit GET                      |                                       | 302 location: api/plain
own              | page omit PUT x-a=1                     |                                       | 500 x-b: 1; set-cookie: a=b
put-a            | omit PUT x-a=1                          | 200 origin: me; methods: PUT; headers: x-a | 200 origin: me
choices          | omit GET                                |                                       | 300 origin: me; location: api/
created          | omit POST                               |                                       | 201 origin: me; location: api/
not-modified     | omit GET                                |                                       | 304 origin: me; etag: a
hop-proxy-auth   | omit GET                                |                                       | 302 origin: me; location: api/proxy-auth
timeout          | omit GET                                |                                       | 408 origin: me
beyond           | omit GET                                |                                       | 600 origin: me
far-beyond       | omit GET                                |                                       | 999 origin: me
proxy-auth       | omit GET                                |                                       | 407 origin: me
null-page        | null omit GET                           |                                       | 200 origin: null
null-page-cred   | null include GET                        |                                       | 200 origin: null; credentials: true
null-page-star   | null omit PUT                           | 200 origin: *; methods: *             | 200 origin: *
null-page-upper  | null omit GET                           |                                       | 200 origin: NULL
blind            | no-cors omit POST x-a=1                 |                                       | 200
blind-put        | no-cors omit PUT                        |                                       | 200 origin: *
same             | same omit GET                           |                                       | 200 origin: *
trace            | omit TRACE                              |                                       | 200 origin: *
age-kept         | omit PUT                                | 200 origin: me; methods: PUT; age: 600 | 200 origin: me | omit PUT
age-zero         | omit PUT                                | 200 origin: me; methods: PUT; age: 0   | 200 origin: me | omit PUT
age-absent       | omit PUT                                | 200 origin: me; methods: PUT           | 200 origin: me | omit PUT
age-words        | omit PUT                                | 200 origin: me; methods: PUT; age: soon | 200 origin: me | omit PUT
age-twice        | omit PUT                                | 200 origin: me; methods: PUT; age: 0; age: 0 | 200 origin: me | omit PUT
age-negative     | omit PUT                                | 200 origin: me; methods: PUT; age: -1  | 200 origin: me | omit PUT
age-huge         | omit PUT                                | 200 origin: me; methods: PUT; age: 99999999999999999999 | 200 origin: me | omit PUT
age-listed       | omit PUT                                | 200 origin: me; methods: PUT, DELETE; age: 600 | 200 origin: me | omit DELETE
age-other-method | omit PUT                                | 200 origin: me; methods: PUT; age: 600 | 200 origin: me | omit DELETE
age-other-header | omit PUT                                | 200 origin: me; methods: PUT; age: 600 | 200 origin: me | omit PUT x-a=1
age-star         | omit PUT                                | 200 origin: *; methods: *; headers: *; age: 600 | 200 origin: me | omit DELETE x-a=1
age-star-auth    | omit PUT                                | 200 origin: *; methods: *; headers: *; age: 600 | 200 origin: me | omit PUT authorization=x
age-with-cookies | omit PUT                                | 200 origin: me; credentials: true; methods: PUT; age: 600 | 200 origin: me; credentials: true | include PUT
age-less-cookies | include PUT                             | 200 origin: me; credentials: true; methods: PUT; age: 600 | 200 origin: me; credentials: true | omit PUT
age-star-literal | include PUT                             | 200 origin: me; credentials: true; methods: PUT, *; age: 600 | 200 origin: me; credentials: true | include DELETE
age-no-store     | omit GET if-none-match=x                | 200 origin: me; headers: if-none-match; age: 600 | 200 origin: me | omit GET if-none-match=x
accept-twice     | omit GET accept=LONG;accept=LONG        | 200 origin: me; headers: accept       | 200 origin: me
accept-much      | omit GET accept=LONG;accept=LONG;accept=LONG;accept=LONG;accept=LONG;accept=LONG;accept=LONG;accept=LONG;accept=LONG;accept=LONG;accept=LONG | 200 origin: me; headers: accept | 200 origin: me
override-quoted  | omit GET x-method-override="a,track" | 200 origin: me; headers: x-method-override | 200 origin: me
override-escaped | omit GET x-method-override="a\"",track | 200 origin: me; headers: x-method-override | 200 origin: me
accept-long      | omit GET accept=LONGLONG                | 200 origin: me; headers: accept       | 200 origin: me
save-data        | omit GET save-data=on                   | 200 origin: me; headers: save-data    | 200 origin: me
user-agent       | omit GET user-agent=x                   | 200 origin: me; headers: user-agent   | 200 origin: me
"#;

/// Every row, with its name.
pub(crate) fn named() -> Vec<(&'static str, Case)> {
    let rows: Vec<Vec<&'static str>> = ROWS
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.splitn(5, '|').map(str::trim).collect())
        .collect();
    rows.iter().map(|row| (row[0], case(row, &rows))).collect()
}

fn case(row: &[&'static str], rows: &[Vec<&'static str>]) -> Case {
    let (first, sandboxed, site) = call(row[1]);
    let second = row.get(4).map(|cell| call(cell).0);
    Case {
        sandboxed,
        calls: std::iter::once(first).chain(second).collect(),
        hops: hops(site, row, rows),
    }
}

fn call(cell: &str) -> (Call, bool, Site) {
    let (mut mode, mut sandboxed, mut site) = (FetchMode::Cors, false, Site::Api);
    let mut words = cell.split_whitespace().peekable();
    while let Some(word) = words.peek() {
        match *word {
            "no-cors" => mode = FetchMode::NoCors,
            "same" => mode = FetchMode::SameOrigin,
            "null" => sandboxed = true,
            "page" => site = Site::Page,
            _ => break,
        }
        words.next();
    }
    let credentials = match words.next() {
        Some("include") => Credentials::Include,
        _ => Credentials::Omit,
    };
    let method = words.next().unwrap().to_owned();
    let headers = words.next().unwrap_or("").split(';');
    let headers = headers.filter_map(|header| header.split_once('='));
    let call = Call {
        mode,
        credentials,
        method,
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.replace("LONG", &"a".repeat(100))))
            .collect(),
    };
    (call, sandboxed, site)
}

/// The hops of a row, those of the row that it redirects to included.
fn hops(site: Site, row: &[&'static str], rows: &[Vec<&'static str>]) -> Vec<Hop> {
    let (call, next) = answer(row[3]);
    let mut out = vec![Hop {
        site,
        preflight: answer(row[2]).0,
        answer: call,
    }];
    if let Some((site, name)) = next {
        let next = rows.iter().find(|row| row[0] == name).unwrap();
        out.extend(hops(site, next, rows));
    }
    out
}

/// An answer, and the site and row that it redirects to. An empty cell is a bare 404.
fn answer(cell: &'static str) -> (Answer, Option<(Site, &'static str)>) {
    let (status, rest) = cell.split_once(' ').unwrap_or((cell, ""));
    let mut out = Answer::bare(status.parse().unwrap_or(404));
    let mut next = None;
    for header in rest.split("; ").filter(|header| !header.is_empty()) {
        let (short, value) = header.split_once(": ").unwrap();
        let mut value = value.to_owned();
        let name = match short {
            "origin" => {
                value = value.replace("me", "{me}");
                "Access-Control-Allow-Origin"
            }
            "credentials" => "Access-Control-Allow-Credentials",
            "methods" => "Access-Control-Allow-Methods",
            "headers" => "Access-Control-Allow-Headers",
            "expose" => "Access-Control-Expose-Headers",
            "age" => "Access-Control-Max-Age",
            "location" => {
                if let Some(row) = row_of(header) {
                    next = Some(row);
                    value = if value.starts_with("u:p@") {
                        "http://u:p@{next-host}".to_owned()
                    } else {
                        "{next}".to_owned()
                    };
                }
                "Location"
            }
            name => name,
        };
        out.headers.push((name.to_owned(), value));
    }
    (out, next)
}

/// The row that `location: SITE/NAME` names.
fn row_of(header: &'static str) -> Option<(Site, &'static str)> {
    let (site, name) = header.strip_prefix("location: ")?.split_once('/')?;
    let site = match site.trim_start_matches("u:p@") {
        "api" => Site::Api,
        "other" => Site::Other,
        "page" => Site::Page,
        _ => return None,
    };
    (!name.is_empty()).then_some((site, name))
}
