//! What a run may spend, in one text: `paid=1,requests=200,bytes=2MiB,time=2m`.

use crate::target::duration::Millis;
use crate::target::fault::{Fault, quote, suggest};
use crate::target::settings::count;
use crate::target::size::Bytes;

/// The parts that there are.
const PARTS: [&str; 4] = ["paid", "requests", "bytes", "time"];

/// A budget as it was given; what is absent is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spending {
    /// How many paid requests may go out. 0 is none at all.
    pub paid: Option<u32>,
    /// How many requests may go out in all.
    pub requests: Option<u32>,
    /// How many bytes of request bodies may go out in all.
    pub bytes: Option<Bytes>,
    /// How long the whole run may take.
    pub time: Option<Millis>,
}

impl Spending {
    /// Reads `PART=VALUE`, several with commas.
    pub fn parse(text: &str) -> Result<Spending, Fault> {
        let mut spending = Spending::default();
        for part in text.split(',').map(str::trim) {
            let wrong = |why: &str| {
                let what = format!("{} is not part of a budget", quote(part));
                Fault::new(what, why, "write it as paid=1,requests=200,bytes=2MiB,time=2m")
            };
            let (name, value) = part.split_once('=').ok_or_else(|| wrong("it has no ="))?;
            let twice = match name {
                "paid" => spending.paid.replace(number(value)?).is_some(),
                "requests" => spending.requests.replace(count(value)?).is_some(),
                "bytes" => spending.bytes.replace(Bytes::parse(value)?).is_some(),
                "time" => spending.time.replace(Millis::parse(value)?).is_some(),
                _ => {
                    let what = format!("{} is not something that a budget limits", quote(name));
                    let why = "there are paid, requests, bytes and time";
                    return Err(Fault::new(what, why, suggest(name, &PARTS)));
                }
            };
            if twice {
                return Err(wrong("it is there twice"));
            }
        }
        Ok(spending)
    }
}

/// A count that may be none at all.
fn number(text: &str) -> Result<u32, Fault> {
    text.parse().map_err(|_| {
        let what = format!("{} is not a count", quote(text));
        Fault::new(what, "", "write a whole number, 0 or more")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_are_read_in_any_order() {
        let spending = Spending::parse("time=2m, paid=0,bytes=2MiB,requests=200").unwrap();
        assert_eq!(
            (spending.paid, spending.requests, spending.bytes, spending.time),
            (Some(0), Some(200), Some(Bytes(2 << 20)), Some(Millis(120_000)))
        );
        assert_eq!(Spending::parse("paid=3").unwrap().requests, None);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, said) in [
            ("paid", "it has no ="),
            ("payed=1", "there are paid, requests, bytes and time"),
            ("bytes=5", "the unit is missing"),
            ("paid=1,paid=2", "it is there twice"),
            ("paid=-1", ""),
            ("requests=0", ""),
            ("time=soon", ""),
            ("", "it has no ="),
        ] {
            let fault = Spending::parse(text).unwrap_err();
            assert!(fault.sentence().contains(said), "{text}: {}", fault.sentence());
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "\\PC{0,40}") {
            let _ = Spending::parse(&text);
        }
    }
}
