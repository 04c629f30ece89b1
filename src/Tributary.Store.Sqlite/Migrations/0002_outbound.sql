-- Processes that take from rate limits; one whose time has passed is dead.
CREATE TABLE limit_holders (
    holder        TEXT    NOT NULL PRIMARY KEY,
    alive_until   INTEGER NOT NULL
) WITHOUT ROWID;

-- What a process has of one limit of a connector. A bucket is 16 × unit + the number among the limits of that unit.
CREATE TABLE limit_claims (
    connector_id  INTEGER NOT NULL,
    bucket        INTEGER NOT NULL,
    holder        TEXT    NOT NULL,
    -- What it may let go without asking; what it would rather have.
    reserve       INTEGER NOT NULL,
    wanted        INTEGER NOT NULL,
    -- What has left: pairs of a time (8 bytes) and a count (4 bytes), both little-endian, in order.
    used          BLOB    NOT NULL,
    PRIMARY KEY (connector_id, bucket, holder)
) WITHOUT ROWID;
CREATE INDEX limit_claims_by_holder ON limit_claims (holder);

-- Until when a vendor asks to be left alone; origin is empty when it means the whole connector.
CREATE TABLE limit_holds (
    connector_id  INTEGER NOT NULL,
    origin        TEXT    NOT NULL,
    host          TEXT    NOT NULL,
    until         INTEGER NOT NULL,
    PRIMARY KEY (connector_id, origin)
) WITHOUT ROWID;
CREATE INDEX limit_holds_by_time ON limit_holds (until);

-- Answers that were given on a user's behalf. The key is a hash of everything that makes requests different.
CREATE TABLE cached_answers (
    id            INTEGER PRIMARY KEY,
    connector_id  INTEGER NOT NULL,
    key           BLOB    NOT NULL,
    stored_at     INTEGER NOT NULL,
    length        INTEGER NOT NULL,
    value         BLOB    NOT NULL,
    UNIQUE (connector_id, key)
);
CREATE INDEX cached_answers_by_age ON cached_answers (stored_at);

-- The sum of the lengths, so that no write has to add them up.
CREATE TABLE cached_size (total INTEGER NOT NULL);
INSERT INTO cached_size VALUES (0);
CREATE TRIGGER cached_answers_in AFTER INSERT ON cached_answers BEGIN
    UPDATE cached_size SET total = total + NEW.length;
END;
CREATE TRIGGER cached_answers_out AFTER DELETE ON cached_answers BEGIN
    UPDATE cached_size SET total = total - OLD.length;
END;

-- Counts the purges of a connector's answers: what was fetched before one is not stored after it.
CREATE TABLE cache_purges (
    connector_id  INTEGER PRIMARY KEY,
    purges        INTEGER NOT NULL
);
