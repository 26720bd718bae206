-- +goose Up

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
    CONSTRAINT respondents_email_not_blank CHECK (email <> ''),
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

INSERT INTO installation (id, mail_trouble) VALUES (1, '');
