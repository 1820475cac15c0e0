//! Open connections that wait for their next request. No lock is held while anything is awaited, but for a lane's own,
//! which is what makes its probes take turns.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::probe::Wire;
use crate::transport::dial::Peer;
use crate::transport::wire::Sender;

/// An open connection that waits for its next request.
#[derive(Debug)]
pub(crate) struct Idle {
    pub(crate) sender: Sender,
    pub(crate) conn: u32,
}

/// A connection that probes name ([`crate::model::probe::Conn::Hold`]).
#[derive(Debug, Default)]
pub(crate) enum Lane {
    /// Not opened yet.
    #[default]
    Unopened,
    /// Open, and waiting.
    Open(Idle),
    /// It was open, and no longer is. It is never opened again: whoever asks for this very connection must hear so.
    Gone(u32),
}

/// Which requests a connection can carry: one that insists on HTTP/1.1 must not meet an HTTP/2 connection.
pub(crate) type Key = (Peer, Wire);

/// A lane as its users share it.
type Shared = Arc<tokio::sync::Mutex<Lane>>;

/// The connections of a transport.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    idle: Mutex<HashMap<Key, Vec<Idle>>>,
    lanes: Mutex<HashMap<(u8, Key), Shared>>,
}

impl Pool {
    /// Takes the connection that was used last. It may have been closed since.
    pub(crate) fn take(&self, key: &Key) -> Option<Idle> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle.get_mut(key)?;
        let taken = waiting.pop();
        if taken.as_ref().is_some_and(|taken| taken.sender.is_closed()) {
            waiting.retain(|other| !other.sender.is_closed());
        }
        taken
    }

    /// Puts a connection back.
    pub(crate) fn put(&self, key: Key, connection: Idle) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.entry(key).or_default().push(connection);
    }

    /// A lane. It is locked for as long as one exchange has it.
    pub(crate) fn lane(&self, lane: u8, key: Key) -> Shared {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.entry((lane, key)).or_default().clone()
    }
}
