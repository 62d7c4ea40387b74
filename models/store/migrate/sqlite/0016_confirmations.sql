-- +goose Up
-- What owners and deputies said of their entries, by quarter. Answers are added and never changed.
CREATE TABLE confirmations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model_id BIGINT NOT NULL REFERENCES models (id),
  quarter TEXT NOT NULL,
  number BIGINT NOT NULL,
  reply TEXT NOT NULL,
  what TEXT NOT NULL DEFAULT '',
  digest TEXT NOT NULL,
  person_id BIGINT NOT NULL REFERENCES people (id),
  at BIGINT NOT NULL,
  UNIQUE (quarter, model_id, number)
);
CREATE INDEX confirmations_person ON confirmations (person_id, id);
-- +goose StatementBegin
CREATE TRIGGER confirmations_no_update BEFORE UPDATE ON confirmations
BEGIN
  SELECT RAISE(ABORT, 'confirmations are never changed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER confirmations_no_delete BEFORE DELETE ON confirmations
BEGIN
  SELECT RAISE(ABORT, 'confirmations are never deleted');
END;
-- +goose StatementEnd

-- Quarters for which people were asked, and reminded.
CREATE TABLE confirmation_rounds (
  quarter TEXT NOT NULL PRIMARY KEY,
  asked_at BIGINT NOT NULL,
  reminded_at BIGINT NOT NULL DEFAULT 0
);

-- What lists of the quarter that runs ask of a model: the last quarter in which the latest answer confirmed
-- it, and the last in which it did not; '' for none.
ALTER TABLE models ADD COLUMN confirmed_quarter TEXT NOT NULL DEFAULT '';
ALTER TABLE models ADD COLUMN disputed_quarter TEXT NOT NULL DEFAULT '';
CREATE INDEX models_confirmed ON models (confirmed_quarter, created_at) WHERE stage <> 'retired';
