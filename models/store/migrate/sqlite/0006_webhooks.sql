-- +goose Up
-- How far each channel has come with the audit trail, which is the outbox.
CREATE TABLE outbox_cursors (
  channel TEXT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  moved_at BIGINT NOT NULL
);

CREATE TABLE webhook_endpoints (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  url TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  types TEXT NOT NULL DEFAULT '[]',
  sealed TEXT NOT NULL DEFAULT '',
  sealed_previous TEXT NOT NULL DEFAULT '',
  previous_until BIGINT NOT NULL DEFAULT 0,
  enabled BOOLEAN NOT NULL DEFAULT TRUE,
  why TEXT NOT NULL DEFAULT '',
  failing_since BIGINT NOT NULL DEFAULT 0,
  last_at BIGINT NOT NULL DEFAULT 0,
  last_status BIGINT NOT NULL DEFAULT 0,
  last_took BIGINT NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  from_seq BIGINT NOT NULL,
  created_by BIGINT NULL REFERENCES people (id),
  created_at BIGINT NOT NULL,
  deleted_at BIGINT NOT NULL DEFAULT 0,
  revision BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX webhook_endpoints_kept ON webhook_endpoints (deleted_at, id);

CREATE TABLE webhook_deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  endpoint_id BIGINT NOT NULL REFERENCES webhook_endpoints (id),
  event_seq BIGINT NOT NULL,
  type TEXT NOT NULL,
  message_id TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  failures BIGINT NOT NULL DEFAULT 0,
  next_at BIGINT NOT NULL DEFAULT 0,
  last_at BIGINT NOT NULL DEFAULT 0,
  last_status BIGINT NOT NULL DEFAULT 0,
  last_took BIGINT NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  UNIQUE (endpoint_id, event_seq)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_at, id) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (endpoint_id, created_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_state ON webhook_deliveries (endpoint_id, state, id);
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at);

CREATE TABLE webhook_attempts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  delivery_id BIGINT NOT NULL REFERENCES webhook_deliveries (id),
  at BIGINT NOT NULL,
  status BIGINT NOT NULL DEFAULT 0,
  took BIGINT NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '',
  excerpt TEXT NOT NULL DEFAULT ''
);
CREATE INDEX webhook_attempts_delivery ON webhook_attempts (delivery_id, id);

-- When a recurring job last went well, for monitoring.
ALTER TABLE jobs ADD COLUMN last_ok_at BIGINT NOT NULL DEFAULT 0;
