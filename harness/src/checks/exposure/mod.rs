//! What is given away to strangers.

pub mod cookie;
pub mod debug_routes;
pub mod no_debug_page;
pub mod no_versions;
pub mod nosniff;
pub mod secret_files;
pub mod session_cookie_guarded;
pub mod session_cookie_reaches_page;
