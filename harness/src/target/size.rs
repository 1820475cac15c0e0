//! How many bytes, as people write it: `256KiB`, `8 MiB`, `512 B`. Binary units only: a bound of `1 MB` would be read
//! two ways.

use crate::target::fault::{Fault, quote};
use crate::target::words::leaf;

/// The largest size that a profile may name: 1 GiB. Every bound must fit in memory.
pub const LARGEST_BYTES: u64 = 1 << 30;

/// A number of bytes, at most [`LARGEST_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

impl Bytes {
    /// Reads `512B`, `256KiB`, `8 MiB` or `1GiB`.
    pub fn parse(text: &str) -> Result<Bytes, Fault> {
        let next = "write a whole number with its unit, such as \"256KiB\" or \"8MiB\"";
        let refuse = |why: &str| Fault::new(format!("{} is not a size", quote(text)), why, next);
        let trimmed = text.trim();
        let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = trimmed.split_at(digits);
        let number: u64 = number
            .parse()
            .map_err(|_| refuse("it does not begin with a whole number"))?;
        let shift = match unit.trim().to_ascii_lowercase().as_str() {
            "b" => 0,
            "kib" => 10,
            "mib" => 20,
            "gib" => 30,
            "" => return Err(refuse("the unit is missing")),
            "k" | "kb" | "m" | "mb" | "g" | "gb" => {
                return Err(refuse("that unit means 1000 to some and 1024 to others"));
            }
            _ => return Err(refuse("the unit is none of B, KiB, MiB and GiB")),
        };
        let bytes = number
            .checked_mul(1 << shift)
            .filter(|bytes| *bytes <= LARGEST_BYTES);
        bytes.map(Bytes).ok_or_else(|| refuse("it is more than 1 GiB"))
    }
}

impl std::fmt::Display for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            bytes if bytes > 0 && bytes % (1 << 20) == 0 => write!(f, "{}MiB", bytes >> 20),
            bytes if bytes > 0 && bytes % (1 << 10) == 0 => write!(f, "{}KiB", bytes >> 10),
            bytes => write!(f, "{bytes}B"),
        }
    }
}

leaf!(Bytes, "a size in quotes, such as \"256KiB\"");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_sizes_as_people_write_them() {
        for (text, bytes) in [
            ("512B", 512),
            ("256KiB", 262_144),
            ("8 MiB", 8_388_608),
            ("1gib", LARGEST_BYTES),
        ] {
            assert_eq!(Bytes::parse(text), Ok(Bytes(bytes)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_size_and_says_why() {
        for (text, why) in [
            ("10", "the unit is missing"),
            ("1MB", "that unit means 1000 to some and 1024 to others"),
            ("KiB", "it does not begin with a whole number"),
            ("2GiB", "it is more than 1 GiB"),
            ("99999999999999999999KiB", "it does not begin with a whole number"),
            ("18446744073709551615GiB", "it is more than 1 GiB"),
            ("5 bananas", "the unit is none of B, KiB, MiB and GiB"),
        ] {
            assert_eq!(
                Bytes::parse(text).map_err(|fault| fault.why),
                Err(why.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        for bytes in [0, 1, 1023, 1024, 1 << 20, LARGEST_BYTES] {
            assert_eq!(Bytes::parse(&Bytes(bytes).to_string()), Ok(Bytes(bytes)));
        }
    }
}
