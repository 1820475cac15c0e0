//! What a browser makes of a web page that uses the API, before a byte of a call leaves it: which policies bind its scripts,
//! whom the scripts name, and what is refused on the way. Pure.

pub mod html;
pub mod kin;
pub mod named;
pub mod permissions;
pub mod policy;
pub mod script;
pub mod secure;
#[cfg(test)]
pub(crate) mod testing;
