//! Where secrets stand that are not written as they are: percent-encoded, escaped as JSON and HTML escape, or in base64. Pure.
//!
//! A server that hides a key in a redirect or a debug header seldom writes it plainly. The values that a run holds are
//! searched for in each form that they can take; of a stranger's secret only the shape is known, so here the text is decoded
//! and looked at. The work is bounded: each escape is undone twice at most, and of base64 so much is decoded and no more.

use std::borrow::Cow;

use memchr::{memchr_iter, memchr3_iter};
use regex::bytes::Regex;

/// How often escapes are undone: a URL in a URL, JSON in JSON.
const ROUNDS: usize = 2;

/// The shortest run of base64 that is decoded: twelve bytes, and no secret of a known shape is shorter.
const SHORTEST_RUN: usize = 16;

/// A line of base64 goes on in the next one when it is at least so long: MIME breaks at 76 (RFC 2045 §6.8), PEM at 64 (RFC
/// 7468 §2). A list of names, one a line, is none.
const SHORTEST_LINE: usize = 40;

/// So much is decoded at once, in bytes, so that the longest answer takes no more memory than a short one. A run of base64
/// that is longer is a file, and its head tells what it is.
const WINDOW: usize = 64 * 1024;

/// So much of one window is looked at again in the next, in bytes: twice what the largest private key takes.
const OVERLAP: usize = 8 * 1024;

/// Of one text so much base64 is decoded, in bytes, as it is and after each round.
const MOST_OF_A_TEXT: usize = 512 * 1024;

/// What stands around a find in decoded base64 must be text for so many bytes, or it is chance in a picture or a sound.
const AROUND: usize = 8;

/// Where it stands in the text itself, from and to, and which shape it has.
pub(crate) type Found = (usize, usize, usize);

/// Where any of the shapes stands in the text once it is decoded. Finds may overlap, and come in no order.
pub(crate) fn find(text: &[u8], shapes: &[&Regex]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut left = [MOST_OF_A_TEXT; ROUNDS + 1];
    let mut at = 0;
    loop {
        let end = text.len().min(at + WINDOW);
        // The head of a run that goes through the whole overlap was looked at before.
        let window = &text[at..end];
        let seen = at > 0 && window.iter().take(OVERLAP).all(|byte| is_coded(*byte));
        let skipped = match seen {
            true => window.iter().take_while(|byte| is_coded(**byte)).count(),
            false => 0,
        };
        let at_once = in_window(&window[skipped..], shapes, &mut left);
        let placed = |(start, end, which)| (start + at + skipped, end + at + skipped, which);
        found.extend(at_once.into_iter().map(placed));
        if end == text.len() {
            return found;
        }
        at = end - OVERLAP;
    }
}

/// Where what is sought stands in the text once its escapes are undone, for what is known by value in its other forms: .NET
/// writes a plus sign in JSON as `\u002B`, and a redirect within a redirect escapes twice. Finds may overlap.
pub(crate) fn escaped(text: &[u8], seek: impl Fn(&[u8]) -> Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        let end = text.len().min(at + WINDOW);
        let mut plain = Plain::of(&text[at..end]);
        let mut look = |plain: &Plain<'_>| {
            let placed = |(from, to)| (at + plain.began(from), at + plain.began(to));
            found.extend(seek(&plain.bytes).into_iter().map(placed));
        };
        plain.joined().iter().for_each(&mut look);
        for _ in 0..ROUNDS {
            let Some(next) = plain.unescaped() else { break };
            plain = next;
            look(&plain);
            plain.joined().iter().for_each(&mut look);
        }
        if end == text.len() {
            return found;
        }
        at = end - OVERLAP;
    }
}

fn in_window(window: &[u8], shapes: &[&Regex], left: &mut [usize; ROUNDS + 1]) -> Vec<Found> {
    let [left, after @ ..] = left;
    let mut plain = Plain::of(window);
    let mut found = in_lines(&plain, shapes, left);
    for left in after {
        let Some(next) = plain.unescaped() else { break };
        plain = next;
        for (which, shape) in shapes.iter().enumerate() {
            let matches = shape.find_iter(&plain.bytes);
            found.extend(matches.map(|one| plain.source(one.start(), one.end(), which)));
        }
        found.extend(in_lines(&plain, shapes, left));
    }
    found
}

/// In base64 that goes over several lines as well.
fn in_lines(plain: &Plain<'_>, shapes: &[&Regex], left: &mut usize) -> Vec<Found> {
    let mut found = in_base64(plain, shapes, left);
    if let Some(joined) = plain.joined() {
        found.extend(in_base64(&joined, shapes, left));
    }
    found
}

