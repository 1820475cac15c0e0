//! What is known before anything is found: what answered, and what is waited for. Somebody who was just paged is told this
//! much, rather than nothing.

use std::time::Duration;

/// An answer that takes so long is worth a word.
const SLOW: Duration = Duration::from_millis(500);

/// Notes what goes out and what comes back. Times are those since the command began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SoFar {
    waiting: Vec<(String, Duration)>,
    answers: usize,
    slowest: Duration,
    wrong: Option<String>,
}

impl SoFar {
    /// Something is waited for from now on, by the name that people read.
    pub fn asks(&mut self, what: &str, at: Duration) {
        self.waiting.push((what.to_owned(), at));
    }

    /// It is waited for no more. Gives how long it was.
    pub fn over(&mut self, what: &str, at: Duration) -> Duration {
        let place = self.waiting.iter().position(|(waited, _)| waited == what);
        place.map_or(Duration::ZERO, |place| {
            at.saturating_sub(self.waiting.remove(place).1)
        })
    }

    /// Nothing of what goes out is waited for any more: it was given up.
    pub fn gives_up(&mut self) {
        self.waiting.clear();
    }

    /// A request was answered with this status, or came to its end without one.
    pub fn answered(&mut self, operation: &str, status: Option<u16>, at: Duration) {
        let took = self.over(operation, at);
        match status {
            Some(500..) => self.is_wrong(format!("{operation} got HTTP {}", status.unwrap_or_default())),
            Some(_) => {}
            None => self.is_wrong(format!("{operation} got no answer")),
        }
        if status.is_some() {
            self.answers += 1;
            self.slowest = self.slowest.max(took);
        }
    }

    fn is_wrong(&mut self, what: String) {
        self.wrong.get_or_insert(what);
    }

    /// One line of it: what is known, and what has been waited for longest.
    pub fn line(&self, at: Duration) -> String {
        let known = self.wrong.clone().or_else(|| self.answered_well());
        let waited = self
            .waiting
            .iter()
            .min_by_key(|(_, since)| *since)
            .map(|(what, since)| {
                format!(
                    "{what} has not answered for {}",
                    seconds(at.saturating_sub(*since))
                )
            });
        match (known, waited) {
            (Some(known), Some(waited)) => format!("{known}; {waited}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => format!("nothing was asked yet, after {}", seconds(at)),
        }
    }

    fn answered_well(&self) -> Option<String> {
        let slowest = (self.slowest >= SLOW).then(|| format!(", and one took {}", seconds(self.slowest)));
        let slowest = slowest.unwrap_or_default();
        match self.answers {
            0 => None,
            1 => Some(format!("nothing wrong in 1 answer{slowest}")),
            several => Some(format!("nothing wrong in {several} answers{slowest}")),
        }
    }
}

/// Seconds, to the tenth.
fn seconds(time: Duration) -> String {
    let tenths = time.as_millis() / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Duration = Duration::from_millis(2_500);

    fn after(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn what_is_waited_for_is_named_and_for_how_long() {
        let mut so_far = SoFar::default();
        assert_eq!(so_far.line(AT), "nothing was asked yet, after 2.5 s");
        so_far.asks("GET /health", after(40));
        assert_eq!(so_far.line(AT), "GET /health has not answered for 2.4 s");
        so_far.asks("the page https://app.example/", after(20));
        assert_eq!(
            so_far.line(AT),
            "the page https://app.example/ has not answered for 2.4 s",
            "of several, the one that was asked first"
        );
    }

    #[test]
    fn what_answered_is_counted_and_said_to_be_slow_where_it_is() {
        let mut so_far = SoFar::default();
        so_far.asks("GET /health", after(0));
        so_far.answered("GET /health", Some(200), after(30));
        assert_eq!(so_far.line(AT), "nothing wrong in 1 answer");
        for n in 0..2 {
            so_far.asks("GET /x", after(100 + 1_000 * n));
            so_far.answered("GET /x", Some(404), after(1_100 + 1_000 * n));
        }
        so_far.asks("GET /y", after(2_100));
        assert_eq!(
            so_far.line(AT),
            "nothing wrong in 3 answers, and one took 1.0 s; GET /y has not answered for 0.4 s"
        );
    }

    #[test]
    fn nothing_wrong_is_not_said_of_what_crashed_or_never_came() {
        for (status, says) in [
            (Some(500), "GET /health got HTTP 500"),
            (Some(503), "GET /health got HTTP 503"),
            (None, "GET /health got no answer"),
        ] {
            let mut so_far = SoFar::default();
            for (status, route) in [(Some(200), "GET /x"), (status, "GET /health"), (None, "GET /y")] {
                so_far.asks(route, after(0));
                so_far.answered(route, status, after(10));
            }
            assert_eq!(so_far.line(AT), says);
        }
    }

    #[test]
    fn what_is_asked_twice_is_waited_for_until_both_are_over() {
        let mut so_far = SoFar::default();
        so_far.asks("GET /x", after(0));
        so_far.asks("GET /x", after(500));
        so_far.answered("GET /x", Some(200), after(600));
        assert!(so_far.line(AT).contains("GET /x has not answered"));
        assert_eq!(so_far.over("GET /x", AT), after(2_000));
        assert!(!so_far.line(AT).contains("has not answered"));
    }

    #[test]
    fn what_was_given_up_is_not_waited_for_when_it_is_asked_again() {
        let mut so_far = SoFar::default();
        so_far.asks("GET /health", after(0));
        so_far.gives_up();
        so_far.asks("GET /health", after(500));
        so_far.answered("GET /health", Some(200), after(600));
        assert_eq!(so_far.line(AT), "nothing wrong in 1 answer");
    }
}
