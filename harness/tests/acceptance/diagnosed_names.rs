//! `diagnose` of a name that resolvers make different things of, with resolvers on loopback. What this machine's own make of it
//! is left open: the name is reserved (RFC 6761 §6.2), and they know no address of it or cannot be asked.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use greenlight::lab::edge::tls::Shown;
use greenlight::lab::edge::twist::Twist;
use greenlight::lab::edge::{Edge, Front, HOST, Standing};
use greenlight::lab::subject::concierge;
use greenlight::model::names::{Lookup, Said, Whose};
use greenlight::transport::resolvers::{self, ask};
use orchestrate::config::Settings;
use serde_json::Value;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use crate::binary::{Ran, greenlight, ran, run};
use crate::dns::{Manner, Resolver};

/// The service behind TLS, under a name that only the resolvers of a test know.
struct Named {
    standing: Standing,
    base: String,
    port: u16,
    ca: tempfile::NamedTempFile,
}

impl Named {
    async fn start() -> Named {
        let mut subject = concierge().unwrap();
        let edge = Edge::that(Twist::None).over(Front::Tls(Shown::Good));
        let standing = edge.start(Settings::development(), &mut subject).await.unwrap();
        let base = subject.target.base;
        let port = base.split([':', '/']).find_map(|part| part.parse().ok()).unwrap();
        let ca = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(ca.path(), subject.ca_pem.unwrap()).unwrap();
        Named {
            standing,
            base,
            port,
            ca,
        }
    }

    /// The same service at another address of loopback.
    async fn also_at(&self, address: IpAddr) {
        let listener = TcpListener::bind((address, self.port)).await.unwrap();
        let port = self.port;
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut service = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    let _ = copy_bidirectional(&mut client, &mut service).await;
                });
            }
        });
    }

    /// Somebody else at another address of loopback, with a certificate of their own.
    async fn somebody_else_at(&self, address: IpAddr) {
        let params = rcgen::CertificateParams::new(vec!["parked.example".to_owned()]).unwrap();
        self.with_certificate_at(address, params).await;
    }

    /// A certificate that vouches for itself at another address of loopback, with whoever it names and for as long as it says.
    async fn with_certificate_at(&self, address: IpAddr, params: rcgen::CertificateParams) {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config =
            rustls::ServerConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate.der().clone()], key)
                .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
        let listener = TcpListener::bind((address, self.port)).await.unwrap();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let _ = acceptor.accept(client).await;
            }
        });
    }

    /// What `diagnose` makes of it with these resolvers, and how long it takes.
    async fn diagnosed(&self, resolvers: &[&Resolver]) -> (Ran, Duration) {
        let mut command = greenlight([
            "diagnose",
            &self.base,
            "--profile",
            "concierge",
            "--format",
            "json",
        ]);
        command.arg("--cacert").arg(self.ca.path());
        for resolver in resolvers {
            command.args(["--resolver", &resolver.at.to_string()]);
        }
        let begun = Instant::now();
        (ran(command).await, begun.elapsed())
    }
}

fn here(last: u8) -> IpAddr {
    IpAddr::from([127, 0, 0, last])
}

/// The causes, the first first.
fn causes(report: &Value) -> Vec<&str> {
    let causes = report["diagnoses"].as_array().unwrap().iter();
    causes.map(|one| one["cause"].as_str().unwrap()).collect()
}

/// The cause that is named first, when it tells of this resolver: those of this machine may have one of their own.
fn first_of<'r>(report: &'r Value, resolver: &Resolver) -> &'r str {
    let first = &report["diagnoses"][0];
    let tells = first.to_string().contains(&resolver.at.to_string());
    if tells {
        first["cause"].as_str().unwrap()
    } else {
        ""
    }
}

