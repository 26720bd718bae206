-- Identifiers are UUIDs (version 7) in text form, made by the application. The
-- tables, columns, constraints and the view are those of the PostgreSQL schema;
-- a test compares the two.
CREATE TABLE studies (
    id text NOT NULL,
    key text NOT NULL,
    title text NOT NULL,
    purpose text NOT NULL,
    contact text NOT NULL,
    origin text NOT NULL,
    attribution text NOT NULL,
    created_at timestamp NOT NULL,
    sender text NOT NULL DEFAULT '',
    purposes text NOT NULL DEFAULT '',
    CONSTRAINT studies_pkey PRIMARY KEY (id),
    CONSTRAINT studies_key_unique UNIQUE (key),
    CONSTRAINT studies_key_not_blank CHECK (key <> ''),
    CONSTRAINT studies_origin_known CHECK (origin IN ('fieldwork', 'imported', 'generated'))
);

CREATE TABLE instruments (
    hash text NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    document text NOT NULL,
    created_at timestamp NOT NULL,
    CONSTRAINT instruments_pkey PRIMARY KEY (hash),
    CONSTRAINT instruments_version_unique UNIQUE (key, version)
);

-- One row per answerable cell. slot is the place (from 1) inside the packed
-- form: the character in responses.closed or the element in responses.numbers.
CREATE TABLE instrument_fields (
    instrument_hash text NOT NULL,
    position integer NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    slot integer NOT NULL,
    CONSTRAINT instrument_fields_pkey PRIMARY KEY (instrument_hash, position),
    CONSTRAINT instrument_fields_key_unique UNIQUE (instrument_hash, key),
    CONSTRAINT instrument_fields_instrument FOREIGN KEY (instrument_hash) REFERENCES instruments (hash),
    CONSTRAINT instrument_fields_kind_known CHECK (kind IN ('likert', 'single_choice', 'number', 'allocation', 'text_long'))
);

CREATE TABLE criteria (
    hash text NOT NULL,
    name text NOT NULL,
    document text NOT NULL,
    created_at timestamp NOT NULL,
    CONSTRAINT criteria_pkey PRIMARY KEY (hash)
);

-- late_until is closes_at and the hours for late drafts, so that one comparison
-- decides. terms repeats what may not change, for the foreign key of wave_seals:
-- while a wave has its seal the database refuses to change any of it.
CREATE TABLE waves (
    id text NOT NULL,
    study_id text NOT NULL,
    key text NOT NULL,
    title text NOT NULL,
    instrument_hash text NOT NULL,
    criteria_hash text,
    opens_at timestamp NOT NULL,
    closes_at timestamp,
    minimum_group integer NOT NULL,
    created_at timestamp NOT NULL,
    mode text NOT NULL DEFAULT 'confidential' CONSTRAINT waves_mode_known CHECK (mode IN ('confidential', 'anonymous')),
    late_hours integer NOT NULL DEFAULT 0 CONSTRAINT waves_late_hours CHECK (late_hours BETWEEN 0 AND 336),
    late_until timestamp,
    seal_hash text NOT NULL DEFAULT '',
    terms text NOT NULL GENERATED ALWAYS AS (CAST(study_id AS text) || ' ' || key || ' ' || instrument_hash || ' ' || coalesce(criteria_hash, '-') || ' ' || mode || ' ' || CAST(minimum_group AS text) || ' ' || CAST(late_hours AS text)) VIRTUAL,
    held_at timestamp,
    released_at timestamp,
    zone text NOT NULL DEFAULT 'UTC',
    CONSTRAINT waves_pkey PRIMARY KEY (id),
    CONSTRAINT waves_key_unique UNIQUE (key),
    CONSTRAINT waves_key_not_blank CHECK (key <> ''),
    CONSTRAINT waves_study FOREIGN KEY (study_id) REFERENCES studies (id),
    CONSTRAINT waves_instrument FOREIGN KEY (instrument_hash) REFERENCES instruments (hash),
    CONSTRAINT waves_criteria FOREIGN KEY (criteria_hash) REFERENCES criteria (hash),
    CONSTRAINT waves_minimum_group CHECK (minimum_group >= 5)
);
CREATE INDEX waves_by_study ON waves (study_id);
CREATE UNIQUE INDEX waves_sealed ON waves (id, seal_hash, opens_at, terms);

