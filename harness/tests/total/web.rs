//! Web pages as nobody would serve them: what checks and causes of pages must survive.

use greenlight::model::page::{ContentPolicy, Listens, Mention, SeenPage, Stands};
use greenlight::model::probe::Origin;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const URLS: &[&str] = &[
    "https://app.example/",
    "https://app.example/record",
    "http://app.example",
    "http://127.0.0.1:8000/",
    "::",
    "",
    "\u{202e}\u{7}",
];

const NAMED: &[&str] = &[
    "http://localhost:8000",
    "http://10.0.0.1:8000/api",
    "https://notes-staging.example",
    "http://notes.example/api/v3",
    "https://other.example/api/v3/notes",
    "http://[::",
    "\u{1b}[2J",
];

const POLICIES: &[&str] = &[
    "default-src 'self'",
    "connect-src 'none'; upgrade-insecure-requests",
    "connect-src *",
    "connect-src https://",
    ";;, ,connect-src \u{1b}[31m\u{9b}",
    "connect-src http://[:: é",
];

const PERMISSIONS: &[&str] = &[
    "microphone=()",
    "microphone=(self)",
    "microphone=((",
    "\u{7}microphone",
];

/// One page of a client.
fn page() -> impl Strategy<Value = SeenPage> {
    let text = || select(URLS).prop_map(str::to_owned);
    let policy = (select(POLICIES), any::<bool>()).prop_map(|(text, header)| ContentPolicy {
        text: text.to_owned(),
        stands: if header { Stands::Header } else { Stands::Meta },
    });
    let mention = (select(NAMED), text()).prop_map(|(url, script)| Mention {
        url: url.to_owned(),
        script,
        excerpt: "=\u{9b}2J".to_owned(),
    });
    let listens = text().prop_map(|script| Listens {
        script,
        excerpt: "\u{1b}c".to_owned(),
    });
    let permission = select(PERMISSIONS).prop_map(str::to_owned);
    (
        (text(), text(), option::weighted(0.1, Just("\u{1b}no".to_owned()))),
        (vec(policy, 0..3), vec(permission, 0..2)),
        (vec(text(), 0..3), vec(mention, 0..4), option::of(listens)),
        vec(text(), 0..2),
    )
        .prop_map(
            |((asked, url, unread), (policies, permissions), (scripts, mentions, listens), left_out)| {
                SeenPage {
                    url,
                    unread,
                    policies,
                    permissions,
                    scripts,
                    mentions,
                    listens,
                    left_out,
                    ..SeenPage::unseen(Origin("https://app.example".into()), asked)
                }
            },
        )
}

/// The pages of a recording, which most have none of.
pub(crate) fn pages() -> impl Strategy<Value = Vec<SeenPage>> {
    prop_oneof![2 => Just(Vec::new()), 1 => vec(page(), 1..3)]
}
