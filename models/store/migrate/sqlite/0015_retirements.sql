-- +goose Up
-- Workflows: a model's retirement, the superseding of a version, the rehearsal of a plan. What only the
-- rules ask lies in body; what lists and jobs ask has columns of its own.
CREATE TABLE retirements (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model_id BIGINT NOT NULL REFERENCES models (id),
  version_id BIGINT NULL REFERENCES versions (id),
  number BIGINT NOT NULL,
  kind TEXT NOT NULL,
  phase TEXT NOT NULL,
  is_open BOOLEAN NOT NULL,
  cause TEXT NOT NULL,
  ends_on TEXT NOT NULL DEFAULT '',
  debt_due_at BIGINT NOT NULL DEFAULT 0,
  tick_at BIGINT NOT NULL DEFAULT 0,
  phase_since BIGINT NOT NULL,
  moved_at BIGINT NOT NULL DEFAULT 0,
  sealed_at BIGINT NOT NULL DEFAULT 0,
  watch_from BIGINT NOT NULL DEFAULT 0,
  certificate TEXT NOT NULL DEFAULT '',
  finished_at BIGINT NOT NULL DEFAULT 0,
  body TEXT NOT NULL,
  revision BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (model_id, number)
);
CREATE UNIQUE INDEX retirements_running ON retirements (model_id) WHERE is_open AND kind <> 'superseding';
CREATE UNIQUE INDEX retirements_superseding ON retirements (version_id) WHERE is_open AND kind = 'superseding';
CREATE INDEX retirements_board ON retirements (kind, is_open, phase, ends_on, id);
CREATE INDEX retirements_finished ON retirements (kind, is_open, finished_at, id);
CREATE INDEX retirements_tick ON retirements (tick_at) WHERE tick_at > 0;
CREATE INDEX retirements_version ON retirements (version_id, id);
CREATE INDEX retirements_moved ON retirements (moved_at, model_id) WHERE kind = 'retirement' AND moved_at > 0;
CREATE INDEX retirements_uncertified ON retirements (id) WHERE phase = 'retired' AND kind = 'retirement' AND certificate = '';
CREATE INDEX retirements_debts ON retirements (debt_due_at) WHERE debt_due_at > 0;
CREATE INDEX retirements_watched ON retirements (version_id, watch_from) WHERE kind = 'retirement' AND sealed_at > 0;

-- How far a model's retirement is, for lists; '' when none runs.
ALTER TABLE models ADD COLUMN retirement_phase TEXT NOT NULL DEFAULT '';

