//! The wire and the runner over real sockets: servers that behave, servers that do not, and proxies.

mod answers;
mod bodies;
mod canary;
mod connections;
mod faults;
mod proxies;
mod runs;
mod spending;
mod support;
mod tls;
