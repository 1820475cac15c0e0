//! What a service is written with, and how it is started.

use std::sync::LazyLock;

use regex::Regex;

use crate::init::File;

/// What a service is written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framework {
    /// Its name.
    pub name: &'static str,
    /// The file that says so.
    pub manifest: String,
    /// The command that starts the service on `$PORT`, when that can be told.
    pub spawn: Option<String>,
    /// The commands that install what it needs.
    pub setup: Option<String>,
    /// Whether the framework itself serves the contract.
    pub serves_contract: bool,
}

/// A framework, and how its manifest names it.
struct Known {
    name: &'static str,
    /// The dependency.
    package: &'static str,
    /// The language it is for.
    language: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Python,
    Node,
    Rust,
    Go,
    Ruby,
    Jvm,
}

/// Those that are known, the more telling first: a Starlette is part of each FastAPI.
const KNOWN: &[Known] = &[
    known("FastAPI", "fastapi", Language::Python),
    known("Litestar", "litestar", Language::Python),
    known("Flask", "flask", Language::Python),
    known("Django", "django", Language::Python),
    known("Starlette", "starlette", Language::Python),
    known("NestJS", "@nestjs/core", Language::Node),
    known("Fastify", "fastify", Language::Node),
    known("Hono", "hono", Language::Node),
    known("Express", "express", Language::Node),
    known("Koa", "koa", Language::Node),
    known("axum", "axum", Language::Rust),
    known("actix-web", "actix-web", Language::Rust),
    known("poem", "poem", Language::Rust),
    known("Rocket", "rocket", Language::Rust),
    known("Gin", "github.com/gin-gonic/gin", Language::Go),
    known("Echo", "github.com/labstack/echo", Language::Go),
    known("chi", "github.com/go-chi/chi", Language::Go),
    known("Fiber", "github.com/gofiber/fiber", Language::Go),
    known("Rails", "rails", Language::Ruby),
    known("Sinatra", "sinatra", Language::Ruby),
    known("Spring Boot", "spring-boot", Language::Jvm),
];

const fn known(name: &'static str, package: &'static str, language: Language) -> Known {
    Known {
        name,
        package,
        language,
    }
}

/// The framework of the service, from the shallowest manifest that names one.
pub fn find(files: &[File]) -> Option<Framework> {
    let mut manifests: Vec<(&File, Language)> = files
        .iter()
        .filter_map(|file| Some((file, language(file.name())?)))
        .collect();
    manifests.sort_by_key(|(file, _)| (file.depth(), file.path.as_str()));
    manifests.into_iter().find_map(|(manifest, language)| {
        let mut known = KNOWN.iter().filter(|known| known.language == language);
        let known = known.find(|known| names(manifest, language, known.package))?;
        Some(Framework {
            name: known.name,
            manifest: manifest.path.clone(),
            spawn: spawn(known, manifest, files),
            setup: setup(language, manifest, files),
            serves_contract: known.name == "FastAPI",
        })
    })
}

/// The language whose dependencies a file lists.
fn language(name: &str) -> Option<Language> {
    match name {
        "pyproject.toml" | "Pipfile" | "setup.py" | "setup.cfg" => Some(Language::Python),
        name if name.starts_with("requirements") && name.ends_with(".txt") => Some(Language::Python),
        "package.json" => Some(Language::Node),
        "Cargo.toml" => Some(Language::Rust),
        "go.mod" => Some(Language::Go),
        "Gemfile" => Some(Language::Ruby),
        "pom.xml" | "build.gradle" | "build.gradle.kts" => Some(Language::Jvm),
        _ => None,
    }
}

/// Whether a manifest depends on a package.
fn names(manifest: &File, language: Language, package: &str) -> bool {
    if language == Language::Node {
        let Ok(json) = serde_json::from_str::<serde_json::Value>(&manifest.text) else {
            return false;
        };
        return json["dependencies"].get(package).is_some();
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let prefix = matches!(language, Language::Go | Language::Jvm);
    manifest.text.lines().any(|line| {
        let line = line.split('#').next().unwrap_or_default().to_ascii_lowercase();
        line.match_indices(package).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + package.len()..].chars().next();
            !before.is_some_and(is_part) && (prefix || !after.is_some_and(is_part))
        })
    })
}

