-- Connectors as both dialects know them: a dataset's uuid, a default per integration, shared credentials. A connector that
-- is being deleted (5) blocks neither slug nor name, and names may repeat (the Clarm dialect sees to its own rule), so the
-- table's constraints become indexes; SQLite can only do that by making the table anew.

CREATE TABLE connectors_new (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid               TEXT    NOT NULL UNIQUE,
    -- Random, version 4.
    dataset_uuid       TEXT    NOT NULL UNIQUE DEFAULT (
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
            || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))
    ),
    workspace_id       INTEGER NOT NULL REFERENCES workspaces (id),
    name               TEXT    NOT NULL,
    slug               TEXT    NOT NULL,
    integration        TEXT    NOT NULL,
    integration_sent   TEXT    NOT NULL,
    config             TEXT    NOT NULL,
    credential_id      INTEGER NOT NULL REFERENCES credentials (id),
    status             INTEGER NOT NULL,
    is_default         INTEGER NOT NULL DEFAULT 0,
    -- Reads with the operator's credentials for the integration; config and credential are empty then.
    use_credits        INTEGER NOT NULL DEFAULT 0,
    refresh_freq       INTEGER,
    prune_freq         INTEGER,
    rate_limit         TEXT,
    cache_ttl          INTEGER,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    created_by         INTEGER NOT NULL REFERENCES users (id),
    document_count     INTEGER NOT NULL DEFAULT 0,
    -- Grows with every run that begins; a commit of a run with an older epoch is refused.
    epoch              INTEGER NOT NULL DEFAULT 0,
    failures_in_a_row  INTEGER NOT NULL DEFAULT 0,
    checks_failed      INTEGER NOT NULL DEFAULT 0,
    repeated_error     INTEGER NOT NULL DEFAULT 0,
    has_read_all       INTEGER NOT NULL DEFAULT 0,
    last_success_at    INTEGER,
    last_pruned_at     INTEGER,
    next_refresh_at    INTEGER,
    next_prune_at      INTEGER,
    last_error         TEXT,
    checkpoint         TEXT
);

INSERT INTO connectors_new (
    id, uuid, workspace_id, name, slug, integration, integration_sent, config, credential_id, status, refresh_freq,
    prune_freq, rate_limit, cache_ttl, created_at, updated_at, created_by, document_count, epoch, failures_in_a_row,
    checks_failed, repeated_error, has_read_all, last_success_at, last_pruned_at, next_refresh_at, next_prune_at,
    last_error, checkpoint
)
SELECT
    id, uuid, workspace_id, name, slug, integration, integration_sent, config, credential_id, status, refresh_freq,
    prune_freq, rate_limit, cache_ttl, created_at, updated_at, created_by, document_count, epoch, failures_in_a_row,
    checks_failed, repeated_error, has_read_all, last_success_at, last_pruned_at, next_refresh_at, next_prune_at,
    last_error, checkpoint
FROM connectors;

-- Ids of connectors that are gone stay used up.
DELETE FROM sqlite_sequence WHERE name = 'connectors_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'connectors_new', seq FROM sqlite_sequence WHERE name = 'connectors';

-- Dropping a table deletes its rows first, and their place in collections with them.
CREATE TEMP TABLE kept_members AS SELECT collection_id, connector_id FROM collection_connectors;
DROP TABLE connectors;
ALTER TABLE connectors_new RENAME TO connectors;
INSERT INTO collection_connectors (collection_id, connector_id) SELECT collection_id, connector_id FROM kept_members;
DROP TABLE kept_members;

CREATE INDEX connectors_by_workspace ON connectors (workspace_id, id);
CREATE INDEX connectors_by_credential ON connectors (credential_id);
CREATE UNIQUE INDEX connectors_by_slug ON connectors (workspace_id, slug) WHERE status <> 5;
CREATE INDEX connectors_by_name ON connectors (workspace_id, integration, name) WHERE status <> 5;
CREATE UNIQUE INDEX connectors_default ON connectors (workspace_id, integration) WHERE is_default = 1;
-- Those that are being deleted (5) are few; a search leaves their documents out.
CREATE INDEX connectors_deleting ON connectors (workspace_id, id) WHERE status = 5;

-- What a connector's requests have left behind goes with it (a trigger on the old table would have gone with that).
CREATE TRIGGER connectors_outbound AFTER DELETE ON connectors BEGIN
    DELETE FROM limit_claims WHERE connector_id = OLD.id;
    DELETE FROM limit_holds WHERE connector_id = OLD.id;
    DELETE FROM cached_answers WHERE connector_id = OLD.id;
    DELETE FROM cache_purges WHERE connector_id = OLD.id;
END;

-- The dataset of models that belong to no connector.
ALTER TABLE workspaces ADD COLUMN dataset_uuid TEXT;
UPDATE workspaces SET dataset_uuid =
    lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
        || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)));
CREATE UNIQUE INDEX workspaces_by_dataset ON workspaces (dataset_uuid);

-- What people note of a token.
ALTER TABLE tokens ADD COLUMN description TEXT;

-- Requests made with shared credentials, counted in sixtieths of the allowance's window.
CREATE TABLE allowance_uses (
    workspace_id  INTEGER NOT NULL,
    integration   TEXT    NOT NULL,
    -- Milliseconds of a sixtieth, and its number since 1970.
    slot_length   INTEGER NOT NULL,
    slot          INTEGER NOT NULL,
    uses          INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, integration, slot_length, slot)
) WITHOUT ROWID;
