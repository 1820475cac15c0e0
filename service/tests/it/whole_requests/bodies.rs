//! Bodies: right ones, right ones that were spoilt a little, and bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Number, Value, json};

/// Recordings in every container.
const RECORDINGS: [&[u8]; 9] = [
    include_bytes!("../../audio/live.webm"),
    include_bytes!("../../audio/opus.ogg"),
    include_bytes!("../../audio/opus.webm"),
    include_bytes!("../../audio/tone.flac"),
    include_bytes!("../../audio/tone.m4a"),
    include_bytes!("../../audio/tone.mp3"),
    include_bytes!("../../audio/vorbis.ogg"),
    include_bytes!("../../../../scenarios/samples/garden.webm"),
    include_bytes!("../../../../scenarios/samples/cozinha.wav"),
];

/// What a body is meant to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    Orchestrate,
    Recording,
    Refresh,
    Code,
    Categories,
}

/// A body of any kind, or none.
pub(crate) fn any() -> impl Strategy<Value = Vec<u8>> {
    let forms = select(vec![
        Form::Orchestrate,
        Form::Refresh,
        Form::Code,
        Form::Categories,
    ]);
    prop_oneof![
        2 => Just(Vec::new()),
        4 => forms.prop_flat_map(of),
        1 => vec(proptest::num::u8::ANY, 0..300),
    ]
}

/// A body of this kind, whole or spoilt.
pub(crate) fn of(form: Form) -> BoxedStrategy<Vec<u8>> {
    let whole = match form {
        Form::Orchestrate => orchestrate().boxed(),
        Form::Recording => recording().boxed(),
        Form::Refresh => select(vec!["", "a.b.c", "x"])
            .prop_map(|token| json!({ "refresh_token": token }))
            .boxed(),
        Form::Code => select(vec![
            json!({"code": "x"}),
            json!({"code": "x", "code_verifier": "y"}),
        ])
        .boxed(),
        Form::Categories => select(vec![
            json!({"categories": ["mood", "wine_list"]}),
            json!({"categories": []}),
        ])
        .boxed(),
    };
    let changes = prop_oneof![2 => Just(Vec::new()), 3 => vec(changes(), 1..4)];
    let damage = proptest::option::weighted(0.3, damages());
    (whole, changes, damage)
        .prop_map(|(mut body, changes, damage)| {
            for change in changes {
                change.apply(&mut body);
            }
            let mut bytes = body.to_string().into_bytes();
            if let Some(damage) = damage {
                damage.apply(&mut bytes);
            }
            bytes
        })
        .boxed()
}

fn orchestrate() -> impl Strategy<Value = Value> {
    let field = select(vec![
        (
            "workflow_type",
            vec![
                "auto",
                "audio_only",
                "text_only",
                "concept_only",
                "image_only",
                "place_id_only",
                "nope",
                "",
            ],
        ),
        (
            "text",
            vec!["Grilled fish by the river.", "", " ", "🐟 é", "\u{feff}", "a"],
        ),
        (
            "language",
            vec![
                "pt-BR",
                "en",
                "xx",
                "zz-ZZ",
                "",
                "en-",
                "i-klingon",
                "haw",
                "yue",
                "not a language",
            ],
        ),
        (
            "entity_type",
            vec!["restaurant", "bar", "", "*", "spaceship", "%"],
        ),
        ("entity_id", vec!["e1", "", "null", "🐟"]),
        ("place_id", vec!["p", ""]),
        ("curator_id", vec!["c", ""]),
        (
            "audio_url",
            vec![
                "https://127.0.0.1/",
                "http://[::1]/",
                "https://2130706433/",
                "file:///etc/passwd",
                "//x",
                "",
            ],
        ),
        ("image_url", vec!["https://127.0.0.1/a.png"]),
        (
            "audio_file",
            vec!["UklGRg==", "data:audio/wav;base64,UklGRg==", "data:,", "%%%", ""],
        ),
    ]);
    let pair = field.prop_flat_map(|(name, values)| (Just(name), select(values)));
    let output = proptest::option::of(outputs());
    (vec(pair, 0..6), output).prop_map(|(pairs, output)| {
        // Most have words, so that most get as far as the work.
        let mut body = json!({"text": "Grilled fish by the river."});
        for (name, value) in pairs {
            body[name] = json!(value);
        }
        if let Some(output) = output {
            body["output"] = output;
        }
        body
    })
}

fn outputs() -> impl Strategy<Value = Value> {
    let format = select(vec!["full", "minimal", "ids_only", "other", ""]);
    (
        proptest::option::of(any_bool()),
        proptest::option::of(any_bool()),
        format,
    )
        .prop_map(
            |(save, show, format)| json!({"save_to_db": save, "return_results": show, "format": format}),
        )
}

fn any_bool() -> impl Strategy<Value = bool> {
    proptest::bool::ANY
}

