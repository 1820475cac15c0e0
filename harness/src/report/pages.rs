//! Where the pages of checks and causes are published, which every finding and cause links to. A build that is not published
//! anywhere links to nothing: `greenlight explain ID` says the same.

/// Where the folder `docs/` of this very source can be read: what the release sets, else the repository's main branch.
const DOCS: &str = match option_env!("GREENLIGHT_DOCS") {
    Some(docs) => docs,
    None if env!("CARGO_PKG_REPOSITORY").is_empty() => "",
    None => concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs"),
};

/// The published pages; empty when there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pages<'p>(pub &'p str);

impl Pages<'_> {
    /// Those of this build.
    pub const PUBLISHED: Pages<'static> = Pages(DOCS);

    /// The page of a check or rule.
    pub fn check(&self, id: &str) -> Option<String> {
        self.page("checks", id)
    }

    /// The page of a cause.
    pub fn cause(&self, id: &str) -> Option<String> {
        self.page("causes", id)
    }

    /// An id of ours has no other characters; whatever else stands there comes from a file, and leads nowhere.
    fn page(&self, folder: &str, id: &str) -> Option<String> {
        let ours =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'/');
        let is_ours = !id.is_empty() && id.bytes().all(ours);
        (is_ours && !self.0.is_empty()).then(|| format!("{}/{folder}/{id}.md", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_ours_have_a_page() {
        let pages = Pages("https://forge.example/docs");
        assert_eq!(
            pages.check("cors/readable").as_deref(),
            Some("https://forge.example/docs/checks/cors/readable.md")
        );
        assert_eq!(
            pages.cause("crashes").as_deref(),
            Some("https://forge.example/docs/causes/crashes.md")
        );
        for odd in ["", "../../x", "a b", "x\">", "X"] {
            assert_eq!(pages.cause(odd), None, "{odd}");
        }
        assert_eq!(Pages("").check("cors/readable"), None);
    }
}
