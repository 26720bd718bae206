-- +goose Up

-- Somebody on a roster may have no e-mail address and be given a printed link: then
-- email is blank.
ALTER TABLE respondents DROP CONSTRAINT respondents_email_not_blank;

-- An open link that was withdrawn says so.
ALTER TABLE open_links ADD COLUMN revoked_at timestamptz;
CREATE INDEX open_links_by_wave ON open_links (wave_id);

-- A file that somebody sent and that is looked at before it is applied, encrypted
-- with the key of the installation. It is removed with the end of the job that
-- applies it, and after a day where nobody wants that.
CREATE TABLE uploads (
    id uuid NOT NULL,
    study_id uuid NOT NULL,
    wave_id uuid,
    job_id uuid,
    kind text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT uploads_pkey PRIMARY KEY (id),
    CONSTRAINT uploads_kind_not_blank CHECK (kind <> ''),
    CONSTRAINT uploads_study FOREIGN KEY (study_id) REFERENCES studies (id),
    CONSTRAINT uploads_wave FOREIGN KEY (wave_id) REFERENCES waves (id),
    CONSTRAINT uploads_job FOREIGN KEY (job_id) REFERENCES jobs (id)
);
CREATE INDEX uploads_by_job ON uploads (job_id);
