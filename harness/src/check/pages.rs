//! Browser pages that call the service, and what they send: the asks that checks of CORS share, and that causes look up.

use crate::check::asks::{NO_SUCH_ROUTE, preflight, preflight_need, protected, request};
use crate::check::view::View;
use crate::cors::origin::origin_of;
use crate::cors::preflight::{Granted, Refused, judge};
use crate::cors::request::PreflightNeed;
use crate::model::exchange::{Exchange, Reply};
use crate::model::probe::{Mode, Mutation, Origin, Page, Probe, SecretName};
use crate::model::target::{Call, Client, ClientCall, Scheme, Target};

/// A route that is cheap to read, and meant to be: health, as the profile has it or convention does.
pub fn cheap_route(target: &Target) -> &str {
    target.routes.health.as_deref().unwrap_or("/health")
}

/// The pages that need CORS: those whose origin is not the service's own (HTML §7.1.1).
pub fn abroad(target: &Target) -> impl Iterator<Item = &Client> {
    let own = url::Url::parse(&target.base).ok().map(|url| origin_of(&url));
    target
        .clients
        .iter()
        .filter(move |client| own.as_ref() != Some(&client.origin))
}

/// The client's page on another origin that sent this, when one did. Preflights are the browser's, not the page's.
pub fn page_of<'e>(exchange: &'e Exchange, target: &Target) -> Option<&'e Page> {
    let page = exchange
        .probe
        .page
        .as_ref()
        .filter(|_| !exchange.probe.is_preflight())?;
    abroad(target)
        .any(|client| client.origin == page.origin)
        .then_some(page)
}

/// Every answer to a client's page on another origin, preflights aside.
pub fn answers<'v>(view: &View<'v>) -> impl Iterator<Item = (&'v Exchange, &'v Page, &'v Reply)> {
    let target = view.target;
    view.answers()
        .filter_map(move |(exchange, reply)| page_of(exchange, target).map(|page| (exchange, page, reply)))
}

/// A CORS-preflight request that a client's browser sends, and the call behind it.
#[derive(Debug, Clone)]
pub struct Preflight<'t> {
    /// Whose page calls.
    pub client: &'t Client,
    /// What it calls.
    pub made: &'t ClientCall,
    /// What the preflight asks for.
    pub need: PreflightNeed,
    /// The request.
    pub probe: Probe,
}

impl Preflight<'_> {
    /// Whether this answer lets the call through, as a browser decides it.
    pub fn judge(&self, reply: &Reply) -> Result<Granted, Refused> {
        judge(
            &self.need,
            &self.client.origin,
            self.client.credentials,
            reply.status,
            &reply.headers,
        )
    }

    /// Which call from where, as a finding names it.
    pub fn subject(&self) -> String {
        format!("{} from {}", self.made.call, self.client.origin)
    }
}

/// Every preflight that the clients' browsers send.
pub fn preflights(target: &Target) -> Vec<Preflight<'_>> {
    let calls = abroad(target).flat_map(|client| client.calls.iter().map(move |made| (client, made)));
    calls
        .filter_map(|(client, made)| {
            Some(Preflight {
                client,
                made,
                need: preflight_need(made)?,
                probe: preflight(&client.origin, client.credentials, made)?,
            })
        })
        .collect()
}

/// The header that a preflight names the page's request headers in.
const ASKED: &str = "access-control-request-headers";

/// The same preflight, asking for these request headers as they are written here.
fn asking_for(preflight: &Preflight<'_>, names: String) -> Probe {
    let mut probe = preflight.probe.clone();
    probe.headers.retain(|(name, _)| name != ASKED);
    probe.headers.push((ASKED.to_owned(), names.into()));
    probe
}

/// The same preflight with its request headers as people write them, `Authorization, Content-Type`, which no browser does
/// (Fetch §4.8, step 5). `None` when it asks for none.
pub fn spelt_by_people(preflight: &Preflight<'_>) -> Option<Probe> {
    let title = |word: &str| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        format!("{}{rest}", first.to_ascii_uppercase())
    };
    let name = |name: &String| name.split('-').map(title).collect::<Vec<_>>().join("-");
    let names: Vec<String> = preflight.need.header_names.iter().map(name).collect();
    (!names.is_empty()).then(|| asking_for(preflight, names.join(", ")))
}

/// A request header that no service knows.
pub const UNKNOWN_HEADER: &str = "x-greenlight-unlisted";

/// The same preflight asking for a header that no service knows: alone, or beside those that the page sends.
pub fn with_unknown_header(preflight: &Preflight<'_>, alone: bool) -> Probe {
    let mut names = vec![UNKNOWN_HEADER.to_owned()];
    if !alone {
        names.extend(preflight.need.header_names.iter().cloned());
        names.sort();
    }
    asking_for(preflight, names.join(","))
}

/// A route that is cheap to read and changes seldom: the version, else the cheap one.
pub fn steady_route(target: &Target) -> &str {
    let version = target.routes.version.as_ref();
    version.map_or_else(|| cheap_route(target), |place| place.route.as_str())
}

/// A preflight as a page at this origin would cause it, for the first call that needs one, and that call's need.
pub fn preflight_from(target: &Target, origin: &Origin) -> Option<(PreflightNeed, Probe)> {
    let first = preflights(target).into_iter().next()?;
    let probe = preflight(origin, Mode::Include, first.made)?;
    Some((first.need, probe))
}

/// A read of the cheap route from this origin, with cookies, as a page of a stranger would send it.
pub fn read_by_stranger(target: &Target, origin: &Origin) -> Probe {
    Probe::get(cheap_route(target))
        .page(origin, Mode::Include)
        .build()
}