/// The command that starts the service, from the directory of its manifest.
fn spawn(known: &Known, manifest: &File, files: &[File]) -> Option<String> {
    let root = manifest.directory();
    let command = match (known.language, known.name) {
        (_, "FastAPI" | "Starlette" | "Litestar") => {
            let (module, app) = python_app(known.name, root, files)?;
            format!("uvicorn {module}:{app} --port $PORT")
        }
        (_, "Flask") => {
            let (module, app) = python_app(known.name, root, files)?;
            format!("flask --app {module}:{app} run --port $PORT")
        }
        (_, "Django") => {
            files
                .iter()
                .find(|file| file.name() == "manage.py" && file.directory() == root)?;
            "python manage.py runserver --noreload 127.0.0.1:$PORT".to_owned()
        }
        (Language::Node, _) => {
            let json: serde_json::Value = serde_json::from_str(&manifest.text).ok()?;
            json["scripts"].get("start")?;
            format!("{} start", node_tool(root, files))
        }
        (Language::Rust, _) => "cargo run --release".to_owned(),
        (Language::Go, _) => "go run .".to_owned(),
        (_, "Rails") => "bundle exec rails server -p $PORT".to_owned(),
        _ => return None,
    };
    Some(below(root, &command))
}

/// A command, run in a directory of the repository.
fn below(root: &str, command: &str) -> String {
    match root {
        "" => command.to_owned(),
        root => format!("cd {} && {command}", crate::check::text::shell_word(root)),
    }
}

/// Where a Python application stands, as `module` and `name`, seen from the root of its project.
fn python_app(class: &str, root: &str, files: &[File]) -> Option<(String, String)> {
    static APP: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?m)^(\w+)\s*(?::\s*[\w.]+\s*)?=\s*(?:\w+\.)?(FastAPI|Starlette|Litestar|Flask)\(").ok()
    });
    let regex = APP.as_ref()?;
    let within = |file: &&File| {
        let is_test = file.path.split('/').any(|part| part.starts_with("test"));
        file.extension() == "py"
            && !is_test
            && (root.is_empty() || file.path.starts_with(&format!("{root}/")))
    };
    let mut sources: Vec<&File> = files.iter().filter(within).collect();
    sources.sort_by_key(|file| (file.depth(), file.path.as_str()));
    sources.into_iter().find_map(|file| {
        let mut found = regex.captures_iter(&file.text);
        let found = found.find(|found| found.get(2).is_some_and(|name| name.as_str() == class))?;
        let below = file.path.strip_prefix(root)?.trim_start_matches('/');
        let module = below.strip_suffix(".py")?.trim_end_matches("/__init__");
        Some((module.replace('/', "."), found.get(1)?.as_str().to_owned()))
    })
}

/// The package manager whose lock file lies there.
fn node_tool(root: &str, files: &[File]) -> &'static str {
    let has = |name: &str| {
        files
            .iter()
            .any(|file| file.directory() == root && file.name() == name)
    };
    match () {
        () if has("pnpm-lock.yaml") => "pnpm",
        () if has("yarn.lock") => "yarn",
        () => "npm",
    }
}

fn setup(language: Language, manifest: &File, files: &[File]) -> Option<String> {
    let root = manifest.directory();
    let command = match language {
        Language::Python if manifest.name().starts_with("requirements") => {
            format!(
                "pip install -r {}",
                crate::check::text::shell_word(manifest.name())
            )
        }
        Language::Python => "pip install .".to_owned(),
        Language::Node => match node_tool(root, files) {
            "npm" => "npm ci".to_owned(),
            tool => format!("corepack enable && {tool} install"),
        },
        Language::Ruby => "bundle install".to_owned(),
        Language::Rust | Language::Go | Language::Jvm => return None,
    };
    Some(below(root, &command))
}
