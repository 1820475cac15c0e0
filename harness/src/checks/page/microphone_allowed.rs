//! A page that records speech and may not have the microphone: the browser rejects before anybody is asked, nothing is
//! recorded, and an API that transcribes is never called.

use url::Url;

use crate::check::Check;
use crate::check::judgement::Judgement;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::check::web::{SHOWN, judged, pages};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::page::SeenPage;
use crate::model::probe::Ask;
use crate::page::permissions::forbids_microphone;
use crate::page::secure::is_trustworthy;

/// The check.
pub struct MicrophoneAllowed;

static SPEC: Spec = Spec {
    id: "page/microphone-allowed",
    layer: Layer::Cors,
    title: "The page that records speech may use the microphone",
    severity: Severity::Major,
    suites: &[Suite::Smoke],
    needs: &[],
    must_run: false,
    explanation: "`Permissions-Policy: microphone=()` came with a list of headers that somebody recommended, and the page \
                  that records speech never gets any: `getUserMedia` rejects with NotAllowedError, and nobody is even asked. A \
                  page without TLS has no microphone at all. It concerns services that take speech and pages that ask for the \
                  microphone.",
    hint: "Send `Permissions-Policy: microphone=(self)` with the page.",
};

impl Check for MicrophoneAllowed {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        Vec::new()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let pages = match pages(view) {
            Ok(pages) => pages,
            Err(none) => return none,
        };
        let takes = takes_speech(view);
        let pages = pages.into_iter().filter(|page| takes || page.listens.is_some());
        let pages: Vec<&SeenPage> = pages.collect();
        if pages.is_empty() {
            let why = "the service takes no speech, and no script that was read asks for the microphone";
            return Judgement::NotApplicable(why.to_owned());
        }
        judged(view, pages.into_iter().filter_map(finding).collect())
    }
}

/// Whether the service takes recordings of speech.
fn takes_speech(view: &View<'_>) -> bool {
    let contract = view
        .contract
        .into_iter()
        .flat_map(|contract| contract.operations());
    let mut media = contract.flat_map(|operation| operation.request_body.iter().flat_map(|body| &body.media));
    view.target.transcription.is_some() || media.any(|media| media.media_type.starts_with("audio/"))
}

fn finding(page: &SeenPage) -> Option<Finding> {
    let address = clean(&page.url, SHOWN);
    let insecure = Url::parse(&page.url).is_ok_and(|url| !is_trustworthy(&url));
    let (title, expected, actual) = match forbids_microphone(page) {
        Some(served) => {
            let served = clean(&served, SHOWN);
            (
                format!(
                    "The page at {address} forbids itself the microphone: its Permissions-Policy says {served}"
                ),
                "microphone=(self)",
                format!("Permissions-Policy: {served}"),
            )
        }
        // What nobody asks for is missed by nobody.
        None if insecure && page.listens.is_some() => (
            format!("The page at {address} has no microphone: browsers give it to pages on https alone"),
            "https://",
            "http://".to_owned(),
        ),
        None => return None,
    };
    let asked = page.listens.as_ref().map(|listens| {
        let (script, excerpt) = (clean(&listens.script, SHOWN), clean(&listens.excerpt, SHOWN));
        format!("; {script} asks for it: …{excerpt}…")
    });
    let found = SPEC
        .finds(&address, title)
        .expected(expected)
        .actual(format!("{actual}{}", asked.unwrap_or_default()));
    // A page may take speech as a file, and then needs no microphone.
    let unasked = page.listens.is_none() && page.left_out.is_empty();
    let found = if unasked {
        found.severity(Severity::Advisory)
    } else {
        found
    };
    Some(found.shown_by([]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::page::tests::{api, found};
    use crate::page::testing::{naming, page};

    const ASKS: &str = "navigator.mediaDevices.getUserMedia({audio:!0})";

    fn severities(mut page: SeenPage, permissions: &str) -> Vec<Severity> {
        page.permissions = vec![permissions.to_owned()];
        let found = found(&MicrophoneAllowed, &api(), &[page]);
        found.into_iter().map(|finding| finding.severity).collect()
    }

    #[test]
    fn a_page_that_asks_for_the_microphone_and_forbids_it_is_found() {
        assert_eq!(
            severities(naming(ASKS), "camera=(), microphone=()"),
            [Severity::Major]
        );
        let mut plain = naming(ASKS);
        plain.url = "http://app.example/record".into();
        assert_eq!(severities(plain.clone(), "microphone=(self)"), [Severity::Major]);
        plain.url = "http://localhost:3000/record".into();
        assert_eq!(severities(plain, "microphone=(self)"), []);
    }

    #[test]
    fn spares_a_page_that_may_and_one_that_never_asks() {
        assert_eq!(severities(naming(ASKS), "camera=(), microphone=(self)"), []);
        assert_eq!(severities(naming(ASKS), "camera=()"), []);
        assert_eq!(severities(page(), "microphone=()"), []);
        assert_eq!(
            severities(naming("getUserMedia({video:!0})"), "microphone=()"),
            []
        );
    }

    #[test]
    fn where_a_service_takes_speech_a_page_that_was_not_read_whole_is_taken_to_ask() {
        let mut target = api();
        target.transcription = Some(role());
        let mut page = page();
        page.permissions = vec!["microphone=()".into()];
        let severity =
            |page: &SeenPage| found(&MicrophoneAllowed, &target, std::slice::from_ref(page))[0].severity;
        assert_eq!(severity(&page), Severity::Advisory);
        page.left_out
            .push("https://app.example/index.js loads more scripts when it runs".into());
        assert_eq!(severity(&page), Severity::Major);
    }

    fn role() -> crate::model::target::Transcription {
        crate::model::target::Transcription {
            call: crate::check::testing::call(),
            body: serde_json::json!({}),
            audio_at: "/audio".into(),
            text_in: None,
            text_at: "/text".into(),
            concepts_at: None,
            language_in: None,
            language_at: None,
            max_audio: None,
            nature: crate::model::probe::Nature::Paid,
            samples: Vec::new(),
        }
    }
}
