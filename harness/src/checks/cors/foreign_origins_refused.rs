//! An allow-list that compares carelessly opens the API to pages that nobody listed: a reflected `Origin`, `null`, a domain that
//! begins or ends like the trusted one. With credentials allowed, such a page acts as whichever user visits it (CWE-942).

use crate::check::Check;
use crate::check::asks::FOREIGN;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::cors::header::HeaderList;
use crate::cors::lookalike::{is_local, look_alikes};
use crate::cors::nearest::{Difference, difference};
use crate::cors::origin::origin_of;
use crate::cors::preflight;
use crate::cors::request::PreflightNeed;
use crate::cors::response::readable;
use crate::cors::sentence::quoted;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::{Ask, Mode, Origin, Probe};
use crate::model::target::{Environment, Target};

/// The check.
pub struct ForeignOriginsRefused;

static SPEC: Spec = Spec {
    id: "cors/foreign-origins-refused",
    layer: Layer::Cors,
    title: "No page that nobody listed may act with a user's credentials",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A server that echoes whatever Origin it is sent, and allows credentials, lets any website read the API as \
                  the user who visits it. The same hole in smaller sizes: the origin \"null\", which every sandboxed frame \
                  has; comparisons by prefix, by suffix, or by a pattern whose dot is not escaped; the plain-http twin of a \
                  trusted origin. \"*\" without credentials is none of these and is healthy.",
    hint: "Compare the whole origin, byte for byte, with a list of origins; never echo what was sent.",
};

/// Where development servers serve pages, by custom: Create React App, Next.js and Rails; Vite.
const DEVELOPMENT: [&str; 2] = ["http://localhost:3000", "http://localhost:5173"];

/// Look-alikes that production is asked with, besides a foreign origin and `null`.
const ON_PRODUCTION: usize = 2;

impl Check for ForeignOriginsRefused {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let target = view.target;
        let reads = strangers(target)
            .into_iter()
            .map(|(origin, _)| pages::read_by_stranger(target, &origin));
        let preflights = preflights(target).into_iter().map(|(_, _, probe)| probe);
        let probes = reads.chain(preflights).chain(near_misses(view));
        probes.map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        let mut reflected = false;
        for (origin, why) in strangers(view.target) {
            let admitted = admitted(view, &mut tally, &origin);
            // Who admits everybody admits the look-alikes too: one finding says it.
            if admitted.is_empty() || (reflected && origin.0 != FOREIGN) {
                continue;
            }
            reflected |= origin.0 == FOREIGN;
            if let Some(finding) = finding(view.target, &origin, why, &admitted) {
                tally.find(finding);
            }
        }
        tally.done()
    }
}

/// The origins that are on nobody's list, the wholly foreign one first, each with what it shows when it is allowed.
fn strangers(target: &Target) -> Vec<(Origin, &'static str)> {
    let listed = |origin: &Origin| target.clients.iter().any(|client| client.origin == *origin);
    let own = url::Url::parse(&target.base).ok().map(|url| origin_of(&url));
    // Nobody's origin resembles nothing: what is left of its look-alikes is `null` and the foreign one.
    let nobody = Origin("https://nobody.invalid".to_owned());
    let (model, known) = match pages::abroad(target).next() {
        Some(client) => (&client.origin, true),
        None => (&nobody, false),
    };
    let mut all: Vec<_> = look_alikes(model)
        .into_iter()
        .filter(|(origin, _)| !listed(origin) && own.as_ref() != Some(origin))
        .filter(|(origin, _)| known || is_plain(origin))
        .collect();
    if target.environment == Environment::Production {
        let mut alike = 0;
        all.retain(|(origin, _)| {
            alike += usize::from(!is_plain(origin));
            is_plain(origin) || alike <= ON_PRODUCTION
        });
        // Whoever runs its page on localhost in production means it.
        if known && !target.clients.iter().any(|client| is_local(&client.origin)) {
            let local = DEVELOPMENT.map(|origin| (Origin(origin.to_owned()), "a development server's page"));
            all.extend(local);
        }
    }
    all.sort_by_key(|(origin, _)| (origin.0 != FOREIGN, origin.0 != "null"));
    all
}

/// Whether an origin resembles none: the wholly foreign one and `null`.
fn is_plain(origin: &Origin) -> bool {
    origin.0 == FOREIGN || origin.0 == "null"
}

/// The main call's preflight, as pages of a stranger and of no origin would cause it.
fn preflights(target: &Target) -> Vec<(Origin, PreflightNeed, Probe)> {
    let plain = strangers(target)
        .into_iter()
        .map(|(origin, _)| origin)
        .filter(is_plain);
    plain
        .filter_map(|origin| {
            let (need, probe) = pages::preflight_from(target, &origin)?;
            Some((origin, need, probe))
        })
        .collect()
}

