//! A page by hand, for the tests of what judges pages.

use crate::model::page::{Mention, SeenPage};
use crate::model::probe::Origin;

/// A page that was read at `https://app.example/record`, with one script that names nobody.
pub(crate) fn page() -> SeenPage {
    SeenPage {
        status: Some(200),
        scripts: vec!["https://app.example/index.js".into()],
        requests: 2,
        ..SeenPage::unseen(
            Origin("https://app.example".into()),
            "https://app.example/record".into(),
        )
    }
}

/// The same, with a script in which this stands.
pub(crate) fn naming(text: &str) -> SeenPage {
    let mut page = page();
    let script = page.scripts[0].clone();
    let mut found: Vec<Mention> = Vec::new();
    crate::page::script::mentions(text, &script, &mut found);
    page.mentions = found;
    page.listens = crate::page::script::listens(text, &script);
    page
}
