//! Where an operation's path begins: the path part of the server URLs (OpenAPI §4.8.5).

use serde_json::Value;

use crate::contract::place::Place;

/// The path parts of the servers that apply to an operation: its own, else its path's, else the document's.
pub(crate) fn server_paths(document: &Value, item: &Place<'_>, operation: &Place<'_>) -> Vec<String> {
    let root = Place::root(document);
    let servers = [operation, item, &root]
        .into_iter()
        .filter_map(|place| place.member("servers"))
        .map(|list| list.items())
        .find(|items| !items.is_empty())
        .unwrap_or_default();
    let mut paths: Vec<String> = servers.iter().filter_map(server_path).collect();
    if paths.is_empty() {
        paths.push(String::new());
    }
    paths.sort();
    paths.dedup();
    paths
}

/// The URL of a Server Object, variables replaced by their defaults.
pub(crate) fn url(server: &Value) -> Option<String> {
    written(&Place::root(server))
}

fn written(server: &Place<'_>) -> Option<String> {
    let mut url = server.text("url")?.to_owned();
    for (name, variable) in server
        .member("variables")
        .map(|list| list.members())
        .unwrap_or_default()
    {
        url = url.replace(
            &format!("{{{name}}}"),
            variable.text("default").unwrap_or_default(),
        );
    }
    Some(url)
}

/// The path of a server URL. A relative URL is taken from the root, since where the document was fetched is not known here.
fn server_path(server: &Place<'_>) -> Option<String> {
    let url = written(server)?;
    let after_scheme = url.split_once("://").map_or(url.as_str(), |(_, rest)| {
        rest.find('/')
            .map_or("", |slash| rest.get(slash..).unwrap_or_default())
    });
    let path = after_scheme.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_start_matches("./").trim_matches('/');
    Some(if path.is_empty() {
        String::new()
    } else {
        format!("/{path}")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn takes_the_path_of_a_server_whatever_its_form() {
        for (server, path) in [
            (json!({"url": "https://api.example/api/v3/"}), "/api/v3"),
            (json!({"url": "/api/v3"}), "/api/v3"),
            (json!({"url": "./v1"}), "/v1"),
            (json!({"url": "https://api.example"}), ""),
            (json!({"url": "/"}), ""),
            (
                json!({"url": "https://{host}/{base}", "variables": {"base": {"default": "v2"}}}),
                "/v2",
            ),
        ] {
            assert_eq!(
                server_path(&Place::root(&server)).as_deref(),
                Some(path),
                "{server}"
            );
        }
    }
}
