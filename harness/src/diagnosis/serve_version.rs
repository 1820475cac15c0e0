//! The few lines with which a service says which build it is, in the framework that it is written in.

use crate::diagnosis::framework::Framework::{
    self, Actix, Axum, Django, Express, Fastify, Flask, Hono, Poem, Starlette,
};
use crate::model::rollout::Remedy;

/// The lines for a framework, or the answer itself when none was recognised.
pub fn remedy(framework: Option<Framework>) -> Remedy {
    let lines = framework.map_or(BARE, lines);
    Remedy {
        framework: framework.map(|framework| framework.name().to_owned()),
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
    }
}

const BARE: &[&str] = &[
    "GET /version  ->  200, content-type: application/json, cache-control: no-store",
    r#"{"commit": "<the commit that was built>"}"#,
];

fn lines(framework: Framework) -> &'static [&'static str] {
    match framework {
        Starlette => &[
            r#"@app.get("/version")"#,
            "def version(response: Response):",
            r#"    response.headers["Cache-Control"] = "no-store""#,
            r#"    return {"commit": os.environ.get("GIT_COMMIT")}"#,
        ],
        Flask => &[
            r#"@app.get("/version")"#,
            "def version():",
            r#"    return {"commit": os.environ.get("GIT_COMMIT")}, 200, {"Cache-Control": "no-store"}"#,
        ],
        Django => &[
            "@never_cache",
            "def version(request):",
            r#"    return JsonResponse({"commit": os.environ.get("GIT_COMMIT")})"#,
            r#"urlpatterns += [path("version", version)]"#,
        ],
        Express => &[
            r#"app.get("/version", (request, response) =>"#,
            r#"  response.set("Cache-Control", "no-store").json({ commit: process.env.GIT_COMMIT ?? null }));"#,
        ],
        Fastify => &[
            r#"app.get("/version", async (request, reply) => {"#,
            r#"  reply.header("Cache-Control", "no-store");"#,
            "  return { commit: process.env.GIT_COMMIT ?? null };",
            "});",
        ],
        Hono => &[
            r#"app.get("/version", (c) =>"#,
            r#"  c.json({ commit: process.env.GIT_COMMIT ?? null }, 200, { "Cache-Control": "no-store" }));"#,
        ],
        Axum => &[
            r#".route("/version", get(|| async {"#,
            r#"    ([("cache-control", "no-store")], Json(json!({ "commit": option_env!("GIT_COMMIT") })))"#,
            "}))",
        ],
        Actix => &[
            r#".route("/version", web::get().to(|| async {"#,
            r#"    HttpResponse::Ok().insert_header(("cache-control", "no-store"))"#,
            r#"        .json(json!({ "commit": option_env!("GIT_COMMIT") }))"#,
            "}))",
        ],
        Poem => &[
            "#[handler]",
            "fn version() -> impl IntoResponse {",
            r#"    Json(json!({ "commit": option_env!("GIT_COMMIT") })).with_header("cache-control", "no-store")"#,
            "}",
            r#"let app = app.at("/version", get(version));"#,
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_framework_has_lines_that_name_route_and_member_and_forbid_caches() {
        for framework in [
            Starlette, Flask, Django, Express, Fastify, Hono, Axum, Actix, Poem,
        ] {
            let lines = remedy(Some(framework)).lines.join("\n");
            assert!(
                lines.contains("version") && lines.contains("commit"),
                "{framework:?}"
            );
            let uncached = lines.to_ascii_lowercase().contains("no-store") || lines.contains("never_cache");
            assert!(uncached, "{framework:?}");
            assert!(lines.lines().all(|line| line.len() <= 100), "{framework:?}");
        }
        assert_eq!(remedy(None).framework, None);
    }
}
