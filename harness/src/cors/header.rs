//! Header lists as Fetch §2.2.2 reads them: names without regard to case, repeated headers combined.

use crate::model::capture::Octets;

/// A view of raw header pairs as a header list (Fetch §2.2.2).
#[derive(Debug, Clone, Copy)]
pub struct HeaderList<'a>(pub &'a [(Octets, Octets)]);

/// A header whose value does not match the ABNF of its name (Fetch §2.2.2, extract header values: failure).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// The first value that does not match, isomorphically decoded.
    pub value: String,
}

impl<'a> HeaderList<'a> {
    /// Whether a header of this name is there (Fetch §2.2.2, contains).
    pub fn contains(self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// The normalised values of every header of this name, in order.
    pub fn values(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.0
            .iter()
            .filter(move |(found, _)| is_name(&found.0, name))
            .map(|(_, value)| normalize(&value.0))
    }

    /// All values of this name, joined by `, ` (Fetch §2.2.2, get), isomorphically decoded: one code point per byte.
    pub fn get(self, name: &str) -> Option<String> {
        let values: Vec<String> = self.values(name).map(decode).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The value of this name, split at commas outside quoted strings (Fetch §2.2.2, get, decode, and split).
    pub fn get_decode_and_split(self, name: &str) -> Option<Vec<String>> {
        self.get(name).map(|value| decode_and_split(&value))
    }

    /// The values of a header whose ABNF is a list of tokens (Fetch §2.2.2, extract header list values; §3.3.4): `None`
    /// when it is not there, failure when one element is no token. Empty elements are skipped (RFC 9110 §5.6.1.2).
    pub fn extract_tokens(self, name: &str) -> Result<Option<Vec<String>>, Malformed> {
        if !self.contains(name) {
            return Ok(None);
        }
        let mut tokens = Vec::new();
        for value in self.values(name) {
            for element in value.split(|byte| *byte == b',').map(trim_tab_or_space) {
                if element.is_empty() {
                    continue;
                }
                if !is_token(element) {
                    return Err(Malformed { value: decode(value) });
                }
                tokens.push(decode(element));
            }
        }
        Ok(Some(tokens))
    }

    /// The lower-case names, sorted, each once (Fetch §2.2.2, convert header names to a sorted-lowercase set).
    pub fn names(self) -> Vec<String> {
        sorted_lowercase_set(self.0.iter().map(|(name, _)| name))
    }
}

/// Byte-case-insensitive match (Infra §4.4) of bytes with an isomorphically decoded name.
fn is_name(found: &[u8], name: &str) -> bool {
    found.len() == name.chars().count()
        && found
            .iter()
            .zip(name.chars())
            .all(|(byte, next)| char::from(*byte).eq_ignore_ascii_case(&next))
}

/// Lower-cases, sorts and deduplicates names (Fetch §2.2.2, convert header names to a sorted-lowercase set).
pub fn sorted_lowercase_set<N: AsRef<[u8]>>(names: impl IntoIterator<Item = N>) -> Vec<String> {
    let set: std::collections::BTreeSet<Vec<u8>> = names
        .into_iter()
        .map(|name| name.as_ref().to_ascii_lowercase())
        .collect();
    set.iter().map(|name| decode(name)).collect()
}

/// Removes leading and trailing HTTP whitespace: tab, line feed, carriage return, space (Fetch §2.2.2, normalize).
pub fn normalize(value: &[u8]) -> &[u8] {
    trim(value, |byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '))
}

/// One code point per byte (Infra §4.6, isomorphic decode).
pub fn decode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Whether these bytes are a token (RFC 9110 §5.6.2), as methods and field names are.
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| is_tchar(*byte))
}

fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn trim_tab_or_space(value: &[u8]) -> &[u8] {
    trim(value, |byte| matches!(byte, b'\t' | b' '))
}

fn trim(value: &[u8], space: impl Fn(u8) -> bool) -> &[u8] {
    let start = value.iter().position(|byte| !space(*byte)).unwrap_or(value.len());
    let end = value
        .iter()
        .rposition(|byte| !space(*byte))
        .map_or(start, |last| last + 1);
    value.get(start..end).unwrap_or_default()
}

/// Splits a decoded value at commas outside quoted strings (Fetch §2.2.2, get, decode, and split a header value).
pub fn decode_and_split(value: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut current = String::new();
    let mut chars = value.chars();
    let mut quoted = false;
    while let Some(next) = chars.next() {
        match next {
            '"' => quoted = !quoted,
            '\\' if quoted => {
                current.push(next);
                current.extend(chars.next());
                continue;
            }
            ',' if !quoted => {
                values.push(trim_text(&current));
                current.clear();
                continue;
            }
            _ => {}
        }
        current.push(next);
    }
    values.push(trim_text(&current));
    values
}

fn trim_text(text: &str) -> String {
    text.trim_matches(['\t', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(pairs: &[(&str, &str)]) -> Vec<(Octets, Octets)> {
        pairs
            .iter()
            .map(|(name, value)| (Octets::from(*name), Octets::from(*value)))
            .collect()
    }

    #[test]
    fn gets_repeated_headers_combined_whatever_the_case_of_their_names() {
        let raw = list(&[("A", " x\t"), ("b", "other"), ("a", "y\r\n"), ("A", "")]);
        assert_eq!(HeaderList(&raw).get("a").as_deref(), Some("x, y, "));
        assert_eq!(HeaderList(&raw).get("c"), None);
        assert!(HeaderList(&raw).contains("B"));
        assert_eq!(HeaderList(&raw).names(), ["a", "b"]);
    }

    #[test]
    fn a_backslash_escapes_only_inside_quotes() {
        assert_eq!(decode_and_split(r"a\,b"), [r"a\", "b"]);
        assert_eq!(decode_and_split(r#""a\",b",c"#), [r#""a\",b""#, "c"]);
    }

    #[test]
    fn splits_as_the_examples_of_the_standard_say() {
        for (pairs, expected) in [
            (vec![("A", "nosniff,")], Some(vec!["nosniff", ""])),
            (
                vec![("A", "nosniff"), ("B", "sniff"), ("A", "")],
                Some(vec!["nosniff", ""]),
            ),
            (vec![("A", ""), ("B", "sniff")], Some(vec![""])),
            (vec![("B", "sniff")], None),
            (vec![("A", "text/html;\", x/x")], Some(vec!["text/html;\", x/x"])),
            (
                vec![("A", "text/html;\""), ("A", "x/x")],
                Some(vec!["text/html;\", x/x"]),
            ),
            (
                vec![("A", "x/x;test=\"hi\",y/y")],
                Some(vec!["x/x;test=\"hi\"", "y/y"]),
            ),
            (vec![("A", "x / x,,,1")], Some(vec!["x / x", "", "", "1"])),
            (
                vec![("A", "x / x"), ("A", ","), ("A", "1")],
                Some(vec!["x / x", "", "", "1"]),
            ),
            (vec![("A", "\"1,2\", 3")], Some(vec!["\"1,2\"", "3"])),
            (vec![("A", "\"a\\\",b\", c")], Some(vec!["\"a\\\",b\"", "c"])),
        ] {
            let raw = list(&pairs);
            let expected = expected.map(|values| values.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(HeaderList(&raw).get_decode_and_split("a"), expected, "{pairs:?}");
        }
    }

    #[test]
    fn extracts_tokens_and_fails_on_anything_else() {
        for (value, expected) in [
            ("GET, PUT", Some(vec!["GET", "PUT"])),
            ("GET,,\t PUT ,", Some(vec!["GET", "PUT"])),
            ("", Some(vec![])),
            ("*", Some(vec!["*"])),
            ("GET PUT", None),
            ("GET; PUT", None),
            ("\"GET\"", None),
            ("[GET]", None),
            ("GET, P\u{dc}T", None),
        ] {
            let raw = vec![(
                Octets::from("m"),
                Octets(value.chars().map(|c| c as u8).collect::<Vec<_>>().into()),
            )];
            let extracted = HeaderList(&raw).extract_tokens("M");
            let expected = expected.map(|tokens| tokens.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(extracted.ok().flatten(), expected, "{value:?}");
        }
        assert_eq!(HeaderList(&[]).extract_tokens("m"), Ok(None));
        let raw = list(&[("m", "GET"), ("m", "a b")]);
        assert_eq!(
            HeaderList(&raw).extract_tokens("m"),
            Err(Malformed { value: "a b".into() })
        );
    }

    proptest! {
        #[test]
        fn reads_any_bytes_without_a_panic(raw in crate::cors::check::tests::any_headers()) {
            let headers = HeaderList(&raw);
            for name in headers.names() {
                let joined = headers.get(&name).unwrap();
                prop_assert_eq!(headers.get_decode_and_split(&name).unwrap().is_empty(), false);
                if let Ok(Some(tokens)) = headers.extract_tokens(&name) {
                    prop_assert!(tokens.iter().all(|token| joined.contains(token.as_str())));
                }
            }
        }
    }
}
