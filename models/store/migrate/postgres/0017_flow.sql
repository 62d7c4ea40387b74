-- +goose Up
-- The three flow figures of teams, departments and the organisation by quarter. scope_id 0 of a team holds
-- what has no team. Quarters that are over stay as they were counted.
CREATE TABLE flow_quarters (
  scope TEXT NOT NULL,
  scope_id BIGINT NOT NULL,
  quarter TEXT NOT NULL,
  figures TEXT NOT NULL,
  counted_at BIGINT NOT NULL,
  PRIMARY KEY (quarter, scope, scope_id)
);
CREATE INDEX flow_quarters_of ON flow_quarters (scope, scope_id, quarter);

CREATE INDEX versions_served ON versions (served_since) WHERE served_since > 0;
CREATE INDEX requests_broken ON requests (debt_due_at) WHERE break_glass = TRUE;
CREATE INDEX models_reported ON models (reported_state, created_at) WHERE reported_state <> '';
