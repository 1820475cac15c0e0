//! Finished runs that tests render: as `verify` would leave them.

use crate::model::diagnosis::{Blame, Confidence, Diagnosis, Explained};
use crate::model::exchange::Xid;
use crate::model::exit;
use crate::model::finding::{Finding, Layer, Severity, Verdict};
use crate::model::recording::Tool;
use crate::model::run::{
    CheckOutcome, CheckResult, Counts, Evidence, ProofResult, Run, SCHEMA, SentCounts, TargetSummary, Waiver,
};

/// Every fixture by name.
pub(crate) fn all() -> Vec<(&'static str, Run)> {
    vec![
        ("healthy", healthy()),
        ("missing_await", missing_await()),
        ("unproven", unproven()),
        ("unreachable", unreachable()),
        ("many_findings", many_findings()),
        ("flaky", flaky()),
        ("hostile", hostile()),
    ]
}

const CHECKS: &[(&str, Layer, Severity, &str)] = &[
    (
        "reach/answers",
        Layer::Reach,
        Severity::Blocker,
        "The service answers over HTTP",
    ),
    (
        "reach/every-request-answered",
        Layer::Reach,
        Severity::Major,
        "Every request is answered",
    ),
    (
        "health/shape",
        Layer::Health,
        Severity::Major,
        "Health has the documented shape",
    ),
    (
        "health/fresh",
        Layer::Health,
        Severity::Major,
        "Health is measured when asked",
    ),
    (
        "cors/preflight",
        Layer::Cors,
        Severity::Blocker,
        "Every call of a client's page passes its preflight",
    ),
    (
        "cors/foreign",
        Layer::Cors,
        Severity::Blocker,
        "No foreign origin may read with credentials",
    ),
    (
        "cors/readable",
        Layer::Cors,
        Severity::Major,
        "Every answer to a client's page can be read by it, errors included",
    ),
    (
        "cors/vary",
        Layer::Cors,
        Severity::Minor,
        "Answers that depend on the origin say so",
    ),
    (
        "auth/good-token-accepted",
        Layer::Auth,
        Severity::Blocker,
        "A good token is accepted",
    ),
    (
        "auth/rejects-bad-tokens",
        Layer::Auth,
        Severity::Blocker,
        "Bad tokens are rejected",
    ),
    (
        "errors/no-server-error",
        Layer::Errors,
        Severity::Blocker,
        "The server never answers with a 5xx",
    ),
    (
        "contract/conforms",
        Layer::Contract,
        Severity::Major,
        "Every answer has its documented shape",
    ),
    (
        "journey/proofs",
        Layer::Journey,
        Severity::Blocker,
        "What must work was seen working",
    ),
];

const PAGE: &str = "https://app.acme.example";

/// A run in which every check passed.
pub(crate) fn healthy() -> Run {
    let mut run = Run {
        schema: SCHEMA.into(),
        tool: Tool {
            name: "greenlight".into(),
            version: "0.1.0".into(),
        },
        target: TargetSummary {
            name: Some("concierge".into()),
            base: "https://api.acme.example/api/v3".into(),
            environment: "staging".into(),
            version: Some("4f2a9c1".into()),
            origins: vec![PAGE.into()],
            assumed: vec![],
        },
        verdict: Verdict::Pass,
        exit_code: exit::PASS,
        headline: "13 checks saw nothing wrong, and 3 of 3 proofs were seen".into(),
        started_at: "2026-03-01T02:01:14.25Z".parse().unwrap(),
        duration_ms: 4_270,
        interrupted: false,
        counts: Counts::default(),
        proofs: ["reach/answers", "auth/good-token-accepted", "journey/proofs"]
            .map(proof)
            .into(),
        checks: CHECKS.iter().map(check).collect(),
        findings: vec![],
        diagnoses: vec![],
        skipped: vec![],
        waivers: vec![],
        sent: SentCounts {
            reads: 24,
            preflights: 3,
            inert: 4,
            paid: 2,
            bytes: 91_204,
            ..SentCounts::default()
        },
        evidence: vec![],
    };
    count(&mut run);
    run
}

