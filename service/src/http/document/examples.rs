//! What requests and successes look like. Every one of them is sent, or compared with what comes back, by the tests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::http::document::each_operation;

mod answers;

pub(super) fn apply(document: &mut Value) {
    each_operation(document, |operation| {
        let name = operation.name.clone();
        for (parameter, example) in parameters(&name) {
            let all = operation
                .value
                .get_mut("parameters")
                .and_then(Value::as_array_mut);
            for known in all
                .into_iter()
                .flatten()
                .filter(|known| known["name"] == parameter)
            {
                known["example"] = example.clone();
            }
        }
        let examples = request_examples(&name);
        if !examples.is_empty() {
            put(operation.value.pointer_mut("/requestBody/content"), examples);
        }
        for (status, answer) in operation.answers() {
            let examples = answers::of(&name, status);
            if !examples.is_empty() {
                put(answer.get_mut("content"), examples);
            }
        }
    });
}

/// Puts examples where the first kind of content is.
fn put(content: Option<&mut Value>, examples: Vec<Example>) {
    let told = |example: Example| {
        let said = json!({"summary": example.summary, "value": example.value});
        (example.name.to_owned(), said)
    };
    let content = content.and_then(Value::as_object_mut);
    if let Some(media) = content.and_then(|content| content.values_mut().next()) {
        media["examples"] = Value::Object(examples.into_iter().map(told).collect());
    }
}

/// One example.
struct Example {
    /// Its name, the same for a request and the answer to it.
    name: &'static str,
    /// What is to be seen in it.
    summary: &'static str,
    /// The body.
    value: Value,
}

fn example(name: &'static str, summary: &'static str, value: Value) -> Example {
    Example { name, summary, value }
}

/// What an operation may be sent, the plainest first; none for an operation without a body.
fn request_examples(operation: &str) -> Vec<Example> {
    match operation {
        "orchestrate" => vec![
            example(
                "a_text",
                "Written words, and everything that is found in them",
                json!({"text": "Grilled fish on the terrace, and friendly waiters.", "language": "en"}),
            ),
            example(
                "kept",
                "A run about an entity that is kept, and answered with its id and the concepts",
                json!({
                    "workflow_type": "text_only",
                    "text": "The kitchen closes at ten.",
                    "language": "en",
                    "entity_type": "restaurant",
                    "entity_id": "riverside",
                    "curator_id": "ana",
                    "output": {"save_to_db": true, "return_results": true, "format": "minimal"},
                }),
            ),
            example(
                "recording",
                "The shortest recording that is taken: a tenth of a second of a tone, as WAV",
                json!({"audio_file": STANDARD.encode(shortest_recording()), "language": "pt-BR"}),
            ),
        ],
        "refresh" => vec![example(
            "renewal",
            "The refresh token of the pair before",
            json!({"refresh_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl"}),
        )],
        "redeemLogin" => vec![example(
            "login",
            "The code of a login that a page began with a challenge",
            json!({
                "code": "4Jcp46bSnAPMey_4wC4Zv7Ho6KF-TQSK1hm-ydbxqLo",
                "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            }),
        )],
        "putConceptCategories" => vec![example(
            "a_market",
            "What is looked for in words about a market",
            json!({"categories": ["stalls", "price_range", "opening_hours"]}),
        )],
        _ => Vec::new(),
    }
}

/// What the parameters of an operation may be. Of an `Idempotency-Key` there is no example: whoever copies one uses it twice.
fn parameters(operation: &str) -> Vec<(&'static str, Value)> {
    match operation {
        "readCuration" | "deleteCuration" => vec![("id", json!("0199c7a4-7a7c-7305-a647-a98b6ef5ec86"))],
        "listCurations" => vec![("entity_id", json!("riverside")), ("limit", json!(20))],
        "usageStats" => vec![("days", json!(30))],
        "readConceptCategories" => vec![("entity_type", json!("restaurant"))],
        "putConceptCategories" | "deleteConceptCategories" => vec![("entity_type", json!("market"))],
        "login" => vec![
            ("redirect_uri", json!("http://localhost:3000/")),
            (
                "code_challenge",
                json!("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ),
        ],
        _ => Vec::new(),
    }
}

/// 100 ms of a tone: PCM, one channel, 8,000 samples a second of 8 bits.
fn shortest_recording() -> Vec<u8> {
    const SAMPLES: u32 = 800;
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + SAMPLES).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend([1_u16, 1].map(u16::to_le_bytes).concat());
    wav.extend([8_000_u32, 8_000].map(u32::to_le_bytes).concat());
    wav.extend([1_u16, 8].map(u16::to_le_bytes).concat());
    wav.extend(b"data");
    wav.extend(SAMPLES.to_le_bytes());
    wav.extend((0..SAMPLES).map(|at| if at / 8 % 2 == 0 { 88_u8 } else { 168 }));
    wav
}
