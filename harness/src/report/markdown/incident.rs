//! A note for the channel and the ticket of an incident: what is broken, for whom, since when, how that is known, what it is not, and
//! what to do, with the ids by which the service's log is searched.

use jiff::Timestamp;

use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Verdict};
use crate::model::run::Run;
use crate::report::format::Finished;
use crate::report::human::{cause, next, rows};
use crate::report::markdown::report;
use crate::report::markdown::words::{aside, block, code, list, prose};
use crate::report::standing::given;
use crate::report::text::{self, NAME, SENTENCE, VALUE, count};
use crate::report::waivers;

/// Subjects that do not work, before the rest is counted only.
const SUBJECTS: usize = 12;
/// Exchanges shown as evidence.
const EVIDENCE: usize = 2;
/// Request ids listed.
const IDS: usize = 20;
/// The longest command.
const COMMAND: usize = 4_000;
/// Header fields by which services and their edges name a request.
const ID_FIELDS: &[&str] = &[
    "x-request-id",
    "x-correlation-id",
    "x-amzn-trace-id",
    "cf-ray",
    "traceparent",
];

/// The note.
pub fn render(finished: Finished<'_>) -> String {
    let run = finished.run;
    let seen = failing(finished);
    let mut note = format!("# {}\n\n", prose(&run.headline, SENTENCE));
    note.push_str(&format!(
        "{} · {} · build {} · checked {} by Greenlight {}\n",
        code(&run.target.base, VALUE),
        prose(&run.target.environment, NAME),
        run.target
            .version
            .as_ref()
            .map_or_else(|| "unknown".to_owned(), |version| code(version, NAME)),
        run.started_at.strftime("%F %T UTC"),
        prose(&run.tool.version, NAME),
    ));
    impact(finished, &mut note);
    timeline(finished, &seen, &mut note);
    evidence(run, &mut note);
    ruled_out(run, &mut note);
    note.push_str(&report::hypotheses(run));
    steps(finished, &mut note);
    ids(&seen, &mut note);
    note
}

/// The exchanges that failing findings point at, by time; all that failed when none is pointed at.
fn failing<'r>(Finished { run, recording, .. }: Finished<'r>) -> Vec<&'r Exchange> {
    let decisive = || {
        run.findings
            .iter()
            .filter(|finding| rows::decides(finding) && finding.outcome == Verdict::Fail)
    };
    let pointed = |exchange: &&Exchange| decisive().any(|finding| finding.exchanges.contains(&exchange.id));
    let mut seen: Vec<&Exchange> = recording.exchanges.iter().filter(pointed).collect();
    seen.sort_by_key(|exchange| exchange.at);
    seen
}

fn impact(Finished { run, pages, .. }: Finished<'_>, note: &mut String) {
    note.push_str("\n## Impact\n\n");
    let broken: Vec<&Finding> = run
        .findings
        .iter()
        .filter(|finding| rows::decides(finding) && finding.outcome == Verdict::Fail)
        .collect();
    if broken.is_empty() {
        note.push_str("- Nothing was seen broken.\n");
    }
    let mut said: Vec<String> = Vec::new();
    for finding in &broken {
        let more = aside(pages.check(&finding.check), finding.help.as_deref());
        let line = prose(&finding.title, SENTENCE) + &more;
        if !said.contains(&line) {
            said.push(line);
        }
    }
    note.push_str(&list(said.iter().take(SUBJECTS).cloned()));
    if said.len() > SUBJECTS {
        note.push_str(&format!("- and {} more\n", said.len() - SUBJECTS));
    }
    let works = run
        .proofs
        .iter()
        .filter(|proof| proof.proven)
        .map(|proof| prose(&proof.title, SENTENCE));
    let works: Vec<String> = works.collect();
    if !works.is_empty() {
        note.push_str(&format!("- Seen working: {}\n", works.join(" · ")));
    }
    for proof in cause::open(run) {
        let reason = given(proof.reason.as_deref(), proof.flag.as_deref());
        note.push_str(&format!(
            "- Not known: {}: {}\n",
            prose(&proof.title, SENTENCE),
            prose(&reason, SENTENCE)
        ));
    }
    let waived = waivers::lines(run).into_iter();
    note.push_str(&list(
        waived.map(|line| format!("Waived: {}", prose(&line, waivers::WORDS))),
    ));
}

