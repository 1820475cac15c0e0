//! Generated cases. Mostly right and then wrong in a place or two, since what is wrong everywhere shows only its first fault.
//! In every list the plainest choice is first: that is where shrinking goes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::answers::{any_answer, any_preflight, any_redirect};
use crate::case::{Call, Case, Credentials, Hop, Site};
use crate::mode::FetchMode;

/// Cases of every kind.
pub(crate) fn any_case() -> impl Strategy<Value = Case> {
    let sandboxed = weighted(&[(6, false), (1, true)]);
    (sandboxed, any_call(), any_second(), any_way()).prop_map(|(sandboxed, call, second, mut hops)| {
        let calls = match second {
            Some(change) => vec![call.clone(), changed(call, change)],
            None => vec![call],
        };
        // Where a call that is not to be read is redirected to is no matter of CORS.
        if calls.iter().any(|call| call.mode == FetchMode::NoCors)
            && let Some(last) = hops.pop()
        {
            hops = vec![last];
        }
        Case {
            sandboxed,
            calls,
            hops,
        }
    })
}

/// One of these by weight, the first being the plainest. Picked from an urn, since a union keeps a runner for
/// every alternative, which is most of the time that it takes.
pub(crate) fn weighted<T: Clone + std::fmt::Debug + 'static>(
    choices: &[(u32, T)],
) -> impl Strategy<Value = T> + use<T> {
    let urn: Vec<T> = choices
        .iter()
        .flat_map(|(weight, choice)| std::iter::repeat_n(choice.clone(), *weight as usize))
        .collect();
    select(urn)
}

fn any_call() -> impl Strategy<Value = Call> {
    let mode = weighted(&[
        (24, FetchMode::Cors),
        (1, FetchMode::NoCors),
        (1, FetchMode::SameOrigin),
    ]);
    let credentials = weighted(&[
        (4, Credentials::Omit),
        (1, Credentials::SameOrigin),
        (4, Credentials::Include),
    ]);
    let method = weighted(&[
        (8, "GET"),
        (4, "POST"),
        (1, "HEAD"),
        (4, "PUT"),
        (2, "DELETE"),
        (2, "PATCH"),
        (1, "patch"),
        (1, "put"),
        (1, "get"),
        (1, "Post"),
        (1, "OPTIONS"),
        (1, "X-Odd!"),
        (1, "TRACE"),
    ]);
    (mode, credentials, method, vec(any_request_header(), 0..4)).prop_map(
        |(mode, credentials, method, headers)| Call {
            mode,
            credentials,
            method: method.to_owned(),
            headers,
        },
    )
}

/// Headers that a page sets: every kind of safelisted value, what is just beyond it, and what no page may set.
fn any_request_header() -> impl Strategy<Value = (String, String)> {
    let (full, over, half) = ("a".repeat(128), "a".repeat(129), "b".repeat(70));
    let fixed = [
        (6, "x-a", "1"),
        (2, "X-B", "2"),
        (5, "authorization", "Bearer x"),
        (4, "content-type", "application/json"),
        (2, "content-type", "text/plain"),
        (1, "Content-Type", "TEXT/Plain; charset=utf-8"),
        (1, "content-type", "text/plain; a=\"b\""),
        (1, "content-type", "text /plain"),
        (1, "content-type", ""),
        (1, "content-type", "multipart/form-data;boundary=x"),
        (1, "content-type", "application/x-www-form-urlencoded"),
        (1, "content-type", "text/plain, application/json"),
        (1, "content-type", "text/plain\u{e9}"),
        (2, "accept", "*/*"),
        (1, "accept", "a(b)"),
        (1, "accept", "\u{e9}"),
        (1, "accept", "a\tb"),
        (1, "accept", ""),
        (1, "accept-language", "de, en;q=0.5"),
        (1, "accept-language", "de_DE"),
        (1, "content-language", "en"),
        (1, "content-language", "\u{fc}"),
        (2, "range", "bytes=0-5"),
        (1, "range", "bytes=5-"),
        (1, "range", "bytes=-5"),
        (1, "range", "bytes=5-0"),
        (1, "range", "bytes=0-1,3-4"),
        (1, "Range", "bytes= 0-5"),
        (1, "range", "BYTES=0-5"),
        (1, "x-http-method-override", "TRACE"),
        (1, "x-http-method-override", "PUT"),
        (1, "X-Method-Override", "get,track"),
        (1, "dnt", "1"),
        (1, "date", "today"),
        (1, "proxy-x", "1"),
        (1, "Sec-X", "1"),
        (1, "cookie", "a=b"),
        (1, "if-none-match", "x"),
        (1, "save-data", "on"),
        (1, "user-agent", "x"),
        (1, "x-a", "\u{e9}"),
        (1, "x-a", ""),
        (1, "cache-control", "no-cache"),
        (1, "*", "1"),
    ];
    let long = [("accept", full), ("accept", over), ("accept-language", half)];
    let mut choices: Vec<(u32, (String, String))> = fixed
        .map(|(weight, name, value)| (weight, (name.to_owned(), value.to_owned())))
        .into();
    choices.extend(long.map(|(name, value)| (1, (name.to_owned(), value))));
    weighted(&choices)
}

/// How a second call of the same URL differs from the first.
#[derive(Debug, Clone, Copy)]
enum Change {
    Nothing,
    Header,
    Method,
    Credentials,
}

fn any_second() -> impl Strategy<Value = Option<Change>> {
    weighted(&[
        (12, None),
        (2, Some(Change::Nothing)),
        (1, Some(Change::Header)),
        (1, Some(Change::Method)),
        (1, Some(Change::Credentials)),
    ])
}

fn changed(mut call: Call, change: Change) -> Call {
    match change {
        Change::Nothing => {}
        Change::Header => call.headers.push(("x-more".to_owned(), "1".to_owned())),
        Change::Method => call.method = (if call.method == "PUT" { "DELETE" } else { "PUT" }).to_owned(),
        Change::Credentials => {
            call.credentials = match call.credentials {
                Credentials::Include => Credentials::Omit,
                _ => Credentials::Include,
            }
        }
    }
    call
}

/// One hop, or up to two redirects ahead of the last.
fn any_way() -> impl Strategy<Value = Vec<Hop>> {
    let redirects = weighted(&[(5, 0_usize), (2, 1), (2, 2)]);
    let site = weighted(&[(8, Site::Api), (3, Site::Other), (1, Site::Page)]);
    let stops = vec((site, any_preflight()), 3);
    (redirects, stops, vec(any_redirect(), 2), any_answer()).prop_map(
        |(redirects, stops, mut answers, last)| {
            answers.truncate(redirects);
            answers.push(last);
            let hops = stops.into_iter().zip(answers);
            hops.map(|((site, preflight), answer)| Hop {
                site,
                preflight,
                answer,
            })
            .collect()
        },
    )
}
