-- +goose Up
-- The facts behind scores, as people read them, apart from the numbers: every score is computed again without
-- a sentence being read or written.
CREATE TABLE model_facts (
  model_id BIGINT NOT NULL PRIMARY KEY REFERENCES models (id),
  facts TEXT NOT NULL DEFAULT '{}'
);
INSERT INTO model_facts (model_id, facts) SELECT model_id, facts FROM model_scores;
ALTER TABLE model_scores DROP COLUMN facts;

-- What leadership counts is counted in an index, also where the database knows nothing of how values spread.
CREATE INDEX plans_due ON plans (state, review_by, model_id);
CREATE INDEX plans_ending ON plans (state, ends_on, model_id);
CREATE INDEX models_plan_stage ON models (plan_state, stage);
DROP INDEX plans_review_by;
DROP INDEX plans_end;
