//! The simulator's chat completions: concepts by the schema that was sent, prose without one.

use jiff::Timestamp;
use poem::Response;
use poem::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::providers::simulator::answers::{bad_request, json_answer};
use crate::providers::simulator::lexicon;
use crate::providers::simulator::mode::Mode;

/// Where the allowed categories stand in the schema of concepts.
const CATEGORIES: &str = "/json_schema/schema/properties/concepts/items/properties/category/enum";

#[derive(Deserialize)]
struct Question {
    model: String,
    messages: Vec<Message>,
    response_format: Option<Value>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: String,
}

/// The answer to the body of a `POST /v1/chat/completions`; a mode breaks it as real models do.
pub(crate) fn complete(body: &[u8], mode: &Mode) -> Response {
    let Ok(question) = serde_json::from_slice::<Question>(body) else {
        return bad_request(
            "body",
            "invalid_json",
            "We could not parse the JSON body of your request.",
        );
    };
    let Some(said) = question.messages.iter().rfind(|message| message.role == "user") else {
        return bad_request(
            "messages",
            "invalid_value",
            "There must be a message of the user.",
        );
    };
    let content = match &question.response_format {
        Some(format) if format["type"] == "json_schema" => match concepts(format, &said.content, mode) {
            Ok(_) if *mode == Mode::NonJsonConcepts => {
                "Sure! Here is what I noticed about this place: it sounds lovely.".to_owned()
            }
            Ok(found) => found.to_string(),
            Err(refused) => return *refused,
        },
        Some(format) if format["type"] != "text" => {
            return bad_request(
                "response_format",
                "unsupported_value",
                "This response_format is not supported.",
            );
        }
        _ => format!("You said: {}", said.content),
    };
    answer(&question.model, &content, &said.content)
}

fn concepts(format: &Value, text: &str, mode: &Mode) -> Result<Value, Box<Response>> {
    let asked = format.pointer(CATEGORIES).and_then(Value::as_array);
    let categories: Vec<&str> = asked.into_iter().flatten().filter_map(Value::as_str).collect();
    if categories.is_empty() {
        let message = "The simulator only knows a schema with concepts[].category as an enum.";
        return Err(Box::new(bad_request(
            "response_format",
            "invalid_json_schema",
            message,
        )));
    }
    let text = match mode {
        Mode::NoConcepts => "",
        Mode::CannedConcepts => "A quiet garden with fresh bread.",
        _ => text,
    };
    let found: Vec<Value> = lexicon::concepts(text, &categories)
        .into_iter()
        .map(|(category, value)| json!({"category": category, "value": value}))
        .collect();
    Ok(json!({"concepts": found}))
}

fn answer(model: &str, content: &str, text: &str) -> Response {
    let message = json!({"role": "assistant", "content": content, "refusal": null});
    // A token is about four characters; nobody bills by these.
    let (prompt, completion) = (text.len().div_ceil(4), content.len().div_ceil(4));
    let body = json!({
        "id": format!("chatcmpl-sim-{:x}", text.len()),
        "object": "chat.completion",
        "created": Timestamp::now().as_second(),
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        },
    });
    json_answer(StatusCode::OK, &body)
}
