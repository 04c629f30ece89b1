-- Integrations that somebody else's server offers to one workspace. The secret that is sent to the server is a credential
-- like those of connectors, so that it is encrypted and re-encrypted with them.
CREATE TABLE custom_integrations (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid           TEXT    NOT NULL UNIQUE,
    workspace_id   INTEGER NOT NULL REFERENCES workspaces (id),
    slug           TEXT    NOT NULL,
    base_url       TEXT    NOT NULL,
    credential_id  INTEGER REFERENCES credentials (id),
    manifest       TEXT    NOT NULL,
    -- When the manifest was last asked for, and what was wrong then; the stored one is the last that was right.
    manifest_at    INTEGER NOT NULL,
    manifest_error TEXT,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    UNIQUE (workspace_id, slug)
);
CREATE INDEX custom_integrations_by_workspace ON custom_integrations (workspace_id, id);
CREATE INDEX custom_integrations_by_manifest ON custom_integrations (manifest_at);
CREATE INDEX custom_integrations_by_credential ON custom_integrations (credential_id);
