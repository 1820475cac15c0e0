//! The service works, and somebody that it depends on does not: the AI provider, by its own words or by what health says.

use crate::check::asks;
use crate::check::health::{broken, claims_well};
use crate::check::text::clean;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::crashes::{Sender, is_good_call, sender};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::marker::Marker;
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer};

/// The cause.
pub struct UpstreamFailing;

impl Cause for UpstreamFailing {
    fn id(&self) -> &'static str {
        "upstream-failing"
    }

    fn about(&self) -> &'static str {
        "The provider behind an operation fails, limits, or refuses the service's key; the service passes that on, or hides it \
         behind a 500."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Around,
            blames: &[Blame::Upstream, Blame::Deploy],
            needs: "A good call that fails where strangers are refused as usual, and a word about the provider in the answer or on the AI health route.",
            likely: &[
                "The provider has an outage or limits the account's rate",
                "The account has no credit left: OpenAI says 429 insufficient_quota, which no retry mends",
                "The provider's key is unset, rotated or for another project in this environment",
                "The provider changed a model's name or the shape of its answer",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let told = ai_health(case);
        let failing = failing(case);
        let exchanges: Vec<&Exchange> = failing.iter().map(|(exchange, ..)| *exchange).collect();
        let findings = case.about(&exchanges);
        let (first, reply, trouble) = failing.first()?;
        findings.iter().find(|finding| finding.fails())?;
        let operation = first.probe.operation();
        let mut evidence = words::seen(&exchanges);
        evidence.extend(detail(reply).map(|detail| format!("it says: {detail}")));
        evidence.extend(told.map(|told| format!("the AI health route says: {}", clean(&told, 120))));
        if ai_health_claims_well(case) {
            evidence.push(
                "the AI health route says that all is well: it does not ask the provider, or not for this"
                    .to_owned(),
            );
        }
        let own = |finding: &&Finding| !matches!(finding.layer, Layer::Cors | Layer::Health);
        let about_provider = case.of("health/ai-healthy");
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: statement(&operation, reply.status, *trouble),
            blame: trouble.blame(reply.status),
            confidence: Confidence::Likely,
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: next(*trouble, reply.status),
            explains: explained(
                findings
                    .into_iter()
                    .chain(words::consequences(case, &exchanges))
                    .filter(own)
                    .chain(about_provider),
            ),
        })
    }
}

/// The good calls that fail because of the provider.
fn failing<'c>(case: &Case<'c>) -> Vec<(&'c Exchange, &'c Reply, Trouble)> {
    let marker = Marker::learn(case.view);
    let told = ai_health(case);
    case.view
        .answers()
        .filter(|(exchange, _)| is_work(case, exchange))
        .filter_map(|(exchange, reply)| Some((exchange, reply, trouble(reply, &marker, told.as_deref())?)))
        .collect()
}

/// Whether the health of the AI part is known, and says that all is well.
fn ai_health_claims_well(case: &Case<'_>) -> bool {
    let route = case.view.target.routes.ai_health.as_deref();
    route.is_some_and(|route| {
        let answer = case.view.answer(&asks::read(route));
        answer.is_some_and(|(_, reply)| claims_well(reply) && broken(reply).is_empty())
    })
}

/// What is the matter with the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// It limits how often it may be asked.
    Limit,
    /// The account has no credit left.
    Quota,
    /// It refuses the service's key, or none is configured.
    Key,
    /// It answers what the service cannot read.
    Nonsense,
    /// It does not answer in time.
    Late,
    /// It is down.
    Down,
}

impl Trouble {
    fn blame(self, status: u16) -> Blame {
        match self {
            Trouble::Limit | Trouble::Quota | Trouble::Down | Trouble::Late => Blame::Upstream,
            // Told honestly, it is what the provider sent; as a crash, it is who did not expect it.
            Trouble::Nonsense if status != 500 => Blame::Upstream,
            Trouble::Key | Trouble::Nonsense => Blame::Deploy,
        }
    }
}

const QUOTA: [&str; 4] = ["quota", "insufficient_funds", "billing", "out of credit"];
const NONSENSE: [&str; 6] = [
    "expecting value: line",
    "jsondecodeerror",
    "unexpected token",
    "invalid_answer",
    "not valid json",
    "unterminated string",
];
const LATE: [&str; 4] = [
    "timed out",
    "timeout",
    "did not answer in time",
    "deadline exceeded",
];
const LIMIT: [&str; 9] = [
    "rate limit",
    "rate_limit",
    "ratelimit",
    "too many requests",
    "error code: 429",
    "status 429",
    "status code 429",
    "http 429",
    "(429)",
];
const KEY: [&str; 7] = [
    "credentials_refused",
    "api key",
    "api_key not",
    "openai_api_key",
    "invalid_api_key",
    "incorrect api key",
    "provider credentials",
];
const PROVIDER: [&str; 9] = [
    "provider",
    "upstream",
    "openai",
    "anthropic",
    "azure",
    "whisper",
    "gemini",
    "the model",
    "bad gateway",
];
/// What the service has for itself: a word of these and it is not the provider.
const OWN: [&str; 6] = ["database", "sqlite", "postgres", "mongo", "redis", "disk"];

/// Whether a good call failed, and only good calls do: what fails for strangers too fails before anybody is asked.
fn is_work(case: &Case<'_>, exchange: &Exchange) -> bool {
    let strangers = |(other, _): (&Exchange, &Reply)| {
        other.is_server_error()
            && sender(case.view.target, &other.probe) != Sender::Good
            && other.probe.operation() == exchange.probe.operation()
    };
    exchange.is_server_error()
        && is_good_call(case.view.target, &exchange.probe)
        && !case.view.answers().any(strangers)
}

