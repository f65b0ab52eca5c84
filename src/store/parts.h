/* What the typed files of this room use of each other. */
#pragma once

#include "sql.h"
#include "store/store.h"

/* Mailboxes that account $2 of organization $1 may read: its own and its groups'. */
#define READABLE_MAILBOXES \
    "(SELECT id FROM mailbox WHERE organization_id = $1 AND (account_id = $2 OR group_id IN" \
    " (SELECT group_id FROM group_member WHERE organization_id = $1 AND account_id = $2)))"

/* ---- accounts.c ---- */
/* The columns that account_take reads, from account joined with its password. */
#define ACCOUNT_COLUMNS "account.organization_id, account.id, account.login, account.name, account.role, account.language, credential.value"
#define ACCOUNT_TABLES \
    "account LEFT JOIN credential ON credential.organization_id = account.organization_id" \
    " AND credential.account_id = account.id AND credential.kind = 'password'"
StoreAccount *account_take(SqlRows *rows);

/* ---- chain.c: hash chains of posting and audit [PAY-012] ---- */
enum { CHAIN_HASH_TEXT = 65 };
typedef struct ChainLink {
    int64_t sequence;
    char hash[CHAIN_HASH_TEXT];
} ChainLink;
/* The newest link; sequence 0 and an empty hash where there is none. */
bool chain_head(StoreTx *tx, Id organization_id, const char *chain, ChainLink *ret_link, GError **error);
/* Moves on to the next row: its hash is SHA-256(previous hash ‖ canonical JSON of the row with its sequence). */
void chain_advance(ChainLink *link, json_t *row);
bool chain_keep(StoreTx *tx, Id organization_id, const char *chain, const ChainLink *link, GError **error);
/* Checks a stored row against the chain and moves on; DENIED where it does not fit. */
bool chain_check(ChainLink *link, const char *chain, int64_t sequence, json_t *row, const char *hash, GError **error);
/* DENIED where rows are missing at the end. */
bool chain_check_end(StoreTx *tx, Id organization_id, const char *chain, const ChainLink *link, GError **error);

/* ---- audit.c ---- */
bool audit_add_at(StoreTx *tx, Id organization_id, const char *actor, const char *action, const char *subject,
    const json_t *details, int64_t at_us, GError **error);

/* ---- events.c ---- */
/* One "payment" event for each mailbox that holds a source of the invoice. */
bool events_of_invoice(StoreTx *tx, Id organization_id, Id invoice_id, const char *topic, Id subject_id, int64_t at_us,
    GError **error);

/* ---- ledger.c ---- */
bool ledger_post(StoreTx *tx, const Payment *payment, const PayDecision *decision, int64_t now_us, GError **error);

/* ---- outbox.c ---- */
bool outbox_add(StoreTx *tx, const Payment *payment, const PayDecision *decision, GError **error);

/* ---- invoices.c ---- */
/* The only way in which an invoice's state changes: its mails' folders follow in the same unit. */
bool invoice_set_state(StoreTx *tx, Id organization_id, Id invoice_id, const char *state, GError **error);
/* The state of an invoice that nobody pays now: "past_due" after its due date, else "due". */
const char *invoice_open_state(const char *due_date_or_null, int64_t now_us);

/* ---- messages.c ---- */
/* The folder of a card's mail for this state of its invoice, or NULL. */
const char *folder_of_state(const char *invoice_state);
/* Makes the invoice that of the mail's card where the mail is here already and has none yet. */
bool message_take_invoice(StoreTx *tx, Id organization_id, Id message_id, Id invoice_id, const char *state,
    GError **error);
/* Follows the invoice into its folder. */
bool messages_follow_invoice(StoreTx *tx, Id organization_id, Id invoice_id, const char *state, GError **error);

/* ---- list.c, search.c ---- */
typedef struct Candidate { /* of a page */
    int64_t received_us;
    Id id;
} Candidate;
/* The mails whose invoice was paid from here: what stays in Paid where cards are no longer allowed. */
#define PAID_FROM_HERE \
    "EXISTS (SELECT 1 FROM invoice WHERE invoice.organization_id = message.organization_id" \
    " AND invoice.id = message.invoice_id AND invoice.paid_payment_id IS NOT NULL)"
typedef struct FolderPart { /* what a folder shows of one mailbox */
    const char *folder;       /* as in message.folder; NULL: every mail */
    bool only_paid_from_here;
} FolderPart;
bool search_add(StoreTx *tx, const StoreMessage *message, GError **error);
/* The newest matches in one mailbox strictly before the query's cursor: at least query->limit of them, where there are
 * as many, appended in no certain order. */
bool search_candidates(StoreTx *tx, const StoreMailbox *mailbox, const StoreMessageQuery *query, const FolderPart *part,
    GArray *candidates, GError **error);

/* ---- payments.c ---- */
#define PAYMENT_COLUMNS \
    "payment.organization_id, payment.id, payment.invoice_id, payment.account_id, payment.card_id, payment.state," \
    " payment.version, payment.amount_minor, payment.currency, payment.payee, payment.invoice_number," \
    " payment.request_id, payment.created_us, payment.updated_us, payment.key_born_us, payment.next_check_us," \
    " payment.checks, payment.negative_lookups, payment.processor_ref, payment.biller_ref, payment.reason_code," \
    " payment.reason_text, payment.action_url, payment.test"
/* NULL with `error` (IO) where the row is damaged. */
Payment *payment_take(SqlRows *rows, GError **error);
