//! An answer whose CORS headers depend on the caller must say so, or a cache keeps the answer to one caller and gives it to the
//! next: then which page works depends on who came first, and changes by the hour (RFC 9110 §12.5.5, RFC 9111 §4.1). The
//! answers that count are all that a route gives: to the page, to strangers, and to callers without an origin.

use crate::check::Check;
use crate::check::asks::{self, FOREIGN};
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::cors::preflight_allowed::without_pages;
use crate::cors::header::HeaderList;
use crate::cors::vary::varies_on_origin;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::{Ask, Mode, Origin, Probe};
use crate::model::target::Target;

/// The check.
pub struct VaryOnOrigin;

static SPEC: Spec = Spec {
    id: "cors/vary-on-origin",
    layer: Layer::Cors,
    title: "Answers that depend on the caller's origin tell caches so",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "When Access-Control-Allow-Origin is chosen by the request's Origin, every answer of that route needs \
                  Vary: Origin: the one to a listed page, the one to a stranger, and the one to a caller without an origin. \
                  Without it a CDN or a browser replays the answer to the first caller to all others, and pages fail \
                  that did nothing wrong. A constant Access-Control-Allow-Origin, or \"*\", needs none.",
    hint: "Add Vary: Origin to every answer of the CORS layer, refusals and requests without an origin included; append, do \
           not overwrite.",
};

/// One request of a route, and what it stands for.
struct Caller {
    who: String,
    probe: Probe,
}

/// One answer of a route.
struct Answer<'v> {
    who: String,
    exchange: &'v Exchange,
    reply: &'v Reply,
}

impl Check for VaryOnOrigin {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        if pages::abroad(view.target).next().is_none() {
            return Vec::new();
        }
        let routes = routes(view.target)
            .into_iter()
            .flat_map(|route| callers(view.target, route));
        let all = routes.chain(preflights(view.target));
        all.map(|caller| Ask::One(caller.probe)).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if let Some(reason) = without_pages(view.target) {
            return reason;
        }
        let mut tally = Tally::new(view);
        let routes = routes(view.target)
            .into_iter()
            .map(|route| callers(view.target, route));
        for callers in routes.chain([preflights(view.target)]) {
            let mut answers: Vec<Answer<'_>> = Vec::new();
            for Caller { who, probe } in callers {
                if let Some((exchange, reply)) = tally.answer(&probe) {
                    answers.push(Answer { who, exchange, reply });
                }
            }
            // A crash says nothing about how the layer chooses.
            answers.retain(|answer| answer.reply.status < 500);
            if let Some(finding) = finding(&answers) {
                tally.find(finding);
            }
        }
        tally.done()
    }
}

/// The cheap route, and one whose answers caches may keep more readily than health's: the version, or what is not there
/// (a 404 is cacheable by default, RFC 9110 §15.1).
fn routes(target: &Target) -> Vec<&str> {
    let version = target
        .routes
        .version
        .as_ref()
        .map_or(asks::NO_SUCH_ROUTE, |place| place.route.as_str());
    let mut routes = vec![pages::cheap_route(target), version];
    routes.dedup();
    routes
}

/// Who reads a route: each page, a stranger, and nobody in particular.
fn callers<'t>(target: &'t Target, route: &'t str) -> Vec<Caller> {
    let mut callers: Vec<Caller> = pages::abroad(target)
        .map(|client| Caller {
            who: format!("the page at {}", client.origin),
            probe: asks::read_from(route, &client.origin, client.credentials),
        })
        .collect();
    callers.push(Caller {
        who: "a foreign origin".to_owned(),
        probe: asks::read_from(route, &Origin(FOREIGN.into()), Mode::Include),
    });
    callers.push(Caller {
        who: "a caller without an origin".to_owned(),
        probe: asks::read(route),
    });
    callers
}

/// Who sends the main call's preflight: the page, and a stranger.
fn preflights(target: &Target) -> Vec<Caller> {
    let own = pages::preflights(target).into_iter().next();
    let foreign = pages::preflight_from(target, &Origin(FOREIGN.into()));
    own.zip(foreign)
        .map(|(own, (_, foreign))| {
            let first = Caller {
                who: format!("the page at {}", own.client.origin),
                probe: own.probe,
            };
            let second = Caller {
                who: "a foreign origin".to_owned(),
                probe: foreign,
            };
            vec![first, second]
        })
        .unwrap_or_default()
}

