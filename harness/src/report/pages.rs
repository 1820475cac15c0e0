//! Where the pages of checks and causes are published, which every finding and cause links to. A build that is not published
//! anywhere names the command instead that says the same: `greenlight explain ID`.

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

    /// The way to the page of a check or rule: its address, else the command that prints it.
    pub fn way_to_check(&self, id: &str) -> Option<String> {
        self.check(id).or_else(|| explain(id))
    }

    /// The way to the page of a cause: its address, else the command that prints it.
    pub fn way_to_cause(&self, id: &str) -> Option<String> {
        self.cause(id).or_else(|| explain(id))
    }

    /// The page of an id, where there are pages.
    fn page(&self, folder: &str, id: &str) -> Option<String> {
        (is_ours(id) && !self.0.is_empty()).then(|| format!("{}/{folder}/{id}.md", self.0))
    }
}

/// The command that prints what the page of an id holds.
fn explain(id: &str) -> Option<String> {
    is_ours(id).then(|| format!("greenlight explain {id}"))
}

/// An id of ours has no other characters; whatever else stands there comes from a file, and leads nowhere.
fn is_ours(id: &str) -> bool {
    let ours = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'/');
    !id.is_empty() && !id.starts_with('-') && id.bytes().all(ours)
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
        for odd in ["", "../../x", "a b", "x\">", "X", "--help"] {
            assert_eq!(pages.cause(odd), None, "{odd}");
            assert_eq!(Pages("").way_to_check(odd), None, "{odd}");
        }
        assert_eq!(Pages("").check("cors/readable"), None);
    }

    #[test]
    fn without_pages_a_command_says_the_same() {
        let (published, nowhere) = (Pages("https://forge.example/docs"), Pages(""));
        assert_eq!(
            published.way_to_check("cors/readable"),
            published.check("cors/readable")
        );
        assert_eq!(published.way_to_cause("crashes"), published.cause("crashes"));
        let command = |id| Some(format!("greenlight explain {id}"));
        assert_eq!(nowhere.way_to_check("cors/readable"), command("cors/readable"));
        assert_eq!(nowhere.way_to_cause("crashes"), command("crashes"));
    }
}
