//! Targets as odd as a profile, or a file that claims to be a recording, can make them.

use std::collections::BTreeMap;

use greenlight::model::issuer::{Algorithm, IssuerFacts};
use greenlight::model::probe::{Body, Change, Effect, Insert, Mode, Nature, Origin, SecretName, Text};
use greenlight::model::target::{
    Auth, Bounds, Call, Client, ClientCall, CredentialFacts, Declared, Environment, Expect, Expectation,
    Keep, Proof, Renewal, Routes, Sample, Scheme, Target, TokenForm, Transcription, VersionPlace,
};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&["", "/", "/id", "/a/0/~1", "/health", "/notes/1?x=%00", "status", "://", "\u{1b}[2J"][..]).prop_map(str::to_owned),
        1 => "(?s).{0,20}",
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let method = select(&["GET", "POST", "DELETE", "OPTIONS", "HEAD", "", "g e t"][..]);
    let path = prop_oneof![
        4 => select(&["/health", "/notes", "/me", "/openapi.json", "/"][..]).prop_map(str::to_owned),
        1 => word(),
    ];
    (method, path).prop_map(|(method, path)| Call {
        method: method.into(),
        path,
    })
}

fn body() -> impl Strategy<Value = Body> {
    let json = select(vec![
        serde_json::json!({"text": "hello"}),
        serde_json::json!({"text": ["x"], "n": 1, "deep": {"deep": {"deep": null}}}),
        serde_json::json!([]),
        serde_json::Value::Null,
    ]);
    prop_oneof![
        Just(Body::Empty),
        Just(Body::BrokenJson),
        (json, word()).prop_map(|(value, at)| Body::Json {
            value,
            inserts: vec![Insert {
                at,
                sample: "a.wav".into(),
                change: Change::None,
            }],
        }),
        (word(), 0_u32..50).prop_map(|(unit, times)| Body::Repeat { unit, times }),
        (word(), word()).prop_map(|(media_type, text)| Body::Text {
            media_type,
            text: Text::Lit(text)
        }),
    ]
}

fn nature() -> impl Strategy<Value = Nature> {
    select(&[Nature::Read, Nature::Write, Nature::Paid][..])
}

fn client() -> impl Strategy<Value = Client> {
    let origin = prop_oneof![
        3 => Just("https://app.example".to_owned()),
        1 => select(&["null", "", "http://[::1]:9", "app://x", "https://app.example:443"][..]).prop_map(str::to_owned),
        1 => word(),
    ];
    let headers = proptest::collection::vec(
        select(&["authorization", "content-type", "x-a", "range", ""][..]),
        0..4,
    );
    let made = (call(), headers).prop_map(|(call, headers)| ClientCall {
        call,
        headers: headers.into_iter().map(str::to_owned).collect(),
    });
    (origin, any::<bool>(), proptest::collection::vec(made, 0..3)).prop_map(|(origin, include, calls)| {
        Client {
            page: include.then(|| "/\u{7}".to_owned()),
            origin: Origin(origin),
            credentials: if include { Mode::Include } else { Mode::Omit },
            calls,
        }
    })
}

fn auth() -> impl Strategy<Value = Auth> {
    let scheme = prop_oneof![
        Just(Scheme::Bearer),
        Just(Scheme::Basic),
        Just(Scheme::ApiKey {
            header: "x-key".into()
        }),
    ];
    let credential = (any::<bool>(), any::<bool>()).prop_map(|(expired, jwt)| CredentialFacts {
        name: SecretName(if expired { "expired" } else { "good" }.into()),
        expired,
        jwt,
        from: "somewhere".into(),
    });
    let refresh = of(credential.clone());
    let signing = of(Just("somewhere".to_owned()));
    let credentials = proptest::collection::vec(credential, 0..3);
    let issuer = of(word().prop_map(|audience| IssuerFacts {
        algorithm: Algorithm::default(),
        audience,
    }));
    (scheme, credentials, signing, refresh, issuer).prop_map(
        |(scheme, credentials, signing, refresh, issuer)| Auth {
            scheme,
            credentials,
            supply: "--token-env TOKEN".into(),
            supply_expired: String::new(),
            signing,
            // None draws of their own: those would only shift what the deterministic recordings reach.
            renewal: refresh.as_ref().map(renewal),
            session: refresh.clone(),
            refresh,
            issuer,
            logout: None,
            login: None,
        },
    )
}

