-- +goose Up

-- The time zone in which somebody with an account reads and types moments; empty:
-- not chosen yet.
ALTER TABLE users ADD COLUMN zone text NOT NULL DEFAULT '';
-- The time zone in which mails and pages without scripts tell respondents a moment.
ALTER TABLE waves ADD COLUMN zone text NOT NULL DEFAULT 'UTC';
-- The name that mail about a study comes from; empty: that of the installation, or
-- the title.
ALTER TABLE studies ADD COLUMN sender text NOT NULL DEFAULT '';
