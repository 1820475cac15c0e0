//! `[[keep]]`: what a good call keeps, as the profile says it, and what is wrong with that although every single value can be
//! read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::model::keep::ID;
use crate::model::probe::Nature;
use crate::target::check::Faults;
use crate::target::fault::{Fault, quote};
use crate::target::words::{Operation, Pointer};

/// A good call that keeps something.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Keep {
    /// The operation that keeps it.
    pub call: Operation,
    /// The JSON body with which it does.
    #[serde(deserialize_with = "crate::target::json::read")]
    #[cfg_attr(test, schemars(required))]
    pub body: Option<Value>,
    /// What the call does: `paid` when it costs money besides, else `write`. Never guessed.
    pub effect: Nature,
    /// Whether it needs the credential. When absent: yes, if there is an `[auth]`.
    pub protected: Option<bool>,
    /// Where the answer says `true` when it was kept.
    pub says: Option<Pointer>,
    /// Where its id is in the answer.
    pub id: Pointer,
    /// What reads it back, with `{id}` in the path: `GET /notes/{id}`.
    pub read: Operation,
    /// What lists it among others: `GET /notes`. It is looked for by its id on the first page.
    pub list: Option<Operation>,
    /// What deletes it, with `{id}` in the path: `DELETE /notes/{id}`.
    pub delete: Operation,
    /// What must be read back as it was sent: `{ "/text" = "/text" }`, from the body to what is read.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub sent: BTreeMap<Pointer, Pointer>,
    /// What must be read back as it was answered, from the answer to what is read.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub answered: BTreeMap<Pointer, Pointer>,
}

/// Refuses a keep that keeps nothing, and one of which nobody would find the thing again.
pub fn check(at: &str, keep: &Keep, faults: &mut Faults) {
    if keep.effect == Nature::Read {
        let fault = Fault::new(
            format!("{} keeps something and only reads", keep.call.0),
            "whatever keeps something writes",
            "write `effect = \"write\"`, or \"paid\" when the call costs money besides",
        );
        faults.push((format!("{at}/effect"), fault));
    }
    for (key, operation) in [("read", &keep.read), ("delete", &keep.delete)] {
        if !operation.0.path.contains(ID) {
            faults.push((format!("{at}/{key}"), unnamed(key, operation)));
        }
    }
    let safe = [("read", Some(&keep.read)), ("list", keep.list.as_ref())];
    for (key, operation) in safe {
        if let Some(operation) = operation.filter(|operation| operation.0.method != "GET") {
            let what = format!("{} does not only read", quote(&operation.0.to_string()));
            let next = format!(
                "name the GET operation, such as `{key} = \"GET {}\"`",
                operation.0.path
            );
            faults.push((
                format!("{at}/{key}"),
                Fault::new(what, "it is asked again while something is not found", next),
            ));
        }
    }
}

fn unnamed(key: &str, operation: &Operation) -> Fault {
    let path = operation.0.path.trim_end_matches('/');
    Fault::new(
        format!(
            "{} does not say where the id goes",
            quote(&operation.0.to_string())
        ),
        "it is about the one thing that was kept",
        format!("write `{key} = \"{} {path}/{ID}\"`", operation.0.method),
    )
}
