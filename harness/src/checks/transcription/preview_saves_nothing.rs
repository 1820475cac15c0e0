//! A preview that is kept fills the database with what nobody wanted, and every check of this run with it.

use serde_json::Value;

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::transcription::work::{done, members};
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Body;

/// The rule.
pub struct PreviewSavesNothing;

static SPEC: Spec = Spec {
    id: "transcription/preview-saves-nothing",
    layer: Layer::Journey,
    title: "What must not be kept is not kept",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A call that says that nothing shall be saved, and an answer that says that it was: previews, tests and \
                  health checks then write into the data of real users. Defaults that differ between leaving an object out \
                  and sending it empty are the usual way there.",
    hint: "Honour the flag as sent, and let no default override a false.",
};

impl Rule for PreviewSavesNothing {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let Body::Json { value: asked, .. } = &exchange.probe.body else {
            return None;
        };
        let wish = members(asked)
            .into_iter()
            .find(|(_, name, value)| {
                **value == Value::Bool(false) && begins(name, &["save", "store", "persist"])
            })
            .map(|(at, ..)| at)?;
        let (_, body) = done(exchange, view)?;
        let kept = members(&body).into_iter().find(|(_, name, value)| {
            **value == Value::Bool(true) && begins(name, &["saved", "stored", "persisted"])
        });
        let finding = kept.map(|(at, ..)| {
            let operation = exchange.probe.operation();
            let found = SPEC.finds(
                format!("{operation} {at}"),
                format!("{operation} keeps a preview, although it was told not to"),
            );
            let found = found
                .expected(format!("nothing kept: the request says {wish} = false"))
                .actual(format!("the answer says {at} = true"));
            found.shown_by([exchange])
        });
        Some(finding.into_iter().collect())
    }
}

fn begins(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| name.starts_with(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, call, target};

    fn found(asked: Value, body: &str) -> Option<usize> {
        let target = target();
        let asked = Body::Json {
            value: asked,
            inserts: vec![],
        };
        let exchange = answered(1, &asks::with_body(&target, &call(), asked), 200, &[], body);
        let findings = PreviewSavesNothing.judge(&exchange, &View::new(&target, None, &[], &[]))?;
        Some(findings.len())
    }

    #[test]
    fn a_preview_that_is_kept_is_found() {
        let preview = json!({"output": {"save_to_db": false}});
        assert_eq!(found(preview.clone(), r#"{"saved_to_db":true}"#), Some(1));
        assert_eq!(found(preview, r#"{"saved_to_db":false}"#), Some(0));
    }

    #[test]
    fn whoever_asks_for_it_gets_it() {
        assert_eq!(
            found(json!({"output": {"save_to_db": true}}), r#"{"saved_to_db":true}"#),
            None
        );
    }
}