/// The incident that the tool exists for, with a token.
pub(crate) fn missing_await() -> Run {
    let mut run = healthy();
    let call = "POST /ai/orchestrate";
    run.verdict = Verdict::Fail;
    run.exit_code = exit::FAIL;
    run.headline = "A server error (HTTP 500) is what browsers here report as a CORS error".into();
    run.findings = vec![
        finding(
            "cors/readable",
            &format!("{call} 500"),
            &format!("The page at {PAGE} cannot read the HTTP 500 of {call}"),
            [
                &format!("Access-Control-Allow-Origin: {PAGE}"),
                "no Access-Control-Allow-Origin header",
            ],
        ),
        finding(
            "errors/no-server-error",
            call,
            &format!("{call} answers HTTP 500"),
            ["an answer below 500", "500 Internal Server Error"],
        ),
        finding(
            "journey/proofs",
            call,
            &format!("{call} must work, and answers HTTP 500 to a good call"),
            ["a 2xx answer", "HTTP 500"],
        ),
    ];
    for finding in &mut run.findings {
        finding.count = 3;
        finding.exchanges = vec![Xid(12), Xid(13), Xid(14)];
        finding.explained_by = Some("masked-server-error".into());
    }
    run.diagnoses = vec![Diagnosis {
        cause: "masked-server-error".into(),
        statement: run.headline.clone(),
        blame: Blame::Deploy,
        confidence: Confidence::Certain,
        evidence: vec!["every 200, 401 and 422 does carry the CORS headers: only crashes leave bare".into()],
        ruled_out: ["dns", "2 of 2 addresses", "tls (61 days left)", "redirects", "edge page", "preflight", "origin list"]
            .map(String::from)
            .into(),
        next_steps: vec![
            "read the traceback in the app's log at 02:01:15Z ±5 s, request id 7f3a9d".into(),
            "reproduce it with one paid call:  greenlight verify https://api.acme.example/api/v3 --token-prompt --allow paid"
                .into(),
            "then put the CORS layer outside the one that turns crashes into answers".into(),
        ],
        explains: run.findings.iter().map(explained).collect(),
    }];
    run.evidence = vec![evidence(
        12,
        call,
        "500 text/plain, no Access-Control-Allow-Origin, 9 ms",
    )];
    set(&mut run, "cors/readable", CheckOutcome::Fail, None, None);
    set(&mut run, "errors/no-server-error", CheckOutcome::Fail, None, None);
    set(&mut run, "journey/proofs", CheckOutcome::Fail, None, None);
    skip(
        &mut run,
        "contract/conforms",
        "no contract was given or served",
        Some("--contract FILE"),
    );
    run.proofs[2].proven = false;
    run.target.version = None;
    run.target.environment = "production".into();
    count(&mut run);
    run
}

/// A healthy service, verified without a token.
pub(crate) fn unproven() -> Run {
    let mut run = healthy();
    let reason = "POST /ai/orchestrate needs a credential, and none was given";
    let flag = "--token-env VAR";
    run.verdict = Verdict::Inconclusive;
    run.exit_code = exit::INCONCLUSIVE;
    run.headline = format!(
        "Nothing seen was wrong, but it is not proven that a good token is accepted: {reason}; {flag} would prove it"
    );
    for (at, id) in [(1, "auth/good-token-accepted"), (2, "journey/proofs")] {
        set(&mut run, id, CheckOutcome::Inconclusive, Some(reason), Some(flag));
        run.proofs[at] = ProofResult {
            proven: false,
            reason: Some(reason.into()),
            flag: Some(flag.into()),
            ..run.proofs[at].clone()
        };
    }
    skip(
        &mut run,
        "cors/preflight",
        "no page's origin is known",
        Some("--origin URL"),
    );
    skip(
        &mut run,
        "cors/foreign",
        "no page's origin is known",
        Some("--origin URL"),
    );
    skip(&mut run, "cors/vary", "nothing that was sent concerns it", None);
    let partial = run
        .checks
        .iter_mut()
        .find(|check| check.check == "auth/rejects-bad-tokens")
        .unwrap();
    partial.reason = Some("an expired token was not tried".into());
    partial.flag = Some("--expired-token-env VAR".into());
    run.target.assumed = vec![
        "health is at /health, since it answers there".into(),
        "this is production".into(),
    ];
    run.target.environment = "production".into();
    run.sent.paid = 0;
    count(&mut run);
    run
}

/// Nothing listens.
pub(crate) fn unreachable() -> Run {
    let mut run = healthy();
    let base = "http://127.0.0.1:9";
    let plain = format!("Nothing can be reached at {base}: the connection is refused; nothing listens there");
    run.verdict = Verdict::Fail;
    run.exit_code = exit::FAIL;
    run.headline = plain.clone();
    run.target = TargetSummary {
        name: None,
        base: base.into(),
        version: None,
        environment: "production".into(),
        origins: vec![],
        assumed: vec!["this is production: nobody said otherwise".into()],
    };
    run.findings = vec![Finding {
        hint: "Look at the layer that is named: DNS record, listening address and port, certificate, or the process itself."
            .into(),
        exchanges: vec![Xid(1)],
        ..finding("reach/answers", base, &plain, ["an answer in HTTP", "connection refused (os error 111)"])
    }];
    run.evidence = vec![Evidence {
        excerpt: None,
        line: "GET /health -> no answer: connection refused (os error 111)".into(),
        curl: format!("curl -i '{base}/health'"),
        id: "x1".into(),
    }];
    set(&mut run, "reach/answers", CheckOutcome::Fail, None, None);
    for (id, ..) in CHECKS.iter().skip(1) {
        set(
            &mut run,
            id,
            CheckOutcome::Blocked,
            Some("needs reach/answers, which did not pass"),
            None,
        );
    }
    for proof in &mut run.proofs {
        proof.proven = false;
        proof.reason = Some("needs reach/answers, which did not pass".into());
    }
    run.proofs[0].reason = None;
    run.sent = SentCounts::default();
    run.duration_ms = 38;
    count(&mut run);
    run
}

