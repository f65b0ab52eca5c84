/* The store: everything that must not be lost, behind one interface.
 *
 * Writing: a unit of work is a function given to store_write. One writer thread runs the waiting units in one
 * transaction (each in its own savepoint), commits them as a group with synchronous=FULL, then wakes their
 * callers: when store_write returns true the unit is durable. A unit that fails is rolled back alone. Where the commit
 * itself fails (IO), none of its units is there; only a crash right after it could still bring them back, whole.
 * Reading: store_read runs the unit on a reader's own connection, in one consistent snapshot.
 * A unit touches the database through its StoreTx only; it never calls outside, never waits [PAY-004].
 *
 * Times are UTC microseconds; ids UUIDv7; every row belongs to one organization.
 * Unless said otherwise a function returns false with `error`: IO (the database), NOT_FOUND, CONFLICT.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/id.h"
#include "base/money.h"
#include "base/span.h"
#include "pay/pay.h"
#include "policy/policy.h"
#include "trust/partner.h"

typedef struct Store Store;
typedef struct StoreTx StoreTx;
typedef bool StoreUnit(StoreTx *tx, void *context, GError **error);

typedef struct StoreOptions {
    unsigned readers;      /* connections; 0 = 4 */
    unsigned group_most;   /* units per commit; 0 = 256 */
    unsigned queue_most;   /* waiting units; a full queue is UNAVAILABLE; 0 = 4096 */
} StoreOptions;

/* Opens (and creates, 0600) the database at `path`, applies the migrations, starts the writer. NULL options = defaults.
 * A newer schema than this program knows is refused. Several processes may have it open (WAL). */
Store *store_open(const char *path, const StoreOptions *options, GError **error);
/* Finishes the queued units first. */
void store_close(Store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_close)

bool store_write(Store *store, StoreUnit *unit, void *context, GError **error);
bool store_read(Store *store, StoreUnit *unit, void *context, GError **error);

/* Called on the writer thread after each group of this process; must be quick (wake somebody) and not call the store.
 * Once store_on_commit returns, the hook that was there before runs no more: hold no lock that it takes. */
typedef void StoreCommitHook(void *context);
void store_on_commit(Store *store, StoreCommitHook *hook, void *context);

/* ---- Organizations, people, mailboxes -------------------------------------------------------- */

typedef enum StoreRole { STORE_ROLE_PAYER, STORE_ROLE_ADMINISTRATOR } StoreRole;

typedef struct StoreAccount {
    Id organization_id, id;
    char *login;         /* lower case */
    char *name;
    char *password_hash; /* Argon2id, libsodium's text form */
    StoreRole role;
    char *language;      /* "en" or "pl" */
} StoreAccount;
void store_account_free(StoreAccount *account);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreAccount, store_account_free)

typedef struct StoreMailbox {
    Id organization_id, id;
    Id account_id;       /* its person, or none for a group */
    Id group_id;         /* its group mailbox, or none */
    char *address;       /* lower case */
} StoreMailbox;
void store_mailbox_free(StoreMailbox *mailbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreMailbox, store_mailbox_free)

bool store_organization_create(StoreTx *tx, const char *name, Id *ret_id, GError **error);
/* The only organization of this installation, or the one named. NOT_FOUND before `saldo init`. */
bool store_organization_find(StoreTx *tx, const char *name_or_null, Id *ret_id, GError **error);
bool store_organization_name(StoreTx *tx, Id id, char **ret_name, GError **error);
bool store_account_create(StoreTx *tx, StoreAccount *account, GError **error); /* fills id */
bool store_account_by_login(StoreTx *tx, const char *login, StoreAccount **ret_account, GError **error);
bool store_account_set_language(StoreTx *tx, const StoreAccount *account, const char *language, GError **error);
bool store_mailbox_create(StoreTx *tx, StoreMailbox *mailbox, GError **error); /* fills id */
/* By address, case-insensitive; "user+detail@d" finds user@d. NOT_FOUND. */
bool store_mailbox_by_address(StoreTx *tx, const char *address, StoreMailbox **ret_mailbox, GError **error);
/* A group mailbox with its members (logins may read it). */
bool store_group_create(StoreTx *tx, Id organization_id, const char *address, const char *name, Id *ret_id, GError **error);
bool store_group_add_member(StoreTx *tx, Id organization_id, Id group_id, Id account_id, GError **error);
/* Mailboxes this account may read: its own and its groups'. StoreMailbox *. */
bool store_mailboxes_of(StoreTx *tx, const StoreAccount *account, GPtrArray **ret_mailboxes, GError **error);

