-- +goose Up
-- What machines report of models. Counts are many and small: no foreign keys, no row ids, one key to add up by.
CREATE TABLE stamp_counts (
  model_id BIGINT NOT NULL,
  bucket BIGINT NOT NULL,
  version_id BIGINT NOT NULL DEFAULT 0,
  known BOOLEAN NOT NULL,
  app TEXT NOT NULL,
  prompt TEXT NOT NULL DEFAULT '',
  requested_id TEXT NOT NULL DEFAULT '',
  served_id TEXT NOT NULL DEFAULT '',
  n BIGINT NOT NULL,
  PRIMARY KEY (model_id, bucket, version_id, known, app, prompt, requested_id, served_id)
) WITHOUT ROWID;
CREATE INDEX stamp_counts_version ON stamp_counts (version_id, bucket);
CREATE INDEX stamp_counts_app ON stamp_counts (app, bucket);

-- The same by model and day, so that a page reads thirty rows and not thousands.
CREATE TABLE stamp_days (
  model_id BIGINT NOT NULL,
  on_day TEXT NOT NULL,
  total BIGINT NOT NULL,
  known BIGINT NOT NULL,
  last_bucket BIGINT NOT NULL,
  PRIMARY KEY (model_id, on_day)
) WITHOUT ROWID;
CREATE INDEX stamp_days_gaps ON stamp_days (on_day) WHERE known < total;

-- Which calls have been counted: bit i of done is part i of the call.
CREATE TABLE stamp_calls (
  key_hash TEXT NOT NULL PRIMARY KEY,
  body_sha256 TEXT NOT NULL,
  done BIGINT NOT NULL,
  at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX stamp_calls_at ON stamp_calls (at);

CREATE TABLE unknown_stamps (
  stamp TEXT NOT NULL,
  app TEXT NOT NULL,
  model_id BIGINT NOT NULL DEFAULT 0,
  n BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (stamp, app)
) WITHOUT ROWID;
CREATE INDEX unknown_stamps_last ON unknown_stamps (last_at, stamp, app);
CREATE INDEX unknown_stamps_model ON unknown_stamps (model_id, last_at) WHERE model_id > 0;

CREATE TABLE zombie_sightings (
  version_id BIGINT NOT NULL,
  on_day TEXT NOT NULL,
  app TEXT NOT NULL,
  model_id BIGINT NOT NULL,
  n BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (version_id, on_day, app)
) WITHOUT ROWID;
CREATE INDEX zombie_sightings_model ON zombie_sightings (model_id, on_day);
CREATE INDEX zombie_sightings_day ON zombie_sightings (on_day, last_at);

CREATE TABLE monitoring_reports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model_id BIGINT NOT NULL,
  metric TEXT NOT NULL,
  source TEXT NOT NULL,
  window_start BIGINT NOT NULL,
  window_end BIGINT NOT NULL,
  value DOUBLE PRECISION NOT NULL,
  threshold DOUBLE PRECISION NULL,
  operator TEXT NOT NULL DEFAULT '',
  limit_value DOUBLE PRECISION NULL,
  limit_operator TEXT NOT NULL DEFAULT '',
  limit_from TEXT NOT NULL DEFAULT '',
  breach BOOLEAN NOT NULL DEFAULT FALSE,
  recorded_by BIGINT NULL,
  received_at BIGINT NOT NULL,
  UNIQUE (model_id, metric, source, window_start, window_end)
);
CREATE INDEX monitoring_reports_model ON monitoring_reports (model_id, window_end, id);
CREATE INDEX monitoring_reports_metric ON monitoring_reports (model_id, metric, window_end);
CREATE INDEX monitoring_reports_breach ON monitoring_reports (model_id, window_end) WHERE breach;

-- How each model's replacement criterion stands on what was reported.
CREATE TABLE criterion_states (
  model_id BIGINT NOT NULL PRIMARY KEY,
  plan_id BIGINT NOT NULL,
  criterion TEXT NOT NULL,
  met_at BIGINT NOT NULL DEFAULT 0,
  evaluated_at BIGINT NOT NULL,
  standing TEXT NOT NULL DEFAULT '{}'
);
