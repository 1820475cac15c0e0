//! PostgreSQL servers for tests: one that all tests share, each with a schema of its own, and servers of one test alone.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

/// A running `scripts/postgres`. It ends when its input does, which is when this is dropped or the process of the tests ends.
pub(crate) struct Cluster {
    child: Child,
    say: Option<ChildStdin>,
    hear: BufReader<ChildStdout>,
    /// Its address, without a schema.
    pub(crate) url: String,
}

/// The address of the server that all tests share; none where PostgreSQL is not installed.
pub(crate) fn shared() -> Option<&'static str> {
    static URL: OnceLock<Option<(String, std::sync::Mutex<Cluster>)>> = OnceLock::new();
    let cluster = URL.get_or_init(|| Cluster::start().map(|cluster| (cluster.url.clone(), cluster.into())));
    Some(&cluster.as_ref()?.0)
}

/// The address of a fresh schema of the server that has this address.
pub(crate) async fn schema(url: &str) -> String {
    let schema = format!("test_{}", Uuid::new_v4().simple());
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    format!("{url}?options[search_path]={schema}")
}

impl Cluster {
    /// Starts one. Says so where PostgreSQL is not installed, and fails where it is required.
    pub(crate) fn start() -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/postgres");
        let mut child = Command::new(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let say = child.stdin.take();
        let hear = BufReader::new(child.stdout.take().unwrap());
        let mut cluster = Self {
            child,
            say,
            hear,
            url: String::new(),
        };
        cluster.url = cluster.heard();
        if cluster.url.is_empty() {
            let code = cluster.child.wait().unwrap().code();
            let required = std::env::var("GREENLIGHT_REQUIRE").unwrap_or_default();
            assert_eq!(code, Some(3), "scripts/postgres failed");
            assert!(
                !required.split(',').any(|tool| tool == "postgres"),
                "GREENLIGHT_REQUIRE names postgres, and it is not installed: apt-get install postgresql"
            );
            #[expect(clippy::print_stderr, reason = "a test that skips says so")]
            {
                eprintln!("skipped: PostgreSQL is not installed");
            }
            return None;
        }
        Some(cluster)
    }

    /// Stops the server at once, as a crash would.
    pub(crate) fn stop(&mut self) {
        assert_eq!(self.tell("stop"), "stopped");
    }

    /// Starts it again, where it was.
    pub(crate) fn start_again(&mut self) {
        assert_eq!(self.tell("start"), self.url);
    }

    fn tell(&mut self, line: &str) -> String {
        writeln!(self.say.as_mut().unwrap(), "{line}").unwrap();
        self.heard()
    }

    fn heard(&mut self) -> String {
        let mut line = String::new();
        self.hear.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.say.take());
        let _ = self.child.wait();
    }
}