/// A recording some of whose bytes were changed, or of which a part is missing, and base64 that was perhaps spoilt.
fn recording() -> impl Strategy<Value = Value> {
    let flips = vec(
        (proptest::arbitrary::any::<Index>(), proptest::num::u8::ANY),
        0..12,
    );
    let cut = proptest::option::weighted(0.3, proptest::arbitrary::any::<Index>());
    let label = select(vec![
        "",
        "data:audio/wav;base64,",
        "data:audio/mpeg;base64,",
        "data:;base64,",
        "data:audio/wav,",
    ]);
    let spoilt = proptest::option::weighted(
        0.2,
        (
            proptest::arbitrary::any::<Index>(),
            select(vec!['!', '=', '-', 'é', ' ']),
        ),
    );
    (select(RECORDINGS.to_vec()), flips, cut, label, spoilt).prop_map(
        |(recording, flips, cut, label, spoilt)| {
            let mut bytes = recording.to_vec();
            for (at, byte) in flips {
                *at.get_mut(&mut bytes) = byte;
            }
            bytes.truncate(cut.map_or(bytes.len(), |at| at.index(recording.len())));
            let mut text = format!("{label}{}", STANDARD.encode(bytes));
            if let Some((at, letter)) = spoilt {
                text.insert(at.index(text.len() + 1), letter);
            }
            json!({"audio_file": text, "language": "en"})
        },
    )
}

/// A change that leaves JSON.
#[derive(Debug, Clone)]
enum Change {
    Drop(Index),
    Retype(Index, Value),
    Add(String, Value),
    Wrap(usize),
}

impl Change {
    fn apply(self, body: &mut Value) {
        let Value::Object(fields) = body else { return };
        let names: Vec<String> = fields.keys().cloned().collect();
        match self {
            Self::Add(name, value) => drop(fields.insert(name, value)),
            Self::Drop(at) if !names.is_empty() => drop(fields.remove(at.get(&names))),
            Self::Retype(at, value) if !names.is_empty() => {
                drop(fields.insert(at.get(&names).clone(), value))
            }
            Self::Wrap(depth) => {
                // Within what a reader of JSON goes down, and beyond it.
                for _ in 0..depth {
                    *body = Value::Array(vec![body.take()]);
                }
            }
            Self::Drop(_) | Self::Retype(..) => {}
        }
    }
}

fn changes() -> impl Strategy<Value = Change> {
    let index = proptest::arbitrary::any::<Index>;
    prop_oneof![
        3 => (index(), values()).prop_map(|(at, value)| Change::Retype(at, value)),
        1 => index().prop_map(Change::Drop),
        1 => ("[a-z_\\PC]{0,12}", values()).prop_map(|(name, value)| Change::Add(name, value)),
        1 => prop_oneof![Just(1_usize), 120..130_usize].prop_map(Change::Wrap),
    ]
}

/// Values of every type, the extremes too.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        select(vec![
            json!(null),
            json!(true),
            json!(0),
            json!(-1),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(1e308),
            json!(-0.0),
            json!("a\0b"),
            json!("\u{0}"),
            json!("\u{fffe}"),
            json!("\r\n"),
            json!("' OR 1=1 --"),
            json!("%00"),
            json!({}),
            json!([]),
        ]),
        "\\PC{0,40}".prop_map(Value::from),
        (0..300_000_usize).prop_map(|length| Value::from("é".repeat(length))),
        proptest::num::f64::ANY.prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::from)),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec(("[a-z]{0,4}", inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A change after which it is perhaps no JSON.
#[derive(Debug, Clone)]
enum Damage {
    Cut(Index),
    Flip(Index, u8),
    Insert(Index, &'static [u8]),
    Begin(&'static [u8]),
    End(&'static [u8]),
    Deep(usize),
}

impl Damage {
    fn apply(self, bytes: &mut Vec<u8>) {
        match self {
            Self::Cut(at) => bytes.truncate(at.index(bytes.len() + 1)),
            Self::Flip(at, byte) if !bytes.is_empty() => *at.get_mut(bytes) = byte,
            Self::Flip(..) => {}
            Self::Insert(at, more) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, more.iter().copied());
            }
            Self::Begin(more) => drop(bytes.splice(0..0, more.iter().copied())),
            Self::End(more) => bytes.extend(more),
            Self::Deep(depth) => *bytes = [vec![b'['; depth], vec![b']'; depth]].concat(),
        }
    }
}

fn damages() -> impl Strategy<Value = Damage> {
    let index = proptest::arbitrary::any::<Index>;
    let inside = select(vec![
        &b"\\ud800"[..],
        b"\\udc00\\ud800",
        b"\xff",
        b"\xc3\x28",
        b"\0",
        b"\"",
        b"\\",
        b"NaN",
        b"1e999999",
        b"-",
        b"/**/",
        b",",
    ]);
    let begin = select(vec![
        &b"\xef\xbb\xbf"[..],
        b"\xff\xfe",
        b"{\"text\":\"x\",\"text\":1,",
        b"{\"__proto__\":{},",
        b"//\n",
        b"\x1f\x8b\x08\x00",
        b"{\"text\":1e400,",
        b"{\"\\u0000\":1,",
        b"text=",
        b"--x\r\ncontent-disposition: form-data; name=\"text\"\r\n\r\n",
    ]);
    prop_oneof![
        2 => index().prop_map(Damage::Cut),
        2 => (index(), proptest::num::u8::ANY).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        2 => (index(), inside).prop_map(|(at, more)| Damage::Insert(at, more)),
        2 => begin.prop_map(Damage::Begin),
        1 => select(vec![&b"}"[..], b"{}", b"\0", b" \n", b"\x1a"]).prop_map(Damage::End),
        1 => (1..60_000_usize).prop_map(Damage::Deep),
    ]
}
