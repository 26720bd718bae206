-- +goose Up

-- What a response costs is its indexes and foreign keys. Two indexes stay that
-- every response is in: positions, in the order in which rows are added, and
-- submission keys, which keep anything from being counted twice. The places that
-- a response names are checked by the program in the same transaction; waves,
-- organizations and teams are never removed. `salesbench doctor` looks for
-- responses whose place does not exist.
ALTER TABLE responses
    DROP CONSTRAINT responses_pkey,
    DROP CONSTRAINT responses_position_unique,
    DROP CONSTRAINT responses_receipt_unique,
    DROP CONSTRAINT responses_wave,
    DROP CONSTRAINT responses_organization,
    DROP CONSTRAINT responses_team,
    DROP CONSTRAINT responses_invitation;
ALTER TABLE responses ADD CONSTRAINT responses_pkey PRIMARY KEY (wave_id, position);

ALTER TABLE drafts
    DROP CONSTRAINT drafts_wave,
    DROP CONSTRAINT drafts_organization,
    DROP CONSTRAINT drafts_team,
    DROP CONSTRAINT drafts_invitation;
-- A saved draft finds room beside its older version, and no index changes.
ALTER TABLE drafts SET (fillfactor = 60);

-- Grows with each change of the window, so that a transaction which has looked
-- at an older window finds no row to add its responses to.
ALTER TABLE wave_positions ADD COLUMN window_revision bigint NOT NULL DEFAULT 0;
ALTER TABLE wave_positions ALTER COLUMN window_revision DROP DEFAULT;
