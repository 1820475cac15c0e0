ALTER TABLE curations ADD COLUMN audio_ms INTEGER;

CREATE INDEX curations_by_owner ON curations (subject, id);

CREATE TABLE categories (
    entity_type TEXT PRIMARY KEY NOT NULL,
    -- A list of texts, as JSON.
    names       TEXT NOT NULL
) STRICT;

INSERT INTO categories (entity_type, names) VALUES
    ('restaurant', '["cuisine","menu","drinks","price_range","mood","setting","crowd","service","opening_hours"]'),
    ('bar',        '["cuisine","menu","drinks","price_range","mood","setting","crowd","service","opening_hours"]'),
    ('cafe',       '["cuisine","menu","drinks","price_range","mood","setting","crowd","service","opening_hours"]'),
    ('hotel',      '["rooms","amenities","price_range","mood","setting","crowd","service","opening_hours"]'),
    ('*',          '["topic","mood","setting","service","opening_hours"]');

CREATE TABLE days_of_use (
    subject  TEXT NOT NULL,
    -- As in 2026-03-01.
    day      TEXT NOT NULL,
    requests INTEGER NOT NULL,
    failed   INTEGER NOT NULL,
    refused  INTEGER NOT NULL,
    audio_ms INTEGER NOT NULL,
    PRIMARY KEY (subject, day)
) STRICT;

-- From here on every time is in milliseconds since 1970, UTC.

CREATE TABLE replays (
    credential   TEXT NOT NULL,
    operation    TEXT NOT NULL,
    key          TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    leased_until INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    -- The answer, once there is one: its status, its headers as a JSON list of pairs, its body.
    status       INTEGER,
    headers      TEXT,
    body         BLOB,
    PRIMARY KEY (credential, operation, key)
) STRICT;

CREATE INDEX replays_by_end ON replays (expires_at);

CREATE TABLE api_keys (
    id           TEXT PRIMARY KEY NOT NULL,
    name         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    hash         TEXT NOT NULL UNIQUE,
    prefix       TEXT NOT NULL,
    -- A list of texts, as JSON.
    scopes       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    revoked_at   INTEGER,
    last_used_at INTEGER
) STRICT;

CREATE TABLE sessions (
    id            TEXT PRIMARY KEY NOT NULL,
    subject       TEXT NOT NULL,
    -- A list of texts, as JSON.
    scopes        TEXT NOT NULL,
    current_token TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    ended_at      INTEGER
) STRICT;

CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE good_once (
    kind       TEXT NOT NULL,
    key        TEXT NOT NULL,
    value      TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT;

CREATE INDEX good_once_by_end ON good_once (expires_at);
