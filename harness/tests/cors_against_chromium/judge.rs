//! What `cors/` says of a case: the requests that a browser sends, and what the page sees in the end.

use std::collections::BTreeSet;
use std::time::Duration;

use greenlight::cors::header::HeaderList;
use greenlight::cors::preflight::{Granted, MaxAge, Refused, judge};
use greenlight::cors::redirect::{Leg, follow};
use greenlight::cors::refusal::Refusal;
use greenlight::cors::request::{
    PreflightNeed, is_cors_non_wildcard_request_header_name, is_forbidden_method,
    is_forbidden_request_header, needs_preflight, normalize_method, preflight_headers,
};
use greenlight::cors::response::{PROXY_AUTHENTICATION, is_forbidden_response_header_name, readable};
use greenlight::model::capture::Octets;
use greenlight::model::probe::{Mode, Origin};
use url::Url;

use crate::branches;
use crate::case::{Answer, Call, Case, Place, Sent, World};
use crate::departures::Departure;
use crate::mode::{Elsewhere, FetchMode};
use crate::redirected::{is_request_body_header_name, method_after_redirect};
use crate::remembered::{Asker, CHROMIUM_MAX_AGE, Remembered};

/// How a case is looked at: by the standard, or by the standard less what Chromium is known to do otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Eyes {
    pub(crate) departures: Vec<Departure>,
    /// Turned off to see that a wrong judge is found out.
    pub(crate) sees_credentials: bool,
}

impl Eyes {
    /// Those of the standard.
    pub(crate) fn standard() -> Eyes {
        Eyes {
            departures: Vec::new(),
            sees_credentials: true,
        }
    }

    /// Those of Chromium, as far as it is known to depart from the standard.
    pub(crate) fn with(departures: &[Departure]) -> Eyes {
        Eyes {
            departures: departures.to_vec(),
            sees_credentials: true,
        }
    }

    pub(crate) fn know(&self, departure: Departure) -> bool {
        self.departures.contains(&departure)
    }
}

/// The judge's account of a case.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    /// Per call: `status names`, or `refused`.
    pub(crate) ends: Vec<String>,
    pub(crate) sent: Vec<Sent>,
    /// The branches of the standard that the case went through.
    pub(crate) branches: BTreeSet<&'static str>,
    /// Why calls were refused, in words.
    pub(crate) reasons: Vec<String>,
}

/// Judges a case that runs under this number.
pub(crate) fn judged(case: &Case, number: usize, world: &World, eyes: &Eyes) -> Verdict {
    let mut walk = Walk {
        place: Place::first(case, number, world),
        eyes,
        remembered: Remembered::default(),
        verdict: Verdict {
            ends: Vec::new(),
            sent: Vec::new(),
            branches: BTreeSet::new(),
            reasons: Vec::new(),
        },
    };
    branches::of_case(case, &mut walk.verdict.branches);
    for call in &case.calls {
        let end = walk.call(call);
        walk.verdict.ends.push(end.unwrap_or_else(|reason| {
            walk.verdict.reasons.push(reason);
            "refused".to_owned()
        }));
    }
    walk.verdict
}

struct Walk<'a> {
    place: Place<'a>,
    eyes: &'a Eyes,
    remembered: Remembered,
    verdict: Verdict,
}

/// A call on its way.
struct Request {
    method: String,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    mode: Mode,
    fetch: FetchMode,
    leg: Leg,
}

type Pairs = Vec<(Octets, Octets)>;

