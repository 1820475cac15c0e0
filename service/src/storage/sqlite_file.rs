//! A SQLite database as a file: how it is opened and brought up to date, and how it is known again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::time::sleep;

use crate::storage::sqlite::Location;
use crate::storage::{Cause, migration};

/// For how long others that are opening the same file are waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a database is opened.
pub(super) struct How {
    pub(super) location: Location,
    pub(super) connections: u32,
    pub(super) deadline: Duration,
}

/// A database that was opened.
#[derive(Clone)]
pub(super) struct Opened {
    pub(super) pool: SqlitePool,
    file: Option<OpenedFile>,
}

#[derive(Clone)]
struct OpenedFile {
    path: PathBuf,
    /// None once it was left for another.
    identity: Option<Identity>,
    /// The files that SQLite keeps beside it, as they were then.
    beside: Vec<(PathBuf, Identity)>,
}

/// What makes a file that file and no other: device and inode.
type Identity = (u64, u64);

/// What has become of the file that was opened.
pub(super) enum Found {
    /// It is there.
    Same,
    /// There is no file of that name.
    Nothing,
    /// Another file has its name.
    Another,
}

impl Opened {
    pub(super) async fn found(&self) -> Found {
        let Some(file) = &self.file else {
            return Found::Same;
        };
        match identity(&file.path).await {
            Ok(now) if Some(now) == file.identity => Found::Same,
            Ok(_) => Found::Another,
            Err(_) => Found::Nothing,
        }
    }

    /// Leaves a database whose file has lost its name. What SQLite kept beside it is taken away: read together with another
    /// file of the same name, it would damage that one.
    pub(super) async fn leave(&mut self) {
        let Some(file) = &mut self.file else {
            return;
        };
        file.identity = None;
        let mut left = Vec::new();
        // Compared while they are open: nothing new can have their identity until then.
        for (path, opened) in file.beside.drain(..) {
            if identity(&path).await.is_ok_and(|now| now == opened) {
                left.push(path);
            }
        }
        self.pool.close().await;
        for path in left {
            let removed = tokio::fs::remove_file(&path).await;
            tracing::warn!(path = %path.display(), ?removed, "took away what was left of the database that is gone");
        }
    }
}

/// Opens a database and brings its tables up to date; `may_create` says whether a file is made where there is none.
pub(super) async fn open(how: &How, may_create: bool) -> Result<Opened, Cause> {
    if let (Location::File(path), false) = (&how.location, may_create) {
        is_whole(path).await?;
    }
    let begun = Instant::now();
    loop {
        match attempt(how, may_create).await {
            // Others may be at it: SQLite does not wait for its turn when it changes the kind of journal.
            Err(error) if is_busy(&*error) && begun.elapsed() < PATIENCE => {
                sleep(Duration::from_millis(20)).await;
            }
            opened => return opened,
        }
    }
}

async fn attempt(how: &How, may_create: bool) -> Result<Opened, Cause> {
    let pool = pool(how, may_create).await?;
    if let Err(error) = migrate(&pool).await {
        pool.close().await;
        return Err(error);
    }
    let file = match &how.location {
        Location::Memory => None,
        Location::File(path) => Some(OpenedFile {
            path: path.clone(),
            identity: Some(identity(path).await?),
            beside: beside(path).await,
        }),
    };
    Ok(Opened { pool, file })
}

async fn pool(how: &How, may_create: bool) -> Result<SqlitePool, sqlx::Error> {
    // A connection costs nothing while it is idle. Each to a memory database is a database of its own, so there is one, and it
    // stays; and the files beside a file are the same for as long as one stays.
    let stays = SqlitePoolOptions::new()
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None);
    let options = SqliteConnectOptions::new().busy_timeout(how.deadline);
    match &how.location {
        Location::Memory => {
            stays
                .max_connections(1)
                .connect_with(options.in_memory(true))
                .await
        }
        Location::File(path) => {
            let options = options
                .filename(path)
                .create_if_missing(may_create)
                .journal_mode(SqliteJournalMode::Wal)
                // What was acknowledged outlives the power, too.
                .synchronous(SqliteSynchronous::Full);
            stays.max_connections(how.connections).connect_with(options).await
        }
    }
}

