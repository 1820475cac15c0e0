//! Whether an answer tells caches what it depends on (RFC 9110 §12.5.5). An answer chosen by `Origin` that does not say so
//! reaches the wrong page through any cache in between (RFC 9111 §4.1).

use crate::cors::header::{HeaderList, sorted_lowercase_set};
use crate::model::capture::Octets;

/// What an answer says that it varies on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vary {
    /// No `Vary` at all.
    Absent,
    /// `*`: on anything, so that no cache may use it again.
    Any,
    /// On these request headers: lower case, sorted, each once. May be empty.
    On(Vec<String>),
}

impl Vary {
    /// Whether it varies on this request header.
    pub fn covers(&self, name: &str) -> bool {
        match self {
            Vary::Absent => false,
            Vary::Any => true,
            Vary::On(names) => names.iter().any(|found| found.eq_ignore_ascii_case(name)),
        }
    }
}

/// Reads `Vary` (RFC 9110 §12.5.5), every header of that name together; elements that are no name are left out, as caches do.
pub fn vary(headers: &[(Octets, Octets)]) -> Vary {
    let Some(elements) = HeaderList(headers).get_decode_and_split("vary") else {
        return Vary::Absent;
    };
    if elements.iter().any(|element| element == "*") {
        return Vary::Any;
    }
    Vary::On(sorted_lowercase_set(
        elements
            .into_iter()
            .filter(|element| crate::cors::header::is_token(element.as_bytes())),
    ))
}

/// Whether the answer says that it depends on `Origin`.
pub fn varies_on_origin(headers: &[(Octets, Octets)]) -> bool {
    vary(headers).covers("origin")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cors::check::tests::{any_headers, list};

    #[test]
    fn reads_every_form_of_vary() {
        let on = |names: &[&str]| Vary::On(names.iter().map(|name| (*name).to_owned()).collect());
        for (pairs, expected, origin) in [
            (vec![], Vary::Absent, false),
            (vec![("vary", "")], on(&[]), false),
            (vec![("Vary", "Origin")], on(&["origin"]), true),
            (vec![("vary", "ORIGIN")], on(&["origin"]), true),
            (
                vec![("vary", "Accept-Encoding"), ("VARY", "origin, origin")],
                on(&["accept-encoding", "origin"]),
                true,
            ),
            (vec![("vary", "Accept-Encoding")], on(&["accept-encoding"]), false),
            (vec![("vary", "*")], Vary::Any, true),
            (vec![("vary", "accept, *")], Vary::Any, true),
            (vec![("vary", "x-origin")], on(&["x-origin"]), false),
            (vec![("vary", "origin accept")], on(&[]), false),
            (vec![("vary", "\"origin\"")], on(&[]), false),
            (vec![("not-vary", "origin")], Vary::Absent, false),
        ] {
            let headers = list(&pairs);
            assert_eq!(vary(&headers), expected, "{pairs:?}");
            assert_eq!(varies_on_origin(&headers), origin, "{pairs:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(raw in any_headers()) {
            let found = vary(&raw);
            prop_assert_eq!(found == Vary::Absent, !HeaderList(&raw).contains("vary"));
        }
    }
}
