//! Every exchange of a run as a line of text with its time drawn, for whoever opens a bundle in a terminal.

use crate::model::exchange::Exchange;
use crate::model::recording::Recording;
use crate::report::text::{self, NAME};

/// Columns of the drawing.
const WIDTH: u64 = 60;

/// The drawing, one line an exchange.
pub fn render(recording: &Recording) -> String {
    let begun = recording.exchanges.iter().map(|exchange| exchange.at).min();
    let since = |exchange: &Exchange| {
        let begun = begun.unwrap_or(exchange.at);
        u64::try_from(exchange.at.duration_since(begun).as_micros()).unwrap_or_default()
    };
    let ends = recording
        .exchanges
        .iter()
        .map(|exchange| since(exchange) + exchange.phases.total());
    let whole = ends.max().unwrap_or_default().max(1);
    let mut out = String::new();
    for exchange in &recording.exchanges {
        let (from, took) = (since(exchange), exchange.phases.total());
        let column = |at: u64| usize::try_from(at.min(whole) * (WIDTH - 1) / whole).unwrap_or_default();
        let (start, end) = (column(from), column(from + took));
        let bar = format!("{}{}", " ".repeat(start), "=".repeat(end - start + 1));
        let status = match exchange.status() {
            Some(status) => status.to_string(),
            None => "---".to_owned(),
        };
        let ms = took as f64 / 1_000.0;
        let called = text::line(
            &format!("{} {}", exchange.probe.method, exchange.probe.path_text()),
            NAME,
        );
        out.push_str(&format!(
            "{:>6} {ms:>9.1} ms {status} |{bar:<60}| {called}\n",
            exchange.id.to_string()
        ));
    }
    out
}
