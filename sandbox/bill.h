/* A biller's invoice as its own books have it: the truth that mails, webhooks and documents tell.
 *
 * Amounts are whole minor units; VAT is summed per rate and rounded half up, once per rate.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/money.h"
#include "book.h"
#include "server.h"
#include "world.h"

typedef struct Bill {
    char *number, *customer, *customer_number;
    char *language;                /* "en", "pl": of its mail, document and texts */
    char *issue_date, *due_date;   /* YYYY-MM-DD */
    char *confirmation, *paid_at;  /* NULL: not paid */
    char currency[4];
    json_t *lines;                 /* [{"label","quantity","net","vat"}]: net in minor units, VAT in percent */
    const WorldBiller *biller;
    const WorldMerchant *merchant;
} Bill;

void bill_free(Bill *bill);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bill, bill_free)
/* NULL where no such invoice is in the book. */
Bill *bill_find(Book *book, const char *number);
void bill_insert(Book *book, const Bill *bill);
void bill_mark_paid(Book *book, const char *number, const char *confirmation);

/* [{"vat","net","tax"}] by rate. */
json_t *bill_taxes(const Bill *bill);
Money bill_total(const Bill *bill);
bool bill_is_polish(const Bill *bill);
/* Address of the full invoice, newly allocated. */
char *bill_url(const Bill *bill, const char *base_url);

/* For readers: "PLN 1,234.50", or "1 234,50 PLN" in Polish; no-break spaces. Newly allocated. */
char *bill_amount_text(Money money, bool polish);

/* {"currency","value"} as wire.md §3 writes amounts, and back. */
json_t *wire_from_money(Money money);
bool wire_to_money(const json_t *value, Money *ret_money);
/* schema.org Invoice as it stands now (wire.md §1). */
json_t *bill_entity(const Bill *bill, const char *base_url);
/* displayItems: the lines net and VAT per rate; they sum to the total [PAY-001]. */
json_t *bill_display_items(const Bill *bill);

/* The invoice that a call is about (path, productContext or requestId), newly allocated, or NULL. */
char *bill_number_of_call(Book *book, const Call *call);