/// Brings the tables up to date, all of it as one change and one process at a time.
async fn migrate(pool: &SqlitePool) -> Result<(), Cause> {
    let mut connection = pool.acquire().await?;
    // At once for writing: two that read first would both find that the same migration is missing.
    let mut alone = connection.begin_with("BEGIN IMMEDIATE").await?;
    // Not `run`, whose future the compiler does not believe can be sent to another thread.
    migrator().run_direct(None, &mut *alone, false).await?;
    Ok(alone.commit().await?)
}

fn migrator() -> Migrator {
    Migrator::with_migrations(vec![
        migration(
            1,
            "curations",
            include_str!("migrations/sqlite/0001_curations.sql"),
        ),
        migration(2, "data", include_str!("migrations/sqlite/0002_data.sql")),
        migration(3, "work", include_str!("migrations/sqlite/0003_work.sql")),
    ])
}

fn is_busy(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut error = Some(error);
    while let Some(this) = error {
        if let Some(sqlx::Error::Database(refusal)) = this.downcast_ref() {
            let code = refusal.code().and_then(|code| code.parse::<i64>().ok());
            return code.is_some_and(|code| matches!(code & 0xff, 5 | 6));
        }
        error = this.source();
    }
    false
}

/// The journal of SQLite's WAL mode, and the index of it.
async fn beside(path: &Path) -> Vec<(PathBuf, Identity)> {
    let mut found = Vec::new();
    for ending in ["-wal", "-shm"] {
        let mut name = OsString::from(path);
        name.push(ending);
        let path = PathBuf::from(name);
        if let Ok(identity) = identity(&path).await {
            found.push((path, identity));
        }
    }
    found
}

/// Whether a file that somebody put there is a database, and all of it: a copy may still be under way, and what was written
/// into half of it would damage the whole.
async fn is_whole(path: &Path) -> Result<(), Cause> {
    use tokio::io::AsyncReadExt;

    let file = tokio::fs::File::open(path).await?;
    let length = file.metadata().await?.len();
    let mut header = Vec::new();
    file.take(HEADER as u64).read_to_end(&mut header).await?;
    match length_by_header(&header) {
        None => Err("it is no SQLite database (yet)".into()),
        Some(whole) if length < whole => Err("a part of it is missing (yet)".into()),
        Some(_) => Ok(()),
    }
}

/// The bytes of a SQLite header (`sqlite.org/fileformat2.html` §1.3).
const HEADER: usize = 100;

/// How long a database is by its header, in bytes; none when it is no database.
fn length_by_header(header: &[u8]) -> Option<u64> {
    if header.len() < HEADER || !header.starts_with(b"SQLite format 3\0") {
        return None;
    }
    // 1 stands for 65536.
    let page = match u16::from_be_bytes(header[16..18].try_into().ok()?) {
        1 => 65_536,
        bytes => u64::from(bytes),
    };
    let pages = u32::from_be_bytes(header[28..32].try_into().ok()?);
    Some(page * u64::from(pages))
}

#[cfg(unix)]
async fn identity(path: &Path) -> std::io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = tokio::fs::metadata(path).await?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Elsewhere an open file cannot be deleted, so that it exists is enough.
#[cfg(not(unix))]
async fn identity(path: &Path) -> std::io::Result<Identity> {
    tokio::fs::metadata(path).await.map(|_| (0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(page: u16, pages: u32) -> Vec<u8> {
        let mut header = b"SQLite format 3\0".to_vec();
        header.resize(HEADER, 0);
        header[16..18].copy_from_slice(&page.to_be_bytes());
        header[28..32].copy_from_slice(&pages.to_be_bytes());
        header
    }

    #[test]
    fn a_header_says_how_long_the_whole_is() {
        assert_eq!(length_by_header(&header(4096, 3)), Some(12_288));
        assert_eq!(length_by_header(&header(1, 2)), Some(131_072));
        assert_eq!(length_by_header(&header(4096, 3)[..99]), None);
        assert_eq!(length_by_header(&[0; HEADER]), None);
        assert_eq!(length_by_header(b""), None);
    }
}
