-- +goose Up

-- For how many days after the end of a wave a study keeps what it has collected;
-- 0: for as long as nobody removes it. A study without a row keeps everything.
CREATE TABLE retention (
    study_id uuid NOT NULL,
    identity_days integer NOT NULL,
    draft_days integer NOT NULL,
    response_days integer NOT NULL,
    CONSTRAINT retention_pkey PRIMARY KEY (study_id),
    CONSTRAINT retention_not_negative CHECK (identity_days >= 0 AND draft_days >= 0 AND response_days >= 0),
    CONSTRAINT retention_study FOREIGN KEY (study_id) REFERENCES studies (id)
);