impl Walk<'_> {
    fn note(&mut self, branch: &'static str) {
        self.verdict.branches.insert(branch);
    }

    fn call(&mut self, call: &Call) -> Result<String, String> {
        if is_forbidden_method(&call.method) {
            self.note("request: forbidden method");
            return Err("no page can send this method".to_owned());
        }
        if call.mode == FetchMode::NoCors && call.mode.elsewhere(&call.method) == Elsewhere::Refused {
            self.note("mode: no such method");
            return Err("this mode allows no such method".to_owned());
        }
        let page = Origin(self.place.case.origin(self.place.world).to_owned());
        let url = Url::parse(&self.place.url(0)).unwrap();
        let mut headers = call.octets();
        let drops = self.eyes.know(Departure::DropsUserAgent);
        headers.retain(|(name, value)| {
            call.mode.keeps(name, value)
                && !is_forbidden_request_header(name, value)
                && !(drops && name.eq_ignore_ascii_case(b"user-agent"))
        });
        if self.eyes.know(Departure::CombinesRequestHeaders) {
            headers = combined(headers);
        }
        let seen = self.eyes.sees_credentials;
        let mut request = Request {
            method: normalize_method(&call.method),
            headers,
            mode: if seen { call.credentials.mode() } else { Mode::Omit },
            fetch: call.mode,
            leg: Leg::first(&page, url),
        };
        loop {
            if let Some(end) = self.hop(&mut request)? {
                return Ok(end);
            }
        }
    }

    /// Takes a request one hop further: what the page sees when that is the end, or why it sees nothing.
    fn hop(&mut self, request: &mut Request) -> Result<Option<String>, String> {
        let elsewhere = request.fetch.elsewhere(&request.method);
        if request.leg.cors && elsewhere == Elsewhere::Refused {
            self.note("mode: refused elsewhere");
            return Err("this mode does not go to another origin".to_owned());
        }
        let opaque = request.leg.cors && elsewhere == Elsewhere::Opaque;
        let number = request
            .leg
            .url
            .path()
            .rsplit('/')
            .next()
            .and_then(|hop| hop.parse().ok());
        self.place.hop = number.unwrap_or(usize::MAX);
        self.place.origin = request.leg.origin().0;
        let hop = self.place.case.hop(self.place.hop);
        if request.leg.cors && !opaque {
            self.ask(request, &hop.preflight)?;
        }
        self.send(request, None);
        if opaque && hop.answer.status == PROXY_AUTHENTICATION {
            return Err(Refusal::ProxyAuthenticationAsked.to_string());
        }
        if opaque {
            self.note("mode: opaque");
            return Ok(Some("0 ".to_owned()));
        }
        let headers = self.place.wire(&hop.answer);
        self.answered(request, hop.answer.status, &headers)
    }

    /// Asks by preflight, unless the call needs none or an earlier one is remembered.
    fn ask(&mut self, request: &Request, answer: &Answer) -> Result<(), String> {
        let Some(need) = needs_preflight(&request.method, &self.looked_at(request)) else {
            self.note("preflight: not needed");
            return Ok(());
        };
        branches::of_need(&need, &mut self.verdict.branches);
        let origin = request.leg.origin();
        let asker = Asker {
            origin: &origin,
            url: &request.leg.url,
            mode: request.mode,
        };
        // Two calls of a case follow each other at once; the browser is asked anew when they did not.
        let forgets = self.eyes.know(Departure::ForgetsForNoStore)
            && request
                .headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case(b"if-none-match"));
        if !forgets && self.remembered.spares(asker, &need, Duration::ZERO) {
            self.note("remembered: spared");
            return Ok(());
        }
        self.send(request, Some(&need));
        let headers = self.place.wire(answer);
        let judged = |need: &PreflightNeed| judge(need, &origin, request.mode, answer.status, &headers);
        let granted = match judged(&need) {
            Ok(granted) => granted,
            Err(refused) => self.refused(&refused, need.clone(), judged)?,
        };
        branches::of_grant(&need, &granted, request.mode, &mut self.verdict.branches);
        let granted = self.as_kept(granted);
        self.remembered
            .keep(asker, &granted, CHROMIUM_MAX_AGE, Duration::ZERO);
        Ok(())
    }

    /// The headers that may make a preflight necessary.
    fn looked_at(&self, request: &Request) -> Vec<(Vec<u8>, Vec<u8>)> {
        let overlooked = |name: &[u8], value: &[u8]| {
            self.eyes.know(Departure::SafelistsSaveData)
                && name.eq_ignore_ascii_case(b"save-data")
                && value == b"on"
        };
        let mut headers = request.headers.clone();
        headers.retain(|(name, value)| !overlooked(name, value));
        headers
    }

    /// What becomes of a call whose preflight is refused: nothing, unless Chromium lets it through.
    fn refused(
        &mut self,
        refused: &Refused,
        mut need: PreflightNeed,
        again: impl Fn(&PreflightNeed) -> Result<Granted, Refused>,
    ) -> Result<Granted, String> {
        branches::of_refusals(refused.reasons(), &mut self.verdict.branches);
        if self.eyes.know(Departure::StarCoversAuthorization) && refused.only_by_the_standard() {
            // Granted as if it had not been asked for, and so not remembered either.
            need.header_names
                .retain(|name| !is_cors_non_wildcard_request_header_name(name));
            return again(&need).map_err(|refused| refused.to_string());
        }
        Err(refused.to_string())
    }

    /// What is kept of a preflight's answer.
    fn as_kept(&self, mut granted: Granted) -> Granted {
        if let MaxAge::Invalid(value) = &granted.max_age
            && self.eyes.know(Departure::NegativeMaxAgeIsZero)
            && value
                .strip_prefix('-')
                .is_some_and(|rest| rest.parse::<u64>().is_ok())
        {
            granted.max_age = MaxAge::Seconds(0);
        }
        granted
    }

    fn send(&mut self, request: &Request, preflight: Option<&PreflightNeed>) {
        let authorization = request
            .headers
            .iter()
            .any(|(name, _)| std::str::from_utf8(name).is_ok_and(is_cors_non_wildcard_request_header_name));
        let origin = request.leg.cors && request.fetch == FetchMode::Cors;
        let asked = preflight.map(preflight_headers).unwrap_or_default();
        let asked = |name: &str| {
            let found = asked.iter().find(|(found, _)| *found == name);
            found.map(|(_, value)| value.clone())
        };
        self.verdict.sent.push(Sent {
            hop: self.place.hop,
            method: preflight.map_or_else(|| request.method.clone(), |_| "OPTIONS".to_owned()),
            origin: origin.then(|| request.leg.origin().0),
            asked_method: asked("access-control-request-method"),
            asked_headers: asked("access-control-request-headers"),
            authorization: authorization && preflight.is_none(),
        });
    }

    fn answered(
        &mut self,
        request: &mut Request,
        status: u16,
        headers: &Pairs,
    ) -> Result<Option<String>, String> {
        let mut once = headers.clone();
        if self.eyes.know(Departure::MergesEqualLocations) {
            let first = headers
                .iter()
                .find(|(name, _)| name.0.eq_ignore_ascii_case(b"location"));
            let mut kept = false;
            once.retain(|pair| first != Some(pair) || !std::mem::replace(&mut kept, true));
        }
        let headers = &once;
        let next = follow(&request.leg, request.mode, status, headers).map_err(|refusal| {
            branches::of_refusals([&refusal], &mut self.verdict.branches);
            refusal.to_string()
        })?;
        let Some(next) = next else {
            return self.read(request, status, headers).map(Some);
        };
        let named = !next.url.username().is_empty() || next.url.password().is_some();
        if named && self.eyes.know(Departure::RefusesOwnCredentials) {
            return Err("the redirect holds a user name or password".to_owned());
        }
        branches::of_redirect(
            &request.leg,
            &next,
            status,
            &request.method,
            &mut self.verdict.branches,
        );
        let (method, drops) = method_after_redirect(status, &request.method);
        request.headers.retain(|(name, _)| {
            let name = String::from_utf8_lossy(name);
            next.carries(&name) && !(drops && is_request_body_header_name(&name))
        });
        request.method = method;
        request.leg = next;
        Ok(None)
    }

    fn read(&mut self, request: &Request, status: u16, headers: &Pairs) -> Result<String, String> {
        if !request.leg.cors {
            self.note("mode: same origin");
            let mut names = HeaderList(headers).names();
            names.retain(|name| !is_forbidden_response_header_name(name));
            return Ok(format!("{status} {}", names.join(",")));
        }
        let origin = request.leg.origin();
        let seen = readable(status, headers, &origin, request.mode).map_err(|refusal| refusal.to_string())?;
        branches::of_answer(headers, &seen, request.mode, &mut self.verdict.branches);
        Ok(format!("{} {}", seen.status, seen.headers.join(",")))
    }
}

/// Headers of one name as one, as `Headers.get` tells them.
fn combined(headers: Vec<(Vec<u8>, Vec<u8>)>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut out: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for (name, value) in headers {
        match out
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(&name))
        {
            Some((_, known)) => known.extend([b", ".as_slice(), &value].concat()),
            None => out.push((name, value)),
        }
    }
    out
}
