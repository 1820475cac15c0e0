//! The promised size of a recording, to the byte: taken at the limit, refused one byte above it.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::transcript;
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Change, Probe};
use crate::model::target::{Target, Transcription};

/// The check.
pub struct SizeLimitKept;

static SPEC: Spec = Spec {
    id: "transcription/size-limit-kept",
    layer: Layer::Journey,
    title: "The promised size of a recording is kept to the byte",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Without a limit, memory and cost are anybody's to spend (CWE-770); with one that is smaller than promised, long \
                  recordings fail for real users, often in front of the application. A recording of exactly the promised size \
                  must be taken, and one byte more must be a 413 or another 4xx. Both are large, so they go out only where a \
                  run may strain the service.",
    hint: "Check the decoded size before the work begins and answer 413; let every proxy in front allow a third more, for base64.",
};

/// A recording that was grown to so many bytes, in an uncompressed sample.
fn probe(target: &Target, role: &Transcription, bytes: u64) -> Option<Probe> {
    let sample = role
        .samples
        .iter()
        .find(|sample| sample.name.ends_with(".wav") && sample.language.is_none())?;
    Some(asks::strain(target, role, sample, Change::Grown { bytes }))
}

/// The two sizes, and whether each must be taken.
fn sizes(role: &Transcription) -> Option<[(u64, bool); 2]> {
    role.max_audio
        .map(|most| [(most, true), (most.saturating_add(1), false)])
}

impl Check for SizeLimitKept {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let role = view.target.transcription.iter();
        role.filter(|role| transcript::locked(view.target, role).is_none())
            .flat_map(|role| {
                sizes(role)
                    .into_iter()
                    .flatten()
                    .map(move |(bytes, _)| (role, bytes))
            })
            .filter_map(|(role, bytes)| probe(view.target, role, bytes))
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
        let Some(sizes) = sizes(role) else {
            return Judgement::skipped(
                "nobody said how large a recording may be",
                Some("max_audio under [transcription] in the profile"),
            );
        };
        let mut tally = Tally::new(view);
        for (bytes, fits) in sizes {
            let Some(probe) = probe(view.target, role, bytes) else {
                tally.missing(
                    "an uncompressed recording is needed",
                    Some("a WAV sample in the profile"),
                );
                continue;
            };
            let Some((exchange, reply)) = view.answer(&probe) else {
                tally.answer(&probe);
                continue;
            };
            let call = &role.call;
            let title = match (reply.status, fits) {
                (500.., _) | (401 | 403 | 429, _) => {
                    let reason = format!("{call} answers HTTP {} to {bytes} bytes of audio", reply.status);
                    tally.unknown(reason, None);
                    continue;
                }
                // Some say 400 or 422 with a text about the size. Whatever it is called, a promised size was not taken.
                (400..500, true) => {
                    format!("{call} refuses a recording of {bytes} bytes, which it promises to take")
                }
                (200..300, false) => format!("{call} takes a recording that is larger than promised"),
                _ => {
                    tally.judged(exchange);
                    continue;
                }
            };
            tally.judged(exchange);
            let found = SPEC.finds(format!("{call} with {bytes} bytes of audio"), title);
            let found = found
                .expected(if fits { "HTTP 200" } else { "HTTP 413" })
                .actual(format!("HTTP {}", reply.status));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}
