-- +goose Up
-- What serves now, by model name: a page of it is a walk along this index, however many models there are.
CREATE INDEX models_serving_name ON models (name, id) WHERE serving_version_id IS NOT NULL;
CREATE INDEX models_serving_team ON models (team_id, name, id) WHERE serving_version_id IS NOT NULL;
