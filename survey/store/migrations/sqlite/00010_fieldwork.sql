-- +goose Up

-- Somebody on a roster may have no e-mail address and be given a printed link: then
-- email is blank. SQLite changes no constraint in place: the table is made anew and
-- takes over the rows.
DROP INDEX respondents_by_wave;
DROP INDEX respondents_by_email;
ALTER TABLE respondents RENAME TO respondents_before;
CREATE TABLE respondents (
    id text NOT NULL,
    wave_id text NOT NULL,
    invitation_id text NOT NULL,
    email text NOT NULL,
    email_hash blob NOT NULL,
    name text NOT NULL,
    language text NOT NULL,
    role text NOT NULL,
    link_generation integer NOT NULL,
    created_at timestamp NOT NULL,
    CONSTRAINT respondents_pkey PRIMARY KEY (id),
    CONSTRAINT respondents_invitation_unique UNIQUE (invitation_id),
    CONSTRAINT respondents_email_hash_length CHECK (length(email_hash) = 32),
    CONSTRAINT respondents_generation_not_negative CHECK (link_generation >= 0),
    CONSTRAINT respondents_wave FOREIGN KEY (wave_id) REFERENCES waves (id),
    CONSTRAINT respondents_invitation FOREIGN KEY (invitation_id) REFERENCES invitations (id)
);
INSERT INTO respondents (id, wave_id, invitation_id, email, email_hash, name, language, role, link_generation, created_at)
SELECT id, wave_id, invitation_id, email, email_hash, name, language, role, link_generation, created_at
FROM respondents_before;
DROP TABLE respondents_before;
CREATE INDEX respondents_by_wave ON respondents (wave_id);
CREATE INDEX respondents_by_email ON respondents (email_hash);

-- An open link that was withdrawn says so.
ALTER TABLE open_links ADD COLUMN revoked_at timestamp;
CREATE INDEX open_links_by_wave ON open_links (wave_id);

-- A file that somebody sent and that is looked at before it is applied, encrypted
-- with the key of the installation. It is removed with the end of the job that
-- applies it, and after a day where nobody wants that.
CREATE TABLE uploads (
    id text NOT NULL,
    study_id text NOT NULL,
    wave_id text,
    job_id text,
    kind text NOT NULL,
    sealed blob NOT NULL,
    created_at timestamp NOT NULL,
    CONSTRAINT uploads_pkey PRIMARY KEY (id),
    CONSTRAINT uploads_kind_not_blank CHECK (kind <> ''),
    CONSTRAINT uploads_study FOREIGN KEY (study_id) REFERENCES studies (id),
    CONSTRAINT uploads_wave FOREIGN KEY (wave_id) REFERENCES waves (id),
    CONSTRAINT uploads_job FOREIGN KEY (job_id) REFERENCES jobs (id)
);
CREATE INDEX uploads_by_job ON uploads (job_id);
