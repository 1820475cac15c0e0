//! The times in a health answer: `Date`, and the member of the body that says when it was measured.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822::DateTimeParser;
use serde_json::Value;

use crate::check::tone::words;
use crate::model::exchange::Reply;

/// When a body says that it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// JSON Pointer of the member.
    pub at: String,
    /// Its value, as it stands.
    pub text: String,
    instant: Option<Timestamp>,
}

impl Stamp {
    /// The instant; `None` when the time names no zone.
    pub fn instant(&self) -> Option<Timestamp> {
        self.instant
    }
}

/// Words of a member that says when the answer was made.
const NOW: &str = "timestamp time now date datetime ts utc";
/// Words of a member that says when something else was.
const ELSE: &str = "start started boot booted build built deploy deployed release released since last created updated \
    modified up uptime expires expiry commit checked next response processing elapsed zone";

/// The first top-level member that says when the body was made.
pub fn stamp(reply: &Reply) -> Option<Stamp> {
    let Some(Value::Object(members)) = reply.body.json() else {
        return None;
    };
    members.iter().find_map(|(name, value)| {
        let words = words(name);
        let has = |list: &str| {
            words
                .iter()
                .any(|word| list.split(' ').any(|listed| listed == word))
        };
        if !has(NOW) || has(ELSE) {
            return None;
        }
        let at = format!("/{name}");
        match value {
            Value::String(text) => written(at, text),
            Value::Number(number) => Some(Stamp {
                at,
                text: number.to_string(),
                instant: Some(counted(number.as_f64()?)?),
            }),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    })
}

/// RFC 3339, or the same without a zone.
fn written(at: String, text: &str) -> Option<Stamp> {
    let instant = text.parse::<Timestamp>().ok();
    let has_clock = text.len() <= 64 && text.contains(':');
    let is_time = has_clock && (instant.is_some() || text.parse::<DateTime>().is_ok());
    is_time.then(|| Stamp {
        at,
        text: text.to_owned(),
        instant,
    })
}

/// Seconds or milliseconds since 1970, told apart by their size.
fn counted(number: f64) -> Option<Timestamp> {
    let seconds = match number {
        1e9..1e11 => number,
        1e12..1e14 => number / 1_000.0,
        _ => return None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the match bounds it to eleven digits"
    )]
    let seconds = seconds as i64;
    Timestamp::from_second(seconds).ok()
}

/// The `Date` header (RFC 9110 §6.6.1).
pub fn date(reply: &Reply) -> Option<Timestamp> {
    let text = reply.header("date")?;
    DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::answered;

    fn stamp_of(body: &str) -> Option<Stamp> {
        let exchange = answered(1, &asks::read("/health"), 200, &[], body);
        stamp(exchange.answer().unwrap())
    }

    #[test]
    fn reads_the_time_that_is_about_the_answer_and_no_other() {
        for body in [
            r#"{"started_at":"2020-01-01T00:00:00Z","timestamp":"2026-01-02T03:04:05.6+01:00"}"#,
            r#"{"time":1767319445}"#,
            r#"{"serverTime":"2026-01-02T03:04:05Z"}"#,
            r#"{"ts":1767319445123}"#,
        ] {
            assert!(stamp_of(body).unwrap().instant().is_some(), "{body}");
        }
        for body in [
            r#"{"build_time":"2020-01-01T00:00:00Z","uptime":12.5,"response_time":3,"last_check_time":"2020-01-01T00:00:00Z"}"#,
            r#"{"timestamp":"yesterday","time":12}"#,
            r#"{"date":"2026-01-02"}"#,
            "ok",
        ] {
            assert_eq!(stamp_of(body), None, "{body}");
        }
    }

    #[test]
    fn a_time_without_a_zone_has_no_instant() {
        for text in ["2026-01-02T03:04:05.123456", "2026-01-02 03:04:05"] {
            let stamp = stamp_of(&format!("{{\"timestamp\":\"{text}\"}}")).unwrap();
            assert_eq!(stamp.instant(), None, "{text}");
        }
    }

    #[test]
    fn reads_the_date_as_http_writes_it() {
        let header = [("date", "Sun, 06 Nov 1994 08:49:37 GMT")];
        let exchange = answered(1, &asks::read("/health"), 200, &header, "");
        let date = date(exchange.answer().unwrap()).unwrap();
        assert_eq!(date.to_string(), "1994-11-06T08:49:37Z");
    }
}
