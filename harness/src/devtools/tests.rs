use proptest::prelude::*;
use serde_json::{Value, json};

use crate::check::testing::ORIGIN;
use crate::devtools::curl::{self, explain};
use crate::devtools::har::Har;
use crate::devtools::recording::{Known, Nothing, recording};
use crate::model::exchange::{Outcome, WireFault};
use crate::model::probe::{Effect, Mode, Origin};
use crate::model::recording::Recording;

const API: &str = "https://api.example";

/// An entry as browsers write it.
fn entry(
    method: &str,
    path: &str,
    status: u16,
    request: &[(&str, &str)],
    response: &[(&str, &str)],
) -> Value {
    let lines = |lines: &[(&str, &str)]| -> Vec<Value> {
        let line = |(name, value): &(&str, &str)| json!({"name": name, "value": value});
        lines.iter().map(line).collect()
    };
    let mut sent = lines(request);
    sent.push(json!({"name": "Origin", "value": ORIGIN}));
    json!({
        "startedDateTime": "2026-11-27T02:01:14.250+01:00",
        "time": 9.0,
        "request": {"method": method, "url": format!("{API}{path}"), "headers": sent, "cookies": []},
        "response": {"status": status, "headers": lines(response), "content": {"text": "{}", "mimeType": "application/json"}},
        "timings": {"dns": -1, "connect": 3.0, "ssl": 2.0, "wait": 4.0, "receive": 0.5},
    })
}

fn har(entries: &[Value]) -> Har {
    serde_json::from_value(json!({"log": {"version": "1.2", "entries": entries}})).unwrap()
}

fn judged(entries: &[Value]) -> Recording {
    recording(&har(entries), &Known::default()).unwrap()
}

const ALLOWED: [(&str, &str); 1] = [("Access-Control-Allow-Origin", ORIGIN)];

#[test]
fn an_entry_becomes_the_exchange_that_it_tells_of() {
    let made = judged(&[entry(
        "POST",
        "/notes?q=1",
        500,
        &[("Cookie", "sid=0123456789ab")],
        &ALLOWED,
    )]);
    let exchange = &made.exchanges[0];
    assert_eq!(exchange.probe.path_text(), "/notes?q=1");
    assert_eq!(
        (exchange.status(), exchange.probe.effect),
        (Some(500), Effect::Writes)
    );
    assert_eq!(exchange.at.to_string(), "2026-11-27T01:01:14.25Z");
    assert_eq!(
        (exchange.phases.connect, exchange.phases.tls),
        (Some(1_000), Some(2_000))
    );
    let page = exchange.probe.page.as_ref().unwrap();
    assert_eq!((page.origin.0.as_str(), page.mode), (ORIGIN, Mode::Include));
    assert_eq!(
        exchange
            .answer()
            .unwrap()
            .header("access-control-allow-origin")
            .as_deref(),
        Some(ORIGIN)
    );
    assert!(!serde_json::to_string(&made).unwrap().contains("0123456789ab"));
}

#[test]
fn what_the_browser_hid_is_told_as_absent_and_is_no_answer() {
    for (error, told) in [
        (json!("net::ERR_FAILED"), "hides whether it was refused for CORS"),
        (json!(null), "hides whether it was refused for CORS"),
        (json!("net::ERR_BLOCKED_BY_CLIENT"), "never left the browser"),
        (json!("net::ERR_ABORTED"), "was given up by the page"),
    ] {
        let mut hidden = entry("POST", "/notes", 0, &[], &[]);
        hidden["response"]["_error"] = error;
        let made = judged(&[hidden]);
        assert!(made.exchanges.is_empty());
        let absent = made.browser.unwrap().absent;
        assert!(absent[0].contains(told), "{absent:?}");
    }
}

#[test]
fn a_network_error_that_the_browser_names_is_one() {
    let mut refused = entry("GET", "/notes", 0, &[], &[]);
    refused["response"]["_error"] = json!("net::ERR_CERT_DATE_INVALID");
    let made = judged(&[refused]);
    let Outcome::Failed(error) = &made.exchanges[0].reply else {
        panic!("{made:?}")
    };
    assert_eq!(error.fault, WireFault::Tls);
}

#[test]
fn a_preflight_is_the_one_that_the_check_asks_about() {
    let asks = [
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "content-type, authorization"),
    ];
    let made = judged(&[
        entry("OPTIONS", "/notes", 405, &asks, &[("allow", "GET")]),
        entry("PUT", "/notes", 0, &[("Authorization", "Bearer 0123456789")], &[]),
    ]);
    let known = crate::check::pages::preflights(&made.target);
    assert_eq!(known.len(), 1);
    assert_eq!(*made.exchanges[0].probe, known[0].probe);
    assert_eq!(
        made.browser.unwrap().absent,
        Vec::<String>::new(),
        "the refused preflight says it all"
    );
}

