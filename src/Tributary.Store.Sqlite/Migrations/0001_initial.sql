-- Times are milliseconds since 1970-01-01 UTC. Booleans are 0 or 1. JSON is text.

CREATE TABLE workspaces (
    id            INTEGER PRIMARY KEY,
    uuid          TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL UNIQUE,
    created_at    INTEGER NOT NULL,
    -- The next passage and change numbers of this workspace; see chunks and changes.
    next_chunk    INTEGER NOT NULL DEFAULT 1,
    next_change   INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    uuid          TEXT    NOT NULL UNIQUE,
    workspace_id  INTEGER NOT NULL REFERENCES workspaces (id),
    email         TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    password_hash TEXT    NOT NULL,
    role          INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
);
CREATE INDEX users_by_workspace ON users (workspace_id, id);

CREATE TABLE tokens (
    id            INTEGER PRIMARY KEY,
    uuid          TEXT    NOT NULL UNIQUE,
    workspace_id  INTEGER NOT NULL REFERENCES workspaces (id),
    user_id       INTEGER NOT NULL REFERENCES users (id),
    name          TEXT    NOT NULL,
    hash          BLOB    NOT NULL UNIQUE,
    display       TEXT    NOT NULL,
    role          INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    last_used_at  INTEGER
);
CREATE INDEX tokens_by_workspace ON tokens (workspace_id, id);

