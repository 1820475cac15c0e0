//! What holds for every answer, whatever its status.

use orchestrate::http::rate::FIELDS;
use reqwest::Response;
use serde_json::Value;

use super::classes::Class;
use crate::support::{ALLOWED, header};

/// Whether whoever asks may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Reads,
    Foreign,
}

/// What a page has a use for, and may read only because it is exposed.
const EXPOSED: [&str; 7] = [
    "x-request-id",
    "x-app-version",
    "x-instance-id",
    "retry-after",
    "www-authenticate",
    "location",
    "idempotency-replayed",
];

/// Everything that a cell of the table must say.
pub(crate) async fn judge(response: Response, class: &Class, standing: Standing, cell: &str) {
    assert_eq!(response.status().as_u16(), class.status, "{cell}");
    headers(&response, standing, cell);
    for (name, value) in &class.says {
        let said = header(&response, name);
        match value {
            Some(value) => assert_eq!(said, *value, "{cell}: {name}"),
            None => assert!(!said.is_empty(), "{cell}: no {name}"),
        }
    }
    if class.credential {
        assert_eq!(header(&response, "cache-control"), "no-store", "{cell}");
    }
    if class.status < 400 || class.own_body {
        return;
    }
    assert_eq!(
        header(&response, "content-type"),
        "application/problem+json",
        "{cell}"
    );
    let id = header(&response, "x-request-id").to_owned();
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(body["status"], class.status, "{cell}: {body}");
    assert_eq!(body["request_id"], *id, "{cell}: {body}");
    assert!(
        body["detail"].as_str().is_some_and(|detail| !detail.is_empty()),
        "{cell}: {body}"
    );
}

/// The headers of every answer, also of those that are asked for by the tests of preflights.
pub(crate) fn headers(response: &Response, standing: Standing, cell: &str) {
    let all = |name: &str| -> Vec<&[u8]> {
        let values = response.headers().get_all(name).iter();
        values.map(|value| value.as_bytes()).collect()
    };
    let vary: Vec<_> = all("vary");
    let origins = vary.iter().flat_map(|value| value.split(|byte| *byte == b','));
    let origins = origins.filter(|name| name.trim_ascii().eq_ignore_ascii_case(b"origin"));
    assert_eq!(origins.count(), 1, "{cell}: Vary is {vary:?}");
    for name in ["x-request-id", "x-app-version", "x-instance-id", "cache-control"] {
        assert_eq!(all(name).len(), 1, "{cell}: {name}");
        assert!(!header(response, name).is_empty(), "{cell}: {name}");
    }
    assert_eq!(all("x-content-type-options"), [b"nosniff"], "{cell}");
    let cors = [
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "access-control-expose-headers",
    ];
    let Standing::Reads = standing else {
        for name in response.headers().keys() {
            assert!(
                !name.as_str().starts_with("access-control-"),
                "{cell}: a stranger is told {name}"
            );
        }
        return;
    };
    assert_eq!(all(cors[0]), [ALLOWED.as_bytes()], "{cell}");
    assert_eq!(all(cors[1]), [b"true"], "{cell}");
    assert_eq!(all(cors[2]).len(), 1, "{cell}");
    let exposed: Vec<&str> = header(response, cors[2]).split(',').map(str::trim).collect();
    for name in EXPOSED.into_iter().chain(FIELDS) {
        assert!(exposed.contains(&name), "{cell}: {name} is not in {exposed:?}");
    }
}
