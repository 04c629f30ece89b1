-- Models: tables that extractors fill. kind 0 is a built-in integration's documents, 1 the records of an extractor that is
-- asked page by page, 2 rows that are written through the API.

CREATE TABLE models (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid               TEXT    NOT NULL UNIQUE,
    workspace_id       INTEGER NOT NULL,
    dataset_uuid       TEXT    NOT NULL,
    -- None in the workspace's own dataset.
    connector_id       INTEGER,
    kind               INTEGER NOT NULL,
    slug               TEXT    NOT NULL,
    name               TEXT    NOT NULL,
    description        TEXT,
    extractor          TEXT    NOT NULL,
    config             TEXT    NOT NULL DEFAULT '{}',
    position_x         REAL    NOT NULL DEFAULT 0,
    position_y         REAL    NOT NULL DEFAULT 0,
    schedule           TEXT,
    next_run_at        INTEGER,
    failures_in_a_row  INTEGER NOT NULL DEFAULT 0,
    meta               TEXT,
    -- The run that began the pass under way; rows with an older stamp were not seen in it. None between passes.
    pass               INTEGER,
    -- The pass has read its last page; what it has not seen is still to be removed.
    is_read            INTEGER NOT NULL DEFAULT 0,
    columns            TEXT    NOT NULL DEFAULT '[]',
    additional_columns TEXT    NOT NULL DEFAULT '[]',
    id_column          TEXT,
    title_column       TEXT,
    time_column        TEXT,
    unification        TEXT,
    last_emitted_at    INTEGER,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    deleted_at         INTEGER
);
CREATE UNIQUE INDEX models_by_slug ON models (dataset_uuid, slug) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX models_of_documents ON models (connector_id) WHERE kind = 0 AND deleted_at IS NULL;
CREATE INDEX models_by_workspace ON models (workspace_id, id);
CREATE INDEX models_by_connector ON models (connector_id, id);
CREATE INDEX models_due ON models (connector_id, next_run_at) WHERE next_run_at IS NOT NULL;

CREATE TABLE records (
    id          INTEGER PRIMARY KEY,
    model_id    INTEGER NOT NULL,
    record_id   TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    emitted_at  INTEGER NOT NULL,
    -- The pass that saw it last; see models.pass.
    seen        INTEGER NOT NULL,
    data        TEXT    NOT NULL
);
CREATE UNIQUE INDEX records_by_id ON records (model_id, record_id);
CREATE INDEX records_by_title ON records (model_id, title, id);
CREATE INDEX records_by_time ON records (model_id, emitted_at, id);
CREATE INDEX records_by_pass ON records (model_id, seen);

-- Documents models are listed like records: by title, and by when the connector got them.
CREATE INDEX documents_by_title ON documents (workspace_id, title);
CREATE INDEX holders_by_time ON holders (connector_id, since);

CREATE TABLE relationships (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid          TEXT    NOT NULL UNIQUE,
    workspace_id  INTEGER NOT NULL,
    dataset_uuid  TEXT    NOT NULL,
    from_model    TEXT    NOT NULL,
    to_model      TEXT    NOT NULL,
    definition    TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
);
CREATE INDEX relationships_by_dataset ON relationships (workspace_id, dataset_uuid, id);

ALTER TABLE runs ADD COLUMN model_id INTEGER;

-- Every connector that has been reading has a documents model from now on.
INSERT INTO models (uuid, workspace_id, dataset_uuid, connector_id, kind, slug, name, extractor, schedule, created_at, updated_at)
SELECT
    lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
        || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))),
    workspace_id, dataset_uuid, id, 0, 'documents', name, 'documents',
    iif(refresh_freq IS NULL, NULL, '@every ' || refresh_freq || 's'), created_at, updated_at
FROM connectors
WHERE integration <> 'ingestion_api' AND status <> 5;

UPDATE runs SET model_id = (SELECT m.id FROM models m WHERE m.connector_id = runs.connector_id)
WHERE kind IN (0, 1);
CREATE INDEX runs_by_model ON runs (model_id, id) WHERE model_id IS NOT NULL;
CREATE INDEX runs_of_models ON runs (workspace_id, id) WHERE model_id IS NOT NULL;
