/* What the tests of this room share: a database of their own, an organization with people and mailboxes, a mail, an
 * invoice and a payment to work on. */
#pragma once

#include "parts.h"
#include "store/store.h"

typedef struct Fixture {
    char *directory, *path;
    Sql *sql;      /* a connection with a transaction open, for calling typed functions directly */
    StoreTx tx;
    Id organization_id, other_organization_id;
    StoreAccount *anna, *jan, *stranger; /* the stranger is of the other organization */
    StoreMailbox anna_mailbox, jan_mailbox, group_mailbox; /* anna and jan are both in the group */
    Id group_id;
} Fixture;

/* A fresh directory and database file name, nothing in it. */
void fixture_directory(Fixture *fixture);
/* The same with the schema, the people and an open transaction. */
void fixture_open(Fixture *fixture);
/* Commits and begins anew. */
void fixture_commit(Fixture *fixture);
/* Commits and leaves the database to the test (a Store, or a raw connection). */
void fixture_leave(Fixture *fixture);
void fixture_done(Fixture *fixture);

/* A mail with one invoice, as intake would hand it over. */
StoreMessage *fixture_message(const StoreMailbox *mailbox, int64_t received_us, const char *subject,
    const char *verdict_kind);
/* Adds a card's mail and its invoice of 123.45 PLN; returns the invoice id. */
Id fixture_invoice(StoreTx *tx, const StoreMailbox *mailbox, const char *number, Id *ret_message_id);
/* A payment of that invoice, not yet opened. */
Payment *fixture_payment(const StoreAccount *account, Id invoice_id);
/* Opens it; the payment that was there already is returned (or NULL). */
bool fixture_open_payment(StoreTx *tx, Payment *payment, Payment **ret_existing, GError **error);
/* A payment of anna's for this invoice, opened. */
Payment *fixture_opened(Fixture *fixture, Id invoice_id);
/* pay_decide and store_payment_apply. */
bool fixture_apply(StoreTx *tx, Payment *payment, PayEventKind kind, int64_t now_us, GError **error);
void fixture_must_apply(StoreTx *tx, Payment *payment, PayEventKind kind, int64_t now_us);
/* One integer out of a raw connection of its own, as an outsider would read it. */
int64_t fixture_number(const char *path, const char *sql);
/* Runs SQL on a raw connection of its own: what somebody with the file in hand could do. */
void fixture_tamper(const char *path, const char *sql);

#define FIXTURE_NOW_US INT64_C(1790000000000000) /* 2026-09-21 */

/* The call fails with this error; it uses `&error`. */
#define expect_error(call, expected) \
    do { \
        g_autoptr(GError) error = NULL; \
        g_assert_false(call); \
        g_assert_error(error, SALDO_ERROR, expected); \
    } while (0)
