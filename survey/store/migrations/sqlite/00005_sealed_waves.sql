-- +goose Up

-- The settings of a wave that are sealed when it opens. late_until is closes_at
-- and the hours for late drafts, so that one comparison decides. terms repeats
-- what may not change, for the foreign key of wave_seals: while a wave has its
-- seal the database refuses to change any of it. The program takes the seal of a
-- planned wave away and puts a new one; of an open wave it never does.
ALTER TABLE waves ADD COLUMN mode text NOT NULL DEFAULT 'confidential' CONSTRAINT waves_mode_known CHECK (mode IN ('confidential', 'anonymous'));
ALTER TABLE waves ADD COLUMN late_hours integer NOT NULL DEFAULT 0 CONSTRAINT waves_late_hours CHECK (late_hours BETWEEN 0 AND 336);
ALTER TABLE waves ADD COLUMN late_until timestamp;
ALTER TABLE waves ADD COLUMN seal_hash text NOT NULL DEFAULT '';
ALTER TABLE waves ADD COLUMN terms text NOT NULL GENERATED ALWAYS AS (CAST(study_id AS text) || ' ' || key || ' ' || instrument_hash || ' ' || coalesce(criteria_hash, '-') || ' ' || mode || ' ' || CAST(minimum_group AS text) || ' ' || CAST(late_hours AS text)) VIRTUAL;
UPDATE waves SET late_until = closes_at;
CREATE UNIQUE INDEX waves_sealed ON waves (id, seal_hash, opens_at, terms);

CREATE TABLE wave_seals (
    wave_id text NOT NULL,
    hash text NOT NULL,
    opens_at timestamp NOT NULL,
    terms text NOT NULL,
    document text NOT NULL,
    CONSTRAINT wave_seals_pkey PRIMARY KEY (wave_id),
    CONSTRAINT wave_seals_wave FOREIGN KEY (wave_id, hash, opens_at, terms) REFERENCES waves (id, seal_hash, opens_at, terms)
);

-- How many people are wanted. reference is the id of an organization or a team or
-- the key of a role; empty for the whole wave.
CREATE TABLE wave_targets (
    wave_id text NOT NULL,
    scope text NOT NULL,
    reference text NOT NULL,
    people integer NOT NULL,
    CONSTRAINT wave_targets_pkey PRIMARY KEY (wave_id, scope, reference),
    CONSTRAINT wave_targets_scope_known CHECK (scope IN ('wave', 'organization', 'team', 'role')),
    CONSTRAINT wave_targets_people_positive CHECK (people >= 1),
    CONSTRAINT wave_targets_wave FOREIGN KEY (wave_id) REFERENCES waves (id)
);

-- How the end of a wave has moved since it was sealed; rows are only added.
CREATE TABLE window_changes (
    wave_id text NOT NULL,
    n integer NOT NULL,
    kind text NOT NULL,
    changed_at timestamp NOT NULL,
    ended_at timestamp,
    ends_at timestamp NOT NULL,
    reason text NOT NULL,
    CONSTRAINT window_changes_pkey PRIMARY KEY (wave_id, n),
    CONSTRAINT window_changes_kind_known CHECK (kind IN ('extended', 'closed_early')),
    CONSTRAINT window_changes_wave FOREIGN KEY (wave_id) REFERENCES waves (id)
);

-- Links of drafts that were sent in an anonymous wave: they have done their work,
-- and no response says so.
CREATE TABLE spent_links (
    token_hash blob NOT NULL,
    wave_id text NOT NULL,
    organization_id text NOT NULL,
    CONSTRAINT spent_links_pkey PRIMARY KEY (token_hash),
    CONSTRAINT spent_links_length CHECK (length(token_hash) = 32)
);

-- lot is a random number of a response of an anonymous wave, null for others. Such
-- rows change their places with each other whenever one is added.
ALTER TABLE responses ADD COLUMN lot integer;
CREATE INDEX responses_by_lot ON responses (wave_id, organization_id, lot) WHERE lot IS NOT NULL;
