//! What successes look like, and reports of health that are none.

use serde_json::{Value, json};

use crate::http::document::examples::{Example, example};

const INSTANCE: &str = "47a1f01e-6be8-41eb-96dd-6a2506cfb441";
const WHEN: &str = "2026-11-27T20:26:51.740994075Z";

/// The answers of an operation with this status.
pub(super) fn of(operation: &str, status: u16) -> Vec<Example> {
    match (operation, status) {
        ("orchestrate", 200) => orchestrate(),
        ("health", 200) => vec![example("well", "Everything answers", health(true))],
        ("health", 503) => vec![example(
            "unwell",
            "The AI provider cannot be reached",
            health(false),
        )],
        ("ready", 200) => vec![example("ready", "Send traffic", ready(false))],
        ("ready", 503) => vec![example("stopping", "It was told to stop", ready(true))],
        ("aiHealth", 200) => vec![example("well", "Everything answers", ai_health(true))],
        ("aiHealth", 503) => vec![example(
            "unwell",
            "The AI provider cannot be reached",
            ai_health(false),
        )],
        ("livez", 200) => vec![example("alive", "It answers", json!({"status": "alive"}))],
        ("info", 200) => vec![example("a_build", "A build that knows its commit", info())],
        ("verify", 200) => vec![example("a_token", "A token with the usual scopes", verified())],
        ("refresh", 200) => vec![example("renewal", "The next pair", tokens())],
        ("redeemLogin", 200) => vec![example("login", "The pair of a new session", tokens())],
        ("usageStats", 200) => vec![example("a_day", "A month with one day of use", usage())],
        ("listCurations", 200) => vec![example(
            "a_page",
            "A page that is not the last",
            json!({
                "items": [curation()],
                "next_cursor": "MDE5OWM3YTQtN2E3Yy03MzA1LWE2NDctYTk4YjZlZjVlYzg2",
            }),
        )],
        ("readCuration", 200) => vec![example("kept", "A run of written words", curation())],
        ("listConceptCategories", 200) => vec![example(
            "two_kinds",
            "Those of every other kind, and of markets",
            json!({"items": [
                {"entity_type": "*", "categories": ["topic", "mood", "setting", "service", "opening_hours"]},
                market(),
            ]}),
        )],
        ("readConceptCategories" | "putConceptCategories", 200) => {
            vec![example("a_market", "Those of markets", market())]
        }
        _ => Vec::new(),
    }
}

fn orchestrate() -> Vec<Example> {
    let answer = |results: Value, workflow: &str, kept: bool| json!({"workflow": workflow, "results": results, "saved_to_db": kept, "processing_time_ms": 11});
    let found =
        |concepts: Value| json!({"concepts": concepts, "entity_type": "restaurant", "model": "gpt-4o-mini"});
    vec![
        example(
            "a_text",
            "Everything that was found in written words",
            answer(
                json!({
                    "transcription": {
                        "text": "Grilled fish on the terrace, and friendly waiters.",
                        "source": "direct_text",
                    },
                    "concepts": found(json!([
                        {"category": "menu", "value": "grilled fish"},
                        {"category": "setting", "value": "terrace"},
                        {"category": "service", "value": "friendly"},
                        {"category": "service", "value": "waiters"},
                    ])),
                }),
                "audio_only",
                false,
            ),
        ),
        example(
            "kept",
            "The id of a run that was kept, and the concepts",
            answer(
                json!({
                    "entity_id": "riverside",
                    "curation_id": "0199c7a4-7a7c-7305-a647-a98b6ef5ec86",
                    "concepts": found(json!([{"category": "opening_hours", "value": "closes at ten"}])),
                }),
                "text_only",
                true,
            ),
        ),
        example(
            "recording",
            "Everything that was found in a recording that says little",
            answer(
                json!({
                    "transcription": {
                        "text": "Serves.",
                        "transcription_id": "0199c7a4-5958-73b1-85df-85a41c400c5a",
                        "language": "portuguese",
                        "model": "whisper-1",
                        "duration": 0.1,
                    },
                    "concepts": found(json!([])),
                }),
                "audio_only",
                false,
            ),
        ),
    ]
}

fn health(well: bool) -> Value {
    json!({
        "status": if well { "healthy" } else { "unhealthy" },
        "timestamp": WHEN,
        "database": "connected",
        "provider": if well { "reachable" } else { "provider_unavailable" },
        "latency_ms": {"database": 0.4, "provider": 12.5},
        "version": "0.1.0",
        "instance": INSTANCE,
    })
}

fn ready(stopping: bool) -> Value {
    json!({
        "status": if stopping { "not_ready" } else { "ready" },
        "timestamp": WHEN,
        "database": "connected",
        "provider": "configured",
        "stopping": stopping,
    })
}

fn ai_health(well: bool) -> Value {
    json!({
        "service": "AI Orchestrator",
        "status": if well { "healthy" } else { "unhealthy" },
        "timestamp": WHEN,
        "provider": {
            "kind": "openai",
            "host": "api.openai.com",
            "transcription_model": "whisper-1",
            "concept_model": "gpt-4o-mini",
        },
        "checks": {
            "provider": if well { "reachable" } else { "provider_unavailable" },
            "database": "connected",
            "circuit": if well { "closed" } else { "open" },
        },
    })
}

fn info() -> Value {
    json!({
        "name": "orchestrate",
        "version": "0.1.0",
        "commit": "85aaf8f6f4de5d74d567b3b766e33aea731f2638",
        "built_at": "2026-11-27T20:23:11Z",
        "instance": INSTANCE,
    })
}

fn verified() -> Value {
    json!({
        "valid": true,
        "subject": "ana@example.com",
        "credential": "token",
        "scopes": ["orchestrate", "curations:read", "curations:write", "usage:read"],
    })
}

fn tokens() -> Value {
    json!({
        "access_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl",
        "token_type": "Bearer",
        "expires_in": 900,
        "refresh_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEiLCJyIjoxfQ.c2lnbmF0dXJl",
        "scope": "orchestrate curations:read curations:write usage:read",
    })
}

fn usage() -> Value {
    let counts = json!({"requests": 3, "failed": 0, "refused": 1, "audio_seconds": 2.5});
    json!({
        "from": "2026-10-29",
        "to": "2026-11-27",
        "total": counts,
        "days": [{"day": "2026-11-27", "counts": counts}],
    })
}

fn curation() -> Value {
    json!({
        "id": "0199c7a4-7a7c-7305-a647-a98b6ef5ec86",
        "created_at": WHEN,
        "workflow": "text_only",
        "curator_id": "ana",
        "entity_id": "riverside",
        "entity_type": "restaurant",
        "language": "en",
        "text": "The kitchen closes at ten.",
        "concepts": [{"category": "opening_hours", "value": "closes at ten"}],
    })
}

fn market() -> Value {
    json!({"entity_type": "market", "categories": ["stalls", "price_range", "opening_hours"]})
}
