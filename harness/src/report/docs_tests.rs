//! `docs/formats.md` shows what each format really looks like, so it is written by the formats themselves.
//! `GREENLIGHT_BLESS=1 cargo test -p greenlight --lib report::docs` writes it anew.

use std::path::PathBuf;

use crate::report::fixtures::{broken, traffic};
use crate::report::format::{self, Finished, Format};
use crate::report::human::page::Style;
use crate::report::markdown::words::block;

const INTRODUCTION: &str = "\
# Formats

What `--format NAME` of `greenlight verify`, `diagnose` and `replay` can write. Written by the formats themselves from one made-up
run; do not edit: `GREENLIGHT_BLESS=1 cargo test -p greenlight --lib report::docs` writes it anew.

`--format` may be given again, and `=PATH` writes a file: `--format human --format junit=greenlight.xml --format html=report.html`.
One format that is not for people may go to standard output; people then read standard error. Whatever the format, the exit code
is the same, a recording renders again as it did (`greenlight replay incident.json --format html=report.html`), no secret is in
any of them, and nothing that the service sent can steer a terminal, break a document or be obeyed by a CI system.

`--quiet` says the headline with its word and nothing else, on `wait`, `diff` and `lint` too; files, and what a machine reads on standard
output, stay whole. On a terminal a page is as wide as the terminal (`COLUMNS` comes first) and in colour, unless `NO_COLOR` is set,
and a line that moves says how far the run is; anywhere else it is 100 columns wide, without colour and without that line.

`--bundle FILE.tar.gz` writes human, json, html, incident and har at once, with the recording, a waterfall as text and the
environment, for its owner to read alone (mode 0600). `greenlight replay` reads a recording, such a bundle, and the HAR that a browser
exported; what a browser hid from its page is judged there, and what the export does not hold is named under *absent*.
";

const ENDING: &str = "
## In a pipeline

GitHub Actions: `github` writes at most ten annotations (causes, what has none, and one for what is waived) and, where `$GITHUB_STEP_SUMMARY` names a file, adds the Markdown page to the summary of
the job. `sarif` goes to code scanning.

```yaml
- run: greenlight verify \"$URL\" --format github --format sarif=greenlight.sarif --format html=greenlight.html
- if: always()
  uses: github/codeql-action/upload-sarif@v3
  with: { sarif_file: greenlight.sarif, category: greenlight }
- if: always()
  uses: actions/upload-artifact@v4
  with: { name: greenlight, path: greenlight.html }
```

GitLab:

```yaml
verify:
  script: greenlight verify \"$URL\" --format junit=greenlight.xml --format code-quality=gl-code-quality-report.json
  artifacts:
    when: always
    reports: { junit: greenlight.xml, codequality: gl-code-quality-report.json }
```
";

/// Where the part that is shown begins, how many lines of it are shown, and what it is written in.
fn shown(format: Format) -> (&'static str, usize, &'static str) {
    match format {
        Format::Human => ("FAIL", 12, "text"),
        Format::Short | Format::Github => ("", 20, "text"),
        Format::Json => ("  \"headline\"", 12, "json"),
        Format::Jsonl => ("{\"event\":\"exchange\"", 2, "json"),
        Format::Junit => ("    <testsuite name=\"CORS\"", 14, "xml"),
        Format::Tap => ("", 12, "text"),
        Format::Sarif => ("          \"level\"", 30, "json"),
        Format::CodeQuality => ("", 13, "json"),
        Format::Markdown => ("", 24, "markdown"),
        Format::Html => ("<h1>", 1, "html"),
        Format::Har => ("        \"startedDateTime\"", 16, "json"),
        Format::Incident => ("", 32, "markdown"),
        Format::DeploymentNote => ("## What was NOT", 8, "markdown"),
    }
}

fn part(format: Format) -> String {
    let (run, recording) = (broken::missing_await(), traffic::recording());
    let text =
        format::render(format, Finished::new(&run, &recording), Style::default()).replace("><", ">\n<");
    let (from, most, language) = shown(format);
    let lines = text
        .lines()
        .skip_while(|line| !line.starts_with(from))
        .map(str::to_owned);
    let lines: Vec<String> = lines.take(most).collect();
    assert!(
        !lines.is_empty(),
        "{format:?} has no line that begins with {from:?}"
    );
    block(language, &lines)
}

fn page() -> String {
    let rows: String = Format::ALL
        .iter()
        .map(|format| format!("| [`{0}`](#{0}) | {1} |\n", format.name(), format.what()))
        .collect();
    let parts: String = Format::ALL
        .iter()
        .map(|format| format!("\n## {}\n\n{}\n", format.name(), part(*format)))
        .map(|part| part.replace("```\n\n", "```\n"))
        .collect();
    format!("{INTRODUCTION}\n| format | what it is |\n|---|---|\n{rows}{parts}{ENDING}")
}

#[test]
fn the_page_of_formats_is_what_the_formats_write() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/formats.md");
    let page = page();
    if std::env::var_os("GREENLIGHT_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = page.lines().zip(kept.lines()).find(|(new, old)| new != old);
    assert!(
        page == kept,
        "docs/formats.md is out of date; GREENLIGHT_BLESS=1 cargo test -p greenlight --lib report::docs writes it anew\n{differs:?}"
    );
}
