//! What a report may say of a check beyond its title.

/// Why a check is there, and what to do when it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// The check's id.
    pub check: &'static str,
    /// Why it matters in production, a paragraph.
    pub explanation: &'static str,
    /// What to do when it fails.
    pub hint: &'static str,
}
