//! What the ways around a guard by header are called, so that the check that tries them and the causes that explain them
//! speak of the same.

/// Headers by which a framework knows its own sub-requests.
pub const FRAMEWORK: &str = "a header that frameworks set for themselves (x-middleware-subrequest)";

/// Headers by which a proxy tells who calls.
pub const FORWARDED: &str = "forwarding and identity headers (X-Forwarded-For: 127.0.0.1 and others)";

/// Headers by which test suites switch the guard off.
pub const TEST: &str = "headers of test suites (X-Test-User and others)";

/// The header by which a proxy tells which path was asked for.
pub const ORIGINAL: &str = "the path in X-Original-URL, at a route that is open";
