//! People type parentheses, stars and full stops. A search that takes them for a pattern crashes on the first.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::queries::{Field, asked, fields};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct SearchSurvives;

static SPEC: Spec = Spec {
    id: "errors/search-survives",
    layer: Layer::Errors,
    title: "A search takes whatever people type",
    severity: Severity::Major,
    suites: &[Suite::Contract, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A filter that hands text to a pattern matcher or a query as it is works for every tester and crashes for the \
                  first user who types a parenthesis (CWE-1287, CWE-185); whoever can break a pattern can often make one that \
                  takes for ever. Documented reads that take text in their query are asked for a plain word and then for what \
                  patterns are made of. Nothing or 400 is a fine answer, a 5xx is not.",
    hint: "Escape what was typed before it becomes a pattern or a part of a query, or refuse it with 400.",
};

/// A word that no pattern reads otherwise.
const PLAIN: &str = "kitchen";

/// No more parameters than this are asked.
const MOST: usize = 3;

/// What people type and patterns are made of, each with its name.
fn typed() -> [(&'static str, String); 3] {
    [
        ("an opening parenthesis", "(".to_owned()),
        ("a star and a bracket", "*[".to_owned()),
        (
            "two hundred characters with a full stop at their end",
            format!("{}.", "a".repeat(199)),
        ),
    ]
}

impl Check for SearchSurvives {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let texts: Vec<String> = std::iter::once(PLAIN.to_owned())
            .chain(typed().into_iter().map(|(_, text)| text))
            .collect();
        let fields = fields(view).into_iter().take(MOST);
        fields
            .flat_map(|field| {
                texts
                    .iter()
                    .map(move |text| Ask::One(asked(view.target, &field, text)))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let fields: Vec<Field> = fields(view).into_iter().take(MOST).collect();
        if fields.is_empty() {
            return Judgement::NotApplicable("no documented read takes text in its query".into());
        }
        let mut tally = Tally::new(view);
        for field in &fields {
            let read = format!("GET {}", field.path);
            let Some((_, plain)) = tally.answer(&asked(view.target, field, PLAIN)) else {
                continue;
            };
            if plain.status >= 500 {
                let status = plain.status;
                tally.unknown(
                    format!("{read} answers HTTP {status} to a plain word, which is reported on its own"),
                    None,
                );
                continue;
            }
            for (name, text) in typed() {
                let Some((exchange, reply)) = tally.answer(&asked(view.target, field, &text)) else {
                    continue;
                };
                if reply.status < 500 {
                    continue;
                }
                let title = format!(
                    "{read} crashes when its `{}` is {name} (HTTP {})",
                    field.name, reply.status
                );
                let found = SPEC
                    .finds(format!("{read} with {name}"), title)
                    .expected("what was found, nothing, or HTTP 400")
                    .actual(format!(
                        "HTTP {}; a plain word gets HTTP {}",
                        reply.status, plain.status
                    ));
                tally.find(found.shown_by([exchange]));
            }
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::contract::load::Contract;

    const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {/items: {get: {parameters: [{name: name, in: query, schema: {type: string}}], responses: {'200': {description: ''}}}}}";

    fn found(plain: u16, typed_status: u16) -> Judgement {
        let (target, contract) = (target(), Contract::parse(DOCUMENT, "pinned.yaml").unwrap());
        let field = Field {
            path: "/items".into(),
            name: "name".into(),
            protected: false,
        };
        let mut seen = vec![answered(1, &asked(&target, &field, PLAIN), plain, &[], "[]")];
        for (id, (_, text)) in (2..).zip(typed()) {
            seen.push(answered(
                id,
                &asked(&target, &field, &text),
                typed_status,
                &[],
                "[]",
            ));
        }
        let view = View::new(&target, Some(&contract), &seen, &[]);
        assert_eq!(SearchSurvives.ask(&view).len(), seen.len());
        SearchSurvives.judge(&view)
    }

    fn many(judgement: &Judgement) -> usize {
        match judgement {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_crash_at_what_people_type_is_found() {
        assert_eq!(many(&found(200, 500)), 3);
    }

    #[test]
    fn spares_a_refusal_and_an_empty_result() {
        assert_eq!(many(&found(200, 400)), 0);
        assert_eq!(many(&found(200, 200)), 0);
    }

    #[test]
    fn a_read_that_always_fails_is_another_fault() {
        assert_eq!(many(&found(500, 500)), 0);
    }

    #[test]
    fn without_such_a_read_there_is_nothing_to_ask() {
        let target = target();
        let view = View::new(&target, None, &[], &[]);
        assert!(matches!(SearchSurvives.judge(&view), Judgement::NotApplicable(_)));
    }
}
