//! Every setting by its names: one table, which the parser reads by, `config check` shows, and `docs/configuration.md` is written
//! from. What a line says of a setting is its description there too, so it is written for whoever runs the service.

use crate::config::sources::Key;

macro_rules! keys {
    ($($(#[doc = $about:literal])+ $name:ident: $file:expr, [$($variable:literal),+] $(, $flag:literal)?;)+) => {
        $($(#[doc = $about])+ pub(super) const $name: Key = Key {
            file: $file,
            variables: &[$($variable),+],
            flag: keys!(@flag $($flag)?),
            about: concat!($($about),+),
        };)+
        /// Every setting that a file or the environment can make, in the order in which they are shown.
        pub const KEYS: &[Key] = &[$($name),+];
    };
    (@flag) => { None };
    (@flag $flag:literal) => { Some($flag) };
}

keys! {
    /// Development or production.
    ENVIRONMENT: Some("environment"), ["ORCHESTRATE_ENV"];
    /// The address to listen on.
    HOST: Some("listen.host"), ["ORCHESTRATE_HOST"], "--host";
    /// The port to listen on; 0 takes a free one.
    PORT: Some("listen.port"), ["ORCHESTRATE_PORT", "PORT"], "--port";
    /// Where the metrics are served, such as 127.0.0.1:9464; nowhere when nobody says. Never where the API is.
    METRICS: Some("metrics.listen"), ["ORCHESTRATE_METRICS_LISTEN"], "--metrics-listen";
    /// Pretty or json.
    LOG: Some("log"), ["ORCHESTRATE_LOG"], "--log";
    /// What our own tokens are signed with, at least 32 random bytes. Every instance has the same.
    SECRET: None, ["ORCHESTRATE_AUTH_SECRET"];
    /// What our own tokens name as their issuer (iss).
    ISSUER: Some("auth.issuer"), ["ORCHESTRATE_AUTH_ISSUER"];
    /// The audience that must be among those of a token (aud).
    AUDIENCE: Some("auth.audience"), ["ORCHESTRATE_AUTH_AUDIENCE"];
    /// Where another issuer publishes its keys.
    JWKS_URL: Some("auth.jwks_url"), ["ORCHESTRATE_AUTH_JWKS_URL"];
    /// The issuer of tokens that are signed with those keys.
    JWKS_ISSUER: Some("auth.jwks_issuer"), ["ORCHESTRATE_AUTH_JWKS_ISSUER"];
    /// Their audience; that of our own tokens when nobody says.
    JWKS_AUDIENCE: Some("auth.jwks_audience"), ["ORCHESTRATE_AUTH_JWKS_AUDIENCE"];
    /// For how long an access token of a session is good, such as 15m.
    ACCESS_TTL: Some("auth.access_ttl"), ["ORCHESTRATE_AUTH_ACCESS_TTL"];
    /// For how long a session goes on at most, however often it is renewed, such as 720h.
    SESSION_TTL: Some("auth.session_ttl"), ["ORCHESTRATE_AUTH_SESSION_TTL"];
    /// The issuer of the login provider.
    LOGIN_ISSUER: Some("login.issuer"), ["ORCHESTRATE_LOGIN_ISSUER"];
    /// What it calls us.
    LOGIN_CLIENT: Some("login.client_id"), ["ORCHESTRATE_LOGIN_CLIENT_ID"];
    /// What we show it.
    LOGIN_SECRET: None, ["ORCHESTRATE_LOGIN_CLIENT_SECRET"];
    /// Our callback, as browsers reach it.
    LOGIN_CALLBACK: Some("login.callback"), ["ORCHESTRATE_LOGIN_CALLBACK"];
    /// Where a login may end: a list, or separated by commas.
    LOGIN_REDIRECTS: Some("login.redirects"), ["ORCHESTRATE_LOGIN_REDIRECTS"];
    /// Who may log in: addresses, domains with an @, or * for everybody.
    LOGIN_ADMITTED: Some("login.admitted"), ["ORCHESTRATE_LOGIN_ADMITTED"];
    /// Allowed origins: a list, or separated by commas.
    ORIGINS: Some("cors.origins"), ["ORCHESTRATE_CORS_ORIGINS"];
    /// A path, a sqlite: URL, :memory:, or a postgres: URL.
    DATABASE: Some("database.url"), ["ORCHESTRATE_DATABASE", "DATABASE_URL"];
    /// The most connections to it; 8 to PostgreSQL when nobody says.
    CONNECTIONS: Some("database.connections"), ["ORCHESTRATE_DATABASE_CONNECTIONS"];
    /// The key of the AI provider; without one, development has the simulator.
    API_KEY: None, ["OPENAI_API_KEY"];
    /// Where the provider is, with its version segment.
    BASE_URL: Some("provider.base_url"), ["OPENAI_BASE_URL"];
    /// The model that transcribes.
    TRANSCRIPTION_MODEL: Some("provider.transcription_model"), ["ORCHESTRATE_TRANSCRIPTION_MODEL"];
    /// The model that finds concepts.
    CONCEPT_MODEL: Some("provider.concept_model"), ["ORCHESTRATE_CONCEPT_MODEL"];
    /// How long one paid call may take, such as 30s.
    PROVIDER_DEADLINE: Some("provider.deadline"), ["ORCHESTRATE_PROVIDER_DEADLINE"];
    /// Largest request body, in bytes.
    BODY_BYTES: Some("limits.body_bytes"), ["ORCHESTRATE_BODY_LIMIT"];
    /// How long a body may take to arrive, such as 60s; a slower one is answered 408.
    BODY_DEADLINE: Some("limits.body_deadline"), ["ORCHESTRATE_BODY_DEADLINE"];
    /// How long the work may take, such as 60s; longer work is answered 504.
    WORK_DEADLINE: Some("limits.work_deadline"), ["ORCHESTRATE_WORK_DEADLINE"];
    /// Requests that are worked on at once; the rest wait their turn for five seconds, and are then answered 503.
    CONCURRENCY: Some("limits.concurrency"), ["ORCHESTRATE_CONCURRENCY"];
    /// Requests of one credential, such as 600/1m, or off.
    RATE_PER_CREDENTIAL: Some("limits.rate_per_credential"), ["ORCHESTRATE_RATE_PER_CREDENTIAL"];
    /// Requests from one address, such as 6000/1m, or off.
    RATE_PER_PEER: Some("limits.rate_per_peer"), ["ORCHESTRATE_RATE_PER_PEER"];
    /// Networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8.
    TRUSTED_PROXIES: Some("limits.trusted_proxies"), ["ORCHESTRATE_TRUSTED_PROXIES"];
    /// Failures in a row after which the provider is left alone for a while.
    BREAKER_FAILURES: Some("provider.breaker_failures"), ["ORCHESTRATE_BREAKER_FAILURES"];
    /// For how long it is left alone, such as 5s.
    BREAKER_REST: Some("provider.breaker_rest"), ["ORCHESTRATE_BREAKER_REST"];
    /// How long requests in flight may go on once it is told to stop, such as 60s.
    SHUTDOWN_GRACE: Some("limits.shutdown_grace"), ["ORCHESTRATE_SHUTDOWN_GRACE"];
    /// Longest recording, such as 2h.
    AUDIO_LONGEST: Some("audio.longest"), ["ORCHESTRATE_AUDIO_LONGEST"];
    /// Whether recordings in which nothing is to be heard are refused or taken.
    AUDIO_SILENCE: Some("audio.silence"), ["ORCHESTRATE_AUDIO_SILENCE"];
}
