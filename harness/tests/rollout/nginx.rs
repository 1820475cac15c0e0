//! A real nginx in front of instances: each request goes to one of them at random, or to each in its turn.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// An instance behind nginx, and its weight among the others.
pub(crate) type Weighted = (u16, u32);

/// A running nginx; stopped when it is dropped.
pub(crate) struct Nginx {
    directory: TempDir,
    child: Child,
}

/// What an nginx is told of how to pass requests on.
#[derive(Clone, Copy)]
struct Passing<'a> {
    /// The directive of an upstream that chooses among its instances.
    chosen: &'a str,
    /// Directives beside `proxy_pass`.
    beside: &'a str,
}

/// Any instance by its weight, each time anew.
const AT_RANDOM: Passing<'_> = Passing {
    chosen: "random;",
    beside: "",
};
/// One instance after the other: where few requests must meet every instance.
const IN_TURN: Passing<'_> = Passing {
    chosen: "",
    beside: "",
};

/// Whether there is an nginx here. Says so where there is none, and fails where one is required.
pub(crate) fn is_here() -> bool {
    let found = binary().is_some();
    let required = std::env::var("GREENLIGHT_REQUIRE").unwrap_or_default();
    assert!(
        found || !required.split(',').any(|tool| tool == "nginx"),
        "GREENLIGHT_REQUIRE names nginx, and there is none: apt-get install nginx-light"
    );
    if !found {
        eprintln!("skipped: there is no nginx here");
    }
    found
}

fn binary() -> Option<&'static str> {
    let places = [
        "/usr/sbin/nginx",
        "/usr/local/sbin/nginx",
        "/usr/bin/nginx",
        "/opt/homebrew/bin/nginx",
    ];
    places.into_iter().find(|place| Path::new(place).is_file())
}

impl Nginx {
    /// Starts one that listens on these ports and sends what comes there to these instances, at random.
    pub(crate) async fn start(doors: &[(u16, Vec<Weighted>)]) -> Nginx {
        Nginx::passing(doors, AT_RANDOM).await
    }

    /// The same, to one instance after the other.
    pub(crate) async fn in_turn(doors: &[(u16, Vec<Weighted>)]) -> Nginx {
        Nginx::passing(doors, IN_TURN).await
    }

    /// The same as [`Nginx::start`], with these directives beside `proxy_pass`.
    pub(crate) async fn meddling(doors: &[(u16, Vec<Weighted>)], directives: &str) -> Nginx {
        let passing = Passing {
            beside: directives,
            ..AT_RANDOM
        };
        Nginx::passing(doors, passing).await
    }

    async fn passing(doors: &[(u16, Vec<Weighted>)], passing: Passing<'_>) -> Nginx {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), doors, passing);
        let child = Command::new(binary().unwrap())
            .args([
                "-p",
                directory.path().to_str().unwrap(),
                "-c",
                "nginx.conf",
                "-e",
                "error.log",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let nginx = Nginx { directory, child };
        for (port, _) in doors {
            nginx.listens(*port).await;
        }
        nginx
    }

    /// Sends what comes to other instances from now on, as a deploy does.
    pub(crate) fn reload(&self, doors: &[(u16, Vec<Weighted>)]) {
        write(self.directory.path(), doors, AT_RANDOM);
        let pid = rustix::process::Pid::from_raw(self.child.id().unwrap().cast_signed()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    }

    async fn listens(&self, port: u16) {
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let log = std::fs::read_to_string(self.directory.path().join("error.log")).unwrap_or_default();
        panic!("nginx does not listen on {port}: {log}");
    }
}

fn write(directory: &Path, doors: &[(u16, Vec<Weighted>)], passing: Passing<'_>) {
    let Passing { chosen, beside } = passing;
    let mut text = String::from(
        "daemon off;\nworker_processes 1;\npid nginx.pid;\nworker_shutdown_timeout 1s;\nevents { worker_connections 512; }\n\
         http {\n  access_log off;\n  client_body_temp_path b;\n  proxy_temp_path p;\n  fastcgi_temp_path f;\n  \
         uwsgi_temp_path u;\n  scgi_temp_path s;\n  proxy_cache_path c keys_zone=c:1m;\n",
    );
    for (port, instances) in doors {
        writeln!(text, "  upstream u{port} {{\n    {chosen}").unwrap();
        for (instance, weight) in instances {
            writeln!(text, "    server 127.0.0.1:{instance} weight={weight};").unwrap();
        }
        writeln!(
            text,
            "  }}\n  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://u{port}; {beside} }} }}"
        )
        .unwrap();
    }
    text.push_str("}\n");
    std::fs::write(directory.join("nginx.conf"), text).unwrap();
}
