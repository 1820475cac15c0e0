//! What a profile says, in the words of the model: no choice is made here.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::probe::{Body, Change, Insert, Nature};
use crate::model::target::{
    Client, ClientCall, Declared, Expectation, Keep, Proof, Routes, Sample, Transcription, VersionPlace,
};
use crate::target::words::{Operation, Pointer};
use crate::target::{body, check, keep, profile};

/// The well-known routes.
pub fn routes(service: &profile::Service) -> Routes {
    let version = service.version.as_ref();
    Routes {
        health: service.health.as_ref().map(|route| route.0.clone()),
        ready: service.ready.as_ref().map(|route| route.0.clone()),
        ai_health: service.ai_health.as_ref().map(|route| route.0.clone()),
        contract: None,
        stand_in: service.stand_in.as_ref().map(|route| route.0.clone()),
        version: version.map(|version| VersionPlace {
            route: version.route.0.clone(),
            pointer: version.pointer.0.clone(),
        }),
    }
}

/// One page.
pub fn client(written: &profile::Client) -> Client {
    let calls = written.calls.iter().map(|call| ClientCall {
        call: call.call.0.clone(),
        headers: call.headers.iter().map(|header| header.0.clone()).collect(),
    });
    Client {
        origin: written.origin.0.clone(),
        credentials: written.credentials,
        calls: calls.collect(),
        page: written.page.as_ref().map(|route| route.0.clone()),
    }
}

/// What an operation does, as declared.
pub fn declared(call: &Operation, nature: Nature) -> Declared {
    Declared {
        call: call.0.clone(),
        nature,
    }
}

/// The declared nature; a safe method without one reads, any other without one counts as the gravest.
fn nature(call: &Operation, declared: Option<Nature>) -> Nature {
    let gravest = if check::is_safe(call) {
        Nature::Read
    } else {
        Nature::Paid
    };
    declared.unwrap_or(gravest)
}

/// One proof. With an `[auth]`, it needs the credential unless the profile says otherwise.
pub fn proof(prove: &profile::Prove, has_auth: bool) -> Proof {
    let mut value = prove.body.clone();
    let mut inserts = Vec::new();
    if let Some(audio) = &prove.audio {
        let around = value.get_or_insert_with(|| Value::Object(serde_json::Map::new()));
        body::put(around, &audio.at.0, Value::Null);
        inserts.push(Insert {
            at: audio.at.0.clone(),
            sample: audio.sample.0.clone(),
            change: Change::None,
        });
    }
    let expect = prove.expect.iter();
    let expect = expect.map(|(at, expected)| Expectation {
        at: at.0.clone(),
        expect: expected.0.clone(),
    });
    Proof {
        call: prove.call.0.clone(),
        body: value.map_or(Body::Empty, |value| Body::Json { value, inserts }),
        expect: expect.collect(),
        nature: nature(&prove.call, prove.effect),
        protected: prove.protected.unwrap_or(has_auth),
        key: None,
    }
}

/// One thing that is kept. With an `[auth]`, it needs the credential unless the profile says otherwise.
pub fn keep(keep: &keep::Keep, has_auth: bool) -> Keep {
    let pairs = |pairs: &BTreeMap<Pointer, Pointer>| {
        let pairs = pairs.iter();
        pairs.map(|(from, to)| (from.0.clone(), to.0.clone())).collect()
    };
    Keep {
        call: keep.call.0.clone(),
        body: keep.body.clone().unwrap_or_default(),
        nature: keep.effect,
        protected: keep.protected.unwrap_or(has_auth),
        says: keep.says.as_ref().map(|pointer| pointer.0.clone()),
        id: keep.id.0.clone(),
        read: keep.read.0.clone(),
        list: keep.list.as_ref().map(|list| list.0.clone()),
        delete: keep.delete.0.clone(),
        sent: pairs(&keep.sent),
        answered: pairs(&keep.answered),
    }
}

/// The transcription role.
pub fn transcription(role: &profile::Transcription) -> Transcription {
    let samples = role.samples.iter();
    let samples = samples.map(|sample| Sample {
        name: sample.file.0.clone(),
        words: sample.words.clone(),
        text: sample.text.clone(),
        language: sample.language.clone(),
    });
    Transcription {
        call: role.call.0.clone(),
        body: role
            .body
            .clone()
            .unwrap_or_else(|| Value::Object(serde_json::Map::new())),
        audio_at: role.audio_at.0.clone(),
        text_in: role.text_in.as_ref().map(|pointer| pointer.0.clone()),
        text_at: role.text_at.0.clone(),
        concepts_at: role.concepts_at.as_ref().map(|pointer| pointer.0.clone()),
        language_in: role.language_in.as_ref().map(|pointer| pointer.0.clone()),
        language_at: role.language_at.as_ref().map(|pointer| pointer.0.clone()),
        max_audio: role.max_audio.map(|size| size.0),
        nature: nature(&role.call, role.effect),
        samples: samples.collect(),
    }
}
