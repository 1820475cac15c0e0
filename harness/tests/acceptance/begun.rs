//! `greenlight init` in a repository: what it finds, what it writes, and that nothing is lost.

use std::path::Path;

use crate::binary::{Ran, greenlight, ran};

async fn here(directory: &Path, arguments: &[&str]) -> Ran {
    let mut command = greenlight(arguments.iter().copied());
    command.current_dir(directory);
    ran(command).await
}

/// A service of Node alone, with a page that it lets in.
fn repository() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "package.json",
        r#"{"name":"notes","private":true,"dependencies":{"express":"^5"},"scripts":{"start":"exec node src/server.mjs"}}"#,
    );
    write(
        "src/server.mjs",
        "import http from 'node:http';\nconst ORIGIN = 'https://app.acme.example';\n\
         http.createServer((request, response) => {\n  if (request.url === '/health') {\n    \
         response.setHeader('content-type', 'application/json');\n    return response.end('{\"status\":\"healthy\"}');\n  }\n  \
         response.statusCode = 404;\n  response.end();\n}).listen(process.env.PORT, '127.0.0.1');\n",
    );
    write(
        "node_modules/cors/index.js",
        "const ORIGIN = 'https://somebody.example';\n",
    );
    directory
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_gets_a_profile_that_starts_its_service() {
    let directory = repository();
    let path = directory.path();
    let ran = here(path, &["init"]).await;
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    for said in [
        "found     Express (package.json); started with: npm start\n",
        "          /health (src/server.mjs:4)\n",
        "a page may be at https://app.acme.example (src/server.mjs:2)\n",
        "wrote     greenlight.toml\nwrote     .github/workflows/greenlight.yml\n",
        "create    secret API_TOKEN",
        "for OWNER and COMMIT in .github/workflows/greenlight.yml\n",
    ] {
        assert!(ran.out.contains(said), "{said}: {}", ran.out);
    }
    assert!(!ran.out.contains("somebody.example"), "{}", ran.out);
    // Nothing is proven yet, and the service was started, asked and found healthy.
    let verified = here(path, &["verify", "--format", "json"]).await;
    assert_eq!(verified.code, 3, "{}", verified.err);
    let report = verified.json();
    let healthy = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["check"] == "health/healthy");
    assert_eq!(healthy.unwrap()["outcome"], "pass");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_kept() {
    let directory = repository();
    let path = directory.path();
    std::fs::write(path.join("greenlight.toml"), "# mine\n").unwrap();
    let ran = here(path, &["init"]).await;
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("kept      greenlight.toml"), "{}", ran.out);
    assert!(
        ran.out.contains("wrote     .github/workflows/greenlight.yml"),
        "{}",
        ran.out
    );
    assert_eq!(
        std::fs::read_to_string(path.join("greenlight.toml")).unwrap(),
        "# mine\n"
    );
    let again = here(path, &["init"]).await;
    assert!(!again.out.contains("wrote"), "{}", again.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_none_is_told() {
    let ran = crate::binary::run(["init", "no/such/place"]).await;
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no/such/place cannot be read"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn shells_get_what_they_complete_with() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = crate::binary::run(["completions", shell]).await;
        assert_eq!(ran.code, 0, "{shell}");
        assert!(
            ran.out.contains("diagnose") && ran.out.contains("expect-version"),
            "{shell}"
        );
    }
}