#[test]
fn answers_without_headers_say_nothing_of_cors() {
    let made = judged(&[entry("GET", "/notes", 500, &[], &[])]);
    assert_eq!(made.exchanges[0].probe.page, None);
    assert!(made.browser.unwrap().absent[0].contains("without its headers"));
}

#[test]
fn the_host_with_the_worst_call_is_judged_and_the_others_are_counted() {
    let mut elsewhere = entry("GET", "/x", 200, &[], &ALLOWED);
    elsewhere["request"]["url"] = json!("https://cdn.example/x");
    let entries = [
        elsewhere.clone(),
        elsewhere,
        entry("GET", "/notes", 500, &[], &ALLOWED),
    ];
    let made = judged(&entries);
    assert_eq!(made.target.base, API);
    let absent = made.browser.unwrap().absent;
    assert!(absent[0].starts_with("2 calls to other hosts"), "{absent:?}");
    let known = Known {
        url: Some("https://cdn.example".into()),
        ..Known::default()
    };
    let other = recording(&har(&entries), &known).unwrap();
    assert_eq!(
        (other.target.base.as_str(), other.exchanges.len()),
        ("https://cdn.example", 2)
    );
    let known = Known {
        url: Some("https://nobody.example".into()),
        ..Known::default()
    };
    assert!(matches!(
        recording(&har(&entries), &known),
        Err(Nothing::NotThere(_))
    ));
}

#[test]
fn what_a_page_loads_is_no_call() {
    let mut script = entry("GET", "/app.js", 500, &[], &[]);
    script["_resourceType"] = json!("script");
    assert_eq!(
        recording(&har(&[script]), &Known::default()).unwrap_err(),
        Nothing::NoCalls(1)
    );
}

#[test]
fn the_page_is_taken_from_the_flag_where_the_export_does_not_say_it() {
    let mut bare = entry("POST", "/notes", 200, &[], &ALLOWED);
    bare["request"]["headers"] = json!([]);
    let known = Known {
        origin: Some(Origin("https://said.example".into())),
        ..Known::default()
    };
    let made = recording(&har(&[bare]), &known).unwrap();
    assert_eq!(made.target.clients[0].origin.0, "https://said.example");
}

#[test]
fn credentials_are_in_nothing_that_is_kept() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJtZSIsImV4cCI6MTIzfQ.c2lnbmF0dXJl";
    let sent = [
        ("Authorization", "Bearer canary-bearer-1"),
        ("Cookie", "a=canary-cookie-1; b=canary-cookie-2"),
        ("X-Unheard-Of", "canary-header-1"),
        ("X-Api-Key", "canary-key-1"),
        ("Referer", "https://app.example/reset?code=canary-code-1"),
    ];
    let got = [
        ("set-cookie", "s=canary-set-1; HttpOnly\nt=canary-set-2; Secure"),
        ("x-echo", "canary-bearer-1"),
        ALLOWED[0],
    ];
    let mut spoken = entry(
        "POST",
        "/x?access_token=canary-query-1&q=1#canary-fragment",
        200,
        &sent,
        &got,
    );
    spoken["request"]["url"] = json!(format!(
        "https://me:canary-password@api.example/x?token=canary-query-1&jwt={jwt}"
    ));
    spoken["request"]["postData"] =
        json!({"mimeType": "application/json", "text": "{\"password\":\"canary-body-1\"}"});
    spoken["response"]["content"]["text"] =
        json!("{\"name\":\"canary-content-1\",\"echo\":\"canary-cookie-2\"}");
    let made = judged(&[spoken]);
    let kept = serde_json::to_string(&made).unwrap();
    assert!(
        !kept.contains("canary") && !kept.contains("c2lnbmF0dXJl"),
        "{kept}"
    );
    assert_eq!(
        made.exchanges[0]
            .answer()
            .unwrap()
            .header("access-control-allow-origin")
            .as_deref(),
        Some(ORIGIN)
    );
}

