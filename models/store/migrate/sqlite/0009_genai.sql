-- +goose Up
-- Prompts and evaluation suites as things of their own, and aliases that point at approved releases.
CREATE TABLE prompts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  team_id BIGINT NOT NULL REFERENCES teams (id),
  purpose TEXT NOT NULL DEFAULT '',
  versions BIGINT NOT NULL DEFAULT 0,
  revision BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX prompts_team ON prompts (team_id, name);

CREATE TABLE prompt_versions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  prompt_id BIGINT NOT NULL REFERENCES prompts (id),
  number BIGINT NOT NULL,
  repo TEXT NOT NULL DEFAULT '',
  path TEXT NOT NULL DEFAULT '',
  code_commit TEXT NOT NULL DEFAULT '',
  sha256 TEXT NOT NULL,
  text TEXT NOT NULL DEFAULT '',
  config TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  author_id BIGINT NULL REFERENCES people (id),
  created_at BIGINT NOT NULL,
  UNIQUE (prompt_id, number),
  UNIQUE (prompt_id, sha256)
);
CREATE INDEX prompt_versions_sha256 ON prompt_versions (sha256);

CREATE TABLE suites (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  team_id BIGINT NOT NULL REFERENCES teams (id),
  purpose TEXT NOT NULL DEFAULT '',
  versions BIGINT NOT NULL DEFAULT 0,
  revision BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX suites_team ON suites (team_id, name);

CREATE TABLE suite_versions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  suite_id BIGINT NOT NULL REFERENCES suites (id),
  label TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  repo TEXT NOT NULL DEFAULT '',
  path TEXT NOT NULL DEFAULT '',
  code_commit TEXT NOT NULL DEFAULT '',
  url TEXT NOT NULL DEFAULT '',
  thresholds TEXT NOT NULL DEFAULT '[]',
  note TEXT NOT NULL DEFAULT '',
  author_id BIGINT NULL REFERENCES people (id),
  created_at BIGINT NOT NULL,
  UNIQUE (suite_id, label),
  UNIQUE (suite_id, sha256)
);
CREATE INDEX suite_versions_sha256 ON suite_versions (sha256);

-- Which versions use a prompt or a suite, by its hash: a release holds both inside its facts.
CREATE TABLE release_uses (
  version_id BIGINT NOT NULL REFERENCES versions (id),
  part TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (version_id, part, sha256)
);
CREATE INDEX release_uses_sha256 ON release_uses (part, sha256, version_id);

INSERT INTO release_uses (version_id, part, sha256)
SELECT DISTINCT v.id, 'prompt', json_extract(p.value, '$.sha256') FROM versions v, json_each(v.built, '$.release.prompts') p
WHERE v.kind = 'genai' AND p.type = 'object' AND COALESCE(json_extract(p.value, '$.sha256'), '') <> '';
INSERT INTO release_uses (version_id, part, sha256)
SELECT v.id, 'suite', json_extract(v.built, '$.release.evaluation_suite.sha256') FROM versions v
WHERE v.kind = 'genai' AND COALESCE(json_extract(v.built, '$.release.evaluation_suite.sha256'), '') <> '';

CREATE INDEX evidence_suite ON evidence (suite_sha256, id) WHERE suite_sha256 <> '';

-- The hashes of a release's parts when evidence was recorded and when a verdict was given.
ALTER TABLE evidence ADD COLUMN parts TEXT NOT NULL DEFAULT '{}';
ALTER TABLE reviews ADD COLUMN parts TEXT NOT NULL DEFAULT '{}';

CREATE TABLE aliases (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  team_id BIGINT NOT NULL REFERENCES teams (id),
  purpose TEXT NOT NULL DEFAULT '',
  model_id BIGINT NULL REFERENCES models (id),
  version_id BIGINT NULL REFERENCES versions (id),
  since BIGINT NOT NULL DEFAULT 0,
  revision BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX aliases_team ON aliases (team_id, name);
CREATE INDEX aliases_version ON aliases (version_id) WHERE version_id IS NOT NULL;

CREATE TABLE alias_proposals (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  alias_id BIGINT NOT NULL REFERENCES aliases (id),
  from_version BIGINT NULL REFERENCES versions (id),
  to_model BIGINT NOT NULL REFERENCES models (id),
  to_version BIGINT NOT NULL REFERENCES versions (id),
  to_digest TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL,
  requester_id BIGINT NOT NULL REFERENCES people (id),
  opened_at BIGINT NOT NULL,
  decided_by BIGINT NULL REFERENCES people (id),
  decided_at BIGINT NOT NULL DEFAULT 0,
  decision TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX alias_proposals_one_open ON alias_proposals (alias_id) WHERE state = 'open';
CREATE INDEX alias_proposals_alias ON alias_proposals (alias_id, id);
