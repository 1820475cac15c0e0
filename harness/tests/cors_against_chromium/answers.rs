//! Generated answers: to preflights, to calls, and redirects. As in [`crate::cases`], the plainest choice is first.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::case::Answer;
use crate::cases::weighted;

type Pairs = Vec<(String, String)>;

/// Headers of one name, a choice being the values of its lines; names are spelt in any case.
fn lines(name: &'static str, choices: &[(u32, &[&'static str])]) -> impl Strategy<Value = Pairs> + use<> {
    let choices: Vec<(u32, Vec<&'static str>)> = choices
        .iter()
        .map(|(weight, values)| (*weight, values.to_vec()))
        .collect();
    let upper = name.to_ascii_uppercase();
    let spelt = weighted(&[(4, name.to_owned()), (1, name.to_ascii_lowercase()), (1, upper)]);
    (weighted(&choices), spelt).prop_map(|(values, name)| {
        values
            .into_iter()
            .map(|value| (name.clone(), value.to_owned()))
            .collect()
    })
}

fn allow_origin() -> impl Strategy<Value = Pairs> {
    lines(
        "Access-Control-Allow-Origin",
        &[
            (20, &["{me}"]),
            (20, &["{origin}"]),
            (12, &["*"]),
            (5, &["null"]),
            (2, &[]),
            (1, &["{me}", "{me}"]),
            (1, &["*", "*"]),
            (1, &["*, {me}"]),
            (1, &["{me} {other}"]),
            (1, &["{me},"]),
            (1, &["{me}", ""]),
            (1, &["{me}/"]),
            (1, &["{ME}"]),
            (1, &[" \t{me} \t"]),
            (1, &["{me}\u{e9}"]),
            (1, &["\u{a0}{me}"]),
            (1, &["{other}"]),
            (1, &["http://127.0.0.1"]),
            (1, &["NULL"]),
            (1, &["\"{me}\""]),
            (1, &["http://*"]),
            (1, &["\u{e9}"]),
            (1, &[""]),
        ],
    )
}

fn allow_credentials() -> impl Strategy<Value = Pairs> {
    lines(
        "Access-Control-Allow-Credentials",
        &[
            (24, &["true"]),
            (3, &[]),
            (1, &["True"]),
            (1, &["true", "true"]),
            (1, &[" true\t"]),
            (1, &["false"]),
            (1, &["1"]),
            (1, &["true,"]),
            (1, &["tru\u{e9}"]),
            (1, &[""]),
        ],
    )
}

fn allow_methods() -> impl Strategy<Value = Pairs> {
    lines(
        "Access-Control-Allow-Methods",
        &[
            (16, &["{method}"]),
            (6, &["*"]),
            (3, &[]),
            (2, &["GET, {method}, PUT"]),
            (1, &["GET"]),
            (1, &["put"]),
            (1, &["PATCH"]),
            (1, &["PUT", "DELETE"]),
            (1, &[",PUT,,\t{method} ,"]),
            (1, &["{method};PUT"]),
            (1, &["PUT \u{e9}"]),
            (1, &["*, PUT"]),
            (1, &["\"PUT\""]),
            (1, &[""]),
            (1, &["{method}", "a b"]),
        ],
    )
}

fn allow_headers() -> impl Strategy<Value = Pairs> {
    lines(
        "Access-Control-Allow-Headers",
        &[
            (16, &["{names}"]),
            (4, &["*"]),
            (3, &["*, authorization"]),
            (3, &["X-A, Content-Type, AUTHORIZATION, range, accept"]),
            (2, &["{names}, x-more"]),
            (2, &[]),
            (1, &["x-a", "{names}"]),
            (1, &[",{names},,"]),
            (1, &["x-a x-b"]),
            (1, &["{names}, \u{e9}"]),
            (1, &["x-a;authorization"]),
            (1, &["\"x-a\""]),
            (1, &[""]),
            (1, &["authorization"]),
        ],
    )
}

fn max_age() -> impl Strategy<Value = Pairs> {
    lines(
        "Access-Control-Max-Age",
        &[
            (6, &[]),
            (6, &["600"]),
            (2, &["0"]),
            (1, &["-1"]),
            (1, &["soon"]),
            (1, &["600, 600"]),
            (1, &["600", "600"]),
            (1, &["6e2"]),
            (1, &["600.5"]),
            (1, &[" 600\t"]),
            (1, &["99999999999999999999"]),
            (1, &[""]),
            (1, &["+600"]),
        ],
    )
}

pub(crate) fn any_preflight() -> impl Strategy<Value = Answer> {
    let status = weighted(&[
        (24, 200),
        (6, 204),
        (1, 201),
        (1, 299),
        (1, 300),
        (1, 301),
        (1, 304),
        (1, 307),
        (1, 400),
        (1, 401),
        (1, 403),
        (1, 404),
        (1, 405),
        (1, 429),
        (1, 500),
        (1, 503),
        (1, 599),
    ]);
    (
        status,
        any_early(),
        allow_origin(),
        allow_credentials(),
        allow_methods(),
        allow_headers(),
        max_age(),
    )
        .prop_map(
            |(status, early, origin, credentials, methods, headers, age)| Answer {
                early,
                status,
                headers: [origin, credentials, methods, headers, age].concat(),
            },
        )
}

/// An informational answer ahead of the real one, which no page sees.
fn any_early() -> impl Strategy<Value = Option<u16>> {
    weighted(&[(12, None), (1, Some(103)), (1, Some(100))])
}

pub(crate) fn any_answer() -> impl Strategy<Value = Answer> {
    let usual = weighted(&[
        (6, 200),
        (1, 500),
        (1, 401),
        (1, 201),
        (1, 204),
        (1, 304),
        (1, 302),
    ]);
    let rare = select(vec![
        203, 205, 206, 226, 299, 300, 301, 303, 305, 306, 307, 308, 399, 400, 402, 403, 404, 405, 407, 408,
        409, 410, 413, 415, 418, 422, 425, 426, 429, 431, 451, 499, 501, 502, 503, 504, 511, 520, 599, 600,
        999,
    ]);
    let status = prop_oneof![3 => usual, 1 => rare];
    let expose = lines(
        "Access-Control-Expose-Headers",
        &[
            (6, &[]),
            (3, &["*"]),
            (2, &["x-request-id"]),
            (2, &["X-Request-ID, etag"]),
            (1, &["etag", "x-request-id"]),
            (1, &["x-request-id etag"]),
            (1, &["*, etag"]),
            (1, &["etag", "*"]),
            (1, &["set-cookie, etag"]),
            (1, &[",x-request-id,,\tetag"]),
            (1, &["etag, x-r\u{e9}quest"]),
            (1, &[""]),
            (1, &["\"etag\""]),
            (1, &["x-not-sent"]),
        ],
    );
    let more = select(vec![
        ("x-request-id", "7"),
        ("ETag", "a"),
        ("retry-after", "5"),
        ("content-type", "text/plain"),
        ("Content-Language", "de"),
        ("expires", "0"),
        ("last-modified", "x"),
        ("pragma", "x"),
        ("set-cookie", "a=b"),
        ("x-b", "\u{e9}"),
        ("vary", "Origin"),
        ("X-Request-Id", "8"),
        ("*", "odd"),
        ("x-empty", ""),
        ("set-cookie2", "a=b"),
    ]);
    let more = more.prop_map(|(name, value)| (name.to_owned(), value.to_owned()));
    (
        status,
        any_early(),
        allow_origin(),
        allow_credentials(),
        expose,
        vec(more, 0..5),
    )
        .prop_map(|(status, early, origin, credentials, expose, more)| Answer {
            early,
            status,
            headers: [origin, credentials, expose, more].concat(),
        })
}

pub(crate) fn any_redirect() -> impl Strategy<Value = Answer> {
    let status = weighted(&[(3, 302), (2, 301), (2, 303), (3, 307), (2, 308)]);
    let location = lines(
        "Location",
        &[
            (30, &["{next}"]),
            (1, &["//{next-host}"]),
            (1, &["{next}?a=\u{e9}"]),
            (1, &["{next}#part"]),
            (1, &[" {next}"]),
            (1, &[]),
            (1, &["http://u:p@{next-host}"]),
            (1, &["http://u@{next-host}"]),
            (1, &["http://@{next-host}"]),
            (1, &["ftp://127.0.0.1/"]),
            (1, &["data:text/plain,x"]),
            (1, &["{next}", "{next}"]),
            (1, &["{next}", "{self}"]),
            (1, &["http://["]),
            (1, &["http://127.0.0.1:99999/"]),
        ],
    );
    (status, any_early(), allow_origin(), allow_credentials(), location).prop_map(
        |(status, early, origin, credentials, location)| Answer {
            early,
            status,
            headers: [origin, credentials, location].concat(),
        },
    )
}
