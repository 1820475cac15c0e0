//! What may be looked at while a run lasts and may be shown nowhere: neither printed nor written to a file.

use bytes::Bytes;

use crate::model::capture::Octets;
use crate::model::exchange::Xid;

/// A value that nothing prints: its `Debug` says that it is there, and no format of ours can carry it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Sealed<T>(T);

impl<T> Sealed<T> {
    /// Seals a value.
    pub fn new(value: T) -> Sealed<T> {
        Sealed(value)
    }

    /// The value, for whoever computes with it.
    pub fn open(&self) -> &T {
        &self.0
    }

    /// The value, to be changed in its place.
    pub fn open_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> std::fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[sealed]")
    }
}

/// An answer as it came, before anything was removed from it.
#[derive(Debug)]
pub struct Raw {
    /// The exchange.
    pub id: Xid,
    /// The step within its sequence.
    pub step: u8,
    /// What came.
    pub answer: Sealed<Answer>,
}

/// Header fields and body of an answer.
#[derive(Clone, Default)]
pub struct Answer {
    /// The header field lines in the order of arrival.
    pub headers: Vec<(Octets, Octets)>,
    /// The body, content coding undone, as far as it was read.
    pub body: Bytes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_cannot_be_printed() {
        let raw = Raw {
            id: Xid(1),
            step: 0,
            answer: Sealed::new(Answer {
                headers: vec![("x-token".into(), "very-secret-token".into())],
                body: Bytes::from_static(b"very-secret-token"),
            }),
        };
        let shown = format!("{raw:?}");
        assert_eq!(shown, "Raw { id: Xid(1), step: 0, answer: [sealed] }");
        assert_eq!(&*raw.answer.open().body, b"very-secret-token");
    }
}
