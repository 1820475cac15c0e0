//! The shelf: a small service of resources that are created, read back and searched, with a contract of its own. What
//! takes a store, a search or a login to go wrong goes wrong here. Like the notes service it is written on hyper alone.

use std::collections::BTreeMap;

use serde_json::json;
use tokio::net::TcpListener;

use crate::lab::careful::Careful;
use crate::lab::lookalike::{How, LookAlike};
use crate::lab::shelf_service::serve;
use crate::lab::subject::{Subject, verify};
use crate::model::probe::{Body, Effect, Mode, Nature, Origin, SecretName};
use crate::model::recording::ContractText;
use crate::model::run::Run;
use crate::model::target::{
    Auth, Bounds, Call, Client, ClientCall, CredentialFacts, Environment, Expect, Expectation, Login, OTHER,
    Proof, READER, Routes, SPARE, Scheme, Target,
};
use crate::target::credential::GOOD;
use crate::transport::secret::{Secret, Vault};

/// The page that calls it.
pub const ORIGIN: &str = "https://shelf.example";
/// The token that it accepts.
pub const TOKEN: &str = "a-token-of-the-shelf-5kx9";
/// The token of a second user.
pub const OTHER_TOKEN: &str = "another-token-of-the-shelf-8qz2";
/// The token of a user who may only read.
pub const READER_TOKEN: &str = "a-reader-s-token-of-the-shelf-3hw7";
/// A token that may be thrown away.
pub const SPARE_TOKEN: &str = "a-spare-token-of-the-shelf-1vd4";
/// What it promises.
pub const CONTRACT: &str = include_str!("shelf.openapi.json");

/// What is wrong with it, or only unusual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing: it is right.
    None,
    /// Right: what is created twice is refused with 409.
    Conflict,
    /// Right: searches are patterns, and a broken one is refused with 400.
    PatternRefused,
    /// Right: a login returns to a path of its own, whatever address it is given.
    LoginReturnsHome,
    /// Right: whoever may only read is told that what they write to is not there, as some services have it.
    WritesHidden,
    /// Right: a logout redirects to the login.
    LogoutRedirects,
    /// Right: after some wrong passwords the user is locked.
    LocksOut,
    /// A token is asked for, and what it may do is not.
    RolesUnchecked,
    /// A logout ends nothing.
    LogoutWithoutEffect,
    /// Passwords may be guessed without end.
    GuessingUnlimited,
    /// Passwords may be guessed without end by who writes down another address each time.
    AddressBelieved,
    /// A public read crashes.
    PublicReadCrashes,
    /// A search is a pattern, and a broken one crashes it.
    SearchCrashes,
    /// What is created twice crashes the store.
    DuplicateCrashes,
    /// `null` is refused where the contract allows it.
    NullRefused,
    /// The login sends its caller to whatever address the link names.
    LoginReturnsAnywhere,
    /// A key that makes a request safe to repeat is not looked at.
    IdempotencyIgnored,
    /// What is created is known to the process that created it, and to no other.
    StateNotShared,
    /// Items are looked up by their id alone, whoever asks.
    ObjectsOpen,
    /// A cache in front does not look at who asks.
    CachedForAnotherUser,
    /// What was created is never deleted, though the contract says how.
    NothingDeleted,
}

/// Runs it and verifies it, with as much care.
pub async fn run(flaw: Flaw, careful: Careful) -> Result<Run, String> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let server = tokio::spawn(serve(listener, flaw));
    let mut subject = subject(format!("http://{address}"));
    careful.apply(&mut subject);
    let judged = verify(subject).await;
    server.abort();
    judged.map(|(_, run)| run).map_err(|error| error.to_string())
}