/* Sessions: the cookie's value is never stored, its SHA-256 is. */
bool store_session_create(StoreTx *tx, const StoreAccount *account, const char *token_sha256, const char *csrf,
    int64_t expires_us, GError **error);
/* The account and CSRF value of a live session. NOT_FOUND where it ended. */
bool store_session_find(StoreTx *tx, const char *token_sha256, int64_t now_us, StoreAccount **ret_account,
    char **ret_csrf, GError **error);
bool store_session_delete(StoreTx *tx, const char *token_sha256, GError **error);

/* ---- Messages ---------------------------------------------------------------------------------- */

typedef struct StoreMessage {
    Id organization_id, id, mailbox_id;
    int64_t received_us;
    char *from_name, *from_address, *subject, *preview; /* from the extraction, for the list */
    size_t bytes;
    bool seen;
    json_t *envelope;       /* {client_ip, helo, mail_from} */
    json_t *authentication; /* archived evidence; NULL in lists */
    json_t *extraction;     /* extraction_to_json; NULL in lists */
    bool has_invoice;       /* in lists: there is an invoice in the extraction */
    char *verdict_kind;     /* as judged on arrival: "card", "hold", "plain" */
    json_t *verdict;        /* as judged on arrival; NULL in lists */
    Id invoice_id;          /* the first invoice that a card of this mail would pay, or none */
    char *invoice_state;    /* state of that invoice, or NULL */
    char *mailbox_address;
    GBytes *packed;         /* store_message_pack; NULL in what is read */
} StoreMessage;
StoreMessage *store_message_new(void);
void store_message_free(StoreMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreMessage, store_message_free)

/* Compresses the raw bytes for store_message_add ahead of the unit, so that the writer does not wait for it.
 * LIMIT above LIMIT_MESSAGE_BYTES. Optional: store_message_add does it itself where `packed` is NULL. */
bool store_message_pack(StoreMessage *message, Span raw, GError **error);
/* Keeps the raw bytes (zstd) and everything above; makes an id unless one is set. Also appends an event "message".
 * `raw` is not looked at where the message is packed. */
bool store_message_add(StoreTx *tx, StoreMessage *message, Span raw, GError **error);
/* NOT_FOUND unless this account may read it. */
bool store_message_get(StoreTx *tx, const StoreAccount *account, Id id, StoreMessage **ret_message, GError **error);
bool store_message_raw(StoreTx *tx, const StoreAccount *account, Id id, GBytes **ret_raw, GError **error);
bool store_message_mark_seen(StoreTx *tx, const StoreAccount *account, Id id, bool seen, GError **error);

typedef enum StoreFolder { STORE_FOLDER_INBOX, STORE_FOLDER_TO_PAY, STORE_FOLDER_PAID, STORE_FOLDER_SCHEDULED } StoreFolder;
typedef struct StoreMessageQuery {
    StoreFolder folder;
    const char *search;      /* full text over sender, subject, preview and invoice facts; NULL = all */
    int64_t before_us;       /* cursor: messages strictly before (received_us, id); 0 = from the newest */
    Id before_id;
    unsigned limit;          /* 1..200 */
} StoreMessageQuery;
/* Newest first, StoreMessage * (list fields; `extraction` where the mail has an invoice, so that it can be judged again).
 * Folders beside the inbox, here and in the counts, follow each mailbox's present policy: where it allows no cards,
 * nothing is to pay or scheduled, and Paid has what was paid by a payment of ours. */
bool store_message_list(StoreTx *tx, const StoreAccount *account, const StoreMessageQuery *query,
    GPtrArray **ret_messages, GError **error);
typedef struct StoreFolderCounts { uint64_t inbox, unseen, to_pay, paid, scheduled; } StoreFolderCounts;
bool store_message_counts(StoreTx *tx, const StoreAccount *account, StoreFolderCounts *ret_counts, GError **error);

/* ---- Invoices [PAY-002] --------------------------------------------------------------------------- */

