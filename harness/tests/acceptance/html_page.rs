//! The HTML report of a broken service, opened in a real browser: what a reader sees, wide and narrow, light and dark, with and without
//! scripts. Skipped aloud without Chromium; `GREENLIGHT_REQUIRE=chromium` makes that a failure.

use std::path::Path;
use std::sync::mpsc::channel;

use greenlight::model::finding::Layer;
use orchestrate::faults::id::FaultId;
use serde_json::{Value, json};

use crate::binary::ran;
use crate::browser::{Asked, DEADLINE, chromium, launch, said, serve};
use crate::driven::driven;
use crate::service::Service;

/// What the browser asked for, and what the page posted.
#[derive(Debug)]
enum Heard {
    Asked(String),
    Told(String),
}

/// What a browser sees of a report, and what it wrote to its console.
fn looked_at(browser: &str, report: &str, dark: bool) -> Value {
    let (sender, heard) = channel();
    let report = report.to_owned();
    let address = serve(move |Asked { method, path, body }| {
        let page = match path.as_str() {
            "/report.html" => report.as_str(),
            "/" => include_str!("inspector.html"),
            _ => "",
        };
        // The test has ended when nobody listens.
        let _ = sender.send(match (method.as_str(), path.as_str()) {
            ("POST", "/told") => Heard::Told(body),
            _ => Heard::Asked(path.clone()),
        });
        (200, page.to_owned())
    });
    let directory = tempfile::tempdir().unwrap();
    let colours = format!("--blink-settings=preferredColorScheme={}", u8::from(!dark));
    let url = format!("http://{address}/");
    let more = [
        "--enable-logging=stderr",
        "--window-size=1400,1000",
        &colours,
        &url,
    ];
    let mut child = launch(browser, directory.path(), &more);
    let mut asked = Vec::new();
    let told = loop {
        match heard.recv_timeout(DEADLINE) {
            Ok(Heard::Asked(path)) => asked.push(path),
            Ok(Heard::Told(told)) => break Some(told),
            Err(_) => break None,
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    let said = said(directory.path());
    let told = told.unwrap_or_else(|| panic!("the page told nothing:\n{said}"));
    asked.retain(|path| path != "/" && path != "/report.html");
    assert_eq!(asked, Vec::<String>::new(), "the report loads something");
    let mut console = said.lines().filter(|line| line.contains("CONSOLE"));
    // A frame without scripts says that it has blocked one.
    let wrong = console.find(|line| !line.contains("'allow-scripts' permission is not set"));
    assert_eq!(wrong, None);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["error"], Value::Null, "{told}");
    assert_eq!(told["dark"], dark);
    told
}

/// The page and the recording of a service with the fault that began all this.
async fn broken(directory: &Path) -> (String, Value, Value) {
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let (page, recording) = (directory.join("r.html"), directory.join("run.json"));
    let mut command = service.verify_with_token(&["--environment", "local"]);
    command.arg("--format").arg(format!("html={}", page.display()));
    command.arg("--record").arg(&recording).args(["--format", "json"]);
    let run = ran(command).await;
    assert_eq!(run.code, 1, "{run:#?}");
    let text = std::fs::read_to_string(recording).unwrap();
    (
        std::fs::read_to_string(page).unwrap(),
        serde_json::from_str(&text).unwrap(),
        run.json(),
    )
}

/// The matrix as a reader sees it: a row a layer, a mark a check, each with its word, and how many of them passed.
fn matrix(report: &Value) -> Value {
    let mut rows: Vec<(String, usize, Vec<String>)> = Vec::new();
    for check in report["checks"].as_array().unwrap() {
        let text = |member: &str| check[member].as_str().unwrap().to_owned();
        let layer: Layer = serde_json::from_value(check["layer"].clone()).unwrap();
        let mark = match text("outcome").as_str() {
            "pass" => "✓passed",
            "fail" => "×failed",
            "inconclusive" => "?unknown",
            "flaky" => "~flaky",
            "degraded" => "~degraded",
            "blocked" => "–blocked",
            _ => "–not asked",
        };
        if rows.last().is_none_or(|(last, ..)| *last != layer.title()) {
            rows.push((layer.title().to_owned(), 0, Vec::new()));
        }
        let (_, passed, marks) = rows.last_mut().unwrap();
        *passed += usize::from(mark == "✓passed");
        marks.push(format!("{mark}: {}", text("title")));
    }
    let row = |(layer, passed, marks): (String, usize, Vec<String>)| {
        let of = format!("{passed} of {}", marks.len());
        json!({"layer": layer, "passed": of, "marks": marks})
    };
    rows.into_iter().map(row).collect()
}

/// What must hold of the page however it is opened.
fn readable(seen: &Value, recording: &Value, report: &Value) {
    let headline = "A server error (HTTP 500) is what browsers here report as a CORS error";
    assert_eq!(seen["headline"], headline);
    assert_eq!(seen["title"], format!("FAIL: {headline}"));
    assert_eq!(seen["headline_seen"], true, "{seen}");
    let exchanges = recording["exchanges"].as_array().unwrap();
    let called = |exchange: &Value| {
        let path = exchange["probe"]["path"]["lit"].as_str().unwrap_or_default();
        format!("{} {path}", exchange["probe"]["method"].as_str().unwrap())
    };
    let shown = seen["exchanges"].as_array().unwrap();
    assert_eq!(shown.len(), exchanges.len());
    for (shown, exchange) in shown.iter().zip(exchanges) {
        let (shown, called) = (shown.as_str().unwrap().trim_end_matches('…'), called(exchange));
        assert!(
            called.starts_with(shown) || called.ends_with(' '),
            "{shown} is not {called}"
        );
    }
    assert_eq!(seen["bars"], exchanges.len(), "a bar that is not drawn");
    for (fact, wanted) in [
        ("rows_seen", true),
        ("named", true),
        ("scopes", true),
        ("overflows", false),
    ] {
        assert_eq!(seen[fact], wanted, "{fact}");
    }
    assert_eq!(seen["matrix"], matrix(report));
    assert_eq!(seen["loaded"], json!([]));
    assert_eq!(seen["pale"], json!([]), "too little contrast");
    assert_eq!(seen["landmarks"], json!(["header", "nav", "main", "footer"]));
    let opened = seen["opened"].as_str().unwrap();
    assert!(
        opened.contains("Internal Server Error") && opened.contains("authorization: "),
        "{opened}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_shows_the_cause_and_every_exchange() {
    let Some(browser) = chromium() else { return };
    let directory = tempfile::tempdir().unwrap();
    let (page, recording, report) = broken(directory.path()).await;
    assert!(page.len() < 1 << 20, "{} bytes", page.len());
    for dark in [false, true] {
        let told = looked_at(browser, &page, dark);
        for width in ["wide", "narrow", "still"] {
            readable(&told[width], &recording, &report);
        }
        assert_eq!(told["wide"]["beside"], true, "request and response side by side");
        assert_eq!(
            told["narrow"]["below"], true,
            "and below one another where there is no room"
        );
        assert_eq!(
            (&told["wide"]["tools_seen"], &told["still"]["tools_seen"]),
            (&true.into(), &false.into())
        );
        let failed = recording["exchanges"].as_array().unwrap().iter();
        let failed = failed
            .filter(|exchange| exchange["reply"]["answered"]["status"] == 500)
            .count();
        assert_eq!(told["filtered"]["none"], 0);
        assert!(told["filtered"]["said"].as_str().unwrap().starts_with("0 of "));
        assert!(
            told["filtered"]["failed"].as_u64().unwrap() >= failed as u64,
            "{}",
            told["filtered"]
        );
        assert!(
            told["filtered"]["found"].as_u64().unwrap() >= failed as u64,
            "{}",
            told["filtered"]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyboard_reaches_everything_that_can_be_used_and_uses_it() {
    if chromium().is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (page, ..) = broken(directory.path()).await;
    let report = move |_: &str| page.clone();
    let told = driven(include_str!("keyboard.html"), String::new(), report, |_| vec![]).unwrap();
    let names = |member: &str| {
        let names = told[member].as_array().unwrap().iter();
        names
            .map(|name| name.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (usable, reached) = (names("usable"), names("reached"));
    for kind in ["A ", "BUTTON ", "INPUT ", "SUMMARY "] {
        assert!(
            usable.iter().any(|name| name.starts_with(kind)),
            "no {kind}on the page"
        );
    }
    assert_eq!(reached, usable, "what Tab reaches, in its order");
    assert_eq!(
        names("dim"),
        Vec::<String>::new(),
        "where the reader does not see that he is there"
    );
    assert_eq!(told["back"], told["before"], "Shift+Tab goes back");
    for (used, wanted) in [
        ("skipped", json!("#exchanges")),
        ("opened_by_enter", json!(true)),
        ("closed_by_space", json!(true)),
        ("ticked_by_space", json!(true)),
        ("found_by_typing", json!(true)),
    ] {
        assert_eq!(told[used], wanted, "{used}: {told}");
    }
}
