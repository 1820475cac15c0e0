//! The matrix as one page that needs nothing else: no script, no asset, light and dark.

use crate::model::matrix::{Kind, Matrix, Row};
use crate::report::matrix::{mark, summary};

const STYLE: &str = "\
:root{color-scheme:light dark;--good:#1a7f37;--bad:#cf222e;--line:#8884}\
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}\
code{font-family:ui-monospace,monospace;font-size:.9em}.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}\
@media(prefers-color-scheme:dark){:root{--good:#3fb950;--bad:#ff7b72}}";

pub(super) fn render(matrix: &Matrix) -> String {
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Kill matrix: {}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>The kill matrix</h1>\n<ul>\n",
        escaped(&matrix.killed().to_string())
    );
    for line in summary(matrix) {
        text.push_str(&format!("<li>{}</li>\n", escaped(&line)));
    }
    text.push_str("</ul>\n");
    for kind in [Kind::Fault, Kind::Compound, Kind::LookAlike] {
        table(&mut text, matrix, kind);
    }
    not_shown(&mut text, matrix);
    stories(&mut text, matrix);
    text.push_str("</body>\n</html>\n");
    text
}

fn not_shown(text: &mut String, matrix: &Matrix) {
    if matrix.not_shown.is_empty() {
        return;
    }
    open(text, "Not shown here", &["entry", "", "why"]);
    for entry in &matrix.not_shown {
        let (id, reason) = (escaped(&entry.id), escaped(&entry.reason));
        text.push_str(&format!(
            "<tr><th scope=\"row\"><code>{id}</code></th><td>{}</td><td>{reason}</td></tr>\n",
            entry.why.words()
        ));
    }
    text.push_str("</tbody>\n</table>\n");
}

/// The bugs that really happened, and the faults that show them.
fn stories(text: &mut String, matrix: &Matrix) {
    if matrix.stories.is_empty() {
        return;
    }
    let columns = &["", "commit", "what happened", "shown by"];
    open(text, "The bugs that really happened", columns);
    for story in &matrix.stories {
        let faults = story.shown_by.iter();
        let faults: Vec<String> = faults.map(|id| format!("<code>{}</code>", escaped(id))).collect();
        let shown = match &story.not_shown {
            Some(reason) => format!("not shown: {}", escaped(reason)),
            None => faults.join(", "),
        };
        text.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td><code>{}</code></td><td>{}</td><td>{shown}</td></tr>\n",
            story.number,
            escaped(&story.commit),
            escaped(&story.sentence)
        ));
    }
    text.push_str("</tbody>\n</table>\n");
}

/// Begins a table under a heading.
fn open(text: &mut String, heading: &str, columns: &[&str]) {
    let head: String = columns
        .iter()
        .map(|column| format!("<th scope=\"col\">{column}</th>"))
        .collect();
    text.push_str(&format!(
        "<h2>{heading}</h2>\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n"
    ));
}

fn table(text: &mut String, matrix: &Matrix, kind: Kind) {
    let rows: Vec<&Row> = matrix.of(kind).collect();
    if rows.is_empty() {
        return;
    }
    let columns: &[&str] = match kind {
        Kind::LookAlike => &["look-alike", "result", "what it is"],
        Kind::Fault | Kind::Compound => &[
            "fault",
            "result",
            "what it is",
            "named",
            "found by",
            "in production",
        ],
    };
    open(text, kind.heading(), columns);
    rows.iter().for_each(|row| text.push_str(&line(row)));
    text.push_str("</tbody>\n</table>\n");
}

fn line(row: &Row) -> String {
    let class = if row.wrong.is_empty() { "good" } else { "bad" };
    let wrong: String = row
        .wrong
        .iter()
        .map(|wrong| format!("<br><span class=\"bad\">{}</span>", escaped(wrong)))
        .collect();
    let mut text = format!(
        "<tr><th scope=\"row\"><code>{}</code></th><td class=\"{class}\">{}</td><td>{}{wrong}</td>",
        escaped(&row.id),
        mark(row),
        escaped(&row.sentence)
    );
    if row.kind != Kind::LookAlike {
        let production = match row.in_production {
            Some(true) => "found",
            Some(false) => "unproven",
            None => "",
        };
        let cause = row.causes.first().map_or("", String::as_str);
        text.push_str(&format!(
            "<td>{}</td><td>{}</td><td>{production}</td>",
            escaped(cause),
            escaped(&row.found.join(", "))
        ));
    }
    text.push_str("</tr>\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
