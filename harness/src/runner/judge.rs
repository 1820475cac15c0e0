//! From a recording to a finished run. Pure: the second half of `verify`, and the whole of `replay`.

use std::collections::HashSet;

use crate::check::judgement::{Judgement, Unseen};
use crate::check::spec::Spec;
use crate::check::view::View;
use crate::check::{Check, Rule};
use crate::check::{coverage, served};
use crate::contract::load::Contract;
use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::framework;
use crate::diagnosis::hypotheses::{hypotheses, unseen};
use crate::model::diagnosis::{Diagnosis, Hypothesis};
use crate::model::exchange::Xid;
use crate::model::exit;
use crate::model::finding::{Finding, Verdict};
use crate::model::recording::{Recording, Tool};
use crate::model::run::{CheckOutcome, CheckResult, Run, SCHEMA, SentCounts};
use crate::report::pages::Pages;
use crate::report::rollout;
use crate::runner::evidence;
use crate::runner::journey;
use crate::runner::prove;
use crate::runner::waive::Waivers;

/// What a recording is judged by.
#[derive(Clone, Copy)]
pub struct Bench<'b> {
    /// Checks.
    pub checks: &'b [&'static dyn Check],
    /// Rules.
    pub rules: &'b [&'static dyn Rule],
    /// Causes, in the order of diagnosis.
    pub causes: &'b [&'static dyn Cause],
}

/// Judges a recording.
pub fn judge(recording: &Recording, bench: Bench<'_>) -> Run {
    let woken = recording.exchanges.iter().take_while(|exchange| exchange.woke());
    let (woken, exchanges) = recording.exchanges.split_at(woken.count());
    let contract = pinned(recording).or_else(|| served::contract(&recording.target, exchanges));
    let view = View::new(
        &recording.target,
        contract.as_ref(),
        exchanges,
        &recording.refused,
    )
    .after(woken)
    .of_service(recording.spawned.as_ref())
    .over(&recording.connections)
    .named(&recording.names)
    .of_pages(&recording.pages);

    let mut waivers = Waivers::new(&view, recording.started_at);
    let (mut checks, mut findings) = judge_checks(&view, bench.checks, &mut waivers);
    let expected = journey::expected(recording);
    let (rules, more) = judge_rules(&view, bench.rules, (&mut waivers, &expected));
    let (steps, of_steps) = journey::judged(recording);
    checks.extend(rules.into_iter().chain(steps));
    findings.extend(more.into_iter().chain(of_steps));
    let mut findings = merge(findings);
    checks.sort_by(|a, b| (a.layer, &a.check).cmp(&(b.layer, &b.check)));

    let mut diagnoses = diagnose(
        &Case {
            view: &view,
            findings: &findings,
        },
        bench.causes,
    );
    framework::advise(&view, &mut diagnoses);
    explain(&mut findings, &diagnoses);
    let proofs = prove::proofs(recording, bench.checks, &checks);
    let verdict = prove::verdict(&checks, &findings, &proofs, recording.strict);
    let decides = prove::deciding(recording, verdict, &findings, &diagnoses);
    lead(&mut diagnoses, decides);
    live(recording, &mut diagnoses);
    let skipped =
        |check: &&CheckResult| matches!(check.outcome, CheckOutcome::Skipped | CheckOutcome::Blocked);
    let causes = (decides.and(diagnoses.first()), &*diagnoses);
    let headline = prove::headline(recording, verdict, &checks, &findings, causes, &proofs);
    let unsettled = recording.rollout.as_ref().filter(|rollout| !rollout.is_settled());
    let hypotheses = not_reproduced(recording, &view, verdict, decides.is_some());
    let told = !findings.is_empty() && !diagnoses.is_empty();
    let waivers = waivers.told(&checks);
    point_to_pages(&mut findings, &mut diagnoses);
    let (verdict, headline) = match unsettled {
        Some(rollout) => (verdict, rollout::headline(rollout)),
        None => said(recording, (verdict, headline), &hypotheses, told),
    };
    Run {
        schema: SCHEMA.to_owned(),
        tool: Tool::this(),
        target: evidence::target(&view),
        verdict,
        exit_code: match unsettled {
            _ if recording.interrupted => exit::INTERRUPTED,
            Some(_) => exit::WAITED,
            None => exit::code(verdict, None),
        },
        headline,
        rollout: recording.rollout.clone(),
        browser: recording.browser.clone(),
        journeys: recording.journeys.clone(),
        started_at: recording.started_at,
        duration_ms: duration_ms(recording),
        interrupted: recording.interrupted,
        counts: prove::counts(&checks),
        proofs,
        skipped: checks.iter().filter(skipped).cloned().collect(),
        evidence: evidence::evidence(&view, &findings),
        checks,
        findings,
        diagnoses,
        hypotheses,
        waivers,
        baseline: None,
        coverage: coverage::coverage(&view),
        sent: sent(recording),
    }
}