#[test]
fn a_copied_call_is_read_in_the_quoting_of_bash_and_of_cmd() {
    let bash = "curl 'https://api.example/x' \\\n  -H 'origin: https://app.example' -H 'content-type: application/json' \\\n  --data-raw $'{\"a\":\"it\\'s \\u0021\"}' --compressed ;\n";
    let cmd = "curl ^\"https://api.example/x^\" ^\r\n  -H ^\"origin: https://app.example^\" ^\r\n  -H ^\"content-type: application/json^\" ^\r\n  --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"it's ^!^\\^\"^}^\"";
    for text in [bash, cmd] {
        let told = explain(&curl::read(text).unwrap(), None);
        assert_eq!(told.call, "POST /x");
        assert_eq!(told.asked_headers, ["content-type"]);
        assert_eq!((told.body, told.cross_origin), (Some(14), Some(true)), "{text}");
    }
}

#[test]
fn a_copied_call_that_a_form_could_send_needs_no_preflight() {
    let told = explain(
        &curl::read("curl -d a=1 https://api.example/x -H 'Origin: https://app.example' -A me").unwrap(),
        None,
    );
    assert_eq!((told.preflight, told.effect), (vec![], Effect::Writes));
    let told = explain(
        &curl::read("curl https://api.example/x -X delete").unwrap(),
        Some("https://api.example"),
    );
    assert_eq!(told.cross_origin, Some(false));
}

#[test]
fn what_is_no_copied_call_is_told_with_its_place() {
    for (text, place, why) in [
        ("", (1, 1), "nothing in it"),
        ("wget https://x.example", (1, 1), "not with curl"),
        ("curl 'https://x.example", (1, 6), "never closed"),
        (
            "curl https://x.example \\\n --frob 3",
            (2, 2),
            "no option that browsers write",
        ),
        ("curl https://x.example | sh", (1, 24), "more than one command"),
        ("curl ftp://x.example", (1, 6), "no http(s) URL"),
        (
            "curl https://x.example https://y.example",
            (1, 24),
            "a second address",
        ),
        ("curl https://x.example -H", (1, 24), "has no value"),
        ("curl -X POST", (1, 1), "no address"),
    ] {
        let wrong = curl::read(text).unwrap_err();
        assert_eq!((wrong.line, wrong.column), place, "{text}");
        assert!(wrong.why.contains(why), "{text}: {}", wrong.why);
    }
}

#[test]
fn what_a_copied_call_carries_is_in_nothing_that_is_said() {
    let text = "curl 'https://me:canary-password@api.example/x/?access_token=canary-query' -b 'sid=canary-cookie' \
                -H 'authorization: Bearer canary-bearer' -H 'x-api-key: canary-key' -u 'me:canary-user' --data '{\"p\":\"canary-body\"}'";
    let told = explain(&curl::read(text).unwrap(), None);
    let said = serde_json::to_string(&told).unwrap();
    assert!(!said.contains("canary"), "{said}");
    assert_eq!(told.credentials, ["cookie", "authorization", "x-api-key"]);
    assert!(
        told.live.ends_with("--token-env GREENLIGHT_TOKEN --allow paid"),
        "{}",
        told.live
    );
}

/// JSON of any shape with the members of a HAR among its names.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(|n| json!(n)),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop_oneof![
            "https://a.example/x\\?token=.{0,4}",
            "net::ERR_.{0,8}",
            "OPTIONS|GET|é"
        ]
        .prop_map(Value::from),
    ];
    let names = [
        "request",
        "response",
        "headers",
        "cookies",
        "content",
        "timings",
        "status",
        "url",
        "method",
        "name",
        "value",
        "text",
        "encoding",
        "startedDateTime",
        "_resourceType",
        "postData",
        "time",
        "_error",
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((proptest::sample::select(names.to_vec()), inner), 0..8).prop_map(
                |members| members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            ),
        ]
    })
}

proptest! {
    #[test]
    fn no_export_makes_it_panic(entries in proptest::collection::vec(any_json(), 0..4), method in ".{0,6}", status in any::<f64>(), value in "\\PC{0,20}") {
        let mut spoken = entry("GET", "/x", 200, &[], &ALLOWED);
        spoken["request"]["method"] = json!(method);
        spoken["response"]["status"] = json!(status);
        spoken["time"] = json!(status);
        spoken["request"]["headers"][0] = json!({"name": value, "value": value});
        spoken["response"]["headers"][0] = json!({"name": value, "value": value});
        let entries: Vec<Value> = entries.into_iter().chain([spoken]).collect();
        if let Ok(har) = serde_json::from_value::<Har>(json!({"log": {"entries": entries}})) {
            let _ = recording(&har, &Known::default());
        }
    }

    #[test]
    fn no_copied_call_makes_it_panic(text in "curl[ '\"$\\\\^\n\rhtps:/a.xHd=-]{0,60}|\\PC{0,40}") {
        if let Ok(copied) = curl::read(&text) {
            let _ = explain(&copied, None);
        }
    }
}
