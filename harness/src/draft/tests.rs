//! Drafts as people read them, and that no draft holds a secret or is refused by our own rules.

use serde_json::json;

use super::*;
use crate::devtools::calls::{of_curl, of_har};
use crate::devtools::curl;
use crate::devtools::har::Har;
use crate::model::lint::Linted;
use crate::scenario::document::SourceKind;
use crate::scenario::lint::given::Source;
use crate::scenario::lint::{Read, Sources};

fn setting(contract: Option<&Contract>) -> Setting<'_> {
    Setting {
        title: "First",
        contract,
        source: "./api.yaml",
        back: "../",
    }
}

fn linted(draft: &Draft, contract: Option<&str>) -> Linted {
    let contract = draft.contract.as_deref().or(contract).unwrap();
    let source = Source::read(contract, "api.yaml", Some(SourceKind::OpenApi));
    assert!(matches!(source, Source::Contract(_)), "{source:?}\n{contract}");
    Read::of(&draft.scenario).judged("a", &Sources::from([("api".to_owned(), source)]), true)
}

fn lints_clean(draft: &Draft, contract: Option<&str>) {
    let remarks = linted(draft, contract).remarks;
    assert!(remarks.is_empty(), "{remarks:#?}\n{}", draft.scenario);
}

fn of_command(command: &str) -> Draft {
    let call = of_curl(&curl::read(command).unwrap()).unwrap();
    let draft = of_calls(&[call], &setting(None)).unwrap();
    lints_clean(&draft, None);
    draft
}

fn both(draft: &Draft) -> String {
    let contract = draft.contract.as_deref().unwrap_or_default();
    format!(
        "{}---\n{contract}---\nneeds: {:?}\nnotes: {:?}\n",
        draft.scenario, draft.needs, draft.notes
    )
}

#[test]
fn an_upload_becomes_a_step_with_its_file_and_without_its_token() {
    let draft = of_command(
        "curl -sS 'https://api.acme.example/v1/notes/42?lang=pt&api_key=k-3' -H 'Authorization: Bearer s3cret-token' \
         -H 'X-Trace: a' -F 'file=@sounds/a.wav;type=audio/wav' -F 'title=$inputs.none'",
    );
    assert!(!both(&draft).contains("s3cret") && !both(&draft).contains("k-3"));
    insta::assert_snapshot!("upload", both(&draft));
}

#[test]
fn a_json_call_keeps_what_anybody_may_see() {
    let draft = of_command(
        "curl -X PUT https://api.acme.example/notes -u ana:hunter2 --json \
         '{\"text\": \"{$x} costs $5\", \"password\": \"hunter3\", \"tags\": [\"a\"]}'",
    );
    assert!(!both(&draft).contains("hunter"));
    insta::assert_snapshot!("json", both(&draft));
}

#[test]
fn a_whole_file_a_form_and_a_query_are_told_apart() {
    let file = of_command("curl https://a.example/x -H 'content-type: audio/wav' --data-binary @a.wav");
    assert!(file.scenario.contains("path: ../a.wav"), "{}", file.scenario);
    let form = of_command("curl https://a.example/x -d a=b -d 'c=d e'");
    assert!(form.scenario.contains("c: d e"), "{}", form.scenario);
    let query = of_command("curl -G https://a.example/x -d a=b");
    assert!(
        query.scenario.contains("in: query") && !query.scenario.contains("requestBody"),
        "{}",
        query.scenario
    );
    for refused in [
        "curl https://a.example/x -d @a -d b=c",
        "curl https://a.example/x -d a=b -F c=d",
        "curl https://a.example/x -F 'a=<b'",
        "curl https://a.example/x -F a",
        "curl https://a.example/x --data-urlencode a@b",
    ] {
        assert!(of_curl(&curl::read(refused).unwrap()).is_err(), "{refused}");
    }
}

