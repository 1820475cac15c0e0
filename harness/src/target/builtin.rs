//! Profiles that come with Greenlight.

/// The names that `--profile` knows without a file.
pub const NAMES: [&str; 1] = ["concierge"];

/// The text of a built-in profile and the directory that its files are named from, in the repository.
pub fn text(name: &str) -> Option<(&'static str, &'static str)> {
    (name == "concierge").then_some((include_str!("../../../scenarios/concierge.toml"), "scenarios"))
}
