-- +goose Up
-- Days of a plan that lists are ordered by. The latest start is computed from the plan, the vendor's end, the
-- policy and the team's past cutovers; the nightly check keeps it.
ALTER TABLE plans ADD COLUMN trigger_on TEXT NOT NULL DEFAULT '';
ALTER TABLE plans ADD COLUMN latest_start TEXT NOT NULL DEFAULT '';
UPDATE plans SET trigger_on = COALESCE(json_extract(body, '$.trigger.date'), '');
CREATE INDEX plans_trigger ON plans (trigger_on, model_id) WHERE state = 'approved' AND trigger_on <> '';
CREATE INDEX plans_latest_start ON plans (latest_start, model_id) WHERE state = 'approved' AND latest_start <> '';

-- Models in production that nobody is declared to use, by name.
CREATE INDEX models_unclaimed ON models (name, id) WHERE serving_version_id IS NOT NULL AND consumers IN ('[]', 'null');

-- Prefilled plans that the organisation edits. Each change is a number of its own; what ships with Sundial is
-- number 1 and stands in no row.
CREATE TABLE plan_templates (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  slug TEXT NOT NULL,
  number BIGINT NOT NULL,
  state TEXT NOT NULL,
  content TEXT NOT NULL,
  changed TEXT NOT NULL DEFAULT '',
  by_id BIGINT NULL REFERENCES people (id),
  by_name TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  UNIQUE (slug, number)
);