CREATE TABLE wave_seals (
    wave_id text NOT NULL,
    hash text NOT NULL,
    opens_at timestamp NOT NULL,
    terms text NOT NULL,
    document text NOT NULL,
    CONSTRAINT wave_seals_pkey PRIMARY KEY (wave_id),
    CONSTRAINT wave_seals_wave FOREIGN KEY (wave_id, hash, opens_at, terms) REFERENCES waves (id, seal_hash, opens_at, terms)
);

-- How many people are wanted. reference is the id of an organization or a team or
-- the key of a role; empty for the whole wave.
CREATE TABLE wave_targets (
    wave_id text NOT NULL,
    scope text NOT NULL,
    reference text NOT NULL,
    people integer NOT NULL,
    CONSTRAINT wave_targets_pkey PRIMARY KEY (wave_id, scope, reference),
    CONSTRAINT wave_targets_scope_known CHECK (scope IN ('wave', 'organization', 'team', 'role')),
    CONSTRAINT wave_targets_people_positive CHECK (people >= 1),
    CONSTRAINT wave_targets_wave FOREIGN KEY (wave_id) REFERENCES waves (id)
);

-- How the end of a wave has moved since it was sealed; rows are only added.
CREATE TABLE window_changes (
    wave_id text NOT NULL,
    n integer NOT NULL,
    kind text NOT NULL,
    changed_at timestamp NOT NULL,
    ended_at timestamp,
    ends_at timestamp NOT NULL,
    reason text NOT NULL,
    CONSTRAINT window_changes_pkey PRIMARY KEY (wave_id, n),
    CONSTRAINT window_changes_kind_known CHECK (kind IN ('extended', 'closed_early')),
    CONSTRAINT window_changes_wave FOREIGN KEY (wave_id) REFERENCES waves (id)
);

-- Links of drafts that were sent in an anonymous wave: they have done their work,
-- and no response says so.
CREATE TABLE spent_links (
    token_hash blob NOT NULL,
    wave_id text NOT NULL,
    organization_id text NOT NULL,
    CONSTRAINT spent_links_pkey PRIMARY KEY (token_hash),
    CONSTRAINT spent_links_length CHECK (length(token_hash) = 32)
);

-- The position of the last response of each wave. A transaction that adds
-- responses holds this row until it commits, so positions become visible in
-- their own order and without holes: whoever has read up to n has missed
-- nothing below n and will count nothing twice. window_revision grows with each
-- change of the window, so that a transaction which has looked at an older one
-- finds no row to add its responses to. removed counts the responses that were
-- erased: a position is never given again. revision grows with each change of what
-- counts, so that every replica sees it.
CREATE TABLE wave_positions (
    wave_id text NOT NULL,
    position integer NOT NULL,
    window_revision integer NOT NULL,
    removed integer NOT NULL DEFAULT 0,
    revision integer NOT NULL DEFAULT 0,
    CONSTRAINT wave_positions_pkey PRIMARY KEY (wave_id),
    CONSTRAINT wave_positions_wave FOREIGN KEY (wave_id) REFERENCES waves (id),
    CONSTRAINT wave_positions_not_negative CHECK (position >= 0)
);

-- For how many days after the end of a wave a study keeps what it has collected;
-- 0: for as long as nobody removes it. A study without a row keeps everything.
CREATE TABLE retention (
    study_id text NOT NULL,
    identity_days integer NOT NULL,
    draft_days integer NOT NULL,
    response_days integer NOT NULL,
    CONSTRAINT retention_pkey PRIMARY KEY (study_id),
    CONSTRAINT retention_not_negative CHECK (identity_days >= 0 AND draft_days >= 0 AND response_days >= 0),
    CONSTRAINT retention_study FOREIGN KEY (study_id) REFERENCES studies (id)
);

