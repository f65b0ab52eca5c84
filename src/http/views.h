/* Store values as the API's JSON (docs/openapi.yaml, components/schemas): the one place that makes it.
 *
 * They run inside a unit of work, since one thing shows parts of another (a card shows its payment).
 * views.c: messages and payment cards; views_invoice.c: invoices as documents; views_payment.c: payments, reviews, cards
 * of the wallet.
 */
#pragma once

#include "checkout/checkout.h"
#include "judge.h"
#include "store/store.h"

/* New references; NULL and `error` where the store fails. `now_us` decides what is overdue or expired; `invoice_id` is
 * the invoice that a card pays: none unless the verdict is card. */
json_t *view_message_row(StoreTx *tx, const StoreMessage *message, const char *verdict_kind, Id invoice_id, int64_t now_us,
    GError **error);
json_t *view_message(StoreTx *tx, const StoreMessage *message, const Judged *judged, Id invoice_id, int64_t now_us,
    GError **error);
json_t *view_payment(StoreTx *tx, const Payment *payment, GError **error);
/* `processor` and `confirmed_domain` as the judge found them. */
json_t *view_review(StoreTx *tx, Id organization_id, Id invoice_id, const Review *review, const char *processor,
    const char *confirmed_domain, int64_t now_us, GError **error);
json_t *view_card(const StoreCard *card, int64_t now_us);

/* What was read of each Invoice, for the reader's eyes; without what only the payment uses, and without links. */
json_t *view_invoices(const GPtrArray *invoices);

/* JSON null where there is none. */
json_t *view_maybe_money(Money money);
json_t *view_maybe_time(int64_t time_us);
