-- +goose Up
-- The audit trail only grows.
-- +goose StatementBegin
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit events are never changed or deleted';
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_events_no_update BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- Substring search over name, slug and purpose.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX models_search ON models USING gin ((lower(name || ' ' || slug || ' ' || purpose)) gin_trgm_ops);
