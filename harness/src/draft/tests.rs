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

fn of_command(command: &str) -> Draft {
    let call = of_curl(&curl::read(command).unwrap()).unwrap();
    let draft = of_calls(&[call], &setting(None)).unwrap();
    let linted = linted(&draft, None);
    assert!(
        linted.remarks.is_empty(),
        "{:#?}\n{}",
        linted.remarks,
        draft.scenario
    );
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
    let linted = linted(&draft, None);
    assert!(
        linted.remarks.is_empty(),
        "{:#?}\n{}",
        linted.remarks,
        draft.scenario
    );
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
    let linted = linted(&draft, Some(NOTES));
    assert!(
        linted.remarks.is_empty(),
        "{:#?}\n{}",
        linted.remarks,
        draft.scenario
    );
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
    let linted = linted(&draft, Some(NOTES));
    assert!(
        linted.remarks.is_empty(),
        "{:#?}\n{}",
        linted.remarks,
        draft.scenario
    );
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