CREATE TABLE sessions (
    hash          BLOB    NOT NULL PRIMARY KEY,
    user_id       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE credentials (
    id            INTEGER PRIMARY KEY,
    uuid          TEXT    NOT NULL UNIQUE,
    workspace_id  INTEGER NOT NULL REFERENCES workspaces (id),
    secret        BLOB    NOT NULL,
    key_id        TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
);
CREATE INDEX credentials_by_key ON credentials (key_id, id);

CREATE TABLE connectors (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid               TEXT    NOT NULL UNIQUE,
    workspace_id       INTEGER NOT NULL REFERENCES workspaces (id),
    name               TEXT    NOT NULL,
    slug               TEXT    NOT NULL,
    integration        TEXT    NOT NULL,
    integration_sent   TEXT    NOT NULL,
    config             TEXT    NOT NULL,
    credential_id      INTEGER NOT NULL REFERENCES credentials (id),
    status             INTEGER NOT NULL,
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
    checkpoint         TEXT,
    UNIQUE (workspace_id, integration, name),
    UNIQUE (workspace_id, slug)
);

CREATE INDEX connectors_by_workspace ON connectors (workspace_id, id);
CREATE INDEX connectors_by_credential ON connectors (credential_id);
-- Those that are being deleted (5) are few; a search leaves their documents out.
CREATE INDEX connectors_deleting ON connectors (workspace_id, id) WHERE status = 5;

CREATE TABLE collections (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id  INTEGER NOT NULL REFERENCES workspaces (id),
    name          TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    UNIQUE (workspace_id, name)
);
CREATE TABLE collection_connectors (
    collection_id INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    connector_id  INTEGER NOT NULL REFERENCES connectors (id) ON DELETE CASCADE,
    PRIMARY KEY (collection_id, connector_id)
) WITHOUT ROWID;
CREATE INDEX collection_connectors_by_connector ON collection_connectors (connector_id);

-- A run outlives its connector, so that the end of a deletion can be seen.
CREATE TABLE runs (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid             TEXT    NOT NULL UNIQUE,
    workspace_id     INTEGER NOT NULL,
    connector_id     INTEGER NOT NULL,
    kind             INTEGER NOT NULL,
    state            INTEGER NOT NULL,
    requested_by     TEXT    NOT NULL,
    queued_at        INTEGER NOT NULL,
    started_at       INTEGER,
    finished_at      INTEGER,
    heartbeat_at     INTEGER,
    phase            TEXT,
    current_item     TEXT,
    waiting_until    INTEGER,
    epoch            INTEGER NOT NULL DEFAULT 0,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    -- How many documents a person has agreed to lose by this prune; null when nobody was asked.
    confirmed_count  INTEGER,
    missing_count    INTEGER,
    retry_failures   INTEGER NOT NULL DEFAULT 0,
    read_count       INTEGER NOT NULL DEFAULT 0,
    added_count      INTEGER NOT NULL DEFAULT 0,
    updated_count    INTEGER NOT NULL DEFAULT 0,
    unchanged_count  INTEGER NOT NULL DEFAULT 0,
    deleted_count    INTEGER NOT NULL DEFAULT 0,
    failed_count     INTEGER NOT NULL DEFAULT 0,
    skipped_count    INTEGER NOT NULL DEFAULT 0,
    chunk_count      INTEGER NOT NULL DEFAULT 0,
    error_kind       INTEGER,
    error            TEXT
);
CREATE INDEX runs_by_connector ON runs (connector_id, id);
-- Queued, running and unconfirmed runs are few, whatever the history's length.
CREATE INDEX runs_open ON runs (connector_id, state) WHERE state IN (0, 1, 2);

CREATE TABLE failures (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id    INTEGER NOT NULL,
    connector_id    INTEGER NOT NULL,
    run_id          INTEGER NOT NULL,
    item_id         TEXT    NOT NULL,
    link            TEXT,
    reason          TEXT    NOT NULL,
    attempts        INTEGER NOT NULL,
    first_failed_at INTEGER NOT NULL,
    last_failed_at  INTEGER NOT NULL,
    retry_at        INTEGER NOT NULL,
    resolved_at     INTEGER,
    UNIQUE (connector_id, item_id)
);
CREATE INDEX failures_by_workspace ON failures (workspace_id, id);
CREATE INDEX failures_by_connector ON failures (connector_id, id);
CREATE INDEX failures_open ON failures (connector_id, id) WHERE resolved_at IS NULL;

CREATE TABLE skips (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    connector_id  INTEGER NOT NULL,
    item_id       TEXT    NOT NULL,
    reason        TEXT    NOT NULL,
    UNIQUE (connector_id, item_id)
);
CREATE INDEX skips_by_connector ON skips (connector_id, id);

-- What a reader still has to read; pass 0 belongs to reading, 1 to listing.
CREATE TABLE work_items (
    connector_id  INTEGER NOT NULL,
    pass          INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    key           TEXT    NOT NULL,
    data          TEXT,
    depth         INTEGER NOT NULL,
    done          INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (connector_id, pass, position)
) WITHOUT ROWID;
CREATE UNIQUE INDEX work_items_by_key ON work_items (connector_id, pass, key);
CREATE INDEX work_items_pending ON work_items (connector_id, pass, position) WHERE done = 0;

CREATE TABLE documents (
    id            INTEGER PRIMARY KEY,
    workspace_id  INTEGER NOT NULL,
    external_id   TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    link          TEXT,
    source_type   TEXT    NOT NULL,
    updated_at    INTEGER,
    created_at    INTEGER,
    owners        TEXT,
    metadata      TEXT,
    access        TEXT,
    hash          BLOB    NOT NULL,
    first_chunk   INTEGER NOT NULL,
    chunk_count   INTEGER NOT NULL,
    holder_count  INTEGER NOT NULL,
    is_pushed     INTEGER NOT NULL DEFAULT 0,
    boost         INTEGER NOT NULL DEFAULT 0,
    hidden        INTEGER NOT NULL DEFAULT 0,
    UNIQUE (workspace_id, external_id)
);

CREATE INDEX documents_pushed ON documents (workspace_id, id) WHERE is_pushed = 1;

-- Which connectors hold a document; it goes with the last of them.
CREATE TABLE holders (
    connector_id  INTEGER NOT NULL,
    document_id   INTEGER NOT NULL,
    since         INTEGER NOT NULL,
    version       TEXT,
    note          TEXT,
    PRIMARY KEY (connector_id, document_id)
) WITHOUT ROWID;

-- Passages. The upper 23 bits of an id are the workspace, so that a range of ids confines a search to it.
CREATE TABLE chunks (
    id            INTEGER PRIMARY KEY,
    document_id   INTEGER NOT NULL,
    link          TEXT,
    heading       TEXT,
    text          TEXT    NOT NULL
);

CREATE VIRTUAL TABLE chunk_index USING fts5 (
    title, text,
    content = '', contentless_delete = 1,
    tokenize = "porter unicode61 remove_diacritics 2"
);

-- The ordered log of what was added (0), updated (1) and deleted (2).
CREATE TABLE changes (
    workspace_id  INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    document_id   INTEGER NOT NULL,
    -- Of deleted documents only: of the others the documents' table knows it.
    external_id   TEXT,
    at            INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, seq)
) WITHOUT ROWID;

-- The ids that a listing has found so far.
CREATE TABLE live_ids (
    connector_id  INTEGER NOT NULL,
    external_id   TEXT    NOT NULL,
    PRIMARY KEY (connector_id, external_id)
) WITHOUT ROWID;

CREATE TABLE files (
    id            TEXT    NOT NULL PRIMARY KEY,
    workspace_id  INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    content_type  TEXT,
    length        INTEGER NOT NULL,
    sha256        TEXT    NOT NULL,
    uploaded_at   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX files_by_workspace ON files (workspace_id, id);

CREATE TABLE audit (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id  INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    actor         TEXT    NOT NULL,
    action        TEXT    NOT NULL,
    target        TEXT    NOT NULL,
    detail        TEXT
);
CREATE INDEX audit_by_workspace ON audit (workspace_id, id);
