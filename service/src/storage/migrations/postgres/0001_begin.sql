-- What is sorted by is sorted by its bytes, as SQLite does, and not as the database's language would.

CREATE TABLE curations (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    subject     TEXT NOT NULL,
    workflow    TEXT NOT NULL,
    curator_id  TEXT,
    entity_id   TEXT,
    entity_type TEXT NOT NULL,
    place_id    TEXT,
    language    TEXT NOT NULL,
    text        TEXT NOT NULL,
    -- A list of objects, as JSON.
    concepts    TEXT NOT NULL,
    -- RFC 3339, UTC.
    created_at  TEXT NOT NULL,
    audio_ms    BIGINT
);

CREATE INDEX curations_by_entity ON curations (entity_id, created_at);

CREATE INDEX curations_by_owner ON curations (subject, id);

CREATE TABLE categories (
    entity_type TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    -- A list of texts, as JSON.
    names       TEXT NOT NULL
);

INSERT INTO categories (entity_type, names) VALUES
    ('restaurant', '["cuisine","menu","drinks","price_range","mood","setting","crowd","service","opening_hours"]'),
    ('bar',        '["cuisine","menu","drinks","price_range","mood","setting","crowd","service","opening_hours"]'),
    ('cafe',       '["cuisine","menu","drinks","price_range","mood","setting","crowd","service","opening_hours"]'),
    ('hotel',      '["rooms","amenities","price_range","mood","setting","crowd","service","opening_hours"]'),
    ('*',          '["topic","mood","setting","service","opening_hours"]');

CREATE TABLE days_of_use (
    subject  TEXT NOT NULL,
    -- As in 2026-03-01.
    day      TEXT COLLATE "C" NOT NULL,
    requests BIGINT NOT NULL,
    failed   BIGINT NOT NULL,
    refused  BIGINT NOT NULL,
    audio_ms BIGINT NOT NULL,
    PRIMARY KEY (subject, day)
);

-- From here on every time is in milliseconds since 1970, UTC.

CREATE TABLE replays (
    credential   TEXT NOT NULL,
    operation    TEXT NOT NULL,
    key          TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    leased_until BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    -- The answer, once there is one: its status, its headers as a JSON list of pairs, its body.
    status       BIGINT,
    headers      TEXT,
    body         BYTEA,
    PRIMARY KEY (credential, operation, key)
);

CREATE INDEX replays_by_end ON replays (expires_at);

CREATE TABLE api_keys (
    id           TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    name         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    hash         TEXT NOT NULL UNIQUE,
    prefix       TEXT NOT NULL,
    -- A list of texts, as JSON.
    scopes       TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    last_used_at BIGINT
);

CREATE TABLE sessions (
    id            TEXT PRIMARY KEY NOT NULL,
    subject       TEXT NOT NULL,
    -- A list of texts, as JSON.
    scopes        TEXT NOT NULL,
    current_token TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    ended_at      BIGINT
);

CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE good_once (
    kind       TEXT NOT NULL,
    key        TEXT NOT NULL,
    value      TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (kind, key)
);

CREATE INDEX good_once_by_end ON good_once (expires_at);
