-- +goose Up

-- What a response costs is its indexes and foreign keys. Two indexes stay that
-- every response is in: positions, in the order in which rows are added, and
-- submission keys, which keep anything from being counted twice. The places that
-- a response names are checked by the program in the same transaction; waves,
-- organizations and teams are never removed. `salesbench doctor` looks for
-- responses whose place does not exist. SQLite changes no constraint in place:
-- each table is made anew and takes over the rows.
DROP VIEW answers;

DROP INDEX responses_invitation_unique;
DROP INDEX responses_by_resume;
ALTER TABLE responses RENAME TO responses_before;
CREATE TABLE responses (
    wave_id text NOT NULL,
    id text NOT NULL,
    position integer NOT NULL,
    organization_id text NOT NULL,
    team_id text,
    invitation_id text,
    resume_hash blob,
    role text NOT NULL,
    language text NOT NULL,
    closed text NOT NULL,
    numbers text NOT NULL,
    texts text NOT NULL,
    seconds text,
    weight real NOT NULL,
    started_at timestamp NOT NULL,
    submitted_at timestamp NOT NULL,
    submission_key text NOT NULL,
    submission_digest blob NOT NULL,
    receipt_code text,
    CONSTRAINT responses_pkey PRIMARY KEY (wave_id, position),
    CONSTRAINT responses_submission_unique UNIQUE (wave_id, submission_key),
    CONSTRAINT responses_submission_not_blank CHECK (submission_key <> ''),
    CONSTRAINT responses_digest_length CHECK (length(submission_digest) = 32),
    CONSTRAINT responses_position_positive CHECK (position >= 1),
    CONSTRAINT responses_weight_positive CHECK (weight > 0)
);
INSERT INTO responses (wave_id, id, position, organization_id, team_id, invitation_id, resume_hash, role, language, closed,
    numbers, texts, seconds, weight, started_at, submitted_at, submission_key, submission_digest,
    receipt_code)
SELECT wave_id, id, position, organization_id, team_id, invitation_id, resume_hash, role, language, closed,
    numbers, texts, seconds, weight, started_at, submitted_at, submission_key, submission_digest,
    receipt_code
FROM responses_before ORDER BY wave_id, position;
DROP TABLE responses_before;
CREATE UNIQUE INDEX responses_invitation_unique ON responses (wave_id, invitation_id) WHERE invitation_id IS NOT NULL;
CREATE INDEX responses_by_resume ON responses (resume_hash) WHERE resume_hash IS NOT NULL;

ALTER TABLE drafts RENAME TO drafts_before;
CREATE TABLE drafts (
    id text NOT NULL,
    wave_id text NOT NULL,
    organization_id text NOT NULL,
    team_id text,
    invitation_id text,
    resume_hash blob,
    role text NOT NULL,
    language text NOT NULL,
    closed text NOT NULL,
    numbers text NOT NULL,
    texts text NOT NULL,
    seconds text,
    version integer NOT NULL,
    started_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT drafts_pkey PRIMARY KEY (id),
    CONSTRAINT drafts_invitation_unique UNIQUE (invitation_id),
    CONSTRAINT drafts_resume_unique UNIQUE (resume_hash),
    CONSTRAINT drafts_can_be_resumed CHECK (invitation_id IS NOT NULL OR resume_hash IS NOT NULL),
    CONSTRAINT drafts_resume_length CHECK (resume_hash IS NULL OR length(resume_hash) = 32),
    CONSTRAINT drafts_version_positive CHECK (version >= 1)
);
INSERT INTO drafts (id, wave_id, organization_id, team_id, invitation_id, resume_hash, role, language, closed, numbers,
    texts, seconds, version, started_at, updated_at)
SELECT id, wave_id, organization_id, team_id, invitation_id, resume_hash, role, language, closed, numbers,
    texts, seconds, version, started_at, updated_at
FROM drafts_before;
DROP TABLE drafts_before;

-- window_revision grows with each change of the window, so that a transaction
-- which has looked at an older one finds no row to add its responses to.
ALTER TABLE wave_positions RENAME TO wave_positions_before;
CREATE TABLE wave_positions (
    wave_id text NOT NULL,
    position integer NOT NULL,
    window_revision integer NOT NULL,
    CONSTRAINT wave_positions_pkey PRIMARY KEY (wave_id),
    CONSTRAINT wave_positions_wave FOREIGN KEY (wave_id) REFERENCES waves (id),
    CONSTRAINT wave_positions_not_negative CHECK (position >= 0)
);
INSERT INTO wave_positions (wave_id, position, window_revision) SELECT wave_id, position, 0 FROM wave_positions_before;
DROP TABLE wave_positions_before;

-- The view as it was; a view can not stay while its table is renamed.
CREATE VIEW answers AS
SELECT m.wave_id, m.response_id, m.organization_id, m.team_id, m.role, m.language, m.weight, m.submitted_at,
    m.position, m.item, m.kind,
    CASE m.mark
        WHEN '.' THEN 'not_shown'
        WHEN '-' THEN 'skipped'
        WHEN '*' THEN 'dont_know'
        WHEN '/' THEN 'not_applicable'
        WHEN '!' THEN 'refused'
        ELSE 'valid'
    END AS state,
    CASE WHEN m.kind IN ('likert', 'single_choice') AND m.mark NOT IN ('.', '-', '*', '/', '!')
        THEN unicode(m.mark) - 48 END AS value,
    CASE WHEN m.kind IN ('number', 'allocation') AND m.mark NOT IN ('.', '-', '*', '/', '!')
        THEN CAST(m.mark AS real) END AS number,
    CASE WHEN m.kind = 'text_long' AND m.mark = 'valid'
        THEN m.texts ->> m.item END AS text
FROM (
    SELECT r.wave_id, r.id AS response_id, r.organization_id, r.team_id, r.role, r.language, r.weight, r.submitted_at,
        f.position, f.key AS item, f.kind, r.texts,
        CASE
            WHEN f.kind IN ('likert', 'single_choice') THEN substr(r.closed, f.slot, 1)
            WHEN f.kind IN ('number', 'allocation') THEN r.numbers ->> (f.slot - 1)
            WHEN json_type(r.texts -> f.key) IS NULL THEN '.'
            WHEN json_type(r.texts -> f.key) = 'array' THEN r.texts -> f.key ->> 0
            ELSE 'valid'
        END AS mark
    FROM responses r
    JOIN waves w ON w.id = r.wave_id
    JOIN instrument_fields f ON f.instrument_hash = w.instrument_hash
) m;
