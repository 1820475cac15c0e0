//! What a good call keeps, and where that is found again: as the owner of a service declared it, without a secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::probe::Nature;
use crate::model::target::Call;

/// Where the id goes into the path of a [`Keep`]'s calls.
pub const ID: &str = "{id}";

/// A good call that keeps something, and where it is read back, listed and deleted again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Keep {
    /// The operation that keeps it.
    pub call: Call,
    /// The JSON body with which it does.
    pub body: serde_json::Value,
    /// What the call does besides: it always writes, and may cost money.
    pub nature: Nature,
    /// Whether it needs the credential.
    pub protected: bool,
    /// JSON Pointer where the answer says whether it was kept, when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
    /// JSON Pointer of its id in the answer.
    pub id: String,
    /// What reads it back; [`ID`] in the path stands for the id.
    pub read: Call,
    /// What lists it among others, when anything does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<Call>,
    /// What deletes it; [`ID`] in the path stands for the id.
    pub delete: Call,
    /// What must be read back as it was sent: from a JSON Pointer into the body to one into what is read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sent: BTreeMap<String, String>,
    /// What must be read back as it was answered: from a JSON Pointer into the answer to one into what is read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answered: BTreeMap<String, String>,
}

impl Keep {
    /// Where the thing of this id is read, below the base URL.
    pub fn place(&self, id: &str) -> String {
        self.read.path.replace(ID, id)
    }
}
