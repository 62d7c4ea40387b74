-- +goose Up
-- The facts behind scores, as people read them, apart from the numbers: every score is computed again without
-- a sentence being read or written.
CREATE TABLE model_facts (
  model_id BIGINT NOT NULL PRIMARY KEY REFERENCES models (id),
  facts TEXT NOT NULL DEFAULT '{}'
);
INSERT INTO model_facts (model_id, facts) SELECT model_id, facts FROM model_scores;
ALTER TABLE model_scores DROP COLUMN facts;
