//! The page that uses the API: what keeps its calls from being sent, while the service is in perfect health.

use crate::lab::fault::{Fault, How};
use crate::lab::faults::Unshown;
use crate::lab::lookalike::{self, LookAlike};
use crate::lab::pages::Page;

/// The faults.
pub const FAULTS: &[Fault] = &[
    page(
        "page-policy-blocks-api",
        "The page's content policy lists the host that the API had before.",
        Page::GOOD.with(&[(
            "content-security-policy",
            "default-src 'self'; connect-src 'self' https://concierge-old.example; script-src 'self'",
        )]),
    )
    .must_fail(&["page/policy-allows-api"])
    .named("page-policy-blocks-api"),
    page(
        "page-policy-in-meta",
        "A header of the page lists the API, and a <meta> in it does not.",
        Page::GOOD
            .with(&[("content-security-policy", "connect-src 'self' {api}")])
            .holding("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'\">"),
    )
    .must_fail(&["page/policy-allows-api"])
    .named("page-policy-blocks-api"),
    page(
        "page-policy-path-without-slash",
        "The page's content policy lists the API's base URL without a slash at its end, and so that one address.",
        Page::GOOD.with(&[("content-security-policy", "connect-src {base}")]),
    )
    .must_fail(&["page/policy-allows-api"])
    .named("page-policy-blocks-api"),
    page(
        "page-mixed-content",
        "The page is on https, and the API's URL was built into it with http.",
        Page::GOOD.over_tls(),
    )
    .must_fail(&["page/no-mixed-content"])
    .named("mixed-content"),
    page(
        "page-forbids-microphone",
        "The page records speech, and its host sends the recommended list of headers.",
        Page::GOOD.with(&[("permissions-policy", "camera=(), microphone=(), geolocation=()")]),
    )
    .must_fail(&["page/microphone-allowed"])
    .named("page-forbids-microphone"),
    page(
        "page-built-for-staging",
        "The page was built with the URL of staging.",
        Page::GOOD.running("const t=\"https://staging.concierge.example/api/v3\";fetch(t+\"/ai/orchestrate\",{method:\"POST\"})"),
    )
    .must_fail(&["page/calls-this-api"])
    .named("page-calls-another-api"),
];

/// Entries of the catalogue that no fault here shows: it lists what services have, and these are pages.
pub const NOT_SHOWN: &[Unshown] = &[];

/// Healthy pages.
pub const HEALTHY: &[LookAlike] = &[
    healthy(
        "page",
        "The page calls the API and records speech, and nothing keeps it from either.",
        Page::GOOD,
    ),
    healthy(
        "page-policy-reports-only",
        "A content policy that lists nobody only reports.",
        Page::GOOD.with(&[("content-security-policy-report-only", "default-src 'none'")]),
    ),
    healthy(
        "page-policies-that-all-allow",
        "Three content policies, two of them in one header, and each lists the API in another way.",
        Page::GOOD
            .with(&[
                ("content-security-policy", "default-src 'self'; connect-src {api}, connect-src http:"),
                ("content-security-policy", "default-src *"),
            ])
            .holding("<meta http-equiv=\"Content-Security-Policy\" content=\"connect-src {base}/\">"),
    ),
    healthy(
        "page-policy-about-scripts",
        "A content policy that speaks of scripts and frames, and not of calls.",
        Page::GOOD.with(&[("content-security-policy", "script-src 'self'; frame-ancestors 'none'; object-src 'none'")]),
    ),
    healthy(
        "page-microphone-for-itself",
        "The page forbids everything but the microphone, and that to everybody else.",
        Page::GOOD.with(&[("permissions-policy", "camera=(), microphone=(self), geolocation=()")]),
    ),
    healthy(
        "page-full-of-strangers",
        "The page names analytics, fonts, namespaces and documentation, and calls its own host by path.",
        Page::GOOD.running(
            "t(\"https://www.google-analytics.com/g/collect\");f(\"https://fonts.googleapis.com/css2\");\
             s(\"https://o1.ingest.sentry.io/api/42/envelope/\");n(\"http://www.w3.org/2000/svg\");\
             d(\"https://docs.concierge.example/api\");const o=window.location.href||\"http://localhost\";\
             fetch(\"/api/v3/ai/orchestrate\",{method:\"POST\"})",
        ),
    ),
    healthy(
        "page-of-every-environment",
        "The page holds the URLs of all environments, and this one's among them.",
        Page::GOOD.running(
            "const e={staging:\"https://staging.concierge.example/api/v3\",live:\"{base}\"};fetch(e.live+\"/health\")",
        ),
    ),
    healthy(
        "page-upgrades-what-it-calls",
        "The page is on https and names the API with http, and has browsers call over https.",
        Page::GOOD
            .over_tls()
            .with(&[("content-security-policy", "upgrade-insecure-requests")]),
    ),
];

const fn page(id: &'static str, sentence: &'static str, page: Page) -> Fault {
    Fault::new(id, sentence, How::Page(page))
}

const fn healthy(id: &'static str, sentence: &'static str, page: Page) -> LookAlike {
    LookAlike {
        id,
        sentence,
        how: lookalike::How::Page(page),
    }
}
