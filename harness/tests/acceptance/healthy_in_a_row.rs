//! Same target, same seed, same report (law 8), and no false alarm.

use greenlight::lab::embedded::Embedded;
use greenlight::lab::subject::{concierge, verify};
use greenlight::model::finding::Verdict;
use greenlight::model::run::Run;
use orchestrate::config::Settings;
use orchestrate::faults::id::FaultId;

const TIMES: usize = 20;

/// The report without what a clock says.
fn timeless(run: &Run) -> String {
    let mut report = serde_json::to_value(run).unwrap();
    report["started_at"] = "then".into();
    report["duration_ms"] = 0.into();
    let text = serde_json::to_string_pretty(&report).unwrap();
    let clock = regex::Regex::new(r"\b\d+ ms\b|\d{4}-\d\d-\d\dT[\d:.]+Z").unwrap();
    clock.replace_all(&text, "TIME").into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_verifies_of_one_healthy_service_give_one_report() {
    let mut service = Embedded::healthy().await.unwrap();
    let mut first: Option<String> = None;
    for time in 1..=TIMES {
        service.another_run().await.unwrap();
        let mut subject = concierge().unwrap();
        subject.vault = service.join(&mut subject.target);
        let (_, run) = verify(subject).await.unwrap();
        assert_eq!(
            (run.verdict, run.exit_code),
            (Verdict::Pass, 0),
            "{time}: {run:#?}"
        );
        let report = timeless(&run);
        match &first {
            None => first = Some(report),
            Some(first) => assert_eq!(first, &report, "the report of run {time} is another"),
        }
    }
    service.stop().await;
}

/// What a service makes up is another thing each time, and no finding is called after it.
#[tokio::test(flavor = "multi_thread")]
async fn two_verifies_of_one_broken_service_give_one_report() {
    let mut settings = Settings::development();
    settings.faults = [FaultId::DeleteKeeps].into_iter().collect();
    let mut service = Embedded::start(settings).await.unwrap();
    let mut reports = Vec::new();
    for _ in 0..2 {
        service.another_run().await.unwrap();
        let mut subject = concierge().unwrap();
        subject.vault = service.join(&mut subject.target);
        let (_, mut run) = verify(subject).await.unwrap();
        let gone = run
            .findings
            .iter()
            .filter(|found| found.check == "journey/deleted-is-gone");
        assert_eq!(gone.count(), 1, "{run:#?}");
        // What shows it says what was really asked, under the names of that run.
        let shown = run
            .evidence
            .iter()
            .filter(|shown| shown.line.contains("/curations/"));
        assert_eq!(shown.count(), 2);
        run.evidence.clear();
        reports.push(timeless(&run));
    }
    assert_eq!(reports[0], reports[1]);
    service.stop().await;
}
