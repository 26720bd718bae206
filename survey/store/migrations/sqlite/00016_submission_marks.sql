-- +goose Up

-- What keeps a submission from being counted twice is a unique index. Over wave and key it
-- had 80 bytes a response, most of them the id of the wave again and again, and every
-- response wrote to a page of it that was another one each time; over a hash of both it
-- has 22. salesbench_mark is a function of the program. SQLite changes no constraint in
-- place: the table is made anew and takes over the rows, the indexes follow in their order.
DROP VIEW answers;

DROP INDEX responses_invitation_unique;
DROP INDEX responses_by_resume;
DROP INDEX responses_by_lot;
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
    lot integer,
    submission_mark blob NOT NULL,
    CONSTRAINT responses_pkey PRIMARY KEY (wave_id, position),
    CONSTRAINT responses_submission_not_blank CHECK (submission_key <> ''),
    CONSTRAINT responses_mark_length CHECK (length(submission_mark) = 15),
    CONSTRAINT responses_digest_length CHECK (length(submission_digest) = 32),
    CONSTRAINT responses_position_positive CHECK (position >= 1),
    CONSTRAINT responses_weight_positive CHECK (weight > 0)
);
INSERT INTO responses (wave_id, id, position, organization_id, team_id, invitation_id, resume_hash, role, language, closed,
    numbers, texts, seconds, weight, started_at, submitted_at, submission_key, submission_digest,
    receipt_code, lot, submission_mark)
SELECT wave_id, id, position, organization_id, team_id, invitation_id, resume_hash, role, language, closed,
    numbers, texts, seconds, weight, started_at, submitted_at, submission_key, submission_digest,
    receipt_code, lot, salesbench_mark(wave_id, submission_key)
FROM responses_before ORDER BY wave_id, position;
DROP TABLE responses_before;
CREATE UNIQUE INDEX responses_submission_unique ON responses (submission_mark);
CREATE UNIQUE INDEX responses_invitation_unique ON responses (wave_id, invitation_id) WHERE invitation_id IS NOT NULL;
CREATE INDEX responses_by_resume ON responses (resume_hash) WHERE resume_hash IS NOT NULL;
CREATE INDEX responses_by_lot ON responses (wave_id, organization_id, lot) WHERE lot IS NOT NULL;

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
