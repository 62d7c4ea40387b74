-- +goose Up
-- Service tokens. The secret itself is nowhere: whoever holds it is found by its SHA-256.
CREATE TABLE tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id BIGINT NOT NULL REFERENCES people (id),
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  secret_hash TEXT NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  form_key TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL DEFAULT 0,
  last_used_from TEXT NOT NULL DEFAULT '',
  revoked_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX tokens_owner ON tokens (owner_id, id);
-- A form that is sent twice makes one token.
CREATE UNIQUE INDEX tokens_form ON tokens (owner_id, form_key) WHERE form_key <> '';

-- From which addresses a token was used on a day, so that the audit trail tells each once.
CREATE TABLE token_uses (
  day TEXT NOT NULL,
  token_id BIGINT NOT NULL REFERENCES tokens (id),
  address TEXT NOT NULL,
  PRIMARY KEY (day, token_id, address)
);

-- How much of a limit was given out in a window of time, to all replicas together.
CREATE TABLE rate_windows (
  window_start BIGINT NOT NULL,
  key TEXT NOT NULL,
  used BIGINT NOT NULL,
  PRIMARY KEY (window_start, key)
);
