//! `GET /ai/usage-stats`: how much the caller had done, and what failed, day by day.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use crate::domain::data::usage::{DayOfUse, Usage};
use crate::http::allowed::{Allowed, ReadingUsage};
use crate::http::api::Tag;
use crate::http::problem::Problem;

/// The resource.
pub struct UsageApi {
    /// Where it is counted.
    pub usage: Arc<dyn Usage>,
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default, Object)]
#[oai(rename = "UsageCounts")]
pub struct CountsBody {
    /// Requests to orchestrate, whatever came of them.
    pub requests: u64,
    /// Those that failed for a reason that is ours or the AI provider's (5xx).
    pub failed: u64,
    /// Those that were refused for a reason that is the caller's (4xx).
    pub refused: u64,
    /// Seconds of audio that were transcribed.
    pub audio_seconds: f64,
}

/// A day.
#[derive(Debug, Clone, Object)]
#[oai(rename = "UsageDay")]
pub struct DayBody {
    /// The day in UTC, such as 2026-11-24.
    pub day: String,
    /// What was counted on it.
    pub counts: CountsBody,
}

/// How much was done.
#[derive(Debug, Clone, Object)]
#[oai(rename = "UsageStats")]
pub struct UsageBody {
    /// The first day that was looked at, in UTC.
    pub from: String,
    /// The last, which is today.
    pub to: String,
    /// Everything together.
    pub total: CountsBody,
    /// The days with requests, oldest first.
    pub days: Vec<DayBody>,
}

/// Every answer of this operation.
#[derive(ApiResponse)]
pub enum UsageResponse {
    /// Counted.
    #[oai(status = 200)]
    Counted(Json<UsageBody>),
    /// There is no credential, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
    /// The credential may not do this.
    #[oai(status = 403, header(name = "WWW-Authenticate", ty = "String"))]
    Forbidden(Problem),
    /// A parameter has an impossible value.
    #[oai(status = 422)]
    Unprocessable(Problem),
    /// Asked too often.
    #[oai(status = 429, header(name = "Retry-After", ty = "u32"))]
    TooOften(Problem),
    /// The database is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
}

/// How many days are looked at when nobody says.
fn usual_days() -> u16 {
    30
}

#[OpenApi]
impl UsageApi {
    /// Usage statistics
    ///
    /// What the caller asked of orchestrate, and what came of it. Counts and seconds, and never a word of what was said.
    #[oai(
        path = "/ai/usage-stats",
        method = "get",
        operation_id = "usageStats",
        tag = "Tag::Ai"
    )]
    async fn stats(
        &self,
        caller: Allowed<ReadingUsage>,
        /// How many days, today included.
        #[oai(
            default = "usual_days",
            validator(minimum(value = "1"), maximum(value = "366"))
        )]
        days: Query<u16>,
    ) -> poem::Result<UsageResponse> {
        let to = TimeZone::UTC.to_datetime(Timestamp::now()).date();
        let from = to.saturating_sub((i64::from(days.0) - 1).days());
        let days = self.usage.days(&caller.subject, from, to).await;
        let days = days.map_err(Problem::from)?;
        let total = days.iter().map(counts).fold(CountsBody::default(), add);
        let day = |day: &DayOfUse| DayBody {
            day: day.day.to_string(),
            counts: counts(day),
        };
        Ok(UsageResponse::Counted(Json(UsageBody {
            from: from.to_string(),
            to: to.to_string(),
            total,
            days: days.iter().map(day).collect(),
        })))
    }
}

fn counts(day: &DayOfUse) -> CountsBody {
    CountsBody {
        requests: day.requests,
        failed: day.failed,
        refused: day.refused,
        audio_seconds: Duration::from_millis(day.audio_ms).as_secs_f64(),
    }
}

fn add(one: CountsBody, other: CountsBody) -> CountsBody {
    CountsBody {
        requests: one.requests + other.requests,
        failed: one.failed + other.failed,
        refused: one.refused + other.refused,
        audio_seconds: one.audio_seconds + other.audio_seconds,
    }
}
