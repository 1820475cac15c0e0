//! `docs/at-two-in-the-morning.md`, done as it says: its commands against the broken service, and its output is what is seen.

use orchestrate::faults::id::FaultId;

use crate::binary::{greenlight_in, ran};
use crate::service::Service;
use crate::shown::{blocks, hold, words};

/// The page.
pub(crate) const NIGHT: &str = "docs/at-two-in-the-morning.md";

/// The address on the page.
const THERE: &str = "http://127.0.0.1:8123/api/v3";

#[tokio::test(flavor = "multi_thread")]
async fn the_page_on_the_night_says_what_happens() {
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let [_, first, second] = blocks(NIGHT, "sh").try_into().unwrap();
    let [_, nothing, all] = blocks(NIGHT, "text").try_into().unwrap();
    // Nobody's profile lies there.
    let directory = tempfile::tempdir().unwrap();
    for (command, code, block) in [(first, 3, nothing), (second, 1, all)] {
        let typed = words(&command.replace(THERE, &service.url()));
        let arguments = typed.iter().skip(1).map(String::as_str);
        let mut program = greenlight_in(directory.path(), arguments);
        program.env("GL_T", &service.token);
        let ran = ran(program).await;
        assert_eq!(ran.code, code, "{ran:#?}");
        hold(NIGHT, &block, &format!("{}{}", ran.err, ran.out));
    }
}
