//! Clients spell base64 in several ways, and label recordings as they like. A decoder that guesses hears noise.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::transcript::{self, Heard};
use crate::check::view::View;
use crate::check::word_errors::WordErrors;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Change, Probe};
use crate::model::target::{Sample, Target, Transcription};

/// The check.
pub struct SpellingsHeardOrRefused;

static SPEC: Spec = Spec {
    id: "transcription/spellings-heard-or-refused",
    layer: Layer::Journey,
    title: "Audio that is spelt or labelled otherwise is heard right or refused",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Base64 comes in the alphabet for URLs, in lines as mail has it, and with padding that is wrong (RFC 4648 \
                  §3.1, §3.2, §5); a recording comes under another media type than its own. Decoders that skip what they do \
                  not know make noise of it, and the noise is transcribed, kept and paid for. Both a refusal and the right \
                  words are right. The same recording, spelt plainly, says what the words are.",
    hint: "Decode strictly, or translate the spelling first; tell the container by its first bytes and not by its label.",
};

/// How the recording is sent, and what people call that.
const SPELLINGS: [(Change, &str); 4] = [
    (Change::Base64Url, "base64 in the alphabet for URLs"),
    (Change::Base64Lines, "base64 in lines"),
    (Change::Base64Padding, "base64 with wrong padding"),
    (Change::Mislabelled, "a recording under a wrong media type"),
];

/// The recording that is spelt otherwise: an uncompressed one, in the language that is expected.
fn sample(role: &Transcription) -> Option<&Sample> {
    let own = |sample: &&Sample| sample.language.is_none();
    let wav = |sample: &&Sample| sample.name.ends_with(".wav");
    let samples = || role.samples.iter().filter(own);
    samples().find(wav).or_else(|| samples().next())
}

fn probes(target: &Target, role: &Transcription, sample: &Sample) -> [(Probe, &'static str); 4] {
    SPELLINGS.map(|(change, what)| (asks::transcribe_changed(target, role, sample, change), what))
}

impl Check for SpellingsHeardOrRefused {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let role = view.target.transcription.iter();
        role.filter(|role| transcript::locked(view.target, role).is_none())
            .filter_map(|role| Some((role, sample(role)?)))
            .flat_map(|(role, sample)| {
                let plain = asks::transcribe(view.target, role, sample);
                let spelt = probes(view.target, role, sample).map(|(probe, _)| probe);
                std::iter::once(plain).chain(spelt)
            })
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
        let Some(sample) = sample(role) else {
            return Judgement::NotApplicable("no sample says how audio is sent".to_owned());
        };
        let plain = view
            .answer(&asks::transcribe(view.target, role, sample))
            .filter(|(_, reply)| (200..300).contains(&reply.status))
            .map(|(exchange, reply)| transcript::heard(role, exchange, reply));
        let mut tally = Tally::new(view);
        for (probe, what) in probes(view.target, role, sample) {
            judge(view, role, (&probe, what), plain.as_ref(), &mut tally);
        }
        tally.done()
    }
}

fn judge(
    view: &View<'_>,
    role: &Transcription,
    (probe, what): (&Probe, &str),
    plain: Option<&Heard>,
    tally: &mut Tally<'_>,
) {
    let call = &role.call;
    let Some((exchange, reply)) = view.answer(probe) else {
        tally.answer(probe);
        return;
    };
    match (reply.status, plain) {
        (401 | 403 | 429 | 500.., _) => {
            tally.unknown(format!("{call} answers HTTP {} to {what}", reply.status), None);
        }
        (200..300, Some(Heard::Text { hidden: true, .. })) => {
            tally.missing("transcripts were not kept", Some("--keep-bodies"));
        }
        (200..300, Some(Heard::Text { text: said, .. })) => {
            tally.judged(exchange);
            let heard = match transcript::heard(role, exchange, reply) {
                Heard::Text { text, .. } => text,
                Heard::Blank | Heard::Absent => String::new(),
            };
            if WordErrors::between(said, &heard).is_bad() {
                let found = SPEC.finds(
                    format!("{call} with {what}"),
                    format!("{call} takes {what} and hears something else in it"),
                );
                let found = found
                    .expected(format!("\"{}\", or HTTP 400", clean(said, 80)))
                    .actual(format!("\"{}\"", clean(&heard, 80)));
                tally.find(found.shown_by([exchange]));
            }
        }
        (200..300, _) => tally.missing(
            format!("{call} hears nothing in the recording as it is, so {what} shows nothing"),
            None,
        ),
        _ => tally.judged(exchange),
    }
}