fn entry(
    method: &str,
    url: &str,
    sent: Option<serde_json::Value>,
    status: u16,
    came: serde_json::Value,
) -> serde_json::Value {
    let mut headers = vec![json!({"name": "Origin", "value": "https://app.acme.example"})];
    if url.contains("notes") {
        headers.push(json!({"name": "Authorization", "value": "Bearer token-of-ana-1234"}));
        headers.push(json!({"name": "Cookie", "value": "session=cookie-of-ana"}));
    }
    let post = sent.map(|sent| json!({"mimeType": "application/json", "text": sent.to_string()}));
    json!({
        "_resourceType": "fetch",
        "request": {"method": method, "url": url, "headers": headers, "postData": post},
        "response": {"status": status, "content": {"mimeType": "application/json", "text": came.to_string()}},
    })
}

#[test]
fn a_browser_s_calls_become_a_journey_in_which_answers_feed_later_calls() {
    let api = "https://api.acme.example";
    let har = json!({"log": {"entries": [
        entry("POST", &format!("{api}/login"), Some(json!({"user": "ana", "password": "hunter2"})), 200,
            json!({"access_token": "token-of-ana-1234", "user": "ana"})),
        entry("POST", &format!("{api}/notes"), Some(json!({"text": "long enough to be told"})), 201,
            json!({"id": "note-abcdef", "text": "long enough to be told"})),
        entry("GET", &format!("{api}/notes/note-abcdef"), None, 200, json!({"id": "note-abcdef"})),
        entry("DELETE", &format!("{api}/notes/note-abcdef"), None, 500, json!({})),
        json!({"_resourceType": "fetch", "request": {"method": "POST", "url": format!("{api}/upload"), "headers": [],
            "postData": {"mimeType": "multipart/form-data; boundary=x", "text": ""}}, "response": {"status": 200}}),
    ]}});
    let har: Har = serde_json::from_value(har).unwrap();
    let (calls, notes) = of_har(&har, None).unwrap();
    assert_eq!(notes, ["1 with a form in parts, whose files no HAR holds"]);
    let draft = of_calls(&calls, &setting(None)).unwrap();
    lints_clean(&draft, None);
    for secret in ["token-of-ana", "hunter2", "cookie-of-ana"] {
        assert!(!both(&draft).contains(secret), "{secret}\n{}", both(&draft));
    }
    insta::assert_snapshot!("journey", both(&draft));
    assert!(of_har(&har, Some("https://other.example")).is_err());
}

const NOTES: &str = r"
openapi: 3.1.0
info: {title: Notes, version: '1'}
servers: [{url: https://api.acme.example/v1}]
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    login: {type: http, scheme: basic}
paths:
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, examples: [7]}}]
    put:
      operationId: putNote
      security: [{key: [], login: []}]
      parameters: [{name: q, in: query, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [text], properties: {text: {type: string}}}}}}
      responses: {'204': {description: done}, default: {description: not}}
    get:
      responses: {2XX: {description: it}, default: {description: not}}
";

#[test]
fn operations_become_steps_as_their_contract_says() {
    let contract = Contract::parse(NOTES, "notes.yaml").unwrap();
    let wanted = ["putNote".to_owned(), "get /notes/{id}".to_owned()];
    let draft = of_operations(&contract, &wanted, &setting(Some(&contract))).unwrap();
    lints_clean(&draft, Some(NOTES));
    insta::assert_snapshot!("operations", both(&draft));
    let wrong = of_operations(&contract, &["putNot".to_owned()], &setting(Some(&contract))).unwrap_err();
    assert!(wrong.next.contains("putNote"), "{wrong:?}");
}

#[test]
fn calls_are_found_in_a_contract_or_refused() {
    let contract = Contract::parse(NOTES, "notes.yaml").unwrap();
    let call = |command: &str| of_curl(&curl::read(command).unwrap()).unwrap();
    let put = call(
        "curl -X PUT 'https://api.acme.example/v1/notes/9?q=x' -H 'x-key: abc-secret' -H 'x-odd: 1' --json '{\"text\":\"a\"}'",
    );
    let draft = of_calls(&[put], &setting(Some(&contract))).unwrap();
    lints_clean(&draft, Some(NOTES));
    assert!(
        draft.contract.is_none() && draft.scenario.contains("schemeName: key"),
        "{}",
        draft.scenario
    );
    assert!(
        draft.scenario.contains("$statusCode == 204"),
        "{}",
        draft.scenario
    );
    assert!(draft.notes[0].contains("x-odd") && !draft.scenario.contains("abc-secret"));
    for (command, why) in [
        (
            "curl -X PATCH https://api.acme.example/v1/notes/9",
            "has GET, PUT",
        ),
        ("curl https://api.acme.example/v1/other", "none of its paths"),
    ] {
        let none = of_calls(&[call(command)], &setting(Some(&contract))).unwrap_err();
        assert!(none.why.contains(why), "{none:?}");
    }
}