/// What an error says of the provider, when it says anything of it.
fn trouble(reply: &Reply, marker: &Marker, told: Option<&str>) -> Option<Trouble> {
    let text = if reply.is_json() || reply.status == 500 {
        reply.body.text().to_lowercase()
    } else {
        String::new()
    };
    let text: String = text.chars().take(4_000).collect();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if says(&OWN) {
        return None;
    }
    if says(&KEY) {
        return Some(Trouble::Key);
    }
    let crashed = text.contains("traceback");
    if says(&QUOTA) && !crashed {
        return Some(Trouble::Quota);
    }
    if says(&LIMIT) && !crashed {
        return Some(Trouble::Limit);
    }
    if says(&NONSENSE) && !crashed && reply.is_json() {
        return Some(Trouble::Nonsense);
    }
    let worked = matches!(reply.status, 500 | 504) && reply.is_json();
    if says(&LATE) && !crashed && worked {
        return Some(Trouble::Late);
    }
    let gateway = matches!(reply.status, 502 | 504) && reply.is_json() && marker.is_on(reply) != Some(false);
    let named = matches!(reply.status, 502..=504) && reply.is_json() && says(&PROVIDER);
    if gateway || named {
        return Some(Trouble::Down);
    }
    // A 500 that says nothing, beside a health route that says what is the matter.
    let told = told?.to_lowercase();
    let tells = |words: &[&str]| words.iter().any(|word| told.contains(word));
    match () {
        () if tells(&QUOTA) => Some(Trouble::Quota),
        () if tells(&LIMIT) => Some(Trouble::Limit),
        () if tells(&KEY) => Some(Trouble::Key),
        () => Some(Trouble::Down),
    }
}

/// What the AI health route calls broken, when that is the provider.
pub fn ai_health(case: &Case<'_>) -> Option<String> {
    let route = case.view.target.routes.ai_health.as_deref()?;
    let (_, reply) = case.view.answer(&asks::read(route))?;
    let part = broken(reply).into_iter().find(|said| {
        let place = said.at.to_lowercase();
        ["provider", "openai", "upstream", "llm", "model", "api_key"]
            .iter()
            .any(|name| place.contains(name))
    })?;
    Some(crate::check::health::shown(&part))
}

/// The sentence in which an error explains itself.
fn detail(reply: &Reply) -> Option<String> {
    let body = reply.body.json()?;
    let text = ["/detail", "/error/message", "/error", "/message", "/code"]
        .iter()
        .find_map(|at| body.pointer(at)?.as_str().map(str::to_owned))?;
    let code = body
        .pointer("/code")
        .and_then(|code| code.as_str())
        .filter(|code| *code != text);
    let code = code
        .map(|code| format!(" ({})", clean(code, 60)))
        .unwrap_or_default();
    Some(format!("\"{}\"{code}", clean(&text, 160)))
}

fn statement(operation: &str, status: u16, trouble: Trouble) -> String {
    match (trouble, status) {
        (Trouble::Limit, 500) => {
            format!("The provider limits the service, and {operation} passes that on as HTTP 500")
        }
        (Trouble::Limit, _) => format!("The provider behind {operation} limits the service (HTTP {status})"),
        (Trouble::Quota, _) => format!(
            "The account at the provider behind {operation} has no credit left (HTTP {status}); waiting will not help"
        ),
        (Trouble::Nonsense, 500) => format!(
            "The model behind {operation} answers what the service cannot read, and that is passed on as a crash (HTTP 500)"
        ),
        (Trouble::Nonsense, _) => {
            format!("The model behind {operation} answers what the service cannot read (HTTP {status})")
        }
        (Trouble::Late, 500) => format!(
            "The provider behind {operation} does not answer in time, and the service passes that on as HTTP 500"
        ),
        (Trouble::Late, _) => {
            format!("The provider behind {operation} does not answer in time (HTTP {status})")
        }
        (Trouble::Key, _) => format!(
            "The provider's key is missing or refused in this environment, so {operation} answers HTTP {status}"
        ),
        (Trouble::Down, 500) => {
            format!("The provider behind {operation} fails, and the service passes that on as HTTP 500")
        }
        (Trouble::Down, _) => {
            format!("The provider behind {operation} fails (HTTP {status}); the service itself works")
        }
    }
}

fn next(trouble: Trouble, status: u16) -> Vec<String> {
    let mut steps = match trouble {
        Trouble::Quota => vec![
            "Look at quota and balance in the provider's console: a used-up quota does not mend itself".to_owned(),
            "Alert on what is left before it is gone".to_owned(),
        ],
        Trouble::Nonsense => vec![
            "Read in the service's log what the model answered, and ask for structured output if it can".to_owned(),
            "Ask once more when the answer does not parse, then answer 502".to_owned(),
        ],
        Trouble::Late => vec![
            "Ask the provider the same by hand and time it; look at its status page".to_owned(),
            "Compare the client's time limit with how long this work takes".to_owned(),
        ],
        Trouble::Limit => vec![
            "Look at the rate limits in the provider's console".to_owned(),
            "Slow down or queue calls to the provider, and honour its Retry-After".to_owned(),
        ],
        Trouble::Key => vec![
            "Compare the names of the environment's variables with those that the service reads; never print the key".to_owned(),
            "Ask the provider with the deployed key: was it rotated, or is it for another project?".to_owned(),
        ],
        Trouble::Down => vec![
            "Look at the provider's status page, and ask it the same by hand".to_owned(),
            "If it works by hand, look at address, model and time limit that this environment is configured with".to_owned(),
        ],
    };
    if status == 500 {
        steps.push("Map the provider's failures to 502, 503 or 504 with Retry-After; 500 says that the service has a bug".to_owned());
    }
    steps
}

#[cfg(test)]
#[path = "upstream_failing_tests.rs"]
mod tests;
