//! People write in every script. A text on its way through a service that counts bytes as letters loses them.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::transcript::{self, Heard};
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Body, Probe};
use crate::model::target::{Target, Transcription};

/// The check.
pub struct UnicodeKept;

static SPEC: Spec = Spec {
    id: "transcription/unicode-kept",
    layer: Layer::Journey,
    title: "A text in any script is taken, and none of its letters is lost",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A store whose characters have three bytes crashes at an emoji; a step that speaks Latin-1 writes question \
                  marks for Japanese, and nobody who tests in English sees it. One text with a letter and a combining accent, \
                  with Chinese characters, with letters that are written from right to left and with an emoji of several \
                  code points goes in. Where the service gives texts back, it must come back as it was sent, or composed \
                  (Unicode's form NFC).",
    hint: "Use UTF-8 from the request to the store (in MySQL utf8mb4), and never encode with replacement.",
};

/// Words by which a text that came back is known again.
const ANCHORS: [&str; 2] = ["menu", "closes"];

/// Words that every service must keep: as they were sent, and in a form that is as right. Whoever takes the accents off, as
/// normalised transcripts do, has lost no letter.
const WORDS: [[&str; 3]; 3] = [
    ["Cafe\u{301}", "Caf\u{e9}", "Cafe "],
    ["\u{5bff}\u{53f8}"; 3],
    ["\u{5e9}\u{5dc}\u{5d5}\u{5dd}"; 3],
];

/// A woman who cooks: three code points, two of them beyond 16 bits.
const EMOJI: &str = "\u{1f469}\u{200d}\u{1f373}";

fn sent() -> String {
    let [cafe, sushi, peace] = WORDS.map(|[as_sent, ..]| as_sent);
    format!("{cafe} menu: {sushi}, {peace} {EMOJI} closes at ten.")
}

fn probe(target: &Target, role: &Transcription) -> Option<Probe> {
    let mut value = role.body.clone();
    let at = role.text_in.as_deref()?;
    asks::put(&mut value, at, sent().into());
    value.pointer(at)?;
    Some(asks::acted(
        target,
        role,
        Body::Json {
            value,
            inserts: vec![],
        },
    ))
}

impl Check for UnicodeKept {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let role = view.target.transcription.iter();
        role.filter(|role| transcript::locked(view.target, role).is_none())
            .filter_map(|role| probe(view.target, role))
            .map(Ask::One)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(role) = &view.target.transcription else {
            return Judgement::NotApplicable("no operation is known that takes speech".to_owned());
        };
        if let Some(locked) = transcript::locked(view.target, role) {
            return locked;
        }
        let Some(probe) = probe(view.target, role) else {
            return Judgement::NotApplicable("the operation takes no text".to_owned());
        };
        let mut tally = Tally::new(view);
        let Some((exchange, reply)) = view.answer(&probe) else {
            tally.answer(&probe);
            return tally.done();
        };
        if matches!(reply.status, 401 | 403 | 429 | 500..) {
            let reason = format!(
                "{} answers HTTP {} to a text in several scripts",
                role.call, reply.status
            );
            tally.unknown(reason, None);
            return tally.done();
        }
        tally.judged(exchange);
        if let Some((title, severity, actual)) = wrong(role, exchange, reply) {
            let found = SPEC
                .finds(format!("{} with text in several scripts", role.call), title)
                .expected(format!("\"{}\"", clean(&sent(), 80)))
                .actual(actual)
                .severity(severity);
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

/// What is wrong with an answer, how heavily, and what was seen.
fn wrong(role: &Transcription, exchange: &Exchange, reply: &Reply) -> Option<(String, Severity, String)> {
    let call = &role.call;
    if reply.status >= 400 {
        let title = format!("{call} refuses a text for its script");
        return Some((title, Severity::Minor, format!("HTTP {}", reply.status)));
    }
    let Heard::Text { text, hidden: false } = transcript::heard(role, exchange, reply) else {
        return None;
    };
    let lower = text.to_lowercase();
    let holds = |word: &str| lower.contains(&word.to_lowercase());
    if !ANCHORS.iter().all(|anchor| holds(anchor)) {
        // Something else than what was sent comes back: nothing is promised of it.
        return None;
    }
    let lost = WORDS.iter().find(|forms| !forms.iter().any(|form| holds(form)));
    let actual = format!("\"{}\"", clean(&text, 80));
    match lost {
        Some([word, ..]) => Some((
            format!("{call} loses letters of a text: {word} does not come back"),
            Severity::Major,
            actual,
        )),
        // Some leave out emoji on purpose, with the punctuation.
        None if !holds(EMOJI) => Some((
            format!("{call} loses the emoji of a text"),
            Severity::Advisory,
            actual,
        )),
        None => None,
    }
}