/// Wherever and however a secret stands in a call, it stands in no draft; and what is drafted lints clean.
#[test]
fn a_secret_is_written_down_from_no_place_of_a_call() {
    for call in [
        r#"-d '{"user":"ana","password":"CANARY"}'"#,
        r#"-H 'content-type: text/plain;charset=UTF-8' -d '{"user":"ana","token":["CANARY"]}'"#,
        "-d 'tag=a&tag=b&password=CANARY'",
        r#"-F 'meta={"password":"CANARY"};type=application/json'"#,
        "-H 'content-type: application/xml' -d '<a><password>CANARY</password></a>'",
        r#"--json '{"credentials":{"value":"CANARY"}}'"#,
        r#"--json '[{"name":"password","value":"CANARY"}]'"#,
        r#"--json '{"accessKey":"CANARY","client_assertion":"CANARY"}'"#,
        "-H 'X-Auth: CANARY'",
        "-H 'X-Session: CANARY' -b 'other=CANARY'",
        "-H 'Authorization: Digest CANARY'",
        "-H 'Authorization: Basic CANARY'",
        "-H 'Proxy-Authorization: CANARY'",
        "-u ana:CANARY",
        "-su ana:CANARY",
        "-b 'sid=CANARY' -d 's=CANARY'",
    ] {
        let canary = "c4n4ry-0f-4n4";
        let command = format!("curl https://a.example/x {}", call.replace("CANARY", canary));
        let draft = of_command(&command);
        assert!(!both(&draft).contains(canary), "{command}\n{}", both(&draft));
    }
    for url in [
        "https://a.example/x?pwd=c4n4ry",
        "https://a.example/x?X-Amz-Signature=c4n4ry&PHPSESSID=c4n4ry",
        "https://ana:c4n4ry@a.example/x",
        "https://a.example/bot123456:AAHdc4n4ry1vGWJxfSeofSAs0K5PALDsaw/send",
        "https://a.example/eyJhbGciOiJIUzI1NiJ9.e30.c4n4ry/x",
    ] {
        let draft = of_command(&format!("curl '{url}'"));
        assert!(!both(&draft).contains("c4n4ry"), "{url}\n{}", both(&draft));
    }
    // One that cannot be taken out is not drafted around.
    let inside = curl::read(
        "curl https://a.example/x -H 'Authorization: Bearer c4n4ry-0f-4n4' -d 'a=it is c4n4ry-0f-4n4'",
    )
    .unwrap();
    let none = of_calls(&[of_curl(&inside).unwrap()], &setting(None)).unwrap_err();
    assert!(none.what.contains("a credential of these calls"), "{none:?}");
}

