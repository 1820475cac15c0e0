//! Which paths exist and which methods they have: what `Allow` and preflights answer from.
//!
//! It is read from the API itself, so it cannot promise a method that is not there.

use std::collections::BTreeMap;
use std::sync::Arc;

use poem::http::{HeaderValue, Method};
use poem_openapi::OpenApi;

/// Path templates with their methods, as OpenAPI writes them: `/curations/{id}`.
#[derive(Clone, Default)]
pub struct RouteTable(Arc<matchit::Router<Route>>);

struct Route {
    template: String,
    methods: Vec<Method>,
}

impl RouteTable {
    /// The routes of an API under a prefix, and pages under it that are only read.
    #[must_use]
    pub fn of<A: OpenApi>(prefix: &str, pages: &[&str]) -> Self {
        let mut table: BTreeMap<String, Vec<Method>> = BTreeMap::new();
        for path in A::meta().into_iter().flat_map(|api| api.paths) {
            let methods = table.entry(format!("{prefix}{}", path.path)).or_default();
            methods.extend(path.operations.into_iter().map(|operation| operation.method));
        }
        for page in pages {
            table.insert(format!("{prefix}{page}"), vec![Method::GET]);
        }
        let mut router = matchit::Router::new();
        for (template, mut methods) in table {
            if methods.contains(&Method::GET) {
                methods.push(Method::HEAD);
            }
            // It refuses what poem refuses too when it builds its routes: two templates that match the same paths.
            let _ = router.insert(template.clone(), Route { template, methods });
        }
        Self(Arc::new(router))
    }

    fn route(&self, path: &str) -> Option<&Route> {
        Some(self.0.at(path).ok()?.value)
    }

    /// The template that a path matches, which has no part of what a client chose; none when there is no such path.
    #[must_use]
    pub fn template(&self, path: &str) -> Option<&str> {
        Some(&self.route(path)?.template)
    }

    /// The methods of a path, without OPTIONS; none when there is no such path.
    #[must_use]
    pub fn methods(&self, path: &str) -> Option<&[Method]> {
        Some(&self.route(path)?.methods)
    }

    /// The value of `Allow` for a path (RFC 9110 §10.2.1); none when there is no such path.
    #[must_use]
    pub fn allow(&self, path: &str) -> Option<HeaderValue> {
        let mut names: Vec<&str> = self.methods(path)?.iter().map(Method::as_str).collect();
        names.push("OPTIONS");
        HeaderValue::from_str(&names.join(", ")).ok()
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::param::Path;
    use poem_openapi::payload::PlainText;

    use super::*;

    struct Two;

    #[OpenApi]
    impl Two {
        #[oai(path = "/things", method = "get")]
        async fn list(&self) -> PlainText<String> {
            PlainText(String::new())
        }

        #[oai(path = "/things/:id", method = "delete")]
        async fn delete(&self, id: Path<String>) -> PlainText<String> {
            PlainText(id.0)
        }
    }

    #[test]
    fn a_path_has_the_methods_of_its_template_and_the_segment_is_the_client_s() {
        let routes = RouteTable::of::<Two>("/v1", &["/docs"]);
        let allowed = |path: &str| routes.allow(path).map(|allow| allow.to_str().unwrap().to_owned());
        assert_eq!(allowed("/v1/things").as_deref(), Some("GET, HEAD, OPTIONS"));
        assert_eq!(allowed("/v1/things/7f").as_deref(), Some("DELETE, OPTIONS"));
        assert_eq!(allowed("/v1/docs").as_deref(), Some("GET, HEAD, OPTIONS"));
        assert_eq!(routes.template("/v1/things/7f"), Some("/v1/things/{id}"));
        for path in ["/things", "/v1/things/", "/v1/things/7f/8", "/v1", ""] {
            assert_eq!(allowed(path), None, "{path}");
        }
    }
}