fn renewal(of: &CredentialFacts) -> Renewal {
    Renewal {
        call: Call {
            method: "POST".into(),
            path: "/summaries".into(),
        },
        form: TokenForm::OAuth,
        access_at: "/access_token".into(),
        next_at: of.jwt.then(|| "/refresh_token".into()),
    }
}

/// What a proof keeps, if it is taken for a call that does.
fn keep(proof: &Proof) -> Keep {
    let at = |method: &str| Call {
        method: method.into(),
        path: format!("{}/{{id}}", proof.call.path),
    };
    let pairs: BTreeMap<String, String> = proof
        .expect
        .iter()
        .map(|expected| (expected.at.clone(), expected.at.clone()))
        .collect();
    Keep {
        call: proof.call.clone(),
        body: match &proof.body {
            Body::Json { value, .. } => value.clone(),
            _ => serde_json::Value::Null,
        },
        nature: proof.nature,
        protected: proof.protected,
        says: proof.expect.first().map(|expected| expected.at.clone()),
        id: "/id".into(),
        read: at("GET"),
        list: Some(proof.call.clone()),
        delete: at("DELETE"),
        sent: pairs.clone(),
        answered: pairs,
    }
}

fn expectation() -> impl Strategy<Value = Expectation> {
    let expect = prop_oneof![
        Just(Expect::Nonempty),
        Just(Expect::Present),
        Just(Expect::Equals(serde_json::json!(1.5e300))),
        word().prop_map(|text| Expect::Equals(text.into())),
    ];
    (word(), expect).prop_map(|(at, expect)| Expectation { at, expect })
}

fn proof() -> impl Strategy<Value = Proof> {
    let expect = proptest::collection::vec(expectation(), 0..3);
    (call(), body(), expect, nature(), any::<bool>()).prop_map(|(call, body, expect, nature, protected)| {
        Proof {
            call,
            body,
            expect,
            nature,
            protected,
            key: protected.then(|| "key".to_owned()),
        }
    })
}

/// The role with the places and samples that a profile usually has.
fn usual(odd: Transcription) -> Transcription {
    let sample = |name: &str, text: &str, language: Option<&str>| Sample {
        name: name.into(),
        words: vec![text.split(' ').nth(1).unwrap_or_default().into()],
        text: Some(text.into()),
        language: language.map(str::to_owned),
    };
    Transcription {
        call: Call {
            method: "POST".into(),
            path: "/notes".into(),
        },
        audio_at: "/audio".into(),
        text_in: Some("/text".into()),
        text_at: "/text".into(),
        concepts_at: Some("/concepts".into()),
        language_in: Some("/language".into()),
        samples: vec![
            sample("a.wav", "The kitchen closes at ten.", None),
            sample("b.wav", "Fish on the terrace.", None),
            sample("c.webm", "A cozinha fecha.", Some("pt")),
        ],
        ..odd
    }
}