#[test]
fn what_a_call_said_is_said_again() {
    let drafted = |command: &str| of_command(command).scenario;
    // The commonest command of all: JSON under the type that curl gives it.
    let typed = drafted(r#"curl https://a.example/x -d '{"a": "b", "password": "hunter2"}'"#);
    assert!(
        typed.contains("contentType: application/x-www-form-urlencoded"),
        "{typed}"
    );
    let parsed: serde_json::Value = serde_saphyr::from_str(&typed).unwrap();
    let payload = parsed.pointer("/workflows/0/steps/0/requestBody/payload");
    assert_eq!(
        payload,
        Some(&json!(r#"{"a":"b","password":"{$inputs.password}"}"#))
    );
    let get = drafted(r#"curl -XGET https://a.example/x --json '{"q": 1}'"#);
    assert!(get.contains("q: 1") && !get.contains("in: query"), "{get}");
    let twice = drafted("curl 'https://a.example/x?tag=a&tag=b'");
    assert!(twice.contains("- a") && twice.contains("- b"), "{twice}");
    let form = drafted("curl https://a.example/x -d 'tag=a&tag=b'");
    assert!(form.contains("- a") && form.contains("- b"), "{form}");
    let joined = drafted("curl -sXDELETE https://a.example/x");
    assert!(joined.contains("operationId: deleteX"), "{joined}");
    let png = drafted("curl https://a.example/x -F file=@a.png -F file=@b.bin");
    assert!(
        png.contains("image/png") && png.contains("application/octet-stream"),
        "{png}"
    );
    let schemes = of_command("curl https://a.example/x -H 'token: A' -b 'token=B'");
    assert!(
        schemes.scenario.contains("schemeName: token-2"),
        "{}",
        schemes.scenario
    );
    for refused in [
        "curl -X PURGE https://a.example/x",
        "curl https://a.example/x --json '{bad'",
        "curl https://a.example/x -F a=1 -F a=2",
    ] {
        let call = of_curl(&curl::read(refused).unwrap()).unwrap();
        assert!(of_calls(&[call], &setting(None)).is_err(), "{refused}");
    }
    let shown = curl::read("curl https://x.example https://ana:hunter2@y.example").unwrap_err();
    assert!(!shown.why.contains("hunter2"), "{shown:?}");
}

#[test]
fn a_call_to_another_server_than_the_contract_s_is_made_there() {
    let contract = Contract::parse(NOTES, "notes.yaml").unwrap();
    let call = |command: &str| of_curl(&curl::read(command).unwrap()).unwrap();
    let draft = |command: &str| of_calls(&[call(command)], &setting(Some(&contract)));
    let staging = draft("curl 'https://staging.acme.example/v1/notes/9?utm=1'").unwrap();
    assert_eq!(staging.server.as_deref(), Some("https://staging.acme.example/v1"));
    assert!(staging.notes[0].contains("utm"), "{:?}", staging.notes);
    lints_clean(&staging, Some(NOTES));
    // HEAD is answered like GET, and is another call.
    assert!(draft("curl -I https://staging.acme.example/v1/notes/9").is_err());
}

#[test]
fn an_answer_without_end_costs_little() {
    let key = "k".repeat(1_000_000);
    let items: Vec<String> = (0..50_000).map(|n| format!("aaaaaaa{n}")).collect();
    let mut answers = super::answers::Answers::default();
    answers.keep(0, &json!({key: items.clone(), "items": items}), "");
    assert!(answers.origin("aaaaaaa1").is_some() && answers.origin("aaaaaaa49999").is_none());
    let many: Vec<String> = (0..500).map(|n| format!("token-{n}")).collect();
    let command = format!("curl https://a.example/x --json '{}'", json!({"tokens": many}));
    let call = of_curl(&curl::read(&command).unwrap()).unwrap();
    assert!(of_calls(&[call], &setting(None)).is_err());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever a form or a query holds, what is drafted of it is read by our own rules without an error.
    #[test]
    fn whatever_is_sent_a_draft_lints(pairs in proptest::collection::vec((".{0,12}", ".{0,30}"), 0..5)) {
        let mut url = url::Url::parse("https://a.example/x").unwrap();
        url.query_pairs_mut().extend_pairs(pairs.iter().filter(|(name, _)| !name.trim().is_empty()));
        let quoted = |text: &str| text.replace('\'', "'\\''");
        let body = json!(pairs.iter().cloned().collect::<std::collections::BTreeMap<_, _>>());
        let command = format!("curl '{}' --json '{}'", quoted(url.as_str()), quoted(&body.to_string()));
        let call = of_curl(&curl::read(&command).unwrap()).unwrap();
        if let Ok(draft) = of_calls(&[call], &setting(None)) {
            let errors: Vec<_> = linted(&draft, None).remarks.into_iter().filter(|remark| remark.level == crate::model::lint::Level::Error).collect();
            proptest::prop_assert!(errors.is_empty(), "{errors:#?}\n{}", draft.scenario);
        }
    }
}