-- Responses that do not count. late: decided when results had been released, so
-- that figures which people have seen do not change by it.
CREATE TABLE exclusions (
    wave_id text NOT NULL,
    response_id text NOT NULL,
    organization_id text NOT NULL,
    reason text NOT NULL,
    words text NOT NULL,
    excluded_by text NOT NULL,
    excluded_at timestamp NOT NULL,
    late integer NOT NULL,
    CONSTRAINT exclusions_pkey PRIMARY KEY (wave_id, response_id),
    CONSTRAINT exclusions_reason_known CHECK (reason IN ('careless', 'too_fast', 'duplicate', 'test', 'not_eligible', 'other')),
    CONSTRAINT exclusions_late_known CHECK (late IN (0, 1)),
    CONSTRAINT exclusions_wave FOREIGN KEY (wave_id) REFERENCES waves (id)
);

CREATE TABLE organizations (
    id text NOT NULL,
    study_id text NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    industry text NOT NULL,
    region text NOT NULL,
    size text NOT NULL,
    CONSTRAINT organizations_pkey PRIMARY KEY (id),
    CONSTRAINT organizations_key_unique UNIQUE (study_id, key),
    CONSTRAINT organizations_key_not_blank CHECK (key <> ''),
    CONSTRAINT organizations_name_not_blank CHECK (name <> ''),
    CONSTRAINT organizations_study FOREIGN KEY (study_id) REFERENCES studies (id)
);