typedef struct StoreInvoice {
    Id organization_id, id;
    char *identity;       /* unique per organization: "p/<originator>/<merchant>/<number>" */
    char *originator, *merchant_id, *display_id;
    char *number, *seller_name, *due_date;
    Money amount_due;     /* as last known; none where unknown */
    char *state;          /* due, past_due, scheduled, processing, part_paid, complete, declined, refunded, cancelled, disputed, unknown (wire.md §7) */
    json_t *model;        /* invoice_to_json of the newest mail */
    json_t *review;       /* biller_review_to_json of the last answer, or NULL */
    int64_t reviewed_us;
    int64_t paid_us;
    Id paid_payment_id;
    char *paid_by;        /* name of the account */
    Id newest_message_id;
} StoreInvoice;
void store_invoice_free(StoreInvoice *invoice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreInvoice, store_invoice_free)

/* The identity of wire.md's partner invoices, newly allocated. */
char *store_invoice_identity(const char *originator, const char *merchant_id, const char *number);
/* Finds the invoice by identity or makes it (state "due"), attaches the message as a source and refreshes the model
 * (not with an older mail's); fills invoice->id and state. *ret_is_new tells which. Before or after store_message_add:
 * a card's mail that is here already and has no invoice yet gets this one. */
bool store_invoice_attach(StoreTx *tx, StoreInvoice *invoice, Id message_id, const char *source, bool *ret_is_new,
    GError **error);
/* NOT_FOUND unless a source of it lies in a mailbox that this account may read. */
bool store_invoice_get(StoreTx *tx, const StoreAccount *account, Id id, StoreInvoice **ret_invoice, GError **error);
bool store_invoice_by_id(StoreTx *tx, Id organization_id, Id id, StoreInvoice **ret_invoice, GError **error);
bool store_invoice_set_review(StoreTx *tx, Id organization_id, Id id, const json_t *review, Money amount_due,
    const char *due_date, int64_t reviewed_us, GError **error);
/* state "complete" by the biller's word without a payment of ours (EXTERNALLY_PAID). Where a live or paid payment of
 * ours is there, only the confirmation is kept: that payment decides the state. */
bool store_invoice_set_paid_elsewhere(StoreTx *tx, Id organization_id, Id id, const char *confirmation, int64_t now_us,
    GError **error);

/* ---- Cards and billing ------------------------------------------------------------------------------ */

typedef struct StoreCard {
    Id organization_id, id, account_id;
    char *processor;      /* whose key the JWE is for */
    char *brand, *last4, *expiry, *holder; /* "visa", "4242", "08/28" */
    char *nickname;
    bool is_default;
    uint32_t version;     /* AAD of the sealed record */
    GBytes *sealed;       /* vault_seal of the card JWE; NULL in lists */
    int64_t created_us, last_used_us;
} StoreCard;
void store_card_free(StoreCard *card);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreCard, store_card_free)

bool store_data_key_get(StoreTx *tx, Id organization_id, GBytes **ret_wrapped, GError **error); /* NOT_FOUND */
bool store_data_key_put(StoreTx *tx, Id organization_id, GBytes *wrapped, GError **error); /* CONFLICT where there is one */
bool store_card_add(StoreTx *tx, StoreCard *card, GError **error); /* id given by the caller: it is in the AAD */
bool store_card_list(StoreTx *tx, const StoreAccount *account, GPtrArray **ret_cards, GError **error);
bool store_card_get(StoreTx *tx, const StoreAccount *account, Id id, StoreCard **ret_card, GError **error); /* with sealed */
bool store_card_for_payment(StoreTx *tx, const Payment *payment, StoreCard **ret_card, GError **error);
bool store_card_update(StoreTx *tx, const StoreAccount *account, Id id, const char *nickname_or_null,
    bool make_default, GError **error);
/* Shreds: the row goes, and the organization's data key with its last record. CONFLICT while a live payment uses it. */
bool store_card_delete(StoreTx *tx, const StoreAccount *account, Id id, GError **error);

/* Billing profile: sealed JSON {name, line1, line2, postal_code, city, country}. */
typedef struct StoreBilling { GBytes *sealed; uint32_t version; Id record_id; } StoreBilling;
void store_billing_done(StoreBilling *billing);
bool store_billing_get(StoreTx *tx, const StoreAccount *account, StoreBilling *ret_billing, GError **error); /* NOT_FOUND */
bool store_billing_put(StoreTx *tx, const StoreAccount *account, const StoreBilling *billing, GError **error);

