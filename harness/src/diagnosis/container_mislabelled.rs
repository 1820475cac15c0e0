//! Recordings in one container are heard, and those in another are refused: they are sent on under a wrong name.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::about_the_work;
use crate::diagnosis::samples::{Tried, kind, tried};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct ContainerMislabelled;

impl Cause for ContainerMislabelled {
    fn id(&self) -> &'static str {
        "container-mislabelled"
    }

    fn about(&self) -> &'static str {
        "Recordings in one container are heard and those in another, often the browser's, are refused as invalid."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "The same words in several containers: one is heard, and all of another are refused.",
            likely: &[
                "The recording is sent on as audio.wav or audio/mpeg whatever it is",
                "MediaRecorder gives audio/webm;codecs=opus, and the parameter is not expected",
                "Safari records mp4, and the list of types holds webm alone",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let (role, tried) = tried(case)?;
        let refused = |tried: &&Tried<'_>| matches!(tried.reply.status, 400 | 415 | 422);
        let first = tried.iter().find(refused)?;
        let (bad, good) = (kind(first.sample), tried.iter().find(|tried| tried.is_right())?);
        let alike = |tried: &&Tried<'_>| kind(tried.sample) == bad;
        if kind(good.sample) == bad || !tried.iter().filter(alike).all(|tried| refused(&tried)) {
            return None;
        }
        let exchanges: Vec<_> = tried.iter().filter(alike).map(|tried| tried.exchange).collect();
        let call = &role.call;
        let good = kind(good.sample);
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "{call} hears {good} and refuses {bad} (HTTP {}): recordings are probably sent on under a wrong name or type",
                first.reply.status
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: words::seen(&exchanges),
            ruled_out: vec![format!("the recogniser itself: it hears {good}")],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Look at file name and Content-Type under which a recording is sent on: recognisers read a file as what they say"
                    .to_owned(),
                "Name it by what its first bytes are, not by a constant and not by what the caller calls it".to_owned(),
            ],
            explains: explained(about_the_work(case, &exchanges)),
        })
    }
}
