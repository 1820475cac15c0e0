//! Whether a page may use the microphone (Permissions Policy §4 and §9.8): a list in a header, in the syntax of structured
//! fields (RFC 9651). Without a word about it the page itself may.

use sfv::{BareItem, Dictionary, Item, ListEntry, Parser};
use url::Url;

use crate::model::page::SeenPage;

/// The feature's name.
const MICROPHONE: &str = "microphone";

/// What the header says of the microphone, as it was served, when that keeps the page from it.
pub fn forbids_microphone(page: &SeenPage) -> Option<String> {
    // One line that cannot be read takes all of them with it (RFC 9651 §4.2).
    let all = page.permissions.join(", ");
    let policy: Dictionary = Parser::new(&all).parse().ok()?;
    let entry = policy.get(MICROPHONE)?;
    let url = Url::parse(&page.url).ok()?;
    let allows = match entry {
        ListEntry::Item(item) => names(item, &url),
        ListEntry::InnerList(list) => list.items.iter().any(|item| names(item, &url)),
    };
    (!allows).then(|| as_served(&all))
}

/// Whether a member of the list is the page.
fn names(item: &Item, page: &Url) -> bool {
    match &item.bare_item {
        BareItem::Token(token) => matches!(token.as_str(), "*" | "self"),
        BareItem::String(text) => {
            Url::parse(text.as_str()).is_ok_and(|listed| listed.origin() == page.origin())
        }
        _ => false,
    }
}

/// The member of the header that speaks of the microphone.
fn as_served(all: &str) -> String {
    let at = all.rfind(MICROPHONE).unwrap_or(0);
    let rest = &all[at..];
    let end = rest.find(')').map(|at| at + 1).or_else(|| rest.find(','));
    rest[..end.unwrap_or(rest.len())].trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::testing::page;

    fn forbidden(lines: &[&str]) -> Option<String> {
        let mut page = page();
        page.permissions = lines.iter().map(|line| (*line).to_owned()).collect();
        forbids_microphone(&page)
    }

    #[test]
    fn a_list_without_the_page_forbids_it() {
        for (line, told) in [
            ("microphone=()", "microphone=()"),
            ("camera=(), microphone=(), geolocation=(self)", "microphone=()"),
            (
                r#"microphone=("https://meet.example")"#,
                r#"microphone=("https://meet.example")"#,
            ),
            ("microphone=none", "microphone=none"),
        ] {
            assert_eq!(forbidden(&[line]).as_deref(), Some(told), "{line}");
        }
        assert!(forbidden(&["camera=()", "microphone=()"]).is_some());
    }

    #[test]
    fn a_list_with_the_page_or_none_at_all_does_not() {
        for lines in [
            &[][..],
            &["camera=()"],
            &["microphone=(self)"],
            &["microphone=*"],
            &["microphone=self"],
            &[r#"microphone=(self "https://meet.example")"#],
            &[r#"microphone=("https://app.example")"#],
            // The later one counts.
            &["microphone=()", "microphone=(self)"],
            // Browsers ignore what they cannot read, all of it.
            &["microphone=(), camera 'none'"],
            &["microphone 'none'"],
        ] {
            assert_eq!(forbidden(lines), None, "{lines:?}");
        }
    }
}