/// What is wrong with a route's answers: they differ by origin, and some do not say so.
fn finding(answers: &[Answer<'_>]) -> Option<Finding> {
    let allowed = |answer: &Answer<'_>| HeaderList(&answer.reply.headers).get("access-control-allow-origin");
    let first = answers.first()?;
    let differ = answers.iter().any(|answer| allowed(answer) != allowed(first));
    let silent: Vec<&Answer<'_>> = answers
        .iter()
        .filter(|answer| !varies_on_origin(&answer.reply.headers) && !is_never_stored(answer.reply))
        .collect();
    if !differ || silent.is_empty() {
        return None;
    }
    let operation = first.exchange.probe.operation();
    let who: Vec<&str> = silent.iter().map(|answer| answer.who.as_str()).collect();
    let cached = answers.iter().find_map(|answer| seen_in_cache(answer.reply));
    let said = silent
        .iter()
        .find_map(|answer| answer.reply.header("vary"))
        .map_or_else(
            || "no Vary".to_owned(),
            |vary| format!("Vary: {}", crate::cors::sentence::plain(&vary)),
        );
    let found = SPEC
        .finds(
            &operation,
            format!("{operation} answers each origin differently and does not tell caches so"),
        )
        .expected("Vary: Origin on every answer")
        .actual(format!(
            "{said} on the answer to {}{}",
            who.join(", "),
            cached.map(|how| format!("; {how}")).unwrap_or_default()
        ))
        .severity(severity(&silent, cached));
    Some(found.shown_by(silent.into_iter().map(|answer| answer.exchange)))
}

/// An allowed page's answer that a cache may keep is somebody else's with the next CDN, whether or not one was seen. Where only
/// strangers and callers without an origin get none, as older Starlette has it, it takes a cache that is there. Answers to
/// `OPTIONS` are kept by no cache that keeps to the standard (RFC 9110 §9.3.7).
fn severity(silent: &[&Answer<'_>], cached: Option<&str>) -> Severity {
    let preflight = silent.iter().any(|answer| answer.exchange.probe.is_preflight());
    let page = silent
        .iter()
        .any(|answer| answer.reply.header("access-control-allow-origin").is_some());
    match cached {
        _ if preflight => Severity::Advisory,
        None if !page => Severity::Minor,
        _ => SPEC.severity,
    }
}

/// Whether no cache may keep it (RFC 9111 §5.2.2.5).
pub fn is_never_stored(reply: &Reply) -> bool {
    directives(reply).any(|directive| directive == "no-store")
}

/// What shows that a shared cache keeps such answers, or may.
pub fn seen_in_cache(reply: &Reply) -> Option<&'static str> {
    let hit = |name: &str| {
        reply
            .header(name)
            .is_some_and(|value| value.to_ascii_lowercase().contains("hit"))
    };
    if reply.header("age").is_some()
        || ["x-cache", "cf-cache-status", "cache-status", "x-cache-status"]
            .into_iter()
            .any(hit)
    {
        return Some("a cache in front has answered");
    }
    let fresh = |directive: String| {
        let seconds = directive
            .strip_prefix("max-age=")
            .or(directive.strip_prefix("s-maxage="));
        directive == "public"
            || seconds.is_some_and(|seconds| seconds.parse::<u64>().is_ok_and(|seconds| seconds > 0))
    };
    directives(reply)
        .any(fresh)
        .then_some("caches may keep these answers")
}

/// The directives of `Cache-Control`, lower-case (RFC 9111 §5.2).
fn directives(reply: &Reply) -> impl Iterator<Item = String> {
    let value = HeaderList(&reply.headers)
        .get("cache-control")
        .unwrap_or_default();
    let directives: Vec<String> = value
        .split(',')
        .map(|one| one.trim().to_ascii_lowercase())
        .collect();
    directives.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{ORIGIN, answered, target};

    type Headers = Vec<(&'static str, String)>;

    /// Every ask answered with the headers that this server has for an origin, if the request has one.
    fn judged(target: &Target, server: impl Fn(Option<&str>) -> Headers) -> Vec<Finding> {
        let asks = VaryOnOrigin.ask(&View::new(target, None, &[], &[]));
        let exchanges: Vec<Exchange> = asks
            .iter()
            .flat_map(Ask::probes)
            .zip(1..)
            .map(|(probe, id)| {
                let headers = server(probe.page.as_ref().map(|page| page.origin.0.as_str()));
                let headers: Vec<_> = headers
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                answered(id, probe, 200, &headers, "{}")
            })
            .collect();
        match VaryOnOrigin.judge(&View::new(target, None, &exchanges, &[])) {
            Judgement::Judged {
                exchanges, findings, ..
            } => {
                assert_eq!(exchanges.len(), asks.len());
                findings
            }
            other => panic!("{other:?}"),
        }
    }

    /// A list of one, with these headers besides on every answer.
    fn listed<'h>(more: &'h [(&'static str, &'static str)]) -> impl Fn(Option<&str>) -> Headers + 'h {
        |origin| {
            let mut headers: Headers = more
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect();
            if origin == Some(ORIGIN) {
                headers.push(("access-control-allow-origin", ORIGIN.to_owned()));
            }
            headers
        }
    }

    #[test]
    fn a_list_that_does_not_vary_is_major_on_any_answer_that_may_be_kept() {
        let severity = |more: &[(&'static str, &'static str)]| judged(&target(), listed(more))[0].severity;
        assert_eq!(severity(&[]), Severity::Major);
        assert_eq!(severity(&[("vary", "Accept-Encoding")]), Severity::Major);
        assert_eq!(severity(&[("cache-control", "max-age=0")]), Severity::Major);
    }

    #[test]
    fn vary_on_the_allowed_answer_alone_is_minor_until_a_cache_is_there() {
        let starlette = |more: Option<(&'static str, &'static str)>| {
            judged(&target(), move |origin| {
                let mut headers: Headers = more
                    .iter()
                    .map(|(name, value)| (*name, (*value).to_owned()))
                    .collect();
                if origin == Some(ORIGIN) {
                    headers.push(("access-control-allow-origin", ORIGIN.to_owned()));
                    headers.push(("vary", "Origin".to_owned()));
                }
                headers
            })
        };
        let found = starlette(None);
        assert_eq!(found[0].subject, "GET /health");
        assert_eq!(
            found[0].actual,
            "no Vary on the answer to a foreign origin, a caller without an origin"
        );
        let severities: Vec<_> = found.iter().map(|found| found.severity).collect();
        assert_eq!(
            severities,
            [Severity::Minor, Severity::Minor, Severity::Advisory],
            "no cache keeps OPTIONS"
        );
        for cache in [
            ("age", "3"),
            ("cf-cache-status", "HIT"),
            ("cache-control", "public, max-age=60"),
        ] {
            assert_eq!(starlette(Some(cache))[0].severity, Severity::Major, "{cache:?}");
        }
    }

    #[test]
    fn answers_that_vary_or_are_never_stored_are_spared() {
        assert_eq!(
            judged(&target(), listed(&[("vary", "accept-encoding, origin")])),
            []
        );
        assert_eq!(judged(&target(), listed(&[("vary", "*")])), []);
        assert_eq!(
            judged(&target(), listed(&[("cache-control", "private, No-Store")])),
            []
        );
    }

    #[test]
    fn a_constant_answer_needs_no_vary() {
        for constant in ["*", ORIGIN] {
            let found = judged(&target(), |_| {
                vec![("access-control-allow-origin", constant.to_owned())]
            });
            assert_eq!(found, [], "{constant}");
        }
        assert_eq!(judged(&target(), |_| vec![]), []);
    }

    #[test]
    fn two_pages_of_one_list_show_that_it_chooses() {
        let mut target = target();
        let mut other = target.clients[0].clone();
        other.origin.0 = "https://admin.example".into();
        target.clients.push(other);
        let echo = |origin: Option<&str>| {
            let value = origin.unwrap_or(ORIGIN).to_owned();
            vec![("access-control-allow-origin", value)]
        };
        assert_eq!(judged(&target, echo)[0].subject, "GET /health");
    }

    #[test]
    fn a_lifetime_of_nothing_keeps_nothing() {
        let kept = |value: &str| {
            let answer = answered(1, &asks::read("/me"), 200, &[("cache-control", value)], "{}");
            seen_in_cache(answer.answer().unwrap()).is_some()
        };
        assert!(kept("max-age=1") && kept("s-maxage=60") && kept("public"));
        assert!(!kept("max-age=0") && !kept("no-store"));
    }
}
