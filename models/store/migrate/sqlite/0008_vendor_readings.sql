-- +goose Up
-- The catalogue finds a model by its key, which several spellings share: regions, gateways, fine-tunes.
ALTER TABLE vendor_models ADD COLUMN key TEXT NOT NULL DEFAULT '';
-- When class or end of life last became another, 0 when they never did.
ALTER TABLE vendor_models ADD COLUMN facts_at BIGINT NOT NULL DEFAULT 0;
UPDATE vendor_models SET key = LOWER(model_id);
CREATE UNIQUE INDEX vendor_models_key ON vendor_models (host, key);

-- What each source said of a model. The rows of vendor_models are settled from those that count.
CREATE TABLE vendor_readings (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  host TEXT NOT NULL,
  key TEXT NOT NULL,
  model_id TEXT NOT NULL,
  class TEXT NOT NULL,
  end_of_life TEXT NOT NULL DEFAULT '',
  successor TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  read_on TEXT NOT NULL DEFAULT '',
  first_read_on TEXT NOT NULL DEFAULT '',
  times BIGINT NOT NULL DEFAULT 1,
  conflict TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,
  via TEXT NOT NULL,
  corrects BOOLEAN NOT NULL DEFAULT FALSE,
  set_aside_by BIGINT NOT NULL DEFAULT 0,
  by_id BIGINT NULL REFERENCES people (id),
  by_name TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  decided_by BIGINT NULL REFERENCES people (id),
  decider TEXT NOT NULL DEFAULT '',
  decided_at BIGINT NOT NULL DEFAULT 0,
  answer TEXT NOT NULL DEFAULT '',
  revision BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX vendor_readings_model ON vendor_readings (host, key, id);
CREATE INDEX vendor_readings_proposed ON vendor_readings (id) WHERE state = 'proposed';
INSERT INTO vendor_readings (host, key, model_id, class, end_of_life, successor, source, read_on, first_read_on, conflict, note, state, via, at)
  SELECT host, key, model_id, class, end_of_life, successor, source, read_on, read_on, conflict, note, 'counted', 'import', updated_at FROM vendor_models;

-- Which ids versions name, each once, and under which key the catalogue has them. class is what the id
-- alone tells, so that a list can be narrowed by it.
CREATE TABLE vendor_uses (
  host TEXT NOT NULL,
  model_id TEXT NOT NULL,
  catalogue_host TEXT NOT NULL,
  key TEXT NOT NULL,
  class TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (host, model_id)
);
CREATE INDEX vendor_uses_key ON vendor_uses (catalogue_host, key);
INSERT INTO vendor_uses (host, model_id, catalogue_host, key)
  SELECT DISTINCT vendor_host, vendor_model, vendor_host, LOWER(vendor_model) FROM versions WHERE vendor_model <> '';
CREATE INDEX versions_vendor_stage ON versions (vendor_host, vendor_model, stage, id);
DROP INDEX versions_vendor;

-- Which end of a vendor's model an owner was told of, once for each model and date.
CREATE TABLE vendor_alerts (
  model_id BIGINT NOT NULL REFERENCES models (id),
  end_of_life TEXT NOT NULL,
  version_id BIGINT NOT NULL,
  host TEXT NOT NULL,
  vendor_model TEXT NOT NULL,
  latest_start TEXT NOT NULL,
  raised_at BIGINT NOT NULL,
  PRIMARY KEY (model_id, end_of_life)
);