/// The contract that was given before the run, when there was one.
fn pinned(recording: &Recording) -> Option<Contract> {
    let pinned = recording.contract.as_ref()?;
    Contract::parse(&pinned.text, &pinned.source).ok()
}

/// Says of each finding and cause where more is told of it.
fn point_to_pages(findings: &mut [Finding], diagnoses: &mut [Diagnosis]) {
    for finding in findings {
        finding.help = Pages::PUBLISHED.way_to_check(&finding.check);
    }
    for diagnosis in diagnoses {
        diagnosis.help = Pages::PUBLISHED.way_to_cause(&diagnosis.cause);
    }
}

/// What went out: what a browser sent, this run did not.
fn sent(recording: &Recording) -> SentCounts {
    match recording.browser {
        Some(_) => SentCounts::default(),
        None => {
            let pages = recording.pages.iter().map(|page| page.requests);
            let counts = evidence::sent(&recording.exchanges);
            SentCounts {
                reads: counts.reads.saturating_add(pages.sum()),
                paid_allowed: recording.target.bounds.paid,
                ..counts
            }
        }
    }
}

/// Puts the cause that the verdict is due to in front; the others stay in the order of diagnosis.
fn lead(diagnoses: &mut [Diagnosis], first: Option<usize>) {
    if let Some(before) = first.and_then(|first| diagnoses.get_mut(..=first)) {
        before.rotate_right(1);
    }
}

/// What a diagnosis says that found nothing.
const NOTHING: &str = "Nothing that was asked from here is wrong";

/// The same of a browser's export, which may hold nothing to judge.
fn nothing(recording: &Recording) -> String {
    let Some(browser) = &recording.browser else {
        return NOTHING.to_owned();
    };
    match browser.judged {
        0 => "The browser's export holds no answer: what failed is not in it".to_owned(),
        1 => "The one answer in the browser's export is not wrong".to_owned(),
        several => format!("None of the {several} answers in the browser's export is wrong"),
    }
}

/// A browser's export shows what was. The last step of its first cause is the command that shows what is.
fn live(recording: &Recording, diagnoses: &mut [Diagnosis]) {
    if let Some((_, command)) = recording.browser.as_ref().zip(recording.diagnosis.as_ref())
        && let Some(first) = diagnoses.first_mut()
    {
        let step = format!("Nothing was sent; to see whether it still fails:  {command}");
        first.next_steps.push(step);
    }
}

/// The verdict and the headline of a run that did not wait in vain. Nobody asks a diagnosis about what is well, so what it saw
/// now and then, or could not tell, is in doubt.
fn said(
    recording: &Recording,
    (verdict, headline): (Verdict, String),
    hypotheses: &[Hypothesis],
    told: bool,
) -> (Verdict, String) {
    let doubt = verdict.max(Verdict::Inconclusive);
    match hypotheses {
        [] if is_over(recording) => (doubt, headline),
        [] => (verdict, journey::headline(recording, verdict).unwrap_or(headline)),
        _ if verdict >= Verdict::Flaky && told => (Verdict::Inconclusive, headline),
        _ => (Verdict::Inconclusive, nothing(recording)),
    }
}

