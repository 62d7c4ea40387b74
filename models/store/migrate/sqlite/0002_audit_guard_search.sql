-- +goose Up
-- The audit trail only grows.
-- +goose StatementBegin
CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
BEGIN
  SELECT RAISE(ABORT, 'audit events are never changed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
BEGIN
  SELECT RAISE(ABORT, 'audit events are never deleted');
END;
-- +goose StatementEnd

-- Substring search over name, slug and purpose.
CREATE VIRTUAL TABLE models_search USING fts5 (name, slug, purpose, content='models', content_rowid='id', tokenize='trigram', detail='none');
-- +goose StatementBegin
CREATE TRIGGER models_search_insert AFTER INSERT ON models
BEGIN
  INSERT INTO models_search (rowid, name, slug, purpose) VALUES (new.id, new.name, new.slug, new.purpose);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER models_search_update AFTER UPDATE OF name, slug, purpose ON models
BEGIN
  INSERT INTO models_search (models_search, rowid, name, slug, purpose) VALUES ('delete', old.id, old.name, old.slug, old.purpose);
  INSERT INTO models_search (rowid, name, slug, purpose) VALUES (new.id, new.name, new.slug, new.purpose);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER models_search_delete AFTER DELETE ON models
BEGIN
  INSERT INTO models_search (models_search, rowid, name, slug, purpose) VALUES ('delete', old.id, old.name, old.slug, old.purpose);
END;
-- +goose StatementEnd