/// Several causes, findings that none explains, waivers, and more rows than anybody reads.
pub(crate) fn many_findings() -> Run {
    let mut run = missing_await();
    run.diagnoses.push(Diagnosis {
        cause: "health-lies".into(),
        statement: "Health says healthy while the database is gone".into(),
        blame: Blame::Upstream,
        confidence: Confidence::Likely,
        evidence: vec![],
        ruled_out: vec![],
        next_steps: vec![],
        explains: vec![],
    });
    let mut lies = finding(
        "health/shape",
        "GET /health",
        "Health is green with a red member",
        ["\"connected\"", "\"error\""],
    );
    lies.explained_by = Some("health-lies".into());
    run.findings.push(lies);
    for n in 1..=14 {
        let path = format!("GET /reports/{n}");
        let mut one = finding(
            "contract/conforms",
            &path,
            &format!("The 200 of {path} is not what the contract promises"),
            ["/total: a number", "/total: \"12\", a string"],
        );
        one.severity = if n > 11 {
            Severity::Advisory
        } else {
            Severity::Major
        };
        run.findings.push(one);
    }
    let mut expired = finding(
        "auth/rejects-bad-tokens",
        "GET /me",
        "An expired token is accepted",
        ["401", "200 application/json"],
    );
    expired.severity = Severity::Blocker;
    run.findings.push(expired);
    let mut vary = finding(
        "cors/vary",
        "OPTIONS /me",
        "The answer depends on the origin and does not say so",
        ["Vary: Origin", "no Vary"],
    );
    vary.severity = Severity::Minor;
    run.findings.push(vary);
    let mut slow = finding(
        "health/fresh",
        "GET /health",
        "Health took 4.1 s",
        ["below 1 s", "4.1 s"],
    );
    slow.outcome = Verdict::Degraded;
    run.findings.push(slow);
    run.findings.sort_by(|a, b| a.order().cmp(&b.order()));
    for id in [
        "health/shape",
        "contract/conforms",
        "auth/rejects-bad-tokens",
        "cors/vary",
    ] {
        set(&mut run, id, CheckOutcome::Fail, None, None);
    }
    run.skipped.clear();
    set(&mut run, "health/fresh", CheckOutcome::Degraded, None, None);
    set(
        &mut run,
        "cors/foreign",
        CheckOutcome::Inconclusive,
        Some("the budget of requests was spent"),
        Some("--budget requests=200"),
    );
    run.waivers = vec![Waiver {
        check: "cors/vary".into(),
        subject: "OPTIONS /me".into(),
        reason: "the cache in front keys on Origin".into(),
        owner: "ana".into(),
        until: "2026-04-30".into(),
    }];
    count(&mut run);
    run
}

/// It worked when asked again.
pub(crate) fn flaky() -> Run {
    let mut run = healthy();
    run.verdict = Verdict::Flaky;
    run.headline = "GET /health was answered on the second attempt only".into();
    run.findings = vec![Finding {
        outcome: Verdict::Flaky,
        exchanges: vec![Xid(3)],
        ..finding(
            "reach/every-request-answered",
            "GET /health",
            &run.headline,
            ["an answer at once", "reset, then 200"],
        )
    }];
    run.evidence = vec![evidence(
        3,
        "GET /health",
        "200 application/json, no Access-Control-Allow-Origin, 3 ms",
    )];
    set(
        &mut run,
        "reach/every-request-answered",
        CheckOutcome::Flaky,
        None,
        None,
    );
    count(&mut run);
    run
}

