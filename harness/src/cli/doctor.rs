//! `greenlight doctor`: is it the service, or is it this machine? The checker is checked: its clock, names, proxies, trust,
//! terminal and configuration. With a URL one read of it tells the time.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use url::Url;

use crate::cli::args::{AboutArgs, Shape};
use crate::cli::client::Asking;
use crate::cli::complaint::Complaint;
use crate::cli::credentials;
use crate::cli::inputs;
use crate::cli::output::Screen;
use crate::cli::session;
use crate::model::checkup::{Checkup, Health, Part, SCHEMA};
use crate::model::exit;
use crate::report::checkup as report;
use crate::target::fault::nearest;
use crate::target::settings::VARIABLES;
use crate::target::words::BaseUrl;
use crate::transport::proxy::Via;
use crate::transport::tls::TlsSetup;

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// A URL whose name is looked up and whose answer tells the time, such as the service's
    pub url: Option<String>,
    /// Print as human or json
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Shape::Human)]
    pub format: Shape,
}

/// How long the read that tells the time may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// A clock that is off by this many seconds spoils what is judged of tokens and of freshness.
const OFF: i64 = 60;
/// Variables of the scripts and tests beside this program.
const OTHERS: &[&str] = &["REQUIRE", "BLESS", "BIN"];
/// How variables of ours begin.
const OURS: &str = "GREENLIGHT_";

/// Checks the checker, and returns 0 when it can be believed and 1 when it cannot.
pub async fn doctor(arguments: &DoctorArgs, screen: &Screen) -> Result<u8, Complaint> {
    let url = match &arguments.url {
        Some(text) => Some(BaseUrl::parse(text).map_err(|fault| Complaint::about("URL: ", &fault))?),
        None => None,
    };
    let url = url.and_then(|base| Url::parse(&base.0).ok());
    let parts = vec![
        clock(url.as_ref()).await,
        names(url.as_ref()).await,
        proxies(url.as_ref()),
        trust(),
        terminal(screen),
        configuration().await,
        variables(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())),
    ];
    let checkup = Checkup {
        schema: SCHEMA.to_owned(),
        parts,
    };
    match arguments.format {
        Shape::Human => screen.print(&report::human(&checkup, screen.style(false)))?,
        Shape::Json => screen.print(&report::json(&checkup))?,
    }
    Ok(match checkup.worst() {
        Health::Good | Health::Unknown => exit::PASS,
        Health::Odd | Health::Broken => exit::FAIL,
    })
}

/// Whether this machine's clock agrees with a server's (RFC 9110 §6.6.1).
async fn clock(url: Option<&Url>) -> Part {
    const NAME: &str = "clock";
    let Some(url) = url else {
        let now = Timestamp::now().strftime("%F %T UTC").to_string();
        return Part::unknown(
            NAME,
            format!("it says {now}, and was compared with nothing"),
            "give a URL: its Date header tells",
        );
    };
    match told_time(url).await {
        Err(why) => Part::unknown(
            NAME,
            format!("{} did not tell the time: {why}", url.authority()),
            "name another URL",
        ),
        Ok((here, there)) => compared(here.as_second() - there.as_second(), url.authority()),
    }
}

/// What a difference of so many seconds means.
fn compared(ahead: i64, whose: &str) -> Part {
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let seen = format!("{} s {side} {whose}", ahead.abs());
    match ahead.abs() {
        // The header tells whole seconds, and the answer took its time.
        0..=2 => Part::good("clock", format!("agrees with {whose}")),
        3..OFF => Part::good("clock", seen),
        _ => Part::broken(
            "clock",
            seen,
            "set one of the two clocks by NTP: tokens and freshness are judged by them",
        ),
    }
}

async fn told_time(url: &Url) -> Result<(Timestamp, Timestamp), String> {
    let asking = Asking::within(PATIENCE).map_err(inputs::told)?;
    let answer = asking
        .request(http::Method::GET, url.as_str())
        .send()
        .await
        .map_err(inputs::told)?;
    let here = Timestamp::now();
    let date = answer
        .headers()
        .get(http::header::DATE)
        .ok_or("its answer has no Date header")?;
    let date = date.to_str().map_err(|_| "its Date header is not text")?;
    let there = DateTimeParser::new()
        .parse_timestamp(date)
        .map_err(|_| "its Date header is no date")?;
    Ok((here, there))
}

/// Whether the system's resolver knows the name.
async fn names(url: Option<&Url>) -> Part {
    const NAME: &str = "names";
    let Some(url) = url else {
        return Part::unknown(NAME, "no name was looked up", "give a URL");
    };
    let host = url
        .host_str()
        .unwrap_or_default()
        .trim_matches(['[', ']'])
        .to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    match tokio::time::timeout(PATIENCE, tokio::net::lookup_host((host.as_str(), port))).await {
        Ok(Ok(found)) => {
            let mut all: Vec<String> = found.map(|address| address.ip().to_string()).collect();
            all.sort();
            all.dedup();
            Part::good(NAME, format!("{host} is {}", all.join(", ")))
        }
        Ok(Err(error)) => Part::broken(
            NAME,
            format!("{host}: {error}"),
            "ask another resolver: is it this machine's, or the name?",
        ),
        Err(_) => Part::broken(
            NAME,
            format!("{host} was not resolved within 5 s"),
            "look at the name servers of this machine",
        ),
    }
}

