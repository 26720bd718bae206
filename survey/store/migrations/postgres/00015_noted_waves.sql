-- +goose Up

-- Up to when the openings and closes of waves that came by the clock stand in the
-- audit log; null: nobody has looked yet.
ALTER TABLE audit_head ADD COLUMN waves_until timestamptz;