/// Every string that a server or a profile could supply tries to break out of the report.
pub(crate) fn hostile() -> Run {
    let mut run = missing_await();
    let bomb = "\u{1b}[2J\u{1b}[1;1H\u{9b}32mPASS\r\nexit        0\n\u{202e}gnihton\u{0} ]]></failure><!-- & \"'\u{fffe}";
    let text = |at: usize| format!("{bomb}{}", "A\u{301}".repeat(300 * at));
    run.headline = text(1);
    run.target.base = text(2);
    run.target.name = Some(text(1));
    run.target.version = Some(text(1));
    run.target.environment = text(1);
    run.target.assumed = vec![text(1)];
    for finding in &mut run.findings {
        (finding.subject, finding.title) = (text(1), text(3));
        (finding.expected, finding.actual, finding.hint) = (text(1), text(9), text(1));
    }
    run.findings[0].explained_by = None;
    for diagnosis in &mut run.diagnoses {
        diagnosis.statement = text(1);
        (diagnosis.evidence, diagnosis.ruled_out) = (vec![text(1); 9], vec![text(1); 2]);
        diagnosis.next_steps = vec![format!("do:  {bomb}"), text(30)];
    }
    for evidence in &mut run.evidence {
        (evidence.line, evidence.curl, evidence.excerpt) = (text(1), text(30), Some(text(2)));
    }
    for check in &mut run.checks {
        (check.title, check.reason, check.flag) = (text(1), Some(text(1)), Some(text(1)));
    }
    run.skipped = run.checks.clone();
    for proof in &mut run.proofs {
        (proof.title, proof.reason, proof.flag, proof.proven) =
            (text(1), Some(text(1)), Some(text(1)), false);
    }
    run.waivers = vec![Waiver {
        check: text(1),
        subject: text(1),
        reason: text(1),
        owner: text(1),
        until: text(1),
    }];
    run
}

fn check((id, layer, severity, title): &(&str, Layer, Severity, &str)) -> CheckResult {
    CheckResult {
        check: (*id).into(),
        title: (*title).into(),
        layer: *layer,
        severity: *severity,
        outcome: CheckOutcome::Pass,
        judged: 3,
        reason: None,
        flag: None,
    }
}

fn spec(id: &str) -> &'static (&'static str, Layer, Severity, &'static str) {
    CHECKS.iter().find(|(known, ..)| *known == id).unwrap()
}

fn proof(id: &str) -> ProofResult {
    ProofResult {
        id: id.into(),
        title: spec(id).3.into(),
        proven: true,
        accepted: false,
        reason: None,
        flag: None,
    }
}

fn finding(id: &str, subject: &str, title: &str, [expected, actual]: [&str; 2]) -> Finding {
    let (_, layer, severity, _) = *spec(id);
    Finding {
        check: id.into(),
        outcome: Verdict::Fail,
        severity,
        layer,
        subject: subject.into(),
        title: title.into(),
        expected: expected.into(),
        actual: actual.into(),
        hint: format!("Mend what {id} names."),
        exchanges: vec![],
        count: 1,
        explained_by: None,
    }
}

fn evidence(id: u32, call: &str, answer: &str) -> Evidence {
    let (method, path) = call.split_once(' ').unwrap();
    Evidence {
        id: Xid(id).to_string(),
        line: format!("{call} from {PAGE} -> {answer}"),
        curl: format!(
            "curl -i -X {method} 'https://api.acme.example/api/v3{path}' -H 'Origin: {PAGE}' -H \"Authorization: Bearer $GREENLIGHT_TOKEN\""
        ),
        excerpt: Some("Internal Server Error".into()),
    }
}

fn explained(finding: &Finding) -> Explained {
    Explained {
        check: finding.check.clone(),
        subject: finding.subject.clone(),
    }
}

fn set(run: &mut Run, id: &str, outcome: CheckOutcome, reason: Option<&str>, flag: Option<&str>) {
    let check = run.checks.iter_mut().find(|check| check.check == id).unwrap();
    check.outcome = outcome;
    check.reason = reason.map(String::from);
    check.flag = flag.map(String::from);
    if reason.is_some() {
        check.judged = 0;
    }
}

fn skip(run: &mut Run, id: &str, reason: &str, flag: Option<&str>) {
    set(run, id, CheckOutcome::Skipped, Some(reason), flag);
}

/// Brings what is derived from the checks in line with them.
fn count(run: &mut Run) {
    let n =
        |outcome| u32::try_from(run.checks.iter().filter(|check| check.outcome == outcome).count()).unwrap();
    run.counts = Counts {
        pass: n(CheckOutcome::Pass),
        flaky: n(CheckOutcome::Flaky),
        degraded: n(CheckOutcome::Degraded),
        inconclusive: n(CheckOutcome::Inconclusive),
        fail: n(CheckOutcome::Fail),
        skipped: n(CheckOutcome::Skipped),
        blocked: n(CheckOutcome::Blocked),
    };
    let aside = |check: &&CheckResult| matches!(check.outcome, CheckOutcome::Skipped | CheckOutcome::Blocked);
    run.skipped = run.checks.iter().filter(aside).cloned().collect();
}