/// Which way requests go.
fn proxies(url: Option<&Url>) -> Part {
    const NAME: &str = "proxy";
    let capitals = std::env::var_os("HTTP_PROXY").is_some() && std::env::var_os("http_proxy").is_none();
    if capitals && url.is_none_or(|url| url.scheme() == "http") {
        let seen = "HTTP_PROXY is set, and http_proxy is not: the first is ignored, as curl does";
        return Part::odd(
            NAME,
            seen,
            "set http_proxy in small letters if plain HTTP shall go through it",
        );
    }
    let Some(url) = url else {
        return Part::good(
            NAME,
            "what the variables name is used; give a URL to see which way it goes",
        );
    };
    let Ok(base) = url.as_str().parse::<http::Uri>() else {
        return Part::unknown(NAME, "the URL is no URI", "name another URL");
    };
    match Via::of(&session::proxies(), &base) {
        Ok(None) => Part::good(NAME, format!("{} is reached directly", url.authority())),
        Ok(Some(via)) => Part::good(
            NAME,
            format!("{} is reached through {}:{}", url.authority(), via.host, via.port),
        ),
        Err(error) => Part::broken(
            NAME,
            error.to_string(),
            "mend the variable, or name the host in NO_PROXY",
        ),
    }
}

/// Whom this machine trusts.
fn trust() -> Part {
    const NAME: &str = "trust";
    let named =
        ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(|name| std::env::var_os(name).map(|value| (name, value)));
    for (name, value) in named.into_iter().flatten() {
        if !std::path::Path::new(&value).exists() {
            let seen = format!("{name} names {}, which is not there", value.display());
            return Part::broken(NAME, seen, "unset it, or name the file of trusted certificates");
        }
    }
    match TlsSetup::load(None) {
        Ok(_) => Part::good(NAME, "the system's certificates are there"),
        Err(error) => Part::broken(
            NAME,
            error.to_string(),
            "install ca-certificates, or set SSL_CERT_FILE",
        ),
    }
}

fn terminal(screen: &Screen) -> Part {
    let colour = if screen.out.color {
        "in colour"
    } else {
        "without colour"
    };
    let watched = if screen.watched {
        "watched"
    } else {
        "not watched, so without progress"
    };
    let kind = if screen.out.is_one {
        "a terminal"
    } else {
        "no terminal"
    };
    Part::good(
        "terminal",
        format!("{kind}, {} columns, {colour}, {watched}", screen.out.width),
    )
}

/// Whether the profile that lies here, and the settings of the environment, can be read.
async fn configuration() -> Part {
    const NAME: &str = "profile";
    let about = AboutArgs::default();
    let here = std::path::Path::new(inputs::FOUND).is_file();
    match inputs::gather(&about).await {
        Ok(_) if here => Part::good(NAME, format!("{} is read without a complaint", inputs::FOUND)),
        Ok(_) => Part::good(NAME, format!("there is no {} here", inputs::FOUND)),
        Err(complaint) => {
            let first = complaint
                .text
                .lines()
                .find(|line| !line.trim().is_empty())
                .unwrap_or_default();
            Part::broken(NAME, first.trim(), "`greenlight verify --plan` shows the place")
        }
    }
}

/// Variables that are nearly settings. Those of a profile are its owner's to name.
fn variables(names: impl Iterator<Item = String>) -> Part {
    const NAME: &str = "variables";
    let ours: Vec<String> = names.filter(|name| name.starts_with(OURS)).collect();
    let settings: Vec<&str> = VARIABLES
        .iter()
        .filter_map(|name| name.strip_prefix(OURS))
        .collect();
    let typo = |name: &&String| {
        let own = name.strip_prefix(OURS)?;
        let known = settings.contains(&own) || OTHERS.contains(&own) || credentials::is_secret_by_name(own);
        nearest(own, settings.iter().copied()).filter(|_| !known)
    };
    let odd = ours.iter().find_map(|name| Some((name, typo(&name)?)));
    if let Some((odd, near)) = odd {
        let next = format!("did you mean {OURS}{near}?");
        return Part::odd(NAME, format!("{odd} is no setting"), &next);
    }
    match ours.len() {
        0 => Part::good(NAME, "no GREENLIGHT_* variable is set"),
        _ => Part::good(NAME, format!("set: {}", ours.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_a_minute_off_is_broken_and_a_second_is_nothing() {
        let health = |ahead| compared(ahead, "x").health;
        assert_eq!([0, 2, -2, 59, -59].map(health), [Health::Good; 5]);
        assert_eq!([60, -60, 86_400].map(health), [Health::Broken; 3]);
        assert_eq!(
            compared(-94, "api.acme.example").seen,
            "94 s behind api.acme.example"
        );
    }

    #[test]
    fn a_variable_that_is_nearly_a_setting_is_told() {
        let told = |names: &[&str]| variables(names.iter().map(|name| (*name).to_owned()));
        let odd = told(&["PATH", "GREENLIGHT_ORIGINS"]);
        assert_eq!(odd.health, Health::Odd);
        assert_eq!(odd.next.as_deref(), Some("did you mean GREENLIGHT_ORIGIN?"));
        assert_eq!(
            told(&["GREENLIGHT_ORIGIN", "GREENLIGHT_REQUIRE"]).health,
            Health::Good
        );
        assert_eq!(told(&[]).health, Health::Good);
        // The variables of a profile are its owner's to name.
        for credential in [
            "GREENLIGHT_EXPIRED_TOKEN",
            "GREENLIGHT_CI_TOKEN",
            "GREENLIGHT_CLIENT_SECRET",
        ] {
            assert_eq!(told(&[credential]).health, Health::Good, "{credential}");
        }
        assert_eq!(told(&["GREENLIGHT_DASHBOARD"]).health, Health::Good);
    }
}
