//! Which paths exist and which methods they have: what `Allow` and preflights answer from.
//!
//! It is read from the API itself, so it cannot promise a method that is not there.

use std::collections::BTreeMap;
use std::sync::Arc;

use poem::http::{HeaderValue, Method};
use poem_openapi::OpenApi;

/// Paths, whole, with their methods. None of our paths has a parameter, so a path is looked up as it is.
#[derive(Debug, Clone, Default)]
pub struct RouteTable(Arc<BTreeMap<String, Vec<Method>>>);

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
        for methods in table.values_mut() {
            if methods.contains(&Method::GET) {
                methods.push(Method::HEAD);
            }
        }
        Self(Arc::new(table))
    }

    /// The methods of a path, without OPTIONS; none when there is no such path.
    #[must_use]
    pub fn methods(&self, path: &str) -> Option<&[Method]> {
        self.0.get(path).map(Vec::as_slice)
    }

    /// The path as the API documents it; none when there is no such path. One of few, whatever is asked for.
    #[must_use]
    pub fn template(&self, path: &str) -> Option<&str> {
        self.0.get_key_value(path).map(|(template, _)| &**template)
    }

    /// The value of `Allow` for a path (RFC 9110 §10.2.1); none when there is no such path.
    #[must_use]
    pub fn allow(&self, path: &str) -> Option<HeaderValue> {
        let mut names: Vec<&str> = self.methods(path)?.iter().map(Method::as_str).collect();
        names.push("OPTIONS");
        HeaderValue::from_str(&names.join(", ")).ok()
    }
}
