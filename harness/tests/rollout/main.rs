//! `greenlight wait`, against two instances of different builds behind a real nginx, while a deploy swaps one for the other.
//! Skips aloud where there is no nginx, and fails there when GREENLIGHT_REQUIRE names it.

mod ends;
mod nginx;
mod swaps;
mod waiting;
