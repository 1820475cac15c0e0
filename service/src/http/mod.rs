//! The HTTP side: poem and poem-openapi, one file a resource, one file a layer.
//!
//! The layers, outermost first, and why in this order:
//! 0. `measure`: every answer is counted.
//! 1. `cors`: every answer that leaves our code can be read by an allowed origin, and by no other.
//! 2. `identity`: every answer names its request, build and instance, and leaves one line in the log.
//! 3. `problems`: every error is written out as problem details.
//! 4. `drain`: a client may finish sending before it is refused.
//! 5. `panics`: a panic is answered, inside all of the above.
//! 6. `admission`: nobody asks too often, and not too many at once.
//! 7. `preflight`: `OPTIONS` is answered from what the routes really have.
//! 8. the routes; a body is read, and limited, only by the operation that wants one, after its caller was let in.

pub mod admission;
pub mod ai_health;
pub mod allowed;
pub mod answer;
pub mod api;
pub mod arrivals;
pub mod ask;
pub mod categories;
pub mod checkup;
pub mod cors;
pub mod credential;
pub mod curations;
pub mod docs;
pub mod document;
pub mod drain;
pub mod fields;
pub mod health;
pub mod idempotency;
pub mod identity;
pub mod info;
pub mod limits;
pub mod livez;
pub mod login;
pub mod logout;
pub mod measure;
pub mod metrics;
pub mod moment;
pub mod orchestrate;
pub mod panics;
pub mod patience;
pub mod payload;
pub mod peer;
pub mod preflight;
pub mod problem;
pub mod problems;
pub mod rate;
pub mod ready;
pub mod refresh;
pub mod routes;
pub mod run;
pub mod stand_in;
pub mod stopping;
pub mod tokens;
pub mod trace;
pub mod tree;
pub mod usage;
pub mod verify;