/// What the harness knows of it.
fn subject(base: String) -> Subject {
    let name = SecretName(GOOD.into());
    let call = post("/items");
    let target = Target {
        name: Some("shelf".into()),
        environment: Environment::Local,
        ours: true,
        clients: vec![Client {
            page: None,
            origin: Origin(ORIGIN.into()),
            credentials: Mode::Omit,
            calls: vec![ClientCall {
                call: call.clone(),
                headers: vec!["authorization".into(), "content-type".into()],
            }],
        }],
        auth: Some(auth(name.clone())),
        routes: Routes {
            health: Some("/health".into()),
            ..Routes::default()
        },
        proofs: proofs(call),
        allow: vec![Effect::Paid, Effect::Writes, Effect::Hostile],
        bounds: Bounds {
            deadline_ms: 3_000,
            ..Bounds::of(Environment::Local)
        },
        ..Target::bare(base)
    };
    Subject {
        target,
        vault: Vault::new(Scheme::Bearer)
            .with(name, Secret::new(TOKEN))
            .with(SecretName(OTHER.into()), Secret::new(OTHER_TOKEN))
            .with(SecretName(READER.into()), Secret::new(READER_TOKEN))
            .with(SecretName(SPARE.into()), Secret::new(SPARE_TOKEN)),
        contract: Some(ContractText {
            source: "shelf.openapi.json".to_owned(),
            text: CONTRACT.to_owned(),
        }),
        samples: BTreeMap::new(),
        pins: BTreeMap::new(),
        ca_pem: None,
    }
}

/// What it must do: tell a caller who they are, and create an item as pages send it, with null for what was not chosen.
fn proofs(create: Call) -> Vec<Proof> {
    let proof = |call, nature, body, at: &str| Proof {
        call,
        body,
        expect: vec![Expectation {
            at: at.into(),
            expect: Expect::Nonempty,
        }],
        nature,
        protected: true,
        key: None,
    };
    let me = Call {
        method: "GET".into(),
        path: "/me".into(),
    };
    let item = Body::Json {
        value: json!({"name": "a book", "parent": null}),
        inserts: vec![],
    };
    vec![
        proof(me, Nature::Read, Body::Empty, "/subject"),
        proof(create, Nature::Write, item, "/id"),
    ]
}

fn post(path: &str) -> Call {
    Call {
        method: "POST".into(),
        path: path.into(),
    }
}

/// How callers of it prove who they are: one user, another to whom nothing of the first belongs, one who may only read, and a
/// token that may be thrown away.
fn auth(name: SecretName) -> Auth {
    let facts = |name| CredentialFacts {
        name,
        expired: false,
        jwt: false,
        from: "the lab".into(),
    };
    Auth {
        scheme: Scheme::Bearer,
        credentials: vec![
            facts(name),
            facts(SecretName(OTHER.into())),
            facts(SecretName(READER.into())),
            facts(SecretName(SPARE.into())),
        ],
        supply: String::new(),
        supply_expired: "expired_env".into(),
        issuer: None,
        signing: None,
        refresh: None,
        renewal: None,
        session: None,
        logout: Some(post("/logout")),
        login: Some(Login {
            call: post("/session"),
            body: json!({"user": "greenlight-nobody", "password": "wrong"}),
        }),
    }
}

const fn look_alike(id: &'static str, flaw: Flaw, sentence: &'static str) -> LookAlike {
    LookAlike {
        id,
        sentence,
        how: How::Shelf(flaw),
    }
}

/// Healthy services of resources.
pub const HEALTHY: &[LookAlike] = &[
    look_alike(
        "shelf",
        Flaw::None,
        "Resources that are created, read back and searched, each a new one.",
    ),
    look_alike(
        "shelf-conflict",
        Flaw::Conflict,
        "What is there already is refused with 409.",
    ),
    look_alike(
        "shelf-pattern-refused",
        Flaw::PatternRefused,
        "Searches are patterns, and a broken one is 400.",
    ),
    look_alike(
        "shelf-login-returns-home",
        Flaw::LoginReturnsHome,
        "A login returns to a page of its own, whatever address its link names.",
    ),
    look_alike(
        "shelf-hides-writes",
        Flaw::WritesHidden,
        "Whoever may only read is told that there is nothing to write to: 404.",
    ),
    look_alike(
        "shelf-logout-redirects",
        Flaw::LogoutRedirects,
        "A logout redirects to the login.",
    ),
    look_alike(
        "shelf-locks-out",
        Flaw::LocksOut,
        "After ten wrong passwords the user is locked (423), without a limit to the address.",
    ),
];