/// What happened when, as far as the checker saw it.
fn timeline(Finished { run, recording, .. }: Finished<'_>, seen: &[&Exchange], note: &mut String) {
    let mut events: Vec<(Timestamp, String)> = vec![(recording.started_at, "the check began".to_owned())];
    let line = |exchange: &Exchange| {
        let answer = exchange
            .status()
            .map_or_else(|| "no answer".to_owned(), |status| format!("HTTP {status}"));
        format!("{} → {answer}", code(&exchange.probe.operation(), NAME))
    };
    let good = recording
        .exchanges
        .iter()
        .filter(|one| one.status().is_some_and(|status| status < 300));
    if let Some(first) = good.min_by_key(|exchange| exchange.at) {
        events.push((first.at, format!("first good answer: {}", line(first))));
    }
    if let (Some(first), Some(last)) = (seen.first(), seen.last()) {
        events.push((first.at, format!("first failure seen: {}", line(first))));
        if last.at != first.at {
            let times = count(u32::try_from(seen.len()).unwrap_or(u32::MAX), "time", "times");
            events.push((
                last.at,
                format!("last failure seen, {times} in all: {}", line(last)),
            ));
        }
    }
    if let Some(exit) = recording
        .spawned
        .as_ref()
        .and_then(|spawned| spawned.exit.as_ref())
    {
        events.push((exit.at, format!("the service ended: {}", prose(&exit.how, VALUE))));
    }
    let end = if run.interrupted {
        "the check was stopped"
    } else {
        "the check ended"
    };
    events.push((recording.ended_at, end.to_owned()));
    events.sort_by_key(|(at, _)| *at);
    note.push_str("\n## Timeline (UTC)\n\n");
    note.push_str(&list(
        events
            .iter()
            .map(|(at, what)| format!("{} {what}", at.strftime("%T.%3f"))),
    ));
    note.push_str("- Not known from here: when it began, and what was changed before.\n");
}

fn evidence(run: &Run, note: &mut String) {
    let primary = cause::primary(run);
    let shown = cause::shown(run, primary);
    let told = primary
        .map(|diagnosis| diagnosis.evidence.as_slice())
        .unwrap_or_default();
    if shown.is_empty() && told.is_empty() {
        return;
    }
    note.push_str("\n## Evidence\n\n");
    note.push_str(&list(told.iter().map(|line| prose(line, VALUE))));
    for evidence in shown.iter().take(EVIDENCE) {
        note.push_str(&format!("- {}\n", prose(&evidence.line, VALUE)));
        if let Some(excerpt) = &evidence.excerpt {
            note.push_str(&format!("  body: {}\n", code(excerpt, VALUE)));
        }
        if !evidence.log.is_empty() {
            let lines: Vec<String> = evidence.log.iter().map(|line| text::line(line, VALUE)).collect();
            note.push_str(&format!("\n{}\n", block("text", &lines)));
        }
    }
    if let Some(first) = shown.first() {
        note.push_str(&format!(
            "\nAsk it again:\n\n{}",
            block("sh", &[text::line(&first.curl, COMMAND)])
        ));
    }
}

fn ruled_out(run: &Run, note: &mut String) {
    let ruled_out = cause::primary(run)
        .map(|diagnosis| diagnosis.ruled_out.as_slice())
        .unwrap_or_default();
    if !ruled_out.is_empty() {
        note.push_str("\n## Ruled out\n\n");
        note.push_str(&list(ruled_out.iter().map(|line| prose(line, VALUE))));
    }
}

fn steps(Finished { run, pages, .. }: Finished<'_>, note: &mut String) {
    note.push_str("\n## Next steps\n");
    let primary = cause::primary(run);
    if let Some(diagnosis) = primary {
        let more = aside(pages.cause(&diagnosis.cause), diagnosis.help.as_deref());
        note.push_str(&format!("\nAt fault: {}{more}.\n", cause::fault(diagnosis)));
    }
    let steps = primary
        .map(|diagnosis| diagnosis.next_steps.clone())
        .unwrap_or_default();
    let advice = || next::advice(run).into_iter().map(str::to_owned).collect();
    let told: Vec<String> = if steps.is_empty() { advice() } else { steps };
    note.push_str(&report::steps(&told));
    if told.is_empty() {
        note.push_str("\nNothing is advised.\n");
    }
}

fn ids(seen: &[&Exchange], note: &mut String) {
    let mut named: Vec<String> = Vec::new();
    for exchange in seen {
        let id = request_id(exchange);
        let time = exchange.at.strftime("%T.%3fZ");
        named.extend(id.map(|id| {
            format!(
                "{} {time} {}",
                code(&id, NAME),
                code(&exchange.probe.operation(), NAME)
            )
        }));
    }
    if named.is_empty() {
        return;
    }
    note.push_str("\n## Request ids\n\n");
    note.push_str(&list(named.iter().take(IDS).cloned()));
    if named.len() > IDS {
        note.push_str(&format!(
            "- and {} more; `--format har` has them\n",
            named.len() - IDS
        ));
    }
}

/// What names a request in the service's log: what the service says, else what we sent.
fn request_id(exchange: &Exchange) -> Option<String> {
    let answered = exchange
        .answer()
        .and_then(|reply| ID_FIELDS.iter().find_map(|name| reply.header(name)));
    let sent = exchange
        .sent
        .as_ref()
        .map(|sent| sent.headers.as_slice())
        .unwrap_or_default();
    let ours = sent
        .iter()
        .find(|(name, _)| name.0.eq_ignore_ascii_case(b"x-request-id"));
    answered.or_else(|| ours.map(|(_, value)| value.text()))
}