/// What was found of one of these resolvers. Those of this machine may know less than they.
fn found(report: &Value, resolvers: &[&Resolver]) -> Vec<String> {
    let of_them = |finding: &&Value| {
        let about = resolvers
            .iter()
            .any(|resolver| finding["subject"] == resolver.at.to_string());
        finding["check"] == "reach/resolvers-agree" && about
    };
    let findings = report["findings"].as_array().unwrap().iter().filter(of_them);
    findings
        .map(|finding| finding["title"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_knows_does_not_exist() {
    let first = Resolver::start(Manner::NoSuchName).await;
    let second = Resolver::start(Manner::NoSuchName).await;
    let flags = [first.at.to_string(), second.at.to_string()];
    let url = "https://api.greenlight.test/v1";
    let arguments = ["diagnose", url, "--resolver", &flags[0], "--resolver", &flags[1]];
    let begun = Instant::now();
    let told = run(arguments.into_iter().chain(["--format", "json"])).await;
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    let report = told.json();
    assert_eq!(causes(&report)[0], "name-does-not-exist", "{}", told.out);
    assert_eq!(told.code, 1, "{}", told.out);
    let human = run(arguments).await.out;
    let human = human.split_whitespace().collect::<Vec<_>>().join(" ");
    for says in [
        "there is no name api.greenlight.test in DNS".to_owned(),
        format!("{} says that there is no such name", flags[1]),
    ] {
        assert!(human.contains(&says), "{human}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn different_addresses_that_are_good_are_no_fault_and_neither_is_a_resolver_that_is_silent() {
    let service = Named::start().await;
    service.also_at(here(2)).await;
    let first = Resolver::start(Manner::Gives(vec![here(1)])).await;
    let second = Resolver::start(Manner::Gives(vec![here(2)])).await;
    let silent = Resolver::start(Manner::Silent).await;
    let refuses = Resolver::start(Manner::Refuses).await;
    let resolvers = [&first, &second, &silent, &refuses];
    let (told, took) = service.diagnosed(&resolvers).await;
    let report = told.json();
    assert_eq!(found(&report, &resolvers), Vec::<String>::new(), "{}", told.out);
    assert!(!causes(&report).contains(&"unreachable"), "{}", told.out);
    // What was asked at both addresses was answered.
    assert!(report["sent"]["reads"].as_u64().unwrap() > 8, "{}", told.out);
    assert!(took < Duration::from_secs(20), "{took:?}");
    service.standing.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolver_that_fails_where_another_does_not_is_named() {
    let service = Named::start().await;
    let good = Resolver::start(Manner::Gives(vec![here(1)])).await;
    for (manner, cause, says) in [
        (Manner::NoSuchName, "resolvers-disagree", "knows no name"),
        (Manner::NoAddress, "resolvers-disagree", "knows no address of"),
        (Manner::FailsAtIt, "name-resolution-broken", "fails at it"),
    ] {
        let bad = Resolver::start(manner).await;
        let (told, _) = service.diagnosed(&[&good, &bad]).await;
        let report = told.json();
        assert_eq!(first_of(&report, &bad), cause, "{says}: {}", told.out);
        assert_eq!(found(&report, &[&good, &bad]).len(), 1, "{says}: {}", told.out);
        assert!(told.out.contains(says), "{says}: {}", told.out);
        assert_eq!(told.code, 1, "{says}: {}", told.out);
    }
    // Who fails at everything is broken, and not the name.
    let broken = Resolver::start(Manner::FailsAtAll).await;
    let (told, _) = service.diagnosed(&[&good, &broken]).await;
    assert_eq!(
        found(&told.json(), &[&good, &broken]),
        Vec::<String>::new(),
        "{}",
        told.out
    );
    service.standing.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolver_that_leads_to_where_the_service_is_not_is_named_whichever_is_asked_first() {
    let service = Named::start().await;
    service.somebody_else_at(here(4)).await;
    let good = Resolver::start(Manner::Gives(vec![here(1)])).await;
    for (last, says) in [
        (3, "nothing listens there"),
        (4, "a certificate that is not good for it"),
    ] {
        let bad = Resolver::start(Manner::Gives(vec![here(last)])).await;
        for resolvers in [[&good, &bad], [&bad, &good]] {
            let (told, took) = service.diagnosed(&resolvers).await;
            let report = told.json();
            let titles = found(&report, &resolvers);
            assert_eq!(titles.len(), 1, "{says}: {}", told.out);
            assert!(
                titles[0].contains(says) && titles[0].contains(&bad.at.to_string()),
                "{titles:?}"
            );
            assert_eq!(
                first_of(&report, &bad),
                "resolvers-disagree",
                "{says}: {}",
                told.out
            );
            assert_eq!(told.code, 1, "{says}: {}", told.out);
            assert!(took < Duration::from_secs(20), "{took:?}");
        }
    }
    service.standing.stop().await;
}

/// An address whose certificate was forgotten, behind the name of one whose certificate was renewed.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_bad_at_one_address_of_several_is_named_with_its_address() {
    let service = Named::start().await;
    let mut expired = rcgen::CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    expired.not_before = rcgen::date_time_ymd(2001, 1, 1);
    expired.not_after = rcgen::date_time_ymd(2011, 1, 1);
    service.with_certificate_at(here(2), expired).await;
    let unsigned = rcgen::CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    service.with_certificate_at(here(5), unsigned).await;
    for (last, cause, says) in [
        (2, "certificate-expired", "its certificate has expired"),
        (
            5,
            "certificate-untrusted",
            "signed by an issuer that is not trusted here",
        ),
    ] {
        for addresses in [[here(1), here(last)], [here(last), here(1)]] {
            let mut command = greenlight([
                "diagnose",
                &service.base,
                "--profile",
                "concierge",
                "--format",
                "json",
            ]);
            command.arg("--cacert").arg(service.ca.path());
            for address in addresses {
                command.args(["--resolve", &format!("{HOST}:{address}")]);
            }
            let told = ran(command).await;
            let report = told.json();
            assert_eq!(causes(&report)[0], cause, "{addresses:?}: {}", told.out);
            let headline = report["headline"].as_str().unwrap();
            let whole = format!("One address of {HOST} turns callers away: at {} ", here(last));
            assert!(
                headline.starts_with(&whole) && headline.contains(says),
                "{headline}"
            );
            assert_eq!(told.code, 1, "{}", told.out);
        }
    }
    service.standing.stop().await;
}

/// What one resolver is taken to say of a name, asked as `diagnose` asks.
async fn said(manner: Manner) -> (Said, Duration) {
    let resolver = Resolver::start(manner).await;
    let asked = resolvers::Resolver {
        at: resolver.at,
        whose: Whose::Given,
    };
    let begun = Instant::now();
    let told: Vec<Lookup> = ask("api.greenlight.test", &[asked]).await;
    (told[1].said.clone(), begun.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_resolver_is_over_in_time_and_bounded_and_believed_nothing() {
    let addresses = |many: usize| {
        let addresses = (0..many).map(|n| IpAddr::from([127, 1, 0, u8::try_from(n).unwrap()]));
        Said::Addresses {
            addresses: addresses.collect(),
            ttl: Some(300),
        }
    };
    for (manner, expected) in [
        (Manner::Silent, Said::Silence),
        (Manner::WrongId, Said::Silence),
        (Manner::WrongQuestion(here(9)), Said::Silence),
        (Manner::Truncates, Said::Silence),
        (Manner::Garbage, Said::Garbled),
        (Manner::Floods(2_000), addresses(16)),
        (Manner::FailsAtIt, Said::Failure { able: true }),
        (Manner::FailsAtAll, Said::Failure { able: false }),
        (Manner::Refuses, Said::Refused),
        (Manner::NoAddress, Said::NoAddress),
    ] {
        let (said, took) = said(manner).await;
        assert_eq!(said, expected);
        assert!(took < Duration::from_secs(4), "{expected:?} {took:?}");
    }
}

#[tokio::test]
async fn where_nobody_listens_there_is_no_resolver_and_the_service_is_not_judged() {
    // Datagrams to it come to nobody: a resolver is asked by UDP first.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let asked = resolvers::Resolver {
        at: held.local_addr().unwrap(),
        whose: Whose::Given,
    };
    let told = ask("api.greenlight.test", &[asked]).await;
    assert!(!told[1].said.is_of_the_name(), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_of_resolvers_is_judged_again_as_it_was() {
    let service = Named::start().await;
    let good = Resolver::start(Manner::Gives(vec![here(1)])).await;
    let bad = Resolver::start(Manner::NoSuchName).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("incident.json");
    let mut command = greenlight([
        "diagnose",
        &service.base,
        "--profile",
        "concierge",
        "--format",
        "json",
    ]);
    command
        .arg("--cacert")
        .arg(service.ca.path())
        .arg("--record")
        .arg(&file);
    for resolver in [&good, &bad] {
        command.args(["--resolver", &resolver.at.to_string()]);
    }
    let live = ran(command).await;
    service.standing.stop().await;
    let again = run(["replay", file.to_str().unwrap(), "--format", "json"]).await;
    assert_eq!((again.code, again.json()), (live.code, live.json()));
    let recording: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let names = recording["names"].as_array().unwrap();
    let whose: Vec<&str> = names.iter().map(|one| one["whose"].as_str().unwrap()).collect();
    assert_eq!(
        (whose[0], whose.iter().filter(|one| **one == "given").count()),
        ("machine", 2)
    );
    // The next command asks the same resolvers.
    let next = recording["diagnosis"].as_str().unwrap();
    assert!(next.contains(&format!("--resolver {}", bad.at)), "{next}");
}

#[tokio::test]
async fn where_no_name_is_looked_up_no_resolver_is_asked() {
    let resolver = Resolver::start(Manner::NoSuchName).await;
    let at = resolver.at.to_string();
    let pin = format!("{HOST}:127.0.0.1");
    let pinned = format!("http://{HOST}:9");
    for arguments in [
        &["http://127.0.0.1:9"][..],
        &["http://localhost:9"],
        &[&pinned, "--resolve", &pin],
    ] {
        let fixed = ["diagnose", "--resolver", &at, "--format", "json"];
        let told = run(fixed.into_iter().chain(arguments.iter().copied())).await;
        let report = told.json();
        let check = report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .find(|check| check["check"] == "reach/resolvers-agree");
        assert_eq!(check.unwrap()["outcome"], "skipped", "{arguments:?} {}", told.out);
        assert!(
            told.out.contains("no resolver was asked"),
            "{arguments:?} {}",
            told.out
        );
    }
}

#[tokio::test]
async fn what_is_no_resolver_is_refused_before_anything_is_sent() {
    let many = ["--resolver", "9.9.9.9"].repeat(5);
    for (arguments, says) in [
        (
            &["--resolver", "dns.example"][..],
            "its name would have to be resolved",
        ),
        (&many, "--resolver is given 5 times"),
        (&["--resolver", "9.9.9.9", "--har", "-"], "cannot be used with"),
    ] {
        let url = ["diagnose", "http://127.0.0.1:9"];
        let told = run(url.into_iter().chain(arguments.iter().copied())).await;
        assert_eq!(told.code, 2, "{arguments:?} {}", told.err);
        assert!(told.err.contains(says), "{arguments:?} {}", told.err);
    }
}
