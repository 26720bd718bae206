-- +goose Up

-- People with an account. An address is kept in lower case. password_hash is
-- null for somebody who signs in elsewhere or has not chosen a password yet.
CREATE TABLE users (
    id uuid NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text,
    totp_secret text,
    totp_step bigint NOT NULL,
    administrator integer NOT NULL,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_unique UNIQUE (email),
    CONSTRAINT users_email_not_blank CHECK (email <> ''),
    CONSTRAINT users_administrator_known CHECK (administrator IN (0, 1))
);

-- Who a user is at a provider of identities (OpenID Connect).
CREATE TABLE user_identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT user_identities_pkey PRIMARY KEY (issuer, subject),
    CONSTRAINT user_identities_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX user_identities_by_user ON user_identities (user_id);

-- Only the hash of a session's token is kept. user_id is null until somebody has
-- signed in, for what must be remembered meanwhile.
CREATE TABLE sessions (
    token_hash bytea NOT NULL,
    user_id uuid,
    data bytea NOT NULL,
    origin text NOT NULL,
    agent text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (token_hash),
    CONSTRAINT sessions_token_length CHECK (length(token_hash) = 32),
    CONSTRAINT sessions_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- A link that can be used once: the first account, an invitation to one, a new password.
CREATE TABLE tickets (
    token_hash bytea NOT NULL,
    purpose text NOT NULL,
    user_id uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT tickets_pkey PRIMARY KEY (token_hash),
    CONSTRAINT tickets_token_length CHECK (length(token_hash) = 32),
    CONSTRAINT tickets_purpose_known CHECK (purpose IN ('setup', 'welcome', 'password')),
    CONSTRAINT tickets_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX tickets_by_user ON tickets (user_id);

-- Failed attempts to sign in, by the hash of an account or of an address: all
-- replicas count the same ones.
CREATE TABLE sign_in_attempts (
    key_hash bytea NOT NULL,
    failures integer NOT NULL,
    failed_at timestamptz NOT NULL,
    CONSTRAINT sign_in_attempts_pkey PRIMARY KEY (key_hash),
    CONSTRAINT sign_in_attempts_counted CHECK (failures >= 1)
);

CREATE TABLE memberships (
    user_id uuid NOT NULL,
    study_id uuid NOT NULL,
    role text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT memberships_pkey PRIMARY KEY (user_id, study_id),
    CONSTRAINT memberships_role_known CHECK (role IN ('administrator', 'researcher', 'coordinator', 'executive', 'viewer')),
    CONSTRAINT memberships_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT memberships_study FOREIGN KEY (study_id) REFERENCES studies (id)
);
CREATE INDEX memberships_by_study ON memberships (study_id);

-- The organizations that a coordinator or an executive is there for.
CREATE TABLE membership_organizations (
    user_id uuid NOT NULL,
    study_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    CONSTRAINT membership_organizations_pkey PRIMARY KEY (user_id, study_id, organization_id),
    CONSTRAINT membership_organizations_membership FOREIGN KEY (user_id, study_id) REFERENCES memberships (user_id, study_id) ON DELETE CASCADE,
    CONSTRAINT membership_organizations_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

-- Who did what, when and from where. Each entry carries the hash of the one before,
-- so that a change, a hole or another order shows; the triggers below let nobody
-- who works through this program change what is written. No names of respondents.
CREATE TABLE audit_log (
    position bigint NOT NULL,
    happened_at timestamptz NOT NULL,
    actor_id uuid,
    actor text NOT NULL,
    origin text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    study_id uuid,
    detail text NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_log_pkey PRIMARY KEY (position),
    CONSTRAINT audit_log_hash_unique UNIQUE (hash),
    CONSTRAINT audit_log_action_not_blank CHECK (action <> ''),
    CONSTRAINT audit_log_position_positive CHECK (position >= 1)
);
CREATE INDEX audit_log_by_study ON audit_log (study_id, position);

-- The end of the chain. Whoever adds an entry holds this row until the commit.
CREATE TABLE audit_head (
    id integer NOT NULL,
    position bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_head_pkey PRIMARY KEY (id),
    CONSTRAINT audit_head_one CHECK (id = 1)
);

-- +goose StatementBegin
CREATE FUNCTION audit_log_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only added to';
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_log_keeps BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_refuses();
CREATE TRIGGER audit_log_stays BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuses();

INSERT INTO audit_head (id, position, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));
