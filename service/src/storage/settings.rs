//! Which database, as it is configured: its place as one text, and how many connections it may have.
//!
//! No connection is made here, and nothing here shows a password.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use crate::secret::Secret;
use crate::storage::sqlite::Location;

/// The most connections that one process may be given.
pub const MOST_CONNECTIONS: u32 = 1_000;

/// A database, and what it may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseSettings {
    /// Which one.
    pub place: DatabasePlace,
    /// The most connections to it, 1 to [`MOST_CONNECTIONS`]; none says what is usual: 8 for PostgreSQL, 4 for SQLite. SQLite in
    /// memory has one whatever is said.
    pub connections: Option<u32>,
}

/// Which database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabasePlace {
    /// SQLite.
    Sqlite(Location),
    /// PostgreSQL.
    Postgres(PostgresUrl),
}

/// Where a PostgreSQL is and who asks it, which may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    url: Secret,
    shown: String,
    holds_password: bool,
}

/// Why a text names no database. It says nothing of the text but its scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// It is another kind of database, or none.
    #[error(
        "neither SQLite nor PostgreSQL: give a path, sqlite:PATH, :memory: or postgres://USER@HOST/DATABASE"
    )]
    Scheme(String),
    /// It is meant for PostgreSQL and cannot be read.
    #[error("no URL of PostgreSQL: write postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=require")]
    Postgres,
    /// It is meant for SQLite and names no file.
    #[error("no file of SQLite: write sqlite:PATH, without parameters")]
    Sqlite,
}

impl DatabaseSettings {
    /// The most connections.
    #[must_use]
    pub fn connections(&self) -> u32 {
        let usual = match self.place {
            DatabasePlace::Sqlite(_) => 4,
            DatabasePlace::Postgres(_) => 8,
        };
        self.connections.unwrap_or(usual).max(1)
    }
}

impl From<Location> for DatabaseSettings {
    fn from(location: Location) -> Self {
        DatabasePlace::Sqlite(location).into()
    }
}

impl From<DatabasePlace> for DatabaseSettings {
    fn from(place: DatabasePlace) -> Self {
        Self {
            place,
            connections: None,
        }
    }
}

impl fmt::Display for DatabasePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(location) => location.fmt(f),
            Self::Postgres(url) => f.write_str(&url.shown),
        }
    }
}

impl FromStr for DatabasePlace {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let Some(scheme) = scheme(text) else {
            return Ok(Self::Sqlite(file(text)));
        };
        match &*scheme.to_ascii_lowercase() {
            "postgres" | "postgresql" => Ok(Self::Postgres(PostgresUrl::new(text)?)),
            "sqlite" => {
                let path = &text[scheme.len() + 1..];
                let path = path.strip_prefix("//").unwrap_or(path);
                if path.is_empty() || path.contains('?') {
                    return Err(PlaceError::Sqlite);
                }
                Ok(Self::Sqlite(file(path)))
            }
            other => Err(PlaceError::Scheme(other.to_owned())),
        }
    }
}

fn file(path: &str) -> Location {
    match path {
        ":memory:" => Location::Memory,
        path => Location::File(PathBuf::from(path)),
    }
}

/// The scheme of a URL (RFC 3986 §3.1). One letter is a drive.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
    let begins = scheme
        .chars()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic());
    (scheme.len() > 1 && begins && scheme.chars().all(plain)).then_some(scheme)
}

impl PostgresUrl {
    /// Reads a URL such as `postgres://ana:secret@db.example:5432/orchestrate?sslmode=require`; what may stand in it is sqlx's to
    /// say, which also looks at libpq's variables of the environment (`PGPASSWORD`, `PGSSLROOTCERT`, …).
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn new(url: &str) -> Result<Self, PlaceError> {
        let options = url.contains("://").then(|| url.parse().ok()).flatten();
        let options: PgConnectOptions = options.ok_or(PlaceError::Postgres)?;
        let database = options.get_database().unwrap_or_default();
        let shown = match options.get_socket() {
            Some(socket) => format!("postgres:{}/{database}", socket.display()),
            None => format!(
                "postgres://{}:{}/{database}",
                options.get_host(),
                options.get_port()
            ),
        };
        let read = url::Url::parse(url).map_err(|_| PlaceError::Postgres)?;
        let asked = read.query_pairs().any(|(name, _)| name == "password");
        Ok(Self {
            url: Secret::new(url),
            shown,
            holds_password: asked || read.password().is_some(),
        })
    }

    /// Whether a password stands in it.
    #[must_use]
    pub fn holds_password(&self) -> bool {
        self.holds_password
    }

    /// The same for sqlx.
    pub(super) fn options(&self) -> Result<PgConnectOptions, sqlx::Error> {
        let options: PgConnectOptions = self.url.expose().parse()?;
        let named = options.get_application_name().is_some();
        Ok(if named {
            options
        } else {
            options.application_name(env!("CARGO_PKG_NAME"))
        })
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({})", self.shown)
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
