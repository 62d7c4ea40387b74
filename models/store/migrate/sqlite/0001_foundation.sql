-- +goose Up
-- Moments are milliseconds since 1970 in UTC, days are YYYY-MM-DD, structured facts are JSON text.
CREATE TABLE departments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL
);
CREATE TABLE teams (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  department_id BIGINT NOT NULL REFERENCES departments (id),
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  oidc_group TEXT NOT NULL DEFAULT ''
);
CREATE INDEX teams_department ON teams (department_id);
CREATE INDEX teams_group ON teams (oidc_group);
CREATE TABLE people (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  email TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL,
  roles TEXT NOT NULL DEFAULT '[]',
  team_ids TEXT NOT NULL DEFAULT '[]',
  disabled BOOLEAN NOT NULL DEFAULT FALSE,
  last_seen_at BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  UNIQUE (issuer, subject)
);
CREATE INDEX people_name ON people (name, id);
CREATE INDEX people_email ON people (email);
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_hash TEXT NOT NULL UNIQUE,
  person_id BIGINT NOT NULL REFERENCES people (id),
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  idle_end BIGINT NOT NULL,
  absolute_end BIGINT NOT NULL,
  checked_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL DEFAULT 0,
  user_agent TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT '',
  sealed TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sessions_person ON sessions (person_id, id);
