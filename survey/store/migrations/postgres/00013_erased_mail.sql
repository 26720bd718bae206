-- +goose Up

-- Messages of people who were erased, or whose contact data were. Where mail is
-- written to a folder, whoever has the folder removes their files. Ids alone: they
-- lead nowhere.
CREATE TABLE erased_mail (
    id uuid NOT NULL,
    erased_at timestamptz NOT NULL,
    CONSTRAINT erased_mail_pkey PRIMARY KEY (id)
);
CREATE INDEX erased_mail_by_time ON erased_mail (erased_at);