/// What each client's page reads: the cheap route, and every call of its own that only reads, with the credential if it sends
/// one. A path with a variable in it is left out, since nobody said with what to fill it.
pub fn reads(target: &Target) -> Vec<Probe> {
    let mut probes = Vec::new();
    for client in abroad(target) {
        let page = |route: &str| Probe::get(route).page(&client.origin, client.credentials);
        probes.push(page(cheap_route(target)).build());
        let gets = client.calls.iter().filter(|made| made.call.method == "GET");
        for made in gets.filter(|made| !made.call.path.contains('{')) {
            let request = page(&made.call.path).nature(target.nature_of(&made.call));
            let request = match credential(target, made) {
                Some(name) => request.who(name, Mutation::AsIs),
                None => request,
            };
            probes.push(request.build());
        }
    }
    probes.dedup();
    probes
}

/// The credential that a page sends with this call.
fn credential<'t>(target: &'t Target, made: &ClientCall) -> Option<&'t SecretName> {
    let auth = target.auth.as_ref()?;
    let header = match &auth.scheme {
        Scheme::Bearer | Scheme::Basic => "authorization",
        Scheme::ApiKey { header } => header,
    };
    let sends = made.headers.iter().any(|name| name.eq_ignore_ascii_case(header));
    auth.good().filter(|_| sends).map(|good| &good.name)
}

/// The operation that the service is for, as far as that is known: a protected one, else the first that a page writes to.
pub fn main_call(target: &Target) -> Option<Call> {
    let writes = |made: &&ClientCall| !matches!(made.call.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    protected(target)
        .into_iter()
        .find(|call| !call.path.contains('{') && call.method != "GET")
        .or_else(|| {
            let calls = target.clients.iter().flat_map(|client| &client.calls);
            calls
                .filter(writes)
                .map(|made| &made.call)
                .find(|call| !call.path.contains('{'))
                .cloned()
        })
}

/// Reads that a good service answers with an error, from this page: an unknown route, and `GET` where only another method is.
pub fn wrong_reads(target: &Target, origin: &Origin, mode: Mode) -> Vec<Probe> {
    let main = main_call(target).map(|call| call.path);
    [Some(NO_SUCH_ROUTE.to_owned()), main]
        .into_iter()
        .flatten()
        .map(|path| {
            let call = Call {
                method: "GET".to_owned(),
                path,
            };
            request(target, &call).page(origin, mode).build()
        })
        .collect()
}

/// This origin as careless lists spell it, and its nearest neighbours. An answer that allows one shows what the list holds.
pub fn spelt_otherwise(origin: &Origin) -> Vec<Origin> {
    let Some((scheme, host)) = origin.0.split_once("://") else {
        return Vec::new();
    };
    let twin = if scheme == "https" { "http" } else { "https" };
    let www = host.strip_prefix("www.").map_or_else(
        || format!("{scheme}://www.{host}"),
        |bare| format!("{scheme}://{bare}"),
    );
    let upper = format!("{scheme}://{}", host.to_ascii_uppercase());
    let mut all = vec![format!("{origin}/"), format!("{twin}://{host}"), www, upper];
    if !host.contains(':') {
        all.push(format!("{origin}:{}", if scheme == "https" { 443 } else { 80 }));
    }
    all.into_iter()
        .filter(|text| *text != origin.0)
        .map(Origin)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{ORIGIN, answered, call, target};
    use crate::model::probe::Effect;

    #[test]
    fn a_page_on_the_services_own_origin_needs_no_cors() {
        let mut target = target();
        let mut own = target.clients[0].clone();
        own.origin = Origin("http://notes.example".into());
        target.clients.insert(0, own.clone());
        let origins: Vec<_> = abroad(&target).map(|client| client.origin.0.as_str()).collect();
        assert_eq!(origins, [ORIGIN]);
        let probe = Probe::get("/health").page(&own.origin, Mode::Include).build();
        assert_eq!(page_of(&answered(1, &probe, 200, &[], ""), &target), None);
    }

    #[test]
    fn a_page_reads_with_the_credential_that_it_sends_and_never_what_costs_money() {
        let mut target = target();
        let get = |path: &str, headers: &[&str]| ClientCall {
            call: Call {
                method: "GET".into(),
                path: path.into(),
            },
            headers: headers.iter().map(|name| (*name).to_owned()).collect(),
        };
        target.clients[0].calls = vec![
            get("/me", &["authorization"]),
            get("/public", &[]),
            get("/notes/{id}", &[]),
        ];
        let seen: Vec<_> = reads(&target)
            .into_iter()
            .map(|probe| (probe.operation(), probe.who.is_some(), probe.effect))
            .collect();
        let expected = [("GET /health", false), ("GET /me", true), ("GET /public", false)];
        assert_eq!(
            seen,
            expected.map(|(operation, who)| (operation.to_owned(), who, Effect::Read))
        );
    }

    #[test]
    fn what_the_service_is_for_is_its_protected_operation_or_what_a_page_writes_to() {
        let mut target = target();
        assert_eq!(main_call(&target), Some(call()));
        target.auth = None;
        assert_eq!(main_call(&target), Some(call()));
        target.clients.clear();
        assert_eq!(main_call(&target), None);
    }

    #[test]
    fn spells_an_origin_as_careless_lists_do() {
        let spelt: Vec<_> = spelt_otherwise(&Origin(ORIGIN.into()))
            .into_iter()
            .map(|o| o.0)
            .collect();
        let expected = [
            "https://app.example/",
            "http://app.example",
            "https://www.app.example",
            "https://APP.EXAMPLE",
            "https://app.example:443",
        ];
        assert_eq!(spelt, expected);
        assert_eq!(spelt_otherwise(&Origin("null".into())), []);
    }
}
