//! What a process that we started writes: the latest lines, in bounded memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

use crate::checks::process::log_tells_no_crash::crash;
use crate::model::spawned::{LogLine, Output};

/// Lines that are kept; those in between are given up.
const MOST_LINES: usize = 2_500;

/// The first lines are never given up: they tell how the service was started.
const FIRST_LINES: usize = 500;

/// Lines in between that are kept since they tell of a crash: a runtime that warns once may do so at any time.
const MOST_TELLING: usize = 100;

/// Bytes that are kept of one line. At most 5.2 MB are held in all.
const LONGEST: usize = 2_000;

/// Lines as they come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    first: Vec<LogLine>,
    telling: Vec<LogLine>,
    latest: VecDeque<LogLine>,
    lost: u64,
}

impl Lines {
    fn keep(&mut self, line: LogLine) {
        if self.first.len() < FIRST_LINES {
            self.first.push(line);
            return;
        }
        self.latest.push_back(line);
        if self.latest.len() <= MOST_LINES - FIRST_LINES {
            return;
        }
        let Some(oldest) = self.latest.pop_front() else {
            return;
        };
        if self.telling.len() < MOST_TELLING && crash(&oldest.text).is_some() {
            self.telling.push(oldest);
        } else {
            self.lost += 1;
        }
    }

    fn take(&mut self) -> impl Iterator<Item = LogLine> + use<> {
        let Self {
            first,
            telling,
            latest,
            ..
        } = std::mem::take(self);
        first.into_iter().chain(telling).chain(latest)
    }
}

impl Log {
    /// Reads an output to its end.
    pub(crate) async fn read(self, output: impl AsyncRead + Unpin, which: Output) {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while let Ok(chunk) = output.fill_buf().await {
            if chunk.is_empty() {
                break;
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let piece = &chunk[..end.unwrap_or(chunk.len())];
            let room = LONGEST.saturating_sub(line.len()).min(piece.len());
            line.extend_from_slice(&piece[..room]);
            let used = end.map_or(chunk.len(), |end| end + 1);
            output.consume(used);
            if end.is_some() {
                self.keep(&std::mem::take(&mut line), which);
            }
        }
        if !line.is_empty() {
            self.keep(&line, which);
        }
    }

    fn keep(&self, line: &[u8], output: Output) {
        let line = LogLine {
            at: Timestamp::now(),
            output,
            text: String::from_utf8_lossy(line).trim_end_matches('\r').to_owned(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keep(line);
    }

    /// Everything that was kept, redacted and oldest first, and how many lines were given up.
    pub(crate) fn take(&self, redact: impl Fn(&str) -> String) -> (Vec<LogLine>, u64) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = lines.lost;
        let kept = lines.take().map(|line| LogLine {
            text: redact(&line.text),
            ..line
        });
        (kept.collect(), lost)
    }

    #[cfg(test)]
    pub(crate) fn first(&self) -> Option<String> {
        let lines = self.0.lock().unwrap();
        lines.first.first().map(|line| line.text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> (Vec<LogLine>, u64) {
        let log = Log::default();
        log.clone().read(bytes, Output::Stderr).await;
        log.take(str::to_owned)
    }

    #[tokio::test]
    async fn lines_are_told_apart_and_the_last_one_needs_no_end() {
        let (lines, lost) = read(b"one\r\n\ntwo \xff\nthree").await;
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["one", "", "two \u{fffd}", "three"]);
        assert_eq!(lost, 0);
    }

    #[tokio::test]
    async fn a_flood_costs_bounded_memory_and_is_counted() {
        let (lines, lost) = read(&b"x\n".repeat(MOST_LINES + 3)).await;
        assert_eq!((lines.len(), lost), (MOST_LINES, 3));
        let (lines, _) = read(&vec![b'x'; 1 << 20]).await;
        assert_eq!((lines.len(), lines[0].text.len()), (1, LONGEST));
    }

    #[tokio::test]
    async fn a_flood_does_not_drown_what_tells_of_a_crash_in_its_middle() {
        let warning = b"x.py:3: RuntimeWarning: coroutine 'summarise' was never awaited\n";
        let flood = b"x\n".repeat(MOST_LINES);
        let (lines, lost) = read(&[&flood[..], &warning[..], &flood[..]].concat()).await;
        assert_eq!((lines.len(), lost), (MOST_LINES + 1, MOST_LINES as u64));
        assert!(
            lines[FIRST_LINES].text.ends_with("was never awaited"),
            "{:?}",
            lines[FIRST_LINES]
        );
        let (lines, lost) = read(&warning.repeat(3 * MOST_LINES)).await;
        assert_eq!(lines.len() as u64 + lost, 3 * MOST_LINES as u64);
        assert_eq!(lines.len(), MOST_LINES + MOST_TELLING);
    }
}
