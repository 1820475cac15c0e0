//! The size that the reference service promises to take, at its real size: the lab shows it scaled down.

use greenlight::lab::embedded::Embedded;
use greenlight::lab::subject::{concierge, verify};
use greenlight::model::finding::Verdict;
use greenlight::model::run::CheckOutcome;
use orchestrate::config::Settings;
use orchestrate::domain::audio::MAX_BYTES;

/// A build without optimisation needs seconds for each of the two.
const PATIENCE_MS: u64 = 120_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_of_the_promised_size_is_taken_and_one_of_a_byte_more_is_refused() {
    let embedded = Embedded::start(Settings::development()).await.unwrap();
    let mut subject = concierge().unwrap();
    subject.target.bounds.deadline_ms = PATIENCE_MS;
    subject.target.transcription.as_mut().unwrap().max_audio = Some(MAX_BYTES as u64);
    subject.vault = embedded.join(&mut subject.target);
    let (recording, run) = verify(subject).await.unwrap();
    embedded.stop().await;
    let check = run
        .checks
        .iter()
        .find(|check| check.check == "transcription/size-limit-kept")
        .unwrap();
    assert_eq!((check.outcome, check.judged), (CheckOutcome::Pass, 2));
    assert_eq!(run.verdict, Verdict::Pass, "{}", run.headline);
    let large = recording.exchanges.iter().filter(|exchange| {
        let sent = exchange.sent.as_ref();
        sent.is_some_and(|sent| sent.body_length > 30_000_000)
    });
    let statuses: Vec<_> = large.map(|exchange| exchange.status()).collect();
    assert_eq!(statuses, [Some(200), Some(413)]);
}
