//! A web page that uses the API, as it was read: what it lets its scripts do, and whom they name. Facts alone, so that an old
//! recording is judged with what is known today.

use serde::{Deserialize, Serialize};

use crate::model::probe::Origin;

/// Where a policy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Stands {
    /// In a header of the answer. It may be a list of policies.
    Header,
    /// In a `<meta http-equiv>` of the page: one policy.
    Meta,
}

/// A content policy as it was served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ContentPolicy {
    /// Its text.
    pub text: String,
    /// Where it stands.
    pub stands: Stands,
}

/// An absolute address in a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Mention {
    /// The address.
    pub url: String,
    /// The script that names it: its URL, or the page's for a script that stands in it.
    pub script: String,
    /// The text around it.
    pub excerpt: String,
}

/// What a script does with the microphone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Listens {
    /// The script.
    pub script: String,
    /// The text around the call.
    pub excerpt: String,
}

/// A page that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SeenPage {
    /// The origin of the client that it is.
    pub client: Origin,
    /// The address that was asked.
    pub asked: String,
    /// The address that answered in the end.
    pub url: String,
    /// Its status; absent when nothing answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it could not be read as a page. Absent: it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
    /// Content policies that browsers enforce.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<ContentPolicy>,
    /// The lines of its Permissions-Policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<String>,
    /// Scripts that were read, by URL; the page's own URL for those that stand in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scripts: Vec<String>,
    /// Absolute addresses that they name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Mention>,
    /// Where they ask for the microphone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listens: Option<Listens>,
    /// What was not read of it, each with why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// How many requests were sent for it.
    #[serde(default)]
    pub requests: u32,
}

impl SeenPage {
    /// A page that nothing is known of yet.
    pub fn unseen(client: Origin, asked: String) -> SeenPage {
        SeenPage {
            client,
            url: asked.clone(),
            asked,
            status: None,
            unread: None,
            policies: Vec::new(),
            permissions: Vec::new(),
            scripts: Vec::new(),
            mentions: Vec::new(),
            listens: None,
            left_out: Vec::new(),
            requests: 0,
        }
    }

    /// The same with every text of it changed so.
    #[must_use]
    pub fn each_text(mut self, change: impl Fn(&str) -> String) -> SeenPage {
        let own = [&mut self.asked, &mut self.url];
        let policies = self.policies.iter_mut().map(|policy| &mut policy.text);
        let mentions = self
            .mentions
            .iter_mut()
            .flat_map(|one| [&mut one.url, &mut one.script, &mut one.excerpt]);
        let listens = self.listens.iter_mut();
        let listens = listens.flat_map(|one| [&mut one.script, &mut one.excerpt]);
        let lists = self.permissions.iter_mut().chain(&mut self.scripts);
        let texts = own.into_iter().chain(policies).chain(mentions).chain(listens);
        let texts = texts.chain(lists).chain(&mut self.left_out);
        texts
            .chain(&mut self.unread)
            .for_each(|text| *text = change(text));
        self
    }
}
