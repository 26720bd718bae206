-- +goose Up

-- Documents that somebody is still working on: they can be previewed and changed.
-- Publishing moves one to instruments or criteria, where it never changes again.
CREATE TABLE draft_documents (
    id uuid NOT NULL,
    study_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    document text NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT draft_documents_pkey PRIMARY KEY (id),
    CONSTRAINT draft_documents_kind_known CHECK (kind IN ('instrument', 'criteria')),
    CONSTRAINT draft_documents_study FOREIGN KEY (study_id) REFERENCES studies (id)
);
CREATE INDEX draft_documents_by_study ON draft_documents (study_id);
