-- +goose Up
-- Mail that is to go out, and what became of it. A letter is put here in the transaction that gives the
-- reason for it: committed means it goes out. No payload holds what opens anything.
CREATE TABLE letters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  person_id BIGINT NULL REFERENCES people (id),
  address TEXT NOT NULL,
  model_id BIGINT NULL,
  event_seq BIGINT NOT NULL DEFAULT 0,
  payload TEXT NOT NULL DEFAULT '{}',
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  failures BIGINT NOT NULL DEFAULT 0,
  next_at BIGINT NOT NULL DEFAULT 0,
  claim TEXT NOT NULL DEFAULT '',
  claimed_until BIGINT NOT NULL DEFAULT 0,
  last_at BIGINT NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  sent_at BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);
CREATE INDEX letters_due ON letters (next_at, id) WHERE state = 'pending';
CREATE INDEX letters_state ON letters (state, id);
CREATE INDEX letters_kind ON letters (kind, id);
CREATE INDEX letters_state_kind ON letters (state, kind, id);
CREATE INDEX letters_model ON letters (model_id, id) WHERE model_id IS NOT NULL;
CREATE INDEX letters_age ON letters (created_at);

-- How the mail server does: one row, so that every replica waits when it is down.
CREATE TABLE mail_server (
  id BIGINT NOT NULL PRIMARY KEY,
  failing_since BIGINT NOT NULL DEFAULT 0,
  failures BIGINT NOT NULL DEFAULT 0,
  next_at BIGINT NOT NULL DEFAULT 0,
  last_ok_at BIGINT NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT ''
);
INSERT INTO mail_server (id) VALUES (1);

-- What people chose; a topic that is not here has its default.
CREATE TABLE notice_choices (
  person_id BIGINT NOT NULL REFERENCES people (id),
  topic TEXT NOT NULL,
  choice TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (person_id, topic)
);

-- What waits for somebody's next daily digest.
CREATE TABLE digest_items (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person_id BIGINT NOT NULL REFERENCES people (id),
  event_seq BIGINT NOT NULL,
  payload TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (person_id, event_seq)
);
CREATE INDEX digest_items_age ON digest_items (created_at);

-- Mail begins with what happens from now on: nobody is told of years past.
INSERT INTO outbox_cursors (channel, seq, moved_at)
SELECT 'mail', COALESCE((SELECT seq FROM audit_head WHERE id = 1), 0), 0;
