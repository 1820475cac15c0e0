//! A development server serves one request at a time, reloads when a file changes, and may show a debugger to everybody.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::target::Environment;

/// The rule.
pub struct ProductionServer;

/// How development servers sign, lower-case: Flask, Django, Python's own, PHP's, Rails', the bundlers'.
const DEVELOPMENT: &str =
    "werkzeug/ wsgiserver/ basehttp/ simplehttp/ webrick/ webpack-dev-server vite/ php/dev";

static SPEC: Spec = Spec {
    id: "rollout/production-server",
    layer: Layer::Version,
    title: "A server that is made for production answers",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "Frameworks ship a server for development that their own manuals warn of: one slow request stops all others, \
                  a changed file restarts it, a crash may open an interactive debugger (CWE-489). It is known by the Server \
                  header. On somebody's own machine it is right.",
    hint: "Start the application with a production server (gunicorn, uvicorn without --reload, puma), not with `run` or `serve`.",
};

impl Rule for ProductionServer {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let server = exchange.answer()?.header("server")?;
        if view.target.environment == Environment::Local {
            return None;
        }
        if !signs_development(&server) {
            return Some(vec![]);
        }
        let finding = SPEC
            .finds(
                "Server",
                format!("A development server answers ({})", clean(&server, 60)),
            )
            .expected("a production server")
            .actual(format!("Server: {}", clean(&server, 60)));
        Some(vec![finding.shown_by([exchange])])
    }
}

/// Whether a `Server` header is that of a server for development.
pub fn signs_development(server: &str) -> bool {
    let lower = server.to_ascii_lowercase();
    DEVELOPMENT.split(' ').any(|sign| lower.starts_with(sign))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn found(environment: Environment, server: &str) -> Option<usize> {
        let mut target = target();
        target.environment = environment;
        let exchange = answered(1, &asks::read("/health"), 200, &[("server", server)], "ok");
        let found = ProductionServer.judge(&exchange, &View::new(&target, None, &[], &[]));
        found.map(|found| found.len())
    }

    #[test]
    fn a_development_server_is_found_where_others_use_it() {
        assert_eq!(
            found(Environment::Staging, "Werkzeug/3.0.3 Python/3.12.3"),
            Some(1)
        );
        assert_eq!(
            found(Environment::Production, "WSGIServer/0.2 CPython/3.12"),
            Some(1)
        );
        assert_eq!(found(Environment::Local, "Werkzeug/3.0.3 Python/3.12.3"), None);
        for fine in ["uvicorn", "nginx/1.27", "gunicorn", "cloudflare"] {
            assert_eq!(found(Environment::Production, fine), Some(0), "{fine}");
        }
    }
}
