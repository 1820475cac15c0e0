//! A repository or a file of secrets beside the API is the whole service for whoever asks.

use std::sync::LazyLock;

use regex::Regex;

use crate::check::Check;
use crate::check::asks;
use crate::check::health::is_page;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};

/// The check.
pub struct SecretFiles;

static SPEC: Spec = Spec {
    id: "exposure/secret-files",
    layer: Layer::Http,
    title: "Repository and files of secrets are not served",
    severity: Severity::Blocker,
    suites: &[Suite::Smoke],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A web server that is pointed at the project's folder serves .env with every key in it, and .git with every \
                  key that ever was (ASVS 13.4.1). Robots ask every host for both within hours. Two reads at the root of \
                  the host tell; what stands in the file is not kept.",
    hint: "Take the file off the server, forbid dot files in the web server, and replace every key that it held.",
};

/// Where secrets are found, and what they look like. A page that answers every path looks otherwise.
const FILES: &[(&str, &str)] = &[
    ("/.env", r"(?m)^\s*(export )?[A-Z][A-Z0-9_]{2,}="),
    ("/.git/HEAD", r"^(ref: refs/|[0-9a-f]{40}\s*$)"),
];

static LOOKS: LazyLock<Vec<(&'static str, Option<Regex>)>> = LazyLock::new(|| {
    let compiled = |(route, look): &(&'static str, &str)| (*route, Regex::new(look).ok());
    FILES.iter().map(compiled).collect()
});

impl Check for SecretFiles {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        FILES.iter().map(|(route, _)| Ask::One(probe(route))).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        for (route, look) in LOOKS.iter() {
            let Some((exchange, reply)) = tally.answer(&probe(route)) else {
                continue;
            };
            if is_there(reply, look.as_ref()) {
                let found = SPEC
                    .finds(*route, format!("{route} can be read by everybody"))
                    .expected("HTTP 404")
                    .actual(format!(
                        "HTTP {}, {} bytes of it",
                        reply.status, reply.body.wire_length
                    ));
                tally.find(found.shown_by([exchange]));
            }
        }
        tally.done()
    }
}

fn probe(route: &str) -> Probe {
    let read = asks::read(route);
    Probe {
        at_root: true,
        ..read
    }
}

fn is_there(reply: &Reply, look: Option<&Regex>) -> bool {
    let text = reply.body.text();
    // What a front end sends for every path may hold its own settings. A file that is only labelled as a page is none.
    let page = is_page(reply) && text.trim_start().starts_with('<');
    (200..300).contains(&reply.status) && !page && look.is_some_and(|look| look.is_match(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;

    fn found(status: u16, env: &str, head: &str) -> Vec<String> {
        let seen = [
            answered(1, &probe("/.env"), status, &[], env),
            answered(2, &probe("/.git/HEAD"), status, &[], head),
        ];
        let found = findings(&SecretFiles, &target(), &seen);
        found.into_iter().map(|finding| finding.subject).collect()
    }

    #[test]
    fn files_of_secrets_are_found() {
        assert_eq!(
            found(200, "# keys\nOPENAI_API_KEY=\n", "ref: refs/heads/main\n"),
            ["/.env", "/.git/HEAD"]
        );
    }

    #[test]
    fn spares_a_404_and_a_page_that_answers_everything() {
        assert!(found(404, "KEY=1", "ref: refs/heads/main").is_empty());
        let page = "<!doctype html><script>window.A=1</script>";
        assert!(found(200, page, page).is_empty());
        let with_settings = "<!doctype html><script>\nAPI_URL=\"/api\"\n</script>";
        assert!(found(200, with_settings, with_settings).is_empty());
    }

    #[test]
    fn a_file_is_one_whatever_it_is_called() {
        let html = [("content-type", "text/html")];
        let seen = [answered(1, &probe("/.env"), 200, &html, "KEY=1\n")];
        assert_eq!(findings(&SecretFiles, &target(), &seen).len(), 1);
    }
}
