-- +goose Up

-- The purpose of a study by language, as a JSON object; empty: in one wording only.
ALTER TABLE studies ADD COLUMN purposes text NOT NULL DEFAULT '';
