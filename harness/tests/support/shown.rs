//! What a page of `docs/` shows, held against what is said: commands are run as they stand there.

use std::path::Path;

use regex::Regex;

/// A file of the repository.
pub(crate) fn read(path: &str) -> String {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// The fenced blocks of a kind in a page, in their order.
pub(crate) fn blocks(page: &str, kind: &str) -> Vec<String> {
    let text = read(page);
    let open = format!("```{kind}\n");
    let inside = |part: &str| part.split("```").next().unwrap().to_owned();
    text.split(&open).skip(1).map(inside).collect()
}

/// The same words, without what no two runs share: ports, times, durations and request ids. How the lines break is not told,
/// since a duration may be a digit longer.
fn telling(text: &str) -> String {
    let unlike = [
        (r"(127\.0\.0\.1|localhost):\d+", "HOST:PORT"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "TIME"),
        (r"\d\d:\d\d:\d\dZ", "TIME"),
        (r"\bgl-[0-9a-f]+(-\d+)+", "ID"),
        (r"\b(\d+ ms|\d+\.\d+ s)(\s|$)", "DURATION "),
    ];
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = unlike.iter().fold(words, |text, (of, to)| {
        Regex::new(of).unwrap().replace_all(&text, *to).into_owned()
    });
    told.trim().to_owned()
}

/// Holds a block of a page, in parts between lines that say "…", against what was said.
pub(crate) fn hold(page: &str, block: &str, said: &str) {
    let real = telling(said);
    let mut from = 0;
    for part in block.split("\n…\n") {
        let part = telling(part);
        let at = real[from..].find(&part);
        assert!(at.is_some(), "{page} shows\n{part}\nand what was said is\n{said}");
        from += at.unwrap() + part.len();
    }
}

/// The words of a command, between blanks and single quotes.
pub(crate) fn words(command: &str) -> Vec<String> {
    let word = Regex::new(r"'([^']*)'|(\S+)").unwrap();
    let words = word.captures_iter(command.trim());
    words
        .map(|word| word.get(1).or(word.get(2)).unwrap().as_str().to_owned())
        .collect()
}
