-- +goose Up
-- When what a version is made of last changed: a plan confirmed before that was confirmed for something else.
ALTER TABLE versions ADD COLUMN built_at BIGINT NOT NULL DEFAULT 0;
UPDATE versions SET built_at = created_at;
