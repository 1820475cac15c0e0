//! Markdown: the report as a page, and two notes that people paste. What comes from elsewhere is text and never markup: no link,
//! no image, no HTML, no mention of a person, in any flavour.

pub mod deployment;
pub mod incident;
pub mod report;
pub mod words;

#[cfg(test)]
mod tests;