CREATE TABLE teams (
    id text NOT NULL,
    organization_id text NOT NULL,
    name text NOT NULL,
    CONSTRAINT teams_pkey PRIMARY KEY (id),
    CONSTRAINT teams_name_unique UNIQUE (organization_id, name),
    CONSTRAINT teams_in_organization_unique UNIQUE (organization_id, id),
    CONSTRAINT teams_name_not_blank CHECK (name <> ''),
    CONSTRAINT teams_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

-- reference is null where the roster gives none, so that only real references
-- must differ.
CREATE TABLE invitations (
    id text NOT NULL,
    wave_id text NOT NULL,
    organization_id text NOT NULL,
    team_id text,
    reference text,
    token_hash blob NOT NULL,
    created_at timestamp NOT NULL,
    used_at timestamp,
    CONSTRAINT invitations_pkey PRIMARY KEY (id),
    CONSTRAINT invitations_token_unique UNIQUE (token_hash),
    CONSTRAINT invitations_reference_unique UNIQUE (wave_id, organization_id, reference),
    CONSTRAINT invitations_token_length CHECK (length(token_hash) = 32),
    CONSTRAINT invitations_wave FOREIGN KEY (wave_id) REFERENCES waves (id),
    CONSTRAINT invitations_organization FOREIGN KEY (organization_id) REFERENCES organizations (id),
    CONSTRAINT invitations_team FOREIGN KEY (organization_id, team_id) REFERENCES teams (organization_id, id)
);

CREATE TABLE open_links (
    id text NOT NULL,
    wave_id text NOT NULL,
    organization_id text NOT NULL,
    team_id text,
    token_hash blob NOT NULL,
    created_at timestamp NOT NULL,
    revoked_at timestamp,
    CONSTRAINT open_links_pkey PRIMARY KEY (id),
    CONSTRAINT open_links_token_unique UNIQUE (token_hash),
    CONSTRAINT open_links_token_length CHECK (length(token_hash) = 32),
    CONSTRAINT open_links_wave FOREIGN KEY (wave_id) REFERENCES waves (id),
    CONSTRAINT open_links_organization FOREIGN KEY (organization_id) REFERENCES organizations (id),
    CONSTRAINT open_links_team FOREIGN KEY (organization_id, team_id) REFERENCES teams (organization_id, id)
);
CREATE INDEX open_links_by_wave ON open_links (wave_id);

CREATE TABLE drafts (
    id text NOT NULL,
    wave_id text NOT NULL,
    organization_id text NOT NULL,
    team_id text,
    invitation_id text,
    resume_hash blob,
    role text NOT NULL,
    language text NOT NULL,
    closed text NOT NULL,
    numbers text NOT NULL,
    texts text NOT NULL,
    seconds text,
    version integer NOT NULL,
    started_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT drafts_pkey PRIMARY KEY (id),
    CONSTRAINT drafts_invitation_unique UNIQUE (invitation_id),
    CONSTRAINT drafts_resume_unique UNIQUE (resume_hash),
    CONSTRAINT drafts_can_be_resumed CHECK (invitation_id IS NOT NULL OR resume_hash IS NOT NULL),
    CONSTRAINT drafts_resume_length CHECK (resume_hash IS NULL OR length(resume_hash) = 32),
    CONSTRAINT drafts_version_positive CHECK (version >= 1)
);

-- One packed row per response; the view answers unfolds it. receipt_code is
-- null for imported responses, which nobody submitted here. resume_hash lets
-- the link of a submitted draft, which does not name its wave, find its receipt.
-- lot is a random number of a response of an anonymous wave, null for others: such
-- rows change their places with each other whenever one is added.
-- submission_mark stands for the submission key in its wave, as the beginning of a hash:
-- the index over it is unique in place of one over both, which was four times as large.
-- No foreign keys, and no more indexes than it takes to count nothing twice:
-- they are what a response costs. A look-up by id or receipt scans the wave.
CREATE TABLE responses (
    wave_id text NOT NULL,
    id text NOT NULL,
    position integer NOT NULL,
    organization_id text NOT NULL,
    team_id text,
    invitation_id text,
    resume_hash blob,
    role text NOT NULL,
    language text NOT NULL,
    closed text NOT NULL,
    numbers text NOT NULL,
    texts text NOT NULL,
    seconds text,
    weight real NOT NULL,
    started_at timestamp NOT NULL,
    submitted_at timestamp NOT NULL,
    submission_key text NOT NULL,
    submission_digest blob NOT NULL,
    receipt_code text,
    lot integer,
    submission_mark blob NOT NULL,
    CONSTRAINT responses_pkey PRIMARY KEY (wave_id, position),
    CONSTRAINT responses_submission_not_blank CHECK (submission_key <> ''),
    CONSTRAINT responses_mark_length CHECK (length(submission_mark) = 15),
    CONSTRAINT responses_digest_length CHECK (length(submission_digest) = 32),
    CONSTRAINT responses_position_positive CHECK (position >= 1),
    CONSTRAINT responses_weight_positive CHECK (weight > 0)
);
CREATE UNIQUE INDEX responses_submission_unique ON responses (submission_mark);
CREATE UNIQUE INDEX responses_invitation_unique ON responses (wave_id, invitation_id) WHERE invitation_id IS NOT NULL;
CREATE INDEX responses_by_resume ON responses (resume_hash) WHERE resume_hash IS NOT NULL;
CREATE INDEX responses_by_lot ON responses (wave_id, organization_id, lot) WHERE lot IS NOT NULL;

CREATE TABLE aggregates (
    wave_id text NOT NULL,
    organization_id text NOT NULL,
    measure text NOT NULL,
    share real NOT NULL,
    n integer NOT NULL,
    CONSTRAINT aggregates_pkey PRIMARY KEY (wave_id, organization_id, measure),
    CONSTRAINT aggregates_measure_not_blank CHECK (measure <> ''),
    CONSTRAINT aggregates_share_in_range CHECK (share >= 0 AND share <= 1),
    CONSTRAINT aggregates_n_not_negative CHECK (n >= 0),
    CONSTRAINT aggregates_wave FOREIGN KEY (wave_id) REFERENCES waves (id),
    CONSTRAINT aggregates_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

CREATE TABLE published_shares (
    wave_id text NOT NULL,
    measure text NOT NULL,
    share real NOT NULL,
    CONSTRAINT published_shares_pkey PRIMARY KEY (wave_id, measure),
    CONSTRAINT published_shares_measure_not_blank CHECK (measure <> ''),
    CONSTRAINT published_shares_share_in_range CHECK (share >= 0 AND share <= 1),
    CONSTRAINT published_shares_wave FOREIGN KEY (wave_id) REFERENCES waves (id)
);

CREATE TABLE result_links (
    id text NOT NULL,
    wave_id text NOT NULL,
    organization_id text,
    token_hash blob NOT NULL,
    created_at timestamp NOT NULL,
    revoked_at timestamp,
    CONSTRAINT result_links_pkey PRIMARY KEY (id),
    CONSTRAINT result_links_token_unique UNIQUE (token_hash),
    CONSTRAINT result_links_token_length CHECK (length(token_hash) = 32),
    CONSTRAINT result_links_wave FOREIGN KEY (wave_id) REFERENCES waves (id),
    CONSTRAINT result_links_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

-- People with an account. An address is kept in lower case. password_hash is
-- null for somebody who signs in elsewhere or has not chosen a password yet.
CREATE TABLE users (
    id text NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text,
    totp_secret text,
    totp_step integer NOT NULL,
    administrator integer NOT NULL,
    created_at timestamp NOT NULL,
    disabled_at timestamp,
    zone text NOT NULL DEFAULT '',
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_unique UNIQUE (email),
    CONSTRAINT users_email_not_blank CHECK (email <> ''),
    CONSTRAINT users_administrator_known CHECK (administrator IN (0, 1))
);

-- Who a user is at a provider of identities (OpenID Connect).
CREATE TABLE user_identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id text NOT NULL,
    created_at timestamp NOT NULL,
    CONSTRAINT user_identities_pkey PRIMARY KEY (issuer, subject),
    CONSTRAINT user_identities_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX user_identities_by_user ON user_identities (user_id);

-- What replaces a code of somebody's authenticator, once each. Only hashes are kept.
CREATE TABLE recovery_codes (
    user_id text NOT NULL,
    code_hash blob NOT NULL,
    created_at timestamp NOT NULL,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
    CONSTRAINT recovery_codes_hash_length CHECK (length(code_hash) = 32),
    CONSTRAINT recovery_codes_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- Only the hash of a session's token is kept. user_id is null until somebody has
-- signed in, for what must be remembered meanwhile.
CREATE TABLE sessions (
    token_hash blob NOT NULL,
    user_id text,
    data blob NOT NULL,
    origin text NOT NULL,
    agent text NOT NULL,
    created_at timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (token_hash),
    CONSTRAINT sessions_token_length CHECK (length(token_hash) = 32),
    CONSTRAINT sessions_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- A link that can be used once: the first account, an invitation to one, a new password.
CREATE TABLE tickets (
    token_hash blob NOT NULL,
    purpose text NOT NULL,
    user_id text,
    created_at timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    CONSTRAINT tickets_pkey PRIMARY KEY (token_hash),
    CONSTRAINT tickets_token_length CHECK (length(token_hash) = 32),
    CONSTRAINT tickets_purpose_known CHECK (purpose IN ('setup', 'welcome', 'password')),
    CONSTRAINT tickets_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX tickets_by_user ON tickets (user_id);

-- Failed attempts to sign in, by the hash of an account or of an address: all
-- replicas count the same ones.
CREATE TABLE sign_in_attempts (
    key_hash blob NOT NULL,
    failures integer NOT NULL,
    failed_at timestamp NOT NULL,
    CONSTRAINT sign_in_attempts_pkey PRIMARY KEY (key_hash),
    CONSTRAINT sign_in_attempts_counted CHECK (failures >= 1)
);

CREATE TABLE memberships (
    user_id text NOT NULL,
    study_id text NOT NULL,
    role text NOT NULL,
    created_at timestamp NOT NULL,
    CONSTRAINT memberships_pkey PRIMARY KEY (user_id, study_id),
    CONSTRAINT memberships_role_known CHECK (role IN ('administrator', 'researcher', 'coordinator', 'executive', 'viewer')),
    CONSTRAINT memberships_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT memberships_study FOREIGN KEY (study_id) REFERENCES studies (id)
);
CREATE INDEX memberships_by_study ON memberships (study_id);

-- The organizations that a coordinator or an executive is there for.
CREATE TABLE membership_organizations (
    user_id text NOT NULL,
    study_id text NOT NULL,
    organization_id text NOT NULL,
    CONSTRAINT membership_organizations_pkey PRIMARY KEY (user_id, study_id, organization_id),
    CONSTRAINT membership_organizations_membership FOREIGN KEY (user_id, study_id) REFERENCES memberships (user_id, study_id) ON DELETE CASCADE,
    CONSTRAINT membership_organizations_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

-- Who did what, when and from where. Each entry carries the hash of the one before,
-- so that a change, a hole or another order shows; the triggers below let nobody
-- who works through this program change what is written. No names of respondents.
CREATE TABLE audit_log (
    position integer NOT NULL,
    happened_at timestamp NOT NULL,
    actor_id text,
    actor text NOT NULL,
    origin text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    study_id text,
    detail text NOT NULL,
    previous blob NOT NULL,
    hash blob NOT NULL,
    CONSTRAINT audit_log_pkey PRIMARY KEY (position),
    CONSTRAINT audit_log_hash_unique UNIQUE (hash),
    CONSTRAINT audit_log_action_not_blank CHECK (action <> ''),
    CONSTRAINT audit_log_position_positive CHECK (position >= 1)
);
CREATE INDEX audit_log_by_study ON audit_log (study_id, position);

-- The end of the chain. Whoever adds an entry holds this row until the commit.
-- waves_until: openings and closes by the clock stand in the log up to then.
CREATE TABLE audit_head (
    id integer NOT NULL,
    position integer NOT NULL,
    hash blob NOT NULL,
    waves_until timestamp,
    CONSTRAINT audit_head_pkey PRIMARY KEY (id),
    CONSTRAINT audit_head_one CHECK (id = 1)
);

CREATE TRIGGER audit_log_keeps BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
CREATE TRIGGER audit_log_stays BEFORE DELETE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
-- What is known of the installation itself. key_fingerprint tells which key it was
-- begun with; the key is kept outside the database.
CREATE TABLE installation (
    id integer NOT NULL,
    key_fingerprint blob,
    mail_trouble text NOT NULL,
    mail_trouble_since timestamp,
    CONSTRAINT installation_pkey PRIMARY KEY (id),
    CONSTRAINT installation_one CHECK (id = 1)
);

-- Whom an invitation was sent to: apart from answers, and erased alone. The link of
-- the invitation is made from the key of the installation, the id of the invitation
-- and link_generation, whenever it is needed.
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
CREATE INDEX respondents_by_wave ON respondents (wave_id);
CREATE INDEX respondents_by_email ON respondents (email_hash);

-- Addresses that want no mail, hashed with the key of the installation: of one
-- study, or of all where study_id is null. They outlive the erasure of a person.
CREATE TABLE opt_outs (
    id text NOT NULL,
    address_hash blob NOT NULL,
    study_id text,
    source text NOT NULL,
    created_at timestamp NOT NULL,
    CONSTRAINT opt_outs_pkey PRIMARY KEY (id),
    CONSTRAINT opt_outs_address_length CHECK (length(address_hash) = 32),
    CONSTRAINT opt_outs_source_known CHECK (source IN ('page', 'one_click', 'staff')),
    CONSTRAINT opt_outs_study FOREIGN KEY (study_id) REFERENCES studies (id)
);
CREATE UNIQUE INDEX opt_outs_of_study ON opt_outs (address_hash, study_id) WHERE study_id IS NOT NULL;
CREATE UNIQUE INDEX opt_outs_of_all ON opt_outs (address_hash) WHERE study_id IS NULL;

-- Addresses that a mail server refused for good.
CREATE TABLE bounces (
    address_hash blob NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    source text NOT NULL,
    happened_at timestamp NOT NULL,
    CONSTRAINT bounces_pkey PRIMARY KEY (address_hash),
    CONSTRAINT bounces_address_length CHECK (length(address_hash) = 32),
    CONSTRAINT bounces_source_known CHECK (source IN ('smtp', 'report', 'staff'))
);

-- Own texts of a wave; what is absent is the text that comes with the program.
CREATE TABLE mail_texts (
    wave_id text NOT NULL,
    kind text NOT NULL,
    language text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT mail_texts_pkey PRIMARY KEY (wave_id, kind, language),
    CONSTRAINT mail_texts_kind_known CHECK (kind IN ('invitation', 'reminder', 'receipt')),
    CONSTRAINT mail_texts_wave FOREIGN KEY (wave_id) REFERENCES waves (id)
);

-- One sending of invitations or reminders. next_send_at is the earliest moment of
-- the next message: whoever takes messages moves it on, so that the rate holds over
-- all replicas. queued_at is set when every message is in the outbox.
CREATE TABLE campaigns (
    id text NOT NULL,
    wave_id text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    per_minute integer NOT NULL,
    organizations text NOT NULL,
    teams text NOT NULL,
    scheduled_at timestamp,
    queued_at timestamp,
    next_send_at timestamp NOT NULL,
    created_at timestamp NOT NULL,
    started_at timestamp,
    ended_at timestamp,
    CONSTRAINT campaigns_pkey PRIMARY KEY (id),
    CONSTRAINT campaigns_kind_known CHECK (kind IN ('invitation', 'reminder')),
    CONSTRAINT campaigns_status_known CHECK (status IN ('planned', 'running', 'paused', 'done', 'cancelled')),
    CONSTRAINT campaigns_rate_positive CHECK (per_minute >= 1),
    CONSTRAINT campaigns_wave FOREIGN KEY (wave_id) REFERENCES waves (id)
);
CREATE INDEX campaigns_by_wave ON campaigns (wave_id);

-- The texts of a campaign as they were when it started: everybody gets the same.
CREATE TABLE campaign_texts (
    campaign_id text NOT NULL,
    language text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    CONSTRAINT campaign_texts_pkey PRIMARY KEY (campaign_id, language),
    CONSTRAINT campaign_texts_campaign FOREIGN KEY (campaign_id) REFERENCES campaigns (id)
);

-- Mail that has to leave. A message of a campaign is only a reference: address and
-- link are put together when it is sent. Any other is sealed with the key until then.
-- claimed: somebody prepares it, and it has surely not left. sending: written before
-- its first byte leaves. uncertain: whoever was sending it is gone, and nobody knows.
CREATE TABLE outbox (
    id text NOT NULL,
    kind text NOT NULL,
    campaign_id text,
    invitation_id text,
    sealed blob,
    status text NOT NULL,
    reason text NOT NULL,
    attempts integer NOT NULL,
    due_at timestamp NOT NULL,
    lease_holder text,
    leased_until timestamp,
    created_at timestamp NOT NULL,
    ended_at timestamp,
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_once_per_campaign UNIQUE (campaign_id, invitation_id),
    CONSTRAINT outbox_status_known CHECK (status IN ('queued', 'claimed', 'sending', 'sent', 'failed', 'bounced', 'uncertain', 'skipped', 'cancelled')),
    CONSTRAINT outbox_invitation_of_campaign CHECK ((campaign_id IS NULL) = (invitation_id IS NULL)),
    CONSTRAINT outbox_campaign FOREIGN KEY (campaign_id) REFERENCES campaigns (id),
    CONSTRAINT outbox_invitation FOREIGN KEY (invitation_id) REFERENCES invitations (id)
);
CREATE INDEX outbox_by_status ON outbox (campaign_id, status, due_at);
CREATE INDEX outbox_by_invitation ON outbox (invitation_id);
CREATE INDEX outbox_single ON outbox (due_at) WHERE campaign_id IS NULL AND status = 'queued';
CREATE INDEX outbox_leased ON outbox (leased_until) WHERE status IN ('claimed', 'sending');

-- Messages of people who were erased, or whose contact data were. Where mail is
-- written to a folder, whoever has the folder removes their files. Ids alone: they
-- lead nowhere.
CREATE TABLE erased_mail (
    id text NOT NULL,
    erased_at timestamp NOT NULL,
    CONSTRAINT erased_mail_pkey PRIMARY KEY (id)
);
CREATE INDEX erased_mail_by_time ON erased_mail (erased_at);

-- Long work. Of a kind and key one job at a time is waiting or running.
CREATE TABLE jobs (
    id text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    study_id text,
    parameters text NOT NULL,
    status text NOT NULL,
    done integer NOT NULL,
    total integer NOT NULL,
    words text NOT NULL,
    result text NOT NULL,
    attempts integer NOT NULL,
    run_at timestamp NOT NULL,
    lease_holder text,
    leased_until timestamp,
    cancel_at timestamp,
    created_at timestamp NOT NULL,
    started_at timestamp,
    ended_at timestamp,
    CONSTRAINT jobs_pkey PRIMARY KEY (id),
    CONSTRAINT jobs_kind_not_blank CHECK (kind <> ''),
    CONSTRAINT jobs_status_known CHECK (status IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    CONSTRAINT jobs_study FOREIGN KEY (study_id) REFERENCES studies (id)
);
CREATE UNIQUE INDEX jobs_one_at_a_time ON jobs (kind, key) WHERE status IN ('waiting', 'running');
CREATE INDEX jobs_by_study ON jobs (study_id, created_at);
CREATE INDEX jobs_by_end ON jobs (ended_at);

-- Work that comes again and again, done by one replica at a time.
CREATE TABLE duties (
    name text NOT NULL,
    due_at timestamp NOT NULL,
    lease_holder text,
    leased_until timestamp,
    ended_at timestamp,
    trouble text NOT NULL,
    CONSTRAINT duties_pkey PRIMARY KEY (name)
);

-- Documents that somebody is still working on: they can be previewed and changed.
-- Publishing moves one to instruments or criteria, where it never changes again.
CREATE TABLE draft_documents (
    id text NOT NULL,
    study_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    document text NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT draft_documents_pkey PRIMARY KEY (id),
    CONSTRAINT draft_documents_kind_known CHECK (kind IN ('instrument', 'criteria')),
    CONSTRAINT draft_documents_study FOREIGN KEY (study_id) REFERENCES studies (id)
);
CREATE INDEX draft_documents_by_study ON draft_documents (study_id);

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

-- For analysts: one row per response and field, whatever the physical form.
-- state is valid or one of the five kinds of missing answers. value is the scale
-- point or the position of the chosen option (from 1), number a number or share,
-- text an open answer; exactly one of them is set where state is valid.
CREATE VIEW answers AS
SELECT m.wave_id, m.response_id, m.organization_id, m.team_id, m.role, m.language, m.weight, m.submitted_at,
    m.position, m.item, m.kind,
    CASE m.mark
        WHEN '.' THEN 'not_shown'
        WHEN '-' THEN 'skipped'
        WHEN '*' THEN 'dont_know'
        WHEN '/' THEN 'not_applicable'
        WHEN '!' THEN 'refused'
        ELSE 'valid'
    END AS state,
    CASE WHEN m.kind IN ('likert', 'single_choice') AND m.mark NOT IN ('.', '-', '*', '/', '!')
        THEN unicode(m.mark) - 48 END AS value,
    CASE WHEN m.kind IN ('number', 'allocation') AND m.mark NOT IN ('.', '-', '*', '/', '!')
        THEN CAST(m.mark AS real) END AS number,
    CASE WHEN m.kind = 'text_long' AND m.mark = 'valid'
        THEN m.texts ->> m.item END AS text
FROM (
    SELECT r.wave_id, r.id AS response_id, r.organization_id, r.team_id, r.role, r.language, r.weight, r.submitted_at,
        f.position, f.key AS item, f.kind, r.texts,
        CASE
            WHEN f.kind IN ('likert', 'single_choice') THEN substr(r.closed, f.slot, 1)
            WHEN f.kind IN ('number', 'allocation') THEN r.numbers ->> (f.slot - 1)
            WHEN json_type(r.texts -> f.key) IS NULL THEN '.'
            WHEN json_type(r.texts -> f.key) = 'array' THEN r.texts -> f.key ->> 0
            ELSE 'valid'
        END AS mark
    FROM responses r
    JOIN waves w ON w.id = r.wave_id
    JOIN instrument_fields f ON f.instrument_hash = w.instrument_hash
) m;
