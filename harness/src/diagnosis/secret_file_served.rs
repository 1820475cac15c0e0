//! The keys of the service lie beside it.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct SecretFileServed;

const DIRECT: Direct = Direct {
    cause: "secret-file-served",
    check: "exposure/secret-files",
    blame: Blame::Deploy,
    next: &[
        "Take the file off the server, and forbid dot files in the web server",
        "Replace every key that was in it, or in the repository's history: robots ask for these files within hours",
    ],
    whole_answers: false,
};

impl Cause for SecretFileServed {
    fn id(&self) -> &'static str {
        "secret-file-served"
    }

    fn about(&self) -> &'static str {
        "A repository or a file of secrets is served to everybody."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Given,
            blames: &[Blame::Deploy],
            needs: "A path such as /.env or /.git/config that is answered with such a file's contents.",
            likely: &[
                "The web root is the project's folder (express.static(\".\"), StaticFiles on /)",
                "The image was built with COPY . . and no .dockerignore",
                "A rule against dot files was lost when the web server was replaced",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