CREATE INDEX sessions_end ON sessions (absolute_end);
CREATE TABLE models (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  purpose TEXT NOT NULL DEFAULT '',
  team_id BIGINT NULL REFERENCES teams (id),
  owner_id BIGINT NULL REFERENCES people (id),
  deputy_id BIGINT NULL REFERENCES people (id),
  tier BIGINT NOT NULL DEFAULT 0,
  stage TEXT NOT NULL,
  stage_rank BIGINT NOT NULL,
  sla TEXT NOT NULL DEFAULT '{}',
  deprecation_on TEXT NOT NULL DEFAULT '',
  consumers TEXT NOT NULL DEFAULT '[]',
  no_consumers_reason TEXT NOT NULL DEFAULT '',
  serving_version_id BIGINT NULL,
  plan_state TEXT NOT NULL DEFAULT '',
  reported_state TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '{}',
  revision BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX models_updated ON models (updated_at, id);
CREATE INDEX models_name ON models (name, id);
CREATE INDEX models_tier ON models (tier, updated_at, id);
CREATE INDEX models_stage ON models (stage, updated_at, id);
CREATE INDEX models_kind ON models (kind, updated_at, id);
CREATE INDEX models_team ON models (team_id, updated_at, id);
CREATE INDEX models_owner ON models (owner_id, updated_at, id);
CREATE INDEX models_deputy ON models (deputy_id, updated_at, id);
CREATE INDEX models_rank ON models (stage_rank, id);
CREATE INDEX models_tier_id ON models (tier, id);
CREATE INDEX models_deprecation ON models (deprecation_on) WHERE deprecation_on <> '';
CREATE INDEX models_plan ON models (plan_state, updated_at, id);
CREATE TABLE versions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model_id BIGINT NOT NULL REFERENCES models (id),
  label TEXT NOT NULL,
  kind TEXT NOT NULL,
  stage TEXT NOT NULL,
  summary TEXT NOT NULL DEFAULT '',
  built TEXT NOT NULL DEFAULT '{}',
  digest TEXT NOT NULL,
  vendor_host TEXT NOT NULL DEFAULT '',
  vendor_model TEXT NOT NULL DEFAULT '',
  author_id BIGINT NULL REFERENCES people (id),
  editors TEXT NOT NULL DEFAULT '[]',
  rollback_target TEXT NOT NULL DEFAULT '',
  rollout_plan TEXT NOT NULL DEFAULT '',
  monitoring TEXT NOT NULL DEFAULT '{}',
  stage_since BIGINT NOT NULL,
  served_since BIGINT NOT NULL DEFAULT 0,
  superseded_at BIGINT NOT NULL DEFAULT 0,
  rollback_until BIGINT NOT NULL DEFAULT 0,
  closed_reason TEXT NOT NULL DEFAULT '',
  revision BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (model_id, label)
);
CREATE INDEX versions_model ON versions (model_id, id);
CREATE UNIQUE INDEX versions_one_in_production ON versions (model_id) WHERE stage = 'production';
CREATE INDEX versions_lapse ON versions (rollback_until) WHERE rollback_until > 0;
CREATE INDEX versions_vendor ON versions (vendor_host, vendor_model);
CREATE TABLE evidence (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model_id BIGINT NOT NULL REFERENCES models (id),
  version_id BIGINT NOT NULL REFERENCES versions (id),
  version_digest TEXT NOT NULL,
  kind TEXT NOT NULL,
  outcome TEXT NOT NULL,
  metrics TEXT NOT NULL DEFAULT '[]',
  dataset_digest TEXT NOT NULL DEFAULT '',
  suite TEXT NOT NULL DEFAULT '',
  suite_sha256 TEXT NOT NULL DEFAULT '',
  url TEXT NOT NULL DEFAULT '',
  artifact_sha256 TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  expires_at BIGINT NOT NULL DEFAULT 0,
  recorded_by BIGINT NULL REFERENCES people (id),
  recorded_via TEXT NOT NULL DEFAULT 'session',
  recorded_at BIGINT NOT NULL,
  withdrawn BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX evidence_version ON evidence (version_id, id);
CREATE INDEX evidence_model ON evidence (model_id, id);
CREATE TABLE requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model_id BIGINT NOT NULL REFERENCES models (id),
  version_id BIGINT NOT NULL REFERENCES versions (id),
  from_stage TEXT NOT NULL,
  to_stage TEXT NOT NULL,
  move TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL,
  requester_id BIGINT NOT NULL REFERENCES people (id),
  editors TEXT NOT NULL DEFAULT '[]',
  opened_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  decided_at BIGINT NOT NULL DEFAULT 0,
  decided_by BIGINT NULL REFERENCES people (id),
  decision TEXT NOT NULL DEFAULT '',
  break_glass BOOLEAN NOT NULL DEFAULT FALSE,
  debt_due_at BIGINT NOT NULL DEFAULT 0,
  debt_settled_at BIGINT NOT NULL DEFAULT 0,
  policy_version TEXT NOT NULL DEFAULT '',
  digest TEXT NOT NULL DEFAULT '',
  decided_checks TEXT NOT NULL DEFAULT '[]',
  revision BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX requests_one_open ON requests (version_id) WHERE state = 'open';
CREATE INDEX requests_state ON requests (state, opened_at, id);
CREATE INDEX requests_opened ON requests (opened_at, id);
CREATE INDEX requests_requester ON requests (requester_id, opened_at, id);
CREATE INDEX requests_model ON requests (model_id, id);
CREATE INDEX requests_version ON requests (version_id, id);
CREATE INDEX requests_debt ON requests (debt_due_at) WHERE break_glass = TRUE AND debt_settled_at = 0;
CREATE TABLE reviews (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id BIGINT NOT NULL REFERENCES requests (id),
  reviewer_id BIGINT NOT NULL REFERENCES people (id),
  roles TEXT NOT NULL DEFAULT '[]',
  other_team BOOLEAN NOT NULL DEFAULT FALSE,
  verdict TEXT NOT NULL,
  comment TEXT NOT NULL DEFAULT '',
  digest TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX reviews_request ON reviews (request_id, id);
CREATE INDEX reviews_reviewer ON reviews (reviewer_id, id);
CREATE TABLE comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id BIGINT NOT NULL REFERENCES requests (id),
  person_id BIGINT NOT NULL REFERENCES people (id),
  text TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX comments_request ON comments (request_id, id);
CREATE TABLE waivers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model_id BIGINT NOT NULL REFERENCES models (id),
  version_id BIGINT NOT NULL REFERENCES versions (id),
  version_digest TEXT NOT NULL,
  check_key TEXT NOT NULL,
  reason TEXT NOT NULL,
  until TEXT NOT NULL,
  state TEXT NOT NULL,
  asked_by BIGINT NOT NULL REFERENCES people (id),
  asked_at BIGINT NOT NULL,
  decided_by BIGINT NULL REFERENCES people (id),
  decided_at BIGINT NOT NULL DEFAULT 0,
  answer TEXT NOT NULL DEFAULT '',
  revision BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX waivers_version ON waivers (version_id, id);
CREATE INDEX waivers_state ON waivers (state, id);
CREATE TABLE serving_records (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model_id BIGINT NOT NULL REFERENCES models (id),
  version_id BIGINT NOT NULL REFERENCES versions (id),
  since BIGINT NOT NULL,
  until BIGINT NOT NULL DEFAULT 0,
  request_id BIGINT NULL REFERENCES requests (id),
  how TEXT NOT NULL,
  approved_digest TEXT NOT NULL DEFAULT '',
  approved_by TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX serving_model ON serving_records (model_id, since);
CREATE UNIQUE INDEX serving_one_now ON serving_records (model_id) WHERE until = 0;
CREATE INDEX serving_since ON serving_records (since, id);
CREATE TABLE plans (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model_id BIGINT NOT NULL REFERENCES models (id),
  number BIGINT NOT NULL,
  state TEXT NOT NULL,
  body TEXT NOT NULL,
  facts TEXT NOT NULL DEFAULT '{}',
  author_id BIGINT NULL REFERENCES people (id),
  review_by TEXT NOT NULL DEFAULT '',
  ends_on TEXT NOT NULL DEFAULT '',
  submitted_at BIGINT NOT NULL DEFAULT 0,
  approved_at BIGINT NOT NULL DEFAULT 0,
  confirmed_at BIGINT NOT NULL DEFAULT 0,
  stale_since BIGINT NOT NULL DEFAULT 0,
  revision BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (model_id, number)
);
CREATE UNIQUE INDEX plans_one_in_force ON plans (model_id) WHERE state = 'approved';
CREATE INDEX plans_author ON plans (author_id, id);
CREATE INDEX plans_review_by ON plans (review_by) WHERE state = 'approved' AND review_by <> '';
CREATE INDEX plans_end ON plans (ends_on) WHERE state = 'approved';
CREATE INDEX plans_state ON plans (state, updated_at, id);
CREATE TABLE vendor_models (
  host TEXT NOT NULL,
  model_id TEXT NOT NULL,
  class TEXT NOT NULL,
  end_of_life TEXT NOT NULL DEFAULT '',
  successor TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  read_on TEXT NOT NULL DEFAULT '',
  conflict TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  revision BIGINT NOT NULL DEFAULT 1,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (host, model_id)
);
CREATE INDEX vendor_models_end ON vendor_models (end_of_life, host, model_id);
CREATE TABLE audit_events (
  seq BIGINT NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  actor_id BIGINT NOT NULL,
  actor TEXT NOT NULL,
  via TEXT NOT NULL,
  verb TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id BIGINT NOT NULL,
  subject_label TEXT NOT NULL,
  model_id BIGINT NOT NULL,
  before_json TEXT NOT NULL DEFAULT '',
  after_json TEXT NOT NULL DEFAULT '',
  request_id TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT '',
  prev_hash TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL UNIQUE
);
CREATE INDEX audit_model ON audit_events (model_id, seq);
CREATE INDEX audit_subject ON audit_events (subject_kind, subject_id, seq);
CREATE INDEX audit_actor ON audit_events (actor_id, seq);
CREATE INDEX audit_verb ON audit_events (verb, seq);
CREATE TABLE audit_head (
  id BIGINT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL,
  seal TEXT NOT NULL DEFAULT ''
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
CREATE TABLE blobs (
  sha256 TEXT NOT NULL PRIMARY KEY,
  size BIGINT NOT NULL,
  bytes BLOB NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE TABLE mappings (
  name TEXT NOT NULL PRIMARY KEY,
  inventory TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL,
  updated_by BIGINT NULL REFERENCES people (id),
  updated_at BIGINT NOT NULL
);
CREATE TABLE imports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  file_name TEXT NOT NULL,
  file_sha256 TEXT NOT NULL REFERENCES blobs (sha256),
  encoding TEXT NOT NULL DEFAULT '',
  delimiter TEXT NOT NULL DEFAULT '',
  mapping TEXT NOT NULL DEFAULT '{}',
  inventory TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,
  preview TEXT NOT NULL DEFAULT '{}',
  progress TEXT NOT NULL DEFAULT '{}',
  next_row BIGINT NOT NULL DEFAULT 0,
  started_by BIGINT NULL REFERENCES people (id),
  revision BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX imports_created ON imports (created_at, id);
CREATE INDEX imports_state ON imports (state, id);
CREATE UNIQUE INDEX imports_one_running ON imports (inventory) WHERE state = 'running';
CREATE TABLE import_rows (
  import_id BIGINT NOT NULL REFERENCES imports (id),
  row_no BIGINT NOT NULL,
  identity TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL,
  model_id BIGINT NULL REFERENCES models (id),
  changes TEXT NOT NULL DEFAULT '[]',
  problems TEXT NOT NULL DEFAULT '[]',
  kept BOOLEAN NOT NULL DEFAULT FALSE,
  warned BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (import_id, row_no)
);
CREATE INDEX import_rows_outcome ON import_rows (import_id, outcome, row_no);
CREATE INDEX import_rows_kept ON import_rows (import_id, row_no) WHERE kept;
CREATE INDEX import_rows_warned ON import_rows (import_id, row_no) WHERE warned;
CREATE INDEX import_rows_model ON import_rows (model_id);
CREATE TABLE imported_records (
  inventory TEXT NOT NULL,
  identity TEXT NOT NULL,
  model_id BIGINT NOT NULL REFERENCES models (id),
  digest TEXT NOT NULL,
  record TEXT NOT NULL,
  import_id BIGINT NOT NULL REFERENCES imports (id),
  row_no BIGINT NOT NULL,
  vanished_in BIGINT NULL REFERENCES imports (id),
  PRIMARY KEY (inventory, identity)
);
CREATE INDEX imported_records_model ON imported_records (model_id);
CREATE INDEX imported_records_import ON imported_records (inventory, import_id);
CREATE TABLE questions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  import_id BIGINT NOT NULL REFERENCES imports (id),
  inventory TEXT NOT NULL,
  identity TEXT NOT NULL,
  model_id BIGINT NOT NULL REFERENCES models (id),
  suggestion TEXT NOT NULL DEFAULT '{}',
  state TEXT NOT NULL,
  answer TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '{}',
  answered_by BIGINT NULL REFERENCES people (id),
  answered_at BIGINT NOT NULL DEFAULT 0,
  revision BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  UNIQUE (import_id, identity)
);
CREATE UNIQUE INDEX questions_one_open ON questions (inventory, identity) WHERE state = 'open';
CREATE INDEX questions_identity ON questions (inventory, identity);
CREATE INDEX questions_state ON questions (state, id);
CREATE INDEX questions_model ON questions (model_id, id);
CREATE TABLE jobs (
  name TEXT NOT NULL PRIMARY KEY,
  due_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL DEFAULT 0,
  lease_by TEXT NOT NULL DEFAULT '',
  epoch BIGINT NOT NULL DEFAULT 0,
  attempts BIGINT NOT NULL DEFAULT 0,
  last_ended_at BIGINT NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT ''
);
CREATE INDEX jobs_due ON jobs (due_at);
CREATE TABLE settings (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