/* ---- Payments (one commit per decision [PAY-004]) ------------------------------------------------------ */

/* Inserts the payment in INTENT with the decision's postings and work, and its consent. Where the invoice has a live or
 * paid payment already, nothing is written and *ret_existing is that one [PAY-002]. */
bool store_payment_open(StoreTx *tx, Payment *payment, const json_t *consent, const PayDecision *decision,
    Payment **ret_existing, GError **error);
/* Applies a decision: state, postings, outbox, audit, invoice state and an event "payment", all in this unit.
 * CONFLICT where payment->version is no longer the stored one. Updates *payment; where store_write fails after all, what
 * it holds did not happen and is read again. [PAY-010] A late success beside another live or paid payment of the same
 * invoice is kept, with the audit action "payment.double" and an alarm: the other one stays the invoice's. */
bool store_payment_apply(StoreTx *tx, Payment *payment, const PayEvent *event, const PayDecision *decision,
    int64_t now_us, GError **error);
/* By id within the account's organization; NOT_FOUND unless the account made it or may read its invoice. */
bool store_payment_get(StoreTx *tx, const StoreAccount *account, Id id, Payment **ret_payment, GError **error);
bool store_payment_by_id(StoreTx *tx, Id organization_id, Id id, Payment **ret_payment, GError **error);
/* The newest mail of an invoice in a mailbox that this account reads; NOT_FOUND where it reads none. */
bool store_message_of_invoice(StoreTx *tx, const StoreAccount *account, Id invoice_id, Id *ret_message_id, GError **error);
/* The live or paid payment of an invoice, else the newest; NOT_FOUND. */
bool store_payment_of_invoice(StoreTx *tx, Id organization_id, Id invoice_id, Payment **ret_payment, GError **error);
bool store_payments_in_state(StoreTx *tx, PayState state, GPtrArray **ret_payments, GError **error);
bool store_payments_list(StoreTx *tx, const StoreAccount *account, unsigned limit, GPtrArray **ret_payments, GError **error);
/* One attempt row: what was asked, and later what came of it. */
bool store_attempt_begin(StoreTx *tx, const Payment *payment, const char *operation, int64_t sent_us, Id *ret_id, GError **error);
bool store_attempt_end(StoreTx *tx, Id organization_id, Id attempt_id, const char *outcome, const char *detail, int64_t now_us, GError **error);

typedef struct StoreWork {
    int64_t sequence;
    Id organization_id, payment_id;
    PayWork work;
    int tries;
} StoreWork;
/* Leases up to `most` due outbox rows to this process until `lease_until_us`; StoreWork *. */
bool store_work_take(StoreTx *tx, int64_t now_us, int64_t lease_until_us, unsigned most, GPtrArray **ret_work, GError **error);
bool store_work_done(StoreTx *tx, int64_t sequence, GError **error);
bool store_work_again(StoreTx *tx, int64_t sequence, int64_t due_us, GError **error);
/* All leases of a process that is gone: called once at start. */
bool store_work_release_all(StoreTx *tx, GError **error);
/* Earliest due_us of open work, or INT64_MAX. */
bool store_work_next_due(StoreTx *tx, int64_t *ret_due_us, GError **error);

/* Sums the ledger per account and currency and checks the hash chain [PAY-012]. DENIED names the first bad row. */
typedef struct StoreBalance { char *account; Money amount; } StoreBalance;
bool store_ledger_verify(StoreTx *tx, Id organization_id, GPtrArray **ret_balances, GError **error);

typedef struct StoreReceipt { Id payment_id; char *number; int64_t issued_us; json_t *facts; } StoreReceipt;
void store_receipt_free(StoreReceipt *receipt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreReceipt, store_receipt_free)
/* Numbers grow per organization ("R-2026-000001"); a second issue for the same payment returns the first. */
bool store_receipt_issue(StoreTx *tx, const Payment *payment, const json_t *facts, int64_t now_us, StoreReceipt **ret_receipt, GError **error);
bool store_receipt_get(StoreTx *tx, const StoreAccount *account, Id payment_id, StoreReceipt **ret_receipt, GError **error);