/// When a page's own origin is not allowed: the same origin as a list may wrongly spell it. They prove nothing by themselves;
/// the diagnosis looks at which one is allowed.
fn near_misses(view: &View<'_>) -> Vec<Probe> {
    let target = view.target;
    let refused = |origin: &Origin, mode: Mode| {
        let probe = Probe::get(pages::cheap_route(target)).page(origin, mode).build();
        view.answer(&probe).is_some_and(|(_, reply)| {
            let value = HeaderList(&reply.headers).get("access-control-allow-origin");
            value.is_none_or(|value| value != origin.0 && value != "*")
        })
    };
    pages::abroad(target)
        .filter(|client| refused(&client.origin, client.credentials))
        .take(2)
        .flat_map(|client| pages::spelt_otherwise(&client.origin))
        .map(|origin| pages::read_by_stranger(target, &origin))
        .collect()
}

/// An answer that admits a stranger.
struct Admitted<'v> {
    exchange: &'v Exchange,
    reply: &'v Reply,
    credentials: bool,
}

/// The answers that admit this origin. `*` admits everybody by name and nobody with credentials, which is healthy.
fn admitted<'v>(view: &'v View<'v>, tally: &mut Tally<'v>, origin: &Origin) -> Vec<Admitted<'v>> {
    let mut admitted = Vec::new();
    if let Some((exchange, reply)) = tally.answer(&pages::read_by_stranger(view.target, origin)) {
        let may = |mode| readable(reply.status, &reply.headers, origin, mode).is_ok();
        admitted.extend(admits(exchange, reply, may));
    }
    for (from, need, probe) in preflights(view.target) {
        if from == *origin
            && let Some((exchange, reply)) = tally.answer(&probe)
        {
            let may = |mode| preflight::judge(&need, origin, mode, reply.status, &reply.headers).is_ok();
            admitted.extend(admits(exchange, reply, may));
        }
    }
    admitted
}

fn admits<'v>(exchange: &'v Exchange, reply: &'v Reply, may: impl Fn(Mode) -> bool) -> Option<Admitted<'v>> {
    let credentials = may(Mode::Include);
    let open = HeaderList(&reply.headers)
        .get("access-control-allow-origin")
        .as_deref()
        == Some("*");
    (credentials || (may(Mode::Omit) && !open)).then_some(Admitted {
        exchange,
        reply,
        credentials,
    })
}

/// What is wrong when this origin is admitted, if anything is.
fn finding(target: &Target, origin: &Origin, why: &str, admitted: &[Admitted<'_>]) -> Option<Finding> {
    let first = admitted.iter().find(|one| one.credentials).or(admitted.first())?;
    let severity = if DEVELOPMENT.contains(&origin.0.as_str()) {
        // Whoever has it sits at the developer's own machine.
        Severity::Minor
    } else if first.credentials {
        severity(target, origin)
    } else if is_plain(origin) && means_a_list(target) {
        Severity::Minor
    } else {
        return None;
    };
    let with = if first.credentials {
        "as the user who visits it"
    } else {
        "without credentials"
    };
    let title = match (origin.0.as_str(), first.exchange.probe.is_preflight()) {
        (FOREIGN, false) => format!("Any website may read this API {with}: whatever origin asks is allowed"),
        (FOREIGN, true) => {
            format!("Any website may send its calls to this API {with}: whatever origin asks is allowed")
        }
        ("null", _) => format!("Any sandboxed frame may use this API {with}: the origin null is allowed"),
        _ => format!("A page at {origin}, which nobody listed, may use this API {with} ({why})"),
    };
    let headers = HeaderList(&first.reply.headers);
    let said = |name: &str| {
        headers
            .get(name)
            .map_or_else(|| "absent".to_owned(), |value| quoted(&value))
    };
    let actual = format!(
        "Access-Control-Allow-Origin {}, Access-Control-Allow-Credentials {}",
        said("access-control-allow-origin"),
        said("access-control-allow-credentials")
    );
    let found = SPEC
        .finds(&origin.0, title)
        .expected("no Access-Control-Allow-Origin that names it")
        .actual(actual)
        .severity(severity);
    Some(found.shown_by(admitted.iter().map(|one| one.exchange)))
}

/// Whether somebody meant the API for listed pages only: then even an echo without credentials is not what was meant.
fn means_a_list(target: &Target) -> bool {
    pages::abroad(target).any(|client| client.credentials == Mode::Include)
}

/// How bad it is that this origin may act with credentials, by who can have it.
fn severity(target: &Target, origin: &Origin) -> Severity {
    let trusted = pages::abroad(target).next().map(|client| &client.origin);
    let differs = trusted.filter(|_| !is_plain(origin));
    match differs.and_then(|trusted| difference(&trusted.0, &origin.0)) {
        // Somebody who already has a place at the trusted host.
        Some(Difference::Port { .. } | Difference::Subdomain) => Severity::Minor,
        // Somebody on the same network, or with one domain in many.
        Some(Difference::Scheme { .. } | Difference::Edits(1)) => Severity::Major,
        _ => Severity::Blocker,
    }
}

#[cfg(test)]
#[path = "foreign_origins_refused_tests.rs"]
mod tests;
