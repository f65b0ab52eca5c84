-- The first schema (design.md §6). Every table leads its primary key with organization_id; times are UTC
-- microseconds, ids UUIDv7 text, money an integer of minor units beside its ISO 4217 currency.

CREATE TABLE organization (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    organization_id TEXT NOT NULL REFERENCES organization (id),
    id TEXT NOT NULL,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('payer', 'administrator')),
    language TEXT NOT NULL DEFAULT 'en',
    created_us INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;

-- What proves a person: a password now, passkeys later.
CREATE TABLE credential (
    organization_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('password', 'passkey')),
    id TEXT NOT NULL,
    value TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (organization_id, account_id, kind, id),
    FOREIGN KEY (organization_id, account_id) REFERENCES account (organization_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    organization_id TEXT NOT NULL,
    token_sha256 TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    csrf TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    expires_us INTEGER NOT NULL,
    PRIMARY KEY (organization_id, token_sha256),
    FOREIGN KEY (organization_id, account_id) REFERENCES account (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_end ON session (expires_us);

CREATE TABLE group_mailbox (
    organization_id TEXT NOT NULL REFERENCES organization (id),
    id TEXT NOT NULL,
    address TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE group_member (
    organization_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    PRIMARY KEY (organization_id, group_id, account_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES group_mailbox (organization_id, id),
    FOREIGN KEY (organization_id, account_id) REFERENCES account (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_member_by_account ON group_member (organization_id, account_id);

CREATE TABLE mailbox (
    organization_id TEXT NOT NULL REFERENCES organization (id),
    id TEXT NOT NULL,
    account_id TEXT,
    group_id TEXT,
    address TEXT NOT NULL UNIQUE,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    CHECK ((account_id IS NULL) <> (group_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX mailbox_by_account ON mailbox (organization_id, account_id) WHERE account_id IS NOT NULL;
CREATE INDEX mailbox_by_group ON mailbox (organization_id, group_id) WHERE group_id IS NOT NULL;

-- What was found out about a mail on arrival. The bytes live in a table of their own, so that the list never
-- reads past them; the rows are long, so the table keeps its rowid.
CREATE TABLE message (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    mailbox_id TEXT NOT NULL,
    received_us INTEGER NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,
    -- the folder beside the inbox that shows it: follows verdict_kind and the invoice's state in the same unit
    folder TEXT CHECK (folder IN ('to_pay', 'paid', 'scheduled')),
    invoice_id TEXT,
    verdict_kind TEXT NOT NULL CHECK (verdict_kind IN ('card', 'hold', 'plain')),
    bytes INTEGER NOT NULL,
    from_name TEXT,
    from_address TEXT,
    subject TEXT,
    preview TEXT,
    has_invoice INTEGER NOT NULL,
    extraction TEXT NOT NULL,
    envelope TEXT NOT NULL,
    authentication TEXT NOT NULL,
    verdict TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, mailbox_id) REFERENCES mailbox (organization_id, id)
) STRICT;
CREATE INDEX message_by_time ON message (organization_id, mailbox_id, received_us DESC, id DESC);
CREATE INDEX message_by_folder ON message (organization_id, mailbox_id, folder, received_us DESC, id DESC)
    WHERE folder IS NOT NULL;
CREATE INDEX message_by_invoice ON message (organization_id, invoice_id) WHERE invoice_id IS NOT NULL;

-- What the folder pane shows: counted as mails come and move, since counting 10,000 mails takes a millisecond.
CREATE TABLE mailbox_count (
    organization_id TEXT NOT NULL,
    mailbox_id TEXT NOT NULL,
    inbox INTEGER NOT NULL,
    unseen INTEGER NOT NULL,
    to_pay INTEGER NOT NULL,
    paid INTEGER NOT NULL,
    scheduled INTEGER NOT NULL,
    PRIMARY KEY (organization_id, mailbox_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER message_comes AFTER INSERT ON message BEGIN
    INSERT INTO mailbox_count (organization_id, mailbox_id, inbox, unseen, to_pay, paid, scheduled)
        VALUES (new.organization_id, new.mailbox_id, 1, new.seen = 0, new.folder IS 'to_pay', new.folder IS 'paid',
            new.folder IS 'scheduled')
        ON CONFLICT (organization_id, mailbox_id) DO UPDATE SET inbox = inbox + 1, unseen = unseen + excluded.unseen,
            to_pay = to_pay + excluded.to_pay, paid = paid + excluded.paid, scheduled = scheduled + excluded.scheduled;
END;
CREATE TRIGGER message_moves AFTER UPDATE OF seen, folder ON message BEGIN
    UPDATE mailbox_count SET unseen = unseen + (new.seen = 0) - (old.seen = 0),
        to_pay = to_pay + (new.folder IS 'to_pay') - (old.folder IS 'to_pay'),
        paid = paid + (new.folder IS 'paid') - (old.folder IS 'paid'),
        scheduled = scheduled + (new.folder IS 'scheduled') - (old.folder IS 'scheduled')
        WHERE organization_id = new.organization_id AND mailbox_id = new.mailbox_id;
END;

CREATE TABLE message_raw (
    organization_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    zstd BLOB NOT NULL,
    PRIMARY KEY (organization_id, message_id)
) STRICT;

-- Full text; `mailbox` holds the mailbox id without dashes as one word, so that a search reads its own mailbox only.
-- The rowid grows with the time of arrival (1,024 to a microsecond), so that matches come newest first.
CREATE VIRTUAL TABLE message_text USING fts5 (message_id UNINDEXED, mailbox, content, tokenize = 'unicode61 remove_diacritics 2');

CREATE TABLE seller (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    vat_id TEXT,
    domain TEXT,
    first_seen_us INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;

-- [TRUST-001] Money goes only to an account stored here.
CREATE TABLE seller_account (
    organization_id TEXT NOT NULL,
    seller_id TEXT NOT NULL,
    iban TEXT NOT NULL,
    confirmed_us INTEGER,
    confirmed_by TEXT,
    PRIMARY KEY (organization_id, seller_id, iban),
    FOREIGN KEY (organization_id, seller_id) REFERENCES seller (organization_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE invoice (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    identity TEXT NOT NULL,
    originator TEXT,
    merchant_id TEXT,
    display_id TEXT,
    number TEXT,
    seller_name TEXT,
    due_date TEXT,
    amount_due_minor INTEGER,
    currency TEXT,
    state TEXT NOT NULL CHECK (state IN ('due', 'past_due', 'scheduled', 'processing', 'part_paid', 'complete',
        'declined', 'refunded', 'cancelled', 'disputed', 'unknown')),
    model TEXT NOT NULL,
    review TEXT,
    reviewed_us INTEGER NOT NULL DEFAULT 0,
    paid_us INTEGER NOT NULL DEFAULT 0,
    paid_payment_id TEXT,
    paid_by TEXT,
    confirmation TEXT,
    newest_message_id TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX invoice_identity ON invoice (organization_id, identity); -- [PAY-002]

CREATE TABLE invoice_source (
    organization_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    source TEXT NOT NULL,
    attached_us INTEGER NOT NULL,
    PRIMARY KEY (organization_id, invoice_id, message_id, source),
    FOREIGN KEY (organization_id, invoice_id) REFERENCES invoice (organization_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE partner (
    organization_id TEXT NOT NULL REFERENCES organization (id),
    originator TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'test', 'approved', 'suspended')),
    record TEXT NOT NULL, -- partner_to_json without "state" and "merchants"
    changed_us INTEGER NOT NULL,
    PRIMARY KEY (organization_id, originator)
) STRICT, WITHOUT ROWID;

CREATE TABLE merchant (
    organization_id TEXT NOT NULL,
    originator TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    display_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'test', 'approved', 'suspended')),
    legal_name TEXT NOT NULL,
    verified_by TEXT,
    verified_at TEXT,
    verified_how TEXT,
    PRIMARY KEY (organization_id, originator, merchant_id, display_id),
    FOREIGN KEY (organization_id, originator) REFERENCES partner (organization_id, originator)
) STRICT, WITHOUT ROWID;

-- One data key per organization, wrapped by the vault's KEK.
CREATE TABLE data_key (
    organization_id TEXT NOT NULL PRIMARY KEY REFERENCES organization (id),
    wrapped BLOB NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;

CREATE TABLE card (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    processor TEXT NOT NULL,
    brand TEXT NOT NULL,
    last4 TEXT NOT NULL,
    expiry TEXT NOT NULL,
    holder TEXT NOT NULL,
    nickname TEXT,
    is_default INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    created_us INTEGER NOT NULL,
    last_used_us INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, account_id) REFERENCES account (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX card_default ON card (organization_id, account_id) WHERE is_default = 1;

CREATE TABLE billing_profile (
    organization_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    record_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (organization_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE payment (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    card_id TEXT NOT NULL,
    state TEXT NOT NULL,
    -- 1 while live or paid: the partial unique index below is [PAY-002]
    occupies_invoice INTEGER NOT NULL,
    version INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    payee TEXT NOT NULL,
    invoice_number TEXT NOT NULL,
    request_id TEXT NOT NULL,
    consent TEXT NOT NULL, -- [PAY-013]
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    key_born_us INTEGER NOT NULL DEFAULT 0,
    next_check_us INTEGER NOT NULL DEFAULT 0,
    checks INTEGER NOT NULL DEFAULT 0,
    negative_lookups INTEGER NOT NULL DEFAULT 0,
    processor_ref TEXT,
    biller_ref TEXT,
    reason_code TEXT,
    reason_text TEXT,
    action_url TEXT,
    test INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, invoice_id) REFERENCES invoice (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX payment_one_per_invoice ON payment (organization_id, invoice_id) WHERE occupies_invoice = 1;
CREATE INDEX payment_by_invoice ON payment (organization_id, invoice_id, created_us DESC);
CREATE INDEX payment_by_state ON payment (state);
CREATE INDEX payment_by_account ON payment (organization_id, account_id, created_us DESC);
CREATE INDEX payment_by_card ON payment (organization_id, card_id) WHERE occupies_invoice = 1;

CREATE TABLE payment_attempt (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    sent_us INTEGER NOT NULL,
    answered_us INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    detail TEXT,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, payment_id) REFERENCES payment (organization_id, id)
) STRICT, WITHOUT ROWID;

-- The newest link of each hash chain: what was cut off at the end of one is missed here.
CREATE TABLE chain_head (
    organization_id TEXT NOT NULL,
    chain TEXT NOT NULL CHECK (chain IN ('posting', 'audit')),
    sequence INTEGER NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (organization_id, chain)
) STRICT, WITHOUT ROWID;

-- The ledger: append-only (triggers below), hash-chained per organization [PAY-012].
CREATE TABLE posting (
    organization_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    payment_id TEXT NOT NULL,
    account TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (organization_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER posting_no_update BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER posting_no_delete BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- Work to be done outside after a commit; kept after it was done.
CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    work TEXT NOT NULL,
    due_us INTEGER NOT NULL,
    leased_until_us INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    done_us INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX outbox_due ON outbox (due_us, sequence) WHERE done_us = 0;

-- What browsers are told: ids only, in order.
CREATE TABLE event (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id TEXT NOT NULL,
    topic TEXT NOT NULL,
    subject_id TEXT,
    mailbox_id TEXT,
    at_us INTEGER NOT NULL
) STRICT;

-- Calls from billers and processors, each once.
CREATE TABLE webhook_event (
    organization_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    event_id TEXT NOT NULL,
    received_us INTEGER NOT NULL,
    body TEXT NOT NULL,
    handled_us INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (organization_id, sender, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipt (
    organization_id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    number TEXT NOT NULL,
    issued_us INTEGER NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (organization_id, payment_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX receipt_number ON receipt (organization_id, number);

-- Numbers without gaps: the next one is taken in the unit that uses it.
CREATE TABLE counter (
    organization_id TEXT NOT NULL,
    name TEXT NOT NULL, -- 'receipt-2026'
    value INTEGER NOT NULL,
    PRIMARY KEY (organization_id, name)
) STRICT, WITHOUT ROWID;

-- Answers to requests with an Idempotency-Key.
CREATE TABLE api_answer (
    organization_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (organization_id, account_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    organization_id TEXT NOT NULL,
    scope TEXT NOT NULL, -- 'organization' or a group mailbox's address
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    changed_us INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (organization_id, scope, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE secret (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    organization_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (organization_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
