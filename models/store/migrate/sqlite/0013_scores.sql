-- +goose Up
-- Every how many days a team says that it retrains a model; 0 while it has not said.
ALTER TABLE models ADD COLUMN retraining_days BIGINT NOT NULL DEFAULT 0;

-- Who reported what a version is made of: session, or token:NAME and other machines.
ALTER TABLE versions ADD COLUMN built_via TEXT NOT NULL DEFAULT 'session';
UPDATE versions SET built_via = COALESCE((SELECT e.via FROM audit_events e WHERE e.subject_kind = 'version' AND e.subject_id = versions.id
  AND e.verb IN ('version.added', 'version.edited') AND e.at >= versions.built_at ORDER BY e.seq LIMIT 1), 'session');

-- The team of whoever reported a stamp that nobody knows, 0 where that is no single one.
ALTER TABLE unknown_stamps ADD COLUMN team_id BIGINT NOT NULL DEFAULT 0;

-- Every model's score as it is now. compact is what it is computed from, facts the same for people.
CREATE TABLE model_scores (
  model_id BIGINT NOT NULL PRIMARY KEY REFERENCES models (id),
  team_id BIGINT NOT NULL DEFAULT 0,
  phase TEXT NOT NULL,
  risk_tier BIGINT NOT NULL DEFAULT 0,
  rules TEXT NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  raw DOUBLE PRECISION NOT NULL,
  cap BIGINT NOT NULL,
  tier TEXT NOT NULL,
  earned DOUBLE PRECISION NOT NULL DEFAULT 0,
  attested DOUBLE PRECISION NOT NULL DEFAULT 0,
  sections TEXT NOT NULL DEFAULT '[]',
  compact TEXT NOT NULL,
  facts TEXT NOT NULL DEFAULT '{}',
  changes_at BIGINT NOT NULL DEFAULT 0,
  read_at BIGINT NOT NULL,
  scored_at BIGINT NOT NULL
);
CREATE INDEX model_scores_team ON model_scores (team_id, model_id);
CREATE INDEX model_scores_changes ON model_scores (changes_at) WHERE changes_at > 0;

-- The same by day: a day has a row where something changed on it, and is never rewritten later.
CREATE TABLE model_score_days (
  model_id BIGINT NOT NULL,
  on_day TEXT NOT NULL,
  rules TEXT NOT NULL,
  phase TEXT NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  raw DOUBLE PRECISION NOT NULL,
  cap BIGINT NOT NULL,
  tier TEXT NOT NULL,
  lines TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (model_id, on_day)
);

-- Teams, departments and the organisation, now and by day. scope_id 0 of a team holds what has no team.
CREATE TABLE group_scores (
  scope TEXT NOT NULL,
  scope_id BIGINT NOT NULL,
  rules TEXT NOT NULL,
  score DOUBLE PRECISION NULL,
  tier TEXT NOT NULL DEFAULT '',
  models BIGINT NOT NULL DEFAULT 0,
  rollup TEXT NOT NULL,
  scored_at BIGINT NOT NULL,
  PRIMARY KEY (scope, scope_id)
);
CREATE TABLE group_score_days (
  scope TEXT NOT NULL,
  scope_id BIGINT NOT NULL,
  on_day TEXT NOT NULL,
  rules TEXT NOT NULL,
  score DOUBLE PRECISION NULL,
  tier TEXT NOT NULL DEFAULT '',
  models BIGINT NOT NULL DEFAULT 0,
  rollup TEXT NOT NULL,
  PRIMARY KEY (scope, scope_id, on_day)
);
CREATE INDEX group_score_days_day ON group_score_days (on_day, scope);

-- Models of which a fact changed since they were scored. n counts the changes, so that one that comes while
-- a score is computed is not forgotten.
CREATE TABLE score_marks (
  model_id BIGINT NOT NULL PRIMARY KEY,
  n BIGINT NOT NULL DEFAULT 1
);
INSERT INTO score_marks (model_id) SELECT id FROM models;

CREATE INDEX requests_decided ON requests (model_id, decided_at);
CREATE INDEX zombie_sightings_seen ON zombie_sightings (model_id, last_at);
CREATE INDEX unknown_stamps_team ON unknown_stamps (team_id, last_at) WHERE model_id = 0;
