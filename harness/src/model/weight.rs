//! What JSON costs once it is read: a small text can become a tree fifty times as large, and a stranger chooses the text.

/// The most that a body may cost as a tree, in bytes. What costs more is cut when it is captured and is not read as JSON
/// from a file either, so that judging needs bounded memory whatever was answered.
pub const MOST: u64 = 24 * 1024 * 1024;

/// An object that is not empty is a node with room for [`ROOM`] members. All of these are bytes.
pub const OBJECT: u64 = 640;
/// So many members have room in an object's first node.
pub const ROOM: usize = 11;
/// An array that is not empty begins with room for four values.
pub const ARRAY: u64 = 144;
/// A value in its place. Room for values doubles as they come.
pub const VALUE: u64 = 40;
/// A member that has no room in the first node, beyond its value and its name's text: nodes that are filled in order are left
/// half empty.
pub const NAME: u64 = 72;
/// A string's own allocation, besides its bytes.
pub const STRING: u64 = 32;

/// Adds up what JSON would cost as a tree, as its bytes arrive. It needs not be JSON: then the sum means nothing.
#[derive(Debug, Clone, Default)]
pub struct Weight {
    total: u64,
    in_string: bool,
    escaped: bool,
    /// The last byte outside strings that was no white space.
    last: u8,
    /// Members since an object began, whichever object they belong to.
    members: usize,
}

impl Weight {
    /// The weight of a whole text.
    pub fn of(bytes: &[u8]) -> Weight {
        let mut weight = Weight::default();
        weight.feed(bytes);
        weight
    }

    /// Whether this would cost more than [`MOST`].
    pub fn is_too_heavy(&self) -> bool {
        self.total > MOST
    }

    /// Adds the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.in_string {
                self.total += 1;
                self.in_string = self.escaped || *byte != b'"';
                self.escaped = !self.escaped && *byte == b'\\';
            } else if !byte.is_ascii_whitespace() {
                self.outside(*byte);
            }
        }
    }

    fn outside(&mut self, byte: u8) {
        match (self.last, byte) {
            (b'{', b'}') | (b'[', b']') => {}
            (b'{', _) => {
                self.total += OBJECT;
                self.members = 0;
            }
            (b'[', _) => self.total += ARRAY,
            _ => {}
        }
        match byte {
            b'"' => {
                self.total += STRING;
                self.in_string = true;
            }
            b',' => self.total += VALUE,
            b':' => {
                self.members += 1;
                self.total += if self.members > ROOM { NAME } else { 0 };
            }
            _ => {}
        }
        self.last = byte;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(text: &str) -> u64 {
        Weight::of(text.as_bytes()).total
    }

    #[test]
    fn what_is_empty_costs_nothing_and_what_holds_something_costs_its_room() {
        assert_eq!(total("{ } "), 0);
        assert_eq!(total("[]"), 0);
        assert_eq!(total("[0]"), ARRAY);
        assert_eq!(total("{\"a\":0}"), OBJECT + STRING + 2);
        assert_eq!(total("[{},{}]"), ARRAY + VALUE);
    }

    #[test]
    fn members_beyond_the_first_node_cost_a_place_in_another() {
        let members = |count: usize| total(&format!("{{{}}}", vec!["\"k\":0"; count].join(",")));
        let each = STRING + 2 + VALUE;
        assert_eq!(members(ROOM), OBJECT + ROOM as u64 * each - VALUE);
        assert_eq!(members(ROOM + 2) - members(ROOM), 2 * (each + NAME));
        // Small objects have room for theirs, however many there are.
        let many = vec!["{\"k\":0}"; 3 * ROOM].join(",");
        let values = 3 * ROOM as u64;
        let small = OBJECT + STRING + 2;
        assert_eq!(
            total(&format!("[{many}]")),
            ARRAY + (values - 1) * VALUE + values * small
        );
    }

    #[test]
    fn what_stands_in_a_string_is_only_text() {
        assert_eq!(total(r#""[{,\"[{\\""#), STRING + 10);
    }

    #[test]
    fn pieces_weigh_as_much_as_the_whole() {
        let text = r#"{"a":[1,2,{"b\"":"x\\"},[]],"c":{}}"#;
        let mut pieces = Weight::default();
        text.bytes().for_each(|byte| pieces.feed(&[byte]));
        assert_eq!(pieces.total, total(text));
    }

    #[test]
    fn ordinary_documents_are_light_and_bursting_ones_heavy() {
        let rows = format!(
            "[{}]",
            vec![r#"{"id":1,"name":"a name of somebody","at":"2026-01-01"}"#; 10_000].join(",")
        );
        assert!(!Weight::of(rows.as_bytes()).is_too_heavy());
        let burst = format!("[{}0]", "{\"\":0},".repeat(40_000));
        assert!(Weight::of(burst.as_bytes()).is_too_heavy());
    }
}
