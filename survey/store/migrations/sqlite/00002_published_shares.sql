-- +goose Up

-- The benchmark row that a source of aggregates publishes itself, by measure: it
-- is no organization and stands beside the medians computed from them.
CREATE TABLE published_shares (
    wave_id text NOT NULL,
    measure text NOT NULL,
    share real NOT NULL,
    CONSTRAINT published_shares_pkey PRIMARY KEY (wave_id, measure),
    CONSTRAINT published_shares_measure_not_blank CHECK (measure <> ''),
    CONSTRAINT published_shares_share_in_range CHECK (share >= 0 AND share <= 1),
    CONSTRAINT published_shares_wave FOREIGN KEY (wave_id) REFERENCES waves (id)
);
