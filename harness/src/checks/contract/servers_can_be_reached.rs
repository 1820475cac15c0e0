//! Generated clients call what the document names as its server.

use url::{Host, Url};

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::served;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::contract::load::Contract;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct ServersCanBeReached;

static SPEC: Spec = Spec {
    id: "contract/servers-can-be-reached",
    layer: Layer::Contract,
    title: "The served contract names servers that its readers can reach",
    severity: Severity::Minor,
    suites: &[Suite::Contract],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Clients are generated with the document's servers as their base URL, and its page of documentation calls \
                  them. A host inside the cluster, somebody's localhost or plain http works where it was written and \
                  nowhere else. Servers that may well exist elsewhere, such as production, are left alone.",
    hint: "Give servers as a path (/api/v3), which is taken from where the document was read, or as the public URL.",
};

impl Check for ServersCanBeReached {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        served::probes(view.target).into_iter().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some((exchange, contract)) = served::found(view) else {
            return Judgement::NotApplicable("no contract is served".into());
        };
        let mut tally = Tally::new(view);
        tally.judged(exchange);
        for url in servers(&contract) {
            let Some(why) = unreachable(&url, &view.target.base) else {
                continue;
            };
            let url = clean(&url, 120);
            let found = SPEC
                .finds(
                    &url,
                    format!("The served contract tells clients to call {url}, {why}"),
                )
                .expected("a URL or path that the document's readers can reach")
                .actual(url.clone());
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

fn servers(contract: &Contract) -> Vec<String> {
    let listed = contract
        .document()
        .get("servers")
        .and_then(serde_json::Value::as_array);
    let urls = listed
        .into_iter()
        .flatten()
        .filter_map(|server| server.get("url")?.as_str());
    urls.take(10).map(str::to_owned).collect()
}

/// Why those who read the document at `base` cannot use this server. `None` for a path, or what may be reached.
fn unreachable(server: &str, base: &str) -> Option<&'static str> {
    let (server, base) = (Url::parse(server).ok()?, Url::parse(base).ok()?);
    let same = server.host_str() == base.host_str();
    let local = is_local(&base);
    match server.host()? {
        _ if same && server.scheme() == "http" && base.scheme() == "https" => Some("without TLS"),
        _ if same => None,
        _ if is_local(&server) => (!local).then_some("which is every reader's own machine"),
        Host::Ipv4(address) if address.is_private() || address.is_link_local() => {
            Some("an address of an inner network")
        }
        Host::Domain(name) if is_internal(name) => Some("a name that only the inner network knows"),
        _ => None,
    }
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        None => false,
    }
}

/// Names of inner networks: of one label, or under a suffix that the public DNS does not serve (RFC 6762, RFC 8375).
fn is_internal(name: &str) -> bool {
    const SUFFIXES: [&str; 6] = [".local", ".internal", ".svc", ".lan", ".home.arpa", ".intranet"];
    let variable = name.contains('{');
    !variable && (!name.contains('.') || SUFFIXES.iter().any(|suffix| name.ends_with(suffix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "https://api.acme.example/v3";

    #[test]
    fn servers_that_only_their_author_reaches_are_found() {
        for server in [
            "http://localhost:8000/api",
            "http://0.0.0.0:8000",
            "http://10.0.3.7/api",
            "http://orchestrate.default.svc.cluster.local:8080",
            "http://backend:8000",
            "http://api.acme.example/v3",
        ] {
            assert!(unreachable(server, PUBLIC).is_some(), "{server}");
        }
    }

    #[test]
    fn spares_paths_public_hosts_and_localhost_on_localhost() {
        for server in [
            "/api/v3",
            "https://api.acme.example",
            "https://staging.acme.example",
            "https://{tenant}.acme.example",
        ] {
            assert_eq!(unreachable(server, PUBLIC), None, "{server}");
        }
        assert_eq!(
            unreachable("http://localhost:8000", "http://127.0.0.1:4711/api"),
            None
        );
        assert_eq!(
            unreachable("https://api.acme.example", "http://127.0.0.1:4711"),
            None
        );
    }
}