fn transcription() -> impl Strategy<Value = Transcription> {
    let words = proptest::collection::vec(word(), 0..3);
    let sample = (word(), words, of(word()), of(word())).prop_map(|(name, words, text, language)| Sample {
        name,
        words,
        text,
        language,
    });
    let samples = proptest::collection::vec(sample, 0..3);
    let likely = select(&[true, true, false][..]);
    let size = prop_oneof![3 => 0_u64..1 << 40, 1 => Just(u64::MAX)];
    let language = (of(word()), of(word()), of(size));
    (
        call(),
        word(),
        of(word()),
        word(),
        of(word()),
        language,
        nature(),
        (samples, likely),
    )
        .prop_map(
            |(
                call,
                audio_at,
                text_in,
                text_at,
                concepts_at,
                (language_in, language_at, max_audio),
                nature,
                (samples, likely),
            )| {
                let odd = Transcription {
                    call,
                    body: serde_json::json!({"save": false}),
                    audio_at,
                    text_in,
                    text_at,
                    concepts_at,
                    language_in,
                    language_at,
                    max_audio,
                    nature,
                    samples,
                };
                if likely { usual(odd) } else { odd }
            },
        )
}

fn routes() -> impl Strategy<Value = Routes> {
    let route = || of(prop_oneof![2 => Just("/health".to_owned()), 1 => word()]);
    let version = of((word(), word()).prop_map(|(route, pointer)| VersionPlace { route, pointer }));
    (route(), route(), route(), route(), route(), version).prop_map(
        |(health, ready, ai_health, contract, stand_in, version)| Routes {
            health,
            ready,
            ai_health,
            contract,
            stand_in,
            version,
        },
    )
}

/// Bounds of an environment, or the least and the most that a file can claim.
fn bounds(environment: Environment) -> impl Strategy<Value = Bounds> {
    let extreme = || prop_oneof![Just(0_u64), Just(u64::MAX), any::<u64>()];
    let wild = (
        (extreme(), extreme(), extreme()),
        (extreme(), extreme(), extreme()),
        any::<(u16, u32, Option<u32>, Option<u32>)>(),
        extreme(),
    );
    let wild = wild.prop_map(
        |(
            (deadline_ms, paid_deadline_ms, run_ms),
            (body_keep, body_read, run_keep),
            (concurrency, requests, paid, per_operation),
            cold_start_ms,
        )| Bounds {
            cold_start_ms,
            deadline_ms,
            paid_deadline_ms,
            run_ms,
            body_keep,
            body_read,
            run_keep,
            concurrency,
            requests,
            paid,
            // No judge reads it, and a draw of its own would only shift what the deterministic recordings reach.
            bytes: paid.map(u64::from),
            per_operation,
        },
    );
    prop_oneof![1 => Just(Bounds::of(environment)), 1 => wild]
}

/// Any target.
pub(crate) fn arbitrary() -> impl Strategy<Value = Target> {
    let base = prop_oneof![
        3 => Just("http://127.0.0.1:9/api".to_owned()),
        1 => select(&["", "x", "https://[::1]/", "http://x?y#z", "://"][..]).prop_map(str::to_owned),
    ];
    let environment = select(&[Environment::Local, Environment::Staging, Environment::Production][..]);
    let environment = environment.prop_flat_map(|environment| (Just(environment), bounds(environment)));
    let natures = (call(), nature()).prop_map(|(call, nature)| vec![Declared { call, nature }]);
    (
        (base, environment, of(word()), any::<(bool, bool)>()),
        proptest::collection::vec(client(), 0..3),
        (of(auth()), routes()),
        proptest::collection::vec(proof(), 0..3),
        (of(transcription()), natures),
    )
        .prop_map(
            |(
                (base, (environment, bounds), word, (ours, keep_bodies)),
                clients,
                (auth, routes),
                proofs,
                (role, natures),
            )| {
                Target {
                    name: word.clone(),
                    base,
                    environment,
                    ours,
                    replicas: None,
                    clients,
                    auth,
                    routes,
                    keeps: proofs.first().map(keep).into_iter().collect(),
                    proofs,
                    transcription: role,
                    guarded: vec![],
                    natures,
                    expect_version: word,
                    allow: vec![Effect::Paid, Effect::Writes, Effect::Hostile],
                    bounds,
                    keep_bodies,
                    waivers: vec![],
                    assumed: vec![],
                }
            },
        )
}
