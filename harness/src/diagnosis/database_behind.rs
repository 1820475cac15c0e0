//! The database works, and lacks what this build expects of it: paths that need the new column fail.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};

/// The cause.
pub struct DatabaseBehind;

/// Words of a 5xx that speak of a database, lower-case.
const DATABASE: &str =
    "database|no such column|undefinedcolumn|no such table|undefinedtable|relation \"|migration|sqlstate";

impl Cause for DatabaseBehind {
    fn id(&self) -> &'static str {
        "database-behind"
    }

    fn about(&self) -> &'static str {
        "Calls that use the database fail in its name while health finds it well: schema and code differ."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Around,
            blames: &[Blame::Deploy],
            needs: "Server errors that speak of the database, on calls that use it, while a health route that reads the database is well.",
            likely: &[
                "The migration of this build did not run, or ran against another database",
                "The code was rolled back, and the schema was not",
                "Several migration heads (Alembic, Django), of which one was applied",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let failed: Vec<&Exchange> = case
            .view
            .answers()
            .filter(|(exchange, reply)| {
                exchange.is_server_error() && speaks_of_it(reply) && !is_health(case, exchange)
            })
            .map(|(exchange, _)| exchange)
            .collect();
        let first = failed.first()?;
        let operation = first.probe.operation();
        let well = case
            .view
            .answers()
            .any(|(exchange, reply)| is_health(case, exchange) && reply.status == 200 && names_it(reply));
        let findings = case.about(&failed);
        findings.iter().find(|finding| finding.fails())?;
        if !well {
            return None;
        }
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("{operation} fails at the database, which health finds well: it may lack what this build expects"),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: words::seen(&failed),
            ruled_out: vec!["the database itself: the health route reads it".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Compare the migrations that ran with those of this build, and run what is missing".to_owned(),
                format!(
                    "Read the log at {}{}: the name of the column, table or index stands there",
                    words::clock(first),
                    words::request_id(first)
                ),
                "Let the deploy run migrations before the new build takes traffic, and readiness check for them".to_owned(),
            ],
            explains: explained(findings.into_iter().chain(words::consequences(case, &failed))),
        })
    }
}

fn is_health(case: &Case<'_>, exchange: &Exchange) -> bool {
    let routes = &case.view.target.routes;
    [&routes.health, &routes.ready, &routes.ai_health]
        .iter()
        .flat_map(|route| route.as_deref())
        .any(|route| exchange.probe.path_text().to_ascii_lowercase().starts_with(route))
}

fn speaks_of_it(reply: &Reply) -> bool {
    let body = reply.body.text().to_ascii_lowercase();
    DATABASE.split('|').any(|words| body.contains(words))
}

/// Whether a health answer says something of a database.
fn names_it(reply: &Reply) -> bool {
    let body = reply.body.text().to_ascii_lowercase();
    ["database", "\"db\"", "postgres", "sqlite", "mysql", "mongo"]
        .iter()
        .any(|name| body.contains(name))
}