/* Answers kept for Idempotency-Key: NOT_FOUND; CONFLICT where the request hash differs. */
bool store_answer_get(StoreTx *tx, const StoreAccount *account, const char *key, const char *request_hash, int *ret_status, char **ret_body, GError **error);
bool store_answer_put(StoreTx *tx, const StoreAccount *account, const char *key, const char *request_hash, int status, const char *body, int64_t now_us, GError **error);

/* ---- Registry, policy, settings, audit ------------------------------------------------------------------ */

bool store_registry_load(StoreTx *tx, Id organization_id, Registry **ret_registry, GError **error);
bool store_partner_put(StoreTx *tx, Id organization_id, const Partner *partner, const char *actor, GError **error); /* adds or replaces; audited; event "policy" */
bool store_partner_set_state(StoreTx *tx, Id organization_id, const char *originator, PartnerState state, const char *actor, GError **error);
bool store_merchant_set_state(StoreTx *tx, Id organization_id, const char *originator, const char *merchant_id, PartnerState state, const char *actor, GError **error);

/* Settings that count for this mailbox (its group's switch included). */
bool store_policy_load(StoreTx *tx, Id organization_id, const char *mailbox_address, PolicySettings **ret_settings, GError **error);
/* Names of settings beside policy_switch_name's (whose values are "true" and "false"; "$true" and "$false" are taken). */
#define STORE_SETTING_ROLLOUT "Rollout"                /* policy_rollout_name */
#define STORE_SETTING_ROLLOUT_PERCENT "RolloutPercent" /* 0..100 */
#define STORE_SETTING_ROLLOUT_LISTED "RolloutListed"   /* addresses, separated by commas */
#define STORE_SETTING_COMPANY_BILLING "CompanyBilling" /* JSON object like a billing profile: the organization's address */
/* scope "organization", or a group mailbox's address (NOT_FOUND where there is none; it has "ConnectorsEnabled" alone).
 * BAD_INPUT for a name or value that is none. Audited, with the cmdlet (first word of `command_line`) as the action;
 * event "policy". `command_line` may be NULL. */
bool store_setting_put(StoreTx *tx, Id organization_id, const char *scope, const char *name, const char *value, const char *actor, const char *command_line, GError **error);
bool store_setting_get(StoreTx *tx, Id organization_id, const char *scope, const char *name, char **ret_value, GError **error); /* NOT_FOUND */
/* Group mailboxes: StoreMailbox *. */
bool store_groups_list(StoreTx *tx, Id organization_id, GPtrArray **ret_groups, GError **error);

typedef struct StoreAudit { int64_t sequence; int64_t at_us; char *actor, *action, *subject; json_t *details; char *hash; } StoreAudit;
void store_audit_free(StoreAudit *audit);
/* Hash-chained: hash = SHA-256(previous hash ‖ canonical JSON of the row). */
bool store_audit_add(StoreTx *tx, Id organization_id, const char *actor, const char *action, const char *subject, const json_t *details, GError **error);
/* Newest first; `to_us` 0 is now. */
bool store_audit_search(StoreTx *tx, Id organization_id, const char *action_or_null, const char *actor_or_null, int64_t from_us, int64_t to_us, unsigned limit, GPtrArray **ret_rows, GError **error);
bool store_audit_verify(StoreTx *tx, Id organization_id, GError **error); /* DENIED names the first bad row */

/* Secrets of the server itself, sealed or public as their owner decides: the token keys, the cursor key. */
bool store_secret_get(StoreTx *tx, const char *name, char **ret_value, GError **error); /* NOT_FOUND */
bool store_secret_put(StoreTx *tx, const char *name, const char *value, GError **error);

/* ---- Events (server push) --------------------------------------------------------------------------------- */

typedef struct StoreEvent { int64_t sequence; Id organization_id; char *topic; /* "message", "payment", "policy" */ Id subject_id; Id mailbox_id; } StoreEvent;
void store_event_free(StoreEvent *event);
bool store_event_add(StoreTx *tx, Id organization_id, const char *topic, Id subject_id, Id mailbox_id, GError **error);
bool store_events_after(StoreTx *tx, int64_t sequence, unsigned limit, GPtrArray **ret_events, GError **error);
bool store_event_latest(StoreTx *tx, int64_t *ret_sequence, GError **error);
