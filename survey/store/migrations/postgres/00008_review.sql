-- +goose Up

-- Results of a wave that is held become final when they are released, those of any
-- other when it closes. released_at is set when that is no longer to be told from
-- the window.
ALTER TABLE waves ADD COLUMN held_at timestamptz;
ALTER TABLE waves ADD COLUMN released_at timestamptz;

-- removed counts the responses that were erased: a position is never given again.
-- revision grows with each change of what counts, so that every replica sees it.
ALTER TABLE wave_positions ADD COLUMN removed bigint NOT NULL DEFAULT 0;
ALTER TABLE wave_positions ADD COLUMN revision bigint NOT NULL DEFAULT 0;

-- Responses that do not count. late: decided when results had been released, so
-- that figures which people have seen do not change by it.
CREATE TABLE exclusions (
    wave_id uuid NOT NULL,
    response_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    reason text NOT NULL,
    words text NOT NULL,
    excluded_by text NOT NULL,
    excluded_at timestamptz NOT NULL,
    late integer NOT NULL,
    CONSTRAINT exclusions_pkey PRIMARY KEY (wave_id, response_id),
    CONSTRAINT exclusions_reason_known CHECK (reason IN ('careless', 'too_fast', 'duplicate', 'test', 'not_eligible', 'other')),
    CONSTRAINT exclusions_late_known CHECK (late IN (0, 1)),
    CONSTRAINT exclusions_wave FOREIGN KEY (wave_id) REFERENCES waves (id)
);
