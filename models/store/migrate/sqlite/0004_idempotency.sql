-- +goose Up
-- Changes that callers of the API named with a key of their own, and how each was answered.
CREATE TABLE idempotency_keys (
  caller TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  state TEXT NOT NULL,
  reserved_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  status BIGINT NOT NULL DEFAULT 0,
  header TEXT NOT NULL DEFAULT '{}',
  body TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (reserved_at);
