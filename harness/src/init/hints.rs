//! What sources and settings tell besides: where the service says how it is, whose pages it lets in, and whether it asks for
//! a token. Each with the place that said so, since somebody has to look.

use std::sync::LazyLock;

use regex::Regex;

use crate::contract::load::Contract;
use crate::cors::lookalike::is_local;
use crate::init::File;
use crate::model::probe::Origin;
use crate::target::origin::PageOrigin;

/// Something that a line tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What it tells.
    pub value: String,
    /// Where, as `file:line`.
    pub place: String,
}

impl Hint {
    /// Whether this origin is that of a page on a developer's machine.
    pub fn is_local(&self) -> bool {
        is_local(&Origin(self.value.clone()))
    }
}

/// Where the service says how it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routes {
    /// Liveness or overall health.
    pub health: Option<Hint>,
    /// Readiness.
    pub ready: Option<Hint>,
}

/// So many origins are candidates; more are a list of something else.
const MOST_ORIGINS: usize = 10;

/// So many lines a list of origins may go on behind the line that names it.
const LIST: usize = 8;

/// Files in which routes are declared.
const SOURCES: [&str; 14] = [
    "py", "js", "ts", "mjs", "cjs", "tsx", "rs", "go", "rb", "java", "kt", "php", "cs", "ex",
];

/// Files in which origins are set besides.
const SETTINGS: [&str; 8] = [
    "toml",
    "yaml",
    "yml",
    "json",
    "ini",
    "cfg",
    "properties",
    "example",
];

/// The OpenAPI document that lies in the repository; the shallowest, when there are several.
pub fn document(files: &[File]) -> Option<&File> {
    let is_one = |file: &&File| {
        let data = matches!(file.extension(), "json" | "yaml" | "yml");
        let head: String = file.text.chars().take(2_000).collect();
        data && (head.contains("openapi:") || head.contains("\"openapi\":") || head.contains("\"openapi\" :"))
            && file.text.contains("paths")
    };
    files
        .iter()
        .filter(is_one)
        .min_by_key(|file| (file.depth(), file.path.as_str()))
}

/// The routes of health and readiness: the document's, or what sources declare.
pub fn routes(files: &[File], document: Option<&File>) -> Routes {
    let documented: Vec<Hint> = document.map(paths).unwrap_or_default();
    let declared: Vec<Hint> = files
        .iter()
        .filter(|file| SOURCES.contains(&file.extension()) && !is_test(file))
        .flat_map(declared)
        .collect();
    let find = |wanted: fn(&str) -> bool| {
        let of = |hints: &[Hint]| {
            let mut fitting: Vec<&Hint> = hints.iter().filter(|hint| wanted(&hint.value)).collect();
            fitting.sort_by_key(|hint| (hint.value.len(), hint.value.as_str()));
            fitting.first().map(|hint| (*hint).clone())
        };
        of(&documented).or_else(|| of(&declared))
    };
    Routes {
        health: find(|path| {
            matches!(
                ending(path).as_str(),
                "health" | "healthz" | "livez" | "liveness" | "live" | "healthcheck"
            )
        }),
        ready: find(|path| matches!(ending(path).as_str(), "ready" | "readyz" | "readiness")),
    }
}

fn ending(path: &str) -> String {
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

/// The paths of a document that are read without a parameter.
fn paths(document: &File) -> Vec<Hint> {
    let contract = Contract::parse(&document.text, &document.path).ok();
    let operations = contract.iter().flat_map(Contract::operations);
    let plain = operations.filter(|operation| operation.method == "GET" && !operation.template.contains('{'));
    plain
        .map(|operation| Hint {
            value: operation.template.clone(),
            place: document.path.clone(),
        })
        .collect()
}

/// The paths that stand in quotes in a source.
fn declared(file: &File) -> Vec<Hint> {
    static ROUTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"["'`](/(?:[\w.-]+/)*(?:health|healthz|healthcheck|livez|liveness|live|ready|readyz|readiness))/?["'`]"#).ok()
    });
    let Some(regex) = ROUTE.as_ref() else {
        return Vec::new();
    };
    let lines = file.text.lines().enumerate();
    lines
        .flat_map(|(at, line)| {
            let found = regex.captures_iter(line).filter_map(|found| found.get(1));
            found
                .map(move |path| hint(file, at, path.as_str()))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Origins that stand where CORS is set up, those of this machine last.
pub fn origins(files: &[File]) -> Vec<Hint> {
    let mut found: Vec<Hint> = Vec::new();
    for file in files
        .iter()
        .filter(|file| may_set_origins(file) && !is_test(file))
    {
        let mut left = 0_usize;
        for (at, line) in file.text.lines().enumerate() {
            let lower = line.to_ascii_lowercase();
            if lower.contains("origin") || lower.contains("cors") {
                left = LIST;
            }
            if left == 0 {
                continue;
            }
            left -= 1;
            for origin in urls(line) {
                if !found.iter().any(|known| known.value == origin) {
                    found.push(hint(file, at, &origin));
                }
            }
        }
    }
    found.sort_by_key(Hint::is_local);
    found.truncate(MOST_ORIGINS);
    found
}

fn may_set_origins(file: &File) -> bool {
    let settings = SETTINGS.contains(&file.extension()) || file.name().starts_with(".env");
    let lock = file.name().contains("lock");
    (SOURCES.contains(&file.extension()) || settings) && !lock
}

/// The origins in a line, as browsers serialize them.
fn urls(line: &str) -> Vec<String> {
    static URL: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"https?://[A-Za-z0-9.\-]+(?::\d{1,5})?(?:/|["'`,;\s\]]|$)"#).ok());
    let Some(regex) = URL.as_ref() else {
        return Vec::new();
    };
    let ends = ['/', '"', '\'', '`', ',', ';', ']', ' ', '\t'];
    let found = regex
        .find_iter(line)
        .map(|found| found.as_str().trim_end_matches(ends));
    found
        .filter_map(|text| PageOrigin::parse(text).ok().map(|origin| origin.0.0))
        .collect()
}

/// Where a bearer token is asked for: a scheme of the document, or what frameworks call it.
pub fn bearer(files: &[File]) -> Option<Hint> {
    const SIGNS: [&str; 7] = [
        "HTTPBearer",
        "OAuth2PasswordBearer",
        "scheme: bearer",
        "\"scheme\": \"bearer\"",
        "express-jwt",
        "jwt_required",
        "TypedHeader<Authorization<Bearer>>",
    ];
    let may = |file: &&File| {
        let known =
            SOURCES.contains(&file.extension()) || matches!(file.extension(), "json" | "yaml" | "yml");
        known && !is_test(file)
    };
    files.iter().filter(may).find_map(|file| {
        let mut lines = file.text.lines().enumerate();
        lines.find_map(|(at, line)| {
            let sign = SIGNS.iter().find(|sign| line.contains(**sign))?;
            Some(hint(file, at, sign))
        })
    })
}

fn hint(file: &File, at: usize, value: &str) -> Hint {
    Hint {
        value: value.to_owned(),
        place: format!("{}:{}", file.path, at + 1),
    }
}

/// Whether a file is about tests, whose routes and origins are made up.
fn is_test(file: &File) -> bool {
    file.path.split('/').any(|part| {
        let part = part.to_ascii_lowercase();
        part.starts_with("test")
            || part.contains(".test.")
            || part.contains(".spec.")
            || part.contains("_test.")
    })
}