/// Whether this is a diagnosis that came to its end.
fn is_over(recording: &Recording) -> bool {
    recording.diagnosis.is_some() && !recording.interrupted
}

/// What may be wrong all the same, when this is a diagnosis and nothing that it saw is to blame. Nothing found is no all-clear.
fn not_reproduced(
    recording: &Recording,
    view: &View<'_>,
    verdict: Verdict,
    has_cause: bool,
) -> Vec<Hypothesis> {
    let asked = recording.diagnosis.as_ref();
    let asked = asked.filter(|_| verdict != Verdict::Fail && is_over(recording));
    match (asked, &recording.browser) {
        (Some(command), Some(browser)) => unseen(view, browser, command),
        (Some(command), None) if !has_cause => hypotheses(view, command),
        _ => Vec::new(),
    }
}

fn duration_ms(recording: &Recording) -> u64 {
    let took = recording
        .ended_at
        .duration_since(recording.started_at)
        .as_millis();
    u64::try_from(took).unwrap_or_default()
}

/// Judges every check whose needs have not failed, in the order of the registry.
fn judge_checks(
    view: &View<'_>,
    checks: &[&'static dyn Check],
    waivers: &mut Waivers<'_>,
) -> (Vec<CheckResult>, Vec<Finding>) {
    let mut results: Vec<CheckResult> = Vec::new();
    let mut findings = Vec::new();
    for check in checks {
        let spec = check.spec();
        let failed = spec.needs.iter().find(|need| {
            results
                .iter()
                .any(|result| result.check == **need && !is_fine(result.outcome))
        });
        if let Some(need) = failed {
            let reason = Some(format!("needs {need}, which did not pass"));
            results.push(CheckResult {
                reason,
                ..result(spec, CheckOutcome::Blocked, 0)
            });
            continue;
        }
        let mut judgement = check.judge(view);
        if let Judgement::Judged { findings, .. } = &mut judgement {
            waivers.apply(spec, findings);
        }
        let (result, found) = outcome(spec, judgement);
        results.push(result);
        findings.extend(found);
    }
    (results, findings)
}

/// Whether dependents may be judged. What was skipped stands in nobody's way.
fn is_fine(outcome: CheckOutcome) -> bool {
    match outcome {
        CheckOutcome::Pass | CheckOutcome::Flaky | CheckOutcome::Degraded | CheckOutcome::Skipped => true,
        CheckOutcome::Inconclusive | CheckOutcome::Fail | CheckOutcome::Blocked => false,
    }
}

/// What a judgement means for the check.
fn outcome(spec: &'static Spec, judgement: Judgement) -> (CheckResult, Vec<Finding>) {
    match judgement {
        Judgement::Judged {
            exchanges,
            findings,
            unseen,
        } => {
            let judged = u32::try_from(exchanges.len()).unwrap_or(u32::MAX);
            let missed = unseen.iter().any(|unseen| !unseen.on_purpose);
            let worst = match worst(&findings) {
                Verdict::Pass if exchanges.is_empty() || missed => Verdict::Inconclusive,
                worst => worst,
            };
            let first = unseen.iter().min_by_key(|unseen| unseen.on_purpose);
            let reason = first.map(|first| match unseen.len() {
                1 => first.reason.clone(),
                more => format!("{} (and {} more not seen)", first.reason, more - 1),
            });
            let flag = first.and_then(|first| first.flag.clone());
            (
                CheckResult {
                    reason,
                    flag,
                    ..result(spec, worst.into(), judged)
                },
                findings,
            )
        }
        Judgement::NotApplicable(reason) => (
            CheckResult {
                reason: Some(reason),
                ..result(spec, CheckOutcome::Skipped, 0)
            },
            vec![],
        ),
        Judgement::Unable(Unseen {
            reason,
            flag,
            on_purpose,
        }) => {
            let outcome = if on_purpose {
                CheckOutcome::Skipped
            } else {
                CheckOutcome::Inconclusive
            };
            (
                CheckResult {
                    reason: Some(reason),
                    flag,
                    ..result(spec, outcome, 0)
                },
                vec![],
            )
        }
    }
}

/// The worst that findings make of a check. Advisories are remarks, not outcomes.
fn worst(findings: &[Finding]) -> Verdict {
    use crate::model::finding::Severity;
    let counted = findings
        .iter()
        .filter(|finding| finding.severity > Severity::Advisory);
    counted
        .map(|finding| finding.outcome)
        .max()
        .unwrap_or(Verdict::Pass)
}

fn result(spec: &'static Spec, outcome: CheckOutcome, judged: u32) -> CheckResult {
    CheckResult {
        check: spec.id.to_owned(),
        title: spec.title.to_owned(),
        layer: spec.layer,
        severity: spec.severity,
        outcome,
        judged,
        reason: None,
        flag: None,
    }
}

/// Shows every exchange to every rule.
fn judge_rules(
    view: &View<'_>,
    rules: &[&'static dyn Rule],
    (waivers, expected): (&mut Waivers<'_>, &HashSet<Xid>),
) -> (Vec<CheckResult>, Vec<Finding>) {
    let mut results = Vec::new();
    let mut findings = Vec::new();
    for rule in rules {
        let judged: Vec<Vec<Finding>> = view
            .exchanges
            .iter()
            .filter_map(|exchange| rule.judge(exchange, view))
            .collect();
        let count = u32::try_from(judged.len()).unwrap_or(u32::MAX);
        let mut found: Vec<Finding> = judged.into_iter().flatten().collect();
        found.retain(|finding| !is_expected(finding, expected));
        waivers.apply(rule.spec(), &mut found);
        let mut entry = result(rule.spec(), worst(&found).into(), count);
        if count == 0 {
            entry.outcome = CheckOutcome::Skipped;
            entry.reason = Some("nothing that was sent concerns it".to_owned());
        }
        results.push(entry);
        findings.extend(found);
    }
    (results, findings)
}

/// Whether a server error is one that the scenario says to be right.
fn is_expected(finding: &Finding, expected: &HashSet<Xid>) -> bool {
    finding.check == "errors/no-server-error" && finding.exchanges.iter().all(|id| expected.contains(id))
}

/// Folds equal findings into one with a count, and orders them by layer, check and subject (law 8).
fn merge(findings: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        let same = |other: &&mut Finding| {
            other.check == finding.check
                && other.subject == finding.subject
                && other.title == finding.title
                && other.actual == finding.actual
        };
        match merged.iter_mut().find(same) {
            Some(first) => {
                // What one attempt shows as flaky and the last one as lost is lost.
                first.outcome = first.outcome.max(finding.outcome);
                first.severity = first.severity.max(finding.severity);
                first.count += finding.count;
                first.exchanges.extend(finding.exchanges);
                first.exchanges.sort_unstable();
                first.exchanges.dedup();
            }
            None => merged.push(finding),
        }
    }
    merged.sort_by(|a, b| a.order().cmp(&b.order()));
    merged
}

/// The causes that explain something which no earlier one explained.
fn diagnose(case: &Case<'_>, causes: &[&'static dyn Cause]) -> Vec<Diagnosis> {
    let mut diagnoses: Vec<Diagnosis> = Vec::new();
    for cause in causes {
        let Some(mut diagnosis) = cause.diagnose(case) else {
            continue;
        };
        // A cause that saw which one it was says so itself.
        if diagnosis.likely_causes.is_empty() {
            let likely = cause.leaf().likely.iter();
            diagnosis.likely_causes = likely.map(|one| (*one).to_owned()).collect();
        }
        let new = diagnosis.explains.is_empty()
            || diagnosis
                .explains
                .iter()
                .any(|one| !diagnoses.iter().any(|earlier| earlier.explains.contains(one)));
        if new {
            diagnoses.push(diagnosis);
        }
    }
    diagnoses
}

/// Marks each finding with the first cause that explains it.
fn explain(findings: &mut [Finding], diagnoses: &[Diagnosis]) {
    for finding in findings {
        let by = diagnoses.iter().find(|diagnosis| diagnosis.covers(finding));
        finding.explained_by = by.map(|diagnosis| diagnosis.cause.clone());
    }
}
