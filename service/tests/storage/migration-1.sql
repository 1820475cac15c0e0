-- What a service that knew migration 1 only left behind: `.dump` of its database.
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'curations','2026-11-27 16:46:53',1,X'3A7C8210333FBA6F241E7C96E15EBA5351D83A668AFB2B61C78A4B520B2B28382F5BF9C0ADF0DF354E6FE63637C73A79',721942);
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
INSERT INTO "curations" VALUES('01a21de7-1fb5-7121-96dd-8382f4ebfcda','ana@example.com','audio_only','c1','e1','restaurant',NULL,'pt-BR','Grilled fish, bom e barato 🐟.','[{"category":"menu","value":"grilled fish"},{"category":"price_range","value":"barato"}]','2026-11-27T16:46:55.925706845Z');
INSERT INTO "curations" VALUES('01a21de7-1fc3-7227-bc86-5c21eac77ee1','ana@example.com','audio_only',NULL,NULL,'hotel',NULL,'pt-BR','It''s quiet.','[{"category":"mood","value":"quiet"}]','2026-11-27T16:46:55.939263566Z');
CREATE INDEX curations_by_entity ON curations (entity_id, created_at);
COMMIT;
