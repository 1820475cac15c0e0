//! Where curations are kept: SQLite, through sqlx, with queries that need no database at build time.
//!
//! Only this room knows SQL. It tells the rest what went wrong in fixed words; the driver's own go to the log.

pub mod sqlite;