/// A text, and where its bytes came from.
struct Plain<'t> {
    bytes: Cow<'t, [u8]>,
    /// Of each layer that was undone, the outermost first: from which place on the bytes came from which on, one by one.
    layers: Vec<Vec<(u32, u32)>>,
}

impl<'t> Plain<'t> {
    fn of(text: &'t [u8]) -> Plain<'t> {
        Plain {
            bytes: Cow::Borrowed(text),
            layers: Vec::new(),
        }
    }

    /// Where a span stands in the text itself.
    fn source(&self, start: usize, end: usize, which: usize) -> Found {
        (self.began(start), self.began(end), which)
    }

    fn began(&self, place: usize) -> usize {
        let under = |place: usize, layer: &Vec<(u32, u32)>| {
            let after = layer.partition_point(|(to, _)| *to as usize <= place);
            let (to, from) = layer.get(after.wrapping_sub(1)).copied().unwrap_or_default();
            from as usize + (place - to as usize)
        };
        self.layers.iter().rev().fold(place, under)
    }

    /// The same with the breaks between lines of base64 taken out. `None` when there are none.
    fn joined(&self) -> Option<Plain<'_>> {
        let text = &*self.bytes;
        u32::try_from(text.len()).ok()?;
        let mut bytes = Vec::new();
        let mut layer = Vec::new();
        let mut done = 0;
        for at in memchr_iter(b'\n', text) {
            let before = text[..at].strip_suffix(b"\r").map_or(at, <[u8]>::len);
            let line = before
                .checked_sub(SHORTEST_LINE)
                .and_then(|from| text.get(from..before));
            let after = at
                + 1
                + text[at + 1..]
                    .iter()
                    .take_while(|byte| matches!(byte, b' ' | b'\t'))
                    .count();
            let goes_on = text.get(after).is_some_and(|byte| is_coded(*byte));
            if goes_on && line.is_some_and(|line| line.iter().all(|byte| is_coded(*byte))) {
                bytes.extend_from_slice(&text[done..before]);
                layer.push(pair(bytes.len(), after));
                done = after;
            }
        }
        if layer.is_empty() {
            return None;
        }
        bytes.extend_from_slice(&text[done..]);
        Some(Plain {
            bytes: Cow::Owned(bytes),
            layers: [self.layers.as_slice(), &[layer]].concat(),
        })
    }

    /// The same with one layer of escapes undone. `None` when there is none, or it is longer than any answer is kept.
    fn unescaped(mut self) -> Option<Plain<'t>> {
        let text = &*self.bytes;
        u32::try_from(text.len()).ok()?;
        let mut bytes = Vec::with_capacity(text.len());
        let mut layer = Vec::new();
        let mut done = 0;
        for at in memchr3_iter(b'%', b'\\', b'&', text) {
            // A backslash may have taken the next one along.
            let Some((byte, length)) = text.get(at..).filter(|_| at >= done).and_then(escape) else {
                continue;
            };
            bytes.extend_from_slice(&text[done..at]);
            layer.push(pair(bytes.len(), at));
            bytes.push(byte);
            done = at + length;
            layer.push(pair(bytes.len(), done));
        }
        if layer.is_empty() {
            return None;
        }
        bytes.extend_from_slice(&text[done..]);
        self.layers.push(layer);
        Some(Plain {
            bytes: Cow::Owned(bytes),
            layers: self.layers,
        })
    }
}

fn pair(to: usize, from: usize) -> (u32, u32) {
    let short = |place| u32::try_from(place).unwrap_or(u32::MAX);
    (short(to), short(from))
}

/// The byte that an escape at the very beginning stands for, and how long the escape is: `%40` (RFC 3986 §2.1), `\u0040`,
/// `\/` and `\n` (RFC 8259 §7), `&#64;` and `&#x40;`. Only ASCII, of which secrets are made.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    let hex = |from: usize, to: usize| {
        let digits = std::str::from_utf8(text.get(from..to)?).ok()?;
        let all = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u8::from_str_radix(digits, 16)
            .ok()
            .filter(|byte| all && byte.is_ascii())
    };
    match text {
        [b'%', ..] => Some((hex(1, 3)?, 3)),
        [b'\\', b'u', b'0', b'0', ..] => Some((hex(4, 6)?, 6)),
        [b'\\', plain @ (b'/' | b'"' | b'\\'), ..] => Some((*plain, 2)),
        [b'\\', b'n', ..] => Some((b'\n', 2)),
        [b'\\', b'r', ..] => Some((b'\r', 2)),
        [b'&', b'#', rest @ ..] => {
            let end = rest.iter().take(5).position(|byte| *byte == b';')?;
            let byte = match rest.first()? {
                b'x' | b'X' => hex(3, 2 + end)?,
                _ => std::str::from_utf8(rest.get(..end)?).ok()?.parse().ok()?,
            };
            byte.is_ascii().then_some((byte, end + 3))
        }
        _ => None,
    }
}

