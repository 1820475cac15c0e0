//! The page that records speech may not have the microphone: nothing is recorded, and the API is never called.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::pages::told;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct PageForbidsMicrophone;

impl Cause for PageForbidsMicrophone {
    fn id(&self) -> &'static str {
        "page-forbids-microphone"
    }

    fn about(&self) -> &'static str {
        "The page that records speech may not use the microphone, so nothing is recorded and the API is never called."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Page,
            blames: &[Blame::Deploy],
            needs: "The page as it was served, with a Permissions-Policy that leaves its own origin out or without TLS, and a script that asks for the microphone or a service that takes speech.",
            likely: &[
                "A recommended list of security headers was copied, and it says microphone=()",
                "The CDN or the platform sets the header for every page",
                "The page is served without TLS",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("page/microphone-allowed");
        let first = found.iter().find(|finding| finding.fails())?;
        let why = if first.expected == "https://" {
            "has no microphone, since browsers give it to pages on https alone".to_owned()
        } else {
            let served = first.title.split_once(" says ").map_or("", |(_, served)| served);
            format!("forbids itself the microphone with Permissions-Policy: {served}")
        };
        let step = if first.expected == "https://" {
            "Serve the page over https"
        } else {
            "Send with the page:  Permissions-Policy: microphone=(self)"
        };
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: told(case, "gets no speech", &format!("the page at {} {why}", first.subject)),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: vec![first.actual.clone()],
            ruled_out: vec!["the user's own permission: browsers do not ask where the page may not".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                step.to_owned(),
                "See it in the browser's console: getUserMedia rejects with NotAllowedError, and no question is shown"
                    .to_owned(),
            ],
            explains: explained(found),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::pages::tests::run;
    use crate::diagnosis::whole_tests::causes;
    use crate::page::testing::naming;

    #[test]
    fn a_page_that_forbids_itself_the_microphone_is_named() {
        let mut page = naming("navigator.mediaDevices.getUserMedia({audio:!0})");
        page.permissions.push("camera=(), microphone=()".into());
        let judged = run(&[page.clone()]);
        assert_eq!(causes(&judged), ["page-forbids-microphone"]);
        assert_eq!(
            judged.headline,
            "The API answers, and gets no speech: the page at https://app.example/record forbids itself the microphone with \
             Permissions-Policy: microphone=()"
        );
        page.permissions = vec!["microphone=(self)".into()];
        assert_eq!(causes(&run(&[page.clone()])), [""; 0]);
        page.url = "http://app.example/record".into();
        let judged = run(&[page]);
        assert!(
            judged
                .headline
                .contains("has no microphone, since browsers give it to pages on https alone")
        );
    }
}
