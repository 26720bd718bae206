-- +goose Up

-- What keeps a submission from being counted twice is a unique index. Over wave and key it
-- had 68 bytes a response, and every response wrote to a page of it that was another one
-- each time; over a hash of both it has 28. The table is written once, with its indexes.
ALTER TABLE responses ADD COLUMN submission_mark bytea;
ALTER TABLE responses
    DROP CONSTRAINT responses_submission_unique,
    ALTER COLUMN submission_mark TYPE bytea
        USING substr(sha256(decode(replace(wave_id::text, '-', ''), 'hex') || convert_to(submission_key, 'UTF8')), 1, 15),
    ALTER COLUMN submission_mark SET NOT NULL,
    ADD CONSTRAINT responses_mark_length CHECK (length(submission_mark) = 15);
CREATE UNIQUE INDEX responses_submission_unique ON responses (submission_mark);