/// Decoded base64, run after run, with a line break behind each, which no shape but that of a private key goes across.
#[derive(Default)]
struct Decoded {
    bytes: Vec<u8>,
    runs: Vec<Run>,
}

/// One run, read from one of its first characters on.
struct Run {
    /// Where its bytes begin.
    at: usize,
    /// Where its characters begin in the text.
    start: usize,
    /// Where they end.
    end: usize,
}

impl Decoded {
    /// Every run in whichever of the two alphabets (RFC 4648 §4, §5), from each of four characters on: it may be glued to
    /// what stands before it.
    fn of(text: &[u8], left: &mut usize) -> Decoded {
        let mut decoded = Decoded::default();
        let mut at = 0;
        while let Some(before) = text[at..].iter().position(|byte| is_coded(*byte)) {
            let start = at + before;
            let length = text[start..].iter().position(|byte| !is_coded(*byte));
            at = length.map_or(text.len(), |length| start + length);
            if at - start < SHORTEST_RUN {
                continue;
            }
            let end = at.min(start + *left);
            *left -= end - start;
            for first in (start..end).take(4) {
                decoded.add(text, first, end);
            }
            if *left == 0 {
                break;
            }
        }
        decoded
    }

    fn add(&mut self, text: &[u8], start: usize, end: usize) {
        self.runs.push(Run {
            at: self.bytes.len(),
            start,
            end,
        });
        for four in text[start..end].chunks(4) {
            let sextets = four.iter().map(|byte| u32::from(SEXTETS[usize::from(*byte)]));
            let bits = sextets.fold(0, |bits, sextet| bits << 6 | sextet) << (6 * (4 - four.len()));
            self.bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
        }
        self.bytes.push(b'\n');
    }

    /// Where the shape stands in the text that was decoded.
    fn find(&self, shape: &Regex, mut found: impl FnMut(usize, usize)) {
        let mut from = 0;
        while let Some(one) = shape.find_at(&self.bytes, from) {
            let next = self.runs.partition_point(|run| run.at <= one.start());
            let Some(run) = self.runs.get(next.wrapping_sub(1)) else {
                break;
            };
            let all = self.runs.get(next).map_or(self.bytes.len(), |run| run.at) - 1;
            let end = one.end().min(all);
            if is_text_around(&self.bytes[run.at..all], one.start() - run.at, end - run.at) {
                let first = run.start + (one.start() - run.at) * 4 / 3;
                let last = run.start + ((end - run.at) * 4).div_ceil(3);
                found(first, last.min(run.end));
            }
            from = end.max(one.start() + 1);
        }
    }
}

fn in_base64(plain: &Plain<'_>, shapes: &[&Regex], left: &mut usize) -> Vec<Found> {
    let decoded = Decoded::of(&plain.bytes, left);
    let mut found = Vec::new();
    for (which, shape) in shapes.iter().enumerate() {
        decoded.find(shape, |start, end| found.push(plain.source(start, end, which)));
    }
    found
}

/// The value of each character in base64, and [`NONE`] for those that are none.
static SEXTETS: [u8; 256] = {
    let mut values = [NONE; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut at = 0_u8;
    while at < 62 {
        values[alphabet[at as usize] as usize] = at;
        at += 1;
    }
    (values[b'+' as usize], values[b'-' as usize]) = (62, 62);
    (values[b'/' as usize], values[b'_' as usize]) = (63, 63);
    values
};

/// No sextet.
const NONE: u8 = 64;

fn is_coded(byte: u8) -> bool {
    SEXTETS[usize::from(byte)] != NONE
}

fn is_text_around(decoded: &[u8], start: usize, end: usize) -> bool {
    let before = &decoded[start.saturating_sub(AROUND)..start];
    let after = &decoded[end..decoded.len().min(end + AROUND)];
    is_text(before) && is_text(after)
}

/// Whether it is UTF-8 without control characters, cut anywhere.
fn is_text(bytes: &[u8]) -> bool {
    let begun = bytes
        .iter()
        .take_while(|byte| matches!(byte, 0x80..=0xbf))
        .count();
    let bytes = &bytes[begun.min(3)..];
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    text.chars()
        .all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

#[cfg(test)]
#[path = "veiled_tests.rs"]
mod tests;
