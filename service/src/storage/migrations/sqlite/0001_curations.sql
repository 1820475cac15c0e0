CREATE TABLE curations (
    id          TEXT PRIMARY KEY NOT NULL,
    subject     TEXT NOT NULL,
    workflow    TEXT NOT NULL,
    curator_id  TEXT,
    entity_id   TEXT,
    entity_type TEXT NOT NULL,
    place_id    TEXT,
    language    TEXT NOT NULL,
    text        TEXT NOT NULL,
    concepts    TEXT NOT NULL,
    created_at  TEXT NOT NULL
) STRICT;

CREATE INDEX curations_by_entity ON curations (entity_id, created_at);
