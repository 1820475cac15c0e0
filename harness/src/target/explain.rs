//! What serde says about a value, in words for whoever wrote it.

use crate::target::fault::{Fault, list, suggest};
use crate::target::mask::{mask, names_a_credential};

/// How each key that can be missing is written.
const EXAMPLES: [(&str, &str); 12] = [
    ("origin", "origin = \"https://app.acme.example\""),
    ("call", "call = \"GET /me\""),
    ("kind", "kind = \"bearer\", \"api-key\", \"basic\" or \"command\""),
    ("route", "route = \"/version\""),
    ("pointer", "pointer = \"/commit\""),
    ("at", "at = \"/audio_file\""),
    ("sample", "sample = \"samples/kitchen.wav\""),
    ("audio_at", "audio_at = \"/audio_file\""),
    ("text_at", "text_at = \"/results/text\""),
    (
        "samples",
        "samples = [{ file = \"samples/kitchen.wav\", words = [\"kitchen\"] }, …]",
    ),
    ("file", "file = \"samples/kitchen.wav\""),
    ("words", "words = [\"kitchen\"]"),
];

/// The fault that this message of serde tells, about the entry called `entry`.
pub fn explain(message: &str, entry: &str) -> Fault {
    if let Some(fault) = Fault::decode(message) {
        return fault;
    }
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (first, known) = match quoted.split_first() {
        Some((first, known)) => (*first, known),
        None => ("", &[][..]),
    };
    if message.starts_with("unknown field") {
        unknown_key(first, known)
    } else if message.starts_with("unknown variant") {
        let why = format!("known here: {}", list(known));
        Fault::new(
            format!("`{}` is not known here", mask(first, &[])),
            why,
            suggestion(first, known),
        )
    } else if message.starts_with("missing field") {
        missing_key(first, entry)
    } else if let Some(rest) = message.strip_prefix("invalid type: ") {
        wrong_type(rest)
    } else {
        Fault::new(mask(message, &[]), "", "")
    }
}

fn suggestion(typed: &str, known: &[&str]) -> String {
    match suggest(typed, known) {
        near if near.starts_with("did") => near,
        _ => "write one of them".to_owned(),
    }
}

fn unknown_key(key: &str, known: &[&str]) -> Fault {
    if names_a_credential(key) {
        let why = "a profile names the variable that holds a secret, never the secret";
        let near: Vec<&str> = known
            .iter()
            .copied()
            .filter(|name| name.ends_with("_env"))
            .collect();
        let next = match near.is_empty() {
            true => "export it as a variable, and name that under [auth]".to_owned(),
            false => format!(
                "export it as a variable, and write its name under one of {}",
                list(&near)
            ),
        };
        return Fault::new(format!("`{key}` would hold a credential"), why, next).hiding_the_value();
    }
    let why = format!("known here: {}", list(known));
    let next = match suggest(key, known) {
        near if near.starts_with("did") => near,
        _ => "take it out, or move it to the table that knows it".to_owned(),
    };
    Fault::new(format!("`{key}` is not a key that this table knows"), why, next)
}

fn missing_key(key: &str, entry: &str) -> Fault {
    let example = EXAMPLES
        .iter()
        .find(|(name, _)| *name == key)
        .map(|(_, example)| *example);
    let next = example.map_or(format!("add `{key} = …`"), |example| format!("add `{example}`"));
    Fault::new(format!("`{key}` is missing"), format!("{entry} needs it"), next)
}

fn wrong_type(rest: &str) -> Fault {
    let (found, wanted) = rest
        .rsplit_once(", expected ")
        .unwrap_or((rest, "something else"));
    let found = found
        .split(" `")
        .next()
        .and_then(|kind| kind.split(" \"").next())
        .unwrap_or("this");
    let found = match found {
        "map" => "a table",
        "sequence" => "an array",
        "integer" => "a number",
        "floating point" => "a number with a fraction",
        "boolean" => "true or false",
        "string" => "a text",
        other => other,
    };
    let next = format!("write {wanted}");
    Fault::new(
        format!("{found} cannot stand here"),
        "something else belongs here",
        next,
    )
}
