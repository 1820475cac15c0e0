//! What stands in an HTML document that matters here: policies in `<meta>`, scripts and where they are. By the tokenizer of
//! the HTML standard; a tree is not needed, and what is not HTML is no error.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use url::Url;

/// Scripts that one document may name before the rest is counted only.
const MOST_SCRIPTS: usize = 100;

/// Policies that one document may hold before the rest is left out.
const MOST_POLICIES: usize = 10;

/// Attributes that matter are this long at most.
const LONGEST_VALUE: usize = 16 * 1024;

/// What stands in a document.
#[derive(Debug, Default)]
pub struct Document {
    /// The texts of `<meta http-equiv="Content-Security-Policy">`, in order.
    pub policies: Vec<String>,
    /// Scripts that it loads, in order, each once.
    pub scripts: Vec<Url>,
    /// Scripts that stand in it.
    pub inline: Vec<String>,
    /// How many more scripts it names than are listed.
    pub more: usize,
}

impl Document {
    /// Whether it runs any script at all.
    pub fn runs_scripts(&self) -> bool {
        !self.scripts.is_empty() || !self.inline.is_empty()
    }
}

/// Reads a document that was served at this URL.
pub fn read(html: &str, url: &Url) -> Document {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut reading = Reading {
        base: None,
        url,
        script: false,
        unscripted: 0,
        in_body: false,
        found: Document::default(),
    };
    for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
        match token {
            Token::StartTag(tag) => reading.opened(&tag),
            Token::EndTag(tag) => reading.closed(&tag.name),
            Token::String(text) if reading.script => reading.said(&text),
            _ => {}
        }
    }
    reading.found
}

struct Reading<'u> {
    base: Option<Url>,
    url: &'u Url,
    /// Whether what follows is the text of a script.
    script: bool,
    /// How deep in what a browser with scripts does not read.
    unscripted: usize,
    in_body: bool,
    found: Document,
}

impl Reading<'_> {
    fn opened(&mut self, tag: &StartTag<()>) {
        self.script = false;
        match &*tag.name.0 {
            b"noscript" | b"template" => self.unscripted += 1,
            _ if self.unscripted > 0 => {}
            b"body" => self.in_body = true,
            b"base" if self.base.is_none() => {
                self.base = value(tag, b"href").and_then(|href| self.url.join(&href).ok());
            }
            b"meta" if !self.in_body => self.meta(tag),
            b"script" => self.opened_script(tag),
            b"link" => {
                let is =
                    |wanted: &str, name| value(tag, name).is_some_and(|it| it.eq_ignore_ascii_case(wanted));
                if is("modulepreload", b"rel") || is("preload", b"rel") && is("script", b"as") {
                    self.load(value(tag, b"href"));
                }
            }
            _ => {}
        }
    }

    fn closed(&mut self, name: &[u8]) {
        self.script = false;
        match name {
            b"noscript" | b"template" => self.unscripted = self.unscripted.saturating_sub(1),
            b"head" => self.in_body = true,
            _ => {}
        }
    }

    /// A policy counts in the head alone (CSP §3.3).
    fn meta(&mut self, tag: &StartTag<()>) {
        let name = value(tag, b"http-equiv").unwrap_or_default();
        if name.trim().eq_ignore_ascii_case("content-security-policy")
            && self.found.policies.len() < MOST_POLICIES
        {
            self.found.policies.extend(value(tag, b"content"));
        }
    }

    fn opened_script(&mut self, tag: &StartTag<()>) {
        let kind = value(tag, b"type").unwrap_or_default().to_ascii_lowercase();
        // Linked data names vocabularies, and import maps name modules: neither names an API.
        if kind.contains("ld+json") || kind == "importmap" || kind == "speculationrules" {
            return;
        }
        match value(tag, b"src") {
            Some(source) => self.load(Some(source)),
            None => self.script = true,
        }
    }

    fn load(&mut self, source: Option<String>) {
        let base = self.base.as_ref().unwrap_or(self.url);
        let Some(url) = source.and_then(|source| base.join(source.trim()).ok()) else {
            return;
        };
        if self.found.scripts.contains(&url) {
        } else if self.found.scripts.len() < MOST_SCRIPTS {
            self.found.scripts.push(url);
        } else {
            self.found.more += 1;
        }
    }

    fn said(&mut self, text: &[u8]) {
        if text.iter().all(u8::is_ascii_whitespace) {
        } else if self.found.inline.len() < MOST_SCRIPTS {
            let text = String::from_utf8_lossy(text).into_owned();
            self.found.inline.push(text);
        } else {
            self.found.more += 1;
        }
    }
}

/// An attribute, when there is one of a length that means something.
fn value(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    let (_, value) = tag.attributes.iter().find(|(own, _)| &*own.0 == name)?;
    (value.len() <= LONGEST_VALUE).then(|| String::from_utf8_lossy(value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(html: &str) -> Document {
        read(html, &Url::parse("https://app.example/record").unwrap())
    }

    fn scripts(html: &str) -> Vec<String> {
        document(html).scripts.iter().map(Url::to_string).collect()
    }

    #[test]
    fn scripts_are_found_where_a_browser_finds_them() {
        let html = r#"<!doctype html><html><head>
            <base href="/v2/"><LINK rel=modulepreload HREF='vendor.js'>
            <link rel=preload as=script href=/pre.js><link rel=preload as=style href=/x.css>
            <script type=module crossorigin src="index.js"></script><script src="index.js"></script>
            <script src="https://cdn.example/a.js" defer></script>
            <!-- <script src="old.js"></script> --><noscript><script src="never.js"></script></noscript></head>"#;
        assert_eq!(
            scripts(html),
            [
                "https://app.example/v2/vendor.js",
                "https://app.example/pre.js",
                "https://app.example/v2/index.js",
                "https://cdn.example/a.js"
            ]
        );
    }

    #[test]
    fn what_a_script_holds_is_no_markup() {
        let html = r#"<script>let s = "<script src='no.js'>"; const api = "https://api.example";</script>
            <script type="application/ld+json">{"@context":"https://schema.org"}</script>
            <script id=data type="application/json">{"api":"https://api.example"}</script><script> </script>"#;
        let found = document(html);
        assert_eq!((found.inline.len(), found.scripts.len()), (2, 0));
        assert!(found.runs_scripts() && found.inline[1].starts_with("{\"api\""));
        assert!(!document("<h1>Welcome to nginx</h1>").runs_scripts());
    }

    #[test]
    fn a_policy_counts_in_the_head_alone() {
        let policy = r#"<meta http-equiv="Content-Security-Policy" content="connect-src 'self'">"#;
        assert_eq!(document(policy).policies, ["connect-src 'self'"]);
        for elsewhere in [
            format!("<head></head><body>{policy}"),
            format!("<noscript>{policy}</noscript>"),
            format!("<!-- {policy} -->"),
            policy.replace("Policy", "Policy-Report-Only"),
        ] {
            assert_eq!(document(&elsewhere).policies, [""; 0], "{elsewhere}");
        }
    }

    #[test]
    fn a_document_of_nothing_but_scripts_and_one_that_is_broken_stay_bounded() {
        let many: String = (0..10_000)
            .map(|n| format!("<script src=/{n}.js></script>"))
            .collect();
        let found = document(&many);
        assert_eq!(
            (found.scripts.len(), found.more),
            (MOST_SCRIPTS, 10_000 - MOST_SCRIPTS)
        );
        for broken in [
            "<script",
            "<script src=",
            "<meta http-equiv=",
            "<<<>>><base href='::'>",
            "<script>let",
        ] {
            let _ = document(broken);
        }
    }
}
