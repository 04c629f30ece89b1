-- Access and refresh tokens, sealed. The credential is named by its uuid, since tokens may be rotated by the check of a
-- connector that is not stored yet; those that never get one, and access tokens that are over, go at discard_at.
CREATE TABLE oauth_tokens (
    credential    TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    workspace_id  INTEGER NOT NULL REFERENCES workspaces (id),
    secret        BLOB    NOT NULL,
    key_id        TEXT    NOT NULL,
    -- They can be renewed by themselves, or do not expire.
    is_lasting    INTEGER NOT NULL,
    discard_at    INTEGER,
    PRIMARY KEY (credential, name)
) WITHOUT ROWID;
CREATE INDEX oauth_tokens_by_discard ON oauth_tokens (discard_at) WHERE discard_at IS NOT NULL;
CREATE INDEX oauth_tokens_by_key ON oauth_tokens (key_id);

-- Who renews which tokens, and until when nobody else may.
CREATE TABLE oauth_leases (
    credential    TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    holder        TEXT    NOT NULL,
    until         INTEGER NOT NULL,
    PRIMARY KEY (credential, name)
) WITHOUT ROWID;

-- What works once and for minutes: states of sign-ins (0), and references to the tokens that came of them (1).
CREATE TABLE oauth_tickets (
    hash          BLOB    NOT NULL PRIMARY KEY,
    kind          INTEGER NOT NULL,
    workspace_id  INTEGER NOT NULL REFERENCES workspaces (id),
    user_id       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    integration   TEXT    NOT NULL,
    secret        BLOB    NOT NULL,
    key_id        TEXT    NOT NULL,
    expires_at    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX oauth_tickets_by_expiry ON oauth_tickets (expires_at);
CREATE INDEX oauth_tickets_by_user ON oauth_tickets (user_id);
CREATE INDEX oauth_tickets_by_key ON oauth_tickets (key_id);
